"""`kinflow fit` with logistic, ordinal and estimating-equation models against R, and their faults."""
import unittest

import support

CASE = support.ROOT / "tests" / "conformance"
FORMULA_C = "high_dep ~ pgs_m + pgs_f + pgs_c + age + factor(parity)"
FORMULA_F = "dep_cat ~ pgs_m + pgs_f + pgs_c + age"
FORMULA_B = "scl_dep ~ time + pgs_m + pgs_f + pgs_c + age"


class ModelsTest(support.TempFolderTest):
    def fit(self, table, model, formula, *args):
        done = support.kinflow("fit", "--table", table, "--model", model, "--formula", formula,
                               "--out", self.dir / "out", *args)
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / "out" / "estimates.tsv")

    def compare(self, rows, reference, model, se_type, ours, tolerance):
        expected = [r for r in support.read_tsv(CASE / "ref" / reference)
                    if r["model"] == model and r["se_type"] == se_type]
        got = {r["term"]: r for r in rows if r["se_type"] == ours}
        self.assertEqual({r["term"] for r in expected}, set(got))
        for row in expected:
            for column in ("estimate", "std_error"):
                value, known = float(got[row["term"]][column]), float(row[column])
                self.assertLess(abs(value - known), tolerance * abs(known),
                                f"{model} {se_type} {row['term']} {column}: {value}, R: {known}")

    def test_logistic(self):
        rows = self.fit(CASE / "data" / "c_logit.tsv", "logit", FORMULA_C, "--cluster", "m_id",
                        "--vcov", "HC0", "CR1")
        self.compare(rows, "c_logit_coef.tsv", "C2", "HC0", "HC0", 1e-8)
        self.compare(rows, "c_logit_coef.tsv", "C2", "CR1", "CR1", 1e-8)

    def test_ordinal(self):
        rows = self.fit(CASE / "data" / "f_ordinal.tsv", "ordinal", FORMULA_F, "--set",
                        "link=probit")
        self.compare(rows, "f_ordinal_coef.tsv", "clm_probit", "model", "model", 1e-8)

    def test_estimating_equations(self):
        rows = self.fit(CASE / "data" / "b_waves.tsv", "gee", FORMULA_B, "--cluster", "m_id",
                        "--set", "correlation=ar1")
        self.compare(rows, "b_gee_coef.tsv", "GEE_ar1", "robust (san.se)", "robust", 1e-8)

    def test_a_separated_outcome_fails_by_name_and_firth_fits_it(self):
        table = self.dir / "separated.tsv"
        lines = [f"{int(i > 20)}\t{i % 7}\t{int(i > 20)}" for i in range(40)]
        table.write_text("\n".join(["y\tx\tgroup", *lines]) + "\n")
        done = support.kinflow("fit", "--table", table, "--model", "logit", "--formula",
                               "y ~ x + group", "--out", self.dir / "bad")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("logit: separated: group predicts the outcome without error in 40 of 40",
                      done.err)
        self.assertIn("firth: true", done.err)
        rows = self.fit(table, "logit", "y ~ x + group", "--set", "firth=true")
        self.assertEqual(len({r["term"] for r in rows}), 3)

    def test_keys_of_other_models_are_refused(self):
        done = support.kinflow("fit", "--table", CASE / "data" / "c_logit.tsv", "--formula",
                               FORMULA_C, "--set", "firth=true", "--out", self.dir / "bad")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("firth is a key of model logit only", done.err)


if __name__ == "__main__":
    unittest.main()
