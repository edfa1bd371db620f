# SPDX-License-Identifier: GPL-2.0
"""How long a commit's passes take, by a model with one constant a policy.

    passes = N * max(c, (L + c) / w) + L        w > 1
    passes = N * (L + c)                        w = 1

N caches, each costing c instructions (a nanosecond each) and a request of the
device's latency L, with w of them in flight at most. c is what a cache takes
where the device has no latency. The limit is what no window can get below: all
instructions, and one latency.
"""

OFF = 0.1


class Model:
    """The constants of each policy, and what follows from them."""

    def __init__(self, cells):
        # policy: instructions of one cache, and those of them that are not
        # within a wait
        self.cost_ns = {}
        self.busy_ns = {}
        # and what preparing one costs where that is no part of a pass
        self.setup_ns = {}
        for cell in self._calibrating(cells):
            caches = cell.median("num_started")
            if not caches or cell.policy in self.cost_ns:
                continue
            passes = cell.median("passes_ns")
            self.cost_ns[cell.policy] = passes / caches
            self.busy_ns[cell.policy] = \
                (passes - cell.median("wait_ns")) / caches
            self.setup_ns[cell.policy] = cell.median("setup_ns") / caches

    @staticmethod
    def _calibrating(cells):
        """Cells without latency in which nothing else differs."""
        return [cell for cell in cells
                if cell.ours and not cell.latency_ns and
                cell.workload == "truncate" and
                cell.placement == "raw-direct" and ":" not in cell.writer]

    def passes_ns(self, cell):
        """What the passes of a cell should take; None if it is not known, or
        if there was no cache to write."""
        cost = self.cost_ns.get(cell.policy)
        caches = cell.median("num_started")
        if cost is None or not caches:
            return None
        if cell.window == 1:
            return caches * (cell.latency_ns + cost)
        # stock's own passes have no bound either.
        if not cell.window:
            return caches * cost + cell.latency_ns
        each = max(cost, (cell.latency_ns + cost) / cell.window)
        return caches * each + cell.latency_ns

    def limit_ns(self, cell):
        """What the passes of a cell cannot get below; None likewise."""
        cost = self.cost_ns.get(cell.policy)
        caches = cell.median("num_started")
        if cost is None or not caches:
            return None
        return caches * cost + cell.latency_ns

    def ratio(self, cell):
        """Measured to model; None where there is nothing to compare."""
        return _divide(cell.median("passes_ns"), self.passes_ns(cell))

    def ratio_to_limit(self, cell):
        """Measured to limit; None where there is nothing to compare."""
        return _divide(cell.median("passes_ns"), self.limit_ns(cell))

    def is_off(self, cell):
        """Whether a cell has to be explained."""
        ratio = self.ratio(cell)
        return ratio is not None and abs(ratio - 1) > OFF

    def parts_ns(self, cell):
        """By how much a cell's instructions and its waits differ from the
        model's. Both together are by how much its passes do."""
        measured = cell.median("passes_ns")
        waits = cell.median("wait_ns")
        busy = cell.median("num_started") * self.busy_ns[cell.policy]
        return (measured - waits - busy,
                waits - (self.passes_ns(cell) - busy))


def _divide(measured, expected):
    if measured is None or not expected:
        return None
    return measured / expected
