"""Tables that contradict the genotypes or themselves: pedigree, phenotypes, score files, models.

What cannot be read stops the run. A score or a model that fails does not: the rest completes, the
run ends with 4 and names the failure, unless the config accepts it with a reason.
"""
import gzip
import math
import re
import unittest

from bad_input import BadInputTest
from support import kinflow


class Tables(BadInputTest):
    def rows(self, name):
        lines = (self.dir / name).read_text().splitlines()
        return [line.split("\t") for line in lines]

    def write_rows(self, name, rows):
        (self.dir / name).write_text("".join("\t".join(r) + "\n" for r in rows))

    def change_rows(self, name, change):
        """Applies change(row as dict, number from 0) to each data row; columns may be added."""
        header, *rows = self.rows(name)
        dicts = [dict(zip(header, r)) for r in rows]
        for number, row in enumerate(dicts):
            change(row, number)
        self.write_rows(name, [list(dicts[0])] + [list(d.values()) for d in dicts])


class Pedigrees(Tables):
    def setUp(self):
        super().setUp()
        header, *rows = self.rows("c.pedigree.tsv")
        self.header = header
        self.people = [dict(zip(header, r)) for r in rows]
        # The second family, so that a record number of 1 is no accident
        self.child = [p for p in self.people if p["ROLE"] == "child"][1]
        self.mother = next(p for p in self.people if p["IID"] == self.child["MAT"])
        self.father = next(p for p in self.people if p["IID"] == self.child["PAT"])

    def refused(self, error_id, *parts):
        self.write_rows("c.pedigree.tsv", [self.header] + [list(p.values()) for p in self.people])
        ids = [p["IID"] for p in (self.child, self.mother, self.father)]
        self.assert_refused(self.run_study(), 4, error_id, "c.pedigree.tsv: error", *parts,
                            absent=ids)

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
                     f"record {self.number(self.mother)}", "field sex")

    def test_father_who_is_female(self):
        self.father["SEX"] = "2"
        self.refused("E0425", f"father of person {self.number(self.child)}", "female")

    def test_nobody_in_common(self):
        for p in self.people:
            for key in ("IID", "PAT", "MAT"):
                p[key] = p[key] if p[key] == "0" else "other" + p[key]
        self.write_rows("c.pedigree.tsv", [self.header] + [list(p.values()) for p in self.people])
        self.assert_refused(self.run_study(), 4, "E0422", "pedigree", str(len(self.people)),
                            absent=["other"])


class WhoIsThere(Tables):
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
        del self.settings["pedigree"]
        result = self.run_study()
        self.assertIn(result.code, (0, 4))
        self.assertRegex(result.err, r"(?m)^W no pedigree: .*pedigree\.file$")
        self.assertLess(result.err.index("W no pedigree"), result.err.index("I plan"))
        checked = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertIn("W no pedigree", checked.err)

    def test_members_that_are_not_genotyped(self):
        rows = [dict(zip(self.rows("c.pedigree.tsv")[0], r))
                for r in self.rows("c.pedigree.tsv")[1:]]
        (self.dir / "gone.txt").write_text(
            "".join(r["IID"] + "\n" for r in rows if r["ROLE"] == "father"))
        self.settings["input"]["remove"] = "gone.txt"
        result = self.run_study()
        self.assertRegex(result.err, r"(?m)^W no father of the pedigree is genotyped: pgs\.father")
        self.assertNotIn("no mother of", result.err)


class Phenotypes(Tables):
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


class ScoreFiles(Tables):
    """A good score stands beside each bad one and comes out as without it."""

    BAD = "bad.txt.gz"

    def setUp(self):
        super().setUp()
        self.settings["scores"]["files"] = ["c.PGS900002.txt.gz", self.BAD]
        with gzip.open(self.dir / "c.PGS900001.txt.gz", "rt") as f:
            self.lines = f.read().splitlines()
        self.head = next(i for i, s in enumerate(self.lines) if not s.startswith("#"))

    def run_bad(self, *args):
        (self.dir / self.BAD).write_bytes(gzip.compress("\n".join(self.lines + [""]).encode()))
        return self.run_study(*args)

    def assert_score_failed(self, error_id, name, *parts, remedy=None):
        result = self.run_bad()
        self.assert_clean_end(result, 4)
        text = self.message(result, error_id)
        self.assertIn(f"score:{name} failed: ", text)
        for part in parts:
            self.assertIn(part, text)
        self.assertRegex(text, r"(?m)^  remedy: \S.*accept:")
        if remedy:
            self.assertIn("remedy: " + remedy, text)
            self.assertIn(remedy, self.run_json()["losses"][0]["remedy"])
            row = next(r for r in self.table("share/match_scores.tsv") if r["SCORE"] == name)
            self.assertIn(remedy, row["REMEDY"])
        self.check_record(error_id, name)
        self.check_rest_is_done(name)
        self.settings["accept"] = [{"what": f"score:{name}", "reason": "known to be broken"}]
        accepted = self.run_bad()
        self.assert_clean_end(accepted, 0)
        self.assertRegex(accepted.err, rf"(?m)^W score:{re.escape(name)} failed, accepted")
        loss = self.run_json()["losses"][0]
        self.assertEqual((self.run_json()["exit_code"], loss["accepted"]),
                         (0, "known to be broken"))
        return text

    def check_record(self, error_id, name):
        record = self.run_json()
        self.assertEqual((record["exit_code"], record["status"]), (4, "failed"))
        self.assertEqual([(x["what"], x["error"]) for x in record["losses"]],
                         [(f"score:{name}", error_id)])
        scores = {r["SCORE"]: r for r in self.table("share/match_scores.tsv")}
        self.assertEqual((scores[name]["PASS"], scores[name]["ERROR"]), ("false", error_id))
        self.assertEqual(scores["PGS900002"]["PASS"], "true")

    def check_rest_is_done(self, name):
        self.assertEqual(list(self.table("private/scores.tsv")[0]),
                         ["FID", "IID", "ROLE", "PGS900002"])
        models = self.table("share/models.tsv")
        self.assertEqual({(m["pgs"], m["status"]) for m in models}, {("PGS900002", "ok")})
        for row in self.table("share/estimates.tsv"):
            self.assertTrue(math.isfinite(float(row["estimate"])))

    def test_no_header(self):
        del self.lines[self.head]
        self.assert_score_failed("E0410", self.BAD, "bad.txt.gz", "header", f"{self.head + 1}")

    def test_no_weights(self):
        self.lines[self.head:] = [s.rsplit("\t", 1)[0] for s in self.lines[self.head:]]
        self.assert_score_failed("E0410", self.BAD, "bad.txt.gz", "weight",
                                 f"line {self.head + 1}")

    def test_weight_that_is_no_number(self):
        for text in ("abc", "0,25", "nan"):
            with self.subTest(text):
                self.settings.pop("accept", None)
                line = self.lines[self.head + 5].split("\t")
                self.lines[self.head + 5] = "\t".join(line[:-1] + [text])
                self.assert_score_failed("E0413", "PGS900001", "bad.txt.gz",
                                         f"line {self.head + 6}", "effect_weight", f"'{text}'",
                                         remedy="write")

    def test_no_lines(self):
        del self.lines[self.head + 1:]
        self.assert_score_failed("E0413", "PGS900001", "bad.txt.gz", "no data rows")

    def test_no_variant_matched(self):
        def shift(line):
            fields = line.split("\t")
            return "\t".join([fields[0], fields[1], str(int(fields[2]) + 1), *fields[3:]])
        count = len(self.lines) - self.head - 1
        self.lines[self.head + 1:] = [shift(s) for s in self.lines[self.head + 1:]]
        self.assert_score_failed("E0430", "PGS900001", f"0 of {count} lines")

    def test_too_few_variants_matched(self):
        count = len(self.lines) - self.head - 1
        with gzip.open(self.dir / "c.PGS900002.txt.gz", "rt") as f:
            other = sum(1 for s in f if not s.startswith("#")) - 1
        self.assertGreater(other, 10)
        for i in range(self.head + 1, len(self.lines)):
            if i % 2:
                fields = self.lines[i].split("\t")
                self.lines[i] = "\t".join([*fields[:2], str(int(fields[2]) + 1), *fields[3:]])
        self.settings["scores"]["match"]["min_overlap"] = 0.75
        text = self.assert_score_failed("E0431", "PGS900001", "0.75", f"of {count} lines")
        rate = float(re.search(r"match rate (0\.\d+)", text).group(1))
        self.assertAlmostEqual(rate, 0.5, delta=0.06)

    def test_another_build(self):
        self.lines = [s.replace("GRCh37", "GRCh38") for s in self.lines]
        self.assert_score_failed("E0421", "PGS900001", "bad.txt.gz", "GRCh38", "GRCh37",
                                 remedy="use the score file harmonised to the build")

    def test_analysis_that_names_the_failed_score(self):
        """The analysis fails with its score; the other one completes."""
        self.lines = [s.replace("GRCh37", "GRCh38") for s in self.lines]
        self.settings["analyses"] = [dict(self.analysis("bad"), scores=["PGS900001"]),
                                     dict(self.analysis("good"), scores=["PGS900002"])]
        result = self.run_bad()
        self.assert_clean_end(result, 4)
        self.assertIn("score:PGS900001 failed: error[E0421]", result.err)
        self.assertIn("family:bad failed: error[E0440]", result.err)
        self.assertTrue([r for r in self.table("share/estimates.tsv")
                         if r["analysis_id"] == "good"])

    def test_missing_file(self):
        self.assert_refused(self.run_study(), 4, "E0401", "bad.txt.gz: error")


class Models(Tables):
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
        self.settings["accept"] = [{"what": f"family:{name}", "reason": "a trial"}]
        self.assert_clean_end(self.run_with(analysis), 0)
        self.assertEqual({x["accepted"] for x in self.run_json()["losses"]}, {"a trial"})

    def test_constant_outcome(self):
        self.assert_model_failed("E0442", self.analysis("a", variable="same"), "same value",
                                 remedy="check the outcome's coding")

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
                self.assertNotIn(row["n"], ("1", "2", "3", "4"), f"{name}: {row}")
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
