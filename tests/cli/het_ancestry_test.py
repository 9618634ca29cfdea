"""Heterozygosity of two populations of which one is less diverse: people are outliers of their own."""
import unittest

import numpy

import support
from bed_files import write_bed

VARIANTS, LARGE, SMALL = 3000, 150, 25


class HetAncestryTest(support.TempFolderTest):
    def populations(self, random):
        """Frequencies of a diverse population and of one with extreme ones."""
        return random.uniform(0.3, 0.7, VARIANTS), random.uniform(0.03, 0.12, VARIANTS)

    def draw(self, random, sizes):
        return numpy.concatenate([random.binomial(2, p, (n, VARIANTS)).astype(numpy.int8)
                                  for p, n in zip(self.frequencies, sizes)])

    def qc(self, out, *args):
        done = support.kinflow(
            "qc", "--geno", self.dir / "cohort.bed", "--out", self.dir / out, "--set",
            "qc.variant.hwe_p=0", "--set", f"pca.project={self.dir}/ref/private/pca_loadings.h5",
            "--set", f"pca.reference.file={self.dir}/groups.tsv", *args)
        self.assertEqual(done.code, 0, done.err)
        return {row["IID"]: row for row in support.read_tsv(self.dir / out / "private/samples.tsv")
                }, done.err

    def test_outliers_are_those_of_their_own_group(self):
        random = numpy.random.default_rng(11)
        self.frequencies = self.populations(random)
        write_bed(self.dir / "ref", self.draw(random, (60, 60)))
        done = support.kinflow("pca", "--geno", self.dir / "ref.bed", "--components", "2", "--out",
                               self.dir / "ref")
        self.assertEqual(done.code, 0, done.err)
        with open(self.dir / "groups.tsv", "w", encoding="ascii") as f:
            f.write("IID\tPC1\tPC2\tgroup\n")
            for row in support.read_tsv(self.dir / "ref/pca.tsv"):
                group = "LARGE" if int(row["IID"].removeprefix("ref")) < 60 else "SMALL"
                f.write(f"{row['IID']}\t{row['PC1']}\t{row['PC2']}\t{group}\n")

        calls = self.draw(random, (LARGE, SMALL))
        # One contaminated sample in each: a second person's alleles show at some of the variants.
        planted = {"cohort5", f"cohort{LARGE + 5}"}
        for person, other in ((5, 6), (LARGE + 5, LARGE + 6)):
            at = (calls[person] != calls[other]) & (random.random(VARIANTS) < 0.4)
            calls[person, at] = 1
        write_bed(self.dir / "cohort", calls)

        def removed(samples):
            return {iid for iid, row in samples.items() if row["REASON"] == "heterozygosity"}

        # `groups.tsv` tells two components only.
        two = ("--set", "pca.reference.components=2")
        apart, _ = self.qc("apart", "--set", "qc.sample.het_within=ancestry", *two)
        self.assertEqual(removed(apart), planted)
        for iid, row in apart.items():
            group = "LARGE" if int(iid.removeprefix("cohort")) < LARGE else "SMALL"
            self.assertEqual(row["ANCESTRY"], group)
        rates = {iid: float(row["HET_RATE"]) for iid, row in apart.items()}
        for group in ("LARGE", "SMALL"):
            of = numpy.array([rates[i] for i in apart if apart[i]["ANCESTRY"] == group])
            outlier, = (i for i in planted if apart[i]["ANCESTRY"] == group)
            z = (rates[outlier] - of.mean()) / of.std(ddof=1)
            self.assertAlmostEqual(float(apart[outlier]["REASON_VALUE"]) / z, 1, delta=0.1)

        told = support.kinflow("explain", "sample", "cohort5", self.dir / "apart")
        self.assertIn("removed by heterozygosity: ", told.out)
        self.assertIn("ANCESTRY LARGE", told.out)

        # Beside everybody, the contaminated sample of the small population looks like the rest of
        # the large one, and what is farthest from the mean is the small one itself.
        pooled, _ = self.qc("pooled", "--set", "qc.sample.het_sd=2")
        self.assertNotIn("ANCESTRY", pooled[f"cohort{LARGE + 5}"])
        self.assertNotIn(f"cohort{LARGE + 5}", removed(pooled))
        self.assertGreater(len(removed(pooled) - planted), SMALL // 2)

        # So few people have no spread of their own.
        keep = [f"cohort{i}" for i in range(LARGE)] + [f"cohort{LARGE + i}" for i in range(10)]
        (self.dir / "few.txt").write_text("".join(f"{iid}\n" for iid in keep))
        few, told = self.qc("few", "--set", "qc.sample.het_within=ancestry", "--samples",
                            self.dir / "few.txt", *two)
        self.assertEqual(removed(few), {"cohort5"})
        self.assertIn("group SMALL has fewer than 20 typical people", told)

    def test_groups_need_a_reference(self):
        write_bed(self.dir / "cohort", numpy.ones((4, 30), dtype=numpy.int8))
        done = support.kinflow("qc", "--geno", self.dir / "cohort.bed", "--out", self.dir / "x",
                               "--set", "qc.sample.het_within=ancestry")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("qc.sample.het_within", done.err)


if __name__ == "__main__":
    unittest.main()
