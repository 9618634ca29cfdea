"""`kinflow fit` with logistic, ordinal and estimating-equation models against R, and their faults."""
import shutil
import subprocess
import unittest

import support

CASE = support.ROOT / "tests" / "conformance"
FORMULA_C = "high_dep ~ pgs_m + pgs_f + pgs_c + age + factor(parity)"
FORMULA_F = "dep_cat ~ pgs_m + pgs_f + pgs_c + age"
FORMULA_B = "scl_dep ~ time + pgs_m + pgs_f + pgs_c + age"

CONFIG = """
schema_version: 1
input: {genotypes: sim.vcf.gz}
pedigree: {file: sim.pedigree.tsv}
phenotypes:
  - {file: pheno.tsv, id: m_id, pregnancy: preg_id,
     scales: {total: {items: [i1, i2, i3], rule: half}}}
scores: {files: [sim.PGS900001.txt.gz]}
analyses:
  - {id: threshold, model: logit, standardise: none, vcov: [CR1],
     formula: "high ~ pgs.mother + pgs.father + pgs.child"}
  - {id: levels, model: ordinal, standardise: none, vcov: [CR1],
     formula: "total ~ pgs.mother + pgs.father + pgs.child"}
  - {id: equations, model: gee, standardise: none, distribution: binomial,
     formula: "high ~ pgs.mother + pgs.father + pgs.child"}
  - {id: paths, model: sem, standardise: none, vcov: [robust],
     paths: ["i2 ~ pgs.mother + pgs.father + pgs.child", "i1 ~ i2 + pgs.mother"]}
  - {id: lagged, model: riclpm, variants: [clpm], x: [i1, i2], y: [i3, i4], cluster: none}
output: {folder: out}
"""
MODELS = {"threshold": ("logit", "high ~ pgs.mother + pgs.father + pgs.child", ["--vcov", "CR1"]),
          "levels": ("ordinal", "total ~ pgs.mother + pgs.father + pgs.child", ["--vcov", "CR1"]),
          "equations": ("gee", "high ~ pgs.mother + pgs.father + pgs.child",
                        ["--set", "distribution=binomial"]),
          "paths": ("sem", None, ["--vcov", "robust", "--set", 'paths=["i2 ~ pgs.mother + '
                                  'pgs.father + pgs.child", "i1 ~ i2 + pgs.mother"]'])}


class ModelsTest(support.TempFolderTest):
    def fit(self, table, model, formula, *args):
        done = support.kinflow("fit", "--table", table, "--model", model, "--formula", formula,
                               "--out", self.dir / "out", *args)
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / "out" / "estimates.tsv")

    def phenotypes(self):
        """Items, a total by the half rule and a threshold, from digits of the simulated outcome."""
        lines = ["m_id\tpreg_id\thigh\ti1\ti2\ti3\ti4"]
        by_hand = {}
        rows = support.read_tsv(self.dir / "sim.waves.tsv")
        for row in {r["preg_id"]: r for r in rows}.values():
            digits = [c for c in f"{abs(float(row['scl'])) * 1e4:08.0f}"[-4:]]
            items = [int(d) % 3 for d in digits]
            high = str(int(float(row["scl"]) > 0))
            lines.append("\t".join([row["m_id"], row["preg_id"], high, *map(str, items)]))
            by_hand[row["preg_id"]] = [high, str(sum(items[:3])), *map(str, items)]
        (self.dir / "pheno.tsv").write_text("\n".join(lines) + "\n")
        return by_hand

    def table_by_hand(self, phenotypes):
        """One row a pregnancy with the scores of mother, father and child."""
        score = {r["IID"]: r["PGS900001"] for r in
                 support.read_tsv(self.dir / "out" / "private" / "scores.tsv")}
        lines = ["m_id\thigh\ttotal\ti1\ti2\ti3\ti4\tpgs.mother\tpgs.father\tpgs.child"]
        for child in support.read_tsv(self.dir / "sim.pedigree.tsv"):
            if child["ROLE"] != "child" or child["PREGNANCY"] not in phenotypes:
                continue
            scores = [score.get(child[who], "NA") for who in ("MAT", "PAT", "IID")]
            lines.append("\t".join([child["MAT"], *phenotypes[child["PREGNANCY"]], *scores]))
        (self.dir / "by_hand.tsv").write_text("\n".join(lines) + "\n")
        return self.dir / "by_hand.tsv"

    def test_a_config_equals_the_fits_of_the_joined_table(self):
        done = support.kinflow("simulate", "--trios", 150, "--variants", 200, "--seed", 5, "--out",
                               self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        phenotypes = self.phenotypes()
        self.config(CONFIG)
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        table = self.table_by_hand(phenotypes)
        ours = support.read_tsv(self.dir / "out" / "share" / "estimates.tsv")
        for name, (model, formula, options) in MODELS.items():
            args = ["--formula", formula] if formula else []
            done = support.kinflow("fit", "--table", table, "--model", model, *args, "--cluster",
                                   "m_id", *options, "--outcome-of", "mother", "--out",
                                   self.dir / name)
            self.assertEqual(done.code, 0, done.err)
            other = {(r["model_id"], r["term"]): r for r in
                     support.read_tsv(self.dir / name / "estimates.tsv")}
            mine = {(r["model_id"], r["term"]): r for r in ours if r["analysis_id"] == name}
            self.assertEqual(set(mine), set(other), name)
            for key, row in mine.items():
                for column in ("estimate", "std_error"):
                    a, b = float(row[column]), float(other[key][column])
                    self.assertLess(abs(a - b), 1e-6 * (1e-3 + abs(b)), f"{name} {key} {column}")
                for column in ("n", "n_clusters", "role", "effect"):
                    self.assertEqual(row[column], other[key][column], f"{name} {key} {column}")
        fit = support.read_tsv(self.dir / "out" / "share" / "fit.tsv")
        self.assertEqual({r["analysis_id"] for r in fit}, {"paths", "lagged"})

    def test_groups_on_standard_output_and_their_small_levels(self):
        table = self.dir / "t.tsv"
        levels = ["a"] * 20 + ["b"] * 3 + ["c"] * 9 + ["d"] * 12
        table.write_text("y\tg\n" + "".join(f"{(7 * i) % 11}\t{g}\n"
                                            for i, g in enumerate(levels)))
        done = support.kinflow("fit", "--table", table, "--model", "groups", "--formula", "y ~ g",
                               "--out", "-")
        self.assertEqual(done.code, 0, done.err)
        rows = [line.split("\t") for line in done.out.splitlines()]
        group = rows[0].index("group")
        # b has 3 rows; c is hidden beside it.
        self.assertEqual([row[group] for row in rows[1:]], ["a", "d"])
        done = support.kinflow("fit", "--table", table, "--model", "groups", "--formula", "y ~ g",
                               "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        pairs = support.read_tsv(self.dir / "out" / "contrasts.tsv")
        self.assertEqual({r["contrast"] for r in pairs}, {"d - a"})

    def test_riclpm(self):
        done = support.kinflow("fit", "--table", CASE / "data" / "d_riclpm4.tsv", "--model",
                               "riclpm", "--set", "x=[x1,x2,x3,x4]", "--set", "y=[y1,y2,y3,y4]",
                               "--set", "variants=[free,equal_lags,clpm]", "--out",
                               self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        fit = {r["model_id"]: r for r in support.read_tsv(self.dir / "out" / "fit.tsv")}
        for name, chisq, df in (("free", 8.89655569763937, 9), ("equal_lags", 19.388563617435, 17),
                                ("clpm", 97.6984949134835, 12)):
            self.assertAlmostEqual(float(fit[name]["chisq"]), chisq, delta=1e-6)
            self.assertEqual(float(fit[name]["df"]), df)
            self.assertEqual(fit[name]["n"], "354")
        self.check_paths(self.dir / "out")
        rows = support.read_tsv(self.dir / "out" / "comparisons.tsv")
        tests = {(r["reduced"], r["test"]): float(r["p"]) for r in rows}
        self.assertAlmostEqual(tests["clpm", "chibar"] / 1.34751577885293e-19, 1, delta=1e-5)

    # Each free path is an estimate; the model of Hamaker (2015) has these arrows.
    def check_paths(self, out):
        paths = [r for r in support.read_tsv(out / "paths.tsv") if r["model_id"] == "free"]
        arrows = {(r["kind"], r["from"], r["to"]): r for r in paths}
        self.assertEqual(len(arrows), len(paths))
        free = {}
        for (kind, start, end), row in arrows.items():
            if row["std_error"] == "NA":
                self.assertEqual((kind, row["estimate"], row["std_estimate"]), ("loading", "1", "NA"))
                continue
            sign = {"regression": "~", "intercept": "~", "loading": "=~"}.get(kind, "~~")
            left, right = (start, end) if kind == "loading" else (end, start)
            free[f"{left} {sign} {right}"] = row
        estimates = {r["term"]: r for r in support.read_tsv(out / "estimates.tsv")
                     if r["model_id"] == "free" and r["se_type"] == "model"}
        swapped = {" ~~ ".join(reversed(t.split(" ~~ "))) if " ~~ " in t and t not in estimates
                   else t: r for t, r in free.items()}
        self.assertEqual(set(swapped), set(estimates))
        for term, row in swapped.items():
            for column in ("estimate", "std_error", "p_value", "std_estimate", "conf_low"):
                self.assertEqual(row[column], estimates[term][column], term)
        kinds = [kind for kind, *_ in arrows]
        # 4 waves of 2: components and intercepts load; 4 lags between waves; 1 + 4 covariances.
        self.assertEqual({k: kinds.count(k) for k in kinds},
                         {"loading": 16, "regression": 12, "covariance": 5, "variance": 10,
                          "intercept": 8})
        for key in (("regression", "wx1", "wy2"), ("loading", "RIx", "x3")):
            self.assertIn(key, arrows)
        self.assertEqual(arrows["loading", "RIx", "x3"]["from_type"], "latent")
        text = (out / "share" / "paths.dot").read_text()
        self.assertEqual((out / "paths.dot").readlink().as_posix(), "share/paths.dot")
        self.assertEqual(text.count("digraph"), 3)
        free_text = text[:text.index("}")]
        self.assertEqual(free_text.count("->"), 16 + 12 + 5)
        self.assertEqual(free_text.count("shape=ellipse"), 10)
        self.assertEqual(free_text.count("shape=box"), 8)
        bold = [r for r in free.values() if r["kind"] in ("regression", "covariance")
                and float(r["p_value"]) < 0.05]
        self.assertEqual(free_text.count("penwidth=2"), len(bold))
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg", out / "share" / "paths.dot"], check=True,
                           stdout=subprocess.DEVNULL)

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
