# SPDX-License-Identifier: GPL-2.0
"""Why a cell is off the model: in which part it differs, and what is known.

The first text splits the difference into instructions and waits. Those after
it name what the model leaves out; a reason is given only where the part that
it speaks of is the larger one.
"""

from model import MS

UNKNOWN = ("No reason is known: look at it with `twostage record` and "
           "`twostage report`.")


class Difference:
    """By how much a cell is off, in instructions and in waits."""

    def __init__(self, cell, model):
        caches = cell.median("num_started")
        passes, waits = cell.median("passes_ns"), cell.median("wait_ns")
        busy = caches * model.busy_ns[cell.policy]
        self.busy = passes - waits - busy
        self.waits = waits - (model.passes_ns(cell) - busy)
        self.busy_times = (passes - waits) / busy
        self.latencies = \
            self.waits / cell.latency_ns if cell.latency_ns else 0
        self.mostly_waits = abs(self.waits) > abs(self.busy)
        self.waits_longer = self.mostly_waits and self.waits > 0

    def text(self, cell):
        """Both parts in a line."""
        text = (f"{(self.busy + self.waits) / MS:+.2f} ms: "
                f"{self.busy / MS:+.2f} ms of instructions "
                f"({self.busy_times:.2f} times those of the model), "
                f"{self.waits / MS:+.2f} ms of waits")
        if cell.latency_ns:
            text += f" ({self.latencies:+.1f} latencies)"
        return text


def _reasons_of_waits(cell, off):
    """Of the device and what lies over it."""
    caches = cell.median("num_started")
    buffered = cell.placement.endswith("buffered")
    queue_full = cell.queue_depth <= cell.median("peak_in_flight")
    if off.waits_longer and queue_full and cell.latency_ns and \
            cell.window != 1:
        requests = cell.median("passes_ns") * cell.queue_depth / \
            cell.latency_ns / caches
        yield (f"The device takes {cell.queue_depth} at a time, however many "
               f"caches are in flight: the passes last as long as "
               f"{requests:.1f} requests for each cache, one after the other.")
    if off.waits_longer and cell.queue_depth == 1 and cell.latency_ns and \
            cell.window == 1:
        latencies = cell.median("wait_ns") / cell.latency_ns / caches
        yield ("A cache is more than one request, and the device takes one at "
               f"a time: {latencies:.1f} latencies a cache.")
    if buffered and off.waits_longer:
        yield ("The loop device is buffered: what it was given waits for the "
               "writeback of the file below.")
    elif buffered:
        yield ("The loop device is buffered: a request ends when it has been "
               "copied to the page cache, which costs instructions in place "
               "of waits. The device is waited for at the end of the sync.")
    if cell.placement == "file-direct":
        yield ("Below the loop device is a file on ext4, which looks up and "
               "submits each request once more.")
    if off.waits_longer and off.latencies >= 0.5 and not queue_full:
        yield ("More than one pass had caches to wait for, one after the "
               f"other: {off.latencies:.1f} latencies more.")
    if off.mostly_waits and off.latencies <= -0.5 and not buffered:
        yield ("Shorter waits: the last caches were done before the pass came "
               "to wait for them.")


def _reason_of_instructions(cell, off):
    """Of the workload and the number of block groups, or nothing."""
    if cell.workload == "fragmented":
        return ("The caches have bitmaps and thousands of entries, which cost "
                "instructions to write.")
    if cell.workload != "truncate":
        return ("The commit pass rewrites caches that the early pass has set "
                "up in the same transaction: that is done once."
                if off.busy < 0 else
                "Few caches: what a pass does once, and the items of block "
                "groups without a cache, is shared by few.")
    if cell.block_groups < 64:
        return "Few caches: what a pass does once is shared by few."
    if cell.block_groups > 64:
        return "Many block groups: trees are deeper, and each lookup is longer."
    return None


def explanations(cell, model):
    """The texts for a cell that is off."""
    off = Difference(cell, model)
    reasons = list(_reasons_of_waits(cell, off))
    if not off.mostly_waits:
        reasons.append(_reason_of_instructions(cell, off))
    return [off.text(cell), *(filter(None, reasons) if any(reasons)
                              else [UNKNOWN])]
