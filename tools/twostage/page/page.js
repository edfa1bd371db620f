// SPDX-License-Identifier: GPL-2.0
//
// Draws the page that "twostage report" writes, from the JSON in it: see docs/formats.md.
//
// Rules: plain JavaScript, nothing is loaded.  Text from the data reaches the page as text only,
// never as markup.  A value that is not known is null, and is shown as a dash, never as 0.  Every
// number shown carries the raw one in data-value, with its name in data-field.  There may be
// 10,000 caches: never spread them into arguments, and make no element per cache.

"use strict";

const root = document.documentElement;
root.dataset.errors = "0";
window.addEventListener("error", (event) => {
	root.dataset.errors++;
	root.dataset.lastError = event.message;
});

/* Numbers as text */

const TIMES = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]];
const SIZES = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10], ["B", 1]];
const COUNTS = [["", 1]];
const DASH = "\u2013";
const ERRNO = {
	1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 11: "EAGAIN", 12: "ENOMEM", 16: "EBUSY",
	17: "EEXIST", 22: "EINVAL", 27: "EFBIG", 28: "ENOSPC", 30: "EROFS", 117: "EUCLEAN",
	122: "EDQUOT",
};

function known(value) {
	return value !== null && value !== undefined;
}

function pickUnit(units, value, digits) {
	return units.find(([, size]) => Number(Math.abs(value).toPrecision(digits)) >= size) ||
		units.at(-1);
}

function decimals(value, size, digits) {
	return size === 1 ? 0 :
		Math.max(0, digits - String(Math.floor(Math.abs(value) / size)).length);
}

function inUnits(units, digits) {
	return (value) => {
		if (!known(value))
			return DASH;
		const [unit, size] = pickUnit(units, value, digits);
		return `${(value / size).toFixed(decimals(value, size, digits))} ${unit}`;
	};
}

const time = inUnits(TIMES, 5);
const shortTime = inUnits(TIMES, 4);
const size = inUnits(SIZES, 4);

function plain(value) {
	return known(value) ? String(value) : DASH;
}

function moment(value, commitBegin) {
	return time(known(value) ? value - commitBegin : null);
}

function windowSize(value) {
	return value === 0 ? "no bound" : plain(value);
}

function result(value) {
	return value < 0 && ERRNO[-value] ? `${value} ${ERRNO[-value]}` : plain(value);
}

function flags(value) {
	return known(value) ? ["data", "system", "metadata"]
		.filter((name, bit) => value & (1 << bit)).join(", ") || "none" : DASH;
}

function ratio(first, second) {
	if (first === second && known(first))
		return "=";
	if (!first || !second)
		return DASH;
	const times = Math.max(first / second, second / first);
	return (second < first ? "\u00f7" : "\u00d7") +
		(times < 1000 ? times.toPrecision(3) : Math.round(times));
}

function plural(count, noun) {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/*
 * What is shown of what.  Of a commit, a column puts the field in the overview, in common units
 * if there are any; level says which fields a narrow table leaves out first, and matters which
 * recordings have something to say in it.
 */

const RECORDING_FIELDS = [
	{ name: "policies", label: "policy" },
	{ name: "num_commits", label: "commits" },
	{ name: "kernel" },
	{ name: "module" },
	{ name: "recorded" },
	{ name: "filesystem" },
];

const COMMIT_FIELDS = [
	{ name: "transid", label: "transaction", column: "transid" },
	{ name: "fsid", label: "filesystem", column: "filesystem", level: "spare",
		matters: ({ filesystems }) => filesystems.length > 1 },
	{ name: "policy", column: "policy", style: "text" },
	{ name: "window", format: windowSize, column: "window", level: "spare" },
	{ name: "whole_ns", label: "whole commit", format: time, column: "whole", units: TIMES,
		compared: true, said: true },
	{ name: "critical_ns", label: "critical section", format: time, column: "critical",
		units: TIMES, compared: true, said: true },
	{ name: "read_ns", label: "reading ahead", format: time, column: "reading", units: TIMES,
		level: "scant", matters: ({ commits }) => commits.some((commit) => commit.read_ns) },
	{ name: "early_ns", label: "early passes", format: time, column: "early", units: TIMES,
		level: "scant", compared: true },
	{ name: "setup_commit_ns", label: "setup and commit passes", format: time,
		column: "setup, commit", units: TIMES, level: "scant", compared: true, said: true },
	{ name: "start_ns", label: "start steps", format: time },
	{ name: "wait_ns", label: "waiting in passes", format: time, compared: true },
	{ name: "num_blocks_read", label: "blocks read ahead" },
	{ name: "num_caches_read", label: "caches read ahead" },
	{ name: "num_started", label: "started", column: "started", level: "scarce" },
	{ name: "num_waited", label: "waited for", column: "waited", level: "rare" },
	{ name: "num_redirtied", label: "redirtied" },
	{ name: "num_skipped", label: "skipped" },
	{ name: "num_discarded", label: "discarded" },
	{ name: "num_put_off", label: "put off", column: "put off", level: "rare",
		matters: ({ commits }) => commits.some((commit) => commit.num_put_off) },
	{ name: "peak_in_flight", label: "most in flight", column: "most in flight", level: "scarce",
		compared: true },
	{ name: "bytes", format: size, column: "bytes", units: SIZES, level: "rare" },
	{ name: "result", format: result, column: "result" },
];

const PASS_FIELDS = [
	{ name: "kind", label: "pass", style: "text" },
	{ name: "length_ns", label: "length", format: shortTime },
	{ name: "dirty", level: "scant" },
	{ name: "num_started", label: "started" },
	{ name: "num_waited", label: "waited" },
	{ name: "peak_in_flight", label: "most in flight" },
	{ name: "start_ns", label: "starting", format: shortTime, level: "scant" },
	{ name: "wait_ns", label: "waiting", format: shortTime, level: "scarce" },
	{ name: "result", format: result, level: "scarce" },
];

const CACHE_FIELDS = [
	{ name: "block_group", label: "block group" },
	{ name: "flags", label: "kind", format: flags },
	{ name: "bytes", format: size },
	{ name: "start_begin", label: "start at", format: moment },
	{ name: "start_ns", label: "start step", format: time },
	{ name: "completed", label: "completed at", format: moment },
	{ name: "flight_ns", label: "on the device", format: time },
	{ name: "wait_begin", label: "wait at", format: moment },
	{ name: "wait_ns", label: "waited", format: time },
	{ name: "how", label: "waited for by" },
	{ name: "result", format: result },
];

const HISTOGRAMS = [
	{ name: "wait_ns", title: "wait for one cache", units: TIMES },
	{ name: "in_flight", title: "caches in flight", units: COUNTS },
	{ name: "early_ns", title: "early pass", units: TIMES },
	{ name: "commit_ns", title: "commit pass", units: TIMES },
];

/* What the fields need that is not in the data */

function between(begin, end) {
	return known(begin) && known(end) ? end - begin : null;
}

function sum(passes, name) {
	return passes.every((pass) => known(pass[name])) ?
		passes.reduce((total, pass) => total + pass[name], 0) : null;
}

function prepareCache([block_group, flags, bytes, start_begin, start_end, completed,
	wait_begin, wait_end, how, result]) {
	return {
		block_group, flags, bytes, start_begin, start_end, completed, wait_begin, wait_end,
		how, result, start_ns: between(start_begin, start_end),
		flight_ns: between(start_end, completed), wait_ns: between(wait_begin, wait_end),
	};
}

/*
 * The part of time a commit is drawn in.  Its own ends bound it, so that a cache that somebody
 * waits for seconds later does not press the rest into a corner.
 */
function prepareExtent(commit) {
	const times = [commit, ...commit.reads, ...commit.passes].flatMap((each) => [each.begin, each.end])
		.concat(commit.critical_begin, commit.critical_end,
			commit.caches.flatMap((cache) => [cache.start_begin, cache.start_end,
				cache.completed, cache.wait_begin, cache.wait_end]))
		.filter(known).sort((a, b) => a - b);

	commit.first = commit.begin ?? times[0] ?? 0;
	commit.last = commit.end ?? times.at(-1) ?? 0;
	commit.span = Math.max(0, commit.last - commit.first);
}

function prepare(recording) {
	recording.policies = [...new Set(recording.commits.map((commit) => commit.policy))].join(", ");
	recording.num_commits = recording.commits.length;
	recording.filesystem = recording.filesystems.join(", ");
	for (const commit of recording.commits) {
		for (const pass of commit.passes)
			pass.length_ns = between(pass.begin, pass.end);
		const early = commit.passes.filter((pass) => pass.kind === "early");
		const others = commit.passes.filter((pass) => pass.kind !== "early");
		commit.early_ns = sum(early, "length_ns");
		commit.setup_commit_ns = sum(others, "length_ns");
		commit.start_ns = sum(commit.passes, "start_ns");
		commit.wait_ns = sum(commit.passes, "wait_ns");
		commit.caches = commit.caches.map(prepareCache);
		prepareExtent(commit);
	}
}

/* Elements */

function round(value) {
	return typeof value === "number" ? Number(value.toFixed(2)) : value;
}

function make(space, name, attributes, children) {
	const made = document.createElementNS(`http://www.w3.org/${space}`, name);

	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, round(value));
	made.append(...children);
	return made;
}

function html(name, attributes, ...children) {
	return make("1999/xhtml", name, attributes, children);
}

function svg(name, attributes, ...children) {
	return make("2000/svg", name, attributes, children);
}

/* A path by a template, with its numbers rounded. */
function path(strings, ...numbers) {
	return String.raw(strings, ...numbers.map(round));
}

function shape(style, d) {
	return svg("path", { class: style, d });
}

function label(x, y, text, style = "", anchor = "start") {
	return svg("text", { x, y, class: style, "text-anchor": anchor }, text);
}

function find(selector, within = document) {
	return within.querySelector(selector);
}

function copyTemplate(id) {
	return document.getElementById(id).content.cloneNode(true).firstElementChild;
}

function heading(text, style = "", ...more) {
	return html("th", { scope: "col", class: style }, text, ...more);
}

function shown(name, field, value, text) {
	return html(name, { class: styleOf(field), "data-field": field.name,
		"data-value": value ?? "" }, text);
}

function styleOf(field) {
	return `${field.style ?? ""} ${field.level ?? ""}`.trim();
}

function labelOf(field) {
	return field.label ?? field.name;
}

function format(field, value, more) {
	return (field.format ?? plain)(value, more);
}

function definition(field, value, text) {
	return html("div", {}, html("dt", {}, labelOf(field)), shown("dd", field, value, text));
}

function define(list, fields, object, more) {
	list.replaceChildren(...fields.map((field) =>
		definition(field, object[field.name], format(field, object[field.name], more))));
}

function fillTable(table, headings, rows) {
	table.tHead.replaceChildren(html("tr", {}, ...headings));
	table.tBodies[0].replaceChildren(...rows);
}

/* Scales */

function niceStep(span, count, least) {
	const rough = Math.max(span / Math.max(count, 1), least);
	const power = 10 ** Math.floor(Math.log10(rough));

	return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
}

function ticks(most, step) {
	return Array.from({ length: Math.floor(most / step * 1.0001) + 1 },
		(unused, index) => index * step);
}

function linear(first, span, from, to) {
	const factor = span > 0 ? (to - from) / span : 0;
	const low = Math.min(from, to);
	const high = Math.max(from, to);

	return (value) => Math.min(high, Math.max(low, from + (value - first) * factor));
}

/* The figure of a commit: its place on the page */

const MARGIN = { left: 46, right: 18 };
const LANE = 17;
const ROW_MOST = 16;
const IN_FLIGHT_HEIGHT = 96;
const IN_FLIGHT_GAP = 24;
const AXIS_HEIGHT = 36;

function ownScales({ commit }) {
	return {
		span: commit.span,
		plotHeight: Math.min(352, Math.max(96, commit.caches.length * 5.5)),
		inFlight: stepsInFlight(commit, "wait_end")
			.reduce((most, [, depth]) => Math.max(most, depth), 1),
	};
}

function makePlot(commit, width, scales) {
	const left = MARGIN.left;
	const right = width - MARGIN.right;
	const top = 2 * LANE + 4;
	const rowsBottom = top + scales.plotHeight;
	const flightTop = rowsBottom + IN_FLIGHT_GAP;
	const bottom = flightTop + IN_FLIGHT_HEIGHT;
	const count = commit.caches.length;
	const rows = Math.min(count, Math.floor(scales.plotHeight));

	return {
		commit, scales, count, rows, left, right, top, rowsBottom, flightTop, bottom, width,
		height: bottom + AXIS_HEIGHT,
		pitch: rows ? Math.min(ROW_MOST, scales.plotHeight / rows) : 0,
		x: linear(commit.first, scales.span, left, right),
		frames: [[top, rowsBottom], [flightTop, bottom]],
	};
}

function rowMiddle(plot, index) {
	const row = Math.min(plot.rows - 1, Math.floor((index + 0.5) * plot.rows / plot.count));

	return plot.top + (row + 0.5) * plot.pitch;
}

/* Caches, a row each, or several in a row where there are many */

/* In the order in which they are painted.  Each ends at the first moment that is known. */
const SEGMENTS = [
	{ name: "done", title: "done, nobody waits yet", begin: "completed",
		ends: ["wait_begin", "wait_end"] },
	{ name: "flight", title: "in flight", begin: "start_end", ends: ["completed", "wait_end"] },
	{ name: "start", title: "starting", begin: "start_begin",
		ends: ["start_end", "completed", "wait_begin"] },
	{ name: "wait", title: "waited for", begin: "wait_begin", ends: ["wait_end"] },
];

const MARKS = [
	{ name: "failed", title: "failed", open: true, is: (cache) => cache.result < 0,
		d: (x, y, r) => path`M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}` },
	{ name: "redirtied", title: "redirtied", is: (cache) => cache.how === "redirtied",
		d: (x, y, r) => path`M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z` },
	{ name: "discarded", title: "discarded", is: (cache) => cache.how === "discarded",
		d: (x, y, r) => path`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z` },
	/* A wait after the end of the commit is as little in the figure as one never recorded. */
	{ name: "open", title: "no end in this commit", open: true,
		is: (cache, commit) => !known(cache.wait_end) || cache.wait_end > commit.last,
		d: (x, y, r) => path`M${x - r / 2} ${y - r}l${r} ${r}l${-r} ${r}` },
];

/* From left to right, those that touch as one. */
function spansOfRow(plot, segment, row) {
	const first = Math.floor(row * plot.count / plot.rows);
	const last = Math.floor((row + 1) * plot.count / plot.rows);
	const spans = [];
	const merged = [];

	for (const cache of plot.commit.caches.slice(first, last)) {
		const begin = cache[segment.begin];
		const end = cache[segment.ends.find((name) => known(cache[name]))] ??
			plot.commit.last;
		const least = segment.name === "done" ? begin + 1 : begin;
		if (known(begin) && end >= least)
			spans.push([plot.x(begin), Math.max(plot.x(end), plot.x(begin) + 1)]);
	}
	for (const span of spans.sort((a, b) => a[0] - b[0])) {
		const before = merged.at(-1);
		if (before && span[0] <= before[1] + 0.5)
			before[1] = Math.max(before[1], span[1]);
		else
			merged.push(span);
	}
	return merged;
}

function segmentPath(plot, segment) {
	const height = plot.pitch >= 3 ? plot.pitch - 1 : plot.pitch;
	const offset = segment.name === "wait" && plot.pitch >= 4 ? height / 2 : 0;
	const parts = [];

	for (let row = 0; row < plot.rows; row++) {
		const top = plot.top + row * plot.pitch + offset;
		for (const [left, right] of spansOfRow(plot, segment, row))
			parts.push(path`M${left} ${top}H${right}v${height - offset}H${left}z`);
	}
	return parts.join("");
}

function markShape(mark, x, y, radius) {
	return shape(mark.open ? "mark open" : "mark", mark.d(x, y, radius));
}

/* Where rows are too thin for it, a mark stands for its neighbours as well. */
function marks(plot) {
	const radius = Math.min(3.5, Math.max(2.25, Math.floor(plot.pitch) / 2 - 0.25));
	const shapes = [];
	const last = {};

	plot.commit.caches.forEach((cache, index) => {
		const mark = MARKS.find((each) => each.is(cache, plot.commit));
		const y = rowMiddle(plot, index);
		if (!mark || y < last[mark.name] + 2 * radius)
			return;
		last[mark.name] = y;
		const end = Math.min(cache.wait_end ?? plot.commit.last, plot.commit.last);
		shapes.push(markShape(mark, plot.x(end) + 7, y, radius));
	});
	return shapes;
}

function leftAxis(plot, values, y, text) {
	return values.map((value) => label(plot.left - 7, y(value) + 4, text(value), "quiet", "end"));
}

function drawCaches(plot) {
	/* Caches are counted from 1, so the ticks are 1, 10, 20 and not 0, 10, 20. */
	const values = [1, ...ticks(plot.count, niceStep(plot.count, 6, 1)).filter((tick) => tick > 1)];
	const y = (value) => rowMiddle(plot, value - 1);

	if (!plot.count)
		return [label(plot.left + 8, plot.top + 24, "No cache was written in this commit.")];
	return [
		...leftAxis(plot, values, y, String),
		shape("axis", path`M${plot.left} ${plot.top}V${plot.rowsBottom}H${plot.right}` +
			values.map((value) => path`M${plot.left} ${y(value)}h-4`).join("")),
		label(0, plot.top - 8, "cache", "quiet"),
		...SEGMENTS.map((segment) => shape(segment.name, segmentPath(plot, segment))),
		...marks(plot),
	];
}

/* How many are in flight */

/*
 * [time, how many from then on].  Ends go before beginnings at the same time, so a serial commit
 * never shows two.  A cache whose completion is not recorded had left the device when the wait
 * for it ended.
 */
function stepsInFlight(commit, endName) {
	let depth = 0;

	return commit.caches.filter((cache) => known(cache.start_end))
		.flatMap((cache) => [[cache.start_end, 1], [cache[endName] ?? cache.wait_end, -1]])
		.filter(([moment]) => known(moment) && moment <= commit.last)
		.sort((a, b) => a[0] - b[0] || a[1] - b[1])
		.map(([moment, change]) => [moment, depth += change]);
}

/* The most in each pixel is what counts against a bound. */
function stepPath(plot, endName, y) {
	const pixels = new Map();
	let depth = 0;

	for (const step of stepsInFlight(plot.commit, endName)) {
		const x = Math.floor(plot.x(step[0]));
		depth = step[1];
		pixels.set(x, [Math.max(pixels.get(x)?.[0] ?? 0, depth), depth]);
	}
	const [first] = pixels.keys();
	return known(first) ? path`M${first} ${plot.bottom}` +
		[...pixels].map(([x, [most, last]]) => path`H${x}V${y(most)}V${y(last)}`).join("") +
		(depth > 0 ? path`H${plot.x(plot.commit.last)}` : "") : "";
}

function drawInFlight(plot) {
	const { left, right, scales: { inFlight } } = plot;
	const y = linear(0, inFlight, plot.bottom, plot.flightTop);
	const values = ticks(inFlight, niceStep(inFlight, 4, 1));
	const area = stepPath(plot, "wait_end", y);
	const bound = plot.commit.window;
	const several = plot.count > plot.rows ?
		`; above, a row is ${(plot.count / plot.rows).toFixed(0)} caches` : "";

	return [
		...leftAxis(plot, values, y, String),
		shape("grid", values.map((value) => path`M${left - 4} ${y(value)}H${right}`).join("")),
		shape("axis", path`M${left} ${plot.flightTop}V${plot.bottom}`),
		shape("area", area && path`${area}V${plot.bottom}z`),
		shape("device", stepPath(plot, "completed", y)),
		...(bound > 0 && bound <= inFlight ?
			[shape("bound", path`M${left} ${y(bound)}H${right}`)] : []),
		label(left + 4, plot.flightTop - 7, `caches in flight${several}`, "heading"),
	];
}

/* The bands of the passes and of the critical section */

/* An interval of which one end is not known reaches to that end of the commit. */
function bar(plot, { begin, end }, top, style, labels) {
	const left = plot.x(begin ?? plot.commit.first);
	const right = Math.max(plot.x(end ?? plot.commit.last), left + 1.5);
	const edges = [...(known(begin) ? [left] : []), ...(known(end) ? [right] : [])];

	return edges.length ? [{ left, right, edges, top, style, labels }] : [];
}

function passName(pass, noun = "") {
	return `${pass.kind}${noun}${pass.number > 1 ? ` ${pass.number}` : ""}`;
}

/* Labels from the longest to the shortest, to take what there is room for. */
function passBars(plot, kinds, top) {
	return plot.commit.passes.filter((pass) => kinds.includes(pass.kind)).flatMap((pass) => {
		const name = passName(pass, " pass");
		const long = known(pass.length_ns) ? [`${name} ${shortTime(pass.length_ns)}`] : [];
		return bar(plot, pass, top, `${pass.kind}-bar`, [...long, name, pass.kind]);
	});
}

/* What a pass reads ahead is a part of that pass. */
function readBars(plot) {
	return plot.commit.reads.filter((read) => read.before === "refs").flatMap((read) =>
		bar(plot, read, 0, "read-bar",
			[`reading ${shortTime(between(read.begin, read.end))}`, "reading"]));
}

function criticalBar(plot) {
	const { critical_begin: begin, critical_end: end, critical_ns: length } = plot.commit;
	const long = known(length) ? ` ${shortTime(length)}` : ", not all recorded";

	return bar(plot, { begin, end }, 0, "critical-bar",
		[`critical section${long}`, "critical section", "critical"]);
}

const measuring = document.createElement("canvas").getContext("2d");

/* A label stands in its bar, or beside it where nothing else is; or it is left out. */
function placeLabel(own, taken, plot) {
	for (const text of own.labels) {
		const width = measuring.measureText(text).width + 2;
		const isFree = (left) => left >= plot.left && left + width <= plot.right &&
			taken.every((other) => other === own || left + width < other.left ||
				left > other.right);
		const places = [own.right + 3, own.left - 3 - width].filter(isFree);
		if (width + 6 <= own.right - own.left)
			places.unshift(own.left + 4);
		if (places.length)
			return [{ text, left: places[0], right: places[0] + width }];
	}
	return [];
}

function drawLane(plot, bars) {
	const taken = [...bars];
	const labels = bars.flatMap((own) => placeLabel(own, taken, plot).map((place) => {
		taken.push(place);
		return label(place.left, own.top + 11.5, place.text);
	}));

	return [...bars.map((own) => svg("rect", { class: own.style, x: own.left, y: own.top,
		width: own.right - own.left, height: LANE - 2 })), ...labels];
}

/* In both frames: the labels above them, and the heading between them, stand on paper. */
function drawBand(plot, own, style) {
	return shape(style, plot.frames.map(([top, bottom]) =>
		path`M${own.left} ${top}H${own.right}V${bottom}H${own.left}z`).join(""));
}

function drawEdges(plot, own) {
	return shape("critical-edge", plot.frames.flatMap(([top, bottom]) =>
		own.edges.map((x) => path`M${x} ${top}V${bottom}`)).join(""));
}

function drawBands(plot) {
	const early = passBars(plot, ["early"], 0);
	const critical = criticalBar(plot);

	measuring.font = `11px ${getComputedStyle(document.body).fontFamily}`;
	return [
		...early.map((own) => drawBand(plot, own, "early-band")),
		...critical.map((own) => drawBand(plot, own, "critical-band")),
		/* The critical section first: its label is the one that has to find room. */
		...drawLane(plot, [...critical, ...early, ...readBars(plot)]),
		...drawLane(plot, passBars(plot, ["setup", "commit"], LANE)),
		...critical.map((own) => drawEdges(plot, own)),
	];
}

function drawTimeAxis(plot) {
	const { left, right, bottom, commit } = plot;
	const [unit, factor] = pickUnit(TIMES, plot.scales.span, 6);
	const span = plot.scales.span / factor;
	const step = niceStep(span, Math.floor((right - left) / 70), 1 / factor);
	const digits = Math.max(0, Math.ceil(-Math.log10(step) - 0.001));
	const values = ticks(span, step).map((tick) =>
		[plot.x(commit.first + tick * factor), tick.toFixed(digits)]);

	return [
		...values.map(([x, text]) => label(x, bottom + 16, text, "quiet", "middle")),
		shape("axis", path`M${left} ${bottom}H${right}` +
			values.map(([x]) => path`M${x} ${bottom}v5`).join("")),
		label(right, bottom + 31, `${unit} since the commit began`, "quiet", "end"),
	];
}

function drawFigure(view, scales) {
	const width = Math.max(280, view.chart.clientWidth);
	const plot = makePlot(view.commit, width, scales);

	view.plot = plot;
	view.cursorShape = svg("g", { class: "cursor" });
	view.chart.replaceChildren(svg("svg", {
		viewBox: `0 0 ${width} ${plot.height}`, width, height: plot.height, role: "img",
		"aria-label": `${plural(plot.count, "cache")}, at most ` +
			`${view.commit.peak_in_flight} in flight`,
	}, ...drawBands(plot), ...drawCaches(plot), ...drawInFlight(plot), ...drawTimeAxis(plot),
	view.cursorShape));
	drawCursor(view);
}

/* Scales are one for both figures, or each its own. */
function drawFigures() {
	const drawn = views.filter((view) => view.commit);
	const scales = drawn.map(ownScales);
	const most = (name) => Math.max(...scales.map((each) => each[name]));
	const plotHeight = most("plotHeight");
	const shared = { span: most("span"), plotHeight, inFlight: most("inFlight") };
	const same = find("#same-scales").checked;

	drawn.forEach((view, index) =>
		drawFigure(view, same ? shared : { ...scales[index], plotHeight }));
}

/* The cursor and what it reads out */

function drawCursor({ plot, cursor, cursorShape }) {
	const y = rowMiddle(plot, cursor);
	const height = Math.max(plot.pitch, 3);

	if (plot.count)
		cursorShape.replaceChildren(
			svg("rect", { x: plot.left, y: y - height / 2 - 0.5,
				width: plot.right - plot.left, height }),
			shape("pointer", path`M${plot.left} ${y}l-6 -4v8z`));
}

function showReadout({ commit, cursor, chart, readout }) {
	const count = commit.caches.length;
	const text = count ? `${cursor + 1} of ${count}` : "";

	chart.setAttribute("aria-valuemax", Math.max(1, count));
	chart.setAttribute("aria-valuenow", cursor + 1);
	chart.setAttribute("aria-valuetext", count ? `cache ${text}` : "no cache");
	readout.replaceChildren();
	if (!count)
		return;
	define(readout, CACHE_FIELDS, commit.caches[cursor], commit.first);
	readout.prepend(definition({ name: "cache" }, cursor + 1, text));
}

function moveCursor(view, index, byPointer) {
	const wanted = Math.max(0, Math.min(view.commit.caches.length - 1, index));

	if (wanted === view.cursor && byPointer)
		return;
	/* Speaking every row that a mouse passes over would be noise. */
	view.readout.setAttribute("aria-live", byPointer ? "off" : "polite");
	view.cursor = wanted;
	drawCursor(view);
	showReadout(view);
}

function onKey(view, event) {
	const { cursor, commit: { caches: { length } } } = view;
	const page = Math.max(2, Math.round(length / 20));
	const targets = {
		ArrowDown: cursor + 1, ArrowRight: cursor + 1, ArrowUp: cursor - 1,
		ArrowLeft: cursor - 1, PageDown: cursor + page, PageUp: cursor - page, Home: 0,
		End: length - 1,
	};

	if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in targets))
		return;
	event.preventDefault();
	moveCursor(view, targets[event.key], false);
}

function onPointer(view, event) {
	const { plot } = view;
	const box = view.chart.firstElementChild.getBoundingClientRect();
	const y = (event.clientY - box.top) * plot.height / box.height;
	const row = Math.floor((y - plot.top) / plot.pitch);

	if (row >= 0 && row < plot.rows)
		moveCursor(view, Math.floor(row * plot.count / plot.rows), true);
}

/* Histograms */

function bucketText(units, least) {
	const [unit, factor] = pickUnit(units, least, 2);
	const scaled = least / factor;

	return `${factor === 1 ? least : Number(scaled.toPrecision(scaled < 10 ? 2 : 3))} ${unit}`;
}

/* Two recordings share the range, so that a shift up is a shift in time. */
function histogram({ name, title, units }, recording) {
	const range = report.recordings.flatMap((each) => each.histograms[name] ?? [])
		.map(([least]) => least);
	const counts = new Map(recording.histograms[name]);
	const most = Math.max(...counts.values());
	const total = [...counts.values()].reduce((all, count) => all + count, 0);
	const rows = [];

	for (let least = Math.min(...range); least <= Math.max(...range); least = 2 * least || 1) {
		const count = counts.get(least) ?? 0;
		const width = count ? Math.max(1, 100 * count / most) : 0;
		rows.push(html("tr", {},
			shown("td", { name: "least" }, least, bucketText(units, least)),
			html("td", {}, html("div", { class: "bar", style: `width: ${width}%` })),
			shown("td", { name: "count" }, count, String(count))));
	}
	return html("table", { "data-histogram": name },
		html("caption", {}, `${title}: ${plural(total, "value")}`),
		html("tbody", {}, ...rows));
}

/* Overview */

/* One unit for a column, fit for the largest in it. */
function columnFormat(field, commits) {
	const largest = commits.reduce((most, commit) =>
		Math.max(most, commit[field.name] ?? 0), 0);
	const [unit, factor] = pickUnit(field.units ?? COUNTS, largest, 4);
	const digits = Math.min(2, decimals(largest, factor, 4));

	return { unit, text: (value) =>
		known(value) && field.units ? (value / factor).toFixed(digits) : plain(value) };
}

function overviewText(field, value, common, recording) {
	if (field.name === "window" && value === 0)
		return "\u221e";
	return field.name === "fsid" ? recording.filesystems[value].slice(-6) : common.text(value);
}

function overviewRow(view, fields, formats, commit) {
	const radio = html("input", {
		type: "radio", name: `commit-${view.number}`, autocomplete: "off",
		"aria-label": `transaction ${commit.transid}, ` +
			plural(commit.caches.length, "cache"),
	});
	const row = html("tr", {}, html("td", {}, radio), ...fields.map((field, place) =>
		shown("td", field, commit[field.name],
			overviewText(field, commit[field.name], formats[place], view.recording))));

	radio.checked = commit === view.commit;
	radio.addEventListener("change", () => selectCommit(view, commit));
	row.addEventListener("click", (event) => event.target !== radio && radio.click());
	return row;
}

function fillOverview(view) {
	const { commits } = view.recording;
	const fields = COMMIT_FIELDS.filter((field) => field.column &&
		(field.matters?.(view.recording) ?? true));
	const formats = fields.map((field) => columnFormat(field, commits));
	const box = find(".commits", view.overview);

	fillTable(find("table", box), [
		heading(html("span", { class: "unseen" }, "shown")),
		...fields.map((field, place) => heading(field.column, styleOf(field),
			html("span", { class: "unit" }, formats[place].unit))),
	], commits.map((commit) => overviewRow(view, fields, formats, commit)));
	/* scrollIntoView() would move the whole page as well. */
	box.scrollTop = find("tr:has(:checked)", box).offsetTop - box.clientHeight / 2;
}

/* The selected commit */

function showCommit(view) {
	const { commit, section } = view;

	find("h2", section).textContent =
		`${view.recording.name}: transaction ${commit.transid}, ${commit.policy}`;
	define(find(".numbers", section), COMMIT_FIELDS.filter((field) => field.name !== "fsid"), commit);
	fillTable(find(".passes table", section),
		PASS_FIELDS.map((field) => heading(labelOf(field), styleOf(field))),
		commit.passes.map((pass) => html("tr", {}, ...PASS_FIELDS.map((field) =>
			shown("td", field, pass[field.name], field.name === "kind" ?
				passName(pass) : format(field, pass[field.name]))))));
	showReadout(view);
}

function selectCommit(view, commit) {
	view.commit = commit;
	view.cursor = 0;
	showCommit(view);
	showComparison();
	drawFigures();
}

/* Comparison of two recordings */

function sentence(field, values) {
	return html("li", {}, ...(values.every(known) ? [
		`${field.label} ${values.map(shortTime).join(" \u2192 ")} (`,
		html("strong", {}, ratio(...values)), ")",
	] : [`${field.label}: not known of both`]));
}

function comparisonRow(field, values) {
	const quotient = values.every(known) && values[1] ? values[0] / values[1] : null;
	const text = field.units || field.format ? shortTime : plain;

	return html("tr", {}, html("th", { scope: "row", class: "text" }, field.label),
		...values.map((value) => shown("td", { name: field.name }, value, text(value))),
		shown("td", { name: "ratio", style: "ratio" }, quotient, ratio(...values)));
}

function showComparison() {
	const section = find("#comparison");
	const compared = COMMIT_FIELDS.filter((field) => field.compared).map((field) =>
		[field, views.map((view) => view.commit?.[field.name])]);

	section.hidden = views.length !== 2 || !views.every((view) => view.commit);
	if (section.hidden)
		return;
	find("ul", section).replaceChildren(...compared.filter(([field]) => field.said)
		.map((each) => sentence(...each)));
	fillTable(find("table", section), [html("td", {}), ...views.map((view) =>
		heading(`${view.recording.name}, ${view.commit.transid}`)), heading("ratio")],
	compared.map((each) => comparisonRow(...each)));
}

/* Warnings and legend */

function warn(text) {
	find("#warnings").append(html("p", { class: "warning" },
		html("strong", {}, "Warning: "), text));
}

function warnAbout({ name, lost, complete }) {
	if (lost)
		warn(`${name}: ${plural(lost, "event")} ${lost === 1 ? "was" : "were"} lost: ` +
			"counts may be too small, and steps may be missing.");
	if (!complete)
		warn(`${name} was cut off: what came after its last event is not known.`);
}

function fillLegend() {
	const box = (style, top = 1) => shape(style, `M0 ${top}H22V11H0z`);
	const items = [
		...["start", "flight", "done"].map((name) => [name, box(name)]),
		["wait", box("flight"), box("wait", 6)],
		...MARKS.map((mark) => [mark.title, markShape(mark, 11, 6, 3.5)]),
		["in flight until waited for", shape("area", "M0 11V6H8V2H22V11z")],
		["on the device", shape("device", "M0 6H22")],
		["window", shape("bound", "M0 6H22")],
		["reading ahead", box("read-bar")],
		...["early", "setup", "commit"].map((kind) => [`${kind} pass`, box(`${kind}-bar`)]),
		["critical section, and what falls into it",
			shape("critical-band", "M0 0H22V12H0z"), shape("critical-bar", "M0 0H22V5H0z"),
			shape("critical-edge", "M.75 0V12M21.25 0V12")],
	];

	find("#legend").append(...items.map(([name, ...shapes]) => html("li", {},
		svg("svg", { width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": "true" },
			...shapes),
		SEGMENTS.find((segment) => segment.name === name)?.title ?? name)));
}

/* The page */

let report = null;
let views = [];

function makeView(recording, number) {
	const view = { recording, number, cursor: 0, overview: copyTemplate("overview-template") };

	for (const commit of recording.commits)
		if (!view.commit || commit.caches.length > view.commit.caches.length)
			view.commit = commit;
	find("h2", view.overview).textContent = recording.name;
	define(find(".facts", view.overview), RECORDING_FIELDS, recording);
	find("#overviews").append(view.overview);
	find(".nothing", view.overview).hidden = Boolean(view.commit);
	find(".commits", view.overview).hidden = !view.commit;
	if (view.commit) {
		fillOverview(view);
		makeFigureOf(view);
	}
	return view;
}

function makeFigureOf(view) {
	view.section = copyTemplate("figure-template");
	view.chart = find(".chart", view.section);
	view.readout = find(".readout", view.section);
	find("#figures").append(view.section);
	find(".histograms", view.section).append(
		...HISTOGRAMS.map((each) => histogram(each, view.recording)));
	view.chart.addEventListener("keydown", (event) => onKey(view, event));
	for (const name of ["pointermove", "pointerdown"])
		view.chart.addEventListener(name, (event) => onPointer(view, event));
	showCommit(view);
}

/* The width of the figures decides what fits; the height follows, and must not redraw. */
function redrawOnResize() {
	const figures = find("#figures");
	let width = figures.clientWidth;

	new ResizeObserver(() => {
		if (figures.clientWidth === width)
			return;
		width = figures.clientWidth;
		drawFigures();
	}).observe(figures);
}

function showReport() {
	if (report.version !== 1)
		warn(`these data have version ${report.version}, this page knows version 1.`);
	if (!report.recordings.length)
		warn("there is no recording in this page.");
	report.recordings.forEach(warnAbout);
	report.recordings.forEach(prepare);
	document.body.classList.toggle("two", report.recordings.length === 2);
	find("#legend").hidden = !report.recordings.some((recording) => recording.commits.length);
	fillLegend();
	views = report.recordings.map(makeView);
	showComparison();
	drawFigures();
	find("#same-scales").addEventListener("change", drawFigures);
	redrawOnResize();
}

try {
	report = JSON.parse(find("#data").textContent);
	showReport();
} catch (error) {
	warn("the data in this page cannot be read.");
	throw error;
} finally {
	root.dataset.state = "ready";
}
