# SPDX-License-Identifier: GPL-2.0
"""The plots: each an SVG text for the page, the first of them a picture, too.

Drawn by matplotlib. On the page text and axes take the colour of its text, so
that a plot is readable on light and on dark; the colours of the writers are
readable on both, and each has a marker of its own. Points are medians, bars
reach from the least to the greatest sample. A plot whose cells were not
measured is None.
"""

import io
import re

import matplotlib
import numpy

matplotlib.use("svg")
# pylint: disable=wrong-import-position
from matplotlib import pyplot  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.ticker import (  # noqa: E402
    FixedLocator, FormatStrFormatter, LogLocator, NullLocator)

import ratios  # noqa: E402
from columns import latency  # noqa: E402
from controls import BASE, varied  # noqa: E402
from model import OFF  # noqa: E402
from samples import PLACEMENTS, WORKLOADS, WRITERS, find  # noqa: E402

MS = 1000000
# Stands for the page's own colour until the drawing is done.
INK = "#010203"
STYLE = {
    "serial": ("#d55e00", "s"), "two_stage": ("#3a8fd6", "o"),
    "early": ("#0a9e73", "^"), "stock": ("#cc79a7", "D"),
    "fit": ("#5e3c99", "P"),
    "btrfs v1": ("#a6761d", "x"), "btrfs v2": ("#8b8b8b", "v"),
    "btrfs none": ("#c9a400", "+"),
}
# Below the least latency but none, the scale is linear, so that 0 is on it.
LINEAR_MS = 0.1


def _svg(figure, name):
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True,
                   metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    text = out.getvalue()
    text = text[text.index("<svg"):].replace(INK, "currentColor")
    # Several on one page must not share names.
    text = re.sub(r'(id="|"#|url\(#)', rf"\g<1>{name}-", text)
    return re.sub(r'<svg ([^>]*?)height="[^"]*" ([^>]*?)width="[^"]*"',
                  r"<svg \1\2", text, count=1)


def _axes(width=7.2, height=4.2, **options):
    settings = {
        "svg.fonttype": "none", "svg.hashsalt": "lab", "font.size": 10,
        "font.family": "sans-serif", "text.color": INK,
        "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK,
        "ytick.color": INK, "grid.color": INK, "grid.alpha": 0.15,
        "axes.grid": True, "axes.grid.which": "major", "legend.frameon": False,
        "axes.spines.top": False, "axes.spines.right": False,
    }
    matplotlib.rcParams.update(settings)
    return pyplot.subplots(figsize=(width, height), layout="constrained",
                           **options)


def _errors(cells, field):
    """How far down and up the samples reach from their median, in ms."""
    down, up = [], []
    for cell in cells:
        least, greatest = cell.spread(field)
        median = cell.median(field)
        down.append((median - least) / MS)
        up.append((greatest - median) / MS)
    return [down, up]


def _line(axes, writer, places, cells, field):
    colour, marker = STYLE[writer.split(":")[0]]
    axes.errorbar(places, [cell.median(field) / MS for cell in cells],
                  yerr=_errors(cells, field), label=writer, color=colour,
                  marker=marker, markersize=6, linewidth=1.5, capsize=3,
                  markerfacecolor="none", alpha=0.95)


def _lines(axes, cells, field, place):
    """A line for each writer; whether there was anything to draw."""
    drawn = False
    for writer in WRITERS:
        own = [cell for cell in cells if cell.writer == writer and
               cell.median(field) is not None]
        if len(own) > 1:
            own.sort(key=place)
            _line(axes, writer, [place(cell) for cell in own], own, field)
            drawn = True
    return drawn


def _log(axis):
    """Several ticks a decade, as plain numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FormatStrFormatter("%g"))


def _legend(axes):
    """Above the drawing, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)


def _ticks(axis, values, texts=None):
    axis.set_major_locator(FixedLocator(values))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels(texts or [f"{value:g}" for value in values])


def _latency_axis(axes, cells):
    axes.set_xscale("symlog", linthresh=LINEAR_MS, linscale=0.5)
    _ticks(axes.xaxis, sorted({cell.latency_ns / MS for cell in cells}))
    axes.set_xlabel("device latency, ms")


def _model_lines(axes, cells, model):
    for policy in ("serial", "two_stage"):
        own = [cell for cell in cells if cell.writer == policy and
               model.passes_ns(cell)]
        if own:
            axes.plot([cell.latency_ns / MS for cell in own],
                      [model.passes_ns(cell) / MS for cell in own],
                      color=STYLE[policy][0], linestyle=":", linewidth=1.5,
                      label=f"{policy}, model")


def _line_plot(cells, field, place, decorate):
    """A line for each writer; what is on the axes is for decorate to say."""
    figure, axes = _axes()
    if not _lines(axes, cells, field, place):
        pyplot.close(figure)
        return None
    decorate(axes)
    _legend(axes)
    return figure


def _latency_ms(cell):
    return cell.latency_ns / MS


def sync_by_latency(run):
    """The whole sync."""
    cells = varied(run.cells, "latency_ns")

    def decorate(axes):
        _latency_axis(axes, cells)
        _log(axes.yaxis)
        axes.set_ylabel("sync, ms")

    return _line_plot(cells, "sync_ns", _latency_ms, decorate)


def passes_by_latency(run):
    """The writeout alone, with the model beside it."""
    cells = [cell for cell in varied(run.cells, "latency_ns") if cell.ours]

    def decorate(axes):
        _model_lines(axes, cells, run.model)
        _latency_axis(axes, cells)
        _log(axes.yaxis)
        axes.set_ylabel("early and commit passes, ms")

    return _line_plot(cells, "passes_ns", _latency_ms, decorate)


def passes_by_window(run):
    """From one cache in flight to all of them."""
    at = dict(BASE, latency_ns=MS)
    cells = [cell for cell in run.cells if cell.policy == "two_stage" and
             all(getattr(cell, name) == value for name, value in at.items())]
    if len(cells) < 2:
        return None
    # No bound stands behind the largest.
    cells.sort(key=lambda cell: cell.window or float("inf"))
    places = range(len(cells))
    figure, axes = _axes()
    _line(axes, "two_stage", places, cells, "passes_ns")
    axes.plot(places, [(run.model.passes_ns(cell) or float("nan")) / MS
                       for cell in cells], color=INK, linestyle=":",
              label="model")
    _ticks(axes.xaxis, list(places),
           [str(cell.window or "none") for cell in cells])
    axes.set_xlabel("window, caches in flight at most")
    axes.set_ylabel("passes, ms")
    axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


def _doubling_axis(axes, values, label):
    axes.set_xscale("log", base=2)
    _ticks(axes.xaxis, sorted(set(values)))
    axes.set_xlabel(label)


def sync_by_block_groups(run):
    """How it grows."""
    cells = varied(run.cells, "block_groups")

    def decorate(axes):
        _doubling_axis(axes, [cell.block_groups for cell in cells],
                       "dirty block groups")
        _log(axes.yaxis)
        axes.set_ylabel("sync, ms")

    return _line_plot(cells, "sync_ns",
                      lambda cell: cell.block_groups, decorate)


def passes_by_queue_depth(run):
    """What the device takes at once."""
    cells = [cell for cell in varied(run.cells, "queue_depth") if cell.ours]

    def decorate(axes):
        _doubling_axis(axes, [cell.queue_depth for cell in cells],
                       "queue depth of the device, requests")
        axes.set_ylabel("passes, ms")
        axes.set_ylim(bottom=0)

    return _line_plot(cells, "passes_ns",
                      lambda cell: cell.queue_depth, decorate)


def measured_by_model(run):
    """Every cell of ours; what lies off the band is explained."""
    cells = [cell for cell in run.cells if run.model.ratio(cell)]
    if not cells:
        return None
    figure, axes = _axes()
    for writer in WRITERS:
        own = [cell for cell in cells
               if cell.writer.split(":")[0] == writer]
        if own:
            axes.plot([run.model.passes_ns(cell) / MS for cell in own],
                      [cell.median("passes_ns") / MS for cell in own],
                      linestyle="none", color=STYLE[writer][0],
                      marker=STYLE[writer][1], markerfacecolor="none",
                      label=writer)
    ends = [min(run.model.passes_ns(cell) for cell in cells) / MS / 1.5,
            max(run.model.passes_ns(cell) for cell in cells) / MS * 1.5]
    axes.plot(ends, ends, color=INK, linewidth=1)
    axes.fill_between(ends, [end * (1 - OFF) for end in ends],
                      [end * (1 + OFF) for end in ends], color=INK,
                      alpha=0.12, linewidth=0, label="within 10 %")
    _log(axes.xaxis)
    _log(axes.yaxis)
    axes.set_xlabel("passes by the model, ms")
    axes.set_ylabel("passes measured, ms")
    _legend(axes)
    return figure


def _bars(axes, groups, writers, get):
    """Groups of bars; get gives value, down and up in ms, or None."""
    width = 0.8 / len(writers)
    for i, writer in enumerate(writers):
        found = [(place, get(group, writer))
                 for place, group in enumerate(groups)]
        found = [(place, value) for place, value in found if value]
        if not found:
            continue
        axes.bar([place + (i - (len(writers) - 1) / 2) * width
                  for place, _ in found],
                 [value for _, (value, _, _) in found], width * 0.9,
                 yerr=[[down for _, (_, down, _) in found],
                       [up for _, (_, _, up) in found]],
                 color=STYLE[writer][0], ecolor=INK, capsize=2, label=writer)
    axes.set_xticks(range(len(groups)), groups)
    axes.grid(axis="x", visible=False)


def _sync(cell):
    if cell is None:
        return None
    (down,), (up,) = _errors([cell], "sync_ns")
    return cell.median("sync_ns") / MS, down, up


def _longest_wait(cell):
    observed = cell and cell.observed("bystander")
    return (observed["max_ns"] / MS, 0, 0) if observed else None


def _compared(run, attribute, values, get, label="sync, ms"):
    """Bars for each value of one attribute, by what get takes of a cell; None
    where there is but one."""
    at = dict(BASE, latency_ns=MS)
    del at[attribute]

    def find_value(group, writer):
        return get(find(run.cells, writer, **at, **{attribute: group}))

    groups = [value for value in values
              if any(find_value(value, writer) for writer in WRITERS)]
    if len(groups) < 2:
        return None
    figure, axes = _axes()
    _bars(axes, groups,
          [writer for writer in WRITERS
           if any(find_value(group, writer) for group in groups)], find_value)
    axes.set_ylabel(label)
    _legend(axes)
    return figure


def sync_by_workload(run):
    """What else makes block groups dirty."""
    return _compared(run, "workload", WORKLOADS, _sync)


def sync_by_placement(run):
    """Where the image lies."""
    return _compared(run, "placement", PLACEMENTS, _sync)


def bystander(run):
    """What another program feels."""
    return _compared(run, "workload", WORKLOADS, _longest_wait,
                     "longest wait to save a small file, ms")


def _steps(depth):
    slot = depth["slot_ns"] / MS
    return [i * slot for i in range(len(depth["peaks"]))], depth["peaks"]


def queue_depth_over_time(run):
    """How full the device's queue was."""
    at = dict(BASE, latency_ns=8 * MS)
    found = [(writer, find(run.cells, writer, **at)) for writer in WRITERS]
    found = [(writer, cell.observed("depth")) for writer, cell in found
             if cell and cell.observed("depth")]
    if not found:
        return None
    figure, rows = _axes(height=0.6 + 0.9 * len(found), nrows=len(found),
                         sharex=True, sharey=True, squeeze=False)
    for (writer, depth), (axes,) in zip(found, rows):
        times, peaks = _steps(depth)
        axes.fill_between(times, peaks, step="post", linewidth=0,
                          color=STYLE[writer][0], alpha=0.8)
        axes.set_ylabel(writer, rotation=0, ha="right", va="center")
        axes.set_ylim(bottom=0)
    rows[-1][0].set_xlabel("time since the sync's first request, ms")
    return figure


def ratio_by_cell(run):
    """In wall time: ratios with their spread."""
    found = list(ratios.all_ratios(run.cells))
    if not found:
        return None
    figure, axes = _axes(height=1 + 0.22 * len(found))
    for place, ratio in enumerate(reversed(found)):
        colour, marker = STYLE[ratio.cell.writer.split(":")[0]]
        axes.errorbar(ratio.median, place, color=colour, marker=marker,
                      capsize=3, xerr=[[ratio.median - min(ratio.values)],
                                       [max(ratio.values) - ratio.median]])
    axes.axvline(1, color=INK, linewidth=1)
    _log(axes.xaxis)
    axes.set_yticks(range(len(found)), [
        f"{ratio.cell.workload}, {ratio.cell.placement}, "
        f"{ratio.cell.block_groups} groups, "
        f"{latency(ratio.cell.latency_ns)} ms: {ratio.cell.writer} / "
        f"{ratio.reference.writer}" for ratio in reversed(found)])
    axes.set_xlabel("sync, ratio to the reference")
    return figure


VIRTUAL = (
    (sync_by_latency, "The whole sync against the device's latency, 64 dirty "
     "block groups."),
    (passes_by_latency, "The early and commit passes alone. Dotted: the "
     "model."),
    (passes_by_window, "The window: how many caches may be in flight, at "
     "1 ms."),
    (sync_by_block_groups, "The whole sync against the number of dirty block "
     "groups, at 1 ms."),
    (passes_by_queue_depth, "Where the device takes fewer requests at once, "
     "at 1 ms."),
    (measured_by_model, "Every cell against the model."),
    (sync_by_workload, "Other ways to make block groups dirty, at 1 ms."),
    (bystander, "The longest that a program waited that saves small files "
     "meanwhile, at 1 ms."),
    (sync_by_placement, "Where the loop device lies: over the raw device or a "
     "file on ext4, with direct or buffered I/O. A buffered loop device hides "
     "the whole gain."),
    (queue_depth_over_time, "Requests on the device during the sync, at 8 ms: "
     "a full pipeline is a short block, the serial way a long thin line."),
)
WALL = ((ratio_by_cell, "Syncs against those of the reference. Bars reach "
         "from the least to the greatest repetition."),)


def all_plots(run):
    """The plots that there are cells for, each with its caption."""
    for draw, caption in (WALL if run.clock == "wall" else VIRTUAL):
        figure = draw(run)
        if figure:
            yield _svg(figure, draw.__name__.replace("_", "-")), caption


def picture(run):
    """Four plots in virtual time, two beside each other, as a PNG."""
    tiles = []
    for draw, caption in VIRTUAL[:4]:
        figure = draw(run)
        figure.suptitle(caption, fontsize=11)
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.1)
        figure.canvas = FigureCanvasAgg(figure)
        figure.canvas.draw()
        tiles.append(numpy.asarray(figure.canvas.buffer_rgba()))
        pyplot.close(figure)
    out = io.BytesIO()
    pyplot.imsave(out, numpy.vstack([numpy.hstack(tiles[:2]),
                                     numpy.hstack(tiles[2:])]),
                  format="png", metadata={"Software": None})
    return out.getvalue()
