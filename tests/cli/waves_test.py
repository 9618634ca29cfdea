"""Mixed models over repeated waves: a config with a long table, and `kinflow fit` on the table that
a user would have made from the same scores by hand."""
import pathlib
import unittest

import support

CONFIG = """
schema_version: 1
input: {genotypes: sim.vcf.gz}
pedigree: {file: sim.pedigree.tsv}
phenotypes:
  - {file: sim.waves.tsv, id: m_id, pregnancy: preg_id, LAYOUT}
scores: {files: [sim.PGS900001.txt.gz]}
analyses:
  - id: joint
    model: lmm
    outcome: {variable: scl, of: mother}
    standardise: none
    formula: "scl ~ time + pgs.mother + pgs.father + pgs.child + (1 | GROUP)"
output: {folder: out}
"""
CASE_B = support.ROOT / "tests" / "conformance" / "data" / "b_waves.tsv"
FIXED = "scl_dep ~ time + pgs_m + pgs_f + pgs_c + age"


def by_term(path, model="trio"):
    return {r["term"]: r for r in support.read_tsv(path) if r["model_id"] in (model, "full")}


class WavesTest(support.TempFolderTest):
    def simulate(self):
        done = support.kinflow("simulate", "--trios", 150, "--variants", 200, "--seed", 5, "--out",
                               self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)

    def run_config(self, layout="layout: long, wave: wave", group="m_id", *options):
        text = CONFIG.replace("LAYOUT", layout).replace("GROUP", group)
        self.config(text)
        return support.kinflow("run", "run.yaml", *options, cwd=self.dir)

    def table_by_hand(self):
        """The long table with the scores of mother, father and child beside each row."""
        score = {r["IID"]: r["PGS900001"] for r in
                 support.read_tsv(self.dir / "out" / "private" / "scores.tsv")}
        # One child a pregnancy: the simulation has no twins here.
        children = {r["PREGNANCY"]: r for r in support.read_tsv(self.dir / "sim.pedigree.tsv")
                    if r["ROLE"] == "child"}
        lines = ["m_id\tpreg_id\ttime\tscl\tpgs.mother\tpgs.father\tpgs.child"]
        for row in support.read_tsv(self.dir / "sim.waves.tsv"):
            child = children[row["preg_id"]]
            scores = [score.get(child[who], "NA") for who in ("MAT", "PAT", "IID")]
            lines.append("\t".join([row["m_id"], row["preg_id"], row["time"], row["scl"], *scores]))
        path = self.dir / "by_hand.tsv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def test_a_config_equals_the_fit_of_the_joined_table(self):
        self.simulate()
        for group, by_hand in (("m_id", "m_id"), ("mother/pregnancy", "m_id/preg_id")):
            done = self.run_config("layout: long, wave: wave", group)
            self.assertEqual(done.code, 0, done.err)
            done = support.kinflow(
                "fit", "--table", self.table_by_hand(), "--model", "lmm", "--formula",
                f"scl ~ time + pgs.mother + pgs.father + pgs.child + (1 | {by_hand})",
                "--outcome-of", "mother", "--out", self.dir / "fit")
            self.assertEqual(done.code, 0, done.err)
            ours = by_term(self.dir / "out" / "share" / "estimates.tsv")
            other = by_term(self.dir / "fit" / "share" / "estimates.tsv")
            self.assertEqual(set(ours), set(other))
            for term, row in ours.items():
                for column in ("estimate", "std_error", "df"):
                    a, b = float(row[column]), float(other[term][column])
                    self.assertLess(abs(a / b - 1), 1e-6, f"{term} {column}")
                for column in ("n", "n_clusters", "role", "effect"):
                    self.assertEqual(row[column], other[term][column], column)
            varcomp = support.read_tsv(self.dir / "out" / "share" / "varcomp.tsv")
            self.assertEqual({r["group"] for r in varcomp if "m" in r["group"]} - {"Residual"},
                             {"m_id"} if group == "m_id" else {"mother", "pregnancy:mother"})

    def test_waves_are_the_times_of_ar1(self):
        """The long table's column of waves, without being named; not for pregnancies side by side,
        of which a mother has a wave twice."""
        self.simulate()
        gee = [text for key in ("model=gee", "correlation=ar1", "children=one_per_mother",
                                "formula=scl ~ pgs.mother + pgs.child")
               for text in ("--set", f"analyses.0.{key}")]
        tables = []
        for more in ([], ["--set", "analyses.0.time=wave"]):
            done = self.run_config("layout: long, wave: wave", "m_id", *gee, *more)
            self.assertEqual(done.code, 0, done.err)
            self.assertNotIn("in the order of the table", done.err)
            self.assertEqual("waves are one step each" in done.err, not more, done.err)
            tables.append((self.dir / "out" / "share" / "estimates.tsv").read_bytes())
        self.assertEqual(tables[0], tables[1])
        done = self.run_config("layout: long, wave: wave", "m_id", *gee, "--set",
                               "analyses.0.children=one_per_pregnancy")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("in the order of the table", done.err)
        self.assertNotIn("waves are one step each", done.err)

    def test_threads_do_not_change_a_byte(self):
        self.simulate()
        tables = []
        for threads in (1, 2, 5):
            done = self.run_config("layout: long, wave: wave", "m_id", "--threads", threads,
                                   "--set", f"output.folder=out{threads}", "--set",
                                   f"resources.work=work{threads}")
            self.assertEqual(done.code, 0, done.err)
            folder = self.dir / f"out{threads}" / "share"
            tables.append([(folder / name).read_bytes() for name in
                           ("estimates.tsv", "models.tsv", "comparisons.tsv", "varcomp.tsv")])
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[0], tables[2])

    def test_wrong_layouts_name_the_remedy(self):
        self.simulate()
        for layout, said in (("layout: wide", "same id and pregnancy"),
                             ("layout: long", "a long table, and it alone, has a wave"),
                             ("wave: wave", "a long table, and it alone, has a wave"),
                             ("layout: long, wave: visit", "no column 'visit'")):
            done = self.run_config(layout)
            self.assertIn(done.code, (3, 4), done.err)
            self.assertIn(said, done.err)
            self.assertIn("remedy", done.err)
        done = self.run_config("layout: long, wave: wave", "m_ids")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("m_ids", done.err)

    def fit(self, formula, *options):
        return support.kinflow("fit", "--table", CASE_B, "--model", "lmm", "--formula", formula,
                               "--out", self.dir / "fit", *options)

    def test_fit_by_maximum_likelihood_and_steps(self):
        done = self.fit(FIXED + " + (1 | m_id)", "--set", "method=ml", "--set",
                        "steps=[[time, age], [pgs_m], [pgs_f, pgs_c]]")
        self.assertEqual(done.code, 0, done.err)
        model = support.read_tsv(self.dir / "fit" / "share" / "models.tsv")[-1]
        self.assertAlmostEqual(float(model["criterion"]), 6294.02446271873, delta=1e-6)
        self.assertEqual((model["REML"], model["converged"], model["singular"]),
                         ("0", "true", "false"))
        rows = support.read_tsv(self.dir / "fit" / "share" / "comparisons.tsv")
        lrt = next(r for r in rows if r["test"] == "LRT" and r["added"] == "pgs_f + pgs_c")
        self.assertAlmostEqual(float(lrt["statistic"]), 16.5461286984028, delta=1e-5)

    def test_faults_of_a_fit(self):
        self.assertEqual(pathlib.Path(CASE_B).exists(), True)
        for formula, code, said in (
                (FIXED, 3, "needs a random term"),
                (FIXED + " + (1 | m_i)", 3, "m_id"),
                (FIXED + " + (1 | m_id", 2, "column 57"),
                (FIXED + " + 1 | m_id", 2, "in parentheses"),
                (FIXED + " + (1 + age + time + pgs_c + pgs_m + pgs_f + pgs_m:time | preg_id)", 4,
                 "effects for")):
            done = self.fit(formula)
            self.assertEqual(done.code, code, f"{formula}: {done.err}")
            self.assertIn(said, done.err)
            self.assertNotIn("M0001", done.err)


if __name__ == "__main__":
    unittest.main()
