# SPDX-License-Identifier: GPL-2.0
"""The columns of the table of cells, for the text and for the page alike.

Each has a heading, a unit or nothing, an explanation, and how to get its
value out of a cell, as text; a dash where there is none.
"""

MS = 1000000
MIB = 1 << 20
NONE = "-"


def ms(nanoseconds):
    """Milliseconds, with as many digits as two runs agree in."""
    return NONE if nanoseconds is None else f"{nanoseconds / MS:.2f}"


def latency(nanoseconds):
    """A latency as people say it."""
    return f"{nanoseconds / MS:g}"


def _ratio(number):
    return NONE if number is None else f"{number:.2f}"


def _count(number):
    return NONE if number is None else f"{number:.0f}"


def _time(field):
    return lambda cell, model: ms(cell.median(field))


def _bystander(field):
    def value(cell, _model):
        observed = cell.observed("bystander")
        return ms(observed[field]) if observed else NONE
    return value


def _mebibytes(cell, _model):
    number = cell.median("bytes")
    return NONE if number is None else f"{number / MIB:.1f}"


COLUMNS = (
    ("workload", "", "what was done before the sync",
     lambda cell, model: cell.workload),
    ("placement", "", "what the filesystem's loop device lies over, and how "
     "it does I/O", lambda cell, model: cell.placement),
    ("groups", "", "block groups that are full of files, and dirtied by "
     "truncate", lambda cell, model: str(cell.block_groups)),
    ("latency", "ms", "of the device, for each request",
     lambda cell, model: latency(cell.latency_ns)),
    ("depth", "", "requests that the device takes at once",
     lambda cell, model: str(cell.queue_depth)),
    ("writer", "", "a policy of btrfs_twostage, with the window where it is "
     "another than usual; or the distribution's btrfs, with its space cache",
     lambda cell, model: cell.writer),
    ("sync", "ms", "the whole of syncfs()", _time("sync_ns")),
    ("early", "ms", "the pass before the critical section",
     _time("early_ns")),
    ("setup", "ms", "preparing the caches within it", _time("setup_ns")),
    ("commit", "ms", "the passes within it", _time("commit_ns")),
    ("critical", "ms", "how long nobody could join the transaction",
     _time("critical_ns")),
    ("caches", "", "that were started",
     lambda cell, model: _count(cell.median("num_started"))),
    ("written", "MiB", "to caches", _mebibytes),
    ("model", "ms", "what the early and commit passes should take",
     lambda cell, model: ms(model.passes_ns(cell))),
    ("/model", "", "those passes, measured to model",
     lambda cell, model: _ratio(model.ratio(cell))),
    ("/limit", "", "those passes, measured to one latency and the "
     "instructions of a device without", lambda cell, model:
     _ratio(model.ratio_to_limit(cell))),
    ("p99", "ms", "that a bystander waited who saves small files meanwhile, "
     "99 of 100 times at most", _bystander("p99_ns")),
    ("longest", "ms", "that it waited", _bystander("max_ns")),
)
TEXT_COLUMNS = 6


def rows(cells, model):
    """The table's cells, a list of texts for each of the lab's."""
    return [[value(cell, model) for _, _, _, value in COLUMNS]
            for cell in cells]
