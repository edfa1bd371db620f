# SPDX-License-Identifier: GPL-2.0
"""The pictures, each with the digest of the results that it shows.

A picture is made anew only where its digest is another: other versions of what
draws it give other bytes for the same results. To have one drawn differently,
remove it first.
"""

import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

from results import BENCH, TREE, BadResults, bench_runs, load, remedy
from samples import varied

LAB_PICTURE = "tools/lab/report.png"
BENCH_PICTURE = "tools/bench/report.png"
# What make bench left.
SUMMARY = "out/bench/summary.json"
PAGE = "out/bench/report.html"
# The signature of a PNG and its first chunk.
PNG_HEADER = 33


def _lab_values(run):
    cells = varied(run.cells, "latency_ns") + varied(run.cells, "block_groups")
    return {cell.name: {field: cell.median(field) for field in
                        ("sync_ns", *(("passes_ns", "num_started")
                                      if cell.ours else ()))}
            for cell in cells}


def _draw_lab(run):
    try:
        import plots
    except ImportError as error:
        raise BadResults(f"{LAB_PICTURE}: {error}: "
                         "apt-get install python3-matplotlib") from error
    return plots.picture(run)


def _draw_bench(kept):
    """A browser's view of the page that the benchmark left."""
    others = f"{BENCH_PICTURE}: shows other results than {BENCH}, and "
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if not chromium:
        raise BadResults(f"{others}there is no chromium: "
                         "apt-get install chromium")
    if not os.path.exists(f"{TREE}/{PAGE}") or \
            bench_runs(load(SUMMARY, "bench")) != kept["runs"]:
        raise BadResults(f"{others}out/bench is of another run: "
                         f"{remedy('bench')}")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu",
                 "--no-first-run", "--hide-scrollbars",
                 "--window-size=1400,985",
                 f"--user-data-dir={scratch}/profile",
                 f"--screenshot={scratch}/shot.png", f"file://{TREE}/{PAGE}"],
                check=False, timeout=90, capture_output=True)
            with open(f"{scratch}/shot.png", "rb") as file:
                return file.read()
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BadResults(f"{BENCH_PICTURE}: {chromium} took no picture of "
                             f"{PAGE}: try it by hand") from error


# By the results: the picture, what of them it shows, and who draws it.
PICTURES = {
    "lab": (LAB_PICTURE, _lab_values, _draw_lab),
    "bench": (BENCH_PICTURE, lambda kept: kept["runs"], _draw_bench),
}


def show(source, data):
    """The digest of what the picture of these results shows."""
    _, values, _ = PICTURES[source]
    shown = json.dumps(values(data), sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _digest_in(path):
    """The digest in a picture; None where there is none."""
    try:
        with open(f"{TREE}/{path}", "rb") as file:
            found = re.search(rb"tEXtResults\0([0-9a-f]{64})", file.read())
    except OSError:
        return None
    return found and found[1].decode()


def _with_digest(picture, digest):
    """The picture with this digest, in a chunk of text after the first."""
    chunk = b"tEXtResults\0" + digest.encode()
    return picture[:PNG_HEADER] + struct.pack(">I", len(chunk) - 4) + chunk + \
        struct.pack(">I", zlib.crc32(chunk)) + picture[PNG_HEADER:]


def stale(data_of):
    """Each picture that shows other results: its path, and how to get it."""
    for source, (path, _, draw) in PICTURES.items():
        data = data_of(source)
        digest = show(source, data)
        if _digest_in(path) != digest:
            yield path, lambda draw=draw, data=data, digest=digest: \
                _with_digest(draw(data), digest)
