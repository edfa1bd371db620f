# SPDX-License-Identifier: GPL-2.0
"""What a commit would take on a device that nobody measured.

By the model, with what a device of a bounded queue adds to it: a cache of the
distribution's size has 256 KiB, which the lab's device, null_blk, takes as
three requests, and one of fit is one; where Q are taken at a time N caches of R
requests take R N L / Q, whatever the window.
"""

import argparse

from samples import WINDOW_OF_POLICY

MS = 1000000
SECOND = 1000000000
REQUESTS = {"fit": 1}
REQUESTS_OF_OTHERS = 3
POLICIES = ("serial", "two_stage", "early", "stock", "fit")


def device(text):
    """GROUPS:MS:DEPTH, for the command line."""
    try:
        groups, latency, depth = text.split(":")
        parsed = int(groups), float(latency), int(depth)
    except ValueError:
        parsed = 0, 0, 0
    if parsed[0] < 1 or parsed[1] < 0 or parsed[2] < 1:
        raise argparse.ArgumentTypeError(
            f"'{text}': give block groups, milliseconds and requests, such as "
            "20000:8:1")
    return parsed


def writeout_ns(model, policy, groups, latency_ns, depth):
    """Setup and passes of one commit; None where the policy was not measured
    without latency."""
    cost = model.cost_ns.get(policy)
    if cost is None:
        return None
    requests = REQUESTS.get(policy, REQUESTS_OF_OTHERS)
    if WINDOW_OF_POLICY.get(policy) == 1:
        # On a device of many queues a cache's requests go side by side.
        each = cost + latency_ns * (requests if depth == 1 else 1)
    else:
        each = max(cost, requests * latency_ns / depth)
    return groups * (model.setup_ns[policy] + each) + latency_ns


def largest(run, policy, depth):
    """The measured cell of the most block groups on such a device, with how it
    compares."""
    cells = [cell for cell in run.cells if cell.writer == policy and
             cell.workload == "truncate" and cell.placement == "raw-direct" and
             (cell.queue_depth == 1) == (depth == 1)]
    if not cells:
        return None
    cell = max(cells, key=lambda cell: (cell.block_groups, cell.latency_ns))
    expected = writeout_ns(run.model, policy, cell.median("num_started"),
                           cell.latency_ns, cell.queue_depth)
    if not expected:
        return None
    return cell, cell.median("writeout_ns") / expected


def lines(run, groups, latency, depth):
    """The prediction for each policy, and its error where it was measured."""
    yield (f"{groups} dirty block groups, {latency:g} ms, {depth} requests at "
           f"a time, kernel {run.kernel}")
    for policy in POLICIES:
        expected = writeout_ns(run.model, policy, groups, latency * MS, depth)
        measured = largest(run, policy, depth)
        if expected is None:
            yield f"  {policy:10} not measured without latency"
            continue
        line = f"  {policy:10} {expected / SECOND:9.2f} s"
        if measured:
            cell, ratio = measured
            line += (f"   measured to predicted {ratio:.2f} at "
                     f"{cell.block_groups} block groups, "
                     f"{cell.latency_ns / MS:g} ms, {cell.queue_depth} "
                     f"requests")
        yield line
