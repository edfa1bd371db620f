# SPDX-License-Identifier: GPL-2.0
"""All blocks, by the results that they are made of."""

import bench
import fit
import guard
import results
import scale

READ = {"bench": results.read_bench, "lab": results.read_lab,
        "guard": results.read_guard}
BLOCKS = {"bench": bench.BLOCKS, "lab": fit.BLOCKS | scale.BLOCKS,
          "guard": guard.BLOCKS}
