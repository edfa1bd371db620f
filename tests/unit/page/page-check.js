// SPDX-License-Identifier: GPL-2.0
//
// One aspect of a loaded page against its data, for tests/unit/report-page.
//
// node page-check.js ASPECT DATA.json PAGE.dom: says what differs and fails, or says nothing.
//
// Rules: what is expected is computed here from the data; nothing is taken from page.js.  A number
// is compared twice: the raw one exactly, the text with the unit within what its digits allow.

"use strict";

const fs = require("fs");

const UNITS = {
	"": 1, ns: 1, "\u00b5s": 1e3, ms: 1e6, s: 1e9,
	B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30,
};

const HISTOGRAMS = ["wait_ns", "in_flight", "early_ns", "commit_ns"];
const COMPARED = [
	"whole_ns", "critical_ns", "early_ns", "setup_commit_ns", "wait_ns", "peak_in_flight",
];
const OVERVIEW = [
	"transid", "policy", "window", "whole_ns", "critical_ns", "early_ns", "setup_commit_ns",
	"num_started", "num_waited", "peak_in_flight", "bytes", "result",
];
const NUMBERS = [
	...OVERVIEW, "start_ns", "wait_ns", "num_redirtied", "num_skipped", "num_discarded",
];
const PASSES = [
	"kind", "length_ns", "dirty", "num_started", "num_waited", "peak_in_flight", "start_ns",
	"wait_ns", "result",
];

let complaints = 0;

function complain(text) {
	complaints++;
	if (complaints <= 10)
		console.log(text);
}

function expect(what, wanted, found) {
	if (wanted !== found)
		complain(`${what}: wanted ${JSON.stringify(wanted)}, ` +
			`found ${JSON.stringify(found)}`);
}

function expectNear(what, wanted, found, tolerance) {
	if (!(Math.abs(wanted - found) <= tolerance))
		complain(`${what}: wanted ${wanted} within ${tolerance}, found ${found}`);
}

function raw(value) {
	return value === null || value === undefined ? "" : String(value);
}

/* The text of a number with its unit, or with that of its column. */
function expectText(what, value, text, columnUnit) {
	if (value === null) {
		expect(`text of ${what}`, "\u2013", text);
		return;
	}
	const [, digits, unit] = text.match(/^(-?[0-9.]+) ?(\D*)$/) || [];
	const factor = UNITS[columnUnit === undefined ? unit : columnUnit];
	const decimals = (String(digits).split(".")[1] || "").length;
	expectNear(`text of ${what} "${text}"`, value, Number(digits) * factor,
		0.501 * factor / 10 ** decimals);
}

/* The document, as far as it is needed */

function unescapeText(text) {
	return text.replace(/&(lt|gt|quot|nbsp|amp);/g, (whole, name) =>
		({ lt: "<", gt: ">", quot: "\"", nbsp: "\u00a0", amp: "&" })[name]);
}

function attribute(tag, name) {
	const match = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
	return match ? unescapeText(match[1]) : null;
}

/* Without the parts of the page that are not shown: scripts, styles, templates. */
function shownPart(dom) {
	return dom.replace(/<(script|style|template|noscript)\b[\s\S]*?<\/\1>/g, "");
}

function sections(dom, name) {
	return dom.split(`<section class="${name}"`).slice(1)
		.map((text) => text.slice(0, text.indexOf("</section>")));
}

function between(text, from, to) {
	const start = text.indexOf(from);
	return start < 0 ? "" : text.slice(start, text.indexOf(to, start));
}

function fieldsOf(text) {
	const fields = {};

	for (const [, tag, content] of text.matchAll(/<(?:td|dd)(\s[^>]*)>([^<]*)</g)) {
		const name = attribute(tag, "data-field");
		if (name)
			fields[name] = [attribute(tag, "data-value"), unescapeText(content)];
	}
	return fields;
}

function rowsOf(text) {
	return between(text, "<tbody", "</tbody>").split("<tr").slice(1);
}

/* What the data say */

function passLength(pass) {
	return pass.begin === null || pass.end === null ? null : pass.end - pass.begin;
}

function sum(values) {
	return values.includes(null) ? null : values.reduce((total, value) => total + value, 0);
}

function commitValue(commit, name) {
	if (name === "early_ns")
		return sum(commit.passes.filter((pass) => pass.kind === "early").map(passLength));
	if (name === "setup_commit_ns")
		return sum(commit.passes.filter((pass) => pass.kind !== "early").map(passLength));
	if (name === "start_ns" || name === "wait_ns")
		return sum(commit.passes.map((pass) => pass[name]));
	return commit[name];
}

function mostCaches(recording) {
	let most = 0;

	recording.commits.forEach((commit, index) => {
		if (commit.caches.length > recording.commits[most].caches.length)
			most = index;
	});
	return most;
}

function shownCommits(data) {
	return data.recordings.filter((recording) => recording.commits.length)
		.map((recording) => recording.commits[mostCaches(recording)]);
}

function cacheValues(cache) {
	const between = (begin, end) =>
		cache[begin] === null || cache[end] === null ? null : cache[end] - cache[begin];

	return {
		block_group: cache[0], flags: cache[1], bytes: cache[2], start_begin: cache[3],
		start_ns: between(3, 4), completed: cache[5], flight_ns: between(4, 5),
		wait_begin: cache[6], wait_ns: between(6, 7), how: cache[8], result: cache[9],
	};
}

function isMeasure(name) {
	return name.endsWith("_ns") || name === "bytes";
}

/* The aspects */

function checkRenders(data, page) {
	const html = page.dom.match(/<html[^>]*>/)[0];

	expect("state", "ready", attribute(html, "data-state"));
	expect("errors", "0", attribute(html, "data-errors"));
	expect("markup from a name", false, /<b id=/.test(shownPart(page.dom)));
	if (!page.probe)
		complain("the probe did not run to its end");
}

function checkWarnings(data, page) {
	const wanted = [];

	if (!data.recordings.length)
		wanted.push(["no recording"]);
	for (const recording of data.recordings) {
		if (recording.lost)
			wanted.push([recording.name, `${recording.lost} event`, "lost"]);
		if (!recording.complete)
			wanted.push([recording.name, "cut off"]);
	}
	const found = [...page.shown.matchAll(/<p class="warning">(.*?)<\/p>/g)]
		.map((match) => unescapeText(match[1]));
	expect("number of warnings", wanted.length, found.length);
	wanted.forEach((words, index) => {
		for (const word of words)
			expect(`warning ${index} has "${word}"`, true,
				String(found[index]).includes(word));
	});
}

function checkFacts(data, page) {
	const found = sections(page.shown, "overview");

	expect("number of overviews", data.recordings.length, found.length);
	data.recordings.forEach((recording, index) => {
		const fields = fieldsOf(between(found[index], "<dl", "</dl>"));
		for (const name of ["kernel", "module", "recorded"])
			expect(name, recording[name], fields[name][1]);
		const policies = [...new Set(recording.commits.map((commit) => commit.policy))];
		expect("policies", policies.join(", "), fields.policies[0]);
		expect("commits", String(recording.commits.length), fields.num_commits[1]);
		expect("filesystems", recording.filesystems.join(" "), fields.filesystems[0]);
		const title = found[index].match(/<h2[^>]*>([^<]*)</)[1];
		expect("name", recording.name, unescapeText(title));
	});
}

function unitsOf(table) {
	const headings = between(table, "<thead", "</thead>").split(/<th\b/).slice(2);

	return headings.map((text) =>
		unescapeText((text.match(/class="unit">([^<]*)</) || ["", ""])[1]));
}

function checkOverview(data, page) {
	data.recordings.forEach((recording, index) => {
		const table = sections(page.shown, "overview")[index];
		const rows = rowsOf(table);
		const units = unitsOf(table);
		const several = recording.filesystems.length > 1;
		const names = several ? ["transid", "fsid", ...OVERVIEW.slice(1)] : OVERVIEW;
		expect("rows", recording.commits.length, rows.length);
		recording.commits.forEach((commit, place) =>
			checkOverviewRow(commit, fieldsOf(rows[place]), names, units));
		const selected = rows.map((row) => /class="[^"]*selected/.test(row.split(">")[0]))
			.flatMap((yes, place) => yes ? [place] : []);
		const wanted = recording.commits.length ? String(mostCaches(recording)) : "";
		expect("selected rows", wanted, selected.join());
	});
}

function checkOverviewRow(commit, fields, names, units) {
	expect("columns", names.join(), Object.keys(fields).join());
	names.forEach((name, column) => {
		const value = commitValue(commit, name);
		expect(`cell ${name}`, raw(value), fields[name][0]);
		if (isMeasure(name))
			expectText(`cell ${name}`, value, fields[name][1], units[column]);
	});
}

function checkNumbersOf(commit, fields) {
	for (const name of NUMBERS) {
		const value = commitValue(commit, name);
		expect(name, raw(value), (fields[name] || [])[0]);
		if (isMeasure(name))
			expectText(name, value, fields[name][1]);
	}
}

function checkNumbers(data, page) {
	const found = sections(page.shown, "figure");
	const commits = shownCommits(data);

	expect("figures", commits.length, found.length);
	commits.forEach((commit, index) =>
		checkNumbersOf(commit,
			fieldsOf(between(found[index], "<dl class=\"numbers\"", "</dl>"))));
}

function checkPasses(data, page) {
	const found = sections(page.shown, "figure");

	shownCommits(data).forEach((commit, index) => {
		const table = between(found[index], "scroll passes", "</table>");
		const rows = rowsOf(table + "</tbody>");
		expect("passes", commit.passes.length, rows.length);
		commit.passes.forEach((pass, place) => {
			const fields = fieldsOf(rows[place]);
			for (const name of PASSES) {
				const value = name === "length_ns" ? passLength(pass) : pass[name];
				expect(`pass ${place} ${name}`, raw(value), fields[name][0]);
				if (isMeasure(name))
					expectText(`pass ${place} ${name}`, value, fields[name][1]);
			}
		});
	});
}

function checkHistograms(data, page) {
	const found = sections(page.shown, "figure");
	const recordings = data.recordings.filter((recording) => recording.commits.length);

	recordings.forEach((recording, index) => {
		for (const name of HISTOGRAMS) {
			const table = between(found[index], `data-histogram="${name}"`, "</table>");
			const counts = rowsOf(table).map(fieldsOf).map((fields) =>
				[Number(fields.least[0]), Number(fields.count[1])]);
			expect(name, JSON.stringify(recording.histograms[name]),
				JSON.stringify(counts));
		}
	});
}

function extreme(caches, places, pick) {
	let found = null;

	for (const cache of caches) {
		for (const place of places) {
			if (cache[place] !== null && (found === null || pick(cache[place], found)))
				found = cache[place];
		}
	}
	return found;
}

/* The critical section gives the scale; everything else has to agree with it. */
function checkDrawingOf(commit, section) {
	const shapes = section.shapes;
	const bar = (shapes["critical-bar"] || [])[0];

	expect("critical section is drawn", true, Boolean(bar));
	expect("labels that overlap", "", section.overlap);
	if (!commit.caches.length) {
		expect("caches", undefined, shapes.flight);
		return;
	}
	const within = 64 < commit.caches.length ? "many" : "few";
	const started = commit.caches.filter((cache) => cache[3] !== null).length;
	if (within === "few")
		expect("start steps", started, shapes.start[0][2]);
	else
		expect("rows are drawn", true, shapes.start[0][2] >= 64);
	if (commit.critical_end === null)
		return;
	const scale = (bar[1] - bar[0]) / (commit.critical_end - commit.critical_begin);
	const x = (time) => bar[0] + (time - commit.critical_begin) * scale;
	expectNear("first start", x(extreme(commit.caches, [3], (a, b) => a < b)),
		shapes.start[0][0], 1.5);
	expectNear("last wait", x(extreme(commit.caches, [7], (a, b) => a > b)),
		shapes.wait[0][1], 1.5);
	commit.passes.forEach((pass) => {
		const same = commit.passes.filter((other) => other.kind === pass.kind);
		const found = shapes[`${pass.kind}-bar`][same.indexOf(pass)];
		expectNear(`begin of ${pass.kind}`, x(pass.begin), found[0], 1.5);
		expectNear(`end of ${pass.kind}`, x(pass.end), found[1], 2);
	});
}

function checkDrawing(data, page) {
	shownCommits(data).forEach((commit, index) =>
		checkDrawingOf(commit, page.probe.sections[index]));
}

function checkCursor(data, page) {
	shownCommits(data).forEach((commit, index) => {
		const count = commit.caches.length;
		const rows = page.probe.keys[index].map((seen) => Number(seen[0]));
		expect("rows", [2, 3, 2, count, count, rows[5], 1, 1].join(), rows.join());
		expect("a page up is more than a row", true, rows[5] < count - 1 && rows[5] >= 1);
		const [, , , top, bottom] = page.probe.sections[index].shapes.start[0];
		const yOf = (row) => top + (row - 0.5) / count * (bottom - top);
		for (const [row, fields, y] of page.probe.keys[index]) {
			if (commit.caches.every((cache) => cache[3] !== null))
				expectNear("cursor", yOf(row), y, 1.5);
			const values = cacheValues(commit.caches[row - 1]);
			for (const name of Object.keys(values))
				expect(`cache ${row} ${name}`, raw(values[name]), fields[name][0]);
			expectText("wait", values.wait_ns, fields.wait_ns[1]);
			if (values.start_begin !== null && commit.begin !== null)
				expectText("start at", values.start_begin - commit.begin,
					fields.start_begin[1]);
		}
	});
}

function checkSelection(data, page) {
	const recordings = data.recordings.filter((recording) => recording.commits.length);

	recordings.forEach((recording, index) => {
		const seen = page.probe.selection[index];
		expect("selected", 0, seen.selected);
		checkNumbersOf(recording.commits[0], seen.numbers);
		checkDrawingOf(recording.commits[0], seen);
	});
}

function checkComparison(data, page) {
	const tag = page.shown.match(/<section id="comparison"[^>]*>/)[0];
	const both = shownCommits(data);

	expect("hidden", both.length !== 2, /\shidden/.test(tag));
	if (both.length !== 2)
		return;
	const rows = rowsOf(between(page.shown, "id=\"comparison\"", "</section>"));
	expect("rows", COMPARED.length, rows.length);
	COMPARED.forEach((name, place) => {
		const [first, second] = both.map((commit) => commitValue(commit, name));
		const cells = [...rows[place].matchAll(/data-value="([^"]*)"[^>]*>([^<]*)</g)];
		expect(`first ${name}`, raw(first), cells[0][1]);
		expect(`second ${name}`, raw(second), cells[1][1]);
		if (first && second && first !== second) {
			const ratio = first > second ? first / second : second / first;
			const text = cells[2][2];
			expect(`sign of ${name}`, first > second ? "\u00f7" : "\u00d7", text[0]);
			expectNear(`ratio of ${name}`, ratio, Number(text.slice(1)), ratio / 190);
		}
	});
}

function checkScales(data, page) {
	const commits = shownCommits(data);
	const wide = (bars) => bars[0][1] - bars[0][0];
	const longest = Math.max(commits[0].whole_ns, commits[1].whole_ns);
	const { same, own } = page.probe.scales;

	commits.forEach((commit, index) => {
		const plot = page.probe.sections[index].chartWidth - 64;
		expectNear(`same scale ${index}`, plot * commit.critical_ns / longest,
			wide(same[index]), 1.5);
		expectNear(`own scale ${index}`, plot * commit.critical_ns / commit.whole_ns,
			wide(own[index]), 1.5);
	});
}

function checkWidth(data, page) {
	expect("page scrolls sideways by", 0, page.probe.tooWide);
	page.probe.wideTables.forEach((excess, index) => {
		if (excess > 1)
			complain(`table ${index} is ${excess} pixels too wide`);
	});
	for (const section of page.probe.sections)
		expect("labels that overlap", "", section.overlap);
}

function checkSpeed(data, page) {
	if (page.probe.loaded > 4000)
		complain(`loading took ${page.probe.loaded} ms`);
	if (page.probe.took > 4000)
		complain(`using it took ${page.probe.took} ms`);
}

function checkSize(data, page) {
	page.probe.sections.forEach((section) => {
		if (section.elements > 400)
			complain(`a chart of ${section.elements} elements`);
	});
}

const ASPECTS = {
	renders: checkRenders, warnings: checkWarnings, facts: checkFacts,
	overview: checkOverview, numbers: checkNumbers, passes: checkPasses,
	histograms: checkHistograms, drawing: checkDrawing, cursor: checkCursor,
	selection: checkSelection, comparison: checkComparison, scales: checkScales,
	width: checkWidth, speed: checkSpeed, size: checkSize,
};

function readPage(file) {
	const dom = fs.readFileSync(file, "utf8");
	const probe = attribute((dom.match(/<html[^>]*>/) || [""])[0], "data-probe");

	return { dom, shown: shownPart(dom), probe: probe && JSON.parse(probe) };
}

function main([aspect, dataFile, pageFile]) {
	const data = JSON.parse(fs.readFileSync(dataFile, "utf8"));

	try {
		ASPECTS[aspect](data, readPage(pageFile));
	} catch (error) {
		complain(`${aspect}: ${error.stack}`);
	}
	process.exitCode = complaints ? 1 : 0;
}

main(process.argv.slice(2));
