# SPDX-License-Identifier: GPL-2.0
"""The tables of cells and of ratios, and the summary as text.

Virtual time gives a table of medians. Wall time is good for ratios only, of
what was measured in one piece: cells that differ in the writer alone run one
after the other in each repetition, so that whatever else the machine did was
the same for all of them.
"""

import statistics
from collections import namedtuple

from controls import is_void
from explain import explanations
from model import MS

MIB = 1 << 20
NONE = "-"
VERDICTS = {True: "ok", False: "NOT AS EXPECTED", None: "-"}
# Ratios are to the first of these that was measured.
REFERENCES = ("serial", "btrfs v1", "stock", "early", "two_stage")

Table = namedtuple("Table", "headings units rows text_columns")
Ratio = namedtuple("Ratio", "cell reference values")


def number(value, digits=2, unit=1):
    """A number, or a dash where there is none."""
    return NONE if value is None else f"{value / unit:.{digits}f}"


def ms(nanoseconds):
    """Milliseconds, with as many digits as two runs agree in."""
    return number(nanoseconds, unit=MS)


def _time(field):
    return lambda cell, model: ms(cell.median(field))


def _bystander(field):
    return lambda cell, model: \
        ms((cell.observed("bystander") or {}).get(field))


# Heading, unit, meaning, and the text of a cell.
COLUMNS = (
    ("workload", "", "what was done before the sync",
     lambda cell, model: cell.workload),
    ("placement", "", "what the filesystem's loop device lies over, and how "
     "it does I/O", lambda cell, model: cell.placement),
    ("groups", "", "block groups that are full of files, and dirtied by "
     "truncate", lambda cell, model: str(cell.block_groups)),
    ("latency", "ms", "of the device, for each request",
     lambda cell, model: f"{cell.latency_ns / MS:g}"),
    ("depth", "", "requests that the device takes at once",
     lambda cell, model: str(cell.queue_depth)),
    ("writer", "", "a policy of btrfs_twostage, with the window where it is "
     "not the usual one; or stock btrfs, with its space cache",
     lambda cell, model: cell.writer),
    ("time", "ms", "of syncfs(), or of what else the workload measures",
     _time("timed_ns")),
    ("waits", "", "for the device, one after another: what latency adds to the "
     "same without, in latencies",
     lambda cell, model: number(model.waits(cell), 1)),
    ("early", "ms", "the pass before the critical section",
     _time("early_ns")),
    ("setup", "ms", "setting up the caches within it", _time("setup_ns")),
    ("commit", "ms", "the passes within it", _time("commit_ns")),
    ("critical", "ms", "how long nobody could join the transaction",
     _time("critical_ns")),
    ("caches", "", "that were started",
     lambda cell, model: number(cell.median("num_started"), 0)),
    ("written", "MiB", "to caches",
     lambda cell, model: number(cell.median("bytes"), 1, MIB)),
    ("model", "ms", "what the early and commit passes should take",
     lambda cell, model: ms(model.passes_ns(cell))),
    ("/model", "", "those passes, measured to model",
     lambda cell, model: number(model.ratio(cell))),
    ("/limit", "", "those passes, measured to one latency and the "
     "instructions of a device without",
     lambda cell, model: number(model.ratio_to_limit(cell))),
    ("p99", "ms", "that a bystander who saves small files waited at most, 99 "
     "times of 100", _bystander("p99_ns")),
    ("longest", "ms", "that it waited", _bystander("max_ns")),
)


def cells_table(run):
    """A row for each cell."""
    names, units, _, texts = zip(*COLUMNS)
    return Table(names, units, [[text(cell, run.model) for text in texts]
                                for cell in run.cells], 6)


def all_ratios(cells):
    """The times of each cell to those of the reference at its place, in the
    repetitions that both have."""
    places = {}
    for cell in cells:
        places.setdefault(cell.place, {})[cell.writer] = cell
    for writers in places.values():
        reference = next((writers[writer] for writer in REFERENCES
                          if writer in writers), None)
        for cell in writers.values():
            if not reference or cell is reference:
                continue
            times = {sample["repetition"]: sample["timed_ns"]
                     for sample in reference.samples}
            values = [sample["timed_ns"] / times[sample["repetition"]]
                      for sample in cell.samples
                      if sample["repetition"] in times]
            if values:
                yield Ratio(cell, reference, values)


def ratios_table(run):
    """A row for each ratio, placed as in the table of cells."""
    headings = ["workload", "placement", "groups", "latency ms", "depth",
                "writer", "against", "time", "from", "to", "n"]
    return Table(headings, [""] * len(headings), [
        [*(text(ratio.cell, None) for _, _, _, text in COLUMNS[:6]),
         ratio.reference.writer, f"{statistics.median(ratio.values):.2f}",
         f"{min(ratio.values):.2f}", f"{max(ratio.values):.2f}",
         str(len(ratio.values))] for ratio in all_ratios(run.cells)], 2)


def _in_columns(table):
    """The text columns are flush left, the others right."""
    lines = [table.headings, *([table.units] if any(table.units) else []),
             *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        yield "  ".join(
            text.ljust(width) if i < table.text_columns else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths))).rstrip()


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


def lines(run, asked):
    """The summary, line by line."""
    yield f"kernel {run.kernel}, {run.clock} time"
    yield ""
    if run.clock == "wall":
        yield ("Ratios within one repetition, which was measured in one "
               "piece: median, least and greatest.")
        yield ""
        yield from _in_columns(ratios_table(run))
        return
    yield "Medians of each cell's samples."
    yield ""
    yield from _in_columns(cells_table(run))
    yield ""
    yield "What a cache costs on a device without latency:"
    for policy, cost in run.model.cost_ns.items():
        yield f"  {policy}: {cost / 1000:.1f} us"
    yield ""
    yield from _explained(run)
    yield ""
    yield "Controls:"
    for control in asked:
        yield (f"  {VERDICTS[control.ok]}: {control.name}: "
               f"{control.expected}: {control.found}")
    if is_void(asked):
        yield "The run is void."
