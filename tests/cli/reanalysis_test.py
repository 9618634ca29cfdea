"""What runs again after a change, and why: only the stages it touches, with results that equal
those of a fresh run."""
import gzip
import json
import re
import unittest

import support

CONFIG = """schema_version: 1
input: {genotypes: c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: c.pedigree.tsv}
phenotypes:
  - {file: c.pheno.tsv, id: m_id, pregnancy: preg_id}
  - {file: c.covar.tsv, id: IID, columns: [PC1, PC2]}
qc:
  preset: imputed
  variant: {maf: 0.01, info: 0, info_computed: 0, hwe_p: 0, mendel_rate: 1}
  sample: {call_rate: 0, het_sd: 0, mendel_rate: 1}
scores: {files: [c.PGS900001.txt.gz], match: {min_overlap: 0.1}}
analyses:
  - id: joint
    model: ols
    outcome: {variable: scl_m6, of: mother}
    covariates: [m_age, PC1]
  - id: other
    model: ols
    outcome: {variable: scl_gw17, of: mother}
    covariates: [m_age]
output: {folder: FOLDER/out}
resources: {work: FOLDER/work}
"""
BEFORE_QC = {"dosage", "counts"}


class ReanalysisTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        made = support.kinflow("simulate", "--trios", "40", "--variants", "300", "--chromosomes",
                               "2", "--seed", "5", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        self.start(CONFIG, "warm")
        self.before = self.artifacts("warm")
        self.all_stages = {stage["id"] for stage in self.run_stages("warm")}

    def test_results_of_earlier_runs_are_warned_of(self):
        told = "results of earlier runs that this one did not make: "
        self.assertNotIn(told, self.start(CONFIG, "warm").err)
        refit = CONFIG.replace("    outcome: {variable: scl_m6", "    refit: true\n"
                               "    outcome: {variable: scl_m6")
        self.assertNotIn(told, self.start(refit, "warm").err)
        done = self.start(CONFIG, "warm")
        self.assertIn(told + "refit_joint; ", done.err)
        for name in ("R", "tsv"):
            (self.dir / "warm/out/private" / f"refit_joint.{name}").unlink()
        self.assertNotIn(told, self.start(CONFIG, "warm").err)
        done = support.kinflow("qc", "--geno", self.dir / "c.vcf.gz", "--pedigree",
                               self.dir / "c.pedigree.tsv", "--preset", "none", "--out",
                               self.dir / "warm" / "out")
        self.assertEqual(done.code, 0, done.err)
        warning, = re.findall(re.escape(told) + r"(.*)", done.err)
        older = warning.split(";")[0].split(", ")
        self.assertLessEqual({"estimates", "scores"}, set(older))
        self.assertFalse({"ledger", "samples", "variants"} & set(older), "of this run")

    def test_a_fit_into_the_folder_of_a_run_is_warned_of(self):
        """It tells what it replaces and what stays; the run makes its own tables again."""
        out = self.dir / "warm/out"
        before = (out / "share/estimates.tsv").read_bytes()

        def fit():
            done = support.kinflow("fit", "--table", self.dir / "c.pheno.tsv", "--formula",
                                   "scl_m6 ~ m_age", "--out", out)
            self.assertEqual(done.code, 0, done.err)
            return done.err
        replaced = "held results of a run, which this fit has replaced: "
        older = "results of earlier runs that this one did not make: "
        told = fit()
        kinds = [re.search(re.escape(text) + r"([^;]*);", told).group(1).split(", ")
                 for text in (replaced, older)]
        self.assertLessEqual({"estimates", "models", "rows"}, set(kinds[0]))
        self.assertLessEqual({"scores", "ledger"}, set(kinds[1]))
        self.assertFalse(set(kinds[0]) & set(kinds[1]))
        self.assertNotEqual((out / "share/estimates.tsv").read_bytes(), before)
        self.assertNotIn(replaced, fit())
        self.start(CONFIG, "warm")
        self.assertEqual((out / "share/estimates.tsv").read_bytes(), before)
        alone = support.kinflow("fit", "--table", self.dir / "c.pheno.tsv", "--formula",
                                "scl_m6 ~ m_age", "--out", self.dir / "alone")
        self.assertNotIn("the output folder", alone.err)

    def write(self, text, folder):
        path = self.dir / f"{folder}.yaml"
        path.write_text(text.replace("FOLDER", folder))
        return path

    def start(self, text, folder):
        done = support.kinflow("run", self.write(text, folder), "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        return done

    def run_stages(self, folder):
        return json.loads((self.dir / folder / "out" / "run.json").read_text())["stages"]

    def plan(self, text):
        path = self.write(text, "warm")
        done = support.kinflow("plan", path, "--format", "json")
        self.assertEqual(done.code, 0, done.err)
        plan = json.loads(done.out)
        words = support.kinflow("plan", path)
        self.assertEqual(words.code, 0, words.err)
        self.said = words.out + words.err
        return {stage["id"]: stage for stage in plan["stages"]}, plan["passes"]

    def artifacts(self, folder):
        """Every file of every artifact of the work folder, with what changes when it is written."""
        root = self.dir / folder / "work" / "artifacts"
        found = {}
        for path in root.rglob("*"):
            if path.is_file():
                facts = path.stat()
                found[str(path.relative_to(root))] = (facts.st_ino, facts.st_mtime_ns)
        return found

    def results(self, folder):
        """All published tables, except run.json and the log: contents by name."""
        out, tables = self.dir / folder / "out", {}
        for path in out.rglob("*"):
            if path.suffix == ".tsv" or path.name.endswith(".tsv.gz"):
                raw = path.read_bytes()
                text = gzip.decompress(raw) if path.suffix == ".gz" else raw
                tables[str(path.relative_to(out))] = text
        self.assertGreater(len(tables), 10)
        return tables

    def check_change(self, text, expected):
        """Plans and runs a changed config; `expected`: the stages that may run again."""
        stages, passes = self.plan(text)
        self.assertEqual({i for i, stage in stages.items() if stage["status"] == "run"}, expected)
        done = self.start(text, "warm")
        ran = {stage["id"] for stage in self.run_stages("warm") if stage["status"] != "cached"}
        self.assertEqual(ran, expected)
        after = self.artifacts("warm")
        self.assertEqual({name: after.get(name) for name in self.before}, self.before)
        new = {tuple(name.split("/")[:2]) for name in set(after) - set(self.before)}
        self.assertEqual(new, {(stages[i]["kind"], stages[i]["key"]) for i in expected})
        self.start(text, "cold")
        self.assertEqual(self.results("warm"), self.results("cold"))
        return stages, passes, done

    def passes_over_input(self):
        """Of the plan made last: lines such as `1. input: dosage, counts`."""
        self.assertIn("passes over the genotypes", self.said)
        return re.findall(r"^ *\d+\. input:.*$", self.said, re.MULTILINE)

    def check_everything_cached(self):
        stages, passes = self.plan(CONFIG)
        self.assertEqual({s["status"] for s in stages.values()}, {"cached"})
        self.assertEqual({s["reason"] for s in stages.values()}, {"unchanged"})
        self.assertEqual(passes, [])
        self.start(CONFIG, "warm")
        self.assertEqual({s["status"] for s in self.run_stages("warm")}, {"cached"})

    def test_nothing_changed(self):
        old = self.results("warm")
        self.check_everything_cached()
        self.assertEqual(self.artifacts("warm"), self.before)
        self.assertEqual(self.results("warm"), old)

    def test_one_covariate_runs_one_regression_again(self):
        text = CONFIG.replace("[m_age, PC1]", "[m_age, PC2]")
        old = self.results("warm")
        stages, passes, _ = self.check_change(text, {"family:joint"})
        self.assertIn("covariates", stages["family:joint"]["reason"])
        self.assertIn("PC1 -> PC2", stages["family:joint"]["reason"])
        self.assertIn("PC1 -> PC2", self.said)
        self.assertEqual(passes, [])
        new = self.results("warm")
        self.assertNotEqual(old["share/estimates.tsv"], new["share/estimates.tsv"])
        self.assertEqual(old["private/scores.tsv"], new["private/scores.tsv"])

    def test_one_value_of_a_covariate_runs_the_regressions_again(self):
        path = self.dir / "c.covar.tsv"
        lines = path.read_text().splitlines()
        at = lines[0].split("\t").index("PC1")
        fields = lines[1].split("\t")
        fields[at] = "3.25"
        path.write_text("\n".join([lines[0], "\t".join(fields), *lines[2:]]) + "\n")
        stages, passes = self.plan(CONFIG)
        run = {i for i, stage in stages.items() if stage["status"] == "run"}
        self.assertIn("family:joint", run)
        self.assertLessEqual(run, {"family:joint", "family:other"})
        self.assertRegex(stages["family:joint"]["reason"], "c.covar.tsv|phenotypes")
        self.assertEqual(passes, [])
        self.start(CONFIG, "warm")
        self.start(CONFIG, "cold")
        self.assertEqual(self.results("warm"), self.results("cold"))

    def test_a_variant_threshold_does_not_decode_the_input_again(self):
        text = CONFIG.replace("maf: 0.01", "maf: 0.1")
        old = self.results("warm")
        stages, passes, done = self.check_change(text, self.all_stages - BEFORE_QC)
        for stage in BEFORE_QC:
            self.assertEqual((stages[stage]["status"], stages[stage]["reason"]),
                             ("cached", "unchanged"))
        self.assertEqual(stages["qc_variants"]["reason"], "maf: 0.01 -> 0.1")
        self.assertIn("maf: 0.01 -> 0.1", self.said)
        self.assertGreater(len(passes), 0)
        self.assertEqual(self.passes_over_input(), [])
        self.assertNotIn("dosage+counts", done.err)
        new = self.results("warm")
        self.assertNotEqual(old["share/ledger.tsv"], new["share/ledger.tsv"])
        self.check_everything_cached()  # going back costs nothing
        self.assertEqual(self.results("warm"), old)

    def test_a_sample_threshold_keeps_what_comes_before_it(self):
        text = CONFIG.replace("het_sd: 0", "het_sd: 2")
        kept = BEFORE_QC | {"qc_variants", "sample_counts"}
        stages, _, _ = self.check_change(text, self.all_stages - kept)
        self.assertIn("het_sd", stages["qc_samples"]["reason"])
        self.assertEqual(self.passes_over_input(), [])

    def test_a_list_is_told_by_what_came_and_went(self):
        stages, _ = self.plan(CONFIG.replace("[m_age, PC1]", "[PC2, m_age, PC1, parity]"))
        self.assertEqual(stages["family:joint"]["reason"], "covariates: +PC2 +parity")

    def test_another_config_in_the_same_work_folder_is_not_compared_with(self):
        text = CONFIG.replace("maf: 0.01", "maf: 0.1").replace("FOLDER", "warm")
        (self.dir / "other.yaml").write_text(text)
        planned = support.kinflow("plan", self.dir / "other.yaml", "--format", "json")
        reasons = {s["id"]: s["reason"] for s in json.loads(planned.out)["stages"]}
        self.assertEqual(reasons["qc_variants"], "first run")
        self.assertEqual(reasons["dosage"], "unchanged")

    def test_an_input_from_the_cache_does_not_run_again(self):
        self.start(CONFIG.replace("maf: 0.01", "maf: 0.1"), "warm")
        text = CONFIG.replace("[m_age, PC1]", "[m_age, PC2]")
        stages, _ = self.plan(text)  # with the scores of the first run
        self.assertEqual(stages["scores"]["status"], "cached")
        self.assertIn("another scores, which is there already", stages["family:joint"]["reason"])
        self.assertNotIn("runs again", stages["family:joint"]["reason"])

    def test_a_plan_makes_nothing(self):
        config = self.write(CONFIG, "fresh")
        planned = support.kinflow("plan", config)
        self.assertEqual(planned.code, 0, planned.err)
        self.assertFalse((self.dir / "fresh").exists())
        self.assertIn("time: not known", planned.out)

    def test_memory_of_the_plan_is_that_of_the_run(self):
        config = self.write(CONFIG, "fresh")
        said = support.kinflow("plan", config).out
        first = re.search(r"(?m)^  1\. dosage, counts: about (.+)$", said).group(1)
        done = self.start(CONFIG, "fresh")
        self.assertIn(f"in flight, about {first} of memory", done.err)
        self.assertRegex(said, r"(?m)^  \d\. scores: within the budget")

    def test_time_is_that_of_the_last_run(self):
        self.plan(CONFIG.replace("maf: 0.01", "maf: 0.1"))
        self.assertRegex(self.said, r"(?m)^time: \d+\.\d s when these stages last ran$")
        self.plan(CONFIG)
        self.assertIn("time: nothing to compute", self.said)

    def test_work_folder_of_the_command_line_starts_from_the_current_one(self):
        away = self.dir / "away"
        away.mkdir()
        self.write(CONFIG, "fresh")
        done = support.kinflow("run", "../fresh.yaml", "--work", "mine", "--progress", "none",
                               cwd=away)
        self.assertEqual(done.code, 0, done.err)
        self.assertTrue((away / "mine" / "artifacts").is_dir())
        self.assertFalse((self.dir / "mine").exists())

    def test_the_record_tells_what_the_config_came_to(self):
        text = CONFIG.replace("  variant: {maf: 0.01, info: 0, info_computed: 0, hwe_p: 0, "
                              "mendel_rate: 1}\n", "").replace("het_sd: 0, ", "")
        text += "accept: [{what: qc, reason: a trial}]\n"
        config = self.write(text, "fresh")
        support.kinflow("run", config, "--progress", "none", "--threads", "2", "--memory", "3G")
        record = json.loads((self.dir / "fresh" / "out" / "run.json").read_text())
        self.assertIsNone(record["config"]["qc"]["variant"]["maf"])
        resolved = record["resolved"]
        self.assertEqual(resolved["qc"]["preset"], "imputed")
        self.assertEqual((resolved["qc"]["variant"]["maf"], resolved["qc"]["variant"]["info"],
                          resolved["qc"]["sample"]["het_sd"]), (0.01, 0.8, 3))
        self.assertEqual(resolved["accept"], [{"what": "qc", "reason": "a trial"}])
        self.assertEqual((resolved["resources"]["threads"], resolved["resources"]["memory_bytes"]),
                         (2, 3 << 30))
        self.assertEqual(resolved["input"]["field"], "DS")

    def inspect(self, *args):
        done = support.kinflow("inspect", *args)
        self.assertEqual(done.code, 0, done.err)
        return done

    def test_inspect_shows_the_main_table_of_a_result(self):
        out = self.dir / "warm" / "out"
        for name in ("share/estimates", "private/scores", "share/ledger"):
            shown = self.inspect(out / f"{name}.h5", "--rows", "1000").out
            self.assertEqual(shown, (out / f"{name}.tsv").read_text())
        family = next((self.dir / "warm/work/artifacts/family").iterdir())
        shown = self.inspect(family)
        self.assertIn("analysis_id\tmodel_id", shown.out)
        self.assertIn("others: --table", shown.err)
        self.assertIn("/estimates/estimate", self.inspect(family, "--list").out)
        qc = next((self.dir / "warm/work/artifacts/qc").iterdir())
        self.assertIn("STEP\tFILTER\tTHRESHOLD", self.inspect(qc).out)

    def test_inspect_of_a_table_that_is_not_there(self):
        done = support.kinflow("inspect", self.dir / "warm" / "out", "--table", "estimate")
        self.assertEqual((done.code, done.out), (2, ""), done.err)
        self.assertIn("no such table", done.err)

    def test_inspect_lists_what_output_and_work_folders_hold(self):
        for folder, shown in (("out", "estimates.h5"), ("work", "artifacts/family/")):
            listed = self.inspect(self.dir / "warm" / folder).out.splitlines()[1:]
            self.assertTrue([line for line in listed if shown in line])
            self.assertGreater(len(listed), 8)
            for line in listed:
                path = line.split("kinflow inspect ")[1]
                self.inspect(path)

    def test_a_different_input_runs_everything_again(self):
        """The cache can miss: other genotypes under the same name are noticed."""
        made = support.kinflow("simulate", "--trios", "40", "--variants", "300", "--chromosomes",
                               "2", "--seed", "6", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        stages, _ = self.plan(CONFIG)
        self.assertEqual({s["status"] for s in stages.values()}, {"run"})
        self.assertEqual(len(self.passes_over_input()), 1)
        self.assertIn("c.vcf.gz", stages["dosage"]["reason"])


if __name__ == "__main__":
    unittest.main()
