"""A dosage store of an earlier run as genotype input: same results as from the files it was made of."""
import json
import shutil
import unittest

import support


class StoreInputTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        done = support.kinflow("simulate", "--trios", 40, "--variants", 600, "--seed", 5, "--out",
                               self.dir / "c")
        self.assertEqual(done.code, 0, done.err)
        self.load("store")

    def load(self, folder):
        done = support.kinflow("load", "--geno", self.dir / "c.vcf.gz", "--out", self.dir / folder)
        self.assertEqual(done.code, 0, done.err)

    def score(self, genotypes, folder, *more):
        return support.kinflow("score", "--geno", genotypes, "--weights",
                               self.dir / "c.PGS900001.txt.gz", "--out", self.dir / folder,
                               "--pedigree", self.dir / "c.fam", *more)

    def table(self, folder, name):
        return (self.dir / folder / name).read_bytes()

    def test_scores_and_counts_are_those_of_the_files(self):
        for genotypes, folder in ((self.dir / "c.vcf.gz", "files"), (self.dir / "store", "stored")):
            done = self.score(genotypes, folder)
            self.assertEqual(done.code, 0, done.err)
        for name in ("private/scores.tsv", "share/match_summary.tsv"):
            self.assertEqual(self.table("files", name), self.table("stored", name), name)
        for genotypes, folder in ((self.dir / "c.vcf.gz", "q1"), (self.dir / "store", "q2")):
            done = support.kinflow("qc", "--geno", genotypes, "--pedigree", self.dir / "c.fam",
                                   "--out", self.dir / folder, "--preset", "imputed")
            self.assertEqual(done.code, 0, done.err)
        for name in ("private/samples.tsv", "private/families.tsv", "share/ledger.tsv"):
            self.assertEqual(self.table("q1", name), self.table("q2", name), name)

    def test_a_part_of_the_people(self):
        with open(self.dir / "c.fam", encoding="ascii") as f:
            people = [line.split()[1] for line in f]
        (self.dir / "keep.txt").write_text("\n".join(people[1::3]) + "\n")
        for genotypes, folder in ((self.dir / "c.vcf.gz", "files"), (self.dir / "store", "stored")):
            done = self.score(genotypes, folder, "--samples", self.dir / "keep.txt")
            self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.table("files", "private/scores.tsv"),
                         self.table("stored", "private/scores.tsv"))
        self.assertIn(people[1].encode(), self.table("stored", "private/scores.tsv"))

    def test_nothing_is_decoded_or_stored_again(self):
        done = self.score(self.dir / "store", "stored")
        self.assertEqual(done.code, 0, done.err)
        self.assertFalse((self.dir / "stored/work/artifacts/dosage").exists())

    def test_the_artifact_folder_itself(self):
        folder = next((self.dir / "store/work/artifacts/dosage").iterdir())
        done = self.score(folder, "stored")
        self.assertEqual(done.code, 0, done.err)

    def test_output_folder_whose_work_folder_lies_elsewhere(self):
        """run.json names it: commands find the store of this run among those of others."""
        for folder, more in (("res/o", ()), ("part", ("--regions", "1:1-50000000"))):
            done = support.kinflow("load", "--geno", "c.vcf.gz", "--out", folder, "--work", "cache",
                                   *more, cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
        rows = ("--table", "variants", "--rows", 1000)
        expected = support.kinflow("inspect", "store", *rows, cwd=self.dir).out
        self.assertEqual(len(expected.splitlines()), 601)
        for given in ("res/o", self.dir / "res/o", "res/../res/o/"):
            shown = support.kinflow("inspect", given, *rows, cwd=self.dir)
            self.assertEqual((shown.code, shown.out), (0, expected), shown.err)
        part = support.kinflow("inspect", "part", *rows, cwd=self.dir)
        self.assertEqual(part.code, 0, part.err)
        self.assertLess(len(part.out), len(expected))
        for args in (("status", "res/o"), ("verify", "res/o"), ("export", "res/o", "--out", "e")):
            done = support.kinflow(*args, cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
        # Nor where relative paths of a config started from, if the output folder's is absolute.
        (self.dir / "study").mkdir()
        config = {"schema_version": 1, "input": {"genotypes": "../c.vcf.gz"},
                  "pedigree": {"file": "../c.fam"}, "dosage": {"store": "always"},
                  "qc": {"preset": "none"}, "resources": {"work": "../cache"},
                  "output": {"folder": str(self.dir / "far/o")}}
        (self.dir / "study/run.yaml").write_text(json.dumps(config))
        done = support.kinflow("run", "study/run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        for args in (("status", "far/o"), ("verify", "far/o"),
                     ("export", "far/o", "--format", "bed", "--out", "f")):
            done = support.kinflow(*args, cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
        self.assertIn("parents and sexes are those of the run's pedigree, c.fam", done.err)
        parents = {f[1]: f[2:4] for f in map(str.split, (self.dir / "c.fam").open())}
        for line in (self.dir / "f.fam").open():
            self.assertEqual(line.split()[2:4], parents[line.split()[1]])
        (self.dir / "cache").rename(self.dir / "gone")
        for args in (("status", "res/o"), ("verify", "res/o"), ("export", "res/o", "--out", "e")):
            done = support.kinflow(*args, cwd=self.dir)
            self.assertEqual(done.code, 4, done.err)
            self.assertIn("resources.work", done.err)
        done = support.kinflow("verify", "gone", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)

    def test_damage_is_found(self):
        folder = next((self.dir / "store/work/artifacts/dosage").iterdir())
        shard = folder / "shard-00001.h5"
        data = bytearray(shard.read_bytes())
        data[len(data) // 2] ^= 4
        shard.write_bytes(data)
        done = self.score(self.dir / "store", "stored")
        self.assertEqual(done.code, 6, done.err)
        self.assertIn("shard-00001.h5", done.err)

    def test_faults(self):
        folder = next((self.dir / "store/work/artifacts/dosage").iterdir())
        shutil.copytree(folder, self.dir / "a/b/c/away")
        done = self.score(self.dir / "a/b/c/away", "out")
        self.assertEqual(done.code, 6, done.err)
        self.assertIn(f"WORK/artifacts/dosage/{folder.name}", done.err)
        self.assertFalse((self.dir / "a/artifacts").exists())
        (self.dir / "empty").mkdir()
        done = self.score(self.dir / "empty", "out")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("E0402", done.err)
        self.assertIn("kinflow load", done.err)
        (self.dir / "keep.txt").write_text("nobody\n")
        done = self.score(self.dir / "store", "out", "--samples", self.dir / "keep.txt")
        self.assertEqual(done.code, 4, done.err)
        done = support.kinflow("load", "--geno", self.dir / "c.vcf.gz", "--out", self.dir / "store",
                               "--regions", "1")
        self.assertEqual(done.code, 0, done.err)
        (self.dir / "store/run.json").unlink()  # two stores in one folder, which is the last?
        done = self.score(self.dir / "store", "out")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("2 dosage stores", done.err)

    def test_of_two_stores_in_a_folder_the_last_is_read(self):
        done = support.kinflow("load", "--geno", self.dir / "c.vcf.gz", "--out", self.dir / "store",
                               "--samples", self.keep(10))
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(len(list((self.dir / "store/work/artifacts/dosage").iterdir())), 2)
        done = self.score(self.dir / "store", "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(len(self.table("out", "private/scores.tsv").splitlines()), 1 + 10)

    def keep(self, n):
        with open(self.dir / "c.fam", encoding="ascii") as f:
            people = [line.split()[1] for line in f]
        (self.dir / "keep.txt").write_text("\n".join(people[:n]) + "\n")
        return self.dir / "keep.txt"


if __name__ == "__main__":
    unittest.main()
