# SPDX-License-Identifier: GPL-2.0
"""How figures stand in a text: paragraphs, tables, lists of numbers."""

import textwrap

WIDTH = 124


def paragraph(*sentences):
    """Sentences, in lines as long as those of the texts."""
    return textwrap.fill(" ".join(sentences), WIDTH, break_long_words=False,
                         break_on_hyphens=False)


def table(headings, rows):
    """A table of texts."""
    lines = [" ".join(f"| {' | '.join(line)} |".split())
             for line in (headings, *rows)]
    return "\n".join([lines[0], "|---" * len(headings) + "|", *lines[1:]])


def listed(texts):
    """One, two and three."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def times(numerator, denominator):
    """How many times as much."""
    ratio = numerator / denominator
    return f"{ratio:.{2 if ratio < 2 else 1}f}"
