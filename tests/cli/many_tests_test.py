"""Adjusted P over several analyses of one run and with a number of tests that is told, as R's p.adjust."""
import unittest

import support

CONFIG = """
schema_version: 1
input: {genotypes: sim.bed}
pedigree: {file: sim.pedigree.tsv}
phenotypes: [{file: sim.pheno.tsv, id: m_id, pregnancy: preg_id}]
scores: {files: [sim.PGS90000*.txt.gz]}
analyses:
  - {id: early, outcome: {variable: scl_gw17}, vcov: [CR1S], ACROSS}
  - {id: late, outcome: {variable: scl_y5}, vcov: [CR1S], ACROSS}
  - {id: alone, outcome: {variable: scl_m6}, vcov: [CR1S], family_tests: 50}
output: {folder: out, small_cell: 0}
"""


def bonferroni(p, m):
    return [min(1, m * x) for x in p]


def holm(p, m):
    order, bound, out = sorted(range(len(p)), key=p.__getitem__), 0, [0] * len(p)
    for rank, i in enumerate(order):
        bound = out[i] = max(bound, min(1, (m - rank) * p[i]))
    return out


def bh(p, m):
    order, bound, out = sorted(range(len(p)), key=p.__getitem__), 1, [0] * len(p)
    for rank in range(len(p) - 1, -1, -1):
        i = order[rank]
        bound = out[i] = min(bound, m / (rank + 1) * p[i])
    return out


class ManyTestsTest(support.TempFolderTest):
    def run_with(self, across):
        self.config(CONFIG.replace("ACROSS", across))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "out" / "share" / "estimates.tsv")
        return [r for r in rows if r["family"] != "NA"], done.err

    def check(self, rows, analyses, tests):
        families = {}
        for r in rows:
            if r["analysis_id"] in analyses:
                families.setdefault(r["family"], []).append(r)
        self.assertEqual(set(families), {"direct", "indirect-father", "indirect-child"})
        for family in families.values():
            self.assertEqual(len(family), 2 * len(analyses))  # two scores
            p = [float(r["p_value"]) for r in family]
            for column, adjust in (("p_bonf", bonferroni), ("p_holm", holm), ("p_bh", bh)):
                for r, expected in zip(family, adjust(p, tests or len(p))):
                    self.assertAlmostEqual(float(r[column]), expected, delta=1e-9 * expected)

    def test_grids_of_analyses(self):
        done = support.kinflow("simulate", "--trios", 300, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        together, _ = self.run_with("family_across: waves")
        self.check(together, {"early", "late"}, None)
        self.check(together, {"alone"}, 50)
        self.assertEqual({r["p_meff"] for r in together if r["analysis_id"] != "alone"}, {"NA"})
        apart, _ = self.run_with("family: [effect]")
        self.check(apart, {"early"}, None)
        self.check(apart, {"late"}, None)
        told, _ = self.run_with("family_across: waves, family_tests: 22")
        self.check(told, {"early", "late"}, 22)
        self.check(told, {"alone"}, 50)

    # One analysis of two outcomes: the numbers of two of one, tests of both in one family.
    def test_several_outcomes(self):
        done = support.kinflow("simulate", "--trios", 200, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        apart, _ = self.run_with("family_across: waves")
        text = CONFIG[:CONFIG.index("analyses:")] + """analyses:
  - {id: both, outcome: {variable: [scl_gw17, scl_y5]}, vcov: [CR1S]}
output: {folder: out, small_cell: 0}
"""
        self.config(text)
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "out" / "share" / "estimates.tsv")
        columns = ("outcome", "pgs", "term", "estimate", "std_error", "p_value", "p_bonf", "p_bh")
        self.assertEqual([[r[c] for c in columns] for r in rows if r["family"] != "NA"],
                         [[r[c] for c in columns] for r in apart if r["analysis_id"] != "alone"])
        for outcome in ("both/scl_gw17", "both/scl_y5"):
            self.assertIn(outcome, done.err)  # the table on the terminal tells them apart

    def test_faults(self):
        done = support.kinflow("simulate", "--trios", 60, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG.replace("ACROSS", "family_across: x, family_tests: 9", 1)
                    .replace("ACROSS", "family_across: x"))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("count tests apart", done.err)
        table = self.dir / "table.tsv"
        table.write_text("y\ta.mother\tb.mother\n" + "".join(
            f"{i * 7 % 11}\t{i * 3 % 13}\t{i * 5 % 17}\n" for i in range(90)))
        done = support.kinflow("fit", "--table", table, "--formula", "y ~ a.mother + b.mother",
                               "--set", "family_tests=1", "--out", self.dir / "fit")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("more tests than are said", done.err)


if __name__ == "__main__":
    unittest.main()
