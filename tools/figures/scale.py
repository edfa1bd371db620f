# SPDX-License-Identifier: GPL-2.0
"""What the lab's constants mean for 20 TB, of docs/results/lab.json.

What is computed is computed by the lab's report.
"""

from phrases import listed, paragraph, table
from predict import POLICIES, SECOND, largest, writeout_ns
from results import MS, BadResults

GROUPS = 20000
# The device, its latency and its queue depth, and how they were chosen.
DEVICES = (
    ("hard disk", 6.7, 1, "150 seeks a second, and each request is one: "
     "caches lie wherever there was room"),
    ("SSD", 0.1, 1024, "NVMe"),
    ("network volume", 1, 32, "block storage of a cloud provider"),
)
SLOW = (8, 1024)


def constants(run):
    """c and s of each policy."""
    _need_all(run)
    rows = [[f"`{policy}`", f"{run.model.cost_ns[policy] / MS:.2f}",
             f"{run.model.setup_ns[policy] / MS:.2f}"] for policy in POLICIES]
    return paragraph(
        f"Measured on {run.kernel} at {run.commit}, in virtual time, where an "
        "instruction is a nanosecond:"
    ) + "\n\n" + table(["", "c, ms", "s, ms"], rows)


def _need_all(run):
    for policy in POLICIES:
        if policy not in run.model.cost_ns:
            # There is none, so this says which.
            run.cell(policy, latency=0)


def _seconds(run, policy, latency, depth):
    _need_all(run)
    seconds = writeout_ns(run.model, policy, GROUPS, latency * MS,
                          depth) / SECOND
    return f"{seconds:.{0 if seconds >= 10 else 1}f} s"


def predictions(run):
    """The devices, and what a commit takes on them."""
    first, *others = [f"{GROUPS}:{latency}:{depth}"
                      for _, latency, depth, _ in DEVICES]
    return "\n\n".join((
        table(["device", "L", "Q", "how it was chosen"],
              [[name, f"{latency} ms", str(depth), why]
               for name, latency, depth, why in DEVICES]),
        "    tools/lab/report/lab-report --results=out/lab/results.jsonl "
        f"--predict={first}       # and {', '.join(others)}",
        table(["", *(name for name, _, _, _ in DEVICES)],
              [[f"`{policy}`", *(_seconds(run, policy, latency, depth)
                                 for _, latency, depth, _ in DEVICES)]
               for policy in POLICIES])))


def errors(run):
    """The formula where it could be checked."""
    def checked(policy, depth):
        found = largest(run, policy, depth)
        if not found:
            raise BadResults(
                f"{run.path}: lacks {policy} on a device of "
                f"{'one request' if depth == 1 else 'many requests'} at a "
                "time: sudo make figures TAKE=lab")
        cell, ratio = found
        return (f"{ratio:.2f} at {cell.block_groups} block groups, "
                f"{cell.latency_ns / MS:g} ms")

    _need_all(run)
    return table(["", "many requests at a time", "one at a time"],
                 [[f"`{policy}`", checked(policy, 1024), checked(policy, 1)]
                  for policy in POLICIES])


def slower(run):
    """A slow device that takes many requests."""
    latency, depth = SLOW
    return paragraph(
        f"A volume of {latency} ms and {depth} requests at a time takes",
        listed([f"{_seconds(run, policy, latency, depth)} under `{policy}`"
                for policy in POLICIES]) + ".")


BLOCKS = {"scale-constants": constants, "scale": predictions,
          "scale-errors": errors, "scale-slower": slower}
