"""Scores against people of similar ancestry (scores.adjust.ancestry), computed again here."""
import unittest

import numpy as np

import support

CONFIG = """schema_version: 1
input: {genotypes: c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: c.pedigree.tsv}
phenotypes:
  - {file: c.pheno.tsv, id: m_id, pregnancy: preg_id}
  - {file: c.covar.tsv, id: IID, columns: [PC1, PC2, batch]}
scores:
  files: [c.PGS*.txt.gz]
  match: {min_overlap: 0.1}
  adjust:
    ancestry: {pcs: 2, group: batch, fit_on: founder, use: z_norm2}
analyses:
  - {id: all, formula: "scl_m6 ~ pgs.mother", outcome: {of: mother}, standardise: none}
output: {folder: out}
resources: {work: work}
"""
SCORE = "PGS900001"


def numbers(rows, name):
    return np.array([float(row[name]) if row[name] != "NA" else np.nan for row in rows])


class AncestryTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        made = support.kinflow("simulate", "--trios", "150", "--variants", "300", "--chromosomes",
                               "2", "--seed", "21", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)

    def run_it(self, text=CONFIG, code=0):
        done = support.kinflow("run", self.config(text), "--progress", "none")
        self.assertEqual(done.code, code, done.err)
        return done

    def table(self, name):
        return support.read_tsv(self.dir / "out" / name)

    def design(self, rows, mean=None, sd=None):
        of = {r["IID"]: r for r in support.read_tsv(self.dir / "c.covar.tsv")}
        pcs = np.array([[float(of[r["IID"]][c]) for c in ("PC1", "PC2")] for r in rows])
        mean = pcs.mean(0) if mean is None else mean
        sd = pcs.std(0) if sd is None else sd
        return np.column_stack([np.ones(len(rows)), (pcs - mean) / sd]), mean, sd

    def test_values_are_those_of_the_definitions(self):
        self.run_it()
        sums, found = self.table("private/scores.tsv"), self.table("private/scores_ancestry.tsv")
        self.assertEqual([r["IID"] for r in sums], [r["IID"] for r in found])
        y, batch = numbers(sums, SCORE), {r["IID"]: r["batch"] for r in
                                          support.read_tsv(self.dir / "c.covar.tsv")}
        groups = np.array([batch[r["IID"]] for r in sums])
        train = np.array([r["ROLE"] in ("mother", "father") for r in sums])
        x, mean, sd = self.design([r for r, t in zip(sums, train) if t])
        every = self.design(sums, mean, sd)[0]
        offset = y[train].mean()
        b = np.linalg.lstsq(x, y[train] - offset, rcond=None)[0]
        residual = y[train] - offset - x @ b
        np.testing.assert_allclose(numbers(found, SCORE + "_Z_NORM1"),
                                   (y - offset - every @ b) / residual.std(), atol=1e-9)
        models = [r for r in self.table("share/ancestry_models.tsv") if r["SCORE"] == SCORE]

        def of(model):
            return numbers([r for r in models if r["MODEL"] == model], "ESTIMATE")

        theta = np.concatenate([of("mean"), of("log_variance")])

        def nll(t):
            log_v = x @ t[3:]
            return 0.5 * np.sum(log_v + (y[train] - offset - x @ t[:3]) ** 2 * np.exp(-log_v))

        self.assertAlmostEqual(nll(theta), of("nll")[0], places=8)
        for k in range(6):  # a minimum: no slope, and higher on both sides
            step = np.zeros(6)
            step[k] = 1e-3 * (np.std(y) if k < 3 else 1)
            up, down = nll(theta + step) - nll(theta), nll(theta - step) - nll(theta)
            self.assertGreater(min(up, down), 0)
            self.assertLess(abs(up - down), 0.02 * (up + down))
        np.testing.assert_allclose(
            numbers(found, SCORE + "_Z_NORM2"),
            (y - offset - every @ theta[:3]) / np.sqrt(np.exp(every @ theta[3:])), atol=1e-9)
        for g in sorted(set(groups)):
            pool = y[train & (groups == g)]
            mine = groups == g
            np.testing.assert_allclose(numbers(found, SCORE + "_Z_POP")[mine],
                                       (y[mine] - pool.mean()) / pool.std(), atol=1e-9)
            rank = [50 * (np.sum(pool < v) + np.sum(pool <= v) + np.any(pool == v)) / len(pool)
                    for v in y[mine]]
            np.testing.assert_allclose(numbers(found, SCORE + "_PERCENTILE_POP")[mine], rank,
                                       atol=1e-9)
        used = self.table("private/scores_adjusted.tsv")
        self.assertEqual([r[SCORE] for r in used], [r[SCORE + "_Z_NORM2"] for r in found])

    def test_a_panel_takes_the_place_of_the_cohort(self):
        rng = np.random.default_rng(3)
        pcs, y = rng.normal(size=(80, 2)), rng.normal(size=80)
        labels = np.array(["b1", "b2"])[rng.integers(2, size=80)]
        (self.dir / "panel.tsv").write_text("#IID\tPC1\tPC2\tbatch\tPGS900001\n" + "".join(
            f"r{i}\t{a!r}\t{b!r}\t{g}\t{v!r}\n" for i, ((a, b), g, v) in
            enumerate(zip(pcs.tolist(), labels, y.tolist()))) + "x\tNA\t1\tb1\t5\n")
        done = self.run_it(CONFIG.replace("fit_on: founder", "reference: panel.tsv")
                           .replace("z_norm2", "z_norm1"), code=4)
        self.assertIn("the reference panel has no column for score PGS900002", done.err)
        sums, found = self.table("private/scores.tsv"), self.table("private/scores_ancestry.tsv")
        mean, sd = pcs.mean(0), pcs.std(0)
        x = np.column_stack([np.ones(80), (pcs - mean) / sd])
        b = np.linalg.lstsq(x, y - y.mean(), rcond=None)[0]
        every = self.design(sums, mean, sd)[0]
        np.testing.assert_allclose(
            numbers(found, SCORE + "_Z_NORM1"),
            (numbers(sums, SCORE) - y.mean() - every @ b) / (y - y.mean() - x @ b).std(), atol=1e-9)

    def test_residuals_go_on_where_no_ancestry_column_is_used(self):
        ancestry = "ancestry: {pcs: 2, group: batch, fit_on: founder, use: z_norm2}"
        values = {}
        for name, adjust in (
                ("both", ancestry.replace("z_norm2", "none") + "\n    residualise: {pcs: 2}"),
                ("alone", "residualise: {pcs: 2}")):
            self.run_it(CONFIG.replace(ancestry, adjust))
            values[name] = numbers(self.table("private/scores_adjusted.tsv"), SCORE)
            if name == "both":
                self.assertIn(SCORE + "_Z_NORM2", self.table("private/scores_ancestry.tsv")[0])
        np.testing.assert_array_equal(values["both"], values["alone"])
        self.assertFalse(np.allclose(values["both"], numbers(self.table("private/scores.tsv"), SCORE)))

    def test_faults(self):
        for change, code, word in (
                ({"pcs: 2": "pcs: 3"}, 3, "PC3"),
                ({"group: batch": "group: bacth"}, 3, "did you mean batch"),
                ({"group: batch, ": "", "z_norm2": "z_pop"}, 3, "ancestry.group"),
                ({"use: z_norm2}": "use: z_norm2}\n    residualise: {pcs: 1}"}, 3, "residuals"),
                ({"fit_on: founder": "reference: none.tsv"}, 4, "none.tsv")):
            text = CONFIG
            for before, after in change.items():
                text = text.replace(before, after)
            done = self.run_it(text, code=code)
            self.assertIn(word, done.err)
            self.assertIn("remedy:", done.err)


if __name__ == "__main__":
    unittest.main()
