"""Faults of a config: all of them in one go, each with line, column and what was meant."""
import gzip
import re
import unittest

from bad_input import BadInputTest
from support import ROOT, kinflow

GOOD = """schema_version: 1
input: {genotypes: c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: c.pedigree.tsv}
scores: {files: [c.PGS900001.txt.gz], match: {min_overlap: 0.1}}
qc: {preset: none}
"""


def place(text, marker):
    """Line and column, from 1, of the first place of a text; (text, n): of its nth."""
    marker, nth = marker if isinstance(marker, tuple) else (marker, 1)
    at = -1
    for _ in range(nth):
        at = text.index(marker, at + 1)
    return str(text.count("\n", 0, at) + 1), str(at - text.rfind("\n", 0, at))


class Readme(BadInputTest):
    def test_its_config_is_one(self):
        """Only the files it names are missing here."""
        block = re.search(r"```yaml\n(schema_version.*?)```", (ROOT / "README.md").read_text(), re.S)
        path = self.config(block[1])
        result = kinflow("validate", path.name, cwd=self.dir)
        self.assertEqual(result.code, 4, result.err)
        self.assertIn("E0401", result.err)


class BadConfig(BadInputTest):
    def refused(self, text, *faults, command="validate"):
        """faults: (text at the place, id, parts...); exactly these are told, in this order."""
        path = self.config(text)
        result = kinflow(command, path.name, cwd=self.dir)
        self.assert_clean_end(result, 3)
        self.assertEqual(result.out, "")
        found = re.findall(r"(?m)^run\.yaml:(\d+):(\d+): error\[(E\d{4})\]", result.err)
        self.assertEqual(found, [(*place(text, f[0]), f[1]) for f in faults], result.err)
        blocks = re.split(r"(?m)^(?=run\.yaml:)", result.err)[1:]
        for block, fault in zip(blocks, faults):
            for part in fault[2:]:
                self.assertIn(part, block)
            self.assertRegex(block, r"(?m)^  remedy: \S.{5,}")
        for folder in ("out", "work"):
            self.assertFalse((self.dir / folder).exists(), f"{folder} was made")
        return result

    def test_the_good_one(self):
        path = self.config(GOOD)
        result = kinflow("validate", path.name, cwd=self.dir)
        self.assert_clean_end(result, 0)

    def test_unknown_key_with_the_nearest_known_one(self):
        self.refused(GOOD.replace("field: DS", "feild: DS"),
                     ("feild", "E0312", "input.feild", "did you mean 'field'?"))
        self.refused(GOOD + "analysis: []\n", ("analysis", "E0312", "did you mean 'analyses'?"))
        self.refused(GOOD.replace("min_overlap", "min_overlpa"),
                     ("min_overlpa", "E0312", "scores.match.min_overlpa", "'min_overlap'"))
        # A key that stands in several places: the nearest of them.
        self.refused(GOOD.replace("match: {min_overlap: 0.1}", "layout: plink"),
                     ("layout", "E0312", "belongs at scores.tables[].layout"))

    def test_unknown_key_like_no_other(self):
        result = self.refused(GOOD + "zebra: 1\n", ("zebra", "E0312", "zebra"))
        self.assertNotIn("did you mean", result.err)

    def test_key_twice_names_both_places(self):
        self.refused(GOOD.replace("field: DS", "field: DS, field: GT"),
                     (("field", 2), "E0311", "input.field", "line 2, column 30"))
        self.refused(GOOD + "qc: {preset: array}\n", (("qc", 2), "E0311", "qc", "line 5, column 1"))

    def test_wrong_types(self):
        self.refused(GOOD.replace("0.1", "much"),
                     ("much", "E0302", "scores.match.min_overlap", "number", 'value:  "much"'))
        self.refused(GOOD.replace("pedigree: {file: c.pedigree.tsv}", "pedigree: [a]"),
                     ("[a]", "E0302", "pedigree"))
        self.refused(GOOD + "accept: 3\n", ("3\n", "E0302", "list", 'value:  "3"'))
        self.refused(GOOD + "output: {small_cell: 2.5}\n",
                     ("2.5", "E0302", "output.small_cell", 'value:  "2.5"'))

    def test_yes_is_not_a_boolean(self):
        self.refused(GOOD.replace("preset: none", "preset: none, mendel_duos: yes"),
                     ("yes", "E0302", "qc.mendel_duos", "true or false", 'value:  "yes"'))

    def test_out_of_range_and_not_among_the_choices(self):
        self.refused(GOOD.replace("0.1", "1.5"),
                     ("1.5", "E0303", "scores.match.min_overlap", "[0, 1]", 'value:  "1.5"'))
        self.refused(GOOD.replace("0.1", ".nan"), (".nan", "E0302", 'value:  ".nan"'))
        self.refused(GOOD.replace("field: DS", "field: SD"),
                     ("SD", "E0303", "auto, GT, DS, GP, HDS", 'value:  "SD"'))

    def test_threads_and_memory(self):
        self.refused(GOOD + "resources: {threads: many}\n",
                     ("many", "E0302", "resources.threads", 'value:  "many"'))
        self.refused(GOOD + "resources: {memory: 24X}\n",
                     ("24X", "E0302", "resources.memory", 'value:  "24X"'))

    def test_all_faults_at_once_in_the_order_of_the_file(self):
        text = ("schema_version: 1\n"
                "input: {genotypes: c.vcf.gz, feild: DS, field: XX}\n"
                "qc: {variant: {maf: abc, maf: 0.1}}\n"
                "scores: {match: {min_overlap: -1}}\n"
                "accept: [{what: E0430}]\n"
                "resources: 5\n")
        result = self.refused(text, ("feild", "E0312"), ("XX", "E0303"), ("abc", "E0302"),
                              (("maf", 2), "E0311"), ("-1", "E0303"),
                              ("{what", "E0313", "accept[0].reason"), ("5\n", "E0302"))
        self.assertIn("7 faults in run.yaml", result.err)

    def test_every_command_that_reads_a_config_says_the_same(self):
        text = GOOD.replace("field: DS", "feild: DS")
        errors = [self.refused(text, ("feild", "E0312"), command=c).err
                  for c in ("validate", "plan", "run")]
        self.assertEqual(errors[0], errors[1])
        self.assertEqual(errors[0], errors[2])

    def test_required_key_missing(self):
        self.refused("schema_version: 1\ninput: {field: DS}\n",
                     ("{field", "E0313", "input.genotypes"))

    def test_version_of_the_schema(self):
        self.refused(GOOD.replace("schema_version: 1", "schema_version: 2"),
                     ("2\n", "E0304", "schema_version"))

    def test_not_yaml(self):
        path = self.config("schema_version: 1\ninput: {genotypes: [a, b}\n")
        result = kinflow("validate", path.name, cwd=self.dir)
        self.assert_clean_end(result, 3)
        self.assertRegex(result.err, r"run\.yaml:[23]:\d+: error\[E0301\]")
        self.assertRegex(result.err, r"(?m)^  remedy: \S")

    def test_yaml_that_means_something_else_than_it_shows(self):
        self.refused(GOOD + "output: &o {folder: out}\n", ("&o", "E0314", "nchor"))
        self.refused(GOOD + "output: {folder: !!str out}\n", ("!!str", "E0314", "tag"))
        self.refused(GOOD + "---\nqc: {}\n", ("---", "E0314", "document"))

    def test_no_config_at_all(self):
        result = kinflow("run", "nowhere.yaml", cwd=self.dir)
        self.assert_clean_end(result, 3)
        self.assertIn("nowhere.yaml: error[E0305]", result.err)
        self.assertRegex(result.err, r"(?m)^  remedy: \S")

    def test_wrong_override_on_the_command_line(self):
        path = self.config(GOOD)
        result = kinflow("validate", path.name, "--set", "qc.variant.mfa=0.1", cwd=self.dir)
        self.assertIn(result.code, (2, 3), result.err)
        self.assertRegex(result.err, r"--set.*error\[E0312\]")
        self.assertIn("maf", result.err)

    def test_values_of_options_are_usage_errors_of_these_options(self):
        path = self.config(GOOD)
        geno = ("--geno", "c.vcf.gz", "--out", "o")
        score = ("score", *geno, "--weights", "c.PGS900001.txt.gz")
        fit = ("fit", "--table", "c.pheno.tsv", "--formula", "scl_gw17 ~ m_age", "--out", "o")
        for args, option, value in (
                (score, "--min-overlap", "3"), (score, "--min-overlap", "-0.1"),
                (score, "--match-by", "foo"), (score, "--preset", "nope"),
                (score, "--field", "XX"), (score, "--build", "hg7"),
                (("qc", *geno), "--preset", "nope"), (fit, "--vcov", "HC9"),
                (fit, "--outcome-of", "uncle"), (fit, "--set", "conf_level"),
                (("run", path.name), "--set", "qc.variant.maf"),
                (("run", path.name), "--set", "=1"), (("run", path.name), "--set", "qc..maf=1")):
            with self.subTest(option=option, value=value):
                result = kinflow(*args, f"{option}={value}", cwd=self.dir)
                self.assert_clean_end(result, 2)
                self.assertRegex(result.err, rf"error\[E02\d\d\] .*{option}")
                self.assertIn(value, result.err)
                for folder in ("o", "out", "work"):
                    self.assertFalse((self.dir / folder).exists(), f"{folder} was made")

    def test_command_line(self):
        path = self.config(GOOD)
        for args, part in ((("runn", path.name), "runn"), (("run",), "CONFIG"),
                           (("run", path.name, "--thread", "2"), "--thread"),
                           (("run", path.name, "--progress", "loud"), "loud"),
                           (("run", path.name, "--memory", "24X"), "24X")):
            with self.subTest(args=args):
                result = kinflow(*args, cwd=self.dir)
                self.assert_clean_end(result, 2)
                self.assertIn(part, result.err)
                self.assertRegex(result.err, r"E02\d\d")
                if (self.dir / "out/run.json").exists():
                    self.assertEqual(self.run_json()["exit_code"], 2)

    def test_what_a_mistyped_word_was_meant_to_be(self):
        path = self.config(GOOD)
        for args, meant in ((("rnu", path.name), "run"), (("validat", path.name), "validate"),
                            (("run", path.name, "--treads", "2"), "--threads"),
                            (("run", path.name, "--memroy=2G"), "--memory"),
                            (("score", "--genot", "c.vcf.gz"), "--geno")):
            with self.subTest(args=args):
                result = kinflow(*args, cwd=self.dir)
                self.assert_clean_end(result, 2)
                self.assertIn(f"did you mean {meant}?", result.err)
        self.assertNotIn("did you mean", kinflow("zzzzzz").err)

    def test_options_that_are_keys(self):
        given = ("--geno", "c.vcf.gz", "--out", "o")
        for args, meant in ((("--maf", "0.05"), "--set qc.variant.maf=0.05?"),
                            (("--hwe-p=1e-6",), "--set qc.variant.hwe_p=1e-6?"),
                            (("--het-sd",), "--set qc.sample.het_sd=VALUE?")):
            with self.subTest(args=args):
                result = kinflow("qc", *given, *args, cwd=self.dir)
                self.assert_clean_end(result, 2)
                self.assertIn("did you mean " + meant, result.err)
                self.assertFalse((self.dir / "o").exists())
        done = kinflow("qc", *given, "--preset", "none", "--set", "qc.variant.maf=0.05",
                       cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)

    def test_explain_with_and_without_the_word_code(self):
        short, long = kinflow("explain", "E0412"), kinflow("explain", "code", "E0412")
        self.assertEqual((short.code, long.code), (0, 0), short.err + long.err)
        self.assertIn("E0412", short.out)
        self.assertEqual(short.out, long.out)
        self.assertEqual(kinflow("explain").out, kinflow("explain", "code").out)
        self.assert_clean_end(kinflow("explain", "E9999"), 2)

    def test_remedies_name_what_to_write(self):
        self.refused(GOOD + "resources: {memory: 24}\n", ("24}", "E0302", "512M or 24G"))
        self.refused(GOOD.replace("min_overlap", "max_lap"), ("max_lap", "E0312", "min_overlap"))
        comma = GOOD.replace("{preset: none}", "{preset: none, variant: {maf: 0,01}}")
        self.refused(comma, ("01}", "E0312", "decimals with a point"))
        self.refused(GOOD + "analyses: [{id: a, outcome: scl_gw17}]\n",
                     ("scl_gw17", "E0302", "lines below: variable, of"))
        done = kinflow("init", self.config(GOOD).name, cwd=self.dir)
        self.assert_clean_end(done, 2)
        self.assertIn("not a folder", done.err)
        self.assertNotIn("did you mean", kinflow("schema", "x", cwd=self.dir).err)
        done = kinflow("score", "--geno", "c.fam", "--weights", "c.PGS900001.txt.gz", "--out", "o",
                       cwd=self.dir)
        self.assert_clean_end(done, 4)
        self.assertIn("give c.bed", done.err)

    def test_one_shot_commands_speak_of_options(self):
        given = ("--weights", "c.PGS900001.txt.gz", "--out", "o")
        done = kinflow("score", "--geno", "c.vcf.gz", "--build", "GRCh38", *given, cwd=self.dir)
        self.assert_clean_end(done, 4)
        block = self.message(done, "E0421")
        self.assertIn("correct --build", block)
        self.assertIn("field --build", block)
        self.assertNotIn("input.build", block)

    def test_folders_that_are_no_work_folders(self):
        (self.dir / "empty").mkdir()
        for command in ("status", "verify"):
            with self.subTest(command):
                missing = kinflow(command, "nowhere", cwd=self.dir)
                self.assert_clean_end(missing, 4)
                self.assertIn("nowhere: error[E0401]", missing.err)
                other = kinflow(command, "empty", cwd=self.dir)
                self.assert_clean_end(other, 2)
                self.assertIn("error[E0203]", other.err)

    def test_every_fault_of_the_inputs_at_once(self):
        text = (GOOD.replace("c.vcf.gz", "[a.vcf.gz, c.vcf.gz, b.vcf.gz]")
                .replace("c.pedigree.tsv", "no.fam").replace("[c.PGS900001.txt.gz]",
                                                             "[no.txt, c.PGS900001.txt.gz]")
                + "phenotypes: [{file: no.tsv, id: m_id}, {file: c.pheno.tsv, id: nobody}]\n")
        result = kinflow("validate", self.config(text).name, cwd=self.dir)
        self.assert_clean_end(result, 4)
        found = re.findall(r"(?m)^(?:\./)?(\S+?)(?::\d+)?: error\[(E\d{4})\]", result.err)
        self.assertEqual(found, [("a.vcf.gz", "E0401"), ("b.vcf.gz", "E0401"), ("no.fam", "E0401"),
                                 ("no.tsv", "E0401"), ("c.pheno.tsv", "E0429"),
                                 ("no.txt", "E0401")], result.err)
        self.assertIn("6 faults in the inputs of run.yaml", result.err)

    def test_faults_of_the_config_do_not_hide_those_of_inputs(self):
        """But for inputs that the parts at fault name."""
        text = (GOOD.replace("preset: none", "preset: nope").replace("c.pedigree.tsv", "no.fam")
                + "phenotypes: [{file: no.tsv, id: m_id}, {file: away.tsv, id: m_id, layot: long}]\n"
                + "resources: {threads: many}\n")
        result = self.refused(text, ("nope", "E0303"), ("layot", "E0312"), ("many", "E0302"))
        self.assertIn("3 faults in run.yaml", result.err)
        found = re.findall(r"(?m)^(?:\./)?(\S+?): error\[(E04\d\d)\]", result.err)
        self.assertEqual(found, [("no.fam", "E0401"), ("no.tsv", "E0401")], result.err)
        self.assertIn("2 faults in the inputs of run.yaml", result.err)
        result = self.refused(text.replace("input: {", "input: {regoins: X, "),
                              ("regoins", "E0312"), ("nope", "E0303"), ("layot", "E0312"),
                              ("many", "E0302"))
        self.assertIn("2 faults in the inputs of run.yaml", result.err)

    def test_every_fault_of_the_analyses_at_once(self):
        self.refused(GOOD + "phenotypes: [{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}]\n"
                     "analyses:\n"
                     "  - {id: a, outcome: {variable: nothing}}\n"
                     "  - {id: b, outcome: {variable: scl_gw17}, scores: [PGS9]}\n"
                     "  - {id: c, outcome: {variable: scl_gw17}, covariates: [agee]}\n"
                     "  - {id: d, formula: scl_gw17 ~ m_age, family: [effect]}\n",
                     ("nothing", "E0306"), ("PGS9]", "E0306", "analyses.b.scores"),
                     ("agee", "E0306", "analyses.c.covariates"),
                     ("effect]", "E0306", "families of tests would be empty", "family_terms"))
        self.refused(GOOD + "phenotypes: [{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}]\n"
                     "analyses: [{id: a, outcome: {variable: nothing}, covariates: [agee, pritty],\n"
                     "            cluster: grup, family: [nobody]}]\n",
                     ("nothing", "E0306", "analyses.a.outcome"), ("agee", "E0306"),
                     ("pritty", "E0306"), ("grup", "E0306"), ("nobody", "E0306"))
        validated = kinflow("validate", "run.yaml", cwd=self.dir)
        told = re.findall(r"run\.yaml:\d+:\d+: error.*", validated.err)
        self.assertEqual(len(told), 5)
        for command in ("plan", "run"):
            result = kinflow(command, "run.yaml", cwd=self.dir)
            self.assert_clean_end(result, 3)
            self.assertEqual(re.findall(r"run\.yaml:\d+:\d+: error.*", result.err), told)

    def test_outcome_of_somebody_whom_the_table_does_not_tell_of(self):
        """A table by the child's id, the outcome of the mother: no row could be used."""
        text = (GOOD + "phenotypes: [{file: c.pheno.tsv, id: c_id}]\n"
                "analyses: [{id: a, outcome: {variable: scl_gw17, of: mother}, "
                "covariates: [m_age]}]\n")
        for command in ("validate", "run"):
            result = kinflow(command, self.config(text).name, cwd=self.dir)
            self.assert_clean_end(result, 4)
            block = self.message(result, "E0443")
            self.assertIn("no mother has a value of this column, children have", block)
            self.assertIn("of: child", block)
        good = text.replace("of: mother", "of: child")
        self.assert_clean_end(kinflow("validate", self.config(good).name, cwd=self.dir), 0)

    def test_step_with_a_covariate_that_was_taken_out(self):
        head = (GOOD + "phenotypes: [{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}]\n"
                "analyses:\n  - id: joint\n    outcome: {variable: scl_gw17}\n")
        good = (head + "    covariates: [m_age, parity]\n"
                "    steps: [[m_age, parity], [pgs.mother], [pgs.father, pgs.child]]\n")
        self.assert_clean_end(kinflow("validate", self.config(good).name, cwd=self.dir), 0)
        self.refused(good.replace("[m_age, parity]\n", "[m_age]\n"),
                     ("parity]", "E0306", "not among the covariates", "analyses.joint.steps"))
        self.refused(good.replace("[m_age, parity]\n", "[m_age]\n    members: [mother, child]\n")
                     .replace("parity], ", "m_age], "),
                     ("pgs.father", "E0306", "not among the members"))
        # A component that a table has is no component that is nowhere to be found.
        table = ", {file: c.covar.tsv, id: IID, columns: [PC1]}]"
        self.refused(good.replace("preg_id}]", "preg_id}" + table)
                     .replace("[[m_age, parity],", "[[m_age, parity, PC1],"),
                     ("PC1], [pgs", "E0306", "not among the covariates", "take it out of `steps`"))
        self.refused(head + "    formula: scl_gw17 ~ m_age + pgs.mother\n"
                     "    steps: [[m_age], [parity]]\n", ("parity", "E0306"))

    def test_column_of_a_formula_that_no_table_has(self):
        self.refused(GOOD + "phenotypes: [{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}]\n"
                     "analyses: [{id: joint, formula: scl_gw17 ~ m_agee + pgs.mother}]\n",
                     ("scl_gw17 ~", "E0306", "did you mean m_age"))

    def test_score_that_the_files_do_not_hold(self):
        """Headers tell the names: refused before anything is computed."""
        self.settings["analyses"] = [dict(self.analysis("a"), scores=["PGS90001"]),
                                     self.analysis("good")]
        text = self.assert_refused(self.run_study(), 3, "E0306", "analyses.a.scores",
                                   value="PGS90001")
        self.assertIn("did you mean PGS900001?", text)

    def test_score_that_a_table_of_accessions_may_hold(self):
        """Its rows name the scores, which the header does not: that analysis fails."""
        with gzip.open(self.dir / "c.PGS900001.txt.gz", "rt") as f:
            lines = [s.rstrip("\n") for s in f if s[0] != "#"]
        rows = [line.split("\t") for line in lines]
        table = [["accession", *rows[0]]] + [["PGS900001", *row] for row in rows[1:]]
        (self.dir / "long.txt").write_text("".join("\t".join(r) + "\n" for r in table))
        self.settings["scores"]["files"] = ["long.txt"]
        self.settings["analyses"] = [dict(self.analysis("a"), scores=["PGS1"]),
                                     dict(self.analysis("good"), scores=["PGS900001"])]
        result = self.run_study()
        self.assert_clean_end(result, 4)
        text = self.message(result, "E0440")
        self.assertIn("family:a failed", text)
        self.assertIn("PGS1", text)
        self.assertRegex(text, r"(?m)^  remedy: \S")
        self.assertEqual([x["what"] for x in self.run_json()["losses"]], ["family:a"])


if __name__ == "__main__":
    unittest.main()
