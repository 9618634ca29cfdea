"""Effects of the child's score on outcomes measured in pregnancy are marked."""
import unittest

import support

CONFIG = """
schema_version: 1
input: {genotypes: sim.bed}
pedigree: {file: sim.pedigree.tsv}
phenotypes:
  - {file: sim.waves.tsv, id: m_id, pregnancy: preg_id, layout: long, wave: wave}
  - {file: sim.pheno.tsv, id: m_id, pregnancy: preg_id}
scores: {files: [sim.PGS900001.txt.gz]}
analyses:
  - {id: waves, model: ols_by_wave, wave: wave, outcome: {variable: scl}, negative_control: WAVES}
  - {id: before, outcome: {variable: scl_gw17}, negative_control: [all]}
  - {id: after, outcome: {variable: scl_y5}}
  - {id: grid, outcome: {variable: [scl_gw17, scl_y5]}, negative_control: [scl_gw17]}
output: {folder: out}
"""


class NegativeControlTest(support.TempFolderTest):
    def run_with(self, waves):
        done = support.kinflow("simulate", "--trios", 200, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG.replace("WAVES", waves))
        return support.kinflow("run", "run.yaml", cwd=self.dir)

    def test_effects_before_birth(self):
        done = self.run_with("[gw17, gw30, gw40]")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("no model is of the wave gw40", done.err)
        flags = {}
        for r in support.read_tsv(self.dir / "out" / "share" / "estimates.tsv"):
            wave = r["outcome"] if r["analysis_id"] == "grid" else r["wave"]
            key = (r["analysis_id"], wave, r["role"] == "child")
            flags.setdefault(key, set()).add(r["negative_control"])
        waves = {w for a, w, _ in flags if a == "waves"}
        self.assertGreater(len(waves), 5)
        for wave in waves:
            expected = "yes" if wave in ("gw17", "gw30") else "no"
            self.assertEqual(flags["waves", wave, True], {expected})
            self.assertEqual(flags["waves", wave, False], {"NA"})
        self.assertEqual(flags["before", "NA", True], {"yes"})
        self.assertEqual(flags["after", "NA", True], {"NA"})
        self.assertEqual(flags["grid", "scl_gw17", True], {"yes"})
        self.assertEqual(flags["grid", "scl_y5", True], {"no"})
        self.assertEqual(flags["grid", "scl_gw17", False], {"NA"})

    def test_fit(self):
        rows = ["id\twave\ty\tpgs.mother\tpgs.child"]
        for i in range(60):
            for wave in ("gw17", "m6"):
                x = (i * 7 % 11, i * 5 % 13, (i * 3 + len(wave)) % 17)
                rows.append("\t".join(map(str, (i, wave, x[2], x[0], x[1]))))
        (self.dir / "t.tsv").write_text("\n".join(rows) + "\n")
        def fit(*more):
            return support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "ols_by_wave",
                                   "--formula", "y ~ pgs.mother + pgs.child", "--cluster", "id",
                                   "--wave", "wave", "--out", self.dir / "fit", "--set",
                                   "negative_control=[gw17]", *more)
        done = fit("--outcome-of", "mother")
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "fit" / "share" / "estimates.tsv")
        flags = {(r["role"], r["wave"]): r["negative_control"] for r in rows}
        self.assertEqual(flags["child", "gw17"], "yes")
        self.assertEqual(flags["child", "m6"], "no")
        self.assertEqual(flags["mother", "gw17"], "NA")
        done = fit("--outcome-of", "child")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("its score is no negative control", done.err)

    def test_faults(self):
        self.assertEqual(self.run_with("[gw17]").code, 0)
        text = (self.dir / "run.yaml").read_text()
        self.config(text.replace("[all]", "[gw17]"))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("ols_by_wave only", done.err)
        # Of several outcomes those of pregnancy are named.
        self.config(text.replace("[scl_gw17]}", "[all]}"))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("not all outcomes", done.err)


if __name__ == "__main__":
    unittest.main()
