# SPDX-License-Identifier: GPL-2.0
"""What the texts have of the guarded cells, of tests/lab/instructions."""

from columns import NONE, latency, ms
from phrases import listed, table
from samples import PLACEMENTS, WORKLOADS, WRITERS


def _label(cell):
    writer, _, window = cell.writer.partition(":")
    return f"`{writer}`" + (f", window {window}" if window else "")


def _order(cell):
    writer = cell.writer.split(":")[0]
    return (cell.latency_ns, WRITERS.index(writer), cell.window or 0,
            WORKLOADS.index(cell.workload), PLACEMENTS.index(cell.placement))


def syncs(runs):
    """A line for each cell, and a column for each kernel."""
    figures = [{cell.name: ms(cell.median("sync_ns")) for cell in run.cells}
               for run in runs]
    cells = {cell.name: cell for run in runs for cell in run.cells}
    rows = [[_label(cell), latency(cell.latency_ns),
             *(own.get(cell.name, NONE) for own in figures)]
            for cell in sorted(cells.values(), key=_order)]
    groups = listed(sorted({str(cell.block_groups)
                            for cell in cells.values()}))
    return table([f"sync of {groups} block groups, ms", "latency, ms",
                  *(f"{run.kernel} at {run.commit}" if run.commit else
                    run.kernel for run in runs)], rows)


BLOCKS = {"guard": syncs}
