# SPDX-License-Identifier: GPL-2.0
"""The blocks of the texts: each a function from results to Markdown."""

import subprocess
import textwrap

from model import MS, POLICIES, SECOND, largest
from results import BENCH, TREE, BadResults, remedy
from samples import BASE, PLACEMENTS, WORKLOADS, WRITERS, find
from summary import MIB, NONE, ms

WIDTH = 100
FIT_GROUPS = (64, 512, 1024)
# What commits are compared at: what differs from BASE.
FIT_PLACES = [{"block_groups": groups} for groups in FIT_GROUPS]
IN_PIECES = {"workload": "fragmented"}
COMMITS = (("stock", "`stock`"), ("fit", "`fit`"), ("settle", "`settle`"),
           ("stock:v2", "`stock`, v2"), ("btrfs v1", "stock btrfs, v1"),
           ("btrfs v2", "stock btrfs, v2"), ("btrfs none", "stock btrfs, no cache"))
SCALE_GROUPS = 20000
LARGE_GROUPS = (1024, 2048, 4096, 10000)
STOCK_V1 = ("btrfs v1", "stock, v1")
STOCK_V2 = ("btrfs v2", "stock, v2")
PEERS = (STOCK_V1, STOCK_V2, ("btrfs none", "stock, no cache"))
LARGE_WRITERS = (("fit", "`fit`"), ("settle", "`settle`"), *PEERS)
OURS_V1 = ("fit", "ours, v1")
BOTH_CACHES = (STOCK_V1, OURS_V1, STOCK_V2, ("fit:v2", "ours, v2"))
# What was measured after a mount: the label, what is added to the workload, and the
# block groups.
IN_PIECES_64 = ("64, in pieces", "-pieces", 64)
COLD_PLACES = (("64", "", 64), IN_PIECES_64, ("512", "", 512),
               ("512, in pieces", "-pieces", 512))
# Of a filesystem of 20 TB: the device, its latency in ms, its queue depth, and
# how they were chosen.
DEVICES = (
    ("hard disk", 6.7, 1, "150 seeks a second, and each request is one: "
     "caches lie wherever there was room"),
    ("SSD", 0.1, 1024, "NVMe"),
    ("network volume", 1, 32, "block storage of a cloud provider"),
    ("slow volume", 8, 1024, "further away, and takes more at once"),
)


def _paragraph(text):
    return textwrap.fill(text, WIDTH, break_long_words=False,
                         break_on_hyphens=False)


def _table(headings, rows):
    lines = [" ".join(f"| {' | '.join(line)} |".split())
             for line in (headings, *rows)]
    return "\n".join([lines[0], "|---" * len(headings) + "|", *lines[1:]])


def _listed(texts):
    """One, two and three."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def _times(numerator, denominator):
    """How many times as much."""
    ratio = numerator / denominator
    return f"{ratio:.{2 if ratio < 2 else 1}f}"


def _ms(nanoseconds):
    return f"{nanoseconds / MS:.1f}"


def _cell(run, writer, **other):
    """The cell at BASE, but for what differs, which must be there."""
    found = find(run.cells, writer, **other)
    if not found:
        at = BASE | other
        raise BadResults(
            f"{run.path}: lacks {writer}, {at['workload']}, "
            f"{at['block_groups']} block groups, {at['latency_ns'] / MS:g} "
            f"ms, {at['queue_depth']} requests: {remedy(run.source)}")
    return found


def bench(kept):
    """The table that `make bench` prints."""
    try:
        printed = subprocess.run(
            [f"{TREE}/tools/bench/table", f"{TREE}/{BENCH}"], check=True,
            capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadResults(f"{BENCH}: tools/bench/table prints no table of it "
                         f"({error}): are jq and column there?") from error
    groups = _listed(sorted({str(run["block_groups"])
                             for run in kept["runs"]}))
    lines = [f"    {line}".rstrip() for line in printed.splitlines()]
    return _paragraph(
        f"What `make bench` printed at {kept['commit']}: {groups} dirty block "
        "groups on a loop device (direct I/O) over null_blk, in virtual time, "
        "where the guest's clock counts instructions, a nanosecond each. "
        "Medians of three commits.") + "\n\n" + "\n".join(lines)


def _bench_median(kept):
    """A function from a policy, a latency in ms and a field to its median."""
    medians = {(run["policy"], run["window"], run["device_latency_ns"]):
               run["median"] for run in kept["runs"]}

    def median(policy, latency, field):
        key = policy, 1 if policy == "serial" else 0, latency * MS
        if key not in medians:
            raise BadResults(f"{BENCH}: lacks {policy} at {latency:g} ms: "
                             f"{remedy('bench')}")
        return medians[key][field]

    return median


def bench_policies(kept):
    """A row for each policy, without the other windows, at 1 and 8 ms."""
    median = _bench_median(kept)
    return _table(["times in ms", "writeout at 1 ms", "critical", "sync",
                   "writeout at 8 ms", "critical", "sync"],
                  [[f"`{policy}`", *(_ms(median(policy, latency, field))
                                     for latency in (1, 8) for field in
                                     ("writeout_ns", "critical_ns", "sync_ns"))]
                   for policy in POLICIES])


def bench_ratios(kept):
    """How the policies compare."""
    median = _bench_median(kept)

    def gain(policy, latency, field="writeout_ns"):
        return _times(median("serial", latency, field),
                      median(policy, latency, field))

    return _paragraph(
        "At 8 ms the passes of `serial` take "
        f"{gain('two_stage', 8, 'passes_ns')} times as long as those of "
        "`two_stage`. Its writeout, which has the setup in it, takes "
        f"{gain('two_stage', 8)} times as long as that of `two_stage`, "
        f"{gain('early', 8)} times as long as that of `early` and "
        f"{gain('fit', 8)} times as long as that of `fit`; at 0.1 ms, "
        f"{gain('two_stage', 0.1)}, {gain('early', 0.1)} and "
        f"{gain('fit', 0.1)} times.")


def _commit(run, writer, name, at):
    """A row: what a commit costs; what passes do is counted in our module alone."""
    cell = _cell(run, writer, **at)
    ours = [""] * 3 if writer.startswith("btrfs ") else [
        _ms(cell.median("passes_ns")), _ms(cell.median("critical_ns")),
        f"{cell.median('bytes') / MIB:.1f}"]
    return [name, str((BASE | at)["block_groups"]), _ms(cell.median("sync_ns")), *ours,
            _ms(cell.observed("bystander")["max_ns"])]


def fit(run):
    """fit and settle among the caches of stock btrfs."""
    return _paragraph(
        f"On {run.kernel} at {run.commit}, 1 ms, in our module unless the row says "
        "stock btrfs:") + "\n\n" + _table(
            ["", "block groups", "sync, ms", "passes, ms",
             "critical section, ms", "written to caches, MiB",
             "a bystander's longest, ms"],
            [_commit(run, writer, name, at) for at in FIT_PLACES for writer, name in COMMITS] +
            [_commit(run, writer, f"{name}, fragmented", IN_PIECES)
             for writer, name in COMMITS
             if writer in ("stock", "fit", "btrfs v1", "btrfs v2")])


def fit_ratios(run):
    """The same in a few words."""
    def against(writer, field="sync_ns", ours="fit", places=FIT_PLACES):
        return _listed([_times(_cell(run, writer, **at).median(field),
                               _cell(run, ours, **at).median(field))
                        for at in places])

    return _paragraph(
        f"At {_listed([str(groups) for groups in FIT_GROUPS])} block groups the passes of "
        f"`stock` take {against('stock', 'passes_ns')} times as long as those of `fit`, and "
        f"{against('stock', 'passes_ns', 'settle')} times as long as those of `settle`. The "
        f"sync of stock btrfs with v2 takes {against('btrfs v2')} times as long as that of "
        f"`fit`, and without any cache {against('btrfs none')} times; where the free space is "
        f"in pieces, {against('btrfs v2', places=[IN_PIECES])} times with v2. Under `settle` "
        f"a sync takes {against('settle', ours='btrfs none')} of the time that it takes "
        "without any cache.") + "\n\n" + _paragraph(
            "Much of that is not two stages, but that our module reads and writes items "
            "inline, whatever the cache: with v2, a sync in our module takes "
            f"{against('stock:v2')} times as long as that of `fit`.")


def _model(run):
    """The model, which must know all policies."""
    for policy in POLICIES:
        if policy not in run.model.cost_ns:
            # There is none, so this says which.
            _cell(run, policy, latency_ns=0)
    return run.model


def scale_constants(run):
    """c and s of each policy."""
    model = _model(run)
    return _paragraph(
        f"Measured on {run.kernel} at {run.commit}, in virtual time, where an "
        "instruction is a nanosecond:") + "\n\n" + _table(
            ["", "c, ms", "s, ms"],
            [[f"`{policy}`", f"{model.cost_ns[policy] / MS:.2f}",
              f"{model.setup_ns[policy] / MS:.2f}"] for policy in POLICIES])


def _seconds(run, policy, latency, depth):
    seconds = _model(run).predict_ns(policy, SCALE_GROUPS, latency * MS,
                                     depth) / SECOND
    return f"{seconds:.{0 if seconds >= 10 else 1}f} s"


def scale(run):
    """The devices, and what a commit takes on them."""
    _, latency, depth, _ = DEVICES[0]
    return "\n\n".join((
        _table(["device", "L", "Q", "how it was chosen"],
               [[name, f"{latency} ms", str(depth), why]
                for name, latency, depth, why in DEVICES]),
        "    tools/lab/report/lab-report --results=out/lab/results.jsonl "
        f"--predict={SCALE_GROUPS}:{latency}:{depth}",
        _table(["", *(name for name, _, _, _ in DEVICES)],
               [[f"`{policy}`", *(_seconds(run, policy, latency, depth)
                                  for _, latency, depth, _ in DEVICES)]
                for policy in POLICIES])))


def scale_errors(run):
    """The formula where it could be checked."""
    _model(run)

    def checked(policy, depth):
        found = largest(run, policy, depth)
        if not found:
            raise BadResults(
                f"{run.path}: lacks {policy} on a device of "
                f"{'one request' if depth == 1 else 'many requests'} at a "
                f"time: {remedy(run.source)}")
        cell, ratio = found
        return (f"{ratio:.2f} at {cell.block_groups} block groups, "
                f"{cell.latency_ns / MS:g} ms")

    return _table(["", "many requests at a time", "one at a time"],
                  [[f"`{policy}`", checked(policy, 1024), checked(policy, 1)]
                   for policy in POLICIES])


def _at(run, writer, workload, groups, latency):
    return _cell(run, writer, workload=workload, block_groups=groups,
                 latency_ns=latency * MS)


def _timed(run, *where):
    return _at(run, *where).median("timed_ns")


def _both(run, writer, workload, groups):
    """Without latency, and at 8 ms."""
    return [_timed(run, writer, workload, groups, latency)
            for latency in (0, 8)]


def _waited(without, slow):
    """How often, by what _both() gives."""
    return (slow - without) / (8 * MS)


def _waits(run, workload, time, writers, places=COLD_PLACES, alone=(), bystander=False):
    """A table of what is done cold: two latencies, and the waits they tell; with what a
    bystander waited for at the longest. Of other numbers of block groups, ours alone."""
    rows = []
    others = tuple((f"{groups:,}", "", groups) for groups in alone)
    for label, added, groups in sorted(places + others, key=lambda place: place[2]):
        for writer, name in (OURS_V1,) if groups in alone else writers:
            without, slow = _both(run, writer, f"{workload}{added}", groups)
            rows.append([label, name, _ms(without), _ms(slow),
                         f"{_waited(without, slow):.1f}"])
            if bystander:
                cold = _at(run, writer, f"{workload}{added}", groups, 8)
                rows[-1].append(_ms(cold.observed("bystander")["max_ns"]))
    return _table(["block groups", "", f"{time} without latency, ms", "at 8 ms, ms", "waits"] +
                  ["a bystander's longest, ms"] * bystander, rows)


def scale_large(run):
    """Syncs of many block groups, and a mount and an unmount of the most."""
    fewest, most = LARGE_GROUPS[0], LARGE_GROUPS[-1]

    def sync(writer, name):
        times = [_timed(run, writer, "truncate-large", groups, 1)
                 for groups in LARGE_GROUPS]
        growth = times[-1] * fewest / (times[0] * most)
        return [name, *(f"{time / MS:,.0f}" for time in times), f"{growth:.2f}"]

    def mounted(writer, name):
        without, slow = _both(run, writer, "mount-large", most)
        return [name, f"{without / MS:,.0f}", f"{slow / MS:,.0f}",
                f"{_waited(without, slow):.0f}"]

    def unmount(writer):
        return f"{_timed(run, writer, 'unmount-large', most, 1) / MS:,.0f} ms"

    return "\n\n".join((
        _paragraph(
            f"On {run.kernel} at {run.commit}, 1 ms, an extent freed in each block group. "
            f"The last column is the time for a block group at {most:,}, divided by that "
            f"at {fewest:,}:"),
        _table(["sync, ms", *(f"{groups:,}" for groups in LARGE_GROUPS), "growth"],
               [sync(*writer) for writer in LARGE_WRITERS]),
        _paragraph(
            f"The unmount takes {unmount('fit')} with {most:,} dirty block groups, and "
            f"{unmount('settle')} with {most:,} unsettled ones. The mount of {most:,}:"),
        _table(["", "without latency, ms", "at 8 ms, ms", "waits"],
               [mounted(*writer) for writer in LARGE_WRITERS if writer[0] != "settle"])))


def mount(run):
    """Mounts, and how often they wait."""
    return _paragraph(
        f"On {run.kernel} at {run.commit}. A wait is one latency; stock btrfs "
        "waits for one block after another:") + "\n\n" + _waits(
            run, "mount", "mount", BOTH_CACHES, alone=(8, 1024))


def mount_trees(run):
    """Mounts, against those with a block group tree."""
    places = tuple((f"{groups:,}", "", groups) for groups in (64, 512, 1024))
    return _paragraph(
        f"On {run.kernel} at {run.commit}, beside stock btrfs with a block group tree, which "
        "only v2 can have:") + "\n\n" + _waits(
            run, "mount", "mount",
            (STOCK_V1, OURS_V1, ("btrfs bgt", "stock, block group tree")), places)


def first_commit(run):
    """The first commit after a mount, likewise, other cold syncs, and the conversion."""
    return "\n\n".join((
        _paragraph(
            "The first commit after a mount, which frees an extent in each block "
            "group, and the longest that a bystander waited, who saves small files "
            "meanwhile:"),
        _waits(run, "first", "sync", BOTH_CACHES, alone=(8, 1024), bystander=True),
        _paragraph("The sync after removing about 1,900 extents from all over a tree that is not in "
                   "memory:"),
        _waits(run, "cold", "sync", BOTH_CACHES, (IN_PIECES_64,)),
        _paragraph("A mount that converts to the free space tree:"),
        _waits(run, "convert", "mount", (STOCK_V1, OURS_V1))))


def settle_price(run):
    """What the caches that settle lost are worth."""
    rows = []
    for label, added, groups in COLD_PLACES:
        valid, lost, none = (
            _both(run, writer, f"{workload}{added}", groups)
            for workload, writer in (("take", "fit"), ("rebuild", "fit"),
                                     ("take", "btrfs none")))
        rows.append([label, *(_ms(times[i]) for i in (0, 1)
                              for times in (valid, lost, none))])
    return _paragraph(
        f"Taking space in each block group, for the first time after a mount, "
        f"in ms, on {run.kernel} at {run.commit}: with valid caches; after a "
        "crash under `settle`, with none valid; and with `nospace_cache`:"
    ) + "\n\n" + _table(
        ["block groups", "valid, no latency", "after a crash", "no cache",
         "valid, 8 ms", "after a crash", "no cache"], rows)


def settle_commits(run):
    """What settle costs commits and unmounts."""
    def times(workload, writer):
        return _listed([_ms(_timed(run, writer, workload, groups, 1))
                        for groups in (64, 512)])

    return _paragraph(
        "At 64 and 512 block groups, 1 ms: the commit that marks all caches "
        f"invalid takes {times('invalidate', 'settle')} ms, one that writes "
        f"64 quiet ones {times('settling', 'settle')} ms, the unmount with "
        "all block groups dirty and unsettled "
        f"{times('unmount', 'settle')} ms, and {times('unmount', 'fit')} ms "
        "without `settle`.")


def guard(runs):
    """A line for each guarded cell, and a column for each kernel."""
    def order(cell):
        return (cell.latency_ns, WRITERS.index(cell.writer.split(":")[0]),
                cell.window or 0, WORKLOADS.index(cell.workload),
                PLACEMENTS.index(cell.placement))

    def label(cell):
        writer, _, window = cell.writer.partition(":")
        return f"`{writer}`" + (f", window {window}" if window else "")

    syncs = [{cell.name: ms(cell.median("sync_ns")) for cell in run.cells}
             for run in runs]
    cells = {cell.name: cell for run in runs for cell in run.cells}
    groups = _listed(sorted({str(cell.block_groups)
                             for cell in cells.values()}))
    return _table(
        [f"sync of {groups} block groups, ms", "latency, ms",
         *(f"{run.kernel} at {run.commit}" if run.commit else run.kernel
           for run in runs)],
        [[label(cell), f"{cell.latency_ns / MS:g}",
          *(own.get(cell.name, NONE) for own in syncs)]
         for cell in sorted(cells.values(), key=order)])


BLOCKS = {
    "bench": {"bench": bench, "bench-policies": bench_policies,
              "bench-ratios": bench_ratios},
    "lab": {"fit": fit, "fit-ratios": fit_ratios,
            "scale-constants": scale_constants, "scale": scale,
            "scale-errors": scale_errors},
    "cold": {"mount": mount, "first-commit": first_commit, "settle-price": settle_price,
             "settle-commits": settle_commits},
    "mounts": {"mount-trees": mount_trees},
    "large": {"scale-large": scale_large},
    "guard": {"guard": guard},
}
