"""Scores by parent of origin and of imputed parents on cohorts made elsewhere: snipar's example, whose
score effects are known, and simulated dosages."""
import unittest

import support
from families import MEMBERS


class Snipar(support.TempFolderTest):
    """Case S1: scores of proband, father and mother by an independent computation (snipar centres
    them, so differences between people are compared), and parents imputed in its other families."""

    def test_scores_of_trios(self):
        folder = support.data("snipar_example/chr_1.bed")[:-len("chr_1.bed")]
        done = support.kinflow(
            "score", "--geno", folder + "chr_1.bed", "--weights", folder + "direct_weights.txt",
            "--columns", "rsID=sid", "effect_allele=nt1", "other_allele=nt2",
            "effect_weight=ldpred_beta", "--match-by", "id", "--keep-ambiguous", "--pedigree",
            folder + "pedigree.txt", "--transmitted", "--impute-parents", "--out",
            self.dir / "out", "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        rows = {r["IID"]: r for r in
                support.read_tsv(self.dir / "out/private/family_scores.tsv")}
        kinds = [r["KIND"] for r in rows.values()]
        self.assertEqual(kinds.count("trio"), 1496)
        self.assertEqual(kinds.count("mother_child") + kinds.count("father_child"), 1518)
        self.assertEqual(kinds.count("siblings"), 2000)
        sums = {r["IID"]: float(r["direct_weights"]) for r in
                support.read_tsv(self.dir / "out/private/scores.tsv")}
        a, b = rows["2000_0"], rows["2001_0"]
        self.assertAlmostEqual(sums["2000_0"] - sums["2001_0"], 1.094206 - 0.383040, places=5)
        for parent, difference in (("FATHER", 0.135583 - 0.457046), ("MOTHER", 0.648094 - 0.071053)):
            name = "direct_weights_" + parent
            self.assertAlmostEqual(float(a[name]) - float(b[name]), difference, places=5)
        for row in rows.values():
            if row["KIND"] == "trio":
                both = (float(row["direct_weights_T_MOTHER"]) +
                        float(row["direct_weights_T_FATHER"]))
                self.assertAlmostEqual(both, sums[row["IID"]], places=5)  # one call is missing
        for row in support.read_tsv(self.dir / "out/share/family_score_summary.tsv"):
            loss = float(row["VAR_LOSS"])
            if row["STATUS"] == "observed":
                self.assertEqual(loss, 0)
            else:  # siblings tell no more than the mean of both parents
                low, high = (0.5, 0.9) if row["KIND"] == "siblings" else (0.3, 0.7)
                self.assertTrue(low < loss < high, row)


class Simulated(support.TempFolderTest):
    """Imputed dosages with phase, as `kinflow simulate` writes them: the sums hold for them too."""

    def test_parts_of_dosages_sum_to_the_scores(self):
        made = support.kinflow("simulate", "--trios", "150", "--variants", "400", "--seed", "3",
                               "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        done = support.kinflow(
            "score", "--geno", self.dir / "c.vcf.gz", "--field", "DS", "--build", "GRCh37",
            "--weights", self.dir / "c.PGS900001.txt.gz", "--pedigree",
            self.dir / "c.pedigree.tsv", "--min-overlap", "0.1", "--transmitted",
            "--impute-parents", "--out", self.dir / "out", "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        sums = {r["IID"]: float(r["PGS900001"]) for r in
                support.read_tsv(self.dir / "out/private/scores.tsv")}
        rows = support.read_tsv(self.dir / "out/private/family_scores.tsv")
        kinds = {r["KIND"] for r in rows}
        self.assertEqual(kinds, {"trio", "mother_child"})
        for row in rows:
            value = {m: float(row["PGS900001_" + m]) for m in MEMBERS}
            self.assertAlmostEqual(value["T_MOTHER"] + value["T_FATHER"], sums[row["IID"]],
                                   places=9)
            for parent, of in (("MOTHER", row["MOTHER"]), ("FATHER", row["FATHER"])):
                self.assertAlmostEqual(value["T_" + parent] + value["NT_" + parent], value[parent],
                                       places=9)
                if row[parent + "_STATUS"] == "observed":
                    self.assertAlmostEqual(value[parent], sums[of], places=9)
        hets = sum(int(r["N_HET"]) for r in rows)
        self.assertLess(sum(int(r["N_UNRESOLVED"]) for r in rows), 0.12 * hets)


if __name__ == "__main__":
    unittest.main()
