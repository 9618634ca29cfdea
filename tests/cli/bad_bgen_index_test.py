"""Indexes of BGEN files that are damaged or belong to another file are refused."""
import random
import sqlite3
import unittest

import bgen_writer as w
from bad_bgen import BadBgenTest, IDS
from support import kinflow, run_peer, program


class Index(BadBgenTest):
    def setUp(self):
        super().setUp()
        self.write(self.good)
        self.assertEqual(kinflow("index", "x.bgen", cwd=self.dir).code, 0)
        self.index = self.dir / "x.bgen.bgi"

    def change(self, sql):
        with sqlite3.connect(self.index) as db:
            db.execute(sql)

    def refused(self, error_id, *parts):
        self.assert_refused(error_id, "x.bgen.bgi", "kinflow index", *parts)

    def test_of_a_longer_file(self):
        self.write(w.bgen(self.variants[:3], ids=IDS))
        self.refused("E0412", f"of a file of {len(self.good)} bytes")

    def test_of_a_file_with_other_first_bytes(self):
        self.write(w.bgen(self.variants, ids=["QZ9", *IDS[1:9], "QZ0"]))
        self.refused("E0412", "first bytes")

    def test_other_number_of_variants(self):
        self.change("DELETE FROM Variant WHERE position = 20")
        self.refused("E0412", "3 variants")

    def test_more_variants(self):
        self.change("INSERT INTO Variant VALUES ('1', 99, 'r', 2, 'A', 'G', 1, 1)")
        self.refused("E0412")

    def test_other_end_without_metadata(self):
        self.change("DROP TABLE Metadata")
        self.assertEqual(self.load().code, 0)
        (self.dir / "out").rename(self.dir / "was")
        self.write(self.good[:-1])
        self.refused("E0412", "ends at byte")

    def test_impossible_numbers_of_alleles(self):
        for alleles in (0, 1, -1, 70000):
            self.change(f"UPDATE Variant SET number_of_alleles = {alleles} WHERE position = 20")
            self.refused("E0413", "impossible entry")

    def test_other_numbers_of_alleles(self):
        """Seen when the variant is sought by the index: more than it has, or fewer."""
        self.write(w.bgen([w.Variant.random(random.Random(i), 10, pos=10 * i + 10, rsid=f"r{i}",
                                            alleles=("A", "C", "G")) for i in range(4)], ids=IDS))
        for alleles in (2, 4):
            kinflow("index", "x.bgen", "--force", cwd=self.dir)
            self.change(f"UPDATE Variant SET number_of_alleles = {alleles}")
            done = kinflow("inspect", "x.bgen", "--regions", "1:20-40", cwd=self.dir)
            self.assertEqual(done.code, 4, done.err)
            self.assertIn("x.bgen.bgi: error[E0412]", done.err)

    def region_refused(self, region, error_id, file, *parts):
        """A query of few variants, which trusts the index, is refused."""
        done = kinflow("inspect", "x.bgen", "--regions", region, cwd=self.dir)
        self.assert_refused(error_id, file + ": error", *parts, done=done)

    def test_position_of_another_place(self):
        self.change("UPDATE Variant SET position = position + 1000000 WHERE position = 20")
        self.region_refused("1:15-25", "E0412", "x.bgen.bgi", "kinflow index")

    def test_position_next_to_the_right_one(self):
        """The order is right, and the variant would be missing from its region, or come from
        another one: those around a region are compared too, and all in a full pass."""
        for step, regions in ((1, ("1:10-20", "1:15-20", "1:21")),
                              (-1, ("1:20-30", "1:20", "1:11-19"))):
            kinflow("index", "x.bgen", "--force", cwd=self.dir)
            self.change(f"UPDATE Variant SET position = position + {step} WHERE position = 20")
            for region in regions:
                self.region_refused(region, "E0412", "x.bgen.bgi", "something else")
            self.refused("E0412", "something else", "record 2")

    def test_chromosome_of_another_place(self):
        self.change("UPDATE Variant SET chromosome = '7' WHERE position = 20")
        self.region_refused("1:15-25", "E0412", "x.bgen.bgi", "kinflow index")

    def test_a_variant_in_place_of_its_neighbour(self):
        """Count and end are right: one would come twice, the other not at all."""
        with sqlite3.connect(self.index) as db:
            place = db.execute("SELECT file_start_position, size_in_bytes, position FROM Variant "
                               "WHERE position = 20").fetchone()
            db.execute("UPDATE Variant SET file_start_position = ?, size_in_bytes = ?, "
                       "position = ? WHERE position = 30", place)
        self.region_refused("1:15-35", "E0412", "x.bgen.bgi", "overlap, or leave parts")
        self.refused("E0412", "overlap, or leave parts")

    def test_other_names(self):
        for column, value in (("rsid", "r9"), ("allele1", "T"), ("allele2", "T"),
                              ("chromosome", "7")):
            kinflow("index", "x.bgen", "--force", cwd=self.dir)
            self.change(f"UPDATE Variant SET {column} = '{value}' WHERE position = 40")
            self.region_refused("1:40,7", "E0412", "x.bgen.bgi", "something else")
            self.refused("E0412", "something else", "record 4")

    def test_unsorted_file_is_not_the_fault_of_its_index(self):
        for i, pos in enumerate((10, 30, 20, 40)):
            self.variants[i].pos = pos
        self.write(w.bgen(self.variants, ids=IDS))
        kinflow("index", "x.bgen", "--force", cwd=self.dir)
        self.region_refused("1:25-35", "E0428", "x.bgen", "before that of the record above")
        self.assert_refused("E0428", "before that of the record above")

    def test_no_sqlite(self):
        self.index.write_bytes(b"no database at all" * 100)
        self.refused("E0413")
        self.index.write_bytes(b"")
        self.refused("E0413")

    def test_cut(self):
        self.index.write_bytes(self.index.read_bytes()[:5000])
        self.refused("E0413")

    def test_no_tables_or_a_view(self):
        self.change("ALTER TABLE Variant RENAME TO Other")
        self.refused("E0413", "no table Variant")
        self.change("CREATE VIEW Variant AS SELECT * FROM Other")
        self.refused("E0413", "no table Variant")

    def test_damaged_file_is_not_indexed(self):
        self.index.unlink()
        self.write(self.good[:-1])
        self.assert_refused("E0411", done=kinflow("index", "x.bgen", cwd=self.dir))
        self.assertEqual(sorted(p.name for p in self.dir.iterdir()), ["x.bgen"])

    def test_formats_without_an_index(self):
        bed = self.dir / "x.bed"
        bed.write_bytes(b"\x6c\x1b\x01\x00")
        self.assert_refused("E0410", done=kinflow("index", "x.bed", cwd=self.dir))
        (self.dir / "x.vcf").write_text("##fileformat=VCFv4.2\n")
        self.assert_refused("E0410", "bgzip", done=kinflow("index", "x.vcf", cwd=self.dir))

    def test_ticket_is_no_genotype_file(self):
        """A file that htslib would take for a list of addresses is not followed."""
        ticket = self.dir / "t.vcf"
        ticket.write_text('{"htsget": {"urls": [{"url": "file:///etc/passwd"}]}}')
        run_peer(program("bgzip"), "t.vcf", cwd=self.dir)
        self.assert_refused("E0410", done=kinflow("index", "t.vcf.gz", cwd=self.dir))


if __name__ == "__main__":
    unittest.main()
