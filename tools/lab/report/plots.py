# SPDX-License-Identifier: GPL-2.0
"""The plots: each an SVG text for the page; the first four are a picture too.

On the page text and axes take the colour of its text; the writers' colours are
readable on light and dark, and each has a marker of its own. Points are
medians, bars reach from the least to the greatest sample. A plot whose cells
were not measured is None.
"""

import io
import re
from functools import partial

import matplotlib
import numpy

matplotlib.use("svg")
# pylint: disable=wrong-import-position
from matplotlib import pyplot  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.ticker import (  # noqa: E402
    FormatStrFormatter, LogLocator, NullLocator)

from model import MS, OFF  # noqa: E402
from samples import (  # noqa: E402
    PLACEMENTS, WORKLOADS, WRITERS, find, varied)
from summary import all_ratios  # noqa: E402

# Stands for the page's own colour until the drawing is done.
INK = "#010203"
STYLE = {
    "serial": ("#d55e00", "s"), "two_stage": ("#3a8fd6", "o"),
    "early": ("#0a9e73", "^"), "stock": ("#cc79a7", "D"),
    "fit": ("#5e3c99", "P"), "settle": ("#00798c", "*"),
    "btrfs v1": ("#a6761d", "x"), "btrfs v2": ("#8b8b8b", "v"),
    "btrfs bgt": ("#4d4d4d", "1"), "btrfs none": ("#c9a400", "+"),
}
# Linear below the least latency, so that 0 is on it.
LATENCY_SCALE = {"value": "symlog", "linthresh": 0.1, "linscale": 0.5}
DOUBLING = {"value": "log", "base": 2}
# What is varied: the axis, its scale, and what makes ticks of the values.
VARIED = {
    "latency_ns": ("device latency, ms", LATENCY_SCALE, MS),
    "block_groups": ("dirty block groups", DOUBLING, 1),
    "queue_depth": ("queue depth of the device, requests", DOUBLING, 1),
}
matplotlib.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "lab", "font.size": 10,
    "font.family": "sans-serif", "text.color": INK,
    "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK,
    "ytick.color": INK, "grid.color": INK, "grid.alpha": 0.15,
    "axes.grid": True, "axes.grid.which": "major", "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False,
})


def _axes(height=4.2, **options):
    return pyplot.subplots(figsize=(7.2, height), layout="constrained",
                           **options)


def _style(writer):
    return STYLE[writer.split(":")[0]]


def _spread(values):
    """The median in ms, and how far down and up from it the values reach."""
    middle, least, greatest = numpy.median(values), min(values), max(values)
    return (middle / MS, (middle - least) / MS, (greatest - middle) / MS)


def _line(axes, writer, places, cells, field):
    colour, marker = _style(writer)
    medians, *reach = zip(*(_spread(cell.values(field)) for cell in cells))
    axes.errorbar(places, medians, yerr=reach, label=writer, color=colour,
                  marker=marker, markersize=6, linewidth=1.5, capsize=3,
                  markerfacecolor="none", alpha=0.95)


def _log(axis):
    """Several ticks a decade, as plain numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FormatStrFormatter("%g"))


def _legend(axes):
    """Above the drawing, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)


def line_plot(run, attribute, field, label, model_of=(), log=True):
    """A line for each writer, while one attribute varies."""
    axis_label, scale, unit = VARIED[attribute]
    cells = [cell for cell in varied(run.cells, attribute)
             if cell.ours or field == "sync_ns"]

    def places(own):
        return [getattr(cell, attribute) / unit for cell in own]

    cells.sort(key=lambda cell: getattr(cell, attribute))
    lines = {writer: [cell for cell in cells if cell.writer == writer]
             for writer in WRITERS}
    if all(len(own) < 2 for own in lines.values()):
        return None
    figure, axes = _axes()
    for writer, own in lines.items():
        if len(own) > 1:
            _line(axes, writer, places(own), own, field)
    for writer in model_of:
        own = [cell for cell in lines[writer] if run.model.passes_ns(cell)]
        if own:
            axes.plot(places(own),
                      [run.model.passes_ns(cell) / MS for cell in own],
                      color=STYLE[writer][0], linestyle=":", linewidth=1.5,
                      label=f"{writer}, model")
    axes.set_xscale(**scale)
    values = sorted(set(places(cells)))
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel=axis_label, ylabel=label)
    if log:
        _log(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


def window_plot(run):
    """From one cache in flight to all of them."""
    cells = [cell for cell in varied(run.cells, None)
             if cell.policy == "two_stage"]
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
    axes.set_xticks(places, [str(cell.window or "none") for cell in cells])
    axes.set(xlabel="window, caches in flight at most", ylabel="passes, ms",
             ylim=(0, None))
    _legend(axes)
    return figure


def model_plot(run):
    """Every cell of ours; what lies off the band is explained."""
    places = {}
    for cell in run.cells:
        if run.model.ratio(cell):
            places.setdefault(cell.writer.split(":")[0], []).append(
                (run.model.passes_ns(cell) / MS,
                 cell.median("passes_ns") / MS))
    if not places:
        return None
    figure, axes = _axes()
    for writer in WRITERS:
        if writer in places:
            axes.plot(*zip(*places[writer]), linestyle="none",
                      color=STYLE[writer][0], marker=STYLE[writer][1],
                      markerfacecolor="none", label=writer)
    expected = [place for own in places.values() for place, _ in own]
    ends = numpy.array([min(expected) / 1.5, max(expected) * 1.5])
    axes.plot(ends, ends, color=INK, linewidth=1)
    axes.fill_between(ends, ends * (1 - OFF), ends * (1 + OFF), color=INK,
                      alpha=0.12, linewidth=0, label="within 10 %")
    _log(axes.xaxis)
    _log(axes.yaxis)
    axes.set(xlabel="passes by the model, ms", ylabel="passes measured, ms")
    _legend(axes)
    return figure


def _syncs(cell):
    return cell.values("sync_ns")


def _longest_wait(cell):
    observed = cell.observed("bystander")
    return [observed["max_ns"]] if observed else None


def bar_plot(run, attribute, values, take=_syncs, label="sync, ms"):
    """Bars for each value of one attribute, of what is taken of a cell; None
    where there is but one."""
    found = {}
    for writer in WRITERS:
        for value in values:
            cell = find(run.cells, writer, **{attribute: value})
            if cell and take(cell):
                found[writer, value] = _spread(take(cell))
    writers = [name for name in WRITERS if any(name == own for own, _ in found)]
    groups = [name for name in values if any(name == own for _, own in found)]
    if len(groups) < 2:
        return None
    figure, axes = _axes()
    width = 0.8 / len(writers)
    for i, writer in enumerate(writers):
        shift = (i - (len(writers) - 1) / 2) * width
        places, medians, *reach = zip(*(
            (place + shift, *found[writer, group])
            for place, group in enumerate(groups) if (writer, group) in found))
        axes.bar(places, medians, width * 0.9, yerr=reach,
                 color=STYLE[writer][0], ecolor=INK, capsize=2, label=writer)
    axes.set_xticks(range(len(groups)), groups)
    axes.grid(axis="x", visible=False)
    axes.set_ylabel(label)
    _legend(axes)
    return figure


def depth_plot(run):
    """How full the device's queue was over time."""
    cells = {writer: find(run.cells, writer, latency_ns=8 * MS)
             for writer in WRITERS}
    found = {writer: cell.observed("depth") for writer, cell in cells.items()
             if cell and cell.observed("depth")}
    if not found:
        return None
    figure, rows = _axes(height=0.6 + 0.9 * len(found), nrows=len(found),
                         sharex=True, sharey=True, squeeze=False)
    for (writer, depth), (axes,) in zip(found.items(), rows):
        slot = depth["slot_ns"] / MS
        axes.fill_between([i * slot for i in range(len(depth["peaks"]))],
                          depth["peaks"], step="post", linewidth=0,
                          color=STYLE[writer][0], alpha=0.8)
        axes.set_ylabel(writer, rotation=0, ha="right", va="center")
        axes.set_ylim(bottom=0)
    rows[-1][0].set_xlabel("time since the sync's first request, ms")
    return figure


def ratio_plot(run):
    """In wall time: ratios with their spread."""
    found = list(reversed(list(all_ratios(run.cells))))
    if not found:
        return None
    figure, axes = _axes(height=1 + 0.22 * len(found))
    for place, ratio in enumerate(found):
        colour, marker = _style(ratio.cell.writer)
        middle = numpy.median(ratio.values)
        axes.errorbar(middle, place, color=colour, marker=marker, capsize=3,
                      xerr=[[middle - min(ratio.values)],
                            [max(ratio.values) - middle]])
    axes.axvline(1, color=INK, linewidth=1)
    _log(axes.xaxis)
    axes.set_yticks(range(len(found)), [
        f"{ratio.cell.workload}, {ratio.cell.placement}, "
        f"{ratio.cell.block_groups} groups, {ratio.cell.latency_ns / MS:g} "
        f"ms: {ratio.cell.writer} / {ratio.reference.writer}"
        for ratio in found])
    axes.set_xlabel("sync, ratio to the reference")
    return figure


VIRTUAL = (
    (partial(line_plot, attribute="latency_ns", field="sync_ns",
             label="sync, ms"),
     "The whole sync against the device's latency, 64 dirty block groups."),
    (partial(line_plot, attribute="latency_ns", field="passes_ns",
             label="early and commit passes, ms",
             model_of=("serial", "two_stage")),
     "The early and commit passes alone. Dotted: the model."),
    (window_plot,
     "The window: how many caches may be in flight, at 1 ms."),
    (partial(line_plot, attribute="block_groups", field="sync_ns",
             label="sync, ms"),
     "The whole sync against the number of dirty block groups, at 1 ms."),
    (partial(line_plot, attribute="queue_depth", field="passes_ns",
             label="passes, ms", log=False),
     "Where the device takes fewer requests at once, at 1 ms."),
    (model_plot, "Every cell against the model."),
    (partial(bar_plot, attribute="workload", values=WORKLOADS),
     "Other ways to make block groups dirty, at 1 ms."),
    (partial(bar_plot, attribute="workload", values=WORKLOADS,
             take=_longest_wait,
             label="longest wait to save a small file, ms"),
     "The longest that a program waited that saves small files meanwhile, at "
     "1 ms."),
    (partial(bar_plot, attribute="placement", values=PLACEMENTS),
     "Where the loop device lies: over the raw device or a file on ext4, with "
     "direct or buffered I/O. A buffered loop device hides the whole gain."),
    (depth_plot, "Requests on the device during the sync, at 8 ms: a full "
     "pipeline is a short block, the serial way a long thin line."),
)
WALL = ((ratio_plot, "Syncs against those of the reference. Bars reach from "
         "the least to the greatest repetition."),)


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


def all_plots(run):
    """The plots that there are cells for, each with its caption."""
    plots = WALL if run.clock == "wall" else VIRTUAL
    for place, (draw, caption) in enumerate(plots):
        if figure := draw(run):
            yield _svg(figure, f"plot{place}"), caption


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
