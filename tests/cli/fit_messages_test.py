"""What `kinflow fit` and `validate` say of keys that do nothing, of levels that missing values take
away, and of random effects."""
import unittest

import support
from fit_tables import FitTest, noise

CONFIG = """
schema_version: 1
input: {genotypes: sim.vcf.gz}
pedigree: {file: sim.pedigree.tsv}
phenotypes: [{file: sim.interaction.tsv, id: m_id}]
scores: {files: [sim.PGS900001.txt.gz]}
analyses:
  - {id: a, formula: "synchrony_w8 ~ pgs.mother + group", reference: {grup: healthy, epds_w8: x}}
output: {folder: out}
"""


class MessagesTest(FitTest):
    def test_references_of_no_term(self):
        self.people()
        told = self.fit("y ~ x + g", "--set", "reference.G=b", code=3)
        self.assertIn("E0306", told)
        self.assertIn("reference.G", told)
        self.assertIn("did you mean g?", told)
        self.fit("y ~ x", "--set", "reference.g=b", code=3)
        self.fit("y ~ x + g", "--set", "reference.g=b")
        self.fit("y ~ site", "--set", "reference.site=3", model="groups")

    # Keys that are of scores do nothing without one.
    def test_keys_without_a_score(self):
        n = 80
        self.table({"y": [round(noise(i) + i % 5 / 4, 4) for i in range(n)],
                    "pgs_m": [round(noise(i + 900), 4) for i in range(n)],
                    "pgs.mother": [round(noise(i + 500), 4) for i in range(n)],
                    "wave": ["gw17", "m6"] * (n // 2), "id": [i // 2 for i in range(n)]})
        for key, value in (("attenuation", "{reliability: 0.8}"), ("family_tests", "50"),
                           ("family", "[effect]"),
                           ("negative_control", "[y]")):
            told = self.fit("y ~ pgs_m", "--outcome-of", "mother", "--set", f"{key}={value}", code=3)
            self.assertIn(key, told)
            self.assertRegex(told, r"no term is named like pgs\.(mother|child)")
        self.assertIn("family_terms", self.fit("y ~ pgs_m", "--set", "family_tests=50", code=3))
        told = self.fit("y ~ pgs.mother", "--cluster", "id", "--wave", "wave", "--outcome-of",
                        "mother", "--set", "negative_control=[gw17]", model="ols_by_wave", code=3)
        self.assertIn("no term is named like pgs.child", told)
        self.fit("y ~ pgs.mother", "--vcov", "const", "--set", "attenuation={reliability: 0.8}")
        self.assertEqual(len(self.rows("attenuation")), 1)

    def test_families_of_named_terms(self):
        n = 80
        self.table({"y": [round(noise(i) + i % 5 / 4, 4) for i in range(n)],
                    **{name: [round(noise(i + 900 * k), 4) for i in range(n)]
                       for k, name in enumerate(("a", "b", "c"), 1)}})
        self.fit("y ~ a + c:b + c", "--vcov", "const", "--set", "family_terms=[a, b:c]", "--set",
                 "family_tests=50")
        rows = {r["term"]: r for r in self.rows("estimates")}
        product = next(t for t in rows if ":" in t)
        for term in ("a", product):
            self.assertEqual(rows[term]["family"], "all")
            p = min(1, 50 * float(rows[term]["p_value"]))
            self.assertAlmostEqual(float(rows[term]["p_bonf"]), p, delta=1e-9)
        self.assertEqual({rows["c"]["p_bonf"], rows["c"]["p_bh"], rows["c"]["family"]}, {"NA"})
        told = self.fit("y ~ a + b", "--set", "family_terms=[aa]", code=3)
        self.assertIn("a family of tests names a term that the formula lacks", told)
        self.assertIn("family_terms", told)

    # Tests and contrasts that were asked for reach the terminal, variances and fit always.
    def test_what_is_printed(self):
        self.people()
        plain = self.fit("y ~ x + t")
        for text in ("step0", "x - t"):
            self.assertNotIn(text, plain)
        asked = ("--set", "steps=[[x], [t]]", "--set", "contrasts=[x - t]")
        told = self.fit("y ~ x + t", *asked)
        for row in self.rows("contrasts"):
            self.assertRegex(told, rf"(?m)^fit +y +x - t +{float(row['estimate']):.4g} ")
        for row in self.rows("comparisons"):
            self.assertRegex(told, rf"(?m)^fit +y +{row['reduced']} +{row['full']} +{row['test']} +"
                                   rf"{float(row['statistic']):.4g} ")
        piped = support.kinflow("fit", "--table", self.dir / "t.tsv", "--formula", "y ~ x + t",
                                *asked, "--out", "-")
        self.assertEqual(piped.code, 0, piped.err)
        self.assertIn("x - t", piped.err)
        self.assertNotIn("(Intercept)", piped.err)  # is on standard output
        self.assertIn("(Intercept)", piped.out)
        told = self.fit("y ~ x + (1 | id)", model="lmm")
        for row in self.rows("varcomp"):
            self.assertIn(f" {float(row['variance']):.4g} ", told)
        told = self.fit("", "--set", 'paths=["y ~ b*x", "x ~ a*t", "indirect := a*b"]', model="sem")
        row = self.rows("fit")[0]
        self.assertRegex(told, r"(?m)^analysis .*chisq .*cfi")
        self.assertIn(f" {float(row['chisq']):.4g} ", told)
        self.assertRegex(told, r"(?m)^fit .*indirect ")

    def test_missing_estimates_and_withheld_contrasts(self):
        n = 60
        self.table({"y": [round(noise(i), 4) for i in range(n)],
                    "x": [i % 7 for i in range(n)], "x2": [2 * (i % 7) for i in range(n)],
                    "g": ["rare" if i % 20 == 7 else "ab"[i % 2] for i in range(n)]})
        told = self.fit("y ~ x + x2")
        self.assertRegex(told, r"(?m)^x2 +NA +NA +NA +NA ")
        self.assertNotRegex(told, r"\bnan\b")
        told = self.fit("y ~ x + g", "--set", "contrasts=[grare - gb]")
        self.assertNotIn("grare", told)
        self.assertIn("grare - gb", {r["contrast"] for r in self.rows("contrasts_full", "private")})

    def test_all_faults_are_told(self):
        self.people()
        told = self.fit("y ~ x + zz", "--set", "reference.G=b", "--set", "firth=true", code=3)
        for text in ("reference.G", "firth", "zz"):
            self.assertIn(text, told)
        keys = {"second_cluster": "no_second", "case_weights": "no_weight", "reference.G": "b",
                "contrasts": "[no_term - g]", "family": "[no_family]", "steps": "[[q1], [no_step]]"}
        told = self.fit("y ~ q1 + g", "--cluster", "no_cluster", "--person", "no_person",
                        *[text for key in keys for text in ("--set", f"{key}={keys[key]}")], code=3)
        for text in ("no_cluster", "no_person", "no_second", "no_weight", "reference.G", "no_term",
                     "no_family", "no_step", "q1"):
            self.assertRegex(told, rf'(value:  "|field ){text}', text)
        told = self.fit("", "--cluster", "no_cluster", "--set", "paths=[y ~ no_x]", model="sem",
                        code=3)
        for text in ("no_cluster", "no_x"):
            self.assertIn(f'"{text}"', told)

    def test_refused_values_do_not_hide_other_faults(self):
        self.people()
        refused = ["--set", "conf_level=2", "--set", "bogus=1"]
        told = self.fit("y ~ x + zz", "--cluster", "no_cluster", *refused, "--set",
                        "reference.G=b", code=3)
        for text in ("conf_level", "bogus", "zz", "no_cluster", "reference.G", "5 faults"):
            self.assertIn(text, told)
        self.assertIn("2 faults", self.fit("y ~ x", *refused, code=3))
        told = self.fit("y ~ x", "--set", "cluster=[id, site]", "--vcov", "CR1", code=3)
        self.assertIn("1 fault ", told)  # that there is no cluster follows from it
        (self.dir / "t.tsv").unlink()
        told = self.fit("y ~ x +", "--set", "relatives=none.tsv", "--set", "conf_level=2", code=3)
        for text in ("conf_level", "t.tsv: error[E0401]", "none.tsv: error[E0401]", "4 faults"):
            self.assertIn(text, told)
        told = self.fit("y ~ x +", "--set", "relatives=none.tsv", code=2)
        for text in ("t.tsv: error[E0401]", "none.tsv: error[E0401]"):
            self.assertIn(text, told)

    def test_decimal_commas_are_a_fault_where_they_are_used(self):
        self.table({"x": [round(noise(i), 3) for i in range(40)],
                    "z": [f"{i % 7},5" for i in range(40)], "y": list(range(40))})
        self.fit("y ~ x")
        self.fit("y ~ x + factor(z)")
        told = self.fit("y ~ x + z", code=4)
        self.assertIn("t.tsv:2: error[E0413] column 'z' has 40 numbers with a decimal comma", told)
        self.assertNotIn("phenotypes[]", told)

    def test_firth_has_no_second_cluster(self):
        self.people()
        told = self.fit("y ~ x", "--cluster", "id", "--set", "second_cluster=site", "--set",
                        "firth=true", model="logit", code=3)
        self.assertIn("second_cluster", told)

    def test_threads_change_nothing(self):
        self.people()
        tables = []
        for threads in (1, 3):
            self.fit("y ~ x + t + (1 | site/id)", "--threads", threads, model="lmm")
            tables.append((self.dir / "out" / "share" / "estimates.tsv").read_bytes())
        self.assertEqual(*tables)

    def test_references_of_no_term_in_a_config(self):
        done = support.kinflow("simulate", "--trios", 40, "--variants", 60, "--seed", 5,
                               "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG)
        done = support.kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 3, done.err)
        for text in ("E0306", "analyses.a.reference.grup", "did you mean group?",
                     "analyses.a.reference.epds_w8"):
            self.assertIn(text, done.err)

    def test_levels_that_are_lost(self):
        self.people()
        lines = [line.split("\t") for line in (self.dir / "t.tsv").read_text().splitlines()]
        for i, line in enumerate(lines[1:]):
            if line[6] == "c":
                line[7] = "NA"
            if i < 5:
                line[6] = "rare"
                line[7] = "NA"
        (self.dir / "t.tsv").write_text("\n".join("\t".join(line) for line in lines) + "\n")
        for model, formula in (("ols", "y ~ x + g"), ("groups", "y ~ g")):
            told = self.fit(formula, model=model)
            self.assertIn("fit/full: 2 levels of g (85 rows) left no complete row: values of other "
                          "columns are missing; of 10 people or more: c\n", told)
            self.assertNotIn("rare", told)
        # Levels of few people are not named, however many rows these have.
        told = self.fit("y ~ x + g", "--person", "site")
        self.assertIn("2 levels of g (85 rows) left no complete row: values of other columns are "
                      "missing\n", told)
        self.assertNotIn("left no complete row", self.fit("x ~ g"))
        for line in lines[1:]:
            if line[6] == "c":
                line[7] = "1"
        (self.dir / "t.tsv").write_text("\n".join("\t".join(line) for line in lines) + "\n")
        self.assertIn("1 level of g (fewer than 10 rows) left", self.fit("y ~ g"))

    def test_each_random_effect_is_tested(self):
        self.people()
        more = ["--set", "random_tests=true"]
        self.fit("y ~ x + (1 | site/id) + (1 | area)", *more, model="lmm")
        self.assertEqual([row["added"] for row in self.rows("comparisons")][::2],
                         ["1 | site", "1 | id:site", "1 | area"])
        criterion = float(self.rows("models")[0]["criterion"])
        tests = self.rows("comparisons")[::2]
        for row, formula in zip(tests, ("(1 | site:id) + (1 | area)", "(1 | site) + (1 | area)",
                                        "(1 | site/id)")):
            self.fit(f"y ~ x + {formula}", model="lmm")
            without = float(self.rows("models")[0]["criterion"])
            self.assertAlmostEqual(float(row["statistic"]), max(0, without - criterion), delta=1e-5)
        self.fit("y ~ x + (1 + t + x | id)", *more, "--set", "method=ml", model="lmm")
        self.assertEqual([row["added"] for row in self.rows("comparisons")][::2],
                         ["t in 1 + t + x | id", "x in 1 + t + x | id"])
        told = self.fit("y ~ x + (1 + factor(g) | area) + (1 | id)", *more, model="lmm")
        for row in self.rows("comparisons"):
            slope = row["added"].startswith("factor(g)")
            self.assertEqual(row["p"] == "NA", slope and row["test"].endswith("mixture"), row)
        self.assertIn("LRT-random-mixture of factor(g) in 1 + factor(g) | area is NA: 2 variances",
                      told)

    def test_random_effects_that_cannot_be_fitted(self):
        self.people()
        told = self.fit("y ~ x + (1 | id) + (1 + t | id)", model="lmm", code=3)
        self.assertIn("the variance of the intercept by id is there twice", told)
        self.assertIn("(0 + slope | id)", told)
        self.fit("y ~ x + (1 | id) + (0 + t | id)", model="lmm")
        # Each id is at one site: with the site it has the same levels.
        for terms in ("(1 | id) + (1 | site/id)", "(1 + t | id) + (1 | site/id)"):
            told = self.fit(f"y ~ x + {terms}", model="lmm", code=4)
            self.assertIn("(1 | site/id) have an effect in common: id:site has the same levels as id "
                          "in the 240 rows", told)
        self.fit("y ~ x + (1 | id) + (1 | site)", model="lmm")
        self.fit("y ~ x + (1 | site/id)", model="lmm")
        self.fit("y ~ x + (1 | site) + (0 + t | site/id)", model="lmm")

    # Years and years about their mean are one model: Var(intercept) = v00 - 2 m v01 + m^2 v11.
    def test_slopes_far_from_zero(self):
        self.people()
        found = {}
        for slope in ("t", "year"):
            told = self.fit(f"y ~ x + {slope} + (1 + {slope} | id)", model="lmm")
            self.assertNotIn("singular", told)
            found[slope] = {"estimates": {r["term"].replace("year", "t"): r
                                          for r in self.rows("estimates")},
                            "models": self.rows("models")[0], "varcomp": self.rows("varcomp")}
        near, far = found["t"], found["year"]
        def close(table, key, column, tolerance):
            self.assertAlmostEqual(float(far[table][key][column]) / float(near[table][key][column]),
                                   1, delta=tolerance, msg=f"{table} {key} {column}")
        for term in ("x", "t"):
            for column, tolerance in (("estimate", 1e-6), ("std_error", 1e-5), ("df", 1e-3)):
                close("estimates", term, column, tolerance)
        for column in ("criterion", "sigma", "icc", "r2_conditional"):
            self.assertAlmostEqual(float(far["models"][column]), float(near["models"][column]),
                                   delta=1e-5)
        close("varcomp", 1, "variance", 1e-4)  # of the slope
        v00, v11, v01, _ = (float(r["variance"]) for r in near["varcomp"])
        mean = 2002.5  # where t is 0
        self.assertAlmostEqual(float(far["varcomp"][0]["variance"]) /
                               (v00 - 2 * mean * v01 + mean * mean * v11), 1, delta=1e-4)
        self.assertAlmostEqual(float(far["varcomp"][2]["variance"]) / (v01 - mean * v11), 1,
                               delta=1e-4)
        self.fit("y ~ x + year + (1 + year | id)", "--set", "df=kr", model="lmm")
        kr = {r["term"]: r for r in self.rows("estimates")}
        self.fit("y ~ x + t + (1 + t | id)", "--set", "df=kr", model="lmm")
        for row in self.rows("estimates")[1:]:
            other = kr[row["term"].replace("t", "year")]
            for column in ("std_error", "df"):
                self.assertAlmostEqual(float(other[column]) / float(row[column]), 1, delta=1e-3)

    def test_contrasts_are_no_formulas(self):
        self.people()
        told = self.fit("y ~ x + t", "--set", 'contrasts=["x = t"]', code=2)
        self.assertIn("contrast, column 3", told)
        self.assertIn("field contrasts", told)
        self.assertIn("like: x - z", told)
        self.assertNotIn("field formula", told)

    # Effects beside a product hold at one value; regressions of 0 and 1 are linear.
    def test_what_effects_of_a_mediation_mean(self):
        self.people()
        options = ["--set", "mediator=t", "--set", "bootstrap=0"]
        told = self.fit("y ~ x * area + t + g:x", *options, model="mediation")
        self.assertIn("fit/full: indirect, direct and total effects of x are those at area = 0, the "
                      "reference of g: the formula has x:area", told)
        rows = (self.dir / "t.tsv").read_text().splitlines()
        (self.dir / "t.tsv").write_text("\n".join(
            [rows[0] + "\thigh", *(f"{r}\t{int(float(r.split(chr(9))[7]) > 0)}" for r in rows[1:])])
            + "\n")
        told = self.fit("high ~ x + t", *options, model="mediation")
        self.assertIn("fit/full: high is 0 or 1 and fitted by linear regression", told)
        self.assertNotIn("are those at", told)
        self.assertNotIn("linear regression", self.fit("y ~ x + t", *options, model="mediation"))

    def test_answers_of_other_tables_are_shown(self):
        self.people()
        told = self.fit("y ~ g", model="groups")
        self.assertRegex(told, r"(?m)^analysis +outcome +group +n +mean +sd$")
        self.assertRegex(told, r"(?m)^fit +y +a +80 ")
        self.assertRegex(told, r"(?m)^fit +y +\S+ +F ")
        told = self.fit("y ~ g", "--person", "id", "--set", "small_cell=21", model="groups")
        self.assertNotRegex(told, r"(?m)^fit +y +a ")  # 20 people

    def test_models_that_are_told_by_paths(self):
        self.people()
        self.assertIn("--set 'paths=[", self.fit("", model="sem", code=3))
        self.assertIn("--set 'x=[", self.fit("", model="riclpm", code=3))
        self.assertIn("give one, for example", self.fit("", code=3))
        self.assertIn("did you mean lmm?", self.fit("y ~ x", model="lm", code=3))

    def test_tables_of_a_folder_by_name(self):
        self.people()
        self.fit("y ~ x")
        shown = support.kinflow("inspect", self.dir / "out", "--table", "rows")
        self.assertEqual(shown.code, 0, shown.err)
        lines = (self.dir / "out/share/rows.tsv").read_text().splitlines()
        self.assertEqual(shown.out.splitlines(), lines)
        shown = support.kinflow("inspect", self.dir / "out", "--table", "nothing")
        self.assertEqual((shown.code, shown.out), (2, ""), shown.err)

    def test_columns_that_are_not_there(self):
        self.people()
        told = self.fit("y ~ pgs.mother", code=3)
        self.assertIn("name one of its columns: id, site, area, year, t, x, g, y", told)
        told = self.fit("y ~ x", "--cluster", "sites", code=4)
        self.assertIn("did you mean site?", told)
        told = self.fit("y ~ x", "--cluster", "household", code=4)
        self.assertIn("name one of its columns: id, site, area, year, t, x, g, y", told)


if __name__ == "__main__":
    unittest.main()
