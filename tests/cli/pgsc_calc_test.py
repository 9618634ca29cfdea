"""The public example of pgsc_calc (2,504 people, chromosome 22): the .sscore files shipped with it,
to every printed digit, from .bed and from VCF."""
import csv
import math
import pathlib
import unittest

import support

SCORE, SECOND = "PGS001229", "duplicatetest"
PEOPLE, USED, AMBIGUOUS, UNMATCHED = 2504, 782, 47, 6


def printed(value, text):
    """Whether a number prints as this text of 6 significant digits (a tie may go either way)."""
    expected = float(text)
    if expected == 0:
        return value == 0
    unit = 10.0 ** (math.floor(math.log10(abs(expected))) - 5)
    return abs(value - expected) <= 0.5 * unit * (1 + 1e-9)


class PgscCalcTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.data = support.data("pgsc_calc")
        self.plink2 = support.program("plink2")

    def expected(self, number):
        name = f"{self.data}/expected/cineca_22_additive_{number}.sscore.zst"
        text = support.run_peer(self.plink2, "--zst-decompress", name).splitlines()
        rows = list(csv.DictReader(text, delimiter="\t"))
        self.assertEqual(len(rows), PEOPLE)
        return {row["IID"]: row for row in rows}

    def score(self, genotypes, *weights, folder="out", args=()):
        files = [pathlib.Path(self.data) / name for name in weights]
        done = support.kinflow("score", "--geno", f"{self.data}/{genotypes}", "--weights", *files,
                               "--detail", "--out", self.dir / folder, *args)
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / folder / "private" / "scores_detail.tsv.gz")
        # The VCF names people FID_IID; both are the same word here.
        return {(row["IID"].split("_")[0], row["SCORE"]): row for row in rows}

    def check_main_score(self, genotypes):
        got, expected = self.score(genotypes, "PGS001229_22.txt"), self.expected(0)
        self.assertEqual({name for name, _ in got}, set(expected))
        incomplete = 0
        for name, row in expected.items():
            mine = got[name, SCORE]
            self.assertTrue(printed(float(mine["SUM"]), row[f"{SCORE}_SUM"]),
                            f"{mine['SUM']} against {row[f'{SCORE}_SUM']}")
            self.assertTrue(printed(float(mine["AVG"]), row[f"{SCORE}_AVG"]))
            self.assertEqual(mine["ALLELE_CT"], row["ALLELE_CT"])
            self.assertEqual(mine["DENOM"], row["DENOM"])
            incomplete += mine["ALLELE_CT"] != mine["DENOM"]
        self.assertEqual(incomplete, 41)
        self.check_counts()

    def check_counts(self):
        row = next(row for row in support.read_tsv(self.dir / "out/share/match_scores.tsv")
                   if row["SCORE"] == SCORE)
        counts = [int(row[name]) for name in ("MATCHED", "AMBIGUOUS", "UNMATCHED", "FLIPPED")]
        self.assertEqual(counts, [USED, AMBIGUOUS, UNMATCHED, 0])
        self.assertEqual(int(row["LINES"]), USED + AMBIGUOUS + UNMATCHED)
        log = support.read_tsv(self.dir / "out" / "share" / "match_log.tsv.gz")
        lines = [row for row in log if row["accession"] == SCORE]
        status = [row["match_status"] for row in lines if row["match_status"] != "not_best"]
        self.assertEqual(status.count("matched"), USED)
        self.assertEqual(status.count("excluded"), AMBIGUOUS)
        self.assertEqual(status.count("unmatched"), UNMATCHED)

    def test_shipped_scores_from_bed(self):
        self.check_main_score("cineca_synthetic_subset.bed")

    def test_shipped_scores_from_vcf(self):
        self.check_main_score("cineca_synthetic_subset.vcf.gz")

    def test_without_mean_imputation(self):
        got = self.score("cineca_synthetic_subset.bed", "PGS001229_22.txt",
                         args=("--missing", "none"))
        self.assertTrue(printed(float(got["HG00099", SCORE]["SUM"]), "0.633696"))
        complete = self.expected(0)
        for (name, _), row in got.items():
            if row["ALLELE_CT"] == "1564":
                self.assertTrue(printed(float(row["SUM"]), complete[name][f"{SCORE}_SUM"]))

    def test_a_qc_threshold_given_to_score_is_applied(self):
        """Presets are off by default here; a threshold named on the command line still filters."""
        self.score("cineca_synthetic_subset.bed", "PGS001229_22.txt")
        log = support.read_tsv(self.dir / "out" / "share" / "match_log.tsv.gz")
        matched = {row["ID"] for row in log if row["match_status"] == "matched"}
        support.run_peer(self.plink2, "--bfile", f"{self.data}/cineca_synthetic_subset", "--maf",
                         "0.2", "--write-snplist", "--out", self.dir / "peer")
        common = set((self.dir / "peer.snplist").read_text().split())
        self.assertTrue(0 < len(matched & common) < USED)
        self.score("cineca_synthetic_subset.bed", "PGS001229_22.txt", folder="filtered",
                   args=("--set", "qc.variant.maf=0.2", "--min-overlap", "0.1"))
        row, = support.read_tsv(self.dir / "filtered" / "share" / "match_scores.tsv")
        self.assertEqual(int(row["MATCHED"]), len(matched & common))

    def test_two_scores_in_one_pass(self):
        """A second score, whose first line counts the other allele: plink2 needed two files."""
        got = self.score("cineca_synthetic_subset.bed", "PGS001229_22.txt",
                         "PGS001229_22_duplicate.txt")
        self.assertEqual(len(got), 2 * PEOPLE)
        first, second = self.expected(0), self.expected(1)
        for name, row in first.items():
            self.assertTrue(printed(float(got[name, SCORE]["SUM"]), row[f"{SCORE}_SUM"]))
            parts = [row[f"{SECOND}_SUM"], second[name][f"{SECOND}_SUM"]]
            half_digits = sum(0.5e-5 * 10 ** math.floor(math.log10(abs(float(part))))
                              for part in parts if float(part) != 0)
            mine = got[name, SECOND]
            self.assertLessEqual(abs(float(mine["SUM"]) - sum(map(float, parts))),
                                 half_digits * (1 + 1e-9) + 1e-15)
            # DENOM and AVG are per score, unlike those of plink2's file of two scores.
            self.assertEqual(mine["DENOM"], "16")
            self.assertAlmostEqual(float(mine["AVG"]), float(mine["SUM"]) / 16, places=15)
        self.check_counts()

    def test_scores_by_id_equal_plink2_on_the_same_file(self):
        """Lines without positions are matched by variant id."""
        bim = pathlib.Path(self.data, "cineca_synthetic_subset.bim").read_text(encoding="ascii")
        palindromes = [{"A", "T"}, {"C", "G"}]
        variants = [line.split() for line in bim.splitlines()]
        kept = [row for row in variants if {row[4], row[5]} not in palindromes][:100]
        lines = "".join(f"{row[1]}\t{row[4 + i % 2]}\t{(i % 7 - 3) / 10 + 0.05}\n"
                        for i, row in enumerate(kept))
        weights, plain = self.dir / "ids.txt", self.dir / "plain.txt"
        weights.write_text("#pgs_id=byid\n#genome_build=GRCh37\n"
                           "rsID\teffect_allele\teffect_weight\n" + lines)
        plain.write_text(lines)
        got = self.score("cineca_synthetic_subset.bed", weights, args=("--match-by", "id"))
        support.run_peer(self.plink2, "--bfile", f"{self.data}/cineca_synthetic_subset", "--score",
                         plain, "1", "2", "3", "cols=+scoresums", "--out", self.dir / "peer")
        rows = support.read_tsv(self.dir / "peer.sscore")
        self.assertEqual(len(rows), PEOPLE)
        for row in rows:
            mine = float(got[row["IID"], "byid"]["SUM"])
            self.assertAlmostEqual(mine, float(row["SCORE1_SUM"]), delta=1e-5)


if __name__ == "__main__":
    unittest.main()
