# SPDX-License-Identifier: GPL-2.0
"""Where in the texts the figures stand.

A block lies between two comments on lines of their own:

    <!-- figures: NAME -->

    …

    <!-- /figures -->
"""

import os
import re

OPEN = re.compile(r"<!-- figures: ([a-z-]+) -->")
CLOSE = "<!-- /figures -->"
ANY = re.compile(r"<!--.*\bfigures\b.*")


def texts(tree):
    """The paths of all texts of a tree, relative to it."""
    for folder, folders, files in os.walk(tree):
        folders[:] = sorted(set(folders) - {".git", "out"})
        for name in sorted(files):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, name), tree)


def fill(text, blocks, wrong):
    """The text with its blocks as they should be, and the names of them.

    What is wrong with the markers goes to the function `wrong`, by the name of
    the block; such a block stays as it is.
    """
    lines, names = [], []
    opened, kept = None, []
    for line in text.splitlines():
        marker = line.strip()
        found = OPEN.fullmatch(marker)
        if marker == CLOSE and opened is not None:
            lines += ["", *blocks[opened].splitlines(), ""] \
                if opened in blocks else kept
            lines.append(line)
            opened, kept = None, []
        elif ANY.match(marker) and (not found or opened is not None):
            wrong(opened or marker, f"'{marker}' is not what must follow: "
                  f"{CLOSE if opened else '<!-- figures: NAME -->'}")
            lines += [*kept, line]
            opened, kept = None, []
        elif found:
            opened = found[1]
            names.append(opened)
            lines.append(line)
        elif opened is not None:
            kept.append(line)
        else:
            lines.append(line)
    if opened is not None:
        wrong(opened, f"has no end: {CLOSE}")
    return "\n".join([*lines, *kept]) + "\n", names
