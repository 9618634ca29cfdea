"""Case S1: snipar's example from genotypes to population, direct and indirect effects, against values
computed in R (lme4: the same likelihood); and what the model refuses."""
import unittest

import support

# term, estimate, standard error
MODELS = {
    "population": [("pgs.child", 1.319015, 0.042328)],
    "trio": [("pgs.child", 1.034923, 0.052061), ("pgs.father", 0.370717, 0.053982),
             ("pgs.mother", 0.400497, 0.055751)],
    "parental": [("pgs.child", 1.035418, 0.052045), ("pgs.parents", 0.384949, 0.043089)],
}
# variance of siblings, of the residual, REML criterion
FITS = {"population": (0.288091, 0.238055, 3116.324), "trio": (0.274329, 0.225934, 3046.319),
        "parental": (0.273881, 0.225991, 3042.969)}


class FamilyRemlTest(support.TempFolderTest):
    def run_example(self, more="", code=0):
        folder = support.data("snipar_example/chr_1.bed")[:-len("chr_1.bed")]
        self.config(f"""
schema_version: 1
input: {{genotypes: {folder}chr_1.bed}}
pedigree: {{file: {folder}pedigree.txt}}
qc: {{preset: none}}
phenotypes: [{{file: {folder}phenotype.txt, id: IID}}]
scores:
  tables:
    - files: [{folder}direct_weights.txt]
      columns: {{rsID: sid, effect_allele: nt1, other_allele: nt2, effect_weight: ldpred_beta}}
  match: {{by: id, ambiguous: keep}}
analyses:
  - id: s1
    model: family_reml
    outcome: {{variable: phenotype, of: child}}
    standardise: none
    {more}
output: {{folder: out}}
""")
        done = support.kinflow("run", self.dir / "run.yaml", "--progress", "none")
        self.assertEqual(done.code, code, done.err)
        return done

    def table(self, name):
        return support.read_tsv(self.dir / "out" / "share" / f"{name}.tsv")

    def test_case_s1(self):
        self.run_example()
        worst = {"fixed": 0.0, "variance": 0.0}
        rows = {(r["model_id"], r["term"]): r for r in self.table("estimates")}
        for model, terms in MODELS.items():
            for term, estimate, error in terms:
                row = rows[model, term]
                for got, expected in ((row["estimate"], estimate), (row["std_error"], error)):
                    self.assertAlmostEqual(float(got), expected, delta=1e-4, msg=f"{model} {term}")
                    worst["fixed"] = max(worst["fixed"], abs(float(got) - expected))
        effects = {key: row["effect"] for key, row in rows.items()}
        self.assertEqual(effects["population", "pgs.child"], "total")
        self.assertEqual(effects["trio", "pgs.child"], "direct")
        self.assertEqual(effects["trio", "pgs.mother"], "indirect")
        self.assertEqual(effects["parental", "pgs.child"], "direct")
        self.assertEqual(effects["parental", "pgs.parents"], "indirect")
        variances = {(r["model_id"], r["group"]): float(r["variance"])
                     for r in self.table("varcomp")}
        criteria = {r["model_id"]: r for r in self.table("models")}
        for model, (siblings, residual, criterion) in FITS.items():
            for group, expected in (("mother:father", siblings), ("Residual", residual)):
                got = variances[model, group]
                self.assertAlmostEqual(got, expected, delta=1e-3, msg=f"{model} {group}")
                worst["variance"] = max(worst["variance"], abs(got - expected))
            self.assertEqual(criteria[model]["n"], "1496")
            self.assertEqual(criteria[model]["n_clusters"], "1000")
            self.assertAlmostEqual(float(criteria[model]["criterion"]), criterion, delta=2e-3)
        print("S1: largest deviations", worst)

    # (direct + mean indirect)'s error from the published covariances of the trio model.
    def test_effects_together(self):
        self.run_example("h2f: 0.5\n    h2f_se: 0.05")
        rows = {r["contrast"]: r for r in self.table("contrasts")}
        mean = (.00291406 + 2 * .00070882 + .00310815) / 4
        self.assertAlmostEqual(float(rows["mean indirect"]["std_error"]), mean ** 0.5, delta=1e-5)
        self.assertAlmostEqual(float(rows["direct / population"]["estimate"]),
                               1.034923 / 1.319015, delta=1e-4)
        self.assertAlmostEqual(float(rows["assortment: rk"]["estimate"]), -0.008419, delta=1e-5)
        # Random mating was simulated: nothing to adjust for.
        low, high = (float(rows["assortment: r_delta"][k]) for k in ("conf_low", "conf_high"))
        self.assertTrue(low < 0 < high)

    def test_relatives_by_pedigree(self):
        self.run_example("relatedness: pedigree\n    random_tests: true")
        groups = {r["group"] for r in self.table("varcomp") if r["model_id"] == "trio"}
        self.assertEqual(groups, {"mother:father", "relatedness", "Residual"})
        tests = {(r["added"], r["test"]) for r in self.table("comparisons")}
        self.assertIn(("relatedness", "LRT-random"), tests)

    # Ids that are numbers, in a file of relatives beside the table.
    def test_fit_with_a_file_of_relatives(self):
        rows, pairs = ["id\ty\tg.child\tg.mother\tg.father"], ["ID1\tID2\tKINSHIP"]
        for i in range(300):
            m, f = (i * 37 % 101) / 50 - 1, (i * 53 % 97) / 48 - 1
            for c in range(2):
                own = (m + f) / 2 + ((2 * i + c) * 29 % 89) / 60 - 0.7
                y = 0.4 * own + 0.1 * m + (i * 71 % 103) / 60 + ((2 * i + c) * 43 % 83) / 60
                rows.append(f"{2 * i + c}\t{y:.5f}\t{own:.5f}\t{m:.5f}\t{f:.5f}")
            pairs.append(f"{2 * i}\t{2 * i + 1}\t0.25")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        (self.dir / "pairs.tsv").write_text("\n".join(pairs) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "family_reml",
                               "--formula", "y ~ g.child + g.mother + g.father", "--outcome-of",
                               "child", "--set", f"relatives={self.dir / 'pairs.tsv'}", "--set",
                               "person=id", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        groups = {r["group"] for r in self.table("varcomp")}
        self.assertEqual(groups, {"relatedness", "Residual"})

    # As numbers "0012" and "12" were one, and pairs were lost.
    def test_ids_of_relatives_in_lower_case(self):
        rows, pairs = ["id\ty\tg.child\tg.mother\tg.father"], ["id1\tid2\tkinship"]
        for i in range(600):
            m, f = (i // 2 * 37 % 101) / 50 - 1, (i // 2 * 53 % 97) / 48 - 1
            own = (m + f) / 2 + (i * 29 % 89) / 60 - 0.7
            y = 0.4 * own + 0.1 * m + (i // 2 * 71 % 103) / 60 + (i * 43 % 83) / 60
            rows.append(f"{i:05d}\t{y:.5f}\t{own:.5f}\t{m:.5f}\t{f:.5f}")
            if i % 2:
                pairs.append(f"{i - 1:05d}\t{i:05d}\t0.25")
        pairs.append("00000\t99999\t0.25")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        (self.dir / "pairs.tsv").write_text("\n".join(pairs) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "family_reml",
                               "--formula", "y ~ g.child + g.mother + g.father", "--outcome-of",
                               "child", "--set", f"relatives={self.dir / 'pairs.tsv'}",
                               "--person", "id", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("1 of 301 pairs name somebody who has no row", done.err)

    def test_refuses(self):
        for more, message in (
                ("relatedness: genotypes", "kinship.compute: true"),
                ("vcov: [CR1]", "standard errors of its own only"),
                ("steps: [[pgs.child], [pgs.mother, pgs.father]]", "has steps of its own"),
                ("members: [child]", "needs a score of mother, father and child"),
                ('formula: "phenotype ~ pgs.child + pgs.mother + pgs.father"', "random term")):
            with self.subTest(more=more):
                self.assertIn(message, self.run_example(more, code=3).err)


if __name__ == "__main__":
    unittest.main()
