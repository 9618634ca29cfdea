"""Calls of people genotyped twice, by variant, counted again from the .bed."""
import unittest

import numpy

import support

MISSING = 1


class ConcordanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        prefix = cls.bed.removesuffix(".bed")
        with open(prefix + ".fam", encoding="ascii") as f:
            cls.people = [line.split()[1] for line in f]
        with open(prefix + ".bim", encoding="ascii") as f:
            cls.variants = [("X" if v[0] == "23" else v[0], v[3], v[1]) for v in map(str.split, f)]
        packed = numpy.fromfile(cls.bed, dtype=numpy.uint8)[3:].reshape(len(cls.variants), -1)
        cls.calls = numpy.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], axis=2).reshape(
            len(cls.variants), -1)[:, :len(cls.people)]
        cls.all = cls.kin("all")
        cls.pairs = [(row["IID1"], row["IID2"]) for row in cls.table("all", "private/pairs.tsv")
                     if row["CLASS"] == "duplicate"]

    @classmethod
    def kin(cls, out, *args):
        done = support.kinflow("kin", "--geno", cls.bed, "--out", cls.dir / out, *args)
        assert done.code == 0, done.err
        return done

    @classmethod
    def table(cls, out, name):
        return support.read_tsv(cls.dir / out / name)

    def counted(self):
        """Of each variant: pairs with both calls, one, discordant, opposite homozygotes."""
        a, b = (self.calls[:, [self.people.index(pair[side]) for pair in self.pairs]]
                for side in (0, 1))
        both = (a != MISSING) & (b != MISSING)
        return numpy.stack([both.sum(1), ((a == MISSING) != (b == MISSING)).sum(1),
                            (both & (a != b)).sum(1),
                            (both & (abs(a.astype(int) - b) == 3)).sum(1)], axis=1)

    def test_every_variant_is_counted(self):
        self.assertEqual(len(self.pairs), 10)
        counted = self.counted()
        expected = {v: tuple(c) for v, c in zip(self.variants, counted) if c[2] > 0}
        self.assertGreater(len(expected), 5)
        found = {(row["CHROM"], row["POS"], row["ID"]): tuple(
            int(row[c]) for c in ("BOTH_CALLED", "ONE_CALLED", "DISCORDANT", "OPPOSITE"))
            for row in self.table("all", "private/concordance_variants.tsv.gz")}
        self.assertEqual(found, expected)
        # A discordant pair of ten is above all bounds.
        classes = {row["DISCORDANCE"]: int(row["VARIANTS"])
                   for row in self.table("all", "share/concordance.tsv")}
        self.assertEqual(classes.pop("not compared"), int((counted[:, 0] == 0).sum()))
        self.assertEqual(classes.pop("0.1 and above"), len(expected))
        self.assertEqual(classes.pop("none"), int(((counted[:, 0] > 0) & (counted[:, 2] == 0)).sum()))
        self.assertEqual(set(classes.values()), {0})
        self.assertEqual({row["PAIRS"] for row in self.table("all", "share/concordance.tsv")}, {"10"})
        # Two samples a person: a discordant pair is one call that deviates from the other.
        for row in self.table("all", "private/concordance_variants.tsv.gz"):
            self.assertEqual((row["REPEATS"], row["DEVIATING"]), (row["BOTH_CALLED"], row["DISCORDANT"]))
        # One pair may be the error of a call, two of ten are the variant's; ids of these can be left out.
        often = [v[2] for v, c in zip(self.variants, counted) if c[2] > 1]
        self.assertGreater(len(often), 2)
        self.assertIn(f"W concordance: at {len(often)} of {(counted[:, 0] > 0).sum()} variants 3 % or "
                      "more of the repeated calls, and at least 2, are other than", self.all.err)
        rows = self.table("all", "private/concordance_variants.tsv.gz")
        (self.dir / "often.txt").write_text("".join(
            row["ID"] + "\n" for row in rows if int(row["DISCORDANT"]) > 1))
        done = self.kin("rest", "--exclude", self.dir / "often.txt")
        self.assertIn(f"I variants of {len(often)} ids are left out", done.err)
        self.assertNotIn("W concordance", done.err)

    def test_of_dosages_too(self):
        """The same calls as dosages in a VCF."""
        support.run_peer(support.program("plink2"), "--bfile", self.bed.removesuffix(".bed"),
                         "--chr", "1-22", "--export", "vcf", "vcf-dosage=DS-force", "id-paste=iid", "--out",
                         self.dir / "ds")
        done = support.kinflow("kin", "--geno", self.dir / "ds.vcf", "--set", "input.field=DS",
                               "--out", self.dir / "ds")
        self.assertEqual(done.code, 0, done.err)
        columns = ("POS", "BOTH_CALLED", "ONE_CALLED", "DISCORDANT", "OPPOSITE")
        rows = [[tuple(row[c] for c in columns)
                 for row in self.table(out, "private/concordance_variants.tsv.gz")
                 if row["CHROM"] not in ("X", "Y", "MT", "XY", "23", "24", "25", "26")]
                for out in ("ds", "all")]
        self.assertEqual(sorted(rows[0]), sorted(rows[1]))

    def test_few_pairs_are_not_counted_in_share(self):
        twice = [pair[1] for pair in self.pairs]
        (self.dir / "three.txt").write_text("".join(
            f"{iid}\n" for iid in self.people if iid not in twice[3:]))
        self.kin("three", "--samples", self.dir / "three.txt")
        rows = self.table("three", "share/concordance.tsv")
        self.assertEqual({row["PAIRS"] for row in rows}, {"<5"})

    def test_nobody_twice_takes_no_pass(self):
        twice = [pair[1] for pair in self.pairs]
        (self.dir / "once.txt").write_text("".join(
            f"{iid}\n" for iid in self.people if iid not in twice))
        done = self.kin("once", "--samples", self.dir / "once.txt")
        scanned = r"(?m)^I concordance: \d+ variants in"
        self.assertRegex(self.all.err, scanned)
        self.assertNotRegex(done.err, scanned)
        self.assertEqual(self.table("once", "private/concordance_variants.tsv.gz"), [])
        self.assertEqual({row["VARIANTS"] for row in self.table("once", "share/concordance.tsv")},
                         {"0"})

    def test_bits_do_not_depend_on_threads(self):
        self.kin("one", "--threads", "1")
        for name in ("private/concordance_variants.tsv.gz", "share/concordance.tsv"):
            self.assertEqual(self.table("one", name), self.table("all", name))

    def test_of_variants_that_passed_and_explained(self):
        config = self.dir / "qc.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {self.bed}, build: GRCh37}}
qc: {{preset: array, sample: {{het_sd: 0, call_rate: 0}}}}
kinship: {{compute: true}}
output: {{folder: qc}}
""", encoding="ascii")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, 0, done.err)
        place = lambda row: (row["CHROM"], row["POS"], row["ID"])
        passed = {place(row) for row in self.table("qc", "private/variants_full.tsv.gz")
                  if row["STATUS"] == "pass"}
        rows = {place(row): row for row in
                self.table("qc", "private/concordance_variants.tsv.gz")}
        discordant = {v for v, c in zip(self.variants, self.counted()) if c[2] > 0}
        self.assertEqual(rows.keys(), discordant & passed)
        self.assertLess(len(rows), len(discordant))
        row = next(iter(rows.values()))
        told = support.kinflow("explain", "variant", row["ID"], self.dir / "qc")
        self.assertIn(f"repeated samples: {row['DISCORDANT']} of {row['BOTH_CALLED']} pairs "
                      "discordant", told.out)
        self.run_without(config)

    def run_without(self, config):
        text = config.read_text().replace("compute: true", "compute: true, concordance: false")
        (self.dir / "without.yaml").write_text(text.replace("folder: qc", "folder: without"))
        done = support.kinflow("run", self.dir / "without.yaml")
        self.assertEqual(done.code, 0, done.err)
        self.assertFalse((self.dir / "without/share/concordance.tsv").exists())


if __name__ == "__main__":
    unittest.main()
