"""`kinflow explain variant | score | sample`: what a run decided, with values and thresholds, against
plink2's numbers and counts made here."""
import collections
import os
import pathlib
import re
import unittest

import support

MAF = 0.2


class ExplainTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        data = support.data("pgsc_calc")
        self.prefix = f"{data}/cineca_synthetic_subset"
        self.score_file = f"{data}/PGS001229_22.txt"
        self.out = self.dir / "out"

    def run_score(self, *args):
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights",
                               self.score_file, "--min-overlap", "0.1", "--out", self.out, *args)
        self.assertEqual(done.code, 0, done.err)

    def explain(self, *args, code=0):
        done = support.kinflow("explain", *args)
        self.assertEqual(done.code, code, done.err)
        return done.out if code == 0 else done.err

    def log(self):
        return support.read_tsv(self.out / "share/match_log.tsv.gz")

    def test_variant_that_quality_control_removed(self):
        self.run_score("--set", f"qc.variant.maf={MAF}")
        support.run_peer(support.program("plink2"), "--bfile", self.prefix, "--freq", "--out",
                         self.dir / "peer")
        freq = {row["ID"]: float(row["ALT_FREQS"])
                for row in support.read_tsv(self.dir / "peer.afreq")}
        scored = {row["chr_position"] for row in self.log()}
        bim = [line.split() for line in open(self.prefix + ".bim", encoding="ascii")]
        rare = [row for row in bim if row[3] in scored and min(freq[row[1]], 1 - freq[row[1]]) < MAF]
        self.assertGreater(len(rare), 5)
        for row in rare[:5]:
            text = self.explain("variant", f"22:{row[3]}", self.out)
            maf = min(freq[row[1]], 1 - freq[row[1]])
            value = text.split("by maf: value ")[1].split(",")[0]
            self.assertAlmostEqual(float(value), maf, delta=1e-6)
            self.assertIn(f"threshold {MAF}", text)
            self.assertIn("thresholds of the run: maf 0.2", text)
            self.assertIn("quality control removed the variant (maf)", text)

    def test_variant_of_a_score_by_every_name(self):
        self.run_score()
        row = next(row for row in self.log() if row["match_status"] == "matched")
        place = f"{row['chr_name']}:{row['chr_position']}"
        text = self.explain("variant", row["ID"], self.out)
        number = 1 + int(row["row_nr"])
        self.assertIn(f"score PGS001229, row {number} (row_nr {row['row_nr']}): effect allele "
                      f"{row['effect_allele']}, other {row['other_allele']}, weight "
                      f"{row['effect_weight']}", text)
        self.assertIn(f"{row['match_type']}, counted allele {row['matched_effect_allele']}", text)
        self.assertIn("matched: used", text)
        with open(self.score_file, encoding="ascii") as f:
            lines = [line.split("\t") for line in f if not line.startswith("#")]
        self.assertIn(row["chr_position"], lines[number])  # behind the header
        # What plink2 counts of the genotypes, all of founders.
        support.run_peer(support.program("plink2"), "--bfile", self.prefix, "--freq", "--missing",
                         "variant-only", "--out", self.dir / "peer")
        freq, missing = (next(r for r in support.read_tsv(self.dir / f"peer.{ext}")
                              if r["ID"] == row["ID"]) for ext in ("afreq", "vmiss"))
        counted = re.search(r"genotypes as read, \S+ \S+ \S+: (\d+) of (\d+) people, (\d+) missing; "
                            r"frequency of ALT (\S+) in", text)
        self.assertEqual(counted.groups()[1:3], (missing["OBS_CT"], missing["MISSING_CT"]))
        self.assertAlmostEqual(float(counted[4]), float(freq["ALT_FREQS"]), places=5)
        for name in (place, f"{place}:{row['REF']}:{row['ALT']}"):
            self.assertEqual(self.explain("variant", name, self.out), text)
        palindrome = next(row for row in self.log() if row["reason"] == "ambiguous")
        text = self.explain("variant", palindrome["ID"], self.out)
        self.assertIn("palindromic, not used (scores.match.ambiguous: auto)", text)

    def test_score(self):
        self.run_score()
        text = self.explain("score", "PGS001229", self.out)
        self.assertIn("passed", text)
        self.assertIn("lines matched: 782 of 835", text)
        self.assertIn("scores.match.min_overlap 0.1", text)
        total = dropped = 0.0
        with open(self.score_file, encoding="ascii") as f:
            rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
        weight = rows[0].index("effect_weight")
        palindromic = {row["row_nr"] for row in self.log() if row["reason"] == "ambiguous"}
        for i, row in enumerate(rows[1:]):
            total += abs(float(row[weight]))
            dropped += abs(float(row[weight])) if str(i) in palindromic else 0
        self.assertIn(f"47 lines, |weight| {dropped:.6g}: palindromic", text)
        told = text.split("summed |weight| matched: ")[1].split(" of ")[1].split(",")[0]
        self.assertAlmostEqual(float(told), total, places=9)

    def test_failed_score(self):
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights",
                               self.score_file, "--min-weight-overlap", "0.99", "--out", self.out)
        self.assertEqual(done.code, 4, done.err)
        text = self.explain("score", "PGS001229", self.out)
        self.assertIn("failed", text)
        self.assertIn("E0431", text)
        self.assertIn("remedy:", text)
        self.assertIn("scores.match.min_weight_overlap 0.99", text)

    def test_files_of_one_name_and_one_that_cannot_be_read(self):
        second = self.dir / "second.txt"
        second.write_text(pathlib.Path(self.score_file).read_text())
        broken = self.dir / "broken.txt"
        broken.write_text("#pgs_id=PGS1\nid\tnothing\n1\t2\n")
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights",
                               self.score_file, second, broken, "--min-overlap", "0.1", "--out",
                               self.out)
        self.assertEqual(done.code, 4, done.err)
        text = self.explain("score", "PGS001229", self.out)
        self.assertIn(f"score PGS001229 ({os.path.basename(self.score_file)}): passed\n", text)
        self.assertIn("score PGS001229 (second.txt): failed\n  E0413 ", text)
        self.assertEqual(text.count("lines matched: 782 of 835"), 1)
        name, = (row["SCORE"] for row in support.read_tsv(self.out / "share/match_scores.tsv")
                 if row["FILE"] == "broken.txt")
        told = self.explain("score", name, self.out)
        self.assertIn("(broken.txt): failed\n  E0410 ", told)
        self.assertIn("remedy:", told)
        self.assertNotIn("NA", text + told)

    def test_composite(self):
        made = support.kinflow("simulate", "--trios", "40", "--variants", "300", "--chromosomes",
                               "2", "--seed", "5", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        done = support.kinflow("score", "--geno", self.dir / "c.vcf.gz", "--weights",
                               self.dir / "c.PGS900001.txt.gz", self.dir / "c.PGS900002.txt.gz",
                               "--min-overlap", "0.1", "--out", self.out, "--set",
                               "scores.adjust.composites=[{name: both, of: [PGS900001, PGS900002]}]")
        self.assertEqual(done.code, 0, done.err)
        text = self.explain("score", "both", self.out)
        self.assertTrue(text.startswith("composite both: made\n"), text)
        for row in support.read_tsv(self.out / "share/composites.tsv"):
            self.assertIn(f"{row['SCORE']}: loading {row['LOADING']}, ", text)
            self.assertIn(f"share of their variance {row['VAR_EXPLAINED']}\n", text)
        people = len(support.read_tsv(self.out / "private/scores_adjusted.tsv"))
        self.assertIn(f"  {people} people have it", text)
        text = self.explain("score", "PGS900001", self.out)
        self.assertIn("score PGS900001: adjusted (scores.adjust)\n", text)

    def test_sample(self):
        self.run_score("--preset", "array", "--set", "qc.variant.hwe_p=0", "--set",
                       "qc.sample.call_rate=0.9985")
        samples = support.read_tsv(self.out / "private/samples.tsv")
        removed = next(row for row in samples if row["REASON"] == "call_rate")
        before = sorted(str(path) for path in self.out.rglob("*"))
        text = self.explain("sample", removed["IID"], self.out)
        self.assertIn(f"by call_rate: value {removed['REASON_VALUE']}, threshold 0.9985", text)
        kept = next(row for row in samples if row["STATUS"] == "pass")
        text = self.explain("sample", kept["IID"], self.out)
        score = next(row for row in support.read_tsv(self.out / "private/scores.tsv")
                     if row["IID"] == kept["IID"])
        self.assertIn(f"scores PGS001229: {score['PGS001229']}", text)
        self.assertEqual(sorted(str(path) for path in self.out.rglob("*")), before)
        for path in (self.out / "share").iterdir():
            self.assertNotIn(kept["IID"].encode(), path.read_bytes())

    def test_unknown_things_and_places(self):
        self.run_score()
        for kind in ("variant", "score", "sample"):
            err = self.explain(kind, "nothing_of_this_name", self.out, code=2)
            self.assertIn("remedy:", err)
        # An id of a person is not repeated in a message.
        self.assertNotIn("nothing_of", self.explain("sample", "nothing_of", self.out, code=2))
        err = self.explain("variant", "rs1", self.dir, code=4)
        self.assertIn("no run.json", err)
        self.assertEqual(support.kinflow("explain", "score", "PGS001229", cwd=self.out).code, 0)

    def test_a_cut_table_is_named(self):
        self.run_score()
        path = pathlib.Path(os.path.realpath(self.out / "share/match_scores.tsv"))
        path.write_text(path.read_text().rstrip("\n").rsplit("\t", 1)[0] + "\n")
        err = self.explain("score", "PGS001229", self.out, code=4)
        self.assertIn("match_scores.tsv:2", err)


CONFIG = """schema_version: 1
input: {genotypes: ../c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: ../c.pedigree.tsv}
phenotypes: [{file: ../c.pheno.tsv, id: m_id, pregnancy: preg_id}]
scores: {files: [../c.PGS900001.txt.gz], match: {min_overlap: 0.1}}
analyses:
  - {id: joint, model: ols, outcome: {variable: scl_m6, of: mother}, covariates: [m_age]}
output: {folder: ../out, small_cell: 1}
resources: {work: ../work}
"""


class ExplainAnalysesTest(support.TempFolderTest):
    LINE = re.compile(r"  analysis joint, scl_m6, as child: (?:used|not used: (.*)) \(PGS900001\)$",
                      re.MULTILINE)

    def explain(self, iid):
        done = support.kinflow("explain", "sample", iid, "out", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        return done.out

    def test_rows_of_people_add_up_to_those_of_the_analysis(self):
        made = support.kinflow("simulate", "--trios", "40", "--variants", "300", "--chromosomes",
                               "2", "--seed", "5", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        (self.dir / "study").mkdir()
        (self.dir / "study/run.yaml").write_text(CONFIG)
        done = support.kinflow("run", "study/run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        with open(self.dir / "c.fam", encoding="ascii") as f:
            children = {f[1]: f[2:4] for f in map(str.split, f) if f[2:4] != ["0", "0"]}
        told = collections.Counter()
        for child in children:
            reason, = self.LINE.findall(self.explain(child))
            told[reason] += 1
        expected = collections.Counter()
        for row in support.read_tsv(self.dir / "out/share/rows.tsv"):
            if row["model_id"] == "trio" and row["quantity"] in ("n_used", "n_dropped"):
                expected[row["reason"].replace("NA", "")] += int(row["count"])
        self.assertEqual(told, expected)
        self.assertGreater(told["father not genotyped"], 0)
        child, (_, mother) = next((c, p) for c, p in children.items() if p[1] != "0")
        self.assertIn(f"analysis joint, scl_m6, as mother of {child}: ", self.explain(mother))
        # Of other phenotypes nothing is told.
        with open(self.dir / "c.pheno.tsv", "a", encoding="ascii") as f:
            f.write("\n")
        self.assertIn("analysis joint: not told: ", self.explain(child))
        (self.dir / "c.pheno.tsv").unlink()
        self.assertIn("analyses: not told: ", self.explain(child))


if __name__ == "__main__":
    unittest.main()
