# SPDX-License-Identifier: GPL-2.0
"""The results that are kept in the repository, for what is made of them.

docs/results/bench.json has the runs of the benchmark, docs/results/lab.json
cells of the lab, and each file of tests/lab/instructions the cells of one
kernel that are guarded. Each begins with kernel, commit and command of the
measurement; a cell or a run is a line. Cells take note of the figures that are
asked of them, so that none is kept which nothing is made of.
"""

import json
import os
import re
from functools import cached_property

from model import Model
import samples
from samples import BadResults

BENCH = "docs/results/bench.json"
LAB = "docs/results/lab.json"
GUARD = "tests/lab/instructions"
MS = 1000000
HEADER = ("kernel", "clock", "commit", "command")
# What the benchmark's table shows of a run.
BENCH_FIELDS = ("num_started", "num_waited", "peak_in_flight", "setup_ns",
                "passes_ns", "writeout_ns", "critical_ns", "sync_ns")


class Cell(samples.Cell):
    """A cell that knows which of its figures were used."""

    def __init__(self, name, taken, remedy):
        super().__init__(samples.named(name))
        self.samples = taken
        self.remedy = remedy
        self.used = set()

    def values(self, field):
        """As of any cell; but what is asked for must be there."""
        found = super().values(field)
        if not found:
            raise BadResults(f"{self.name} lacks {field}: {self.remedy}")
        self.used.add(field)
        return found

    def kept(self):
        """What was used of it, as it is kept."""
        figures = {field: self.median(field)
                   for field in sorted(self.used - {"bystander"})}
        if "bystander" in self.used:
            figures["bystander"] = {
                "max_ns": self.observed("bystander")["max_ns"]}
        return figures

    def unused(self):
        """The figures that nobody asked for."""
        return sorted(set(self.samples[0]) - self.used)


class Run:
    """Cells that were measured together."""

    def __init__(self, path, header, cells):
        self.path = path
        self.kernel = header["kernel"]
        self.clock = header.get("clock", "virtual")
        self.commit = header.get("commit")
        self.cells = cells

    @cached_property
    def model(self):
        """The constants of the policies."""
        return Model(self.cells)

    def cell(self, writer, workload="truncate", groups=64, latency=MS,
             depth=1024):
        """That of these conditions, which must be there."""
        found = samples.find(
            self.cells, writer, workload=workload, placement="raw-direct",
            block_groups=groups, latency_ns=latency, queue_depth=depth)
        if not found:
            raise BadResults(
                f"{self.path}: lacks {writer}, {workload}, {groups} block "
                f"groups, {latency / MS:g} ms, {depth} requests: "
                "sudo make figures TAKE=lab")
        return found


def load(tree, path, take):
    """A file of results; take is what measures them."""
    try:
        with open(os.path.join(tree, path), encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}: "
                         f"sudo make figures TAKE={take}") from error
    except ValueError as error:
        raise BadResults(f"{path}: no JSON ({error}): "
                         f"sudo make figures TAKE={take}") from error


def _run(tree, path, take):
    kept = load(tree, path, take)
    remedy = f"sudo make figures TAKE={take}"
    try:
        cells = [Cell(name, [figures], f"{path}: {remedy}")
                 for name, figures in kept["cells"].items()]
        return Run(path, kept, cells)
    except (KeyError, TypeError, ValueError) as error:
        raise BadResults(f"{path}: not as it was kept ({error!r}): {remedy}"
                         ) from error


def read_bench(tree):
    """The benchmark's runs, as they are kept."""
    return load(tree, BENCH, "bench")


def bench_runs(summary):
    """What is kept of its runs."""
    return [{name: run[name] for name in ("policy", "window",
                                          "device_latency_ns",
                                          "block_groups")} |
            {"median": {field: run["median"][field]
                        for field in BENCH_FIELDS}}
            for run in summary["runs"]]


def read_lab(tree):
    """The lab's cells."""
    return _run(tree, LAB, "lab")


def read_guard(tree):
    """The guarded cells of each kernel that has figures."""
    names = [name for name in os.listdir(os.path.join(tree, GUARD))
             if name.endswith(".json")]
    runs = [_run(tree, f"{GUARD}/{name}", "guard") for name in names]
    return sorted(runs, key=lambda run: [
        int(number) for number in re.findall(r"\d+", run.kernel)])


def measured(path):
    """What tools/lab/run left."""
    cells, kernel, clock = samples.read(path)
    if clock != "virtual":
        raise BadResults(f"{path}: not in virtual time: only ratios of it "
                         "mean something")
    return Run(path, {"kernel": kernel},
               [Cell(cell.name, cell.samples, path) for cell in cells])


def text(header, name, items):
    """A file of results, a line an item; items is a list or a dict."""
    lines = [f"{json.dumps(key)}: {json.dumps(header[key])},"
             for key in HEADER if key in header]
    if isinstance(items, dict):
        lines.append(f'"{name}": {{')
        inner = [f"{json.dumps(key)}: {json.dumps(item)}"
                 for key, item in items.items()]
        end = "}}"
    else:
        lines.append(f'"{name}": [')
        inner = [json.dumps(item) for item in items]
        end = "]}"
    return "{\n" + "\n".join([*lines, ",\n".join(inner), end]) + "\n"


def replace(path, data):
    """Writes bytes to a file, whole or not at all. It stays with whom its
    folder belongs to: root measures in other people's trees."""
    fresh = f"{path}.new"
    owner = os.stat(os.path.dirname(path))
    try:
        with open(fresh, "wb") as out:
            out.write(data)
        if os.geteuid() == 0:
            os.chown(fresh, owner.st_uid, owner.st_gid)
        os.replace(fresh, path)
    except OSError as error:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise BadResults(f"{path}: {error.strerror}: cannot be written"
                         ) from error
