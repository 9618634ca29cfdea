"""Tables that contradict the genotypes or themselves: pedigree, several together, models.

What cannot be read stops the run. A model that fails does not: the rest completes, the
run ends with 4 and names the failure, unless the config accepts it with a reason.
"""
import json
import re
import unittest

from bad_input import TablesTest
from support import kinflow


class Pedigrees(TablesTest):
    def setUp(self):
        super().setUp()
        header, *rows = self.rows("c.pedigree.tsv")
        self.header = header
        self.people = [dict(zip(header, r)) for r in rows]
        # The second family, so that a record number of 1 is no accident
        self.child = [p for p in self.people if p["ROLE"] == "child"][1]
        self.mother = next(p for p in self.people if p["IID"] == self.child["MAT"])
        self.father = next(p for p in self.people if p["IID"] == self.child["PAT"])

    def refused(self, error_id, *parts, line=""):
        self.write_rows("c.pedigree.tsv", [self.header] + [list(p.values()) for p in self.people])
        ids = [p["IID"] for p in (self.child, self.mother, self.father)]
        place = f"c.pedigree.tsv{line}: error"
        self.assert_refused(self.run_study(), 4, error_id, place, *parts, absent=ids)

    def number(self, person):
        return self.people.index(person) + 1

    def test_own_grandparent(self):
        parent = "MAT" if self.child["SEX"] == "2" else "PAT"
        self.mother[parent] = self.child["IID"]
        self.refused("E0423", "ancestor", f"record {self.number(self.mother)}")

    def test_own_parent(self):
        parent = "MAT" if self.child["SEX"] == "2" else "PAT"
        self.child[parent] = self.child["IID"]
        self.refused("E0423", f"record {self.number(self.child)}")

    def test_child_twice(self):
        self.people.append(dict(self.child))
        self.refused("E0424", f"persons {self.number(self.child)} and {len(self.people)}",
                     f"record {len(self.people)}")

    def test_mother_who_is_male(self):
        self.mother["SEX"] = "1"
        self.refused("E0425", f"mother of person {self.number(self.child)}", "male",
                     f"record {self.number(self.mother)}", "field sex",
                     line=f":{self.number(self.mother) + 1}")

    def test_father_who_is_female(self):
        self.father["SEX"] = "2"
        self.refused("E0425", f"father of person {self.number(self.child)}", "female",
                     line=f":{self.number(self.father) + 1}")

    def test_nobody_in_common(self):
        for p in self.people:
            for key in ("IID", "PAT", "MAT"):
                p[key] = p[key] if p[key] == "0" else "other" + p[key]
        self.write_rows("c.pedigree.tsv", [self.header] + [list(p.values()) for p in self.people])
        text = self.assert_refused(self.run_study(), 4, "E0422", "c.pedigree.tsv: error",
                                   str(len(self.people)), absent=["other"])
        self.assertIn(f"{len(self.people)} would match without the first 5 characters", text)

    def test_no_line_of_names(self):
        self.write_rows("c.pedigree.tsv", self.rows("c.pedigree.tsv")[1:])
        self.assert_refused(self.run_study(), 4, "E0413", "c.pedigree.tsv:1: error",
                            "looks like data")


class SeveralInputs(TablesTest):
    def test_what_cannot_be_read_is_told_together(self):
        """By all commands: run, which stops at one, too."""
        self.settings["input"].update(genotypes="away.vcf.gz", samples="samples.txt", ids="ids.tsv")
        self.settings["pedigree"]["file"] = "family.tsv"
        self.settings["phenotypes"] = [
            {"file": "away.tsv", "id": "m_id"},
            {"file": "c.pheno.tsv", "id": "nobody"},
            {"file": "c.waves.tsv", "id": "m_id", "wave": "wave"}]
        self.settings["scores"]["files"] = ["gone.txt.gz", "c.PGS900001.txt.gz", "lost.txt.gz"]
        self.settings["kinship"] = {"compute": True, "decisions": "decisions.tsv"}
        self.settings["plates"] = {"file": "plates.tsv"}
        away = ("away.vcf.gz", "samples.txt", "ids.tsv", "family.tsv", "away.tsv", "gone.txt.gz",
                "lost.txt.gz", "decisions.tsv", "plates.tsv")
        self.config(json.dumps(self.settings, indent=1))
        for command in ("validate", "plan", "run"):
            done = kinflow(command, "run.yaml", cwd=self.dir)
            self.assertIn(done.code, (3, 4), done.err)
            self.assert_clean_end(done, done.code)
            for name in away:
                found = re.findall(rf"{re.escape(name)}: error\[E040\d\]", done.err)
                self.assertEqual(len(found), 1, f"{command} {name}: {done.err}")
            self.assertIn("no column 'nobody'", done.err)
            self.assertRegex(done.err, r"run\.yaml:\d+:\d+: error\[E0306\] a long table")
            self.assertEqual(len(re.findall(r"error\[E\d{4}\]", done.err)), len(away) + 2, done.err)
        self.assert_no_success(done.code)

    def test_names_in_analyses_are_told_without_the_genotypes(self):
        """As tables and score files tell them; not where one of these cannot be read."""
        self.settings["input"]["genotypes"] = "away.vcf.gz"
        self.settings["pca"] = {"compute": True}
        self.settings["analyses"] = [self.analysis("a", ["agee", "PC1"]), self.analysis("b", ["PC2"]),
                                     dict(self.analysis("c"), scores=["PGS90001"])]
        told = r"(?m)^(?:E )?(\S+?): error\[(E\d{4})\]"
        for command in ("validate", "run"):
            self.config(json.dumps(self.settings, indent=1))
            done = kinflow(command, "run.yaml", cwd=self.dir)
            self.assert_clean_end(done, 4)
            found = re.findall(told, done.err)
            self.assertEqual([error for _, error in found], ["E0401", "E0306", "E0306"], done.err)
            self.assertIn("did you mean PGS900001?", done.err)
            self.assertTrue(all(place.startswith("run.yaml:") for place, _ in found[1:]), found)
        self.settings["scores"]["files"].append("gone.txt.gz")
        self.config(json.dumps(self.settings, indent=1))
        done = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertEqual([error for _, error in re.findall(told, done.err)], ["E0401", "E0401"])

    def test_people_whom_the_genotypes_lack_and_columns_are_told_together(self):
        self.change_rows("c.pedigree.tsv", lambda row, number: row.update(
            IID=f"N{number}", PAT="0", MAT="0"))
        self.change_rows("c.pheno.tsv", lambda row, number: row.update(m_id=f"K{number}"))
        self.settings["analyses"] = [self.analysis("a", ["agee"]), self.analysis("b")]
        self.config(json.dumps(self.settings, indent=1))
        for command in ("validate", "plan", "run"):
            done = kinflow(command, "run.yaml", cwd=self.dir)
            self.assert_clean_end(done, 4)
            told = re.findall(r"(\S+): error\[(E\d{4})\]", done.err)
            self.assertEqual([error for _, error in told], ["E0422", "E0422", "E0306"], done.err)
            for (place, _), name in zip(told, ("c.pedigree.tsv", "c.pheno.tsv", "run.yaml:")):
                self.assertIn(name, place)
            self.assertIn('value:  "agee"', done.err)
        self.assert_no_success(4)


class Models(TablesTest):
    """Six analyses, one good: the good one gives what it gives alone."""

    def setUp(self):
        super().setUp()

        def add(row, number):
            row.update(twice=str(2 * float(row["m_age"]) + 1), same="3", none="NA",
                       few=row["scl_gw17"] if number < 4 else "NA")
        self.change_rows("c.pheno.tsv", add)

    def run_with(self, *analyses):
        self.settings["analyses"] = [self.analysis("good"), *analyses]
        return self.run_study()

    def estimates(self, name):
        return [r for r in self.table("share/estimates.tsv") if r["analysis_id"] == name]

    def assert_model_failed(self, error_id, analysis, *parts, remedy):
        self.assert_done(self.run_with())
        alone = self.estimates("good")
        self.assertTrue(alone)
        result = self.run_with(analysis)
        self.assert_clean_end(result, 4)
        text = self.message(result, error_id)
        name = analysis["id"]
        for part in (f"family:{name} failed: ", "model trio", "PGS900001", *parts):
            self.assertIn(part, result.err)
        self.assertRegex(text, r"(?m)^  remedy: \S.*accept:")
        self.assertIn("remedy: " + remedy, text)
        self.assertEqual(self.estimates("good"), alone)
        models = [r for r in self.table("share/models.tsv") if r["analysis_id"] == name]
        bad = {r["model_id"] for r in models if r["status"] == "failed"}
        self.assertIn("trio", bad)
        self.assertLessEqual({r["error_id"] for r in models if r["model_id"] == "trio"},
                             {error_id})
        self.assertFalse([r for r in self.estimates(name) if r["model_id"] in bad])
        self.assertIn(remedy, next(r["remedy"] for r in models if r["model_id"] == "trio"))
        self.assertIn(remedy, self.run_json()["losses"][-1]["remedy"])
        self.assertEqual(self.run_json()["exit_code"], 4)
        self.assertEqual({x["what"] for x in self.run_json()["losses"]}, {f"family:{name}"})
        state = kinflow("status", "out", cwd=self.dir).out
        self.assertRegex(state, r"^last run: failed, exit 4, .*: run run\.yaml\n  failed: "
                                rf".*family:{name} \({error_id}\).*\n  why: out/kinflow\.log\n")
        self.settings["accept"] = [{"what": f"family:{name}", "reason": "a trial"}]
        self.assert_clean_end(self.run_with(analysis), 0)
        self.assertEqual({x["accepted"] for x in self.run_json()["losses"]}, {"a trial"})

    def test_constant_outcome(self):
        self.assert_model_failed("E0442", self.analysis("a", variable="same"), "same value",
                                 remedy="check the outcome's coding")

    def test_outcomes_that_fail_are_named(self):
        """One without values is told once, and so is what another analysis has told."""
        several = self.analysis("several", variable=["scl_gw17", "same", "none"])
        result = self.run_with(several, self.analysis("one", variable="same"),
                               self.analysis("two", variable="same"))
        self.assert_clean_end(result, 4)
        told = re.findall(r"(?m)^E family:several failed: error\[(E\d+)\] model trio of score "
                          r"PGS900001 and \d+ more of outcome (\w+): (column none|the outcome)",
                          result.err)
        self.assertEqual(told, [("E0442", "same", "the outcome"),
                                ("E0443", "none", "column none")])
        self.assertEqual(len(re.findall("family:several failed", result.err)), 2)
        self.assertRegex(result.err, r"family:several: model failed \[E0442\]: the outcome .* "
                                     r"models\) of outcome same")
        self.assertRegex(result.err, r"family:two failed: for the same reason as family:one, model "
                                     r"trio of score PGS900001 and \d+ more: the outcome has")

    def test_covariate_missing_everywhere(self):
        self.assert_model_failed("E0443", self.analysis("a", ["m_age", "none"]), "none",
                                 remedy="check the column, the id column and whose")

    def test_too_few_rows(self):
        self.assert_model_failed("E0444", self.analysis("a", ["m_age", "parity", "c_sex"],
                                                        "few"), "rows", remedy="use fewer terms")

    def test_no_score_term_can_be_estimated(self):
        """Every pregnancy its own group: the covariates span everything the scores could add."""
        score = {r["IID"]: r["PGS900001"] for r in self.scores_of_a_run()}

        def add(row, number):
            row.update(s_m=score[row["m_id"]], s_f=score[row["f_id"]], s_c=score[row["c_id"]])
        self.change_rows("c.pheno.tsv", add)
        self.assert_model_failed("E0441", self.analysis("a", ["s_m", "s_f", "s_c"]), "score term",
                                 remedy="check the columns' values")

    def scores_of_a_run(self):
        self.assert_done(self.run_with())
        return self.table("private/scores.tsv")

    def test_small_counts_are_not_shared(self):
        """output.small_cell: which counts from 1 to 4 a run has met is for out/private only."""
        self.run_with(self.analysis("a", ["m_age"], "few"))
        for row in self.table("share/rows.tsv"):
            self.assertNotIn(row["count"], ("1", "2", "3", "4"), row)
        for name in ("models", "estimates", "comparisons", "contrasts", "scaling"):
            for row in self.table(f"share/{name}.tsv"):
                n = row["n_about" if name == "scaling" else "n"]
                self.assertNotIn(n, ("1", "2", "3", "4"), f"{name}: {row}")
                self.assertNotRegex(row.get("message", ""), r"\b[1-4] complete", name)

    def test_factor_level_of_two_people_is_not_shared(self):
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(
            site="TOWN" if n in (4, 5) else "CITY"))
        result = self.run_with(self.analysis("a", ["m_age", "factor(site)"]))
        self.assertIn(result.code, (0, 4), result.err)
        for row in self.table("share/estimates.tsv"):
            self.assertNotIn("TOWN", row["term"])

    def test_aliased_covariate(self):
        """Its row is NA, with a warning; the others are as in the model without it."""
        result = self.run_with(self.analysis("alias", ["m_age", "twice"]))
        self.assert_done(result)
        self.assertRegex(result.err, r"(?m)^W .*alias/trio/PGS900001: \[E0445\].*twice")
        self.assertEqual(self.run_json()["losses"], [])
        values = {(r["model_id"], r["term"], r["se_type"]): r["estimate"]
                  for r in self.estimates("good")}
        seen = 0
        for row in self.estimates("alias"):
            key = (row["model_id"], row["term"], row["se_type"])
            if row["term"] == "twice":
                self.assertEqual((row["estimate"], row["std_error"], row["p_value"]),
                                 ("NA", "NA", "NA"))
                seen += 1
            else:
                self.assertAlmostEqual(float(row["estimate"]), float(values[key]), places=9)
        self.assertGreater(seen, 4)


if __name__ == "__main__":
    unittest.main()
