# SPDX-License-Identifier: GPL-2.0
"""The pictures, each with the digest of the results that it shows.

A picture is made anew where its digest is another, and only there: other
versions of what draws it give other bytes for the same results. To have one
drawn differently, remove it first.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile

import png
from controls import varied
from results import BENCH, BadResults, bench_runs, load

LAB_PICTURE = "tools/lab/report.png"
BENCH_PICTURE = "tools/bench/report.png"
# Of make bench, with the two recordings that it shows.
SUMMARY = "out/bench/summary.json"
PAGE = "out/bench/report.html"


def _lab_values(run):
    cells = {cell.name: cell for name in ("latency_ns", "block_groups")
             for cell in varied(run.cells, name)}
    return {name: {field: cell.median(field) for field in
                   ("sync_ns", *(("passes_ns", "num_started")
                                 if cell.ours else ()))}
            for name, cell in cells.items()}


def _draw_lab(_tree, run):
    try:
        import plots
    except ImportError as error:
        raise BadResults(f"{LAB_PICTURE}: {error}: "
                         "apt-get install python3-matplotlib") from error
    return plots.picture(run)


def _bench_values(kept):
    return kept["runs"]


def _draw_bench(tree, kept):
    """A browser's view of the page that the benchmark left."""
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if not chromium:
        raise BadResults(f"{BENCH_PICTURE}: shows other results than {BENCH}, "
                         "and there is no chromium: apt-get install chromium")
    if not os.path.exists(f"{tree}/{PAGE}") or \
            bench_runs(load(tree, SUMMARY, "bench")) != kept["runs"]:
        raise BadResults(f"{BENCH_PICTURE}: shows other results than {BENCH}, "
                         "and out/bench is of another run: sudo make figures "
                         "TAKE=bench")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu",
                 "--no-first-run", "--hide-scrollbars",
                 "--window-size=1400,985",
                 f"--user-data-dir={scratch}/profile",
                 f"--screenshot={scratch}/shot.png", f"file://{tree}/{PAGE}"],
                check=False, timeout=90, capture_output=True)
            with open(f"{scratch}/shot.png", "rb") as file:
                return file.read()
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BadResults(f"{BENCH_PICTURE}: {chromium} took no picture of "
                             f"{PAGE}: try it by hand") from error


# The picture, the results it is of, what of them it shows, and who draws it.
PICTURES = (
    (LAB_PICTURE, "lab", _lab_values, _draw_lab),
    (BENCH_PICTURE, "bench", _bench_values, _draw_bench),
)


def show(source, data):
    """Asks for what the pictures of these results show."""
    for _, other, values, _ in PICTURES:
        if other == source:
            values(data)


def stale(tree, data_of):
    """Each picture that shows other results: its path, and how to get it."""
    for path, source, values, draw in PICTURES:
        data = data_of(source)
        shown = json.dumps(values(data), sort_keys=True)
        digest = hashlib.sha256(shown.encode()).hexdigest()
        try:
            with open(f"{tree}/{path}", "rb") as file:
                found = png.digest_in(file.read())
        except OSError:
            found = None
        if found != digest:
            yield path, lambda draw=draw, data=data, digest=digest: \
                png.with_digest(draw(tree, data), digest)
