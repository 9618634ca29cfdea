"""People who withdrew: nothing of them is used, genotypes, pedigree or phenotypes, and every result
is that of inputs without them."""
import json
import unittest

from bad_input import TablesTest
from support import kinflow

LEFT_OUT = 6


class Withdrawn(TablesTest):
    def setUp(self):
        super().setUp()
        # The outcome of a mother on her child's score alone: her genotypes are not needed for it.
        self.settings["analyses"] = [{"id": "child", "model": "ols",
                                      "outcome": {"variable": "scl_gw17", "of": "mother"},
                                      "formula": "scl_gw17 ~ pgs.child"}]
        self.settings["qc"] = {"preset": "imputed", "variant": {"info": 0}}
        header, *rows = self.rows("c.pedigree.tsv")
        people = [dict(zip(header, row)) for row in rows]
        self.mothers = [p["IID"] for p in people if p["ROLE"] == "mother"]
        self.gone = self.mothers[:LEFT_OUT]

    def n_used(self):
        return int(self.table("share/models.tsv")[0]["n"])

    def status(self):
        stages = json.loads((self.dir / "out" / "run.json").read_text())["stages"]
        return {stage["status"] for stage in stages}

    def test_nothing_of_them_is_used(self):
        self.assert_done(self.run_study())
        everybody = self.n_used()
        (self.dir / "gone.txt").write_text("".join(f"{iid}\n" for iid in self.gone))
        self.settings["input"]["remove"] = "gone.txt"
        result = self.run_study()
        self.assert_done(result)
        self.assertEqual(self.n_used(), everybody - LEFT_OUT)
        self.assertEqual(self.status(), {"done"})  # everything depends on who is there
        for path in (self.dir / "out").rglob("*.tsv"):
            cells = {cell for line in path.read_text().splitlines() for cell in line.split("\t")}
            self.assertEqual(cells & set(self.gone), set(), path)
        for name in ("share/ledger.tsv", "private/ledger_full.tsv"):
            rows = [(r["STEP"], r["FILTER"], r["SAMPLES_OUT"]) for r in self.table(name)][:3]
            left = str(3 * len(self.mothers) - LEFT_OUT)
            self.assertEqual(rows, [("withdrawn", "NA", str(3 * len(self.mothers))),
                                    ("withdrawn", "input.remove", left), ("input", "NA", left)])

    def test_explain_tells_who_withdrew(self):
        (self.dir / "gone.txt").write_text("#IID\n" + "".join(f"{iid}\n" for iid in self.gone))
        self.settings["input"]["remove"] = "gone.txt"
        self.assert_done(self.run_study())
        told = kinflow("explain", "sample", self.gone[2], "out", cwd=self.dir)
        self.assertEqual(told.code, 0, told.err)
        self.assertIn(f"person {self.gone[2]}: withdrawn by input.remove (gone.txt, line 4)",
                      told.out)
        others = kinflow("explain", "sample", self.mothers[-1], "out", cwd=self.dir)
        self.assertNotIn("withdrawn", others.out)

    def test_decisions_about_them_are_left_out(self):
        gone = self.gone[0]
        (self.dir / "gone.txt").write_text(gone + "\n")
        (self.dir / "decisions.tsv").write_text(
            f"DECISION\tPERSON\tVALUE\nremove\t{gone}\tNA\nset_sex\t{gone}\tmale\n"
            f"remove\t{self.gone[1]}\tNA\n")
        self.settings["input"]["remove"] = "gone.txt"
        self.settings["kinship"] = {"decisions": "decisions.tsv"}
        result = self.run_study()
        self.assert_done(result)
        self.assertIn("decisions about people of input.remove are left out", result.err)
        self.assertNotIn(gone, result.err)
        people = {row["IID"]: row["STATUS"] for row in self.table("private/samples.tsv")}
        self.assertNotIn(gone, people)
        self.assertEqual(people[self.gone[1]], "removed")

    def test_how_few_withdrew_is_not_told_in_share(self):
        (self.dir / "gone.txt").write_text(self.gone[0] + "\n")
        self.settings["input"]["remove"] = "gone.txt"
        self.assert_done(self.run_study())
        rows = self.table("share/ledger.tsv")
        self.assertEqual([r["SAMPLES_OUT"] for r in rows[:3]],
                         ["NA", str(3 * len(self.mothers) - 1), str(3 * len(self.mothers) - 1)])
        [listed] = [r for r in self.table("share/inputs.tsv") if r["FILE"] == "gone.txt"]
        self.assertEqual([listed[c] for c in ("BYTES", "BYTES_TO_READ", "DIGEST")], ["NA"] * 3)
        told = [line for line in (self.dir / "out/kinflow.log").read_text().splitlines()
                if "gone.txt" in line or "input.remove" in line]
        self.assertTrue(told)
        for line in told:
            self.assertNotRegex(line, r"\d B\b|removed by|: \d+$")
        section = json.loads((self.dir / "out/share/ledger_mqc.json").read_text())
        self.assertNotIn("SAMPLES_OUT", section["data"]["01 withdrawn"])
        self.assertEqual(section["data"]["03 input"]["SAMPLES_OUT"], 3 * len(self.mothers) - 1)


if __name__ == "__main__":
    unittest.main()
