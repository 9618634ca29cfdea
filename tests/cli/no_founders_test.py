"""People of whom nobody is a founder, as plink's --keep leaves children: allele frequencies are over all of
them, as plink2 has them under --nonfounders."""
import pathlib
import unittest

import support

ALL_VARIANTS = ["qc.variant.call_rate=0", "qc.variant.maf=0", "qc.variant.hwe_p=0", "qc.variant.hwe_x=all",
                "qc.sample.call_rate=0", "qc.sample.het_sd=0", "qc.sample.sex_check=off"]
TOLD = "no founder among the genotyped: allele frequencies are over all 60 people"


def settings(*pairs):
    return [part for pair in pairs for part in ("--set", pair)]


class ChildrenAlone(support.TempFolderTest):
    """The children of the HapMap trios, a few of them there twice."""

    def setUp(self):
        super().setUp()
        self.bed = support.data("hapmap_trios/hapmap279.bed")
        self.prefix = self.bed.removesuffix(".bed")
        self.plink2 = support.program("plink2")
        fam = [line.split() for line in open(self.prefix + ".fam", encoding="ascii")]
        children = [row[:2] for row in fam if row[2] != "0" or row[3] != "0"]
        self.children = {row[1] for row in children}
        self.assertEqual(len(self.children), 60)
        self.keep = self.dir / "children.txt"
        self.keep.write_text("".join("\t".join(row) + "\n" for row in children), encoding="ascii")

    def peer(self, *flags):
        support.run_peer(self.plink2, "--bfile", self.prefix, "--keep", self.keep, "--nonfounders",
                         "--threads", "1", *flags, "--out", self.dir / "peer")

    def close(self, mine, printed, what, digits=5e-6):
        mine, printed = float(mine), float(printed)
        self.assertLessEqual(abs(mine - printed), 1.01 * digits * abs(printed) + 1e-9, what)

    def qc(self, *more):
        done = support.kinflow("qc", "--geno", self.bed, "--samples", self.keep, "--out",
                               self.dir / "qc", "--threads", "1",
                               *settings(*ALL_VARIANTS, *more))
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(TOLD, done.err)
        return support.read_tsv(self.dir / "qc/private/variants_full.tsv.gz")

    def test_frequencies_and_hwe(self):
        self.peer("--freq", "--hardy", "midp")
        mine = self.qc("qc.variant.hwe_midp=true")
        theirs = support.read_tsv(self.dir / "peer.afreq")
        self.assertEqual(len(theirs), len(mine))
        for row, other in zip(mine, theirs):
            self.assertEqual(row["ID"], other["ID"])
            if other["OBS_CT"] == "0":
                self.assertEqual(row["AF"], "NA")
            else:
                self.close(row["AF"], other["ALT_FREQS"], row)
        hardy = support.read_tsv(self.dir / "peer.hardy")
        autosomal = [row for row in mine if row["CHROM"] != "X"]
        self.assertEqual([row["ID"] for row in autosomal], [row["ID"] for row in hardy])
        for row, other in zip(autosomal, hardy):
            self.close(row["HWE_P"], other["MIDP"], row)

    def test_filters_of_frequencies_filter(self):
        self.peer("--maf", "0.05", "--write-snplist", "allow-dups")
        left = (self.dir / "peer.snplist").read_text().split()
        passing = [r["ID"] for r in self.qc("qc.variant.maf=0.05") if r["STATUS"] == "pass"]
        self.assertLess(len(left), 9088)
        self.assertEqual(passing, left)

    def weights(self):
        """Of variants that somebody has no call of."""
        self.peer("--missing", "variant-only", "--freq")
        varies = {row["ID"] for row in support.read_tsv(self.dir / "peer.afreq")
                  if 0.05 < float(row["ALT_FREQS"]) < 0.95}
        bim = {row[1]: row for row in map(str.split, open(self.prefix + ".bim", encoding="ascii"))}
        ids = [row["ID"] for row in support.read_tsv(self.dir / "peer.vmiss")
               if row["MISSING_CT"] != "0" and row["ID"] in varies and int(bim[row["ID"]][0]) < 23]
        self.assertGreater(len(ids), 100)
        path = self.dir / "w.txt"
        path.write_text("".join(f"{name}\t{bim[name][4 + i % 2]}\t{(i % 7 - 3) / 10 + 0.05}\n"
                                for i, name in enumerate(ids)), encoding="ascii")
        return path

    def test_scores(self):
        weights = self.weights()
        plain = None
        for flag, modifier in (((), ()), (("--center",), ("center",)),
                               (("--variance-standardize",), ("variance-standardize",))):
            with self.subTest(mode=modifier):
                self.peer("--score", weights, "1", "2", "3", "cols=+scoresums", *modifier)
                done = support.kinflow(
                    "score", "--geno", self.bed, "--samples", self.keep, "--weights", weights,
                    "--keep-ambiguous", "--threads", "1", *flag, "--out", self.dir / "out",
                    *(("--plink2-compat",) if flag else ()))
                self.assertEqual(done.code, 0, done.err)
                self.assertIn(TOLD, done.err)
                mine = {row["IID"]: row["w"]
                        for row in support.read_tsv(self.dir / "out/private/scores.tsv")}
                theirs = support.read_tsv(self.dir / "peer.sscore")
                self.assertEqual(set(mine), self.children)
                self.assertEqual(len(theirs), 60)
                for row in theirs:
                    self.close(mine[row["IID"]], row["SCORE1_SUM"], row)
                self.assertNotEqual(mine, plain)
                plain = mine

    def test_validate_tells(self):
        config = self.config(f"schema_version: 1\ninput: {{genotypes: {self.bed}, samples: {self.keep}}}\n"
                             f"scores: {{files: [{self.weights()}]}}\noutput: {{folder: out}}\n")
        done = support.kinflow("validate", config)
        self.assertIn(TOLD, done.err + done.out)

    def test_one_founder_is_enough(self):
        """Who then tells all frequencies; a warning says that one tells little."""
        fam = [line.split() for line in open(self.prefix + ".fam", encoding="ascii")]
        founder = next(row for row in fam if row[2] == row[3] == "0")
        with open(self.keep, "a", encoding="ascii") as f:
            f.write("\t".join(founder[:2]) + "\n")
        done = support.kinflow("score", "--geno", self.bed, "--samples", self.keep, "--weights",
                               self.weights(), "--keep-ambiguous", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("no founder among", done.err)
        self.assertIn("imputed from frequencies among 1 people", done.err)


class FoundersWithoutGenotypes(support.TempFolderTest):
    """A father and a mother whose calls are all missing, and their four children."""
    CALLS = [("0/0", "0/1", "1/1", "0/1"), ("0/1", "0/0", "0/0", "0/0"), ("1/1", "1/1", "0/1", "1/1")]

    def setUp(self):
        super().setUp()
        ids = ["P", "M", "C1", "C2", "C3", "C4"]
        (self.dir / "z.vcf").write_text(
            "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(ids) + "\n" +
            "".join(f"1\t{5000000 + i}\tv{i}\tA\tC\t.\t.\t.\tGT\t./.\t./.\t" + "\t".join(row) + "\n"
                    for i, row in enumerate(self.CALLS)))
        (self.dir / "z.fam").write_text(
            "F P 0 0 1 -9\nF M 0 0 2 -9\n" +
            "".join(f"F {child} P M {i % 2 + 1} -9\n" for i, child in enumerate(ids[2:])))
        (self.dir / "w.txt").write_text("v0\tC\t1\nv1\tC\t10\nv2\tC\t100\n")
        self.inputs = ["--geno", self.dir / "z.vcf", "--pedigree", self.dir / "z.fam", "--out",
                       self.dir / "out"]

    def test_without_their_mean_nothing_is_centred(self):
        for flag in ("--center", "--variance-standardize"):
            done = support.kinflow("score", *self.inputs, "--weights", self.dir / "w.txt", flag)
            self.assertEqual(done.code, 4, done.err)
            self.assertIn("E0434", done.err)
            self.assertIn("3 weights lie on variants that no founder has a genotype of", done.err)
        done = support.kinflow("score", *self.inputs, "--weights", self.dir / "w.txt")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("missing genotypes there add nothing", done.err)

    def test_qc_leaves_no_founder(self):
        done = support.kinflow("qc", *self.inputs, *settings(*ALL_VARIANTS, "qc.sample.call_rate=0.5"))
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("left no founder: allele frequencies are over everybody left", done.err)
        rows = support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
        copies = [sum(call.count("1") for call in row) for row in self.CALLS]
        self.assertEqual([float(row["AF"]) for row in rows], [n / 8 for n in copies])


if __name__ == "__main__":
    unittest.main()
