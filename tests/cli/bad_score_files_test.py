"""Score files that contradict the genotypes or themselves.

A score that fails does not stop the run: the rest completes, the run ends with 4 and names the
failure, unless the config accepts it with a reason.
"""
import gzip
import math
import re
import unittest

from bad_input import TablesTest
from support import kinflow


class ScoreFiles(TablesTest):
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
        if error_id in ("E0410", "E0413", "E0421"):  # seen without the genotypes' variants
            checked = kinflow("validate", "run.yaml", cwd=self.dir)
            self.assert_clean_end(checked, 4)
            self.assertIn("bad.txt.gz", self.message(checked, error_id))
            self.assertEqual(checked.out, "")
        self.check_rest_is_done(name)
        self.settings["accept"] = [{"what": f"score:{name}", "reason": "known to be broken"}]
        self.settings["accept"].append({"what": "score:NoSuch", "reason": "mistyped"})
        accepted = self.run_bad()
        self.assertIn("nothing named score:NoSuch failed", accepted.err)
        self.assertNotIn(f"nothing named score:{name} ", accepted.err)
        self.assert_clean_end(accepted, 0)
        self.assert_clean_end(kinflow("validate", "run.yaml", cwd=self.dir), 0)
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

    def test_analysis_left_without_a_score_is_a_loss_of_its_own(self):
        self.settings["scores"]["files"] = [self.BAD]
        del self.lines[self.head + 1:]
        result = self.run_bad()
        self.assert_clean_end(result, 4)
        self.assertIn("score:PGS900001 failed: ", result.err)
        self.assertIn("family:joint failed: ", result.err)
        self.assertEqual([(x["what"], x["error"]) for x in self.run_json()["losses"]],
                         [("score:PGS900001", "E0413"), ("family:joint", "E0440")])
        models = self.table("share/models.tsv")
        self.assertEqual([(m["analysis_id"], m["pgs"], m["status"], m["error_id"])
                          for m in models], [("joint", "NA", "failed", "E0440")])
        self.assertIn("no score is left", models[0]["message"])
        self.settings["accept"] = [{"what": "score:PGS900001", "reason": "known to be broken"}]
        half = self.run_bad()
        self.assert_clean_end(half, 4)
        self.assertIn("family:joint failed: ", half.err)
        self.settings["accept"].append({"what": "family:joint", "reason": "goes with its score"})
        self.assert_clean_end(self.run_bad(), 0)

    def test_cut_gzip_is_named(self):
        """By the file's name, not by what the library calls it."""
        whole = gzip.compress("\n".join(self.lines + [""]).encode())
        (self.dir / self.BAD).write_bytes(whole[:len(whole) // 2])
        result = self.run_study()
        self.assert_clean_end(result, 4)
        text = self.message(result, "E0411")
        self.assertIn("bad.txt.gz", text)
        self.assertNotIn("fd:", text)

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

    def test_a_name_twice(self):
        (self.dir / "again.txt.gz").write_bytes((self.dir / "c.PGS900002.txt.gz").read_bytes())
        self.settings["scores"]["files"] = ["c.PGS900002.txt.gz", "again.txt.gz"]
        for done in (self.run_study(), kinflow("validate", "run.yaml", cwd=self.dir)):
            self.assert_clean_end(done, 4)
            text = self.message(done, "E0413")
            self.assertIn("another score has this name already", text)
            self.assertIn("scores.names", text)
        self.settings["scores"]["names"] = {"PGS900002": "other"}  # both are renamed: still twice
        self.run_study()
        self.assert_clean_end(kinflow("validate", "run.yaml", cwd=self.dir), 4)

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

    def test_pattern_of_a_folder_alone(self):
        (self.dir / "weights.d").mkdir()
        self.settings["scores"]["files"] = ["weights*"]
        self.assert_refused(self.run_study(), 4, "E0403", "weights*", "looked for")


if __name__ == "__main__":
    unittest.main()
