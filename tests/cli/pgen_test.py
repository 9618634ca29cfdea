"""PLINK 2 filesets through whole commands: the same results as from the .bed or VCF they come from,
frequencies of plink2, scanned where they lie, and damage that is found."""
import subprocess
import unittest

import support

FILTERS_OFF = ["qc.variant.call_rate=0", "qc.variant.maf=0", "qc.variant.hwe_p=0",
               "qc.variant.info=0", "qc.variant.info_computed=0", "qc.variant.mendel_rate=1",
               "qc.sample.call_rate=0", "qc.sample.het_sd=0", "qc.sample.sex_check=report",
               "qc.sample.mendel_rate=1"]


class PgenTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.plink2 = support.program("plink2")

    def qc(self, name, geno, *settings):
        args = [part for setting in (*FILTERS_OFF, *settings) for part in ("--set", setting)]
        return support.kinflow("qc", "--geno", geno, "--out", self.dir / name, "--work",
                               self.dir / f"{name}.work", *args)

    def tables(self, name, geno, *settings):
        done = self.qc(name, geno, *settings)
        self.assertEqual(done.code, 0, done.err)
        private = self.dir / name / "private"
        return [support.read_tsv(private / file)
                for file in ("variants_full.tsv.gz", "samples.tsv", "families.tsv")]

    def test_qc_equals_that_of_the_bed(self):
        """Hard calls: counts, HWE and Mendel errors, whose pedigree comes out of the .psam."""
        bed = support.data("hapmap_trios/hapmap279.bed")
        support.run_peer(self.plink2, "--bfile", bed.removesuffix(".bed"), "--make-pgen", "vzs",
                         "--out", self.dir / "h")
        expected = self.tables("bed", bed)
        self.assertGreater(sum(int(row["MENDEL_ERRORS"]) for row in expected[0]), 600)
        self.assertEqual(self.tables("pgen", self.dir / "h.pgen"), expected)
        self.assertFalse(list((self.dir / "pgen.work").glob("**/dosage*")), "a store was made")
        inputs = support.read_tsv(self.dir / "pgen" / "share" / "inputs.tsv")
        self.assertEqual([(row["FORMAT"], row["COMPLETENESS"]) for row in inputs],
                         [("pgen", "index"), ("pvar", "index"), ("psam", "index")])

    def test_dosages(self):
        """Frequencies are those of plink2; the store gives what the file gives."""
        vcf = support.data("minimac_trios/imputed.vcf.gz")
        support.run_peer(self.plink2, "--vcf", vcf, "dosage=HDS", "--make-pgen", "--out",
                         self.dir / "d")
        support.run_peer(self.plink2, "--pfile", self.dir / "d", "--freq", "cols=+pos", "--out",
                         self.dir / "d")
        variants, samples, families = self.tables("direct", self.dir / "d.pgen")
        peer = support.read_tsv(self.dir / "d.afreq")
        self.assertEqual(len(variants), len(peer))
        for row, other in zip(variants, peer):
            self.assertEqual((row["ID"], row["ALT"]), (other["ID"], other["ALT"]))
            self.assertAlmostEqual(float(row["AF"]), float(other["ALT_FREQS"]), delta=1e-6)
        stored = self.tables("stored", self.dir / "d.pgen", "dosage.store=always")
        self.assertEqual(stored, [variants, samples, families])

    def test_index_in_a_file_of_its_own(self):
        """As `pgen_compress -i` writes it: the same tables, and damage of either file is found."""
        bed = support.data("hapmap_trios/hapmap279.bed")
        for form in ("--make-bed", "--make-pgen"):  # the peer ends with a fault on all variants
            support.run_peer(self.plink2, "--bfile", bed.removesuffix(".bed"), "--chr", "1-4", form,
                             "--out", self.dir / "in")
        support.run_peer(support.program("pgen_compress"), "-i", self.dir / "in.pgen",
                         self.dir / "out.pgen")
        for ending in ("pvar", "psam"):
            (self.dir / f"in.{ending}").rename(self.dir / f"out.{ending}")
        self.assertEqual((self.dir / "out.pgen").read_bytes()[2], 0x20)
        pgi = self.dir / "out.pgen.pgi"
        expected = self.tables("bed", self.dir / "in.bed")
        self.assertEqual(self.tables("external", self.dir / "out.pgen"), expected)
        inputs = support.read_tsv(self.dir / "external" / "share" / "inputs.tsv")
        self.assertIn("out.pgen.pgi", [row["FILE"] for row in inputs])
        whole = pgi.read_bytes()
        changed = bytearray(whole)
        changed[-5] ^= 3  # the length of a record
        for name, content, error in (("cut", whole[:-1], "E0417"), ("long", whole + b"x", "E0417"),
                                     ("other", b"x" + whole, "E0410"), ("empty", b"", "E0410"),
                                     ("changed", bytes(changed), "E0")):
            with self.subTest(name):
                pgi.write_bytes(content)
                done = self.qc(name, self.dir / "out.pgen")
                self.assertEqual(done.code, 4, done.err)
                self.assertIn("out.pgen", done.err)
                self.assertIn(f"error[{error}", done.err)
        pgi.unlink()
        done = self.qc("missing", self.dir / "out.pgen")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("out.pgen.pgi", done.err)

    def test_fixed_width_calls(self):
        """Storage mode 2; modes 3 and 4, which no tool writes, are in the unit tests."""
        bed = support.data("hapmap_trios/hapmap279.bed")
        support.run_peer(self.plink2, "--bfile", bed.removesuffix(".bed"), "--make-pgen",
                         "format=2", "--out", self.dir / "h")
        self.assertEqual((self.dir / "h.pgen").read_bytes()[2], 2)
        self.assertEqual(self.tables("pgen", self.dir / "h.pgen"), self.tables("bed", bed))

    def test_extended_headers_are_refused(self):
        """Modes 0x11 and 0x21: plink2 itself neither writes nor reads them here."""
        bed = support.data("hapmap_trios/hapmap279.bed")
        support.run_peer(self.plink2, "--bfile", bed.removesuffix(".bed"), "--make-pgen", "--out",
                         self.dir / "h")
        whole = bytearray((self.dir / "h.pgen").read_bytes())
        self.assertEqual(whole[2], 0x10)
        for mode in (0x11, 0x21):
            whole[2] = mode
            (self.dir / "h.pgen").write_bytes(whole)
            done = self.qc(f"m{mode}", self.dir / "h.pgen")
            self.assertEqual(done.code, 4)
            for part in ("E0410", "h.pgen", f"0x{mode:x}", "plink2 --pfile"):
                self.assertIn(part, done.err)
            with self.assertRaises(subprocess.CalledProcessError):
                support.run_peer(self.plink2, "--pfile", self.dir / "h", "--freq", "--out",
                                 self.dir / "f")

    def test_a_cut_file_is_refused(self):
        bed = support.data("hapmap_trios/hapmap279.bed")
        support.run_peer(self.plink2, "--bfile", bed.removesuffix(".bed"), "--make-pgen", "--out",
                         self.dir / "h")
        whole = (self.dir / "h.pgen").read_bytes()
        (self.dir / "h.pgen").write_bytes(whole[:-1])
        done = self.qc("cut", self.dir / "h.pgen")
        self.assertEqual(done.code, 4)
        for part in ("E0411", "h.pgen", "record 9088", "copy"):
            self.assertIn(part, done.err)
        (self.dir / "h.pgen").write_bytes(whole + b"x")
        done = self.qc("long", self.dir / "h.pgen")
        self.assertEqual(done.code, 4)
        self.assertIn("E0417", done.err)


if __name__ == "__main__":
    unittest.main()
