"""Tables that plink2 --glm writes are weights: ratios are told, and the other allele is the one of REF and
ALT that is not A1."""
import math
import pathlib
import shutil
import unittest

import support


class AssociationTable(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.plink2 = support.program("plink2")
        self.prefix = support.data("pgsc_calc/cineca_synthetic_subset.bed")[:-4]
        self.variants = [line.split() for line in
                         pathlib.Path(self.prefix + ".bim").read_text("ascii").splitlines()][:300]
        (self.dir / "ids.txt").write_text("".join(f"{row[1]}\n" for row in self.variants))

    def associations(self):
        """Rows of plink2's table of a case-control study, and its path."""
        fam = [line.split() for line in
               pathlib.Path(self.prefix + ".fam").read_text("ascii").splitlines()]
        cases = "".join(f"{row[0]}\t{row[1]}\t{1 + (7 * i % 11 < 4)}\n" for i, row in enumerate(fam))
        (self.dir / "cases.txt").write_text("#FID\tIID\tcase\n" + cases)
        support.run_peer(self.plink2, "--bfile", self.prefix, "--threads", "1", "--extract",
                         self.dir / "ids.txt", "--pheno", self.dir / "cases.txt", "--maf", "0.05",
                         "--glm", "allow-no-covars", "--out", self.dir / "gwas")
        table, = self.dir.glob("gwas.case.glm.logistic*")
        return support.read_tsv(table), table

    def test_odds_ratios_of_a_cohort_with_other_alleles(self):
        rows, table = self.associations()
        self.assertGreater(len(rows), 50)
        # The cohort has a third base in place of every tenth variant's allele that is not A1.
        a1 = {row["ID"]: row["A1"] for row in rows}
        others = set()
        bim = pathlib.Path(self.prefix + ".bim").read_text("ascii").splitlines()
        for i, line in enumerate(bim):
            fields = line.split()
            if fields[1] in a1 and i % 10 == 3:
                others.add(fields[1])
                at = 5 if fields[4] == a1[fields[1]] else 4
                # Neither of the two, nor what they are on the other strand.
                fields[at] = next(b for b in "ACGT" if b not in fields[4:6] and
                                  {b, a1[fields[1]]} not in ({"A", "T"}, {"C", "G"}))
                bim[i] = "\t".join(fields)
        self.assertGreater(len(others), 5)
        for name in (".bed", ".fam"):
            shutil.copyfile(self.prefix + name, self.dir / ("cohort" + name))
        (self.dir / "cohort.bim").write_text("\n".join(bim) + "\n")
        weights = self.dir / "log.txt"
        weights.write_text("".join(f"{row['ID']}\t{row['A1']}\t{math.log(float(row['OR']))!r}\n"
                                   for row in rows if row["ID"] not in others))
        support.run_peer(self.plink2, "--bfile", self.dir / "cohort", "--threads", "1", "--score",
                         weights, "1", "2", "3", "cols=+scoresums", "--out", self.dir / "peer")
        args = ("score", "--geno", self.dir / "cohort.bed", "--weights", table, "--out",
                self.dir / "out", "--keep-ambiguous")
        refused = support.kinflow(*args)
        self.assertEqual(refused.code, 4, refused.err)
        self.assertIn("--ratios log", refused.err)
        self.assertNotIn("ERRCODE", refused.err)
        done = support.kinflow(*args, "--ratios", "log")
        self.assertEqual(done.code, 0, done.err)
        score, = support.read_tsv(self.dir / "out/share/match_scores.tsv")
        self.assertEqual((int(score["LINES"]), int(score["MATCHED"])),
                         (len(rows), len(rows) - len(others)))
        theirs = {row["IID"]: float(row["SCORE1_SUM"])
                  for row in support.read_tsv(self.dir / "peer.sscore")}
        mine = support.read_tsv(self.dir / "out/private/scores.tsv")
        self.assertEqual(len(mine), len(theirs))
        for row in mine:
            self.assertAlmostEqual(float(row[score["SCORE"]]), theirs[row["IID"]], delta=2e-5)


if __name__ == "__main__":
    unittest.main()
