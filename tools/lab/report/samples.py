# SPDX-License-Identifier: GPL-2.0
"""The lab's results: samples, gathered in cells, gathered in a run.

A cell is a line of tools/lab/grid; its samples are repetitions of it. Times
are in nanoseconds. docs/formats.md describes the fields.
"""

import json
import os
import statistics
from functools import cached_property

from model import MS, Model

# Ours, and what its builds add to the name of a writer.
MODULES = {"btrfs_twostage": None, "stock-accessors": "accessors"}
# The window that goes with a policy; 0 with all others.
WINDOW_OF_POLICY = {"serial": 1}
# In the order in which people compare them.
WRITERS = ("serial", "two_stage", "early", "stock", "fit", "settle",
           "btrfs v1", "btrfs v2", "btrfs bgt", "btrfs none")
PLACEMENTS = ("raw-direct", "raw-buffered", "file-direct", "file-buffered")
WORKLOADS = ("truncate", "overwrite", "unpack", "delete", "snapshots",
             "fragmented", "truncate-large", "mount", "mount-pieces", "mount-large",
             "first", "first-pieces", "cold-pieces", "take", "take-pieces",
             "rebuild", "rebuild-pieces", "convert", "convert-pieces",
             "invalidate", "settling", "unmount", "unmount-large")
# One factor at a time varies around this.
BASE = {"workload": "truncate", "placement": "raw-direct", "block_groups": 64,
        "latency_ns": MS, "queue_depth": 1024}
CONDITIONS = ("module", "cache", "policy", "window", *BASE)
NEEDED = ("cell", *CONDITIONS, "repetition", "kernel", "clock", "timed_ns")


class BadResults(Exception):
    """What is wrong with the file, and what to do."""


class Cell:
    """All samples of one cell.

    Notes which figures it is asked for. With a remedy, a figure that no sample
    has is an error.
    """

    def __init__(self, sample, remedy=None):
        self.name = sample["cell"]
        for condition in CONDITIONS:
            setattr(self, condition, sample[condition])
        self.ours = self.module in MODULES
        self.writer = self._writer()
        self.samples = []
        self.remedy = remedy
        self.used = set()

    def _writer(self):
        if not self.ours:
            return f"btrfs {self.cache}"
        if build := MODULES[self.module]:
            return f"{self.policy}:{build}"
        if self.cache != "v1":
            return f"{self.policy}:{self.cache}"
        if self.window == WINDOW_OF_POLICY.get(self.policy, 0):
            return self.policy
        return f"{self.policy}:{self.window}"

    @property
    def place(self):
        """The conditions without the writer, in the order of BASE."""
        return tuple(getattr(self, condition) for condition in BASE)

    def values(self, field):
        """The field of each sample, in the order of the repetitions."""
        found = [sample[field] for sample in self.samples
                 if sample.get(field) is not None]
        if self.remedy and not found:
            raise BadResults(f"{self.name} lacks {field}: {self.remedy}")
        self.used.add(field)
        return found

    def median(self, field):
        """The median over the samples; None where none has the field."""
        values = self.values(field)
        return statistics.median(values) if values else None

    def observed(self, name):
        """What further syncs showed: `bystander` or `depth`, or None."""
        return next(iter(self.values(name)), None)


class Run:
    """The cells that were measured on one kernel, by one clock.

    With the commit, and what takes them anew (make figures TAKE=), of those that are kept.
    """

    def __init__(self, path, cells, kernel, clock="virtual", commit=None, source=None):
        self.path = path
        self.cells = cells
        self.kernel = kernel
        self.clock = clock
        self.commit = commit
        self.source = source

    @cached_property
    def model(self):
        """The model, with the constants of this run."""
        return Model(self.cells)


def find(cells, writer, **other):
    """The cell of this writer at BASE, but for what differs; or None."""
    place = tuple((BASE | other).values())
    return next((cell for cell in cells
                 if cell.writer == writer and cell.place == place), None)


def varied(cells, name):
    """The cells that differ from BASE in this condition at most."""
    return [cell for cell in cells
            if all(getattr(cell, condition) == value
                   for condition, value in BASE.items() if condition != name)]


def conditions_of(name):
    """The conditions in the name of a cell, as tools/lab/cell.sh has it."""
    workload, placement, module, cache, policy, *numbers = name.split(",")
    numbers = [None if number[1:] == "-" else int(number[1:])
               for number in numbers]
    return dict(zip(("cell", *CONDITIONS), (
        name, module, cache, None if policy == "-" else policy, numbers[0],
        workload, placement, *numbers[1:])))


def _rank(known, name):
    base = name.split(":")[0]
    return known.index(base) if base in known else len(known)


def _order(cell):
    return (_rank(WORKLOADS, cell.workload), _rank(PLACEMENTS, cell.placement),
            cell.block_groups, cell.latency_ns, -cell.queue_depth,
            _rank(WRITERS, cell.writer), cell.window or 0)


def _parse(where, line):
    try:
        sample = json.loads(line)
        missing = [name for name in NEEDED if name not in sample]
    except (ValueError, TypeError) as error:
        raise BadResults(f"{where}: not a line of JSON ({error}): "
                         "remove it, and measure again") from error
    if missing:
        raise BadResults(f"{where}: lacks {', '.join(missing)}: "
                         "move the results away, and measure again")
    return sample


def read(path):
    """Reads results.jsonl."""
    cells = {}
    runs = set()
    try:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                sample = _parse(f"{path}:{number}", line)
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
    return Run(path, sorted(cells.values(), key=_order), *runs.pop())


def replace(path, data, remedy):
    """Writes bytes to a file, whole or not at all. It belongs to whom its
    folder belongs: root measures in other people's trees."""
    fresh = f"{path}.new"
    try:
        owner = os.stat(os.path.dirname(path) or ".")
        with open(fresh, "wb") as out:
            out.write(data)
        if os.geteuid() == 0:
            os.chown(fresh, owner.st_uid, owner.st_gid)
        os.replace(fresh, path)
    except OSError as error:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise BadResults(f"{path}: {error.strerror}: {remedy}") from error
