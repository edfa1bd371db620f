# SPDX-License-Identifier: GPL-2.0
"""What must come out as expected, or the run is void.

A control whose cells were not measured is not answered, and does not make a
run void. In wall time none is asked: the figures are too coarse.
"""

from collections import namedtuple

from model import MS
from samples import find

# ok is None where it was not answered.
Control = namedtuple("Control", "name expected ok found")


def _queue_of_one(run):
    # With a window, however large: without one the device is plugged, and
    # merges the requests of neighbouring caches.
    at = {"latency_ns": 8 * MS, "queue_depth": 1}
    serial = find(run.cells, "serial", **at)
    two_stage = find(run.cells, "two_stage:64", **at)
    cost = run.model.cost_ns.get("two_stage")
    if not (serial and two_stage and cost):
        return None
    gain = serial.median("sync_ns") - two_stage.median("sync_ns")
    most = two_stage.median("num_started") * cost
    share = gain / serial.median("sync_ns")
    return gain <= most and share < 0.1, \
        f"gains {gain / MS:.2f} ms of at most {most / MS:.2f} ms, {share:.1%}"


def _no_latency(run):
    # These set up cache files alike, and of one size: their order is all that differs.
    found = [find(run.cells, policy, latency_ns=0)
             for policy in ("serial", "two_stage", "early")]
    if not all(found):
        return None
    times = [cell.median("sync_ns") for cell in found]
    spread = max(times) / min(times) - 1
    return spread <= 0.05, \
        f"{min(times) / MS:.2f} to {max(times) / MS:.2f} ms, {spread:.1%}"


def _stock(run):
    cells = find(run.cells, "stock:accessors"), find(run.cells, "btrfs v1")
    if not all(cells):
        return None
    ours, stock = (cell.median("sync_ns") for cell in cells)
    return abs(ours / stock - 1) <= 0.01, \
        f"{ours / MS:.2f} and {stock / MS:.2f} ms, {ours / stock - 1:+.2%}"


def _repetition(run):
    spreads = [(max(syncs) / min(syncs) - 1, cell.name) for cell in run.cells
               if len(syncs := cell.values("sync_ns")) > 1 and
               cell.workload == "truncate" and cell.placement == "raw-direct" and
               cell.block_groups <= 64]
    if not spreads:
        return None
    worst, where = max(spreads, key=lambda spread: spread[0])
    return worst <= 0.001, f"at most {worst:.3%}, {where}"


CONTROLS = (
    ("a device that takes one request at a time",
     "8 ms: two_stage with a window of 64 gains no more on serial than the "
     "instructions of its caches, and under 10 %", _queue_of_one),
    ("a device without latency",
     "syncs of serial, two_stage and early within 5 %", _no_latency),
    ("the policy stock against the stock module",
     "1 ms, both with the accessors of the stock module: syncs equal within 1 %",
     _stock),
    ("the same cell twice",
     "syncs equal within 0.1 %, in every cell of truncated files on the raw "
     "device, of up to 64 block groups", _repetition),
)


def is_void(asked):
    """Whether a control did not come out as expected."""
    return any(control.ok is False for control in asked)


def ask(run):
    """All controls, each answered as far as the cells allow."""
    for name, expected, answer in CONTROLS:
        if run.clock == "wall":
            ok, found = None, "not asked in wall time"
        else:
            ok, found = answer(run) or (None, "not measured")
        yield Control(name, expected, ok, found)
