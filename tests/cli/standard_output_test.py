"""`--out -` of one-shot commands: the main table on standard output, nothing left behind."""
import subprocess
import unittest

import support
from bad_input import base_cohort


class StandardOutputTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.cohort = base_cohort(format="bed")
        self.scratch = self.dir / "tmp"
        self.scratch.mkdir()
        self.env = {"TMPDIR": str(self.scratch)}

    def both(self, table, *args):
        """The command into a folder and to standard output: the same bytes, no folder left."""
        kept = support.kinflow(*args, "--out", self.dir / "kept", env=self.env)
        piped = support.kinflow(*args, "--out", "-", env=self.env)
        self.assertEqual((kept.code, piped.code), (0, 0), kept.err + piped.err)
        self.assertEqual(piped.out, (self.dir / "kept" / table).read_text())
        self.assertGreater(piped.out.count("\n"), 1)
        self.assertEqual(kept.out, "")
        self.assertNotIn(str(self.scratch), piped.err)
        self.assertEqual(list(self.scratch.iterdir()), [])

    def test_score(self):
        weights = next(self.cohort.glob("*.txt.gz"))
        self.both("scores.tsv", "score", "--geno", self.cohort / "c.bed", "--weights", weights,
                  "--min-overlap", "0")

    def test_qc(self):
        self.both("ledger.tsv", "qc", "--geno", self.cohort / "c.bed")

    def test_fit(self):
        table = self.dir / "t.tsv"
        rows = [f"{(7 * i) % 11}\t{i}\n" for i in range(40)]
        table.write_text("y\tx\n" + "".join(rows))
        self.both("estimates.tsv", "fit", "--table", table, "--formula", "y ~ x")

    def test_a_reader_that_has_seen_enough(self):
        """`kinflow kin --out - | head`: no error, also where the pipe cannot hold the table."""
        run = subprocess.Popen([support.KINFLOW, "kin", "--geno", self.cohort / "c.bed",
                                "--min-kinship", "-1000", "--out", "-"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.assertIn("KINSHIP", run.stdout.readline())
        run.stdout.close()
        err = run.stderr.read()
        self.assertEqual(run.wait(), 0, err)
        self.assertNotIn("error[", err)
        run.stderr.close()

    def test_a_store_is_a_folder(self):
        done = support.kinflow("load", "--geno", self.cohort / "c.bed", "--out", "-")
        self.assertEqual((done.code, done.out), (2, ""))
        self.assertIn("folder", done.err)

    def test_a_failure_leaves_nothing_either(self):
        done = support.kinflow("qc", "--geno", self.dir / "none.bed", "--out", "-", env=self.env)
        self.assertEqual((done.code, done.out), (4, ""))
        self.assertEqual(list(self.scratch.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
