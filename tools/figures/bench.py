# SPDX-License-Identifier: GPL-2.0
"""What the texts have of the benchmark, of docs/results/bench.json."""

import os
import subprocess

import phrases
from phrases import listed, paragraph, times
from results import BENCH, MS, BadResults

TREE = os.path.realpath(f"{os.path.dirname(__file__)}/../..")


def table(kept):
    """The table as `make bench` prints it."""
    try:
        printed = subprocess.run(
            [f"{TREE}/tools/bench/table", f"{TREE}/{BENCH}"], check=True,
            capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadResults(f"{BENCH}: tools/bench/table prints no table of it "
                         f"({error}): are jq and column there?") from error
    groups = listed(sorted({str(run["block_groups"])
                            for run in kept["runs"]}))
    lines = [f"    {line}".rstrip() for line in printed.splitlines()]
    return paragraph(
        f"What `make bench` printed at {kept['commit']}: {groups} dirty block "
        "groups on a loop device (direct I/O) over null_blk, in virtual time, "
        "where the guest's clock counts instructions, a nanosecond each. "
        "Medians of three commits.") + "\n\n" + "\n".join(lines)


def _median(kept, policy, latency, field):
    window = 1 if policy == "serial" else 0
    for run in kept["runs"]:
        if (run["policy"], run["window"], run["device_latency_ns"]) == \
                (policy, window, latency):
            return run["median"][field]
    raise BadResults(f"{BENCH}: lacks {policy} at {latency / MS:g} ms: "
                     "sudo make figures TAKE=bench")


def ratios(kept):
    """How the policies compare."""
    def ratio(policy, latency, field):
        return times(_median(kept, "serial", latency, field),
                     _median(kept, policy, latency, field))

    slow, fast = 8 * MS, MS // 10
    return paragraph(
        "At 8 ms the passes of `serial` take "
        f"{ratio('two_stage', slow, 'passes_ns')} times as long as those of "
        "`two_stage`. Its writeout, which has the setup in it, takes "
        f"{ratio('two_stage', slow, 'writeout_ns')} times as long as that of "
        f"`two_stage`, {ratio('early', slow, 'writeout_ns')} times as long as "
        f"that of `early` and {ratio('fit', slow, 'writeout_ns')} times as "
        "long as that of `fit`; at 0.1 ms, "
        f"{ratio('two_stage', fast, 'writeout_ns')}, "
        f"{ratio('early', fast, 'writeout_ns')} and "
        f"{ratio('fit', fast, 'writeout_ns')} times.")


def policies(kept):
    """A row for each policy, without the other windows, at 1 and 8 ms."""
    fields = ("writeout_ns", "critical_ns", "sync_ns")
    rows = [[f"`{policy}`",
             *(f"{_median(kept, policy, latency, field) / MS:.1f}"
               for latency in (MS, 8 * MS) for field in fields)]
            for policy in ("serial", "two_stage", "early", "stock", "fit")]
    return phrases.table(
        ["times in ms", "writeout at 1 ms", "critical", "sync",
         "writeout at 8 ms", "critical", "sync"], rows)


BLOCKS = {"bench": table, "bench-ratios": ratios, "bench-policies": policies}
