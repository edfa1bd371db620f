# SPDX-License-Identifier: GPL-2.0
"""The page for a browser: one file, without scripts, that loads nothing."""

import os
from html import escape

import plots
from controls import is_void
from explain import explanations
from summary import COLUMNS, VERDICTS, cells_table, ratios_table

CLASSES = {True: "ok", False: "bad", None: "unasked"}
CLOCKS = {"virtual": "virtual time: the clock counts instructions, a "
          "nanosecond each", "wall": "wall time: ratios only"}


def _row(texts, left, tag="td", name=""):
    name = f' class="{name}"' if name else ""
    return f"<tr{name}>" + "".join(
        f"<{tag}{' class=text' if i < left else ''}>{escape(text)}</{tag}>"
        for i, text in enumerate(texts)) + "</tr>"


def _scrolling(name, rows, head=""):
    rows = "\n".join(rows)
    return ('<div class="scroll" tabindex="0">'
            f'<table id="{name}">{head}<tbody>{rows}</tbody></table></div>')


def _table(name, table):
    headings = [f"{heading}, {unit}" if unit else heading
                for heading, unit in zip(table.headings, table.units)]
    head = f"<thead>{_row(headings, table.text_columns, 'th')}</thead>"
    return _scrolling(name, [_row(row, table.text_columns)
                             for row in table.rows], head)


def _controls(asked):
    void = '<p class="bad">The run is void.</p>' if is_void(asked) else ""
    rows = [_row([VERDICTS[control.ok], control.name, control.expected,
                  control.found], 4, name=CLASSES[control.ok])
            for control in asked]
    return f"<h2>Controls</h2>{void}{_scrolling('controls', rows)}"


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


def _body(run, asked):
    if run.clock == "wall":
        return (_figures(run) + "<h2>All ratios</h2>" +
                _table("ratios", ratios_table(run)))
    meanings = "".join(f"<dt>{escape(name)}</dt><dd>{escape(about)}</dd>"
                       for name, _, about, _ in COLUMNS)
    return (_controls(asked) + _figures(run) + _model(run) +
            "<h2>All cells</h2><p>Medians.</p>"
            f"<details><summary>What the columns are</summary><dl>{meanings}"
            "</dl></details>" + _table("cells", cells_table(run)))


def render(run, asked):
    """The page as text."""
    style = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "page.css")
    with open(style, encoding="utf-8") as css:
        styles = css.read()
    count = sum(len(cell.samples) for cell in run.cells)
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>btrfs-twostage lab, {escape(run.kernel)}</title>
<style>{styles}</style>
<main>
<h1>btrfs-twostage lab</h1>
<p>Kernel {escape(run.kernel)}, {CLOCKS[run.clock]}. {count} samples of
{len(run.cells)} cells.</p>
{_body(run, asked)}
</main>
</html>
"""
