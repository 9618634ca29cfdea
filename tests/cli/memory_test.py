"""--memory is kept: peak RSS within the budget, or exit 7 before any output, naming the need."""
import json
import re
import resource
import shutil
import subprocess
import unittest

import digests
from bad_input import BGZF_END, bgzf_block
from support import KINFLOW

TRIOS, VARIANTS = 400, 3000
MIB = 1 << 20


class MemoryTest(digests.StudyTest):
    BUDGETS = (64, 96, 200)

    def copy_inputs(self):
        for path in digests.cohort(TRIOS, VARIANTS, 3, self.form).iterdir():
            shutil.copy2(path, self.dir)

    def setUp(self):
        if digests.sanitized():
            self.skipTest("AddressSanitizer's shadow memory counts as the program's")
        super().setUp()
        self.settings["resources"]["shard_genotypes"] = 1000000

    def run_within(self, mib):
        done = self.run_study("--memory", f"{mib}M")
        if done.code == 7:
            self.assertIn("error[E0701]", done.err)
            need = re.search(r"needs? .*?([\d.]+) (MiB|GiB)", done.err)
            self.assertTrue(need, f"the need is not named:\n{done.err}")
            self.assertEqual(digests.table_digests(self.dir / "out").keys() - {"share/inputs.tsv"},
                             set())
            amount = float(need[1]) * (1024 if need[2] == "GiB" else 1)
            self.assertGreater(amount, mib)
            return amount
        self.assertEqual(done.code, 0, done.err)
        self.assertLessEqual(self.run_json()["peak_rss_bytes"], mib * MIB)
        return None


class Budget(MemoryTest):
    def test_vcf(self):
        results = []
        for mib in self.BUDGETS:
            with self.subTest(budget=mib):
                self.fresh()
                need = self.run_within(mib)
                if need is None:
                    results.append(self.digests())
                else:  # what it asks for suffices
                    self.fresh()
                    self.assertIsNone(self.run_within(int(need) + 1))
        self.assertTrue(results, "no budget sufficed: nothing was shown")
        for other in results[1:]:
            self.assert_same(other, results[0])

    def test_peak_in_the_record_is_the_kernels(self):
        """run.json's peak against the kernel's own count for the same process."""
        self.write_config()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = subprocess.run([KINFLOW, "run", "run.yaml", "--progress=none", "--memory=1G"],
                              cwd=self.dir, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        recorded = self.run_json()["peak_rss_bytes"]
        self.assertLessEqual(recorded, after * 1024)
        if after > before:  # else an earlier child was larger and hides this one
            self.assertGreater(recorded, 0.9 * after * 1024)

    def test_budget_too_small_for_anything(self):
        done = self.run_study("--memory", "4M")
        self.assertEqual(done.code, 7, done.err)
        self.assertIn("error[E0701]", done.err)

    def test_address_space_limit(self):
        """RLIMIT_AS: done, or exit 7; no death by signal, and it goes on without the limit."""
        expected = self.reference()
        self.write_config()
        codes = []
        for mib in (150, 250, 400, 4096):
            with self.subTest(limit=mib):
                self.fresh()
                limit = mib * MIB
                done = subprocess.run(
                    [KINFLOW, "run", "run.yaml", "--progress=none", "--memory=128M"], cwd=self.dir,
                    stderr=subprocess.PIPE, text=True, timeout=120,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
                codes.append(done.returncode)
                # 127: the dynamic linker itself found no room for the libraries.
                self.assertIn(done.returncode, (0, 7, 127), done.stderr)
                self.assert_resumes(mib, expected)
        self.assertEqual(codes[-1], 0)


class ManyPeople(digests.StudyTest):
    def copy_inputs(self):
        pass

    def setUp(self):
        if digests.sanitized():
            self.skipTest("AddressSanitizer's shadow memory counts as the program's")
        super().setUp()

    def test_what_is_known_of_people_counts(self):
        """Ids, pedigree and tables of 185,000 people take more than their genotypes here."""
        made = digests.kinflow("simulate", "--trios", 66667, "--variants", 100, "--chromosomes", 1,
                               "--seed", 5, "--format", "bed", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)

        def qc(mib, out):
            return digests.kinflow("qc", "--geno", self.dir / "c.bed", "--out", self.dir / out,
                                   "--threads", 2, "--memory", f"{mib}M")

        refused = qc(240, "refused")
        self.assertEqual(refused.code, 7, refused.err)
        need = re.search(r"needs at least ([\d.]+) MiB\n  remedy: raise --memory\n", refused.err)
        self.assertTrue(need, refused.err)
        enough = int(float(need[1])) + 2
        self.assertLess(enough, 320)
        done = qc(enough, "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertLessEqual(self.run_json()["peak_rss_bytes"], enough * MIB)


    def test_batches_of_people(self):
        """What files of many columns need to be open does not add up over the batches."""
        made = digests.kinflow("simulate", "--trios", 400, "--variants", 300, "--chromosomes", 1,
                               "--seed", 5, "--format", "bed", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)
        sites = [line.split() for line in (self.dir / "c.bim").read_text().splitlines()[:100]]
        lines = ["rsID\tchr_name\tchr_position\teffect_allele\tother_allele\t"
                 + "\t".join(f"s{i}" for i in range(800))]
        for r, (chrom, name, _, pos, alt, ref) in enumerate(sites):
            weights = (f"{(r * 800 + i) * 7919 % 2003 / 1000 - 1:.3f}" for i in range(800))
            lines.append("\t".join([name, chrom, pos, alt, ref, *weights]))
        (self.dir / "w.txt").write_text("\n".join(lines) + "\n")
        scores = {}
        for mib in (72, 2000):
            out = self.dir / f"out{mib}"
            done = digests.kinflow("score", "--geno", self.dir / "c.bed", "--weights",
                                   self.dir / "w.txt", "--ambiguous", "keep", "--out", out,
                                   "--threads", 2, "--memory", f"{mib}M")
            self.assertEqual(done.code, 0, done.err)
            record = json.loads((out / "run.json").read_text())
            self.assertLessEqual(record["peak_rss_bytes"], mib * MIB)
            self.assertEqual("18 scans" in done.err, mib == 72, done.err)
            scores[mib] = (out / "private" / "scores.h5").read_bytes()
        self.assertEqual(scores[72], scores[2000])


class LongLines(digests.StudyTest):
    """A VCF whose INFO has 15 MiB: in all records, or behind short ones that tell nothing of it."""

    def copy_inputs(self):
        pass

    def setUp(self):
        if digests.sanitized():
            self.skipTest("AddressSanitizer's shadow memory counts as the program's")
        super().setUp()

    def write(self, short, long):
        text = bgzf_block(b"ACGTTGCA" * 7680)
        with open(self.dir / "x.vcf.gz", "wb") as f:
            f.write(bgzf_block(
                b"##fileformat=VCFv4.2\n##contig=<ID=1>\n"
                b'##FORMAT=<ID=DS,Number=1,Type=Float,Description="d">\n'
                b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"))
            for pos in range(1, short + long + 1):
                f.write(bgzf_block(b"1\t%d\tv\tA\tC\t.\t.\tX=" % pos))
                if pos > short:
                    f.writelines([text] * 256)
                f.write(bgzf_block(b"1\tDS\t0.5\t%d\n" % (pos % 3)))
            f.write(BGZF_END)

    def test_lines(self):
        for short in (0, 20):
            with self.subTest(short=short):
                shutil.rmtree(self.dir / "out", ignore_errors=True)
                self.write(short, 20)
                done = digests.kinflow("load", "--geno", self.dir / "x.vcf.gz", "--threads", 2,
                                       "--out", self.dir / "out", "--memory", "200M")
                self.assertEqual(done.code, 0, done.err)
                self.assertIn(f" {short + 20} variants", done.err)
                self.assertLessEqual(self.run_json()["peak_rss_bytes"], 200 * MIB)


class BudgetBed(MemoryTest):
    form = "bed"

    def test_bed(self):
        for mib in self.BUDGETS[:2]:
            with self.subTest(budget=mib):
                self.fresh()
                self.run_within(mib)


if __name__ == "__main__":
    unittest.main()
