# SPDX-License-Identifier: GPL-2.0
"""The results that are kept in the repository, for what is made of them.

docs/results/bench.json has the runs of the benchmark, docs/results/lab.json, cold.json,
mounts.json and large.json cells of the lab, and each file of tests/lab/instructions the guarded
cells of one kernel. Each begins with kernel, commit and command of the measurement; a
cell or a run is a line.
"""

import json
import os
import re
import sys
from functools import partial

TREE = os.path.realpath(f"{os.path.dirname(__file__)}/../..")
sys.path.append(f"{TREE}/tools/lab/report")
# pylint: disable=wrong-import-position
from samples import BadResults, Cell, Run, conditions_of  # noqa: E402

BENCH = "docs/results/bench.json"
# Cells of the lab, of the grids full, cold, mounts and large.
CELLS = {source: f"docs/results/{source}.json"
         for source in ("lab", "cold", "mounts", "large")}
GUARD = "tests/lab/instructions"
BENCH_RUN = ("policy", "window", "device_latency_ns", "block_groups")
# What the benchmark's table shows of a run.
BENCH_FIELDS = ("num_started", "num_waited", "peak_in_flight", "setup_ns",
                "passes_ns", "writeout_ns", "critical_ns", "sync_ns")


def remedy(source):
    """What measures these results anew."""
    return f"sudo make figures TAKE={source}"


def load(path, source):
    """A file of results, in the tree unless its path is absolute."""
    try:
        with open(os.path.join(TREE, path), encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}: {remedy(source)}"
                         ) from error
    except ValueError as error:
        raise BadResults(f"{path}: no JSON ({error}): {remedy(source)}"
                         ) from error


def bench_runs(summary):
    """What is kept of the benchmark's runs."""
    return [{name: run[name] for name in BENCH_RUN} |
            {"median": {name: run["median"][name] for name in BENCH_FIELDS}}
            for run in summary["runs"]]


def _run(path, source):
    kept = load(path, source)
    try:
        cells = []
        for name, figures in kept["cells"].items():
            cells.append(Cell(conditions_of(name),
                              f"{path}: {remedy(source)}"))
            cells[-1].samples.append(figures)
        return Run(path, cells, kept["kernel"], commit=kept.get("commit"),
                   source=source)
    except (KeyError, TypeError, ValueError) as error:
        raise BadResults(f"{path}: not as it was kept ({error!r}): "
                         f"{remedy(source)}") from error


def _guarded():
    """The runs of all kernels that have figures, the oldest first."""
    runs = [_run(f"{GUARD}/{name}", "guard")
            for name in os.listdir(f"{TREE}/{GUARD}")
            if name.endswith(".json")]
    return sorted(runs, key=lambda run: [
        int(number) for number in re.findall(r"\d+", run.kernel)])


READ = {"bench": lambda: load(BENCH, "bench"), "guard": _guarded}
READ |= {source: partial(_run, path, source) for source, path in CELLS.items()}


def text(header, name, items):
    """A file of results, a line an item; items is a list or a dict."""
    begin, end = "{}" if isinstance(items, dict) else "[]"
    inner = [f"{json.dumps(key)}: {json.dumps(item)}"
             for key, item in items.items()] if begin == "{" else \
        [json.dumps(item) for item in items]
    return "\n".join((
        "{", *(f"{json.dumps(key)}: {json.dumps(value)},"
               for key, value in header.items()),
        f'"{name}": {begin}', ",\n".join(inner), f"{end}}}\n"))
