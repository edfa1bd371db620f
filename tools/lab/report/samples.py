# SPDX-License-Identifier: GPL-2.0
"""The results of the lab: samples, put together in cells.

A cell is what a line of tools/lab/grid names; its samples are repetitions of
the same. Times are in nanoseconds throughout. README.md beside tools/lab/run
describes the fields.
"""

import json
import statistics

MODULE = "btrfs_twostage"
# What a policy's name stands for, as src/policy.c has it.
WINDOW_OF_POLICY = {"serial": 1}
# In the order in which people compare them.
WRITERS = ("serial", "two_stage", "early", "stock", "fit",
           "btrfs v1", "btrfs v2", "btrfs none")
PLACEMENTS = ("raw-direct", "raw-buffered", "file-direct", "file-buffered")
WORKLOADS = ("truncate", "overwrite", "unpack", "delete", "snapshots",
             "fragmented")
NEEDED = ("cell", "workload", "placement", "module", "cache", "policy",
          "window", "block_groups", "latency_ns", "queue_depth", "repetition",
          "kernel", "clock", "sync_ns")


class BadResults(Exception):
    """What is wrong with the file, and what to do."""


class Cell:
    """All samples of one cell."""

    def __init__(self, sample):
        self.name = sample["cell"]
        self.workload = sample["workload"]
        self.placement = sample["placement"]
        self.policy = sample["policy"]
        self.window = sample["window"]
        self.block_groups = sample["block_groups"]
        self.latency_ns = sample["latency_ns"]
        self.queue_depth = sample["queue_depth"]
        self.ours = sample["module"] == MODULE
        self.writer = self._writer(sample)
        self.samples = []

    def _writer(self, sample):
        if not self.ours:
            return f"btrfs {sample['cache']}"
        if sample["cache"] != "v1":
            return f"{self.policy}:{sample['cache']}"
        if self.window == WINDOW_OF_POLICY.get(self.policy, 0):
            return self.policy
        return f"{self.policy}:{self.window}"

    @property
    def place(self):
        """What cells have in common that differ in the writer alone."""
        return (self.workload, self.placement, self.block_groups,
                self.latency_ns, self.queue_depth)

    def values(self, field):
        """The field of each sample, in the order of the repetitions."""
        return [sample.get(field) for sample in self.samples
                if sample.get(field) is not None]

    def median(self, field):
        """Of the field over the samples; None where none has it."""
        values = self.values(field)
        return statistics.median(values) if values else None

    def spread(self, field):
        """The least and the greatest; None where no sample has the field."""
        values = self.values(field)
        return (min(values), max(values)) if values else None

    def observed(self, name):
        """What was taken in further syncs: `bystander` or `depth`, or None."""
        values = self.values(name)
        return values[0] if values else None


def _rank(known, name):
    base = name.split(":")[0]
    return known.index(base) if base in known else len(known)


def _order(cell):
    return (_rank(WORKLOADS, cell.workload), _rank(PLACEMENTS, cell.placement),
            cell.block_groups, cell.latency_ns, -cell.queue_depth,
            _rank(WRITERS, cell.writer), cell.window or 0)


def _parse(path, number, line):
    try:
        sample = json.loads(line)
        missing = [name for name in NEEDED if name not in sample]
    except (ValueError, TypeError) as error:
        raise BadResults(f"{path}:{number}: not a line of JSON ({error}): "
                         "remove it, and measure again") from error
    if missing:
        raise BadResults(f"{path}:{number}: lacks {', '.join(missing)}: "
                         "move the results away, and measure again")
    return sample


def read(path):
    """Reads results.jsonl.

    Returns the cells, in the order in which they are reported, the kernel and
    the clock, which all samples must share.
    """
    cells = {}
    runs = set()
    try:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                sample = _parse(path, number, line)
                runs.add((sample["kernel"], sample["clock"]))
                cell = cells.setdefault(sample["cell"], Cell(sample))
                cell.samples.append(sample)
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}: tools/lab/run makes it"
                         ) from error
    if not cells:
        raise BadResults(f"{path}: no samples: tools/lab/run takes them")
    if len(runs) > 1:
        raise BadResults(f"{path}: samples of several kernels or clocks, "
                         "which cannot be compared: keep them apart")
    for cell in cells.values():
        cell.samples.sort(key=lambda sample: sample["repetition"])
    return sorted(cells.values(), key=_order), *runs.pop()


def named(cell):
    """What the name of a cell says, as tools/lab/cell.sh has it."""
    workload, placement, module, cache, policy, *numbers = cell.split(",")
    window, block_groups, latency, depth = (
        None if number[1:] == "-" else int(number[1:]) for number in numbers)
    return {"cell": cell, "workload": workload, "placement": placement,
            "module": module, "cache": cache,
            "policy": None if policy == "-" else policy, "window": window,
            "block_groups": block_groups, "latency_ns": latency,
            "queue_depth": depth}


def find(cells, writer, **wanted):
    """The cell of this writer with these attributes; None if there is none."""
    for cell in cells:
        if cell.writer == writer and all(
                getattr(cell, name) == value
                for name, value in wanted.items()):
            return cell
    return None
