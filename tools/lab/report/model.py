# SPDX-License-Identifier: GPL-2.0
"""How long a commit's passes take, by a model with one constant a policy.

    passes = N * max(c, (L + c) / w) + L        w > 1
    passes = N * (L + c)                        w = 1

N caches, each costing c instructions (a nanosecond each) and a request of the
device's latency L, with w of them in flight at most. c is what a cache takes
on a device without latency. No window gets below the limit: all instructions,
and one latency.

It also predicts a commit on a device that nobody measured. There the queue is
bounded: a cache of stock size has 256 KiB, which null_blk, the lab's device,
takes as three requests, and a cache of fit is one; a device that takes Q
requests at a time needs N R L / Q for N caches of R requests, whatever the
window.
"""

MS = 1000000
SECOND = 1000000000
OFF = 0.1
POLICIES = ("serial", "two_stage", "early", "stock", "fit")


class Model:
    """The constants of each policy, and what follows from them."""

    def __init__(self, cells):
        # By policy, for one cache: all instructions of the passes, those
        # outside of waits, and those of a setup that is in no pass.
        self.cost_ns, self.busy_ns, self.setup_ns = {}, {}, {}
        self.without_latency = {_but_latency(cell): cell for cell in cells
                                if not cell.latency_ns}
        for cell in cells:
            if not _calibrates(cell) or cell.policy in self.cost_ns:
                continue
            caches = cell.median("num_started")
            if not caches:
                continue
            passes = cell.median("passes_ns")
            self.cost_ns[cell.policy] = passes / caches
            self.busy_ns[cell.policy] = \
                (passes - cell.median("wait_ns")) / caches
            self.setup_ns[cell.policy] = cell.median("setup_ns") / caches

    def waits(self, cell):
        """How many latencies a cell takes longer than without; None where
        that was not measured."""
        without = self.without_latency.get(_but_latency(cell))
        if not without or not cell.latency_ns:
            return None
        return (cell.median("timed_ns") - without.median("timed_ns")) / \
            cell.latency_ns

    def limit_ns(self, cell):
        """What no window gets the passes below. None where the policy's
        constant is unknown, or no cache was written."""
        cost = self.cost_ns.get(cell.policy)
        caches = cell.median("num_started")
        if cost is None or not caches:
            return None
        return caches * cost + cell.latency_ns

    def passes_ns(self, cell):
        """What the passes of a cell should take; None likewise."""
        limit = self.limit_ns(cell)
        # The passes of stock have no bound either.
        if limit is None or not cell.window:
            return limit
        cost = self.cost_ns[cell.policy]
        caches = cell.median("num_started")
        if cell.window == 1:
            return caches * (cell.latency_ns + cost)
        each = max(cost, (cell.latency_ns + cost) / cell.window)
        return caches * each + cell.latency_ns

    def ratio(self, cell, expect=passes_ns):
        """Measured to model; None where there is nothing to compare."""
        expected = expect(self, cell)
        return cell.median("passes_ns") / expected if expected else None

    def ratio_to_limit(self, cell):
        """Measured to limit; None likewise."""
        return self.ratio(cell, Model.limit_ns)

    def is_off(self, cell):
        """Whether a cell has to be explained."""
        ratio = self.ratio(cell)
        return ratio is not None and abs(ratio - 1) > OFF

    def predict_ns(self, policy, groups, latency_ns, depth):
        """Setup and passes of one commit; None where the policy was not
        measured without latency."""
        cost = self.cost_ns.get(policy)
        if cost is None:
            return None
        requests = 1 if policy == "fit" else 3
        if policy == "serial":
            # A device of many queues takes a cache's requests side by side.
            each = cost + latency_ns * (requests if depth == 1 else 1)
        else:
            each = max(cost, requests * latency_ns / depth)
        return groups * (self.setup_ns[policy] + each) + latency_ns


def _but_latency(cell):
    return (cell.workload, cell.placement, cell.block_groups, cell.queue_depth,
            cell.writer)


def _calibrates(cell):
    """Without latency, and nothing else differs."""
    return (cell.ours and not cell.latency_ns and ":" not in cell.writer and
            (cell.workload, cell.placement) == ("truncate", "raw-direct"))


def largest(run, policy, depth):
    """The measured cell of most block groups on such a device, with the ratio
    of measured to predicted; or None."""
    cells = [cell for cell in run.cells if cell.writer == policy and
             cell.workload == "truncate" and cell.placement == "raw-direct" and
             (cell.queue_depth == 1) == (depth == 1)]
    if not cells:
        return None
    cell = max(cells, key=lambda cell: (cell.block_groups, cell.latency_ns))
    expected = run.model.predict_ns(policy, cell.median("num_started"),
                                    cell.latency_ns, cell.queue_depth)
    if not expected:
        return None
    return cell, cell.median("writeout_ns") / expected


def predictions(run, groups, latency, depth):
    """A line for each policy, with the model's error where it is known."""
    yield (f"{groups} dirty block groups, {latency:g} ms, {depth} requests at "
           f"a time, kernel {run.kernel}")
    for policy in POLICIES:
        expected = run.model.predict_ns(policy, groups, latency * MS, depth)
        if expected is None:
            yield f"  {policy:10} not measured without latency"
            continue
        line = f"  {policy:10} {expected / SECOND:9.2f} s"
        if measured := largest(run, policy, depth):
            cell, ratio = measured
            line += (f"   measured to predicted {ratio:.2f} at "
                     f"{cell.block_groups} block groups, "
                     f"{cell.latency_ns / MS:g} ms, {cell.queue_depth} "
                     "requests")
        yield line
