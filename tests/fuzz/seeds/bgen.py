"""BGEN of every mode, by the independent writer of the command-line tests."""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cli"))

import bgen_writer as bgen  # noqa: E402

SAMPLE_FILE = "ID_1 ID_2 missing sex\n0 0 0 D\nA A 0 1\nB B 0 2\nC C 0 0\n"


def make(seeds):
    rng = random.Random(1)

    def variants(n=3, **how):
        return [bgen.Variant.random(rng, 3, pos=100 + i, rsid=f"rs{i}", **how) for i in range(n)]

    ids = ["A", "B", "C"]
    for compression in (bgen.ZLIB, bgen.ZSTD, bgen.NONE):
        for how in ({}, {"phased": True}, {"missing": 0.3}, {"bits": 1}, {"bits": 16, "missing": 0.2},
                    {"bits": 32, "phased": True}, {"bits": 7}, {"haploid": 0.5, "chrom": "X"},
                    {"alleles": ("A", "C", "GT")}, {"alleles": ("A", "C", "G"), "phased": True}):
            seeds.add("", bgen.bgen(variants(**how), compression=compression, ids=ids))
    for words in ("units=1000", "calls", "keep=B", "compact", "build=GRCh38"):
        seeds.add(words, bgen.bgen(variants(phased=True, missing=0.2), ids=ids))
    seeds.add("", bgen.bgen(variants()), SAMPLE_FILE)
    seeds.add("", bgen.bgen(variants()))
    seeds.add("", bgen.bgen(variants(), ids=ids, free=b"free text"))
    for compression in (bgen.ZLIB, bgen.NONE):
        seeds.add("", bgen.bgen(variants(bits=15), layout=1, compression=compression), SAMPLE_FILE)
    # What is refused: lengths, counts and flags that do not fit, unsorted positions.
    good = bgen.bgen(variants(), compression=bgen.NONE, ids=ids)
    for at in (0, 4, 8, 12, 16, 20):
        for value in (0, 1, 2**31, 2**32 - 1):
            seeds.add("", good[:at] + struct.pack("<I", value) + good[at + 4:])
    for cut in (3, 19, 30, len(good) // 2, len(good) - 1):
        seeds.add("", good[:cut])
    seeds.add("", good + b"more")
    seeds.add("", bgen.bgen(list(reversed(variants())), ids=ids))
    one = bgen.Variant.random(rng, 3)
    block = one.block()
    for damaged in (b"", block[:4], block[:-1], block + b"\0", struct.pack("<I", 4) + block[4:],
                    block[:4] + struct.pack("<H", 3) + block[6:], block[:6] + b"\1\3" + block[8:],
                    block[:8] + b"\x3f" + block[9:], block[:11] + b"\2" + block[12:],
                    block[:12] + b"\0" + block[13:], block[:12] + b"\x21" + block[13:], block[:13] + b"\xff\xff" * 3):
        for compression in (bgen.ZLIB, bgen.NONE):
            seeds.add("", bgen.header(1, 3, compression=compression, ids=ids) +
                      bgen.record(one, compression=compression, block=damaged))
    seeds.add("", bgen.header(1, 3, ids=ids) + bgen.record(one)[:-3] + b"zip")
