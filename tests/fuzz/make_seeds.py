#!/usr/bin/python3
"""Writes the seeds that are clearer as code than as bytes, corpus/NAME/seed-*, by seeds/NAME.py. Run
by hand after a change. bcftools and h5py make the binary formats, so that seeds are not kinflow's own
output.
    make_seeds.py [NAME...]
"""

import importlib
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from seeds.common import Seeds  # noqa: E402

NAMES = sorted(f[:-3] for f in os.listdir(os.path.join(HERE, "seeds")) if f.endswith(".py") and f != "common.py")

for name in sys.argv[1:] or NAMES:
    seeds = Seeds(name)
    importlib.import_module("seeds." + name).make(seeds)
    print(f"{name}: {seeds.count} seeds")
