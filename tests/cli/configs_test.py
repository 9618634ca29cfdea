"""The configs of configs/ run as they stand on a small simulated cohort, and again from the cache."""
import json
import math
import re
import shutil
import unittest

import support


class HeadsTest(unittest.TestCase):
    def test_how_the_data_are_made(self):
        """By the command of scripts/quickstart."""
        script = (support.ROOT / "scripts" / "quickstart").read_text()
        trios, variants = (re.search(rf"KINFLOW_QUICKSTART_{name}:-(\d+)", script).group(1)
                           for name in ("TRIOS", "VARIANTS"))
        seed = re.search(r"--seed (\d+)", script).group(1)
        scores = re.search(r"--scores (\d+)", script).group(1)
        for name in ("maternal_depression_trio", "maternal_depression_geography",
                     "mother_infant_interaction", "bonding_depression_riclpm"):
            text = (support.ROOT / "configs" / f"{name}.yaml").read_text()
            self.assertIn(f"#   kinflow simulate --trios {trios} --variants {variants} --scores {scores} "
                          f"--seed {seed} --out quickstart-data/cohort\n", text, name)


class ConfigsTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        (self.dir / "quickstart-data").mkdir()
        made = support.kinflow("simulate", "--trios", 150, "--variants", 800, "--scores", 13,
                               "--seed", 4, "--out", self.dir / "quickstart-data" / "cohort")
        self.assertEqual(made.code, 0, made.err)
        shutil.copytree(support.ROOT / "configs", self.dir / "configs")

    def test_each(self):
        configs = sorted((self.dir / "configs").glob("*.yaml"))
        self.assertGreaterEqual(len(configs), 2)
        for config in configs:
            with self.subTest(config=config.name):
                done = support.kinflow("run", config, "--progress", "none")
                self.assertEqual(done.code, 0, done.err)
                again = support.kinflow("run", config, "--progress", "none")
                self.assertEqual(again.code, 0, again.err)
                self.assertEqual(again.out, done.out)

    def test_trio_study(self):
        done = support.kinflow("run", self.dir / "configs" / "maternal_depression_trio.yaml")
        self.assertEqual(done.code, 0, done.err)
        out = self.dir / "quickstart-data" / "maternal_depression"
        record = json.loads((out / "run.json").read_text())
        self.assertEqual({s["status"] for s in record["stages"]}, {"done"})
        terms = {}
        for row in support.read_tsv(out / "share" / "estimates.tsv"):
            terms.setdefault(row["analysis_id"], set()).add(row["term"])
        members = {"pgs.mother", "pgs.father", "pgs.child"}
        for analysis in ("joint", "gw17", "gw30", "m6", "m18", "y3", "y5", "y8"):
            self.assertLessEqual(members, terms[analysis], analysis)
        waves = {r["stratum"] for r in support.read_tsv(out / "share" / "table1.tsv")}
        self.assertEqual(waves, {"all", "gw17", "gw30", "m6", "m18", "y3", "y5", "y8"})
        equal = {r["added"] for r in support.read_tsv(out / "share" / "comparisons.tsv")
                 if r["analysis_id"] == "waves" and r["reduced"] == "equal at all waves"}
        self.assertEqual(equal, members | {"m_age", "pgs.mother + pgs.father + pgs.child"})
        for member in ("mother", "father", "child"):
            self.assertEqual(members & terms[f"{member}_alone"], {f"pgs.{member}"})
        rows = [r for r in support.read_tsv(out / "share" / "estimates.tsv") if r["role"] != "NA"]
        single = [r for r in rows if r["analysis_id"] == "single" and r["role"] == "mother"]
        self.assertEqual({r["pgs"] for r in single}, {f"PGS9000{s:02}" for s in range(3, 14)})
        waves_of_mothers = [r for r in rows if r["term"] == "pgs.mother" and r["model_id"] == "trio"
                            and r["se_type"] == "CR1S" and r["analysis_id"] in
                            ("gw17", "gw30", "m6", "m18", "y3", "y5", "y8")]
        for family, tests in ((single, 11), (waves_of_mothers, 7)):  # adjusted together
            self.assertEqual(len(family), tests)
            for row in family:
                p = min(1, tests * float(row["p_value"]))
                self.assertAlmostEqual(float(row["p_bonf"]), p, delta=1e-9 * p)
        before = {(r["analysis_id"], r["wave"])
                  for r in support.read_tsv(out / "share" / "estimates.tsv")
                  if r["negative_control"] == "yes" and r["role"] == "child"}
        self.assertEqual(before, {("gw17", "NA"), ("gw30", "NA"), ("waves", "gw17"),
                                  ("waves", "gw30")})
        predicted = support.read_tsv(out / "share" / "trajectories.tsv")
        self.assertEqual({(r["wave"], r["score"], r["at"]) for r in predicted},
                         {(w, m, at) for w in waves - {"all"} for m in members
                          for at in ("-1", "0", "1")})

    def share_of(self, config):
        done = support.kinflow("run", self.dir / "configs" / f"{config}.yaml")
        self.assertEqual(done.code, 0, done.err)
        out = self.dir / "quickstart-data" / config
        record = json.loads((out / "run.json").read_text())
        self.assertEqual({s["status"] for s in record["stages"]}, {"done"})
        return lambda table: support.read_tsv(out / "share" / f"{table}.tsv")

    def test_geography(self):
        share = self.share_of("maternal_depression_geography")
        levels = {r["group"] for r in share("varcomp") if r["analysis_id"] == "levels"}
        self.assertEqual(len(levels), 4)  # three levels and the residual
        terms = {(r["analysis_id"], r["term"]) for r in share("estimates")}
        self.assertIn(("moderation", "pgs.mother:deprivation"), terms)
        self.assertIn(("selection", "deprivation"), terms)
        tests = {r["test"] for r in share("comparisons") if r["analysis_id"] == "moderation"}
        self.assertIn("LRT-random-mixture", tests)
        self.assertEqual({r["measure"] for r in share("spatial")}, {"Moran I", "Geary C"})
        self.assertTrue(all(int(r["n"]) >= 5 for r in share("areas")))
        clusters = [r["n_clusters"] for r in share("models") if r["analysis_id"] == "selection"]
        self.assertTrue(25 <= int(clusters[0]) <= 36, clusters)

    def test_mothers_and_infants(self):
        share = self.share_of("mother_infant_interaction")
        groups = {(r["analysis_id"], r["wave"], r["group"]) for r in share("groups")}
        for group in ("healthy", "depression", "history"):
            self.assertIn(("low_w8", "NA", group), groups)
            self.assertIn(("waves", "m12", group), groups)
        tests = {r["test"] for r in share("comparisons") if r["analysis_id"] == "waves"}
        self.assertEqual(tests, {"F-Satterthwaite", "F-ANOVA", "McNemar", "McNemar-exact"})
        low = {r["term"]: float(r["exp_estimate"]) for r in share("estimates")
               if r["analysis_id"] == "low"}
        self.assertEqual(set(low), {"(Intercept)", "groupdepression", "grouphistory", "wavem12",
                                    "groupdepression:wavem12", "grouphistory:wavem12"})
        # A saturated model: odds ratios at 8 weeks are about those of the shares (not of the same rows).
        shares = {r["group"]: float(r["share"]) for r in share("groups")
                  if r["analysis_id"] == "low_w8"}
        odds = {g: p / (1 - p) for g, p in shares.items()}
        self.assertAlmostEqual(math.log(low["groupdepression"]),
                               math.log(odds["depression"] / odds["healthy"]), delta=0.2)
        rows = {(r["contrast"], r["se_type"]): r for r in share("contrasts")
                if r["analysis_id"] == "mediation"}
        indirect = rows["indirect groupdepression", "bootstrap"]
        self.assertLess(float(indirect["conf_low"]), float(indirect["estimate"]))
        self.assertLess(float(indirect["estimate"]), float(indirect["conf_high"]))

    def test_bonding_study(self):
        done = support.kinflow("run", self.dir / "configs" / "bonding_depression_riclpm.yaml")
        self.assertEqual(done.code, 0, done.err)
        out = self.dir / "quickstart-data" / "bonding_depression"
        lags = {(r["analysis_id"], r["model_id"], r["term"]): r
                for r in support.read_tsv(out / "share" / "estimates.tsv")
                if r["role"] == "lag" and r["se_type"] == "model"}
        # Truth: deviations carry over by .30, anger acts on later symptoms by .25, nothing on anger.
        for term, truth in (("wx2 ~ wx1", .30), ("wy2 ~ wx1", .25), ("wx2 ~ wy1", 0)):
            for analysis in ("anger", "both"):
                row = lags[analysis, "equal_lags", term]
                self.assertLess(abs(float(row["estimate"]) - truth), 4 * float(row["std_error"]), row)
            self.assertEqual(row["estimate"],
                             lags["both", "equal_lags", term.replace("2", "4").replace("1", "3")]
                             ["estimate"])
        # Deviations of the total score act on symptoms as its half that is anger does.
        total = lags["total", "equal_lags", "wy2 ~ wx1"]
        self.assertGreater(float(total["estimate"]), 2 * float(total["std_error"]), total)
        tests = {(r["analysis_id"], r["reduced"], r["test"]): float(r["p"])
                 for r in support.read_tsv(out / "share" / "comparisons.tsv")}
        self.assertLess(tests["anger", "clpm", "chibar"], 1e-4)  # stable differences
        self.assertIn(("groups", "equal_lags_groups", "LRT"), tests)
        # Truth: symptoms in pregnancy act on stable symptoms by .40, alike at all occasions.
        self.assertGreater(tests["anger", "equal_predictors", "LRT"], 1e-4)
        rows = {(r["analysis_id"], r["model_id"], r["term"]): r
                for r in support.read_tsv(out / "share" / "estimates.tsv")
                if r["se_type"] == "model"}
        stable = rows["anger", "equal_predictors", "dep_m10 ~ prenatal"]
        self.assertLess(abs(float(stable["estimate"]) - .40), 4 * float(stable["std_error"]), stable)
        within = rows["predictors", "equal_lags", "wy1 ~ prenatal"]
        self.assertGreater(float(within["estimate"]), 2 * float(within["std_error"]), within)
        self.assertIn("wy2 ~ wx1", done.err)  # the main table names the lags


if __name__ == "__main__":
    unittest.main()
