"""Checksum files beside the inputs: verified, or told where they cannot be."""
import hashlib
import unittest

from bad_input import TablesTest
from support import kinflow


class ChecksumFiles(TablesTest):
    TABLES = {"c.PGS900001.txt.gz": "scores", "c.pheno.tsv": "phenotypes",
              "c.pedigree.tsv": "pedigree", "keep.txt": "list"}

    def setUp(self):
        super().setUp()
        people = [r[1] for r in self.rows("c.pedigree.tsv")[1:]]
        (self.dir / "keep.txt").write_text("".join(f"{p}\n" for p in people))
        self.settings["input"]["samples"] = "keep.txt"

    def test_every_table_is_held_against_its_checksum(self):
        stated = "0" * 31 + "1"
        for name in self.TABLES:
            with self.subTest(name):
                beside = self.dir / f"{name}.md5"
                right = hashlib.md5((self.dir / name).read_bytes()).hexdigest()
                beside.write_text(f"{stated}  {name}\n")
                self.assert_refused(self.run_study(), 4, "E0418", name, right, value=stated)
                checked = kinflow("validate", "run.yaml", cwd=self.dir)
                self.assert_clean_end(checked, 4)
                self.assertIn(name, self.message(checked, "E0418"))
                self.assertEqual(checked.out, "")
                beside.write_text(f"{right}  {name}\n")
        self.assert_done(self.run_study())
        self.assert_clean_end(kinflow("validate", "run.yaml", cwd=self.dir), 0)
        rows = {r["FILE"]: r for r in self.table("share/inputs.tsv")}
        record = {r["file"]: r for r in self.run_json()["inputs"]}
        self.assertEqual(set(rows), {"c.vcf.gz", *self.TABLES})
        self.assertEqual(list(rows)[0], "c.vcf.gz")
        for name, kind in self.TABLES.items():
            self.assertEqual((rows[name]["FORMAT"], rows[name]["CHECKSUM"],
                              rows[name]["COMPLETENESS"], rows[name]["FIELD"]),
                             (kind, "verified md5", "checksum", "NA"))
            told = kind != "list"  # size and digest of a list would tell who stands in it
            bytes_ = str((self.dir / name).stat().st_size)
            self.assertEqual(rows[name]["BYTES"], bytes_ if told else "NA")
            self.assertEqual(rows[name]["DIGEST"], record[name]["xxh3_128"] if told else "NA")
            self.assertNotEqual(record[name]["xxh3_128"], "0" * 32)
            self.assertEqual(record[name]["checksum"], "verified md5")

    def test_sha256(self):
        digest = hashlib.sha256((self.dir / "c.pheno.tsv").read_bytes()).hexdigest()
        (self.dir / "c.pheno.tsv.sha256").write_text("0" * 64 + "  c.pheno.tsv\n")
        self.assert_refused(self.run_study(), 4, "E0418", "c.pheno.tsv", digest)
        (self.dir / "c.pheno.tsv.sha256").write_text(f"SHA256 (c.pheno.tsv) = {digest}\n")
        self.assert_done(self.run_study())
        rows = {r["FILE"]: r for r in self.table("share/inputs.tsv")}
        self.assertEqual((rows["c.pheno.tsv"]["CHECKSUM"], rows["c.pheno.tsv"]["COMPLETENESS"]),
                         ("verified sha256", "checksum"))
        self.assertEqual(rows["c.pedigree.tsv"]["CHECKSUM"], "NA")


if __name__ == "__main__":
    unittest.main()
