"""`kinflow fit` on the trio case against R (stats, sandwich): every estimate and standard error."""
import json
import math
import sys
import unittest

import support

CASE = support.ROOT / "tests" / "conformance"
MODELS = ["A0", "A1", "A2", "A2F", "A2C", "A3_TNT"]
VCOV = ["const", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1", "CR1S", "CR2", "CR3"]
USED = ["scl_dep", "pgs_m", "pgs_f", "pgs_c"]  # R fitted all models to rows complete in these


def complete_rows(target):
    rows = support.read_tsv(CASE / "data" / "a_trio.tsv")
    rows = [row for row in rows if all(row[name] != "NA" for name in USED)]
    lines = ["\t".join(rows[0])] + ["\t".join(row.values()) for row in rows]
    target.write_text("\n".join(lines) + "\n")
    return len(rows)


class FitTest(support.TempFolderTest):
    @classmethod
    def setUpClass(cls):
        cls.reference = json.loads((CASE / "ref" / "a_trio.json").read_text())
        cls.coefficients = {}
        for row in support.read_tsv(CASE / "ref" / "a_trio_coef.tsv"):
            key = row["model"], row["se_type"], row["term"]
            cls.coefficients[key] = row

    def close(self, got, expected, tolerance, what):
        error = abs(float(got) - float(expected)) / max(abs(float(expected)), 1e-300)
        self.assertLess(error, tolerance, f"{what}: {got}, R: {expected}")

    def fit(self, table, formula, name):
        done = support.kinflow("fit", "--table", table, "--model", "ols", "--formula", formula,
                               "--cluster", "m_id", "--vcov", *VCOV, "--out", self.dir / name)
        self.assertEqual(done.code, 0, done.err)
        folder = self.dir / name
        return (support.read_tsv(folder / "share" / "estimates.tsv"),
                support.read_tsv(folder / "share" / "models.tsv")[0])

    def test_covariances_with_blanks_or_commas(self):
        args = ("fit", "--table", CASE / "data" / "a_trio.tsv", "--formula", "scl_dep ~ pgs_m", "--cluster",
                "m_id", "--out")
        for name, given in (("blanks", ("HC3", "CR1S")), ("commas", ("HC3,CR1S",))):
            done = support.kinflow(*args, self.dir / name, "--vcov", *given)
            self.assertEqual(done.code, 0, done.err)
        rows = [support.read_tsv(self.dir / name / "share" / "estimates.tsv")
                for name in ("blanks", "commas")]
        self.assertEqual({row["se_type"] for row in rows[0]}, {"HC3", "CR1S"})
        self.assertEqual(*rows)

    def check_row(self, model, row):
        what = f"{model} {row['se_type']} {row['term']}"
        ref = self.coefficients[model, row["se_type"], row["term"]]
        self.close(row["estimate"], ref["estimate"], 1e-10, what + " estimate")
        self.close(row["std_error"], ref["std_error"], 1e-10, what + " std_error")
        self.close(row["statistic"], ref["statistic"], 1e-9, what + " statistic")
        self.close(row["df"], ref["df"], 1e-12, what + " df")
        for side in ("conf_low", "conf_high"):
            span = abs(float(ref["conf_high"]) - float(ref["conf_low"]))
            self.assertLess(abs(float(row[side]) - float(ref[side])), 1e-9 * span, what + side)
        if float(ref["p_value"]) >= sys.float_info.min:  # R's digits are lost below
            expected = -math.log10(float(ref["p_value"]))
            self.assertAlmostEqual(float(row["neg_log10_p"]), expected, delta=1e-6, msg=what)

    def check_model(self, model, row):
        ref = self.reference["model"][model]
        names = {"deviance": "rss", "sigma": "sigma", "df_resid": "df_residual", "r2": "r2",
                 "adj_r2": "adj_r2", "logLik": "logLik", "AIC": "AIC", "BIC": "BIC"}
        for ours, theirs in names.items():
            self.close(row[ours], ref[theirs], 1e-9, f"{model} {ours}")
        self.assertEqual(int(row["n"]), self.reference["n_used"])
        self.assertEqual(int(row["n_clusters"]), self.reference["n_clusters"])

    def test_every_coefficient_and_error_of_all_models(self):
        table = self.dir / "complete.tsv"
        self.assertEqual(complete_rows(table), self.reference["n_used"])
        models = {}
        for model in MODELS:
            estimates, fitted = self.fit(table, self.reference["formulas"][model], model)
            got = {(model, row["se_type"], row["term"]) for row in estimates}
            expected = {key for key in self.coefficients if key[0] == model and key[1] in VCOV}
            self.assertEqual(got, expected)
            for row in estimates:
                self.check_row(model, row)
            self.check_model(model, fitted)
            models[model] = fitted
        self.check_nested(models)

    def check_nested(self, models):
        """F and delta R2 of nested models follow from what the tables of the models say."""
        for nested in self.reference["nested"]:
            reduced, full = models[nested["reduced"]], models[nested["full"]]
            df1 = int(reduced["df_resid"]) - int(full["df_resid"])
            rss = float(reduced["deviance"]), float(full["deviance"])
            f = (rss[0] - rss[1]) / df1 / (rss[1] / int(full["df_resid"]))
            self.assertEqual(df1, nested["df1"])
            self.close(f, nested["F"], 1e-9, f"F of {nested['label']}")
            delta = float(full["r2"]) - float(reduced["r2"])
            self.close(delta, nested["delta_r2"], 1e-9, f"delta R2 of {nested['label']}")

    def test_rows_with_missing_values_are_dropped_and_counted(self):
        table = CASE / "data" / "a_trio.tsv"
        formula = self.reference["formulas"]["A2"]
        estimates, fitted = self.fit(table, formula, "full")
        for row in estimates:
            self.check_row("A2", row)
        self.check_model("A2", fitted)
        counts = support.read_tsv(self.dir / "full" / "share" / "rows.tsv")
        by_reason = {(row["quantity"], row["reason"]): int(row["count"]) for row in counts}
        everyone = support.read_tsv(table)
        self.assertEqual(by_reason["n_input", "NA"], len(everyone))
        dropped = sum(n for (quantity, _), n in by_reason.items() if quantity == "n_dropped")
        self.assertEqual(len(everyone) - dropped, self.reference["n_used"])
        for term, expected in self.reference["vif_A2"].items():
            got = next(row["vif"] for row in estimates if row["term"] == term)
            self.close(got, expected, 1e-9, f"variance inflation of {term}")

    def test_ids_are_clusters_and_codes_are_missing(self):
        """Tables of PLINK name families FID and write -9: the fit is that of other names and NA."""
        complete_rows(self.dir / "a.tsv")
        rows = support.read_tsv(self.dir / "a.tsv")
        for i, row in enumerate(rows):
            row["FID"] = row.pop("m_id")
            row["scl_dep"] = "-9" if i % 50 == 7 else row["scl_dep"]
        lines = ["\t".join(rows[0])] + ["\t".join(row.values()) for row in rows]
        (self.dir / "plink.tsv").write_text("\n".join(lines) + "\n")
        plain = "\n".join(lines).replace("\t-9\t", "\tNA\t").replace("FID", "family")
        (self.dir / "plain.tsv").write_text(plain + "\n")
        results = []
        for name, cluster, more in (("plink", "FID", ["--missing=-9"]), ("plain", "family", [])):
            done = support.kinflow("fit", "--table", f"{name}.tsv", "--formula", "scl_dep ~ pgs_m",
                                   "--cluster", cluster, "--vcov", "CR1", *more, "--out", name,
                                   cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
            self.assertNotIn("taken as a value", done.err)
            results.append([(r["term"], r["estimate"], r["std_error"])
                            for r in support.read_tsv(self.dir / name / "share/estimates.tsv")])
        self.assertEqual(results[0], results[1])
        done = support.kinflow("fit", "--table", "plink.tsv", "--formula", "scl_dep ~ pgs_m",
                               "--out", "bad", cwd=self.dir)
        self.assertIn("-9 is taken as a value, but lies apart from the others, in column scl_dep",
                      done.err)

    def test_standardised_estimates(self):
        estimates, _ = self.fit(CASE / "data" / "a_trio.tsv", self.reference["formulas"]["A2"],
                                "std")
        for term, expected in self.reference["std_beta_A2"].items():
            got = [r for r in estimates if r["term"] == term and r["se_type"] == "const"]
            self.assertEqual(len(got), 1)
            self.assertEqual(got[0]["std_type"], "std_xy")
            self.close(got[0]["std_estimate"], expected, 1e-9, term)

    def test_what_a_fit_leaves(self):
        """As every one-shot command: tables, links to them, run.json, log."""
        table = CASE / "data" / "a_trio.tsv"
        self.fit(table, self.reference["formulas"]["A2"], "left")
        folder = self.dir / "left"
        for name in ("estimates", "models", "rows"):
            self.assertEqual((folder / f"{name}.tsv").readlink().as_posix(), f"share/{name}.tsv")
        record = self.run_json("left")
        self.assertEqual((record["command"], record["status"], record["exit_code"]),
                         ("fit", "done", 0))
        self.assertEqual(record["config"]["formula"], self.reference["formulas"]["A2"])
        self.assertEqual(record["config"]["conf_level"], 0.95)
        self.assertEqual([(i["file"], i["bytes"]) for i in record["inputs"]],
                         [("a_trio.tsv", table.stat().st_size)])
        self.assertEqual(len(record["inputs"][0]["xxh3_128"]), 32)
        self.assertIn("exit=0 ", (folder / "kinflow.log").read_text().splitlines()[-1])

    def test_options_of_the_model(self):
        def run(*args):
            return support.kinflow("fit", "--table", CASE / "data" / "a_trio.tsv", "--formula",
                                   self.reference["formulas"]["A2"], "--out", self.dir / "o", *args)
        self.assertEqual(run("--set", "conf_level=0.9", "--set", "steps=[[pgs_m],[pgs_f,pgs_c]]",
                             "--set", "vcov=[HC1]").code, 0)
        rows = support.read_tsv(self.dir / "o" / "estimates.tsv")
        self.assertEqual({(r["conf_level"], r["se_type"]) for r in rows}, {("0.9", "HC1")})
        self.assertEqual({r["model_id"] for r in rows}, {"step0", "full"})
        self.assertEqual(self.run_json("o")["config"]["conf_level"], 0.9)
        wrong = run("--set", "conf_lvl=0.9")
        self.assertEqual(wrong.code, 3)
        self.assertIn("did you mean 'conf_level'", wrong.err)

    def test_a_fit_that_fails_says_so_in_its_record(self):
        done = support.kinflow("fit", "--table", CASE / "data" / "a_trio.tsv", "--formula",
                               "scl_dep ~ nowhere", "--out", self.dir / "bad")
        self.assertEqual(done.code, 3, done.err)
        self.assertEqual(self.run_json("bad")["status"], "failed")
        self.assertEqual(self.run_json("bad")["exit_code"], 3)
        state = support.kinflow("status", self.dir / "bad")
        self.assertEqual(state.code, 0, state.err)
        self.assertRegex(state.out, r"^last run: failed, exit 3, [\d.]+ s: fit\n  why: .*kinflow\.log\n")

    def test_one_changed_outcome_changes_the_estimates(self):
        """The comparison above can fail: one value moved by 0.001 is seen far above 1e-10."""
        table = self.dir / "changed.tsv"
        complete_rows(table)
        lines = table.read_text().splitlines()
        fields = lines[1].split("\t")
        fields[3] = repr(float(fields[3]) + 0.001)
        lines[1] = "\t".join(fields)
        table.write_text("\n".join(lines) + "\n")
        estimates, _ = self.fit(table, self.reference["formulas"]["A2"], "changed")
        row = next(r for r in estimates if r["term"] == "pgs_m" and r["se_type"] == "HC3")
        ref = float(self.coefficients["A2", "HC3", "pgs_m"]["estimate"])
        self.assertGreater(abs(float(row["estimate"]) / ref - 1), 1e-8)


if __name__ == "__main__":
    unittest.main()
