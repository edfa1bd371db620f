// SPDX-License-Identifier: GPL-2.0
//
// Makes data of the shape that "twostage report" puts into its page, for the tests of the page.
//
// Rules: the same options give the same bytes (the noise has a seed, the date is fixed).  The
// shapes come from a small model: a start step occupies the processor, a device serves so many
// requests at once, whoever waits does so for one cache after another.  Counts are counted from
// the result.
//
// node sample.js [--page] [--append FILE] [--recording KEY=VALUE,...]...
//
// --page writes the whole page with page.html, page.css and page.js of PAGE_DIR, or of the folder
// of this file; --append adds a script to it.  Without --recording there is none (an error of the
// caller, but a page has to bear it).  The keys are those of DEFAULTS below.

"use strict";

const fs = require("fs");
const path = require("path");

const DEFAULTS = {
	name: "",
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
	lost: 0,
	cut: 0,			// 1: the recording ends in the middle of the last commit
	holes: 0,		// of 100 times, so many are not known
	seed: 1,
};

const PASS_GAP = 150000;
const KIND_FLAGS = [1, 1, 1, 4, 1, 4, 1, 2];
const EIO = -5;

function makeNoise(seed) {
	let state = (seed * 2654435761) >>> 0 || 1;

	return function next() {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state / 4294967296;
	};
}

function makeDevice(options, noise) {
	const free = new Float64Array(options.depth);

	return function complete(submitted) {
		let slot = 0;
		for (let index = 1; index < free.length; index++) {
			if (free[index] < free[slot])
				slot = index;
		}
		const spread = 0.75 + 0.4 * noise() + (noise() > 0.97 ? 1.5 : 0);
		free[slot] = Math.max(submitted, free[slot]) + options.latency * spread;
		return Math.round(free[slot]);
	};
}

/* One commit under way: the clock of the committing process, and what it has started. */
function makeRun(options, noise, time) {
	const device = makeDevice(options, noise);

	return { options, noise, time, device, caches: [], waiting: [] };
}

function spend(run, nanoseconds) {
	run.time += Math.round(nanoseconds * (0.7 + 0.6 * run.noise()));
}

function startCache(run, group) {
	const cache = {
		group, flags: KIND_FLAGS[group % KIND_FLAGS.length],
		bytes: 65536 * (1 + Math.floor(run.noise() * 4)),
		startBegin: run.time, waitBegin: null, waitEnd: null, how: null, result: 0,
	};

	spend(run, 45000);
	cache.startEnd = run.time;
	cache.completed = run.device(run.time);
	run.caches.push(cache);
	run.waiting.push(cache);
	spend(run, 4000);
}

function waitForCache(run, cache, how) {
	run.waiting.splice(run.waiting.indexOf(cache), 1);
	cache.waitBegin = run.time;
	run.time = Math.max(run.time, cache.completed);
	spend(run, 9000);
	cache.waitEnd = run.time;
	cache.how = how;
}

function startAll(run, first, last, window) {
	for (let group = first; group < last; group++) {
		while (window && run.waiting.length >= window)
			waitForCache(run, run.waiting[0], "batch");
		startCache(run, group);
	}
}

function waitForAll(run) {
	while (run.waiting.length)
		waitForCache(run, run.waiting[0], "batch");
}

function runPass(run, kind, number, dirty, work) {
	const pass = { kind, number, begin: run.time, dirty };

	spend(run, 60000);
	work();
	pass.end = run.time;
	return pass;
}

function rewriteRedirtied(run) {
	for (const cache of run.waiting.slice(0, run.options.redirtied)) {
		waitForCache(run, cache, "redirtied");
		startCache(run, cache.group);
	}
}

function spoil(run) {
	const { failed, discarded } = run.options;

	run.caches.slice(-failed || run.caches.length).forEach((cache) => {
		cache.result = EIO;
	});
	run.caches.slice(1, 1 + discarded).forEach((cache) => {
		cache.how = "discarded";
		cache.completed = null;
		cache.result = null;
	});
}

function peakInFlight(caches) {
	const changes = [];
	let inFlight = 0;
	let peak = 0;

	for (const cache of caches)
		changes.push([cache.startEnd, 1], [cache.waitEnd, -1]);
	changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
	for (const change of changes) {
		inFlight += change[1];
		peak = Math.max(peak, inFlight);
	}
	return peak;
}

function within(pass, time) {
	return time >= pass.begin && time <= pass.end;
}

function finishPass(pass, caches) {
	const started = caches.filter((cache) => within(pass, cache.startBegin));
	const waited = caches.filter((cache) => within(pass, cache.waitBegin));

	pass.num_started = started.length;
	pass.num_waited = waited.length;
	pass.peak_in_flight = peakInFlight(started);
	pass.start_ns = started.reduce((sum, cache) => sum + cache.startEnd - cache.startBegin, 0);
	pass.wait_ns = waited.reduce((sum, cache) => sum + cache.waitEnd - cache.waitBegin, 0);
	pass.result = 0;
}

function runPasses(run, count) {
	const { policy, window } = run.options;
	const passes = [];
	const early = policy === "early" || policy === "stock" ? Math.ceil(count * 0.95) : 0;

	if (early) {
		passes.push(runPass(run, "early", 1, early, () => startAll(run, 0, early, window)));
		spend(run, run.options.latency * 2);
	}
	run.criticalBegin = run.time;
	spend(run, 400000);
	passes.push(runPass(run, "setup", 1, count - early, () => spend(run, 500 * count)));
	spend(run, PASS_GAP);
	passes.push(runPass(run, "commit", 1, count - early, () => {
		rewriteRedirtied(run);
		startAll(run, early, count, policy === "serial" ? 1 : window);
		waitForAll(run);
	}));
	spend(run, 1500000);
	run.criticalEnd = run.time;
	return passes;
}

function countBytes(caches) {
	return caches.reduce((sum, cache) => sum + cache.bytes, 0);
}

function makeCommit(options, noise, index, begin) {
	const run = makeRun(options, noise, begin);
	const count = index === Math.floor(options.commits / 2) ? options.caches :
		Math.ceil(options.caches * (0.2 + 0.6 * noise()));

	spend(run, options.work);
	const passes = runPasses(run, count);
	spend(run, options.work / 2);
	passes.forEach((pass) => finishPass(pass, run.caches));
	const commit = {
		fsid: index % options.filesystems, transid: 1234 + index, policy: options.policy,
		window: options.policy === "serial" ? 1 : options.window,
		begin, end: run.time, whole_ns: run.time - begin,
		critical_begin: run.criticalBegin, critical_end: run.criticalEnd,
		critical_ns: run.criticalEnd - run.criticalBegin,
		bytes: countBytes(run.caches), result: options.failed ? EIO : 0,
		num_started: run.caches.length,
		num_waited: run.caches.filter((cache) => cache.waitEnd !== null).length,
		num_redirtied: run.caches.filter((cache) => cache.how === "redirtied").length,
		num_skipped: Math.floor(noise() * 3), num_discarded: options.discarded,
		peak_in_flight: peakInFlight(run.caches), passes,
	};
	spoil(run);
	commit.caches = run.caches.map((cache) => [
		(1 + cache.group) * 1073741824, cache.flags, cache.bytes,
		cache.startBegin, cache.startEnd, cache.completed, cache.waitBegin, cache.waitEnd,
		cache.how, cache.result,
	]);
	return commit;
}

function forgetAfter(object, fields, time) {
	for (const field of fields) {
		if (object[field] > time)
			object[field] = null;
	}
}

/* The end is lost where waiting for the caches is half done. */
function cutOff(commit) {
	const middle = commit.caches[commit.caches.length >> 1];
	const time = Math.max(middle[6], commit.critical_begin + 1);

	forgetAfter(commit, ["begin", "end", "critical_begin", "critical_end"], time);
	commit.caches = commit.caches.filter((cache) => cache[3] <= time);
	for (const cache of commit.caches) {
		forgetAfter(cache, [3, 4, 5, 6, 7], time);
		if (cache[7] === null)
			cache[8] = cache[9] = null;
	}
	commit.passes = commit.passes.filter((pass) => pass.begin <= time);
	for (const pass of commit.passes) {
		forgetAfter(pass, ["end"], time);
		if (pass.end === null)
			pass.result = null;
	}
	commit.whole_ns = commit.critical_ns = commit.result = null;
	commit.num_started = commit.caches.length;
	commit.num_waited = commit.caches.filter((cache) => cache[7] !== null).length;
}

/* What lost events do to a recording: any moment may be missing. */
function makeHoles(commit, holes, noise) {
	const forget = (object, fields) => {
		for (const field of fields) {
			if (noise() * 100 < holes)
				object[field] = null;
		}
	};

	forget(commit, ["begin", "end", "critical_begin", "critical_end"]);
	commit.passes.forEach((pass) => forget(pass, ["begin", "end"]));
	commit.caches.forEach((cache) => forget(cache, [3, 4, 5, 6, 7]));
	if (commit.begin === null || commit.end === null)
		commit.whole_ns = null;
	if (commit.critical_begin === null || commit.critical_end === null)
		commit.critical_ns = null;
}

function makeHistogram(values) {
	const counts = new Map();

	for (const value of values) {
		const least = value < 1 ? 0 : 2 ** Math.floor(Math.log2(value));
		counts.set(least, (counts.get(least) || 0) + 1);
	}
	return [...counts].sort((a, b) => a[0] - b[0]);
}

function passLengths(commits, kind) {
	return commits.flatMap((commit) => commit.passes)
		.filter((pass) => pass.kind === kind && pass.begin !== null && pass.end !== null)
		.map((pass) => pass.end - pass.begin);
}

function makeHistograms(commits) {
	const waits = [];

	for (const commit of commits) {
		for (const cache of commit.caches) {
			if (cache[6] !== null && cache[7] !== null)
				waits.push(cache[7] - cache[6]);
		}
	}
	return {
		wait_ns: makeHistogram(waits),
		in_flight: makeHistogram(commits.map((commit) => commit.peak_in_flight)),
		early_ns: makeHistogram(passLengths(commits, "early")),
		commit_ns: makeHistogram(passLengths(commits, "commit")),
	};
}

function makeRecording(given) {
	const options = { ...DEFAULTS, ...given };
	const noise = makeNoise(options.seed);
	const commits = [];
	let time = 0;

	for (let index = 0; index < options.commits; index++) {
		commits.push(makeCommit(options, noise, index, time));
		time = commits[index].end + 30000000;
	}
	if (options.holes)
		commits.forEach((commit) => makeHoles(commit, options.holes, noise));
	if (options.cut)
		cutOff(commits[commits.length - 1]);
	return {
		name: options.name || `${options.policy}.rec`,
		kernel: "6.1.0-56-amd64", module: "0.1",
		recorded: "2026-11-23T14:40:00Z", complete: !options.cut, lost: options.lost,
		filesystems: Array.from({ length: options.filesystems }, (_, index) =>
			`0f3a5c7e-91d2-4b6c-8e10-5a7c9e1b3d0${index}`),
		commits, histograms: makeHistograms(commits),
	};
}

function parseOptions(text) {
	const options = {};

	for (const part of text.split(",")) {
		const [, key, value] = part.match(/^([^=]*)=?(.*)$/s);
		if (!(key in DEFAULTS))
			throw new Error(`unknown key "${key}"`);
		options[key] = typeof DEFAULTS[key] === "number" ? Number(value) : value;
	}
	return options;
}

function makePage(json, script) {
	const folder = process.env.PAGE_DIR || __dirname;
	const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
	const parts = read("page.html").split(/@(?:STYLE|DATA|SCRIPT)@/);

	if (parts.length !== 4)
		throw new Error("page.html: there must be three markers");
	return parts[0] + read("page.css") + parts[1] + json.replaceAll("<", "\\u003c") + parts[2] +
		read("page.js") + script + parts[3];
}

function main(words) {
	const recordings = [];
	let page = false;
	let script = "";

	for (let index = 0; index < words.length; index++) {
		if (words[index] === "--page")
			page = true;
		else if (words[index] === "--append")
			script += fs.readFileSync(words[++index], "utf8");
		else if (words[index] === "--recording")
			recordings.push(makeRecording(parseOptions(words[++index])));
		else
			throw new Error(`unknown option "${words[index]}"`);
	}
	const data = JSON.stringify({ format: "btrfs_twostage report", version: 1, recordings });
	process.stdout.write(page ? makePage(data, script) : data + "\n");
}

main(process.argv.slice(2));
