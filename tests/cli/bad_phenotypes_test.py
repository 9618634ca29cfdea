"""Phenotype tables and lists of people that do not fit the genotypes, or not themselves."""
import collections
import json
import re
import shutil
import unittest

from bad_input import TablesTest
from support import kinflow


class WhoIsThere(TablesTest):
    def test_ids_of_the_sample_lists_that_nobody_has(self):
        people = [r[1] for r in self.rows("c.pedigree.tsv")[1:]]
        header = self.rows("c.pedigree.tsv")[0]
        self.assertEqual(header[1], "IID")
        (self.dir / "keep.txt").write_text("\n".join([*people, "TOKEN1", "TOKEN2"]) + "\n")
        (self.dir / "gone.txt").write_text("TOKEN3\n" + people[0] + "\n")
        self.settings["input"].update(samples="keep.txt", remove="gone.txt")
        result = self.run_study()
        self.assert_done(result)
        n = len(people)
        self.assertRegex(result.err, rf"(?m)^W input.samples \(keep.txt\): 2 of {n + 2} ids are not")
        self.assertRegex(result.err, r"(?m)^W input.remove \(gone.txt\): 1 of 2 ids are not")
        self.assertNotIn("TOKEN", result.err)
        (self.dir / "keep.txt").write_text("TOKEN1\n")
        refused = self.run_study()
        self.assert_clean_end(refused, 4)
        self.assertIn("keep.txt", self.message(refused, "E0422"))
        self.assertNotIn("TOKEN", refused.err)

    def test_no_pedigree_is_told_before_anything_is_computed(self):
        """In one way by all commands; a run has scores, and its analyses may be accepted as lost."""
        del self.settings["pedigree"]
        self.settings["accept"] = [{"what": "family:joint", "reason": "scores are wanted"}]
        result = self.run_study()
        self.assert_done(result)
        self.assertTrue((self.dir / "out/private/scores.tsv").exists())
        told = re.search(r"(?m)^W no pedigree: .*pedigree\.file$", result.err)
        self.assertLess(told.start(), result.err.index("I plan"))
        for command in ("validate", "plan"):
            checked = kinflow(command, "run.yaml", cwd=self.dir)
            self.assert_clean_end(checked, 0)
            self.assertIn(told.group(), checked.err.splitlines())

    def test_a_mother_of_two_children_with_one_row_is_told(self):
        """Of every analysis whose outcome she has once, beside tables that tell pregnancies, too."""
        told = "the table of the outcome tells no pregnancies"
        joint = self.settings["analyses"][0]
        self.settings["analyses"] += [dict(joint, id="again"), {
            "id": "other", "model": "ols", "outcome": {"variable": "area", "of": "mother"}}]
        mothers = sorted({row[3] for row in self.rows("c.pedigree.tsv")[1:]} - {"0"})
        self.assertIn("M000001", mothers)
        (self.dir / "areas.tsv").write_text("m_id\tarea\n" + "".join(
            f"{mother}\t{3 + i * 7 % 10}\n" for i, mother in enumerate(mothers)))
        self.settings["phenotypes"].append({"file": "areas.tsv", "id": "m_id"})
        by_pregnancy = self.settings["phenotypes"][0].pop("pregnancy")
        self.assertNotIn(told, self.run_study().err)

        def same_mother(row, number):
            if row["IID"] == "C000002A":
                self.assertEqual(row["MAT"], "M000002")
                row["MAT"] = "M000001"
        self.change_rows("c.pedigree.tsv", same_mother)
        result = self.run_study()
        self.assert_done(result)
        self.assertRegex(result.err, rf"(?m)^W analyses joint, again, other: {told}.*one_per_mother$")
        self.settings["phenotypes"][0]["pregnancy"] = by_pregnancy

        def of_same_mother(row, number):
            row["m_id"] = row["m_id"].replace("M000002", "M000001")
        self.change_rows("c.pheno.tsv", of_same_mother)
        self.assertRegex(self.run_study().err, rf"(?m)^W analysis other: {told}")
        for analysis in self.settings["analyses"]:
            analysis["children"] = "one_per_mother"
        self.assertNotIn(told, self.run_study().err)

    def test_outcomes_of_logit_models_are_looked_at_before_anything_is_computed(self):
        self.settings["analyses"] = [{"id": "cases", "model": "logit", "covariates": ["m_age"],
                                      "outcome": {"variable": "case", "of": "mother"}}]
        for code, good in ((1, True), (2, False)):
            def add_case(row, number, code=code):
                row["case"] = "NA" if number % 7 == 0 else str(code - number % 2)
            self.change_rows("c.pheno.tsv", add_case)
            self.config(json.dumps(self.settings))
            checked = kinflow("validate", "run.yaml", cwd=self.dir)
            self.assert_clean_end(checked, 0 if good else 4)
            if not good:
                text = self.message(checked, "E0440")
                self.assertIn("must be 0 or 1", text)
                self.assertIn("analyses.cases.outcome", text)

    def test_what_models_will_fail_of_is_told_before_anything_is_computed(self):
        """validate refuses it with its place, a run warns and goes on."""
        self.change_rows("c.pheno.tsv", lambda row, number: row.update(
            word="never", same="1", pair=str(number % 2), three=str(number % 3)))
        cohort = [self.analysis("word", variable="word"), self.analysis("same", variable="same"),
                  dict(self.analysis("pair", variable="pair"), model="ordinal"),
                  {"id": "levels", "model": "lmm", "formula": "scl_gw17 ~ pgs.mother + (1 | m_id)"},
                  self.analysis("good")]
        self.settings["analyses"] = cohort
        self.config(json.dumps(self.settings, indent=1))
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assert_clean_end(checked, 4)
        told = re.findall(r"(?m)^run\.yaml:\d+:\d+: error\[(E\d+)\] (.*)\n"
                          r"  where:  field analyses\.(\w+)", checked.err)
        self.assertEqual([(code, name) for code, text, name in told],
                         [("E0440", "word"), ("E0442", "same"), ("E0440", "pair"),
                          ("E0440", "levels")], checked.err)
        for (_, text, _), part in zip(told, ("texts", "the same value", "it has 2", "one row")):
            self.assertIn(part, text)
        self.assertEqual(len(re.findall(r"(?m)^  remedy: \S", checked.err)), 4)
        result = self.run_study()
        self.assert_clean_end(result, 4)
        warned = [m.start() for m in re.finditer(r"(?m)^W models will fail: ", result.err)]
        self.assertEqual(len(warned), 4, result.err)
        self.assertLess(warned[-1], result.err.index("I plan"))
        self.assertEqual({x["what"] for x in self.run_json()["losses"]},
                         {"family:word", "family:same", "family:pair", "family:levels"})
        self.settings["accept"] = [{"what": f"family:{a['id']}", "reason": "a trial"}
                                   for a in cohort[:-1]]
        self.config(json.dumps(self.settings))
        self.assert_clean_end(kinflow("validate", "run.yaml", cwd=self.dir), 0)

    def test_members_that_are_not_genotyped(self):
        rows = [dict(zip(self.rows("c.pedigree.tsv")[0], r))
                for r in self.rows("c.pedigree.tsv")[1:]]
        (self.dir / "gone.txt").write_text(
            "".join(r["IID"] + "\n" for r in rows if r["ROLE"] == "father"))
        self.settings["input"]["remove"] = "gone.txt"
        result = self.run_study()
        self.assertRegex(result.err, r"(?m)^W no father of the pedigree is genotyped: pgs\.father")
        self.assertNotIn("no mother of", result.err)


class Phenotypes(TablesTest):
    def test_some_people_are_not_genotyped(self):
        """The run goes on; counts, never ids, are told."""
        def rename(row, number):
            row["m_id"] = ("TOKEN" if number < 8 else "") + row["m_id"]
        self.change_rows("c.pheno.tsv", rename)
        total = len(self.rows("c.pheno.tsv")) - 1
        result = self.run_study()
        self.assert_done(result)
        self.assertIn(f"{total - 8} of {total} phenotype ids found", result.err)
        self.assertIn(f"among {3 * total} genotype ids", result.err)
        self.assertRegex(result.err, r"(?m)^W c\.pheno\.tsv: 8 ids are neither")
        self.assertRegex(result.err, r"(?m)^W c\.pheno\.tsv: 8 more would match without the first 5")
        self.assertNotIn("TOKEN", result.err)
        for name in ("share/ledger.tsv", "private/ledger_full.tsv"):
            ledger = [r for r in self.table(name) if r["STEP"] == "phenotypes c.pheno.tsv"]
            self.assertEqual([(r["FILTER"], r["SAMPLES_IN"], r["SAMPLES_OUT"]) for r in ledger],
                             [("NA", str(total), str(total)),
                              ("id_unknown", str(total), str(total - 8))])
        lost = [r for r in self.table("share/rows.tsv")
                if r["model_id"] == "trio" and r["reason"] == "mother not in the phenotypes"]
        self.assertEqual([r["count"] for r in lost], ["8"])

    def test_ids_of_mothers_and_fathers_exchanged_in_some_rows(self):
        def exchange(row, number):
            if number >= 3 and number < 10:
                row["m_id"], row["f_id"] = row["f_id"], row["m_id"]
        self.assertNotIn("hold people who are", self.run_study().err)
        self.change_rows("c.pheno.tsv", exchange)
        total = len(self.rows("c.pheno.tsv")) - 1
        said = (rf"(?m)^W c\.pheno\.tsv: 7 rows of m_id \(the first: row 4\) hold people who are "
                rf"fathers in the pedigree, {total - 7} rows hold mothers, and f_id has mothers ")
        result = self.run_study()
        self.assertRegex(result.err, said)
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertRegex(checked.err, said)
        self.assertNotRegex(checked.err, r"[MF]0\d{5}")

    def test_few_people_who_are_not_genotyped_are_not_told_in_share(self):
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(m_id="x" + row["m_id"]) if n == 4 else 0)
        self.settings["qc"] = {"preset": "imputed"}
        self.assertIn(self.run_study().code, (0, 4))
        total = len(self.rows("c.pheno.tsv")) - 1
        for name, expected in (("share/ledger.tsv", "NA"),
                               ("private/ledger_full.tsv", str(total - 1))):
            row = self.table(name)[-1]
            self.assertEqual((row["FILTER"], row["SAMPLES_IN"], row["SAMPLES_OUT"]),
                             ("id_unknown", str(total), expected))
            self.assertEqual(self.table(name)[0]["STEP"], "input")

    def test_small_cell_applies_to_the_tables_of_an_earlier_run(self):
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(m_id="x" + row["m_id"]) if n < 4 else 0)
        total = len(self.rows("c.pheno.tsv")) - 1
        for small, expected in (("3", str(total - 4)), ("9", "NA")):
            self.assert_done(self.run_study("--set", f"output.small_cell={small}"))
            self.assertEqual(self.table("share/ledger.tsv")[-1]["SAMPLES_OUT"], expected)

    def test_most_ids_are_written_another_way(self):
        """Under half match as they are: what would match more is named, and the run goes on."""
        def rename(row, number):
            row["m_id"] = ("moba_" if number >= 10 else "") + row["m_id"]
        self.change_rows("c.pheno.tsv", rename)
        result = self.run_study("--set", "qc.preset=none")
        self.assertIn(result.code, (0, 4), result.err)  # ten rows are few for a model
        self.assertRegex(result.err, r"(?m)^W c\.pheno\.tsv: \d+ more would match without")

    def test_nobody_in_common(self):
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(m_id="moba_" + row["m_id"]))
        total = len(self.rows("c.pheno.tsv")) - 1
        text = self.assert_refused(self.run_study(), 4, "E0422", "c.pheno.tsv: error",
                                   f"0 of {total} phenotype ids", absent=["moba_M"])
        self.assertRegex(text, rf"remedy: {total} would match without")
        self.assertIn("other columns with ids of people of the study: f_id (fathers), c_id "
                      "(children)", text)

    def test_pregnancies_in_place_of_people(self):
        """The ids of the column are none of people, however they are cut."""
        for settings in ({"id": "preg_id"}, {"id": "preg_id", "pregnancy": "m_id"}):
            self.settings["phenotypes"] = [{"file": "c.pheno.tsv", **settings}]
            text = self.assert_refused(self.run_study(), 4, "E0422", "c.pheno.tsv: error")
            self.assertIn("remedy: preg_id holds ids of pregnancies: set phenotypes[].pregnancy",
                          text)
            self.assertNotIn("would match", text)
        self.assertIn("whose outcome it is: f_id (fathers), c_id (children)", text)

    def test_pregnancies_that_the_pedigree_does_not_know(self):
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(preg_id="x" + row["preg_id"]) if n < 7 else 0)
        result = self.run_study()
        self.assert_done(result)
        self.assertRegex(result.err, r"(?m)^W c\.pheno\.tsv: 7 of \d+ rows are of a pregnancy "
                                     r"that is not")
        total = len(self.rows("c.pheno.tsv")) - 1
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(preg_id="x" + row["preg_id"]) if n < 22 else 0)
        for command in ("validate", "run"):
            refused = kinflow(command, "run.yaml", cwd=self.dir)
            self.assertEqual(refused.code, 4, refused.err)
            for part in ("E0413", f"22 of {total} rows are of a pregnancy that is not", "preg_id",
                         "phenotypes[].pregnancy"):
                self.assertIn(part, refused.err)
        self.change_rows("c.pedigree.tsv", lambda row, n: row.update(PREGNANCY="NA"))
        for command in ("validate", "run"):
            refused = kinflow(command, "run.yaml", cwd=self.dir)
            self.assertEqual(refused.code, 3, refused.err)
            for part in ("E0306", "phenotypes[].pregnancy", "preg_id", "pedigree.columns.pregnancy"):
                self.assertIn(part, refused.err)

    def test_pregnancies_that_the_pedigree_gives_to_others(self):
        """One wrong mother is warned of and accounted for; a column shifted by a row is refused."""
        mothers = [row[self.rows("c.pheno.tsv")[0].index("m_id")]
                   for row in self.rows("c.pheno.tsv")[1:]]
        total = len(mothers)
        said = (rf"(?m)^W c\.pheno\.tsv: 1 of {total - 1} rows have m_id and preg_id that do not "
                r"belong together .*\(the first: row 5\)")
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(m_id=mothers[7]) if n == 4 else
                         row.update(preg_id="x" + row["preg_id"]) if n == 7 else 0)
        result = self.run_study()
        self.assert_done(result)
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assert_clean_end(checked, 0)
        for text in (result.err, checked.err):
            self.assertRegex(text, said)
            self.assertNotRegex(text, r"[MFC]0\d{5}")
        lost = {r["reason"]: r["count"] for r in self.table("private/rows_full.tsv")
                if r["model_id"] == "trio" and r["quantity"] == "n_dropped"}
        self.assertEqual(lost["pregnancy of another mother in the phenotypes"], "1")
        self.assertEqual(lost["mother in the phenotypes with other pregnancies only"], "1")
        self.assertNotIn("mother not in the phenotypes", lost)
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(m_id=mothers[(n + 1) % total]))
        shutil.rmtree(self.dir / "out")  # of the run before
        refused = self.run_study()
        text = self.assert_refused(refused, 4, "E0413", "c.pheno.tsv: error", "do not belong",
                                   value="preg_id")
        self.assertIn("shifted", text)
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assert_clean_end(checked, 4)
        self.assertIn("do not belong together", checked.err)
        self.assertNotRegex(refused.err + checked.err, r"[MFC]0\d{5}")

    def test_pregnancies_in_the_rows_of_the_mothers(self):
        """Refused by validate too; the remedy, which moves them to the children, works."""
        pedigree = (self.dir / "c.pedigree.tsv").read_text()
        header, *rows = self.rows("c.pedigree.tsv")
        column = {name: header.index(name) for name in header}
        of_mother = {r[column["MAT"]]: r[column["PREGNANCY"]] for r in rows}
        self.change_rows("c.pedigree.tsv", lambda row, n: row.update(
            PREGNANCY=of_mother[row["IID"]] if row["ROLE"] == "mother" else "NA"))
        first = next(i for i, r in enumerate(rows) if r[column["ROLE"]] == "mother") + 2
        for command in ("validate", "run"):
            self.config(json.dumps(self.settings))
            refused = kinflow(command, "run.yaml", cwd=self.dir)
            self.assert_clean_end(refused, 4)
            text = self.message(refused, "E0413")
            self.assertIn(f"c.pedigree.tsv:{first}: error", text)
            self.assertIn("move each pregnancy to the row of its child", text)
        (self.dir / "c.pedigree.tsv").write_text(pedigree)
        self.assert_done(self.run_study())

    def test_pregnancies_numbered_within_each_mother(self):
        """The same results as with ids that are unique in the study."""
        self.assert_done(self.run_study())
        before = self.table("share/estimates.tsv")
        mothers, numbers = collections.Counter(), {"NA": "NA"}

        def number_pregnancy(row, _):
            if row["PREGNANCY"] not in numbers:
                mothers[row["MAT"]] += 1
                numbers[row["PREGNANCY"]] = str(mothers[row["MAT"]])
            row["PREGNANCY"] = numbers[row["PREGNANCY"]]
        self.change_rows("c.pedigree.tsv", number_pregnancy)
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(preg_id=numbers[row["preg_id"]]))
        self.assertLess(len(set(numbers.values())), 5)
        self.settings["pedigree"]["pregnancy_ids"] = "per_mother"
        self.assert_done(self.run_study())
        self.assertEqual(self.table("share/estimates.tsv"), before)

    def test_table_without_rows(self):
        self.write_rows("c.pheno.tsv", self.rows("c.pheno.tsv")[:1])
        self.assert_refused(self.run_study(), 4, "E0413", "c.pheno.tsv: error", "no row")

    def test_table_in_another_encoding(self):
        text = (self.dir / "c.pheno.tsv").read_text()
        (self.dir / "c.pheno.tsv").write_bytes(text.encode("utf-16"))
        self.assert_refused(self.run_study(), 4, "E0413", "c.pheno.tsv:1: error", "UTF-8")

    def test_missing_file(self):
        self.settings["phenotypes"][0]["file"] = "nowhere.tsv"
        self.assert_refused(self.run_study(), 4, "E0401", "nowhere.tsv: error")

    def test_column_that_is_not_there(self):
        self.settings["phenotypes"][0]["id"] = "m_idd"
        self.assert_refused(self.run_study(), 4, "E0429", "c.pheno.tsv", "m_idd", "'m_id'")

    def test_number_with_a_decimal_comma(self):
        """Only the place may be named: the value is individual data."""
        secret = "7,531"
        self.change_rows("c.pheno.tsv",
                         lambda row, n: row.update(scl_gw17=secret) if n == 4 else None)
        self.assert_refused(self.run_study(), 4, "E0413", "c.pheno.tsv:6", "scl_gw17",
                            absent=[secret, "7.531"])

    def test_one_word_among_the_numbers_of_a_covariate(self):
        """It would turn the covariate into a factor of as many levels as it has values."""
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(m_age="SECRET") if n == 4 else 0)
        result = self.run_study()
        text = self.assert_refused(result, 4, "E0413", "c.pheno.tsv:6", "m_age", "1 of its",
                                   absent=["SECRET"])
        self.assertIn("factor(m_age)", text)
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertEqual(checked.code, 4, checked.err)
        self.assertIn("c.pheno.tsv:6: error[E0413]", checked.err)
        fitted = kinflow("fit", "--table", "c.pheno.tsv", "--formula", "scl_gw17 ~ m_age",
                         "--out", "fit", cwd=self.dir)
        self.assertEqual(fitted.code, 4, fitted.err)
        self.assertIn("c.pheno.tsv:6: error[E0413]", fitted.err)

    def test_one_word_in_a_column_that_is_not_used_or_a_factor(self):
        self.change_rows("c.pheno.tsv", lambda row, n: row.update(parity="x") if n == 4 else 0)
        self.assert_done(self.run_study())
        self.settings["analyses"] = [self.analysis("a", ["factor(parity)"])]
        self.assert_done(self.run_study())
        self.settings["phenotypes"][0]["text"] = ["parity"]
        self.settings["analyses"] = [self.analysis("a", ["parity"])]
        self.assert_done(self.run_study())

    def test_outcome_that_no_table_has(self):
        self.settings["analyses"] = [self.analysis("a", variable="scl_gw18")]
        result = self.run_study()
        self.assert_refused(result, 3, "E0306", value="scl_gw18")
        self.assertIn("scl_gw17", result.err)


if __name__ == "__main__":
    unittest.main()
