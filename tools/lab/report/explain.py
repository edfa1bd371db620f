# SPDX-License-Identifier: GPL-2.0
"""Why a cell is off the model: in which part it differs, and what is known.

The first text says how much of the difference are instructions and how much
are waits, computed. Those behind it name what the cell has that the model does
not know; a reason is given only where the part that it speaks of is the larger
one. A cell without a reason says that it has none.
"""

MS = 1000000
UNKNOWN = ("No reason is known: look at it with `twostage record` and "
           "`twostage report`.")


class Difference:
    """By how much a cell is off, in its parts."""

    def __init__(self, cell, model):
        self.cell = cell
        self.caches = cell.median("num_started")
        self.busy, self.waits = model.parts_ns(cell)
        measured = cell.median("passes_ns") - cell.median("wait_ns")
        self.busy_times = measured / (self.caches * model.busy_ns[cell.policy])
        self.mostly_waits = abs(self.waits) > abs(self.busy)

    @property
    def latencies(self):
        """The difference of the waits in latencies of the device."""
        if not self.cell.latency_ns:
            return 0
        return self.waits / self.cell.latency_ns

    def text(self):
        """Both parts in a line."""
        text = (f"{(self.busy + self.waits) / MS:+.2f} ms: "
                f"{self.busy / MS:+.2f} ms of instructions "
                f"({self.busy_times:.2f} times those of the model), "
                f"{self.waits / MS:+.2f} ms of waits")
        if self.cell.latency_ns:
            text += f" ({self.latencies:+.1f} latencies)"
        return text


def _queue_depth(off):
    cell = off.cell
    if not off.mostly_waits or off.waits < 0 or not cell.latency_ns or \
            cell.window == 1 or \
            cell.queue_depth > cell.median("peak_in_flight"):
        return None
    requests = cell.median("passes_ns") * cell.queue_depth / \
        cell.latency_ns / off.caches
    return (f"The device takes {cell.queue_depth} at a time, however many "
            f"caches are in flight: the passes last as long as {requests:.1f} "
            "requests for each cache, one after the other.")


def _serial_queue(off):
    cell = off.cell
    if not off.mostly_waits or off.waits < 0 or cell.queue_depth > 1 or \
            cell.window != 1:
        return None
    return (f"A cache is more than one request, and the device takes one at a "
            f"time: {cell.median('wait_ns') / cell.latency_ns / off.caches:.1f}"
            " latencies a cache.")


def _buffered(off):
    if not off.cell.placement.endswith("buffered"):
        return None
    if off.mostly_waits and off.waits > 0:
        return ("The loop device is buffered: what it was given waits for the "
                "writeback of the file below.")
    return ("The loop device is buffered: a request ends when it has been "
            "copied to the page cache, which costs instructions in place of "
            "waits. The device is waited for at the end of the sync.")


def _file(off):
    if off.cell.placement != "file-direct":
        return None
    return ("Below the loop device is a file on ext4, which looks up and "
            "submits each request once more.")


def _second_wait(off):
    if not off.mostly_waits or off.latencies < 0.5 or \
            off.cell.queue_depth <= off.cell.median("peak_in_flight"):
        return None
    return (f"More than one pass had caches to wait for, one after the other: "
            f"{off.latencies:.1f} latencies more.")


def _fewer_waits(off):
    if not off.mostly_waits or off.latencies > -0.5 or \
            off.cell.placement.endswith("buffered"):
        return None
    return ("Shorter waits: the last caches were done before the pass came to "
            "wait for them.")


def _workload(off):
    if off.mostly_waits or off.cell.workload == "truncate":
        return None
    if off.cell.workload == "fragmented":
        return ("The caches have bitmaps and thousands of entries, which cost "
                "instructions to write.")
    if off.busy < 0:
        return ("The commit pass writes caches again that the early pass has "
                "prepared in the same transaction: that is done once.")
    return ("Few caches: what a pass does once, and the items of block groups "
            "without a cache, is shared by few.")


def _block_groups(off):
    if off.mostly_waits or off.cell.workload != "truncate" or \
            off.cell.block_groups == 64:
        return None
    if off.cell.block_groups < 64:
        return "Few caches: what a pass does once is shared by few."
    return ("Many block groups: trees are deeper, and each item is looked for "
            "longer.")


REASONS = (_queue_depth, _serial_queue, _buffered, _file, _second_wait,
           _fewer_waits, _workload, _block_groups)


def explanations(cell, model):
    """The texts for a cell that is off."""
    off = Difference(cell, model)
    reasons = [reason(off) for reason in REASONS]
    reasons = [text for text in reasons if text]
    return [off.text(), *(reasons or [UNKNOWN])]
