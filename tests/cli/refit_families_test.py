"""Scripts of `refit` for models of children and their parents."""
import unittest

import support
from refit_support import RefitScripts, run_script


class Families(RefitScripts):
    def test_ptdt(self):
        support.r_package("sandwich")
        rows = ["m_id\ty\tg.child\tg.mother\tg.father"]
        for i in range(150):
            m, f = (i * 37 % 101) / 50 - 1, (i * 53 % 97) / 48 - 1
            for c in range(1 + i % 2):
                own = (m + f) / 2 + ((2 * i + c) * 29 % 89) / 60 - 0.7
                rows.append(f"M{i}\t{(i * 71 + c * 13) % 103 / 60:.4f}\t{own:.5f}\t{m:.5f}\t{f:.5f}")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        for beyond in ("1", "-0.5"):
            out = self.dir / beyond
            done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "ptdt", "--cluster",
                                   "m_id", "--formula", "y ~ g.child + g.mother + g.father", "--set",
                                   f"cases_beyond_sd={beyond}", "--set", "refit=true", "--out", out)
            self.assertEqual(done.code, 0, done.err)
            rows_of_r = run_script(out / "private", "fit")
            self.assertEqual(len(rows_of_r), 2 * (3 + 2 * 2))  # kinds of errors, means, contrasts
            self.compare(rows_of_r, 1e-8, 1e-8, "ptdt")

    def test_family_reml(self):
        support.r_package("lmerTest")
        rows = ["mother\tfather\ty\tg.child\tg.mother\tg.father"]
        for i in range(300):
            m, f = (i * 37 % 101) / 50 - 1, (i * 53 % 97) / 48 - 1
            for c in range(2):
                own = (m + f) / 2 + ((2 * i + c) * 29 % 89) / 60 - 0.7
                y = 0.4 * own + 0.1 * m + (i * 71 % 103) / 60 + ((2 * i + c) * 43 % 83) / 60
                rows.append(f"M{i}\tF{i}\t{y:.5f}\t{own:.5f}\t{m:.5f}\t{f:.5f}")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "family_reml",
                               "--formula", "y ~ g.child + g.mother + g.father + "
                               "(1 | mother:father)", "--outcome-of", "child", "--set",
                               "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        shown = run_script(self.dir / "out" / "private", "fit")
        self.assertEqual({r["model_id"] for r in shown}, {"population", "trio", "parental"})
        self.compare(shown, 1e-4, 1e-3, "family_reml")


if __name__ == "__main__":
    unittest.main()
