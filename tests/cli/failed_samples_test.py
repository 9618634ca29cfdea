"""People whose sample failed do not take the variants with them; people of another array are none."""
import unittest

import numpy

import bed_files
import support

PEOPLE, VARIANTS, FAILED, POOR, CONTROLS = 300, 2200, 12, 40, 8


def drawn_calls(seed):
    rng = numpy.random.default_rng(seed)
    calls = rng.binomial(2, rng.uniform(0.1, 0.5, VARIANTS), (PEOPLE, VARIANTS))
    calls[rng.random(calls.shape) < 0.002] = -1
    return calls, rng


class FailedSamplesTest(support.TempFolderTest):
    def qc(self, out, *args):
        done = support.kinflow("qc", "--geno", self.dir / "c.bed", "--out", self.dir / out, *args)
        self.assertEqual(done.code, 0, done.err)
        people = support.read_tsv(self.dir / out / "private/samples.tsv")
        variants = support.read_tsv(self.dir / out / "private/variants_full.tsv.gz")
        return done, people, {row["ID"] for row in variants if row["STATUS"] == "pass"}

    def plink(self, *args):
        support.run_peer(support.program("plink1.9"), "--bfile", self.dir / "c", *args,
                         "--make-just-bim", "--allow-no-sex", "--out", self.dir / "p")
        with open(self.dir / "p.bim", encoding="ascii") as f:
            return {line.split()[1] for line in f}

    def test_they_are_left_out_before_variants_are_judged(self):
        calls, rng = drawn_calls(3)
        failed = rng.choice(PEOPLE, FAILED, replace=False)
        for person in failed:
            calls[person, rng.random(VARIANTS) < 0.75] = -1
        for variant in range(POOR):
            calls[rng.random(PEOPLE) < 0.1, variant] = -1
        bed_files.write_bed(self.dir / "c", calls)
        expected = self.plink("--mind", "0.1", "--geno", "0.02", "--maf", "0.005", "--hwe", "1e-6", "midp")
        self.assertEqual(len(expected), VARIANTS - POOR)
        with open(self.dir / "p.irem", encoding="ascii") as f:
            removed = {line.split()[1] for line in f}
        self.assertEqual(len(removed), FAILED)

        done, people, passed = self.qc("out")
        self.assertEqual(passed, expected)
        first = {row["IID"]: row for row in people if row["REASON"] == "call_rate_first"}
        self.assertEqual(set(first), removed)
        for person in failed:  # of the variants that are not poor, as if all of those were missing
            row = first[f"c{person}"]
            missing = (calls[person] < 0).sum() - POOR
            self.assertAlmostEqual(float(row["REASON_VALUE"]), 1 - missing / (VARIANTS - POOR), places=5)
            self.assertEqual(row["REASON_THRESHOLD"], "0.9")
        self.assertNotIn("more than 20 %", done.err)
        ledger = support.read_tsv(self.dir / "out/private/ledger_full.tsv")
        steps = [(row["STEP"], row["FILTER"]) for row in ledger]
        self.assertEqual(steps[:2], [("input", "NA"), ("samples_first", "call_rate_first")])
        self.assertEqual(int(ledger[1]["SAMPLES_OUT"]), PEOPLE - FAILED)
        self.assertEqual([step for step in steps if step[1] == "call_rate_first"], steps[1:2])

        # Without the first look they take the variants below their call rate, which is told.
        done, _, passed = self.qc("off", "--set", "qc.sample.call_rate_first=0")
        self.assertEqual(passed, self.plink("--geno", "0.02", "--maf", "0.005", "--hwe", "1e-6", "midp"))
        self.assertLess(len(passed), VARIANTS / 2)
        self.assertRegex(done.err, r"(?m)^W .*filter call_rate of step variants removes \d+ of 2200 "
                         "variants, more than 20 %")

    def test_controls_are_not_counted_behind_them_either(self):
        """Two rules: failed people go before variants are judged, and controls are counted nowhere."""
        calls, rng = drawn_calls(6)
        controls = range(PEOPLE - CONTROLS, PEOPLE)
        failed = rng.choice(PEOPLE - CONTROLS, FAILED, replace=False)
        for person in [*failed, controls[0]]:  # a control may fail as well as a person
            calls[person, rng.random(VARIANTS) < 0.75] = -1
        # Variants that controls lack, and those of one allele but for them.
        calls[PEOPLE - CONTROLS:, :POOR] = -1
        calls[:PEOPLE - CONTROLS, -POOR:] = numpy.where(calls[:PEOPLE - CONTROLS, -POOR:] < 0, -1, 2)
        calls[PEOPLE - CONTROLS:, -POOR:] = 0
        bed_files.write_bed(self.dir / "c", calls)
        (self.dir / "plates.tsv").write_text("IID\tplate\tcontrol\n" + "".join(
            f"c{i}\tP{i % 4}\t{'yes' if i in controls else 'no'}\n" for i in range(PEOPLE)))
        (self.dir / "removed.txt").write_text("".join(f"c{i} c{i}\n" for i in controls))
        filters = ("--mind", "0.1", "--geno", "0.02", "--maf", "0.005", "--hwe", "1e-6", "midp")
        expected = self.plink("--remove", self.dir / "removed.txt", *filters)
        self.assertEqual(len(expected), VARIANTS - POOR)
        self.assertNotEqual(self.plink(*filters), expected)  # had they been counted

        done, people, passed = self.qc("out", "--set", f"plates.file={self.dir / 'plates.tsv'}")
        self.assertEqual(passed, expected)
        reasons = {row["IID"]: row["REASON"] for row in people if row["REASON"] != "NA"}
        self.assertEqual(reasons, {**{f"c{i}": "call_rate_first" for i in failed},
                                   **{f"c{i}": "control" for i in controls}})
        self.assertNotIn("more than 20 %", done.err)
        steps = {row["FILTER"]: int(row["SAMPLES_IN"]) - int(row["SAMPLES_OUT"]) for row in
                 support.read_tsv(self.dir / "out/private/ledger_full.tsv")
                 if row["FILTER"] in ("call_rate_first", "control")}
        self.assertEqual(steps, {"call_rate_first": FAILED, "control": CONTROLS})

    def test_people_of_another_array_are_no_failed_samples(self):
        for share in (0.5, 0.05):
            with self.subTest(share=share):
                calls, _ = drawn_calls(4)
                other = int(PEOPLE * share)
                calls[:other, VARIANTS * 7 // 10:] = -1
                calls[other:, :VARIANTS * 3 // 10] = -1
                bed_files.write_bed(self.dir / "c", calls)
                done, people, passed = self.qc(f"out{other}")
                self.assertEqual(passed, self.plink("--geno", "0.02", "--maf", "0.005", "--hwe", "1e-6",
                                                    "midp"))
                self.assertFalse([row for row in people if row["REASON"] == "call_rate_first"])
                self.assertIn("variants, more than 20 %", done.err)

    def test_good_samples_cost_no_pass(self):
        calls, _ = drawn_calls(5)
        bed_files.write_bed(self.dir / "c", calls)
        done, _, _ = self.qc("out")
        self.assertRegex(done.err, "(?m)^I first_recount: follows from its inputs, no scan")
        (self.dir / "c.yaml").write_text("schema_version: 1\ninput: {genotypes: c.bed, build: GRCh37}\n"
                                         "qc: {preset: array}\noutput: {folder: o}\n")
        plan = support.kinflow("plan", self.dir / "c.yaml", "--work", self.dir / "none")
        self.assertEqual(plan.code, 0, plan.err)
        self.assertRegex(plan.out, r"(?m): first_recount; it waits for .*qc_first.*; needed if qc_first "
                         "removes people$")


if __name__ == "__main__":
    unittest.main()
