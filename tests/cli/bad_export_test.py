"""kinflow export of what is no store, is damaged or cannot be written: place, remedy, exit code."""
import os
import stat
import subprocess
import unittest

import numpy

from export_support import ExportTest, store_of
from support import kinflow


class Refused(ExportTest):
    def setUp(self):
        super().setUp()
        rows = [["1", str(p), f"rs{p}", "A", "G", ".", ".", ".", "DS", "0.5", "2"]
                for p in range(10, 20)]
        self.input = self.vcf("x.vcf", rows, ["a", "b"])

    def refused(self, code, error, *args):
        before = {p: p.read_bytes() for p in self.dir.rglob("*") if p.is_file()}
        done = kinflow("export", *args)
        self.assertEqual(done.code, code, done.err)
        self.assertIn(error, done.err)
        self.assertRegex(done.err, r"(?m)^  remedy: \S.{5,}")
        after = {p: p.read_bytes() for p in self.dir.rglob("*") if p.is_file()}
        self.assertEqual(after, before, "files were left or changed")
        return done

    def test_what_is_not_a_store(self):
        (self.dir / "empty").mkdir()
        self.refused(4, "E0402", self.dir / "empty", "--out", self.dir / "o")
        (self.dir / "text.txt").write_text("hello\n")
        self.refused(4, "E0410", self.dir / "text.txt", "--out", self.dir / "o")
        self.refused(4, "E0401", self.dir / "nothing.vcf", "--out", self.dir / "o")
        self.load(self.input, "load")
        counts = next((self.dir / "load/work/artifacts/counts").iterdir())
        self.refused(6, "E0604", counts, "--out", self.dir / "o")
        table = next(counts.glob("*.h5"))
        self.refused(4, "E0410", table, "--out", self.dir / "o")

    def test_two_stores_in_one_folder(self):
        self.load(self.input, "load")
        self.load(self.input, "load", "--regions", "1:10-12")
        (self.dir / "load" / "run.json").unlink()  # that says which is the last
        self.refused(4, "2 dosage stores", self.dir / "load", "--out", self.dir / "o")
        one = sorted((self.dir / "load/work/artifacts/dosage").iterdir())[0]
        self.export(one, "o")

    def test_empty_selections(self):
        for args in (["--regions", "1:100-200"], ["--variants", self.dir / "ids"],
                     ["--regions", "1:10-10", "--variants", self.dir / "other"]):
            (self.dir / "ids").write_text("nothing\n")
            (self.dir / "other").write_text("rs11\n")
            for form in ("vcf", "bcf", "bed"):
                self.refused(4, "E0432", self.input, "--out", self.dir / "o", "--format", form,
                             *args)
        (self.dir / "who").write_text("nobody\n")
        self.refused(4, "E0422", self.input, "--out", self.dir / "o", "--samples",
                     self.dir / "who")

    def test_chromosome_that_is_not_there(self):
        store = self.load(self.input, "load")
        done = self.refused(2, "E0203", store, "--out", self.dir / "o", "--regions", "7:1-100")
        self.assertIn("chromosomes: 1", done.err)
        self.refused(2, "E0203", store, "--out", self.dir / "o", "--regions", "1:x-y")

    def test_damaged_store(self):
        store = self.load(self.input, "load")
        shard = store_of(store)[0]
        whole = shard.read_bytes()
        for at in range(200, len(whole), max(1, len(whole) // 40)):
            bad = bytearray(whole)
            bad[at] ^= 0x10
            shard.write_bytes(bytes(bad))
            self.refused(6, "E0601", store, "--out", self.dir / "o")
        shard.write_bytes(whole[:-10])
        self.refused(6, "E0601", store, "--out", self.dir / "o")
        shard.unlink()
        self.refused(6, "E0603", store, "--out", self.dir / "o")

    def test_bad_format_and_no_out(self):
        self.assertEqual(kinflow("export", self.input, "--out", self.dir / "o", "--format",
                                 "xls").code, 2)
        self.assertEqual(kinflow("export", self.input).code, 2)

    def test_existing_files_are_replaced_as_a_whole(self):
        self.export(self.input, "o")
        old = (self.dir / "o.vcf.gz").read_bytes()
        with open(self.dir / "o.vcf.gz", "rb") as reader:
            self.export(self.input, "o", "--regions", "1:10-12")
            self.assertEqual(reader.read(), old)
        self.assertNotEqual((self.dir / "o.vcf.gz").read_bytes(), old)
        self.assertEqual(stat.S_IMODE((self.dir / "o.vcf.gz").stat().st_mode), 0o600)

    def test_export_over_its_own_input(self):
        self.export(self.input, "c")
        self.export(self.input, "c", "--format", "bed")
        (self.dir / "link").symlink_to(self.dir)
        for given, form, out in (("c.vcf.gz", "vcf", "c"), ("c.bed", "bed", "c"),
                                 ("c.bed", "bed", "link/c")):
            done = self.refused(2, "E0203", self.dir / given, "--format", form, "--out",
                                self.dir / out)
            self.assertIn("would replace a file that it reads", done.err)

    def test_names_that_no_table_can_hold(self):
        for column, value in (("ID", "rs1 x"), ("REF", "A C"), ("ALT", "<DEL 1>")):
            row = ["1", "10", "rs1", "A", "G", ".", ".", ".", "DS", "0.5", "2"]
            row[{"ID": 2, "REF": 3, "ALT": 4}[column]] = value
            path = self.vcf("blank.vcf", [row], ["a", "b"])
            done = self.refused(4, "E0413", path, "--out", self.dir / "o")
            self.assertIn(f"field {column}", done.err.replace("field:  ", "field "))

    def test_folder_that_cannot_be_made(self):
        (self.dir / "plain").write_text("")
        for form in ("vcf", "bcf", "bed"):
            self.refused(5, "E0505", self.input, "--out", self.dir / "plain/o", "--format", form)
        self.refused(5, "E0505", self.input, "--out", "/proc/nowhere/o")

    def test_disk_full_and_read_only(self):
        # Random values: what does not compress fills the disk.
        rows = [["1", str(p + 1), f"rs{p}", "A", "G", ".", ".", ".", "DS",
                 *(str(v / 1000) for v in numpy.random.default_rng(p).integers(0, 2001, 2000))]
                for p in range(300)]
        source = self.vcf("big.vcf", rows, [f"p{k}" for k in range(2000)])
        disk = self.dir / "disk"
        disk.mkdir(mode=0o700)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", disk],
                              stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            self.skipTest("mounting a tmpfs is not permitted here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=False)
        for form in ("vcf", "bcf", "bed"):
            self.refused(7, "E0711", source, "--out", disk / "o", "--format", form)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        self.refused(5, "E0505", source, "--out", disk / "o")
        self.assertEqual(os.listdir(disk), [])


if __name__ == "__main__":
    unittest.main()
