# SPDX-License-Identifier: GPL-2.0
"""What fit gains, of docs/results/lab.json."""

from columns import MIB
from phrases import listed, paragraph, table, times
from results import MS

GROUPS = (64, 512, 1024)
# What is compared: the label, the workload, and how many block groups.
PLACES = [("", "truncate", groups) for groups in GROUPS] + \
    [(", fragmented", "fragmented", 64)]
HEADINGS = ["", "block groups", "sync, ms", "passes, ms",
            "critical section, ms", "written to caches, MiB",
            "a bystander's longest, ms"]


def _ms(nanoseconds):
    return f"{nanoseconds / MS:.1f}"


def _of_cache(cell):
    """The figures of a writer of caches."""
    return [_ms(cell.median("sync_ns")), _ms(cell.median("passes_ns")),
            _ms(cell.median("critical_ns")),
            f"{cell.median('bytes') / MIB:.1f}",
            _ms(cell.observed("bystander")["max_ns"])]


def _of_tree(run, workload, groups):
    """Those of the free space tree; its critical section is known where our
    module was measured with it, too."""
    cell = run.cell("btrfs v2", workload, groups)
    critical = ""
    if workload == "truncate":
        critical = _ms(run.cell("stock:v2", workload, groups)
                       .median("critical_ns"))
    return [_ms(cell.median("sync_ns")), "", critical, "",
            _ms(cell.observed("bystander")["max_ns"])]


def gains(run):
    """fit between the distribution's v1 and v2."""
    rows = []
    for label, workload, groups in PLACES:
        for writer in ("stock", "fit"):
            rows.append([f"`{writer}`{label}", str(groups),
                         *_of_cache(run.cell(writer, workload, groups))])
        rows.append([f"`v2`{label}", str(groups),
                     *_of_tree(run, workload, groups)])
    return paragraph(
        f"On {run.kernel} at {run.commit}, 1 ms; `v2` is the distribution's "
        "module with the free space tree, its critical section that of the "
        "same in our module:") + "\n\n" + table(HEADINGS, rows)


def ratios(run):
    """The same in a few words."""
    def against(writer, field):
        return [times(run.cell(writer, workload, groups).median(field),
                      run.cell("fit", workload, groups).median(field))
                for _, workload, groups in PLACES]

    *passes, in_pieces = against("stock", "passes_ns")
    *syncs, sync_in_pieces = against("btrfs v2", "sync_ns")
    fit = run.cell("fit")
    return paragraph(
        f"At {listed([str(groups) for groups in GROUPS])} block groups the "
        f"passes of `stock` take {listed(passes)} times as long as those of "
        f"`fit`, and the sync of `v2` {listed(syncs)} times as long as that "
        f"of `fit`; where the free space is in pieces, {in_pieces} and "
        f"{sync_in_pieces} times. At 64 block groups the passes of `fit` are "
        f"{_ms(fit.median('passes_ns'))} of its "
        f"{_ms(fit.median('sync_ns'))} ms, and the sync of a filesystem that "
        "has no cache at all takes "
        f"{_ms(run.cell('btrfs none').median('sync_ns'))} ms.")


BLOCKS = {"fit": gains, "fit-ratios": ratios}
