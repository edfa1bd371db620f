
// SPDX-License-Identifier: GPL-2.0
//
// Put behind page.js by tests/unit/report-page: uses the page as a reader would, and leaves what it saw as JSON
// in data-probe of <html>, for page-check.js.
//
// Rules: it looks only at elements and sends only events, and uses nothing else of page.js.  It
// leaves the page as it was, apart from the state of the cursor and the selection recorded.

function probeFields(element) {
	const fields = {};

	for (const cell of element ? element.querySelectorAll("[data-field]") : [])
		fields[cell.dataset.field] = [cell.dataset.value, cell.textContent];
	return fields;
}

function probeShapes(section) {
	const shapes = {};

	for (const path of section.querySelectorAll(".chart path, .chart rect")) {
		const name = path.getAttribute("class");
		if (name) {
			const box = path.getBBox();
			const pieces = (path.getAttribute("d") || "").split("M").length - 1;
			shapes[name] = shapes[name] || [];
			shapes[name].push([box.x, box.x + box.width, pieces,
				box.y, box.y + box.height]);
		}
	}
	return shapes;
}

function probeLabelsOverlap(section) {
	const boxes = [...section.querySelectorAll(".chart text, .histograms text")]
		.map((text) => [text.textContent, text.getBoundingClientRect()]);

	for (let one = 0; one < boxes.length; one++) {
		for (let other = one + 1; other < boxes.length; other++) {
			const [a, b] = [boxes[one][1], boxes[other][1]];
			if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 &&
				b.top < a.bottom - 3)
				return `${boxes[one][0]} / ${boxes[other][0]}`;
		}
	}
	return "";
}

function probeKeys(section, keys) {
	const chart = section.querySelector(".chart");
	const middle = (box) => box.y + box.height / 2;
	const seen = [];


	for (const key of keys) {
		chart.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
		const pointer = section.querySelector(".cursor .pointer");
		seen.push([chart.getAttribute("aria-valuenow"),
			probeFields(section.querySelector(".readout")),
			pointer ? middle(pointer.getBBox()) : null]);
	}
	return seen;
}

function probeSection(section) {
	return {
		recording: Number(section.dataset.recording),
		selected: Number(section.dataset.selected),
		numbers: probeFields(section.querySelector(".numbers")),
		shapes: probeShapes(section),
		elements: section.querySelectorAll(".chart *").length,
		overlap: probeLabelsOverlap(section),
		chartWidth: section.querySelector(".chart svg").viewBox.baseVal.width,
	};
}

/* The first commit is chosen, looked at, and the one before is chosen again. */
function probeSelection() {
	const seen = [];

	for (const overview of document.querySelectorAll(".overview")) {
		const before = overview.querySelector("input:checked");
		if (!before)
			continue;
		overview.querySelector("input").click();
		const figure = document.querySelector(
			`.figure[data-recording="${overview.dataset.recording}"]`);
		seen.push(probeSection(figure));
		before.click();
	}
	return seen;
}

function probeScales() {
	const box = document.getElementById("same-scales");
	const bars = () => [...document.querySelectorAll(".figure")]
		.map((section) => probeShapes(section)["critical-bar"]);
	const same = bars();

	box.click();
	const own = bars();
	box.click();
	return { same, own };
}

function probe() {
	const loaded = performance.now();
	const figures = [...document.querySelectorAll(".figure")];
	const seen = {
		loaded,
		sections: figures.map(probeSection),
		selection: probeSelection(),
		scales: probeScales(),
		tooWide: root.scrollWidth - root.clientWidth,
		wideTables: [...document.querySelectorAll(".scroll")]
			.map((box) => box.scrollWidth - box.clientWidth),
	};
	seen.keys = figures.map((section) => probeKeys(section, [
		"ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowDown", "PageUp", "Home",
		"ArrowUp",
	]));
	seen.took = performance.now() - loaded;
	document.documentElement.dataset.probe = JSON.stringify(seen);
}

probe();
