// SPDX-License-Identifier: GPL-2.0
//
// Put behind page.js by tests/unit/report-page: uses the page as a reader would, compares what it
// shows with the data in it, and adds what differs, a line each, in <pre id="complaints">.
//
// Rules: what is expected is computed here from the data; of the page only elements are looked
// at, and only events are sent.  A number is compared twice: the raw one exactly, the text with
// the unit within what its digits allow.

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
	"num_put_off", "read_ns", "num_blocks_read", "num_caches_read",
];
const PASSES = [
	"kind", "length_ns", "dirty", "num_started", "num_waited", "peak_in_flight", "start_ns",
	"wait_ns", "result",
];
const [FLAGS, BYTES, START_BEGIN, START_END, COMPLETED, WAIT_BEGIN, WAIT_END, HOW, RESULT] =
	[1, 2, 3, 4, 5, 6, 7, 8, 9];

const loaded = performance.now();
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const { recordings } = JSON.parse(one("#data").textContent);
const drawn = recordings.filter(({ commits }) => commits.length);
const figures = all(".figure");
const complaints = [];

function complain(text) {
	if (complaints.length < 20)
		complaints.push(text);
}

function expect(what, wanted, found) {
	if (JSON.stringify(wanted) !== JSON.stringify(found))
		complain(`${what}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

function expectNear(what, wanted, found, tolerance) {
	if (!(Math.abs(wanted - found) <= tolerance))
		complain(`${what}: wanted ${wanted} within ${tolerance}, found ${found}`);
}

/* The text of a number with its unit, or with that of its column. */
function expectText(what, value, text, columnUnit) {
	const [, digits, unit] = text.match(/^(-?[0-9.]+) ?(\D*)$/) || [];
	const factor = UNITS[columnUnit ?? unit];
	const decimals = (String(digits).split(".")[1] || "").length;

	if (value === null)
		expect(`text of ${what}`, "\u2013", text);
	else
		expectNear(`text of ${what} "${text}"`, value, Number(digits) * factor,
			0.501 * factor / 10 ** decimals);
}

/* Each of the names: the raw value, and the text if it has a unit. */
function expectFields(what, names, values, element, units = []) {
	const fields = Object.fromEntries(all("[data-field]", element)
		.map((each) => [each.dataset.field, each]));

	names.forEach((name, place) => {
		expect(`${what} ${name}`, String(values[name] ?? ""), fields[name]?.dataset.value);
		if (name.endsWith("_ns") || name === "bytes")
			expectText(`${what} ${name}`, values[name], fields[name].textContent, units[place]);
	});
	return fields;
}

/* What the data say */

function between(begin, end) {
	return begin === null || end === null ? null : end - begin;
}

function sum(values) {
	return values.includes(null) ? null : values.reduce((total, value) => total + value, 0);
}

function passValues(pass) {
	return { ...pass, length_ns: between(pass.begin, pass.end) };
}

function commitValues(commit) {
	const lengths = (early) => sum(commit.passes.map(passValues)
		.filter((pass) => (pass.kind === "early") === early).map((pass) => pass.length_ns));

	return {
		...commit, early_ns: lengths(true), setup_commit_ns: lengths(false),
		start_ns: sum(commit.passes.map((pass) => pass.start_ns)),
		wait_ns: sum(commit.passes.map((pass) => pass.wait_ns)),
	};
}

function cacheValues(cache) {
	return {
		block_group: cache[0], flags: cache[FLAGS], bytes: cache[BYTES],
		start_begin: cache[START_BEGIN], start_ns: between(cache[START_BEGIN], cache[START_END]),
		completed: cache[COMPLETED], flight_ns: between(cache[START_END], cache[COMPLETED]),
		wait_begin: cache[WAIT_BEGIN], wait_ns: between(cache[WAIT_BEGIN], cache[WAIT_END]),
		how: cache[HOW], result: cache[RESULT],
	};
}

function mostCaches({ commits }) {
	return commits.reduce((most, commit) =>
		commit.caches.length > most.caches.length ? commit : most);
}

/* For each figure: the commit that it shows at first, and the figure. */
function eachFigure(check) {
	drawn.forEach((recording, index) =>
		check(mostCaches(recording), figures[index], recording, index));
}

/* Where shapes of a class are: boxes, and of how many pieces. */
function shapes(figure, name) {
	return all(`.chart .${name}`, figure).map((element) => {
		const { x, y, width, height } = element.getBBox();
		const pieces = (element.getAttribute("d") || "").split("M").length - 1;
		return { left: x, right: x + width, top: y, bottom: y + height, width, pieces };
	});
}

/* The aspects */

function checkWarnings() {
	const wanted = recordings.flatMap(({ name, lost, complete }) => [
		...(lost ? [[name, `${lost} event`, "lost"]] : []),
		...(complete ? [] : [[name, "cut off"]]),
	]);
	const found = all(".warning").map((each) => each.textContent)
		.filter((text) => !text.includes("JavaScript"));

	if (!recordings.length)
		wanted.push(["no recording"]);
	expect("number of warnings", wanted.length, found.length);
	wanted.forEach((words, index) => words.forEach((word) =>
		expect(`warning ${index} has "${word}"`, true, found[index]?.includes(word))));
}

function checkFacts() {
	const found = all(".overview");

	expect("number of overviews", recordings.length, found.length);
	recordings.forEach((recording, index) => {
		expect("name", recording.name, one("h2", found[index]).textContent);
		expectFields("fact", ["kernel", "module", "recorded", "policies", "num_commits",
			"filesystem"], {
			...recording, num_commits: recording.commits.length,
			policies: [...new Set(recording.commits.map(({ policy }) => policy))].join(", "),
			filesystem: recording.filesystems.join(", "),
		}, one("dl", found[index]));
	});
}

function checkOverview() {
	recordings.forEach((recording, index) => {
		const overview = all(".overview")[index];
		const rows = all("tbody tr", overview);
		const units = all("thead .unit", overview).map((each) => each.textContent);
		const several = recording.filesystems.length > 1;
		const settles = recording.commits.some((commit) => commit.num_put_off);
		const names = several ? ["transid", "fsid", ...OVERVIEW.slice(1)] : [...OVERVIEW];
		const selected = rows.map((row) => one("input", row).checked);

		if (recording.commits.some((commit) => commit.read_ns))
			names.splice(names.indexOf("early_ns"), 0, "read_ns");
		if (settles)
			names.splice(names.indexOf("peak_in_flight"), 0, "num_put_off");
		expect("rows", recording.commits.length, rows.length);
		recording.commits.forEach((commit, place) => {
			const fields = expectFields(`row ${place}`, names, commitValues(commit),
				rows[place], units);
			expect("columns", names, Object.keys(fields));
		});
		expect("selected rows", recording.commits.map((commit) =>
			commit === mostCaches(recording)), selected);
	});
}

function checkNumbers() {
	expect("figures", drawn.length, figures.length);
	eachFigure((commit, figure) =>
		expectFields("number", NUMBERS, commitValues(commit), one(".numbers", figure)));
}

function checkPasses() {
	eachFigure((commit, figure) => {
		const rows = all(".passes tbody tr", figure);
		expect("passes", commit.passes.length, rows.length);
		commit.passes.forEach((pass, place) =>
			expectFields(`pass ${place}`, PASSES, passValues(pass), rows[place]));
	});
}

/* Both recordings have the same rows: all that one of them has a value in, or between. */
function checkHistograms() {
	for (const name of HISTOGRAMS) {
		const least = drawn.flatMap(({ histograms }) => histograms[name].map(([each]) => each));
		const range = [];
		for (let at = Math.min(...least); at <= Math.max(...least); at = 2 * at || 1)
			range.push(at);
		eachFigure((commit, figure, { histograms }) => {
			const counts = new Map(histograms[name]);
			const rows = all(`[data-histogram=${name}] tbody tr`, figure)
				.map((row) => all("[data-field]", row));
			expect(name, range.map((at) => [String(at), String(counts.get(at) ?? 0)]),
				rows.map(([at, count]) => [at.dataset.value, count.textContent]));
		});
	}
}

/* The critical section gives the scale; everything else has to agree with it. */
function expectDrawing(commit, figure) {
	const [critical] = shapes(figure, "critical-bar");
	const [start] = shapes(figure, "start");
	const [wait] = shapes(figure, "wait");
	const started = commit.caches.filter((cache) => cache[START_BEGIN] !== null);
	const waited = commit.caches.filter((cache) => cache[WAIT_END] !== null);
	const { critical_begin: begin, critical_end: end } = commit;

	expect("critical section is drawn", begin !== null || end !== null, Boolean(critical));
	expect("caches are drawn", commit.caches.length > 0, Boolean(start));
	if (!start)
		return;
	if (commit.caches.length <= 64)
		expect("start steps", started.length, start.pieces);
	else
		expect("rows are drawn", true, start.pieces >= 64);
	if (begin === null || end === null || commit.begin === null || commit.end === null)
		return;
	const x = (time) => critical.left + (time - begin) * critical.width / (end - begin);
	const extreme = (caches, place, pick) => caches.map((cache) => cache[place]).reduce(pick);
	expectNear("first start", x(extreme(started, START_BEGIN, (a, b) => Math.min(a, b))),
		start.left, 1.5);
	if (waited.length)
		expectNear("last wait", x(extreme(waited, WAIT_END, (a, b) => Math.max(a, b))),
			wait.right, 1.5);
	/* Of the first cache, where each has a row: its first piece is of it. */
	const [, left, right] = one(".chart .flight", figure).getAttribute("d")
		.match(/^M([\d.]+) [\d.]+H([\d.]+)/);
	const [first] = commit.caches;
	if (commit.caches.length <= 96 && first[COMPLETED] !== null) {
		expectNear("begin of the first flight", x(first[START_END]), Number(left), 1.5);
		expectNear("end of the first flight", x(first[COMPLETED]), Number(right), 1.5);
	}
	for (const kind of ["early", "setup", "commit"]) {
		const bars = shapes(figure, `${kind}-bar`);
		commit.passes.filter((pass) => pass.kind === kind).forEach((pass, place) => {
			expectNear(`begin of ${kind}`, x(pass.begin ?? commit.begin), bars[place].left, 1.5);
			expectNear(`end of ${kind}`, x(pass.end ?? commit.end), bars[place].right, 2);
		});
	}
}

function checkDrawing() {
	eachFigure((commit, figure) => {
		expectDrawing(commit, figure);
		if (all(".chart *", figure).length > 400)
			complain(`a chart of ${all(".chart *", figure).length} elements`);
		const labels = all(".chart text", figure);
		const boxes = labels.map((text) => text.getBoundingClientRect());
		boxes.forEach((a, place) => boxes.slice(place + 1).forEach((b, more) => {
			if (a.left < b.right - 1 && b.left < a.right - 1 &&
				a.top < b.bottom - 3 && b.top < a.bottom - 3)
				complain(`labels overlap: ${labels[place].textContent} / ` +
					labels[place + 1 + more].textContent);
		}));
	});
}

function expectCursor(commit, figure, row) {
	const values = cacheValues(commit.caches[row - 1]);
	const [start] = shapes(figure, "start");
	const [pointer] = shapes(figure, "pointer");
	const fields = expectFields(`cache ${row}`, Object.keys(values), values,
		one(".readout", figure));

	expect("row", String(row), one(".chart", figure).getAttribute("aria-valuenow"));
	if (commit.caches.every((cache) => cache[START_BEGIN] !== null))
		expectNear("cursor",
			start.top + (row - 0.5) / commit.caches.length * (start.bottom - start.top),
			(pointer.top + pointer.bottom) / 2, 1.5);
	if (values.start_begin !== null && commit.begin !== null)
		expectText("start at", values.start_begin - commit.begin,
			fields.start_begin.textContent);
}

function checkCursor() {
	eachFigure((commit, figure) => {
		const chart = one(".chart", figure);
		const count = commit.caches.length;
		const now = () => Number(chart.getAttribute("aria-valuenow"));
		const keys = [["ArrowDown", 2], ["ArrowDown", 3], ["ArrowUp", 2], ["End", count],
			["ArrowDown", count], ["PageUp"], ["Home", 1], ["ArrowUp", 1]];

		if (count < 3)
			return;
		for (const [key, row] of keys) {
			chart.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
			if (!row)
				expect("a page up is some rows", true, now() < count - 1 && now() > 1);
			expectCursor(commit, figure, row ?? now());
		}
		const box = one(".chart .start", figure).getBoundingClientRect();
		chart.dispatchEvent(new PointerEvent("pointermove",
			{ clientX: box.left, clientY: box.bottom - 1 }));
		expect("a pointer on the last row goes there", true, now() > count * 0.99);
		expectCursor(commit, figure, now());
	});
}

/* The first commit is chosen, looked at, and the one before is chosen again. */
function checkSelection() {
	const overviews = all(".overview").filter((each) => one("input", each));

	eachFigure((commit, figure, recording, index) => {
		const before = one("input:checked", overviews[index]);
		one("input", overviews[index]).click();
		expectFields("number of the first commit", NUMBERS,
			commitValues(recording.commits[0]), one(".numbers", figure));
		expectDrawing(recording.commits[0], figure);
		before.click();
	});
}

function checkComparison() {
	const section = one("#comparison");
	const rows = all("tbody tr", section);

	expect("hidden", drawn.length !== 2, section.hidden);
	if (section.hidden)
		return;
	const both = drawn.map(mostCaches).map(commitValues);
	expect("rows", COMPARED.length, rows.length);
	COMPARED.forEach((name, place) => {
		const cells = all("td", rows[place]);
		const [first, second] = both.map((values) => values[name]);
		const ratio = Math.max(first / second, second / first);
		expect(`both ${name}`, [String(first ?? ""), String(second ?? "")],
			cells.slice(0, 2).map((cell) => cell.dataset.value));
		if (!first || !second || first === second)
			return;
		expect(`sign of ${name}`, first > second ? "\u00f7" : "\u00d7", cells[2].textContent[0]);
		expectNear(`ratio of ${name}`, ratio, Number(cells[2].textContent.slice(1)), ratio / 190);
	});
}

function checkScales() {
	const commits = drawn.map(mostCaches);
	const longest = Math.max(...commits.map((commit) => commit.whole_ns));
	const expectScales = (what, whole) => figures.forEach((figure, index) => {
		const plot = one(".chart svg", figure).viewBox.baseVal.width - 64;
		expectNear(`${what} scale ${index}`, plot * commits[index].critical_ns /
			whole(commits[index]), shapes(figure, "critical-bar")[0].width, 1.5);
	});

	if (commits.some((commit) => commit.begin === null || commit.critical_begin === null))
		return;
	expectScales("same", () => longest);
	one("#same-scales").click();
	expectScales("own", (commit) => commit.whole_ns);
	one("#same-scales").click();
}

function checkWidth() {
	const root = document.documentElement;

	expect("page scrolls sideways by", 0, root.scrollWidth - root.clientWidth);
	all(".scroll").forEach((box, index) => {
		if (box.scrollWidth - box.clientWidth > 1)
			complain(`table ${index} is ${box.scrollWidth - box.clientWidth} pixels too wide`);
	});
}

function checkState() {
	const used = performance.now() - loaded;

	expect("state", "ready", document.documentElement.dataset.state);
	expect("errors", "0", document.documentElement.dataset.errors);
	expect("markup from a text", null, one("#evil"));
	if (loaded > 4000 || used > 4000)
		complain(`loading took ${loaded} ms, using it ${used}`);
}

for (const check of [checkWarnings, checkFacts, checkOverview, checkNumbers, checkPasses,
	checkHistograms, checkDrawing, checkCursor, checkSelection, checkComparison, checkScales,
	checkWidth, checkState]) {
	try {
		check();
	} catch (error) {
		complain(`${check.name}: ${error.stack}`);
	}
}
const list = document.createElement("pre");
list.id = "complaints";
list.textContent = complaints.map((line) => `${line}\n`).join("");
document.body.append(list);
