"""A .bed and its tables that are damaged or do not fit together: place, remedy, exit code."""
import shutil
import unittest

from bad_input import BadInputTest, base_cohort
from support import kinflow, program, run_peer


class BadBed(BadInputTest):
    def setUp(self):
        super().setUp()
        for path in base_cohort(format="bed").iterdir():
            shutil.copy(path, self.dir)
        self.settings["input"] = {"genotypes": "c.bed", "build": "GRCh37"}

    def damage(self, change):
        path = self.dir / "c.bed"
        path.write_bytes(change(path.read_bytes()))

    def test_size(self):
        size = (self.dir / "c.bed").stat().st_size
        for name, change in (("short", lambda b: b[:-1]), ("long", lambda b: b + b"\0\0")):
            with self.subTest(name):
                whole = (self.dir / "c.bed").read_bytes()
                self.damage(change)
                wrong = (self.dir / "c.bed").stat().st_size
                self.assert_refused(self.run_study(), 4, "E0417", "c.bed", str(size), str(wrong))
                (self.dir / "c.bed").write_bytes(whole)

    def test_bits_behind_the_last_sample(self):
        """Read as plink 1.9 reads them, with a warning that counts the variants."""
        fam = (self.dir / "c.fam").read_text().splitlines()
        (self.dir / "keep.txt").write_text("".join(s.split()[0] + " " + s.split()[1] + "\n"
                                                   for s in fam[:-1]))
        plink = program("plink1.9")
        run_peer(plink, "--bfile", "c", "--keep", "keep.txt", "--keep-allele-order", "--make-bed",
                 "--out", "d", cwd=self.dir)
        self.assertEqual((len(fam) - 1) % 4, 3)
        clean = (self.dir / "d.bed").read_bytes()
        row = (len(fam) + 2) // 4
        dirty = bytearray(clean)
        for at in range(3 + row - 1, len(dirty), 2 * row):
            dirty[at] |= 0x80
        (self.dir / "d.bed").write_bytes(dirty)
        tables = []
        for content, told in ((clean, False), (bytes(dirty), True)):
            (self.dir / "d.bed").write_bytes(content)
            done = kinflow("qc", "--geno", "d.bed", "--preset=none", "--out", f"q{told}",
                           cwd=self.dir)
            self.assert_clean_end(done, 0)
            self.assertEqual("100 variants of the .bed have bits" in done.err, told, done.err)
            tables.append([(self.dir / f"q{told}/private" / name).read_bytes()
                           for name in ("samples.tsv", "variants_full.tsv.gz")])
        self.assertEqual(*tables)
        run_peer(plink, "--bfile", "d", "--keep-allele-order", "--make-bed", "--out", "e",
                 cwd=self.dir)
        self.assertEqual((self.dir / "e.bed").read_bytes(), clean)

    def test_a_fam_that_lost_its_last_line(self):
        """The size fits, as rows end on whole bytes; the genotypes left over tell."""
        lines = (self.dir / "c.fam").read_text().splitlines(keepends=True)
        self.assertEqual(len(lines) % 4, 0)
        for lost in (1, 2, 3):
            (self.dir / "c.fam").write_text("".join(lines[:-lost]))
            self.assert_refused(self.run_study(), 4, "E0417", "c.bed", f"{len(lines) - lost}",
                                "more people")

    def test_names_that_are_not_utf8(self):
        for name, column, parts in (("c.bim", 1, ("c.bim:3", "field ID")),
                                    ("c.fam", 1, ("c.fam", "record 3"))):
            with self.subTest(name):
                whole = (self.dir / name).read_bytes()
                lines = whole.splitlines(keepends=True)
                fields = lines[2].split()
                fields[column] = b"x\xe9"
                lines[2] = b"\t".join(fields) + b"\n"
                (self.dir / name).write_bytes(b"".join(lines))
                self.assert_refused(self.run_study(), 4, "E0413", "byte 2, e9, is not UTF-8",
                                    *parts)
                (self.dir / name).write_bytes(whole)

    def test_magic(self):
        self.damage(lambda b: b"\x6d" + b[1:])
        self.assert_refused(self.run_study(), 4, "E0410", "c.bed")

    def test_sample_major(self):
        self.damage(lambda b: b[:2] + b"\0" + b[3:])
        self.assert_refused(self.run_study(), 4, "E0410", "c.bed")

    def test_the_same_allele_twice(self):
        bim = (self.dir / "c.bim").read_text().splitlines(keepends=True)
        fields = bim[6].split()
        bim[6] = "\t".join([*fields[:4], "a", "A"]) + "\n"
        (self.dir / "c.bim").write_text("".join(bim))
        self.assert_refused(self.run_study(), 4, "E0413", "c.bim", "7", "same allele")

    def test_two_names_of_one_chromosome(self):
        lines = (self.dir / "c.bim").read_text().splitlines(keepends=True)
        lines[7] = "chr" + lines[7]
        (self.dir / "c.bim").write_text("".join(lines))
        self.assert_refused(self.run_study(), 4, "E0413", "c.bim", "8",
                            "is spelled chr1 here and 1")

    def test_tables_cut_inside_the_last_line(self):
        """What is left of the line may still look whole: another allele, another person."""
        for name in ("c.bim", "c.fam"):
            with self.subTest(name):
                whole = (self.dir / name).read_bytes()
                (self.dir / name).write_bytes(whole[:-1])
                self.assert_refused(self.run_study(), 4, "E0411", name, "the last line has no end",
                                    f"echo >> {name}")
                (self.dir / name).write_bytes(whole)

    def test_duplicate_person(self):
        fam = (self.dir / "c.fam").read_text().splitlines(keepends=True)
        fam[4] = fam[1]
        (self.dir / "c.fam").write_text("".join(fam))
        twice = fam[1].split()[1]
        self.assert_refused(self.run_study(), 4, "E0420", "c.fam", "2", "5", absent=[twice])


if __name__ == "__main__":
    unittest.main()
