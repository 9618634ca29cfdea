"""The R scripts that analyses leave: R's reference packages give the same numbers on the same rows."""
import json
import math
import stat
import unittest

import support
from refit_support import RefitScripts, run_script

CASE = support.ROOT / "tests" / "conformance" / "data"
TRIO = "scl_dep ~ pgs_m + pgs_f + pgs_c + age"
# name, table, arguments, package of R, tolerance of estimates, of standard errors (relative)
MODELS = [
    ("ols", "a_trio.tsv", ["--model", "ols", "--formula", "scl_dep ~ pgs_m + pgs_f + pgs_c",
                           "--cluster", "m_id", "--vcov", "const", "HC3", "CR0", "CR1S", "CR2",
                           "--set", "contrasts=[pgs_m - 0.5*pgs_f]"],
     "clubSandwich", 1e-9, 1e-8),
    # Orthogonal over the rows that are complete in pgs_f, too.
    ("poly", "a_trio.tsv", ["--model", "ols", "--formula", "scl_dep ~ poly(age, 2) + pgs_f", "--vcov",
                            "const"], "stats", 1e-8, 1e-8),
    ("functions", "a_trio.tsv", ["--model", "ols", "--formula",
                                 "exp(scl_dep) ~ exp(pgs_m) + factor(batch)*pgs_f", "--vcov", "const",
                                 "HC1"], "sandwich", 1e-9, 1e-8),
    ("lmm", "b_waves.tsv", ["--model", "lmm", "--formula", f"{TRIO} + time + (1 + time | m_id)",
                            "--set", "steps=[[age, time], [pgs_m], [pgs_f, pgs_c]]", "--set",
                            "contrasts=[pgs_m - pgs_f]", "--set", "random_tests=true"],
     "lmerTest", 1e-5, 1e-5),
    # Products of a slope, levels within levels.
    ("lmm_products", "b_waves.tsv", ["--model", "lmm", "--formula", "scl_dep ~ pgs_m + pgs_c*time + "
                                     "(1 + time | m_id)", "--set", "method=ml"], "lmerTest", 1e-4,
     1e-4),
    ("lmm_nested", "g_geo.tsv", ["--model", "lmm", "--formula", "scl_dep ~ pgs_m + "
                                 "(1 + pgs_m | district/area)"], "lmerTest", 1e-4, 1e-4),
    # R names the innermost c:(b:a).
    ("lmm_levels", "levels.tsv", ["--model", "lmm", "--formula", "y ~ x + (1 | a/b/c)"], "lmerTest",
     1e-4, 1e-4),
    # lmer's criterion in years about 2000 is rounded, and so are degrees of freedom.
    ("lmm_years", "years.tsv", ["--model", "lmm", "--formula",
                                "scl_dep ~ pgs_m + year + (1 + year | m_id)"], "lmerTest", 5e-3,
     1e-4),
    ("logit", "c_logit.tsv", ["--model", "logit", "--cluster", "m_id", "--formula",
                              "high_dep ~ pgs_m + age + factor(parity)"], "sandwich", 1e-6, 1e-4),
    ("logit_intercept", "c_logit.tsv", ["--model", "logit", "--formula",
                                        "high_dep ~ pgs_m + pgs_c + (1 | m_id)"],
     "lme4", 2e-3, 2e-3),
    ("gee", "c_logit.tsv", ["--model", "gee", "--cluster", "m_id", "--formula",
                            "high_dep ~ pgs_m + pgs_c", "--set", "distribution=binomial"],
     "geepack", 1e-4, 1e-4),
    ("ordinal", "f_ordinal.tsv", ["--model", "ordinal", "--formula", "dep_cat ~ pgs_m + pgs_c"],
     "MASS", 1e-3, 1e-3),
    ("sem", "a_trio.tsv", ["--model", "sem", "--cluster", "m_id", "--vcov", "robust", "--set",
                           'paths=["scl_dep ~ c*pgs_m + b*age", "age ~ a*pgs_m", '
                           '"indirect := a*b"]', "--set", "contrasts=[a - b]"],
     "lavaan", 1e-4, 1e-3),
    ("riclpm", "d_riclpm4.tsv", ["--model", "riclpm", "--set", "x=[x1,x2,x3,x4]", "--set",
                                 "y=[y1,y2,y3,y4]", "--set",
                                 "variants=[free,equal_lags,equal_lags_innovations_means]"],
     "lavaan", 2e-3, 2e-3),
    ("riclpm_robust", "d_riclpm4.tsv", ["--model", "riclpm", "--vcov", "robust", "--set",
                                        "x=[x1,x2,x3,x4]", "--set", "y=[y1,y2,y3,y4]", "--set",
                                        "variants=[free,equal_lags]"], "lavaan", 2e-3, 2e-3),
    ("ols_by_wave", "b_waves.tsv", ["--model", "ols_by_wave", "--formula", TRIO, "--cluster", "m_id",
                                    "--set", "wave=wave", "--vcov", "const", "HC1", "CR1S"],
     "sandwich", 1e-9, 1e-8),
    # Their rows are of several tables and have no standard error of their own.
    ("groups", "e_pramd.tsv", ["--model", "groups", "--formula", "ds_8w ~ group", "--set", "low=4",
                               "--set", "small_cell=0", "--set", "reference.group=healthy"],
     "stats", 1e-7, 0),
    ("mediation", "e_pramd.tsv", ["--model", "mediation", "--formula",
                                  "ds_8w ~ group + nbas_social_6d + ses_difficulties", "--set",
                                  "mediator=nbas_social_6d", "--set", "bootstrap=0"],
     "stats", 1e-9, 1e-9),
    ("mediation_by", "a_trio.tsv", ["--model", "mediation", "--formula",
                                    "scl_dep ~ pgs_m + PC1 + age", "--cluster", "m_id", "--set",
                                    "mediator=PC1", "--vcov", "CR1S"], "sandwich", 1e-8, 1e-8),
    ("group_waves", "long.tsv", ["--model", "group_waves", "--formula",
                                 "ds ~ group * wave + (1 | id)", "--set", "low=4", "--set",
                                 "small_cell=0", "--set", "reference.group=healthy", "--set",
                                 "sample=varying"], "lme4", 1e-3, 0),
    ("spatial", "geo_missing.tsv", ["--model", "spatial", "--formula",
                              "scl_dep ~ pgs_m + (1 | district/area)", "--person", "m_id", "--set",
                              f"neighbours={CASE / 'g_neighbours.tsv'}", "--set",
                              "sample=varying"], "lme4", 1e-3, 0),
]
# Kinds of models whose scripts are run here.
TESTED = {args[args.index("--model") + 1] for _, _, args, *_ in MODELS} | {"family_reml", "ptdt"}


class RefitTest(RefitScripts):
    def test_each_model(self):
        for name, table, args, package, tolerance, error_tolerance in MODELS:
            with self.subTest(model=name):
                support.r_package(package)
                out = self.dir / name
                made = {"long.tsv": self.two_waves, "geo_missing.tsv": self.one_missing,
                        "years.tsv": self.years, "levels.tsv": self.levels}
                path = made[table]() if table in made else CASE / table
                done = support.kinflow("fit", "--table", path, *args, "--set",
                                       "refit=true", "--out", out)
                self.assertEqual(done.code, 0, done.err)
                self.compare(run_script(out / "private", "fit"), tolerance, error_tolerance, name)

    def write(self, name, lines):
        (self.dir / name).write_text("\n".join(lines) + "\n")
        return self.dir / name

    # Case E with a row a woman and wave.
    def two_waves(self):
        lines = ["id\tgroup\twave\tds"]
        for row in support.read_tsv(CASE / "e_pramd.tsv"):
            for wave, column in (("w8", "ds_8w"), ("m12", "ds_12m")):
                lines.append("\t".join([row["id"], row["group"], wave, row[column]]))
        return self.write("long.tsv", lines)

    # Case B in calendar years.
    def years(self):
        rows = support.read_tsv(CASE / "b_waves.tsv")
        lines = ["\t".join([*rows[0], "year"])]
        lines += ["\t".join([*r.values(), f"{2004 + float(r['time']):.2f}"]) for r in rows]
        return self.write("years.tsv", lines)

    # Effects of levels within levels.
    def levels(self):
        lines = ["a\tb\tc\tx\ty"]
        for i in range(640):
            a, b, c = i // 80, i // 20, i // 5
            effects = (math.cos(11.3 * n**2 + at) for at, n in enumerate((a, b, c, i)))
            lines.append(f"A{a}\tB{b}\tC{c}\t{i * 37 % 41 / 20}\t{sum(effects):.6f}")
        return self.write("levels.tsv", lines)

    # Names that R quotes.
    def test_names_in_quotes(self):
        support.r_package("lmerTest")
        header, *rows = (CASE / "b_waves.tsv").read_text().splitlines()
        names = {"pgs_m": "my score", "pgs_f": "1st", "age": "Alder (år)", "m_id": "mor id"}
        lines = ["\t".join([*(names.get(n, n) for n in header.split("\t")), "w 1"])]
        lines += [f"{row}\t{i % 7 + 1}" for i, row in enumerate(rows)]
        (self.dir / "t.tsv").write_text("\n".join(lines) + "\n")
        right = "scl_dep ~ `my score` + `1st` + `Alder (år)`"
        for name, formula, args in (("ols", right, ["--vcov", "const"]),
                                    ("lmm", f"{right} + (1 | `mor id`)", ["--model", "lmm"])):
            out = self.dir / name
            done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--formula", formula, *args,
                                   "--set", "case_weights=w 1", "--set", "refit=true", "--out", out)
            self.assertEqual(done.code, 0, done.err)
            rows = run_script(out / "private", "fit")
            self.assertIn("Alder (år)", {r["term"] for r in rows})
            self.compare(rows, 1e-5, 1e-5, name)

    # R's lm() takes no factor of one level.
    def test_aliased_terms(self):
        support.r_package("sandwich")
        rows = ["y\tx\tx2\tz\tone"]
        rows += [f"{i * 53 % 29 / 9}\t{i % 7}\t{2 * (i % 7)}\t{i * 37 % 41 / 20}\tonly"
                 for i in range(60)]
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--formula",
                               "y ~ x*one + x2 + z", "--vcov", "const", "HC1", "--set", "refit=true",
                               "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        shown = run_script(self.dir / "out" / "private", "fit")
        self.assertEqual([r["term"] for r in shown], 2 * ["(Intercept)", "x", "z"])
        self.compare(shown, 1e-9, 1e-8, "aliased")

    # One covariance that R cannot invert takes nothing else with it.
    def test_what_fails_in_r(self):
        support.r_package("sandwich")
        done = support.kinflow("fit", "--table", CASE / "a_trio.tsv", "--formula",
                               "scl_dep ~ pgs_m + pgs_f", "--vcov", "const", "HC0", "HC1", "--set",
                               "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        script = self.dir / "out" / "private" / "refit_fit.R"
        script.write_text(script.read_text().replace("sandwich::sandwich(m)", "solve(matrix(0, 2, 2))"))
        rows = run_script(script.parent, "fit")
        failed = [r for r in rows if r["term"].startswith("failed:")]
        self.assertEqual({r["se_type"] for r in failed}, {"HC0"})
        self.assertIn("singular", failed[0]["term"])
        others = [r for r in rows if r not in failed]
        self.assertEqual({r["se_type"] for r in others}, {"const", "HC1"})
        self.compare(others, 1e-9, 1e-8, "others")

    # Case G without one outcome: the script has the rows that were used.
    def one_missing(self):
        lines = (CASE / "g_geo.tsv").read_text().splitlines()
        cells = lines[4].split("\t")
        cells[lines[0].split("\t").index("scl_dep")] = "NA"
        return self.write("geo_missing.tsv", [*lines[:4], "\t".join(cells), *lines[5:]])

    def test_small_sample_tests(self):
        support.r_package("pbkrtest")
        rows = support.read_tsv(CASE / "b_waves.tsv")[:300]
        self.write("few.tsv", ["\t".join(rows[0]), *("\t".join(r.values()) for r in rows)])
        done = support.kinflow("fit", "--table", self.dir / "few.tsv", "--model", "lmm", "--formula",
                               f"{TRIO} + time + (1 + time | m_id)", "--set", "df=kr", "--set",
                               "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        self.compare(run_script(self.dir / "out" / "private", "fit"), 1e-3, 1e-3, "kr")

    # Rows out of order, waves that are lacking and unequal distances: the script sees to all of them.
    def test_times(self):
        support.r_package("geepack")
        rows = ["who\tx\tmonth\twave\ty"]
        for t in (3, 1, 4, 2):
            for i in range(60):
                if (i * t) % 5 != 3:
                    x = (i * 37 % 41) / 20 + (t * i % 7) / 10
                    y = 0.5 * x + (i * 53 % 29) / 15 + (i * t * 17 % 23) / 20
                    month = (0, 2, 3, 7)[t - 1]
                    rows.append(f"W{i:02d}\t{x}\t{month}\tm{month}\t{y}")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        errors = {}
        for time in ("month", "wave"):
            out = self.dir / time
            done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "gee", "--formula",
                                   "y ~ x", "--cluster", "who", "--set", "correlation=ar1", "--set",
                                   f"time={time}", "--set", "refit=true", "--out", out)
            self.assertEqual(done.code, 0, done.err)
            shown = run_script(out / "private", "fit")
            self.compare(shown, 1e-4, 1e-4, f"ar1 {time}")
            errors[time] = float(shown[1]["std_error"])
        # Names of waves are one step apart each, which is another model.
        self.assertGreater(abs(errors["month"] / errors["wave"] - 1), 1e-3)

    # What OUT/share withholds stands beside the script.
    def test_withheld_terms(self):
        support.r_package("sandwich")
        rows = ["y\tx\tg"]
        for i in range(60):
            rows.append(f"{i * 53 % 29 / 9}\t{i * 37 % 41 / 20}\t{'rare' if i % 20 == 7 else 'ab'[i % 2]}")
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "ols", "--formula",
                               "y ~ x + g", "--set", "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        shared = support.read_tsv(self.dir / "out" / "share" / "estimates.tsv")
        self.assertNotIn("grare", {r["term"] for r in shared})
        shown = run_script(self.dir / "out" / "private", "fit")
        self.assertIn("grare", {r["term"] for r in shown})
        self.compare(shown, 1e-8, 1e-8, "withheld")

    def test_bounds_beside_equal_paths(self):
        done = support.kinflow("fit", "--table", CASE / "d_riclpm4.tsv", "--model", "riclpm",
                               "--set", "x=[x1,x2,x3,x4]", "--set", "y=[y1,y2,y3,y4]", "--set",
                               "variants=[free,equal_lags]", "--set", "bounds=nonneg", "--set",
                               "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        script = (self.dir / "out" / "private" / "refit_fit.R").read_text()
        free, equal = script.split("m <- lavaan::lavaan(")[:2]
        self.assertNotIn("lavaan leaves bounds out", free)
        self.assertIn("lavaan leaves bounds out where parameters are equal", equal)

    # Weights are a column beside the formula's.
    def test_case_weights(self):
        for model, table, args, package, tolerance in (
                ("ols", "a_trio.tsv", ["scl_dep ~ pgs_m", "--vcov", "const", "HC1"], "sandwich", 1e-8),
                ("logit", "c_logit.tsv", ["high_dep ~ pgs_m", "--cluster", "m_id", "--vcov", "model",
                                          "CR1"], "sandwich", 1e-5),
                ("ordinal", "f_ordinal.tsv", ["dep_cat ~ pgs_m", "--cluster", "m_id", "--vcov",
                                              "model", "CR1"], "sandwich", 1e-3),
                ("lmm", "b_waves.tsv", ["scl_dep ~ pgs_m + time + (1 | m_id)"], "lmerTest", 1e-3)):
            with self.subTest(model=model):
                support.r_package(package)
                header, *rows = (CASE / table).read_text().splitlines()
                lines = [f"{header}\tw"] + [f"{row}\t{i % 7 + 1}" for i, row in enumerate(rows)]
                (self.dir / "t.tsv").write_text("\n".join(lines) + "\n")
                out = self.dir / model
                done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", model,
                                       "--formula", *args, "--set", "case_weights=w", "--set",
                                       "refit=true", "--out", out)
                self.assertEqual(done.code, 0, done.err)
                self.compare(run_script(out / "private", "fit"), tolerance, tolerance, model)

    # Values of every table that a kind's script repeats, so that none is left out in silence.
    def test_what_is_repeated(self):
        self.assertEqual(set(self.shown_of("groups")),
                         {"groups mean", "groups share", "comparisons statistic", "comparisons p",
                          "contrasts estimate", "contrasts p_value", "contrasts std_error"})
        self.assertEqual(set(self.shown_of("ols_by_wave")), {"comparisons statistic"})
        self.assertEqual(set(self.shown_of("ols")), {"contrasts estimate", "contrasts std_error"})
        support.r_package("lmerTest")
        self.assertEqual(set(self.shown_of("lmm")),
                         {"estimates df", "estimates p_value", "models criterion", "models logLik",
                          "varcomp variance", "varcomp corr", "contrasts estimate",
                          "contrasts std_error", "contrasts df", "contrasts p_value",
                          "comparisons statistic", "comparisons df1", "comparisons df2",
                          "comparisons p"})
        support.r_package("lavaan")
        self.assertEqual(set(self.shown_of("sem")), {"contrasts estimate", "contrasts std_error"})
        self.assertEqual(set(self.shown_of("riclpm_robust")),
                         {"comparisons statistic", "comparisons p"})
        self.assertEqual(set(self.shown_of("mediation")),
                         {"contrasts estimate", "contrasts std_error"})

    # Table and last word of the term of rows without standard error.
    def shown_of(self, name):
        table, args = next((t, a) for n, t, a, *_ in MODELS if n == name)
        support.r_package("sandwich")
        done = support.kinflow("fit", "--table", CASE / table, *args, "--set", "refit=true",
                               "--out", self.dir / name)
        self.assertEqual(done.code, 0, done.err)
        for row in run_script(self.dir / name / "private", "fit"):
            if row["std_error"] == "NA" and not row["term"].endswith(("conf_low", "conf_high", "sd",
                                                                      "p_holm")):
                yield f"{row['se_type']} {row['term'].split()[-1]}"

    def test_every_kind_is_tested(self):
        done = support.kinflow("schema")
        self.assertEqual(done.code, 0, done.err)
        analysis = json.loads(done.out)["properties"]["analyses"]["items"]["properties"]
        self.assertEqual(set(analysis["model"]["enum"]), TESTED, "a script that no test runs")

    def test_private(self):
        done = support.kinflow("fit", "--table", CASE / "a_trio.tsv", "--formula",
                               "scl_dep ~ pgs_m", "--set", "refit=true", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        private = self.dir / "out" / "private"
        self.assertEqual(stat.S_IMODE(private.stat().st_mode), 0o700)
        for name in ("refit_fit.R", "refit_fit.tsv"):
            self.assertEqual(stat.S_IMODE((private / name).stat().st_mode), 0o600)
        self.assertFalse(list((self.dir / "out" / "share").glob("refit*")))
        plain = support.kinflow("fit", "--table", CASE / "a_trio.tsv", "--formula",
                                "scl_dep ~ pgs_m", "--out", self.dir / "plain")
        self.assertEqual(plain.code, 0, plain.err)
        self.assertFalse((self.dir / "plain" / "private").exists())

    def test_of_a_run(self):
        made = support.kinflow("simulate", "--trios", 120, "--variants", 400, "--seed", 2, "--out",
                               self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        self.config("""
schema_version: 1
input: {genotypes: c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: c.pedigree.tsv}
phenotypes: [{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}]
scores: {files: ["c.PGS*.txt.gz"], match: {min_overlap: 0.1}}
analyses:
  - {id: wave, outcome: {variable: scl_m6, of: mother}, covariates: [m_age], vcov: [const, CR1S], refit: true}
output: {folder: out}
""")
        done = support.kinflow("run", self.dir / "run.yaml", "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        private = self.dir / "out" / "private"
        self.assertEqual(stat.S_IMODE((private / "refit_wave.tsv").stat().st_mode), 0o600)
        support.r_package("sandwich")
        rows = run_script(private, "wave")
        self.assertEqual({r["pgs"] for r in rows}, {"PGS900001", "PGS900002"})
        self.compare(rows, 1e-8, 1e-8, "run")


if __name__ == "__main__":
    unittest.main()
