// SPDX-License-Identifier: GPL-2.0
//
// Prints a recording as twostage record makes them, for the tests of the page.
//
// Rules: the same options give the same bytes (the noise has a seed, the date is fixed).  The
// shapes come from a small model: a start step occupies the processor, a device serves so many
// requests at once, whoever waits does so for one cache after another.
//
// node sample.js [KEY=VALUE,...]: the keys are those of OPTIONS.

"use strict";

const OPTIONS = {
	policy: "serial",
	caches: 64,
	commits: 4,
	latency: 2000000,	// of the device, in ns
	depth: 32,		// requests the device serves at once
	window: 0,
	work: 3000000,		// what else a commit does before and after the critical section, ns
	filesystems: 1,
	redirtied: 0,
	failed: 0,
	discarded: 0,
	put_off: 0,
	reads: 0,		// how often a commit reads ahead for delayed refs
	lost: 0,
	holes: 0,		// of 100 events, so many are missing
	late: 0,		// 1: the recording begins in the middle of the commit with most caches
	cut: 0,			// 1: it ends in the middle of the last one
	module: "0.1",
	seed: 1,
};
const EIO = -5;
const KIND_FLAGS = [1, 1, 1, 4, 1, 4, 1, 2];

for (const part of (process.argv[2] || "").split(",").filter(Boolean)) {
	const [, key, value] = part.match(/^([^=]*)=(.*)$/);
	if (!(key in OPTIONS))
		throw new Error(`unknown key "${key}"`);
	OPTIONS[key] = typeof OPTIONS[key] === "number" ? Number(value) : value;
}

let state = (OPTIONS.seed * 2654435761) >>> 0;

function noise() {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	state >>>= 0;
	return state / 4294967296;
}

/* The clock of the committing process, and what is under way. */
const events = [];
const device = new Float64Array(OPTIONS.depth);
let now = 1000000000;
let commit = null;
let pass = null;
let waiting = [];

function spend(nanoseconds) {
	now += Math.round(nanoseconds * (0.7 + 0.6 * noise()));
}

function emit(name, fields, time = now) {
	events.push({ event: `twostage_${name}`, time, ...commit, ...fields });
}

function onDevice() {
	const slot = device.indexOf(device.reduce((a, b) => Math.min(a, b)));
	const spread = 0.75 + 0.4 * noise() + (noise() > 0.97 ? 1.5 : 0);

	device[slot] = Math.round(Math.max(now, device[slot]) + OPTIONS.latency * spread);
	return device[slot];
}

function startCache(group) {
	const begin = now;
	const cache = {
		start: (1 + group) * 2 ** 30, length: 2 ** 30, flags: KIND_FLAGS[group % 8],
		cache_bytes: 65536 * (1 + Math.floor(noise() * 4)), cache_inode: 256 + group,
	};

	spend(45000);
	waiting.push({ cache, group, completed: onDevice() });
	emit("cache_start", { ...cache, in_flight: waiting.length, result: 0, duration_ns: now - begin });
	emit("cache_complete", { cache_inode: cache.cache_inode, offset: 0, bytes: cache.cache_bytes,
		result: 0 }, waiting.at(-1).completed);
	pass.num_started++;
	pass.start_ns += now - begin;
	pass.peak_in_flight = Math.max(pass.peak_in_flight, waiting.length);
	spend(4000);
}

function waitForCache(reason) {
	const { cache, group, completed } = waiting.shift();
	const begin = now;
	const result = waiting.length < OPTIONS.failed ? EIO : 0;

	now = Math.max(now, completed);
	spend(9000);
	emit("cache_wait", { ...cache, in_flight: waiting.length, result, duration_ns: now - begin, reason });
	pass.num_waited++;
	pass.wait_ns += now - begin;
	return group;
}

function discardCache() {
	const { cache } = waiting.shift();

	emit("cache_discard", { ...cache, in_flight: waiting.length, result: 0, duration_ns: 0 });
}

function startAll(first, last) {
	for (let group = first; group < last; group++) {
		while (commit.window && waiting.length >= commit.window)
			waitForCache("batch");
		startCache(group);
	}
}

function runPass(kind, number, dirty, work) {
	const begin = now;
	const { policy, window } = commit;

	pass = { num_started: 0, num_waited: 0, peak_in_flight: 0, start_ns: 0, wait_ns: 0 };
	emit("pass_begin", { pass: kind, number, policy, window, dirty });
	spend(60000);
	work();
	emit("pass_end", { pass: kind, number, policy, window, dirty, ...pass, result: 0,
		duration_ns: now - begin });
}

function runCommit(index, caches) {
	const { policy, work } = OPTIONS;
	const early = policy === "early" || policy === "stock" ? Math.ceil(caches * 0.95) : 0;
	const begin = now;

	commit = { transid: 1234 + index, policy, window: policy === "serial" ? 1 : OPTIONS.window,
		fsid: `0f3a5c7e-91d2-4b6c-8e10-5a7c9e1b3d0${index % OPTIONS.filesystems}` };
	for (let i = 0; i < OPTIONS.reads; i++) {
		spend(work);
		emit("read_ahead", { before: "refs", num_blocks: 100, num_in_memory: 3,
			num_caches: 60, duration_ns: work });
	}
	spend(work);
	if (early) {
		runPass("early", 1, early, () => startAll(0, early));
		spend(OPTIONS.latency * 2);
	}
	const criticalBegin = now;
	spend(400000);
	runPass("setup", 2, caches - early, () => spend(500 * caches));
	emit("cache_skip", { start: 0, length: 2 ** 30, flags: 1, result: 0 });
	for (let i = 0; i < OPTIONS.put_off; i++)
		emit("cache_put_off", { start: i * 2 ** 30, length: 2 ** 30, flags: 1, quiet: i });
	spend(150000);
	runPass("commit", 3, caches - early, () => {
		for (let i = 0; i < OPTIONS.redirtied; i++)
			startCache(waitForCache("redirtied"));
		startAll(early, caches);
		for (let i = 0; i < OPTIONS.discarded; i++)
			discardCache();
		while (waiting.length)
			waitForCache("batch");
	});
	spend(1500000);
	emit("commit", { critical_ns: now - criticalBegin });
	spend(work / 2);
	emit("commit_end", { whole_ns: now - begin, result: OPTIONS.failed ? EIO : 0 });
}

function middleOf(index) {
	const starts = events.filter((event) => event.event === "twostage_cache_start" &&
		event.transid === 1234 + index);

	return starts[starts.length >> 1].time;
}

function print(line) {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

const most = Math.floor(OPTIONS.commits / 2);
for (let index = 0; index < OPTIONS.commits; index++) {
	runCommit(index, index === most ? OPTIONS.caches :
		Math.ceil(OPTIONS.caches * (0.2 + 0.6 * noise())));
	now += 30000000;
}
const begin = OPTIONS.late ? middleOf(most) : 1000000000;
const end = OPTIONS.cut ? middleOf(OPTIONS.commits - 1) : Infinity;

print({ format: "btrfs_twostage recording", version: 1, kernel: "6.1.0-56-amd64",
	module: OPTIONS.module, recorded: "2026-11-23T14:40:00Z", time: begin });
events.filter(({ time }) => time >= begin && time <= end && noise() * 100 >= OPTIONS.holes)
	.forEach(print);
if (!OPTIONS.cut)
	print({ event: "end", time: now, events: events.length, lost: OPTIONS.lost });
