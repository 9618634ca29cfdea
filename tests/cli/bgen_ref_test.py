"""BGEN whose last allele is REF (plink2: ref-last)."""
import math
import random
import unittest

import numpy

import bgen_writer as w
from bgen_support import BgenTest, every_kind, plink2
from support import data, kinflow, read_tsv, run_peer


class LastAlleleIsRef(BgenTest):
    """--bgen-ref last: the other allele is counted, in every mode."""

    def test_every_kind(self):
        for bits in (2, 8, 11, 16):
            for fast in (False, True):
                with self.subTest(bits=bits, fast=fast):
                    rng = random.Random(bits)
                    variants = every_kind(rng, 37, bits)
                    if fast:  # two alleles, two copies: the road of 8 bits
                        variants = [w.Variant.random(rng, 37, bits, phased=i % 2 == 1,
                                                     missing=(0, 0.2)[i // 2], pos=i + 1,
                                                     rsid=f"r{i}") for i in range(4)]
                    name = self.write(w.bgen(variants, ids=[f"P{i}" for i in range(37)]))
                    store = self.load(name, "--bgen-ref", "last", out=f"o{bits}{fast}")
                    self.assert_dosages(store, variants, ref=-1)
        inputs = read_tsv(self.dir / "o16True/share/inputs.tsv")
        self.assertIn("last allele as REF", inputs[0]["FORMAT"])

    def test_layout_1(self):
        rng = random.Random(5)
        v = w.Variant.random(rng, 25, bits=15, missing=0.1)
        for g in v.genotypes:
            g.weights = w.partition(rng, 3, 32768)
        name = self.write(w.bgen([v], layout=1, ids=[f"P{i}" for i in range(25)]))
        store = self.load(name, "--bgen-ref", "last")
        for g, got in zip(v.genotypes, store.values[0]):
            if g.missing:
                self.assertTrue(math.isnan(got))
            else:
                copies = w.fractions.Fraction(g.weights[1] + 2 * g.weights[0], 2)
                self.assertLessEqual(abs(copies - int(got)), w.fractions.Fraction(1, 2))

    def test_changed_it_is_another_store(self):
        """The same work folder, first one way, then the other: nothing is taken from before."""
        v = w.Variant.random(random.Random(1), 5)
        name = self.write(w.bgen([v], ids=list("ABCDE")))
        for ref, place in (("first", 0), ("last", -1)):
            done = kinflow("load", "--geno", name, "--out", f"o_{ref}", "--work", "w",
                           "--bgen-ref", ref, "--progress=none", cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
        self.assertEqual(len(list((self.dir / "w/artifacts/dosage").iterdir())), 2)

    def test_plink2_reads_it_the_same_way(self):
        vcf = data("minimac_trios/imputed.vcf.gz")
        run_peer(plink2(), "--vcf", vcf, "dosage=DS", "--export", "bgen-1.2", "bits=8", "ref-last",
                 "--out", "p", cwd=self.dir)
        run_peer(plink2(), "--bgen", "p.bgen", "ref-last", "--sample", "p.sample", "--freq",
                 "--out", "p", cwd=self.dir)
        peer = read_tsv(self.dir / "p.afreq")
        store = self.load("p.bgen", "--bgen-ref", "last")
        self.assertEqual([s[3:] for s in store.sites], [(r["REF"], r["ALT"]) for r in peer])
        means = numpy.nanmean(store.dosages(), axis=1) / 2
        worst = max(abs(m - float(r["ALT_FREQS"])) for m, r in zip(means, peer))
        self.assertLess(worst, 0.5 / 16384)


if __name__ == "__main__":
    unittest.main()
