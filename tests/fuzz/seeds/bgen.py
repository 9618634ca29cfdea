"""BGEN of every mode, by the independent writer of the command-line tests."""

import gzip
import os
import random
import sqlite3
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cli"))

import bgen_writer as bgen  # noqa: E402

SAMPLE_FILE = "ID_1 ID_2 missing sex\n0 0 0 D\nA A 0 1\nB B 0 2\nC C 0 0\n"


SCHEMA = ("CREATE TABLE Variant (chromosome TEXT NOT NULL, position INT NOT NULL, rsid TEXT NOT NULL, "
          "number_of_alleles INT NOT NULL, allele1 TEXT NOT NULL, allele2 TEXT NULL, "
          "file_start_position INT NOT NULL, size_in_bytes INT NOT NULL, "
          "PRIMARY KEY (chromosome, position, rsid, allele1, allele2, file_start_position)) WITHOUT ROWID")


def index(content, variants, metadata=True, table="Variant", change=lambda row: row):
    """The .bgi that bgenix writes, in small pages. `change` damages rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.bgi")
        db = sqlite3.connect(path)
        db.execute("PRAGMA page_size=512")
        db.execute(SCHEMA.replace("TABLE Variant", "TABLE " + table))
        at = 4 + struct.unpack_from("<I", content)[0]
        for v in variants:
            size = len(bgen.record(v))
            row = change([v.chrom, v.pos, v.rsid, len(v.alleles), *v.alleles[:2], at, size])
            if row:
                db.execute(f"INSERT INTO {table} VALUES (?,?,?,?,?,?,?,?)", row)
            at += size
        if metadata:
            db.execute("CREATE TABLE Metadata (filename TEXT NOT NULL, file_size INT NOT NULL, "
                       "last_write_time INT NOT NULL, first_1000_bytes BLOB NOT NULL, "
                       "index_creation_time INT NOT NULL)")
            db.execute("INSERT INTO Metadata VALUES ('x.bgen', ?, 0, ?, 0)", (len(content), content[:1000]))
        db.commit()
        db.close()
        with open(path, "rb") as f:
            return f.read()


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
    # The last allele as REF, an index of its own, and indexes that somebody else wrote.
    for how in ({}, {"phased": True, "missing": 0.3}, {"bits": 3}, {"bits": 20}, {"haploid": 0.5, "chrom": "X"},
                {"alleles": ("A", "C", "GT")}):
        made = variants(**how)
        content = bgen.bgen(made, ids=ids)
        seeds.add("last index", content)
        seeds.add("last", content, "", index(content, made))
    seeds.add("last index", bgen.bgen(variants(bits=15), layout=1), SAMPLE_FILE)
    made = variants()
    content = bgen.bgen(made, ids=ids)
    seeds.add("keep=B", content, "", index(content, made, metadata=False))
    seeds.add("", content, "", index(content, made, table="Other"))
    for damage in (lambda r: r if r[1] > 100 else None,               # a variant is missing
                   lambda r: [*r[:6], r[6] + 1, r[7]],                # begins elsewhere
                   lambda r: [*r[:7], r[7] + 1],                      # overlaps the next one
                   lambda r: [*r[:7], 2**40], lambda r: [*r[:6], -1, r[7]], lambda r: [*r[:7], 0],
                   lambda r: [r[0], r[1] + 1, *r[2:]], lambda r: [r[0], -5, *r[2:]],
                   lambda r: [r[0], 2**40, *r[2:]], lambda r: [*r[:3], 3, *r[4:]],
                   lambda r: [*r[:3], 0, *r[4:]], lambda r: ["9", *r[1:]],
                   lambda r: [r[0], "text", *r[2:]]):
        seeds.add("", content, "", index(content, made, change=damage))
    whole = index(content, made)
    for wrong in (whole[:700], whole[:512] + bytes(512) + whole[1024:], b"SQLite format 3\0", b"none",
                  whole[:20] + b"\xff" * 20 + whole[40:]):
        seeds.add("", content, "", wrong)
    seeds.add("", content + b"x", "", whole)
    seeds.add("", content[:40] + b"Z" + content[41:], "", whole)
    for regions in ("1:101-101", "1:1-100,2", "2", "1:101-102"):
        for words in (f"regions={regions}", f"regions={regions} index keep=C"):
            seeds.add(words, content)
        seeds.add(f"regions={regions}", content, "", whole)
    unnamed = [bgen.Variant.random(rng, 3, pos=100 + i, rsid=".") for i in range(3)]
    seeds.add("regions=1:101", bgen.bgen(unnamed, ids=ids), "", index(bgen.bgen(unnamed, ids=ids), unnamed))
    # Headers, sites and .sample files that are refused.
    seeds.add("", struct.pack("<II", 5, 20))
    seeds.add("", gzip.compress(content))
    for flags in (0x80000003, 0x8000000e, 0x80000049, 0x80000006):
        seeds.add("", bgen.header(1, 3, ids=ids, flags=flags) + bgen.record(one))
    start = 4 + struct.unpack_from("<I", content, 4)[0]
    for at, value in ((start, 2**31), (start, 5), (start, struct.unpack_from("<I", content, start)[0] + 1), (start + 4, 2)):
        seeds.add("", content[:at] + struct.pack("<I", value) + content[at + 4:])
    seeds.add("", content[:start + 8] + b"\xff\xff" + content[start + 10:])
    seeds.add("", content[:start + 8] + b"\0\0" + content[start + 10:])
    seeds.add("", bgen.bgen([bgen.Variant.random(rng, 3, alleles=("A" * 101, "C"))], ids=ids))
    seeds.add("", bgen.bgen([bgen.Variant.random(rng, 3, alleles=("", "C"))], ids=ids))
    seeds.add("", bgen.bgen([bgen.Variant.random(rng, 3, alleles=("A",))], ids=ids))
    site = bgen.site(one, 2)
    for lengths in ((20, 2**31), (3, 9), (20, 200), (2**31, 20)):
        seeds.add("", bgen.header(1, 3, ids=ids) + site + struct.pack("<II", *lengths) + b"x" * 20)
    triple = bgen.Variant.random(rng, 3, bits=15)
    record = bgen.record(triple, layout=1)
    seeds.add("", bgen.header(1, 3, layout=1) + struct.pack("<I", 4) + record[4:], SAMPLE_FILE)
    lines = SAMPLE_FILE.splitlines(True)
    for text in ("", "X\n", lines[0], lines[0] + "0 0\n", "".join(lines[:2]), SAMPLE_FILE + "D\n", SAMPLE_FILE + "D D 0 1\n",
                 SAMPLE_FILE.replace("C C", "0 0"), SAMPLE_FILE.replace("C C", "0 C"), SAMPLE_FILE.replace("C C", "A A"),
                 "ID sex\n0 D\nA M\nB F\nC x\n", SAMPLE_FILE.replace("C C", "C D"), SAMPLE_FILE.replace("A A", "A Z"),
                 SAMPLE_FILE.replace("C C", "X Y"), "".join(lines[:2] + lines[3:] + lines[2:3]), SAMPLE_FILE.replace("A A", "X X").replace("B B", "Y Y").replace("C C", "Z Z")):
        seeds.add("", content, text)
        seeds.add("", bgen.bgen(made), text)
