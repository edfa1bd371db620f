// SPDX-License-Identifier: GPL-2.0
//
// The behaviour of the page that "twostage report" writes: reads the JSON in the page, draws it.
//
// Rules: plain JavaScript, nothing is loaded.  Text from the data reaches the page as text only,
// never as markup.  A value that is not known is null, and is shown as a dash, never as 0.  Every
// number shown carries the raw one in data-value, with its name in data-field.  Arrays may hold
// 10,000 caches: no spreading of them into arguments, and no element per cache.

"use strict";

const root = document.documentElement;
root.dataset.errors = "0";
window.addEventListener("error", (event) => {
	root.dataset.errors = String(Number(root.dataset.errors) + 1);
	root.dataset.lastError = event.message;
});

/* The places in the array of one cache. */
const GROUP = 0;
const FLAGS = 1;
const BYTES = 2;
const START_BEGIN = 3;
const START_END = 4;
const COMPLETED = 5;
const WAIT_BEGIN = 6;
const WAIT_END = 7;
const HOW = 8;
const RESULT = 9;

const DASH = "\u2013";
const TIME_UNITS = [["ns", 1], ["\u00b5s", 1e3], ["ms", 1e6], ["s", 1e9]];
const BYTE_UNITS = [["B", 1], ["KiB", 1024], ["MiB", 1048576], ["GiB", 1073741824]];
const COUNT_UNITS = [["", 1]];
const ERRNO = {
	1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 11: "EAGAIN", 12: "ENOMEM", 16: "EBUSY",
	17: "EEXIST", 22: "EINVAL", 27: "EFBIG", 28: "ENOSPC", 30: "EROFS", 117: "EUCLEAN",
	122: "EDQUOT",
};

/* In the order in which they are painted, the later over the earlier. */
const SEGMENTS = [
	{ name: "done", title: "done, nobody waits yet" },
	{ name: "flight", title: "in flight" },
	{ name: "start", title: "starting" },
	{ name: "wait", title: "waited for" },
];

const MARKS = [
	{ name: "failed", title: "failed" },
	{ name: "redirtied", title: "redirtied" },
	{ name: "discarded", title: "discarded" },
	{ name: "open", title: "no end in this commit" },
];

const MARGIN = { left: 46, right: 18 };
const LANE = 17;
const PLOT_LEAST = 96;
const PLOT_MOST = 352;
const ROW_MOST = 16;
const ROW_SPLIT = 4;
const IN_FLIGHT_HEIGHT = 96;
const IN_FLIGHT_GAP = 24;
const AXIS_HEIGHT = 36;

let report = null;
let views = [];

function known(value) {
	return value !== null && value !== undefined;
}

/* Numbers as text */

function pickUnit(units, value, digits) {
	let picked = units[0];

	for (const unit of units) {
		if (Number(value.toPrecision(digits)) >= unit[1])
			picked = unit;
	}
	return picked;
}

function decimalsFor(value, digits) {
	const whole = Math.max(1, Math.floor(Math.log10(Math.max(value, 1))) + 1);

	return Math.max(0, digits - whole);
}

function formatWithUnit(units, value, digits) {
	if (!known(value))
		return DASH;
	const unit = pickUnit(units, Math.abs(value), digits);
	const scaled = value / unit[1];
	const decimals = unit[1] === 1 ? 0 : decimalsFor(Math.abs(scaled), digits);
	return `${scaled.toFixed(decimals)} ${unit[0]}`.trim();
}

function formatTime(value) {
	return formatWithUnit(TIME_UNITS, value, 5);
}

function formatShortTime(value) {
	return formatWithUnit(TIME_UNITS, value, 4);
}

function formatBytes(value) {
	return formatWithUnit(BYTE_UNITS, value, 4);
}

function formatPlain(value) {
	return known(value) ? String(value) : DASH;
}

function formatWindow(value) {
	return value === 0 ? "no bound" : formatPlain(value);
}

function formatResult(value) {
	if (known(value) && value < 0 && ERRNO[-value])
		return `${value} ${ERRNO[-value]}`;
	return formatPlain(value);
}

function formatFlags(value) {
	if (!known(value))
		return DASH;
	const names = ["data", "system", "metadata"].filter((name, bit) => value & (1 << bit));
	return names.join(", ") || "none";
}

function formatRatio(first, second) {
	if (!known(first) || !known(second))
		return DASH;
	if (first === second)
		return "=";
	if (!first || !second)
		return DASH;
	const ratio = second < first ? first / second : second / first;
	const text = ratio < 1000 ? ratio.toPrecision(3) : String(Math.round(ratio));
	return (second < first ? "\u00f7" : "\u00d7") + text;
}

function plural(count, noun) {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/* What is shown of a commit, of a pass and of a cache */

function passLength(pass) {
	return known(pass.begin) && known(pass.end) ? pass.end - pass.begin : null;
}

function sumOrNull(values) {
	let sum = 0;

	for (const value of values) {
		if (!known(value))
			return null;
		sum += value;
	}
	return sum;
}

function passesOf(commit, ...kinds) {
	return commit.passes.filter((pass) => kinds.includes(pass.kind));
}

function sumOfLengths(...kinds) {
	return (commit) => sumOrNull(passesOf(commit, ...kinds).map(passLength));
}

function sumOfPasses(field) {
	return (commit) => sumOrNull(commit.passes.map((pass) => pass[field]));
}

function difference(begin, end) {
	return (cache) =>
		known(cache[begin]) && known(cache[end]) ? cache[end] - cache[begin] : null;
}

function field(name, label, format, value) {
	return { name, label, format, value: value || ((object) => object[name]) };
}

const COMMIT_FIELDS = [
	field("transid", "transaction", formatPlain),
	field("policy", "policy", formatPlain),
	field("window", "window", formatWindow),
	field("result", "result", formatResult),
	field("whole_ns", "whole commit", formatTime),
	field("critical_ns", "critical section", formatTime),
	field("early_ns", "early passes", formatTime, sumOfLengths("early")),
	field("setup_commit_ns", "setup and commit passes", formatTime,
		sumOfLengths("setup", "commit")),
	field("start_ns", "start steps", formatTime, sumOfPasses("start_ns")),
	field("wait_ns", "waiting in passes", formatTime, sumOfPasses("wait_ns")),
	field("bytes", "bytes", formatBytes),
	field("num_started", "started", formatPlain),
	field("num_waited", "waited for", formatPlain),
	field("num_redirtied", "redirtied", formatPlain),
	field("num_skipped", "skipped", formatPlain),
	field("num_discarded", "discarded", formatPlain),
	field("peak_in_flight", "most in flight", formatPlain),
];

const PASS_FIELDS = [
	field("kind", "pass", formatPlain),
	field("length_ns", "length", formatShortTime, passLength),
	field("dirty", "dirty", formatPlain),
	field("num_started", "started", formatPlain),
	field("num_waited", "waited", formatPlain),
	field("peak_in_flight", "most", formatPlain),
	field("start_ns", "starting", formatShortTime),
	field("wait_ns", "waiting", formatShortTime),
	field("result", "result", formatResult),
];

const CACHE_FIELDS = [
	field("block_group", "block group", formatPlain, (cache) => cache[GROUP]),
	field("flags", "kind", formatFlags, (cache) => cache[FLAGS]),
	field("bytes", "bytes", formatBytes, (cache) => cache[BYTES]),
	field("start_begin", "start at", formatTime, (cache) => cache[START_BEGIN]),
	field("start_ns", "start step", formatTime, difference(START_BEGIN, START_END)),
	field("completed", "completed at", formatTime, (cache) => cache[COMPLETED]),
	field("flight_ns", "on the device", formatTime, difference(START_END, COMPLETED)),
	field("wait_begin", "wait at", formatTime, (cache) => cache[WAIT_BEGIN]),
	field("wait_ns", "waited", formatTime, difference(WAIT_BEGIN, WAIT_END)),
	field("how", "waited for by", formatPlain, (cache) => cache[HOW]),
	field("result", "result", formatResult, (cache) => cache[RESULT]),
];

/* The passes of a narrow page do without these. */
const PASS_LEVELS = { dirty: "scant", start_ns: "scant", result: "scarce", wait_ns: "scarce" };

/* These are moments, shown from the beginning of the commit as in the figure. */
const MOMENTS = ["start_begin", "completed", "wait_begin"];

const COLUMNS = [
	{ name: "transid", title: "transid", units: null },
	{ name: "policy", title: "policy", units: null, text: true },
	{ name: "window", title: "window", units: null, level: "spare" },
	{ name: "whole_ns", title: "whole", units: TIME_UNITS },
	{ name: "critical_ns", title: "critical", units: TIME_UNITS },
	{ name: "early_ns", title: "early", units: TIME_UNITS, level: "scant" },
	{ name: "setup_commit_ns", title: "setup, commit", units: TIME_UNITS, level: "scant" },
	{ name: "num_started", title: "started", units: null, level: "scarce" },
	{ name: "num_waited", title: "waited", units: null, level: "rare" },
	{ name: "peak_in_flight", title: "most", units: null, level: "scarce" },
	{ name: "bytes", title: "bytes", units: BYTE_UNITS, level: "rare" },
	{ name: "result", title: "result", units: null },
];

const COMPARED = [
	"whole_ns", "critical_ns", "early_ns", "setup_commit_ns", "wait_ns", "peak_in_flight",
];
const COMPARED_IN_SENTENCES = ["critical_ns", "whole_ns", "setup_commit_ns"];

const HISTOGRAMS = [
	{ name: "wait_ns", title: "wait for one cache", units: TIME_UNITS },
	{ name: "in_flight", title: "caches in flight", units: COUNT_UNITS },
	{ name: "early_ns", title: "early pass", units: TIME_UNITS },
	{ name: "commit_ns", title: "commit pass", units: TIME_UNITS },
];

function commitField(name) {
	return COMMIT_FIELDS.find((each) => each.name === name);
}

/* Elements */

function element(name, properties, ...children) {
	const made = document.createElement(name);

	for (const [key, value] of Object.entries(properties || {}))
		made.setAttribute(key, value);
	made.append(...children);
	return made;
}

function shape(name, attributes, text) {
	const made = document.createElementNS("http://www.w3.org/2000/svg", name);

	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, value);
	if (text !== undefined)
		made.textContent = text;
	return made;
}

/* anchor: where of the text x is; style: a class */
function label(x, y, text, style, anchor) {
	return shape("text", {
		x: x.toFixed(2), y: y.toFixed(2),
		class: style || "", "text-anchor": anchor || "start",
	}, text);
}

function setValue(target, name, value, text) {
	target.dataset.field = name;
	target.dataset.value = known(value) ? String(value) : "";
	target.textContent = text;
	return target;
}

function definition(name, label, value, text) {
	return element("div", null, element("dt", null, label),
		setValue(element("dd"), name, value, text));
}

function copyTemplate(id) {
	return document.getElementById(id).content.cloneNode(true).firstElementChild;
}

const measuring = document.createElement("canvas").getContext("2d");

function textWidth(text) {
	measuring.font = `11px ${getComputedStyle(document.body).fontFamily}`;
	return measuring.measureText(text).width;
}

/* Scales and axes */

function niceStep(span, count, least) {
	const rough = Math.max(span / Math.max(count, 1), least);
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);

	return Math.max(step * power, least);
}

function ticksUpTo(most, step) {
	const ticks = [];

	for (let index = 0; index * step <= most * 1.0001; index++)
		ticks.push(index * step);
	return ticks;
}

function linearScale(most, from, to) {
	const factor = most > 0 ? (to - from) / most : 0;
	const low = Math.min(from, to);
	const high = Math.max(from, to);

	return (value) => Math.min(high, Math.max(low, from + value * factor));
}

/*
 * The part of time a commit is drawn in.  Its own ends bound it, so that a cache that somebody
 * waits for seconds later does not press the rest into a corner.
 */
function commitExtent(commit) {
	let first = Infinity;
	let last = -Infinity;
	const include = (time) => {
		if (known(time)) {
			first = Math.min(first, time);
			last = Math.max(last, time);
		}
	};

	for (const object of [commit, ...commit.passes]) {
		include(object.begin);
		include(object.end);
	}
	include(commit.critical_begin);
	include(commit.critical_end);
	for (const cache of commit.caches) {
		for (let place = START_BEGIN; place <= WAIT_END; place++)
			include(cache[place]);
	}
	if (first === Infinity)
		return { first: 0, last: 0, span: 0 };
	first = known(commit.begin) ? commit.begin : first;
	last = known(commit.end) ? commit.end : last;
	return { first, last, span: Math.max(0, last - first) };
}

/* An interval of which one end is not known reaches to that end of the commit. */
function closeInterval(begin, end, extent) {
	if (!known(begin) && !known(end))
		return null;
	return {
		begin: (known(begin) ? begin : extent.first) - extent.first,
		end: (known(end) ? end : extent.last) - extent.first,
		beginKnown: known(begin),
		endKnown: known(end),
	};
}

/* Steps of caches */

function firstKnown(...values) {
	return values.find(known);
}

/* [begin, end] of a step of a cache, from the beginning of the commit; null: no such step. */
function segmentOf(cache, name, extent) {
	let begin = null;
	let end = null;

	if (name === "start") {
		begin = cache[START_BEGIN];
		end = firstKnown(cache[START_END], cache[COMPLETED], cache[WAIT_BEGIN],
			extent.last);
	} else if (name === "flight") {
		begin = cache[START_END];
		end = firstKnown(cache[COMPLETED], cache[WAIT_END], extent.last);
	} else if (name === "done") {
		begin = cache[COMPLETED];
		end = firstKnown(cache[WAIT_BEGIN], cache[WAIT_END], extent.last);
	} else {
		begin = cache[WAIT_BEGIN];
		end = firstKnown(cache[WAIT_END], extent.last);
	}
	if (!known(begin) || end < begin)
		return null;
	return name === "done" && end === begin ? null : [begin - extent.first, end - extent.first];
}

function markOf(cache, extent) {
	if (known(cache[RESULT]) && cache[RESULT] < 0)
		return "failed";
	if (cache[HOW] === "redirtied" || cache[HOW] === "discarded")
		return cache[HOW];
	/* A wait after the end of the commit is as little in the figure as one never recorded. */
	return !known(cache[WAIT_END]) || cache[WAIT_END] > extent.last ? "open" : null;
}

function endOf(cache, extent) {
	const end = firstKnown(cache[WAIT_END], extent.last);

	return Math.min(end, extent.last) - extent.first;
}

/* The intervals of one step in a row; a row stands for several caches if there are many. */
function intervalsOfRow(caches, first, last, name, extent, x) {
	const intervals = [];

	for (let index = first; index < last; index++) {
		const segment = segmentOf(caches[index], name, extent);
		if (segment) {
			const left = x(segment[0]);
			intervals.push([left, Math.max(x(segment[1]), left + 1)]);
		}
	}
	return mergeIntervals(intervals);
}

function mergeIntervals(intervals) {
	const merged = [];

	intervals.sort((a, b) => a[0] - b[0]);
	for (const interval of intervals) {
		const before = merged[merged.length - 1];
		if (before && interval[0] <= before[1] + 0.5)
			before[1] = Math.max(before[1], interval[1]);
		else
			merged.push(interval);
	}
	return merged;
}

function segmentPath(plot, name) {
	const half = name === "wait" && plot.pitch >= ROW_SPLIT;
	const height = plot.pitch >= 3 ? plot.pitch - 1 : plot.pitch;
	const offset = half ? height / 2 : 0;
	const parts = [];

	for (let row = 0; row < plot.rows; row++) {
		const first = Math.floor(row * plot.count / plot.rows);
		const last = Math.floor((row + 1) * plot.count / plot.rows);
		const top = (plot.top + row * plot.pitch + offset).toFixed(2);
		const tall = (height - offset).toFixed(2);
		for (const [left, right] of
			intervalsOfRow(plot.caches, first, last, name, plot.extent, plot.x)) {
			const wide = (right - left).toFixed(2);
			parts.push(`M${left.toFixed(2)} ${top}h${wide}v${tall}h-${wide}z`);
		}
	}
	return parts.join("");
}

function markPath(name, x, y, size) {
	const wide = 2 * size;

	if (name === "failed")
		return `M${x - size} ${y - size}l${wide} ${wide}m0 -${wide}l-${wide} ${wide}`;
	if (name === "redirtied")
		return `M${x} ${y - size}l${size} ${wide}h-${wide}z`;
	if (name === "discarded")
		return `M${x - size} ${y}a${size} ${size} 0 1 0 ${wide} 0` +
			`a${size} ${size} 0 1 0 -${wide} 0z`;
	return `M${x - size / 2} ${y - size}l${size} ${size}l-${size} ${size}`;
}

function isOpenMark(name) {
	return name === "failed" || name === "open";
}

function markShape(name, x, y, size) {
	return shape("path", {
		class: isOpenMark(name) ? "mark open" : "mark", d: markPath(name, x, y, size),
	});
}

/* Where rows are too thin for it, a mark stands for its neighbours as well. */
function drawMarks(svg, plot) {
	const size = Math.min(3.5, Math.max(2.25, Math.floor(plot.pitch) / 2 - 0.25));
	const last = {};

	for (let index = 0; index < plot.count; index++) {
		const name = markOf(plot.caches[index], plot.extent);
		const y = rowMiddle(plot, index);
		if (!name || y < last[name] + 2 * size)
			continue;
		last[name] = y;
		const x = plot.x(endOf(plot.caches[index], plot.extent)) + 7;
		svg.append(markShape(name, Number(x.toFixed(2)), Number(y.toFixed(2)), size));
	}
}

function rowMiddle(plot, index) {
	const row = Math.min(plot.rows - 1, Math.floor((index + 0.5) * plot.rows / plot.count));

	return plot.top + (row + 0.5) * plot.pitch;
}

/* How many are in flight */

function sortedTimes(caches, value) {
	const times = new Float64Array(caches.length);
	let count = 0;

	for (const cache of caches) {
		const time = value(cache);
		if (known(time))
			times[count++] = time;
	}
	return times.subarray(0, count).sort();
}

/*
 * Ends go before beginnings at the same time, so a serial commit never shows two.  A cache whose
 * completion is not recorded had left the device when the wait for it ended.
 */
function stepsInFlight(caches, endPlace, extent) {
	const begins = sortedTimes(caches, (cache) => cache[START_END]);
	const ends = sortedTimes(caches, (cache) => known(cache[START_END]) ?
		firstKnown(cache[endPlace], cache[WAIT_END]) : null);
	const steps = [];
	let begin = 0;
	let end = 0;

	while (begin < begins.length || end < ends.length) {
		const isEnd = end < ends.length &&
			(begin >= begins.length || ends[end] <= begins[begin]);
		const time = isEnd ? ends[end++] : begins[begin++];
		if (time > extent.last)
			break;
		steps.push([time - extent.first, begin - end]);
	}
	return steps;
}

function mostOf(steps) {
	return steps.reduce((most, step) => Math.max(most, step[1]), 0);
}

/* More steps than pixels: the most in each pixel, which is what counts against a bound. */
function thinSteps(steps, x, width) {
	if (steps.length < 3 * width)
		return steps.map((step) => [x(step[0]), step[1]]);
	const thin = [];
	let current = 0;

	for (const step of steps) {
		const column = Math.floor(x(step[0]));
		const last = thin[thin.length - 1];
		if (last && last[0] === column)
			last[1] = Math.max(last[1], step[1]);
		else
			thin.push([column, Math.max(current, step[1])]);
		current = step[1];
	}
	if (thin.length)
		thin.push([thin[thin.length - 1][0] + 1, current]);
	return thin;
}

function stepPath(points, y, end, closed) {
	if (!points.length)
		return "";
	const parts = [`M${points[0][0].toFixed(2)} ${y(0).toFixed(2)}`];

	for (const point of points)
		parts.push(`H${point[0].toFixed(2)}V${y(point[1]).toFixed(2)}`);
	if (points[points.length - 1][1] > 0)
		parts.push(`H${end.toFixed(2)}`);
	if (closed)
		parts.push(`V${y(0).toFixed(2)}z`);
	return parts.join("");
}

/* The bands of the passes and of the critical section */

/* From the longest to the shortest, to take what there is room for. */
function passLabels(pass) {
	const name = pass.number > 1 ? `${pass.kind} pass ${pass.number}` : `${pass.kind} pass`;
	const length = passLength(pass);

	return known(length) ? [`${name} ${formatShortTime(length)}`, name, pass.kind] :
		[name, pass.kind];
}

function passBars(commit, extent, x, kinds, top) {
	const bars = [];

	for (const pass of passesOf(commit, ...kinds)) {
		const interval = closeInterval(pass.begin, pass.end, extent);
		if (!interval)
			continue;
		bars.push(makeBar(interval, x, top, `${pass.kind}-bar`, passLabels(pass)));
	}
	return bars;
}

function makeBar(interval, x, top, style, labels) {
	const left = x(interval.begin);

	return { left, right: Math.max(x(interval.end), left + 1.5), top, style, labels, interval };
}

function criticalBar(commit, extent, x, top) {
	const interval = closeInterval(commit.critical_begin, commit.critical_end, extent);

	if (!interval)
		return null;
	const labels = known(commit.critical_ns) ?
		[`critical section ${formatShortTime(commit.critical_ns)}`, "critical section"] :
		["critical section, not all recorded", "critical section"];
	labels.push("critical");
	return makeBar(interval, x, top, "critical-bar", labels);
}

function isFree(left, right, taken, own) {
	return taken.every((other) => other === own || right < other.left || left > other.right);
}

/* A label stands in its bar, or beside it where nothing else is; or it is left out. */
function placeLabel(bar, taken, plot) {
	for (const text of bar.labels) {
		const width = textWidth(text) + 2;
		const after = bar.right + 3;
		const before = bar.left - 3 - width;
		if (width + 6 <= bar.right - bar.left)
			return { text, left: bar.left + 4, right: bar.left + 4 + width };
		if (after + width <= plot.right && isFree(after, after + width, taken, bar))
			return { text, left: after, right: after + width };
		if (before >= plot.left && isFree(before, before + width, taken, bar))
			return { text, left: before, right: before + width };
	}
	return null;
}

function drawLane(svg, bars, plot) {
	const taken = bars.slice();

	for (const bar of bars) {
		svg.append(shape("rect", {
			class: bar.style, x: bar.left.toFixed(2), y: bar.top,
			width: (bar.right - bar.left).toFixed(2), height: LANE - 2,
		}));
	}
	for (const bar of bars) {
		const place = placeLabel(bar, taken, plot);
		if (!place)
			continue;
		taken.push(place);
		svg.append(label(place.left, bar.top + 11.5, place.text));
	}
}

/* Two pieces: the labels above them, and the heading between them, stand on paper. */
function drawBand(svg, bar, style, plot) {
	const wide = (bar.right - bar.left).toFixed(2);
	const left = bar.left.toFixed(2);

	svg.append(shape("path", {
		class: style,
		d: `M${left} ${plot.top}h${wide}V${plot.rowsBottom}h-${wide}z` +
			`M${left} ${plot.flightTop}h${wide}V${plot.bottom}h-${wide}z`,
	}));
}

function drawCriticalEdges(svg, bar, plot) {
	const edge = (x) => `M${x.toFixed(2)} ${plot.top}V${plot.rowsBottom}` +
		`M${x.toFixed(2)} ${plot.flightTop}V${plot.bottom}`;

	svg.append(shape("path", {
		class: "critical-edge",
		d: (bar.interval.beginKnown ? edge(bar.left) : "") +
			(bar.interval.endKnown ? edge(bar.right) : ""),
	}));
}

/* The figure of a commit */

function plotHeightFor(count) {
	return Math.min(PLOT_MOST, Math.max(PLOT_LEAST, count * 5.5));
}

function makePlot(commit, extent, width, scales) {
	const left = MARGIN.left;
	const right = width - MARGIN.right;
	const top = 2 * LANE + 4;
	const count = commit.caches.length;
	const rows = Math.min(count, Math.floor(scales.plotHeight));

	return {
		commit, caches: commit.caches, count, rows, extent, left, right, top, width,
		pitch: rows ? Math.min(ROW_MOST, scales.plotHeight / rows) : 0,
		rowsBottom: top + scales.plotHeight,
		flightTop: top + scales.plotHeight + IN_FLIGHT_GAP,
		bottom: top + scales.plotHeight + IN_FLIGHT_GAP + IN_FLIGHT_HEIGHT,
		x: linearScale(scales.span, left, right),
		scales,
	};
}

function drawBands(svg, plot) {
	const early = passBars(plot.commit, plot.extent, plot.x, ["early"], 0);
	const critical = criticalBar(plot.commit, plot.extent, plot.x, 0);
	const inner = passBars(plot.commit, plot.extent, plot.x, ["setup", "commit"], LANE);

	early.forEach((bar) => drawBand(svg, bar, "early-band", plot));
	if (critical)
		drawBand(svg, critical, "critical-band", plot);
	/* The critical section first: its label is the one that has to find room. */
	drawLane(svg, critical ? [critical, ...early] : early, plot);
	drawLane(svg, inner, plot);
	if (critical)
		drawCriticalEdges(svg, critical, plot);
}

function drawTimeAxis(svg, plot) {
	const unit = pickUnit(TIME_UNITS, plot.scales.span || 1, 6);
	const span = plot.scales.span / unit[1];
	const step = niceStep(span, Math.floor((plot.right - plot.left) / 70), 1 / unit[1]);
	const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 0.001));
	const lines = [];

	for (const tick of ticksUpTo(span, step)) {
		const x = plot.x(tick * unit[1]);
		lines.push(`M${x.toFixed(2)} ${plot.bottom}v5`);
		svg.append(label(x, plot.bottom + 16, tick.toFixed(decimals), "quiet", "middle"));
	}
	lines.push(`M${plot.left} ${plot.bottom}H${plot.right}`);
	svg.append(shape("path", { class: "axis", d: lines.join("") }));
	svg.append(label(plot.right, plot.bottom + 31, `${unit[0]} since the commit began`, "quiet",
		"end"));
}

/* Caches are counted from 1, so the ticks are 1, 10, 20 and not 0, 10, 20. */
function drawCacheAxis(svg, plot) {
	const step = niceStep(plot.count, 6, 1);
	const lines = [`M${plot.left} ${plot.top}V${plot.rowsBottom}H${plot.right}`];

	for (const tick of ticksUpTo(plot.count, step)) {
		const y = rowMiddle(plot, Math.max(0, tick - 1));
		lines.push(`M${plot.left} ${y.toFixed(2)}h-4`);
		svg.append(label(plot.left - 7, y + 4, String(Math.max(1, tick)), "quiet", "end"));
	}
	svg.append(shape("path", { class: "axis", d: lines.join("") }));
	svg.append(label(0, plot.top - 8, "cache", "quiet"));
}

function drawCaches(svg, plot) {
	for (const { name } of SEGMENTS)
		svg.append(shape("path", { class: name, d: segmentPath(plot, name) }));
	drawMarks(svg, plot);
}

function inFlightHeading(plot) {
	const each = plot.count > plot.rows ?
		`; above, a row is ${(plot.count / plot.rows).toFixed(0)} caches` : "";

	return `caches in flight${each}`;
}

function drawInFlight(svg, plot) {
	const most = Math.max(plot.scales.inFlight, 1);
	const y = linearScale(most, plot.bottom, plot.flightTop);
	const wide = plot.right - plot.left;
	const end = plot.x(plot.extent.span);
	const waited = thinSteps(stepsInFlight(plot.caches, WAIT_END, plot.extent), plot.x, wide);
	const device = thinSteps(stepsInFlight(plot.caches, COMPLETED, plot.extent), plot.x, wide);

	drawInFlightGrid(svg, plot, y, most);
	svg.append(shape("path", { class: "area", d: stepPath(waited, y, end, true) }));
	svg.append(shape("path", { class: "device", d: stepPath(device, y, end, false) }));
	if (plot.commit.window > 0 && plot.commit.window <= most)
		svg.append(shape("path", {
			class: "bound", d: `M${plot.left} ${y(plot.commit.window)}H${plot.right}`,
		}));
	svg.append(label(plot.left + 4, plot.flightTop - 7, inFlightHeading(plot), "heading"));
}

function drawInFlightGrid(svg, plot, y, most) {
	const lines = [];

	for (const tick of ticksUpTo(most, niceStep(most, 4, 1))) {
		lines.push(`M${plot.left - 4} ${y(tick).toFixed(2)}H${plot.right}`);
		svg.append(label(plot.left - 7, y(tick) + 4, String(tick), "quiet", "end"));
	}
	svg.append(shape("path", { class: "grid", d: lines.join("") }));
	svg.append(shape("path", {
		class: "axis", d: `M${plot.left} ${plot.flightTop}V${plot.bottom}`,
	}));
}

function drawNoCaches(svg, plot) {
	svg.append(label(plot.left + 8, plot.top + 24, "No cache was written in this commit."));
}

function drawFigure(view, scales) {
	const width = Math.max(280, view.chart.clientWidth);
	const commit = view.recording.commits[view.selected];
	const plot = makePlot(commit, view.extent, width, scales);
	const height = plot.bottom + AXIS_HEIGHT;
	const svg = shape("svg", {
		viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
		"aria-label": `${plural(plot.count, "cache")}, at most ` +
			`${commit.peak_in_flight} in flight`,
	});

	drawBands(svg, plot);
	if (plot.count) {
		drawCacheAxis(svg, plot);
		drawCaches(svg, plot);
	} else {
		drawNoCaches(svg, plot);
	}
	drawInFlight(svg, plot);
	drawTimeAxis(svg, plot);
	view.plot = plot;
	view.cursorShape = shape("g", { class: "cursor" });
	svg.append(view.cursorShape);
	view.chart.replaceChildren(svg);
	drawCursor(view);
}

/* The cursor and what it reads out */

function drawCursor(view) {
	const plot = view.plot;

	view.cursorShape.replaceChildren();
	if (!plot.count)
		return;
	const y = rowMiddle(plot, view.cursor);
	const tall = Math.max(plot.pitch, 3);
	view.cursorShape.append(
		shape("rect", {
			x: plot.left, y: (y - tall / 2 - 0.5).toFixed(2),
			width: plot.right - plot.left, height: tall.toFixed(2),
		}),
		shape("path", { class: "pointer", d: `M${plot.left} ${y.toFixed(2)}l-6 -4v8z` }));
}

function cacheText(each, cache, extent) {
	const value = each.value(cache);

	if (MOMENTS.includes(each.name) && known(value))
		return each.format(value - extent.first);
	return each.format(value);
}

function showReadout(view) {
	const commit = view.recording.commits[view.selected];
	const cache = commit.caches[view.cursor];
	const count = commit.caches.length;

	view.readout.replaceChildren();
	view.chart.setAttribute("aria-valuemax", Math.max(1, count));
	view.chart.setAttribute("aria-valuenow", Math.min(count, view.cursor + 1) || 1);
	view.chart.setAttribute("aria-valuetext",
		cache ? `cache ${view.cursor + 1} of ${count}` : "no cache");
	if (!cache)
		return;
	view.readout.append(definition("cache", "cache", view.cursor + 1,
		`${view.cursor + 1} of ${count}`));
	for (const each of CACHE_FIELDS)
		view.readout.append(definition(each.name, each.label, each.value(cache),
			cacheText(each, cache, view.extent)));
}

function moveCursor(view, index, byPointer) {
	const last = view.recording.commits[view.selected].caches.length - 1;
	const wanted = Math.max(0, Math.min(last, index));

	if (wanted === view.cursor && byPointer)
		return;
	/* Speaking every row that a mouse passes over would be noise. */
	view.readout.setAttribute("aria-live", byPointer ? "off" : "polite");
	view.cursor = wanted;
	drawCursor(view);
	showReadout(view);
}

function keyTarget(key, cursor, count) {
	const page = Math.max(2, Math.round(count / 20));

	switch (key) {
	case "ArrowDown":
	case "ArrowRight":
		return cursor + 1;
	case "ArrowUp":
	case "ArrowLeft":
		return cursor - 1;
	case "PageDown":
		return cursor + page;
	case "PageUp":
		return cursor - page;
	case "Home":
		return 0;
	case "End":
		return count - 1;
	}
	return null;
}

function onChartKey(view, event) {
	if (event.altKey || event.ctrlKey || event.metaKey)
		return;
	const target = keyTarget(event.key, view.cursor,
		view.recording.commits[view.selected].caches.length);
	if (target === null)
		return;
	event.preventDefault();
	moveCursor(view, target, false);
}

function onChartPointer(view, event) {
	const box = view.chart.firstElementChild.getBoundingClientRect();
	const y = (event.clientY - box.top) * (view.plot.bottom + AXIS_HEIGHT) / box.height;
	const row = Math.floor((y - view.plot.top) / view.plot.pitch);

	if (row < 0 || row >= view.plot.rows)
		return;
	moveCursor(view, Math.floor(row * view.plot.count / view.plot.rows), true);
}

/* Histograms */

function bucketIndex(least) {
	return least < 1 ? 0 : Math.round(Math.log2(least)) + 1;
}

function bucketLeast(index) {
	return index === 0 ? 0 : 2 ** (index - 1);
}

function formatBucket(units, value) {
	const unit = pickUnit(units, value, 2);
	const scaled = value / unit[1];

	if (unit[1] === 1 && units !== TIME_UNITS)
		return String(value);
	return `${Number(scaled.toPrecision(scaled < 10 ? 2 : 3))} ${unit[0]}`;
}

/* Two recordings share the range, so that a shift to the left is a shift in time. */
function histogramRange(name) {
	let first = Infinity;
	let last = -Infinity;

	for (const recording of report.recordings) {
		for (const [least] of recording.histograms[name] || []) {
			first = Math.min(first, bucketIndex(least));
			last = Math.max(last, bucketIndex(least));
		}
	}
	return first === Infinity ? null : { first, last };
}

function describeHistogram(kind, buckets) {
	let total = 0;
	let tallest = [0, 0];

	for (const bucket of buckets) {
		total += bucket[1];
		if (bucket[1] > tallest[1])
			tallest = bucket;
	}
	const most = total ? `, most from ${formatBucket(kind.units, tallest[0])}` : "";
	return { total, tallest: tallest[1], text: plural(total, "value") + most };
}

function drawHistogram(kind, buckets, width) {
	const height = 118;
	const top = 34;
	const bottom = height - 20;
	const range = histogramRange(kind.name);
	const about = describeHistogram(kind, buckets);
	const svg = shape("svg", {
		viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
		"aria-label": `${kind.title}: ${about.text}`,
	});

	svg.append(label(0, 11, kind.title, "heading"), label(0, 26, about.text, "quiet"));
	if (range && about.total)
		drawBars(svg, kind, buckets, range,
			{ width, top, bottom, y: linearScale(about.tallest, bottom, top) });
	svg.append(shape("path", { class: "axis", d: `M0 ${bottom}H${width}` }));
	return svg;
}

function drawBars(svg, kind, buckets, range, frame) {
	const slots = range.last - range.first + 1;
	const slot = Math.min(44, frame.width / slots);
	const group = shape("g", { class: "flight" });

	for (const [least, count] of buckets) {
		const left = (bucketIndex(least) - range.first) * slot + 0.5;
		const top = Math.min(frame.y(count), frame.bottom - (count ? 1 : 0));
		group.append(shape("rect", {
			x: left.toFixed(2), width: Math.max(1, slot - 1).toFixed(2),
			y: top.toFixed(2), height: (frame.bottom - top).toFixed(2),
		}));
	}
	svg.append(group);
	labelBuckets(svg, kind, range, slot, frame);
}

/* A label stands at the left edge of a bar: it is the least value that the bar counts. */
function labelBuckets(svg, kind, range, slot, frame) {
	let free = 0;
	const lines = [];

	for (let index = range.first; index <= range.last; index++) {
		const x = (index - range.first) * slot;
		const text = formatBucket(kind.units, bucketLeast(index));
		const width = textWidth(text);
		if (x < free || x + width > frame.width)
			continue;
		lines.push(`M${(x + 0.5).toFixed(2)} ${frame.bottom}v5`);
		svg.append(label(x, frame.bottom + 16, text, "quiet"));
		free = x + width + 14;
	}
	svg.append(shape("path", { class: "axis", d: lines.join("") }));
}

function drawHistograms(view) {
	const box = view.section.querySelector(".histograms");

	/* All cells first: how many there are decides how wide they are. */
	const cells = HISTOGRAMS.map(() => element("div"));

	box.replaceChildren(...cells);
	const width = Math.max(160, cells[0].clientWidth || 240);
	HISTOGRAMS.forEach((kind, index) => cells[index].append(
		drawHistogram(kind, view.recording.histograms[kind.name] || [], width)));
}

function countRow(kind, [least, count]) {
	return element("tr", null,
		setValue(element("td"), "least", least, formatBucket(kind.units, least)),
		setValue(element("td"), "count", count, String(count)));
}

function fillCounts(view) {
	const box = view.section.querySelector(".count-tables");

	for (const kind of HISTOGRAMS) {
		const heads = ["from", "count"].map((text) =>
			element("th", { scope: "col" }, text));
		const rows = (view.recording.histograms[kind.name] || []).map((bucket) =>
			countRow(kind, bucket));
		box.append(element("table", { "data-histogram": kind.name },
			element("caption", null, kind.title),
			element("thead", null, element("tr", null, ...heads)),
			element("tbody", null, ...rows)));
	}
}

/* Overview */

function policiesOf(recording) {
	const seen = new Set();

	for (const commit of recording.commits)
		seen.add(commit.policy);
	return [...seen].join(", ");
}

function fillFacts(view) {
	const recording = view.recording;
	const names = recording.filesystems;
	const policies = policiesOf(recording);
	const plain = (name) =>
		definition(name, name, recording[name], formatPlain(recording[name]));

	view.overview.querySelector(".facts").append(
		definition("policies", "policy", policies, policies || DASH),
		definition("num_commits", "commits", recording.commits.length,
			String(recording.commits.length)),
		plain("kernel"), plain("module"), plain("recorded"),
		definition("filesystems", names.length > 1 ? "filesystems" : "filesystem",
			names.join(" "), names.join(", ") || DASH));
}

function columnScale(column, commits) {
	const each = commitField(column.name);
	let largest = 0;

	if (!column.units)
		return null;
	for (const commit of commits)
		largest = Math.max(largest, each.value(commit) || 0);
	const unit = pickUnit(column.units, largest, 4);
	const decimals = unit[1] === 1 ? 0 : Math.min(2, decimalsFor(largest / unit[1], 4));
	return { unit, decimals };
}

function columnText(column, scale, value) {
	if (!known(value))
		return DASH;
	if (scale)
		return (value / scale.unit[1]).toFixed(scale.decimals);
	if (column.name === "window" && value === 0)
		return "\u221e";
	return String(value);
}

function columnHeading(column, scale) {
	const heading = element("th", { scope: "col", class: columnClass(column) }, column.title);

	if (scale)
		heading.append(element("span", { class: "unit" }, scale.unit[0]));
	return heading;
}

function columnClass(column) {
	return `${column.text ? "text" : ""} ${column.level || ""}`.trim();
}

/* Which file system a commit belongs to matters only where there are several. */
function filesystemColumn(recording) {
	if (recording.filesystems.length < 2)
		return [];
	return [{ name: "fsid", title: "filesystem", units: null, text: true, level: "spare" }];
}

function cellOf(column, scale, commit, recording) {
	const cell = element("td", { class: columnClass(column) });

	if (column.name === "fsid")
		return setValue(cell, "fsid", commit.fsid,
			formatPlain(recording.filesystems[commit.fsid]).slice(-6));
	const value = commitField(column.name).value(commit);
	return setValue(cell, column.name, value, columnText(column, scale, value));
}

function overviewRow(view, columns, scales, index) {
	const commit = view.recording.commits[index];
	const radio = element("input", {
		type: "radio", name: `commit-${view.number}`, value: index, autocomplete: "off",
		"aria-label": `transaction ${commit.transid}, ` +
			plural(commit.caches.length, "cache"),
	});
	const row = element("tr", { "data-index": index }, element("td", null, radio));

	columns.forEach((column, place) =>
		row.append(cellOf(column, scales[place], commit, view.recording)));
	radio.addEventListener("change", () => selectCommit(view, index));
	row.addEventListener("click", (event) => {
		if (event.target !== radio)
			radio.click();
	});
	return row;
}

function fillOverview(view) {
	const table = view.overview.querySelector("table");
	const commits = view.recording.commits;
	const columns = [COLUMNS[0], ...filesystemColumn(view.recording), ...COLUMNS.slice(1)];
	const scales = columns.map((column) =>
		column.name === "fsid" ? null : columnScale(column, commits));
	const head = element("tr", null,
		element("th", { scope: "col" }, element("span", { class: "unseen" }, "shown")));
	const rows = document.createDocumentFragment();

	columns.forEach((column, place) => head.append(columnHeading(column, scales[place])));
	for (let index = 0; index < commits.length; index++)
		rows.append(overviewRow(view, columns, scales, index));
	table.tHead.append(head);
	table.tBodies[0].append(rows);
}

function markSelectedRow(view) {
	const box = view.overview.querySelector(".commits");
	const rows = view.overview.querySelector("tbody").rows;

	for (const row of rows)
		row.classList.toggle("selected", Number(row.dataset.index) === view.selected);
	const row = rows[view.selected];
	row.querySelector("input").checked = true;
	/* scrollIntoView() would move the whole page as well. */
	const headHeight = view.overview.querySelector("thead").offsetHeight;
	if (row.offsetTop < box.scrollTop + headHeight ||
		row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight)
		box.scrollTop = row.offsetTop - headHeight - 2 * row.offsetHeight;
}

/* The selected commit */

function fillNumbers(view) {
	const commit = view.recording.commits[view.selected];
	const list = view.section.querySelector(".numbers");

	list.replaceChildren(...COMMIT_FIELDS.map((each) => {
		const value = each.value(commit);
		return definition(each.name, each.label, value, each.format(value));
	}));
}

function passClass(each) {
	if (each.name === "kind")
		return "text";
	return PASS_LEVELS[each.name] || "";
}

function passName(pass) {
	return pass.number > 1 ? `${pass.kind} ${pass.number}` : pass.kind;
}

function passRow(pass) {
	return element("tr", { "data-number": pass.number }, ...PASS_FIELDS.map((each) => {
		const value = each.value(pass);
		return setValue(element("td", { class: passClass(each) }), each.name, value,
			each.name === "kind" ? passName(pass) : each.format(value));
	}));
}

function fillPasses(view) {
	const table = view.section.querySelector(".passes table");

	table.tHead.replaceChildren(element("tr", null, ...PASS_FIELDS.map((each) =>
		element("th", { scope: "col", class: passClass(each) }, each.label))));
	table.tBodies[0].replaceChildren(
		...view.recording.commits[view.selected].passes.map(passRow));
}

function fillTitle(view) {
	const commit = view.recording.commits[view.selected];

	view.section.querySelector("[data-fill=title]").textContent =
		`${view.recording.name}: transaction ${commit.transid}, ${commit.policy}`;
	view.section.dataset.selected = view.selected;
}

function showCommit(view) {
	markSelectedRow(view);
	fillTitle(view);
	fillNumbers(view);
	fillPasses(view);
	showReadout(view);
}

function selectCommit(view, index) {
	if (index === view.selected)
		return;
	view.selected = index;
	view.cursor = 0;
	view.extent = commitExtent(view.recording.commits[index]);
	showCommit(view);
	showComparison();
	drawFigures();
}

function commitWithMostCaches(commits) {
	let most = 0;

	for (let index = 1; index < commits.length; index++) {
		if (commits[index].caches.length > commits[most].caches.length)
			most = index;
	}
	return most;
}

/* Scales of the figures: one for both, or each its own */

function ownScales(view) {
	const commit = view.recording.commits[view.selected];

	return {
		span: view.extent.span,
		plotHeight: plotHeightFor(commit.caches.length),
		inFlight: mostOf(stepsInFlight(commit.caches, WAIT_END, view.extent)),
	};
}

function drawFigures() {
	const shown = views.filter((view) => view.recording.commits.length);
	const scales = shown.map(ownScales);
	const same = document.getElementById("same-scales").checked;
	const most = (name) => scales.reduce((value, each) => Math.max(value, each[name]), 0);
	const plotHeight = most("plotHeight");
	const shared = { span: most("span"), plotHeight, inFlight: most("inFlight") };

	shown.forEach((view, index) =>
		drawFigure(view, same ? shared : { ...scales[index], plotHeight }));
}

/* Comparison of two recordings */

function selectedCommits() {
	return views.map((view) => view.recording.commits[view.selected]);
}

function comparedValues(name) {
	return selectedCommits().map((commit) => commitField(name).value(commit));
}

function formatCompared(name, value) {
	return name === "peak_in_flight" ? formatPlain(value) : formatShortTime(value);
}

function comparisonSentence(name) {
	const [first, second] = comparedValues(name);
	const label = commitField(name).label;

	if (!known(first) || !known(second))
		return element("li", { "data-sentence": name }, `${label}: not known of both`);
	return element("li", { "data-sentence": name },
		`${label} ${formatShortTime(first)} \u2192 ${formatShortTime(second)} (`,
		element("strong", null, formatRatio(first, second)), ")");
}

function comparisonRow(name) {
	const [first, second] = comparedValues(name);
	const ratio = known(first) && known(second) && second ? first / second : null;
	const values = [first, second].map((value) =>
		setValue(element("td"), name, value, formatCompared(name, value)));

	return element("tr", { "data-row": name },
		element("th", { scope: "row", class: "text" }, commitField(name).label), ...values,
		setValue(element("td", { class: "ratio" }), "ratio", ratio,
			formatRatio(first, second)));
}

function comparisonHead() {
	const titles = views.map((view, place) =>
		`${view.recording.name}, ${selectedCommits()[place].transid}`);

	return element("tr", null, element("td"), ...[...titles, "ratio"].map((title) =>
		element("th", { scope: "col" }, title)));
}

function showComparison() {
	const section = document.getElementById("comparison");
	const table = section.querySelector("table");

	if (views.length !== 2 || views.some((view) => !view.recording.commits.length))
		return;
	section.hidden = false;
	document.getElementById("comparison-sentences").replaceChildren(
		...COMPARED_IN_SENTENCES.map(comparisonSentence));
	table.tHead.replaceChildren(comparisonHead());
	table.tBodies[0].replaceChildren(...COMPARED.map(comparisonRow));
}

/* Warnings and legend */

function warn(text) {
	document.getElementById("warnings").append(element("p", { class: "warning" },
		element("strong", null, "Warning: "), text));
}

function warnAbout(recording) {
	if (recording.lost > 0)
		warn(`${recording.name}: ${plural(recording.lost, "event")} ` +
			`${recording.lost === 1 ? "was" : "were"} lost: counts may be too small, ` +
			"and steps may be missing.");
	if (!recording.complete)
		warn(`${recording.name} was cut off: what came after its last event is not known.`);
}

function legendItem(title, ...shapes) {
	const swatch = shape("svg", {
		width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": "true",
	});

	swatch.append(...shapes);
	return element("li", null, swatch, title);
}

function legendBox(style, top, height) {
	return shape("rect", { class: style, x: 0, y: top, width: 22, height });
}

function fillLegend() {
	const list = document.getElementById("legend");
	const find = (name) => SEGMENTS.find((each) => each.name === name).title;

	for (const name of ["start", "flight", "done"])
		list.append(legendItem(find(name), legendBox(name, 1, 10)));
	list.append(legendItem(find("wait"), legendBox("flight", 1, 10), legendBox("wait", 6, 5)));
	for (const mark of MARKS)
		list.append(legendItem(mark.title, markShape(mark.name, 11, 6, 3.5)));
	list.append(legendItem("in flight until waited for",
		shape("path", { class: "area", d: "M0 11V6H8V2H22V11z" })));
	list.append(legendItem("on the device", shape("path", { class: "device", d: "M0 6H22" })));
	list.append(legendItem("window", shape("path", { class: "bound", d: "M0 6H22" })));
}

/* The page */

function makeView(recording, number) {
	const selected = commitWithMostCaches(recording.commits);
	const view = { recording, number, selected, cursor: 0, section: null };

	view.overview = copyTemplate("overview-template");
	view.overview.dataset.recording = number;
	view.overview.querySelector("[data-fill=name]").textContent = recording.name;
	fillFacts(view);
	document.getElementById("overviews").append(view.overview);
	if (!recording.commits.length) {
		view.overview.querySelector(".nothing").hidden = false;
		view.overview.querySelector(".commits").hidden = true;
		return view;
	}
	view.extent = commitExtent(recording.commits[selected]);
	fillOverview(view);
	makeFigureOf(view);
	return view;
}

function makeFigureOf(view) {
	view.section = copyTemplate("figure-template");
	view.section.dataset.recording = view.number;
	view.chart = view.section.querySelector(".chart");
	view.readout = view.section.querySelector(".readout");
	document.getElementById("figures").append(view.section);
	fillCounts(view);
	view.chart.addEventListener("keydown", (event) => onChartKey(view, event));
	view.chart.addEventListener("pointermove", (event) => onChartPointer(view, event));
	view.chart.addEventListener("pointerdown", (event) => onChartPointer(view, event));
}

function redraw() {
	for (const view of views) {
		if (view.section)
			drawHistograms(view);
	}
	drawFigures();
}

/* The width of the figures decides what fits; the height follows, and must not redraw. */
function redrawOnResize() {
	const figures = document.getElementById("figures");
	let width = figures.clientWidth;

	new ResizeObserver(() => {
		if (figures.clientWidth === width)
			return;
		width = figures.clientWidth;
		redraw();
	}).observe(figures);
}

function readData() {
	const text = document.getElementById("data").textContent;

	try {
		return JSON.parse(text);
	} catch (error) {
		warn("the data in this page cannot be read.");
		return null;
	}
}

function showReport() {
	const two = report.recordings.length === 2;
	const anyCommit = report.recordings.some((recording) => recording.commits.length);

	if (report.version !== 1)
		warn(`these data have version ${report.version}, this page knows version 1.`);
	if (!report.recordings.length)
		warn("there is no recording in this page.");
	report.recordings.forEach(warnAbout);
	for (const id of ["overviews", "figures"])
		document.getElementById(id).classList.toggle("two", two);
	document.body.classList.toggle("single", !two);
	document.getElementById("legend").hidden = !anyCommit;
	fillLegend();
	views = report.recordings.map(makeView);
	views.filter((view) => view.section).forEach(showCommit);
	showComparison();
	redraw();
	document.getElementById("same-scales").addEventListener("change", drawFigures);
	redrawOnResize();
}

function main() {
	report = readData();
	if (report && Array.isArray(report.recordings))
		showReport();
	root.dataset.state = "ready";
}

main();
