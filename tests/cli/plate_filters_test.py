"""Variants removed by tests of plates and batches, beside plink1.9 --mh2."""
import unittest

import numpy

import bed_files
import support

PEOPLE, VARIANTS, PLANTED, PLATES = 600, 1100, 15, 4


class PlateFiltersTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        rng = numpy.random.default_rng(8)
        frequency = numpy.tile(rng.uniform(0.2, 0.5, VARIANTS), (PEOPLE, 1))
        plate = numpy.arange(PEOPLE) % PLATES
        frequency[plate == 0, :PLANTED] = 0.05
        calls = rng.binomial(2, frequency)
        calls[rng.random(calls.shape) < 0.002] = -1
        sex = rng.integers(1, 3, PEOPLE)
        people = [(f"c{i}", f"c{i}", 0, 0, sex[i]) for i in range(PEOPLE)]
        bed_files.write_bed(self.dir / "c", calls, people)
        for name, level in (("plate", plate), ("batch", plate // 2)):
            (self.dir / f"{name}.txt").write_text("".join(
                f"c{i}\tc{i}\t{level[i]}\n" for i in range(PEOPLE)))
        (self.dir / "plates.tsv").write_text("IID\tplate\tbatch\n" + "".join(
            f"c{i}\tP{plate[i]}\tb{plate[i] // 2}\n" for i in range(PEOPLE)))
        (self.dir / "sex.fam").write_text("".join(
            " ".join(map(str, (*row, row[4]))) + "\n" for row in people))

    def peer(self, by):
        support.run_peer(support.program("plink1.9"), "--bed", self.dir / "c.bed", "--bim",
                         self.dir / "c.bim", "--fam", self.dir / "sex.fam", "--within",
                         self.dir / f"{by}.txt", "--mh2", "--out", self.dir / by)
        with open(self.dir / f"{by}.cmh2", encoding="ascii") as f:
            header = next(f).split()
            rows = [dict(zip(header, line.split())) for line in f]
        return {row["SNP"]: float(row["P"]) for row in rows}

    def qc(self, out, *args, code=0, plates="plates.file=plates.tsv"):
        done = support.kinflow("qc", "--geno", "c.bed", "--out", out, "--set", plates, *args,
                               cwd=self.dir)
        self.assertEqual(done.code, code, done.err)
        return done

    def removed(self, out, reason):
        return {row["ID"]: float(row["REASON_VALUE"])
                for row in support.read_tsv(self.dir / out / "private/variants_full.tsv.gz")
                if row["REASON"] == reason}

    def test_what_plink_finds_is_removed(self):
        none = ("--preset", "none")
        for by, limit in (("plate", 0.001), ("batch", 0.0005)):
            with self.subTest(by=by):
                self.qc(by, *none, "--set", f"qc.variant.{by}_p={limit}")
                expected = {snp: p for snp, p in self.peer(by).items() if p < limit}
                self.assertLess(len(expected), VARIANTS / 10)
                self.assertGreaterEqual(len(expected), PLANTED)
                removed = self.removed(by, f"{by}_p")
                self.assertEqual(set(removed), set(expected))
                for snp, p in removed.items():
                    self.assertAlmostEqual(p / expected[snp], 1, delta=2e-3, msg=snp)
                ledger = support.read_tsv(self.dir / by / "private/ledger_full.tsv")
                row, = (r for r in ledger if r["FILTER"] == f"{by}_p" and r["STEP"] == "variants_again")
                self.assertEqual(int(row["VARIANTS_IN"]) - int(row["VARIANTS_OUT"]), len(expected))
                self.assertEqual(float(row["THRESHOLD"]), limit)

    def test_nothing_is_removed_unless_asked_but_it_is_told(self):
        done = self.qc("told", "--preset", "array")
        self.assertFalse(self.removed("told", "plate_p"))
        self.assertRegex(done.err, rf"(?m)^W plates: allele frequencies of \d+ of {VARIANTS} variants "
                         "depend on the plate: private/plate_effects.tsv.gz")
        p = [float(row["PLATE_P"]) for row in
             support.read_tsv(self.dir / "told/private/plate_effects.tsv.gz")]
        found = sum(x < 0.01 / len(p) for x in p)
        self.assertIn(f"of {found} of {len(p)} variants depend on the plate", done.err)

    def test_the_published_preset_removes_by_its_threshold(self):
        self.qc("moba", "--preset", "mobapsychgen")
        self.assertGreaterEqual(len(self.removed("moba", "plate_p")), PLANTED - 2)
        self.assertLess(max(self.removed("moba", "plate_p").values()), 0.001)
        self.qc("without", "--preset", "mobapsychgen", plates="resources.threads=1")
        self.assertFalse(self.removed("without", "plate_p"))

    def test_a_threshold_without_plates_is_refused(self):
        for key in ("plate_p", "batch_info_p"):
            done = self.qc("refused", "--set", f"qc.variant.{key}=0.001", code=3,
                           plates="resources.threads=1")
            self.assertIn(f"qc.variant.{key}", done.err)


if __name__ == "__main__":
    unittest.main()
