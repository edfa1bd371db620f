# SPDX-License-Identifier: GPL-2.0
"""What wall time is good for: ratios of what was measured in one piece.

Cells that differ in the writer alone are measured one after the other, in
each repetition anew, so that whatever else the machine did was the same for
all of them.
"""

import statistics

from columns import latency

# Against which the others are held, the first of them that was measured.
REFERENCES = ("serial", "btrfs v1", "stock", "early", "two_stage")
HEADINGS = ["workload", "placement", "groups", "latency ms", "depth", "writer",
            "against", "sync", "from", "to", "n"]
TEXT_COLUMNS = 2


class Ratio:
    """How a cell's syncs compare with those of its reference."""

    def __init__(self, cell, reference):
        self.cell = cell
        self.reference = reference
        theirs = {sample["repetition"]: sample["sync_ns"]
                  for sample in reference.samples}
        self.values = [sample["sync_ns"] / theirs[sample["repetition"]]
                       for sample in cell.samples
                       if sample["repetition"] in theirs]

    @property
    def median(self):
        """The middle one of the repetitions."""
        return statistics.median(self.values)


def _reference(group):
    for writer in REFERENCES:
        for cell in group:
            if cell.writer == writer:
                return cell
    return None


def all_ratios(cells):
    """Of each cell that can be compared with another."""
    groups = {}
    for cell in cells:
        groups.setdefault(cell.place, []).append(cell)
    for group in groups.values():
        reference = _reference(group)
        for cell in group:
            if not reference or cell is reference:
                continue
            ratio = Ratio(cell, reference)
            if ratio.values:
                yield ratio


def table(cells):
    """The ratios as lines of texts."""
    return [[ratio.cell.workload, ratio.cell.placement,
             str(ratio.cell.block_groups), latency(ratio.cell.latency_ns),
             str(ratio.cell.queue_depth), ratio.cell.writer,
             ratio.reference.writer, f"{ratio.median:.2f}",
             f"{min(ratio.values):.2f}", f"{max(ratio.values):.2f}",
             str(len(ratio.values))] for ratio in all_ratios(cells)]
