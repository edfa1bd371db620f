# SPDX-License-Identifier: GPL-2.0
"""The summary as text: what a terminal shows, and summary.txt keeps."""

import ratios
from columns import COLUMNS, TEXT_COLUMNS, rows
from explain import explanations

VERDICTS = {True: "ok", False: "NOT AS EXPECTED", None: "-"}


def _table(heading, lines, left):
    """Lines of texts in columns; the first `left` begin at the same place."""
    widths = [max(len(line[i]) for line in [heading, *lines])
              for i in range(len(heading))]
    for line in [heading, *lines]:
        yield "  ".join(
            text.ljust(width) if i < left else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths))).rstrip()


def _headings():
    names = [name for name, _, _, _ in COLUMNS]
    units = [unit for _, unit, _, _ in COLUMNS]
    return names, units


def _cells(run):
    names, units = _headings()
    yield "Medians of each cell's samples."
    yield ""
    yield from _table(names, [units, *rows(run.cells, run.model)],
                      TEXT_COLUMNS)


def _controls(run):
    yield "Controls:"
    for control in run.controls:
        yield (f"  {VERDICTS[control.ok]}: {control.name}: "
               f"{control.expected}: {control.found}")
    if run.is_void:
        yield "The run is void."


def _model(run):
    for policy, cost in run.model.cost_ns.items():
        yield f"  {policy}: {cost / 1000:.1f} us"


def _explained(run):
    off = [cell for cell in run.cells if run.model.is_off(cell)]
    if not off:
        yield "No cell is off the model by more than 10 %."
        return
    yield "Off the model by more than 10 %:"
    for cell in off:
        yield f"  {cell.name}: {run.model.ratio(cell):.2f}"
        for text in explanations(cell, run.model):
            yield f"    {text}"


def _ratios(run):
    table = ratios.table(run.cells)
    yield ("Ratios within one repetition, which was measured in one piece: "
           "median, least and greatest.")
    yield ""
    yield from _table(ratios.HEADINGS, table, ratios.TEXT_COLUMNS)


def lines(run):
    """The summary, line by line."""
    yield f"kernel {run.kernel}, {run.clock} time"
    yield ""
    if run.clock == "wall":
        yield from _ratios(run)
        return
    yield from _cells(run)
    yield ""
    yield "What a cache costs on a device without latency:"
    yield from _model(run)
    yield ""
    yield from _explained(run)
    yield ""
    yield from _controls(run)
