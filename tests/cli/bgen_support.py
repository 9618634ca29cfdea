"""What the BGEN tests share: a store as h5py reads it, and its dosages against those written."""
import math
import pathlib

import h5py
import numpy

import bgen_writer as w
from support import TempFolderTest, kinflow, program

MISSING = {1: 255, 2: 65535}
PLINK2 = "/usr/lib/plink2/plink2-avx2"


def plink2():
    return PLINK2 if pathlib.Path(PLINK2).exists() else program("plink2")


class Store:
    """All shards of a dosage store, read with h5py."""

    def __init__(self, folder):
        shards = sorted(pathlib.Path(folder).glob("work/artifacts/dosage/*/*.h5"))
        values, self.sites, self.calls = [], [], []
        for path in shards:
            with h5py.File(path, "r") as f:
                dosage = f["dosage"]
                self.units = int(dosage.attrs["units_per_copy"])
                self.bound = float(dosage.attrs["error_bound"])
                rows = dosage[:].astype(float)
                rows[rows == MISSING[dosage.dtype.itemsize]] = math.nan
                values.append(rows)
                self.calls.append(f["calls"][:] if "calls" in f else None)
                v = f["variants"]
                names = self.texts(v["chrom_names"])
                self.sites += list(zip((names[c] for c in v["chrom"][:]), v["pos"][:].tolist(),
                                       self.texts(v["id"]), self.texts(v["ref"]),
                                       self.texts(v["alt"])))
                if "samples" in f:
                    self.iids = self.texts(f["samples/iid"])
        self.values = numpy.vstack(values)

    @staticmethod
    def texts(dataset):
        return [t.decode() for t in dataset[:]]

    def dosages(self):
        return self.values / self.units


class BgenTest(TempFolderTest):
    def write(self, content, name="x.bgen"):
        (self.dir / name).write_bytes(content)
        return name

    def load(self, name, *args, out="out"):
        done = kinflow("load", "--geno", name, "--out", out, "--progress=none", "--threads=2",
                       *args, cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        return Store(self.dir / out)

    def assert_dosages(self, store, variants, ref=0):
        """Each ALT of each variant has a row; values are exact on the grid, or nearest to it.
        `ref`: the place of REF among the alleles of a variant, -1 = last."""
        row = 0
        for v in variants:
            for allele in range(len(v.alleles)):
                if v.alleles[allele] == v.alleles[ref]:
                    continue
                for s, copies in enumerate(v.dosages(allele)):
                    got = store.values[row][s]
                    if copies is None:
                        self.assertTrue(math.isnan(got), (row, s))
                        continue
                    wanted = copies * store.units
                    if store.bound == 0:
                        self.assertEqual(wanted.denominator, 1, (row, s))
                    self.assertEqual(got, math.floor(wanted + w.fractions.Fraction(1, 2)), (row, s))
                self.assertEqual(store.sites[row][1:], (v.pos, v.rsid, v.alleles[ref],
                                                       v.alleles[allele]))
                row += 1
        self.assertEqual(row, len(store.sites))


def every_kind(rng, samples, bits):
    """Variants of one bit depth: phased or not, haploid, missing, two to four alleles."""
    alleles = [("A", "G"), ("AT", "A"), ("C", "T", "G"), ("C", "CA", "CAA", "<DEL>")]
    out = []
    for i in range(16):
        out.append(w.Variant.random(rng, samples, bits, phased=i % 2 == 1,
                                    alleles=alleles[i // 2 % 4], haploid=(0, 0.3)[i // 8],
                                    missing=(0, 0.1)[i % 3 == 2], pos=100 * (i + 1),
                                    rsid=f"rs{i}"))
    return out
