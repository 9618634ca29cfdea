"""The configs of configs/ run as they stand on a small simulated cohort, and again from the cache."""
import json
import shutil
import unittest

import support


class ConfigsTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        (self.dir / "quickstart-data").mkdir()
        made = support.kinflow("simulate", "--trios", 150, "--variants", 800, "--seed", 4, "--out",
                               self.dir / "quickstart-data" / "cohort")
        self.assertEqual(made.code, 0, made.err)
        shutil.copytree(support.ROOT / "configs", self.dir / "configs")

    def test_each(self):
        configs = sorted((self.dir / "configs").glob("*.yaml"))
        self.assertGreaterEqual(len(configs), 2)
        for config in configs:
            with self.subTest(config=config.name):
                done = support.kinflow("run", config, "--progress", "none")
                self.assertEqual(done.code, 0, done.err)
                again = support.kinflow("run", config, "--progress", "none")
                self.assertEqual(again.code, 0, again.err)
                self.assertEqual(again.out, done.out)

    def test_trio_study(self):
        done = support.kinflow("run", self.dir / "configs" / "maternal_depression_trio.yaml")
        self.assertEqual(done.code, 0, done.err)
        out = self.dir / "quickstart-data" / "maternal_depression"
        record = json.loads((out / "run.json").read_text())
        self.assertEqual({s["status"] for s in record["stages"]}, {"done"})
        terms = {}
        for row in support.read_tsv(out / "share" / "estimates.tsv"):
            terms.setdefault(row["analysis_id"], set()).add(row["term"])
        members = {"pgs.mother", "pgs.father", "pgs.child"}
        for analysis in ("joint", "gw17", "gw30", "m6", "m18", "y3", "y5", "y8"):
            self.assertLessEqual(members, terms[analysis], analysis)
        for member in ("mother", "father", "child"):
            self.assertEqual(members & terms[f"{member}_alone"], {f"pgs.{member}"})


if __name__ == "__main__":
    unittest.main()
