# SPDX-License-Identifier: GPL-2.0
"""What must come out as expected, or the run is void.

A control that compares cells which were not measured is not answered, and
does not make a run void. In wall time none is: the figures are too coarse.
"""

from samples import find

POLICIES = ("serial", "two_stage", "early", "stock")
BASE = {"workload": "truncate", "placement": "raw-direct", "block_groups": 64,
        "queue_depth": 1024}
MS = 1000000


def varied(cells, name):
    """The cells that differ from the base in this attribute alone."""
    base = dict(BASE, latency_ns=MS)
    del base[name]
    return [cell for cell in cells if all(
        getattr(cell, other) == value for other, value in base.items())]


class Control:
    """An expectation, and how it came out: ok is None if it was not asked."""

    def __init__(self, name, expected):
        self.name = name
        self.expected = expected
        self.found = "not measured"
        self.ok = None

    def answer(self, ok, found):
        """Takes note of what was found."""
        self.ok = ok
        self.found = found


def _queue_depth_of_one(cells, model):
    # With a window, as large as it need be: without one the device is plugged,
    # and requests for caches side by side are merged.
    control = Control("a device that takes one request at a time",
                      "8 ms: two_stage with a window of 64 gains no more on "
                      "serial than the instructions of its caches, and "
                      "under 10 %")
    at = dict(BASE, latency_ns=8 * MS, queue_depth=1)
    serial = find(cells, "serial", **at)
    two_stage = find(cells, "two_stage:64", **at)
    cost = model.cost_ns.get("two_stage")
    if serial and two_stage and cost:
        gain = serial.median("sync_ns") - two_stage.median("sync_ns")
        most = two_stage.median("num_started") * cost
        share = gain / serial.median("sync_ns")
        control.answer(gain <= most and share < 0.1,
                       f"gains {gain / MS:.2f} ms of at most "
                       f"{most / MS:.2f} ms, {share:.1%}")
    return control


def _zero_latency(cells):
    control = Control("a device without latency",
                      "syncs of all policies within 5 %")
    found = [find(cells, policy, latency_ns=0, **BASE)
             for policy in POLICIES]
    if all(found):
        times = [cell.median("sync_ns") for cell in found]
        spread = max(times) / min(times) - 1
        control.answer(spread <= 0.05,
                       f"{min(times) / MS:.2f} to {max(times) / MS:.2f} ms, "
                       f"{spread:.1%}")
    return control


def _stock(cells):
    control = Control("the policy stock against the stock module",
                      "1 ms: syncs equal within 1 %")
    ours = find(cells, "stock", latency_ns=MS, **BASE)
    theirs = find(cells, "btrfs v1", latency_ns=MS, **BASE)
    if ours and theirs:
        difference = ours.median("sync_ns") / theirs.median("sync_ns") - 1
        control.answer(abs(difference) <= 0.01,
                       f"{ours.median('sync_ns') / MS:.2f} and "
                       f"{theirs.median('sync_ns') / MS:.2f} ms, "
                       f"{difference:+.2%}")
    return control


def _repetition(cells):
    control = Control("the same cell twice",
                      "syncs equal within 0.1 %, in every cell of truncated "
                      "files on the raw device")
    worst, where = 0, None
    for cell in cells:
        if len(cell.samples) < 2 or cell.workload != "truncate" or \
                cell.placement != "raw-direct":
            continue
        least, greatest = cell.spread("sync_ns")
        if where is None or greatest / least - 1 > worst:
            worst, where = greatest / least - 1, cell.name
    if where:
        control.answer(worst <= 0.001, f"at most {worst:.3%}, {where}")
    return control


def ask(cells, model, clock):
    """All controls, each answered as far as the cells allow."""
    controls = [_queue_depth_of_one(cells, model), _zero_latency(cells),
                _stock(cells), _repetition(cells)]
    if clock == "wall":
        for control in controls:
            control.answer(None, "not asked in wall time")
    return controls
