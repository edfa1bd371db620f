# SPDX-License-Identifier: GPL-2.0
"""The page for a browser: one file, without scripts, that loads nothing."""

import os
from html import escape

import plots
import ratios
from columns import COLUMNS, TEXT_COLUMNS, rows
from explain import explanations
from summary import VERDICTS

CLASSES = {True: "ok", False: "bad", None: "unasked"}


def _row(texts, tag, left):
    return "<tr>" + "".join(
        f"<{tag}{' class=text' if i < left else ''}>{escape(text)}</{tag}>"
        for i, text in enumerate(texts)) + "</tr>"


def _table(name, headings, lines, left):
    return (f'<div class="scroll" tabindex="0"><table id="{name}"><thead>'
            f"{_row(headings, 'th', left)}</thead><tbody>"
            + "\n".join(_row(line, "td", left) for line in lines)
            + "</tbody></table></div>")


def _controls(run):
    lines = "\n".join(
        f'<tr class="{CLASSES[control.ok]}">'
        f"<td class=text>{escape(VERDICTS[control.ok])}</td>"
        f"<td class=text>{escape(control.name)}</td>"
        f"<td class=text>{escape(control.expected)}</td>"
        f"<td class=text>{escape(control.found)}</td></tr>"
        for control in run.controls)
    void = '<p class="bad">The run is void.</p>' if run.is_void else ""
    return (f'<h2>Controls</h2>{void}<div class="scroll" tabindex="0">'
            f'<table id="controls"><tbody>{lines}</tbody></table></div>')


def _figures(run):
    return "\n".join(f"<figure>{svg}<figcaption>{escape(caption)}"
                     "</figcaption></figure>"
                     for svg, caption in plots.all_plots(run))


def _model(run):
    costs = "; ".join(f"{policy} {cost / 1000:.1f} µs"
                      for policy, cost in run.model.cost_ns.items())
    off = [cell for cell in run.cells if run.model.is_off(cell)]
    listed = "\n".join(
        f"<dt>{escape(cell.name)}: <b>{run.model.ratio(cell):.2f}</b></dt>"
        + "".join(f"<dd>{escape(text)}</dd>"
                  for text in explanations(cell, run.model))
        for cell in off)
    return (f"""<h2>The model</h2>
<p>passes = N × max(c, (L + c) / w) + L, or N × (L + c) where the window w is
1: N caches, L the device's latency, c what a cache costs on a device without
latency ({costs or "not measured"}).</p>
<h3>Off the model by more than 10 %: {len(off)} of
{sum(run.model.ratio(cell) is not None for cell in run.cells)}</h3>
<dl id="off">{listed}</dl>""")


def _cells(run):
    headings = [f"{name}, {unit}" if unit else name
                for name, unit, _, _ in COLUMNS]
    meanings = "".join(f"<dt>{escape(name)}</dt><dd>{escape(about)}</dd>"
                       for name, _, about, _ in COLUMNS)
    return ("<h2>All cells</h2><p>Medians.</p>"
            f"<details><summary>What the columns are</summary><dl>{meanings}"
            "</dl></details>"
            + _table("cells", headings, rows(run.cells, run.model),
                     TEXT_COLUMNS))


def _body(run):
    if run.clock == "wall":
        return (_figures(run) + "<h2>All ratios</h2>" +
                _table("ratios", ratios.HEADINGS, ratios.table(run.cells),
                       ratios.TEXT_COLUMNS))
    return _controls(run) + _figures(run) + _model(run) + _cells(run)


def render(run):
    """The page as text."""
    style = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "page.css")
    with open(style, encoding="utf-8") as css:
        styles = css.read()
    clock = ("virtual time: the clock counts instructions, a nanosecond each"
             if run.clock == "virtual" else "wall time: ratios only")
    count = sum(len(cell.samples) for cell in run.cells)
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>btrfs-twostage lab, {escape(run.kernel)}</title>
<style>{styles}</style>
<main>
<h1>btrfs-twostage lab</h1>
<p>Kernel {escape(run.kernel)}, {clock}. {count} samples of {len(run.cells)}
cells.</p>
{_body(run)}
</main>
</html>
"""
