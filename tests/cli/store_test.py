"""The dosage store as an exchange format: h5py, h5dump and rhdf5 open it without a plugin and get
the dosages of the source; kinflow inspect prints regions of it."""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import h5py
import numpy

from support import TempFolderTest, data, kinflow, program, r_package, run_peer

NO_PLUGIN = dict(os.environ, HDF5_PLUGIN_PRELOAD="::")

RHDF5 = """
suppressMessages(library(rhdf5))
path <- commandArgs(TRUE)[1]
a <- h5readAttributes(path, "dosage")
value <- h5read(path, "dosage")                 # samples x variants: R is column-major
value[value == a$missing_value] <- NA
x <- t(value) * a$scale_factor
stopifnot(nrow(x) == length(h5read(path, "variants/pos")),
          ncol(x) == length(h5read(path, "samples/iid")))
write.table(format(x, digits = 10, trim = TRUE), quote = FALSE, sep = "\\t", row.names = FALSE,
            col.names = FALSE)
"""


def text(value):
    return value.decode() if isinstance(value, bytes) else value


class Store(unittest.TestCase):
    """One store over several shards of real imputation serves all tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.source = data("minimac_trios/imputed.vcf.gz")
        done = kinflow("load", "--geno", cls.source, "--build", "GRCh37", "--out",
                       cls.dir / "out", "--progress=none", "--set", "resources.shard_genotypes=200000")
        if done.code != 0:
            raise AssertionError(done.err)
        cls.shards = sorted((cls.dir / "out/work/artifacts/dosage").rglob("*.h5"))
        cls.artifact = cls.shards[0].parent
        cls.sites, rows = [], []
        with gzip.open(cls.source, "rt") as f:
            for line in f:
                if line.startswith("#"):
                    cls.samples = line.rstrip("\n").split("\t")[9:]
                    continue
                fields = line.rstrip("\n").split("\t")
                at = fields[8].split(":").index("DS")
                cls.sites.append(tuple(fields[:5]))
                rows.append([float(s.split(":")[at]) for s in fields[9:]])
        cls.ds = numpy.array(rows)

    def inspect(self, *args, code=0):
        done = kinflow("inspect", *args)
        self.assertEqual(done.code, code, done.err)
        return done

    def table(self, *args):
        lines = [line.split("\t") for line in self.inspect(*args).out.splitlines()]
        return lines[0], lines[1:]

    # Readers of others.

    def test_h5py_gets_the_dosages_of_the_source(self):
        self.assertGreater(len(self.shards), 4)
        row = 0
        for shard in self.shards:
            with h5py.File(shard) as f:
                d = f["dosage"]
                self.assertEqual(d.compression, "gzip")
                self.assertTrue(d.fletcher32 and d.shuffle)
                self.assertEqual(d.fillvalue, d.attrs["missing_value"])
                self.assertLessEqual(d.chunks[0] * d.chunks[1] * d.dtype.itemsize, 2 << 20)
                x = d[:] * d.attrs["scale_factor"]
                part = slice(row, row + len(x))
                self.assertLess(numpy.abs(x - self.ds[part]).max(), 1e-15)
                numpy.testing.assert_array_equal(d[:] / d.attrs["units_per_copy"], self.ds[part])
                self.assertTrue(x.min() >= 0 and x.max() <= 2)
                self.assertEqual(d.attrs["error_bound"], 0)
                self.assertEqual(text(d.attrs["field"]), "DS")
                self.assertEqual(text(f.attrs["genome_build"]), "GRCh37")
                v = f[d.attrs["row_table"]]
                names = v["chrom_names"][:][v["chrom"][:]]
                self.assertEqual([tuple(map(text, (c, str(p), i, r, a))) for c, p, i, r, a in
                                  zip(names, v["pos"][:], v["id"][:], v["ref"][:], v["alt"][:])],
                                 self.sites[part])
                self.assertEqual([text(i) for i in f[d.attrs["column_table"]]["iid"][:]],
                                 self.samples)
                row += len(x)
        self.assertEqual(row, len(self.sites))

    def test_phase_is_kept(self):
        calls = numpy.concatenate([h5py.File(s)["calls"][:] for s in self.shards])
        with gzip.open(self.source, "rt") as f:
            gt = numpy.array([[s[:3] for s in line.rstrip("\n").split("\t")[9:]]
                              for line in f if not line.startswith("#")])
        dosages = numpy.concatenate([h5py.File(s)["dosage"][:] for s in self.shards]) / 1000
        near_one = (dosages > 0.5) & (dosages < 1.5)
        self.assertTrue(((calls & 4 != 0) == ((gt == "1|0") & near_one)).all())
        # A homozygous call says nothing of the haplotypes of a dosage near 1.
        doubtful = near_one & ((gt == "0|0") | (gt == "1|1"))
        self.assertTrue(((calls & 2 != 0) == ~doubtful).all() and (calls & 1 == 0).all())

    def test_h5dump_opens_it(self):
        shard = self.shards[1]
        out = subprocess.run([program("h5dump"), "-d", "/dosage", "-s", "3,10", "-c", "2,5", "-y",
                              shard], env=NO_PLUGIN, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=True)
        self.assertEqual(out.stderr, "")
        body = out.stdout.split("DATA {", 1)[1].split("}", 1)[0]
        got = numpy.array([int(n) for n in re.findall(r"\d+", body)]).reshape(2, 5)
        with h5py.File(self.shards[0]) as f:
            before = len(f["variants/pos"])
        want = self.ds[before + 3:before + 5, 10:15]
        numpy.testing.assert_array_equal(got / 1000, want)
        header = run_peer(program("h5dump"), "-H", "-p", shard)
        for part in ("COMPRESSION DEFLATE", "PREPROCESSING SHUFFLE", "CHECKSUM FLETCHER32",
                     "units_per_copy", "scale_factor", "missing_value", "error_bound"):
            self.assertIn(part, header)

    def test_rhdf5_gets_the_dosages_of_the_source(self):
        r_package("rhdf5")
        program_file = self.dir / "read.R"
        program_file.write_text(RHDF5)
        out = subprocess.run([program("Rscript"), program_file, self.shards[0]],
                             env=NO_PLUGIN, text=True, stdout=subprocess.PIPE, check=True).stdout
        got = numpy.array([[float(v) for v in line.split()] for line in out.splitlines()])
        numpy.testing.assert_allclose(got, self.ds[:len(got)], rtol=0, atol=1e-9)

    def test_shards_without_variants_have_the_same_objects(self):
        """Regions of a file whose shards are those of all its variants."""
        chosen = self.dir / "region"
        bed = data("hapmap_trios/hapmap279.bed")
        done = kinflow("load", "--geno", bed, "--out", chosen, "--progress=none",
                       "--regions", "22")
        self.assertEqual(done.code, 0, done.err)
        shards = sorted((chosen / "work/artifacts/dosage").rglob("*.h5"))
        attributes, rows = [], 0
        for shard in shards:
            with h5py.File(shard) as f:
                dosage = f["dosage"]
                attributes.append({name: str(value) for name, value in dosage.attrs.items()})
                self.assertEqual(dosage[:].shape, (len(f["variants/pos"]), len(f["samples/iid"])))
                rows += len(dosage)
        with h5py.File(shards[0]) as f:
            self.assertEqual(len(f["dosage"]), 0)
        self.assertGreater(rows, 0)
        self.assertTrue(all(a == attributes[-1] for a in attributes))
        self.assertEqual(kinflow("verify", chosen / "work").code, 0)
        r_package("rhdf5")
        r = f"x <- rhdf5::h5read('{shards[0]}', 'dosage'); stopifnot(dim(x) == c(279, 0))"
        subprocess.run([program("Rscript"), "-e", r], env=NO_PLUGIN, check=True)

    # kinflow inspect.

    def expect(self, rows, columns):
        return [[*self.sites[r], *[self.number(self.ds[r, c]) for c in columns]] for r in rows]

    @staticmethod
    def number(value):
        return str(int(value)) if value == int(value) else repr(round(float(value), 3))

    def in_region(self, first, last):
        return [r for r, site in enumerate(self.sites) if first <= int(site[1]) <= last]

    def test_region_across_shards(self):
        with h5py.File(self.shards[1]) as f:
            end = int(f["variants/pos"][-1])
        first, last = end - 20000, end + 20000
        rows = self.in_region(first, last)
        self.assertGreater(len(rows), 30)
        for path in (self.artifact, self.dir / "out", self.dir / "out/work", self.source):
            head, got = self.table(path, "--region", f"20:{first}-{last}")
            self.assertEqual(head, ["CHROM", "POS", "ID", "REF", "ALT",
                                    *[f"sample {k}" for k in range(1, 9)]])
            self.assertEqual(got, self.expect(rows, range(8)))

    def test_samples(self):
        region = ("--region", f"20:{self.sites[40][1]}-{self.sites[60][1]}")
        rows = self.in_region(int(self.sites[40][1]), int(self.sites[60][1]))
        head, got = self.table(self.artifact, *region, "--samples", "140-143")
        self.assertEqual(head[5:], [f"sample {k}" for k in range(140, 144)])
        self.assertEqual(got, self.expect(rows, range(139, 143)))
        keep = self.dir / "keep"
        keep.write_text(f"{self.samples[77]}\n{self.samples[2]}\n")
        head, got = self.table(self.artifact, *region, "--samples", keep)
        self.assertEqual(head[5:], ["sample 3", "sample 78"])
        self.assertEqual(got, self.expect(rows, (2, 77)))
        head, _ = self.table(self.artifact, *region, "--samples", keep, "--ids")
        self.assertEqual(head[5:], [self.samples[2], self.samples[77]])
        head, got = self.table(self.artifact, *region, "--samples", "0")
        self.assertEqual(got, [list(self.sites[r]) for r in rows])
        self.assertIn("E0203", self.inspect(self.artifact, "--samples", "140-151", code=2).err)

    def test_ids_stay_out_by_default(self):
        out = self.inspect(self.artifact, "--samples", "150", "--rows", "5").out
        self.assertFalse([s for s in self.samples if s in out])

    def test_variants_by_id_and_rows(self):
        ids = [self.sites[r][2] for r in (5000, 9, 11000)]
        rows = [r for r, site in enumerate(self.sites) if site[2] in ids]
        _, got = self.table(self.artifact, "--variants", ",".join(ids))
        self.assertEqual(got, self.expect(rows, range(8)))
        (self.dir / "ids").write_text("\n".join(ids) + "\n")
        self.assertEqual(self.table(self.artifact, "--variants", self.dir / "ids")[1], got)
        for first, n in ((0, 3), (1330, 10), (len(self.sites) - 2, 100)):
            head, got = self.table(self.artifact, "--first", first, "--rows", n, "--table",
                                   "dosage")
            self.assertEqual(got, self.expect(range(len(self.sites))[first:first + n], range(8)))
        region = ("--region", "20:1-63025520", "--first", 1000, "--rows", 4)
        self.assertEqual(self.table(self.artifact, *region)[1], self.expect(range(1000, 1004),
                                                                            range(8)))

    def test_variants_table(self):
        head, got = self.table(self.artifact, "--table", "variants", "--rows", 100000)
        self.assertEqual(head, ["CHROM", "POS", "ID", "REF", "ALT", "INFO"])
        self.assertEqual([tuple(row[:5]) for row in got], self.sites)
        self.assertTrue(all(0 <= float(row[5]) <= 1 for row in got))

    def test_one_shard_by_itself(self):
        alone = self.dir / "alone.h5"
        shutil.copy(self.shards[2], alone)
        _, got = self.table(alone, "--table", "dosage", "--rows", 3)
        with h5py.File(alone) as f:
            pos = str(f["variants/pos"][0])
        first = next(r for r, site in enumerate(self.sites) if site[1] == pos)
        self.assertEqual(got, self.expect(range(first, first + 3), range(8)))
        listed = self.inspect(alone).out
        for item in ("/dosage", "/variants", "/variants/pos", "/samples/iid"):
            self.assertIn(item, listed)

    def test_names_of_genotypes_without_any(self):
        """Nothing on standard output with exit 0 would be taken for a file without variants."""
        header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        for name, text, told in (("e.vcf", "", "the file is empty"), ("e.pgen", "", "is empty"),
                                 ("b.vcf", "\ufeff" + header, "byte order mark"),
                                 ("t.bcf", "a\tb\n1\t2\n", "not a VCF, BCF")):
            (self.dir / name).write_text(text, encoding="utf-8")
            done = self.inspect(self.dir / name, code=4)
            self.assertIn("E0410", done.err)
            self.assertIn(told, done.err)
            self.assertEqual(done.out, "")

    def test_ids_of_no_variant_are_counted(self):
        have = [self.sites[r][2] for r in (3, 40)]
        for path in (self.artifact, self.shards[0]):
            done = self.inspect(path, "--variants", ",".join(have + ["zz"]))
            self.assertEqual({line.split("\t")[2] for line in done.out.splitlines()[1:]}, set(have))
            self.assertIn("--variants: 1 of 3 ids are those of no variant", done.err)
            self.assertNotIn("--variants", self.inspect(path, "--variants", ",".join(have)).err)

    def test_what_is_not_there(self):
        self.assertIn("E0203", self.inspect(self.artifact, "--region", "7:1-5", code=2).err)
        self.assertIn("E0432", self.inspect(self.artifact, "--region", "20:1-5", code=4).err)
        self.assertIn("E0432", self.inspect(self.artifact, "--variants", "nothing", code=4).err)
        self.assertIn("E0402", self.inspect(self.dir, code=4).err)
        self.assertIn("E0203", self.inspect(self.artifact, "--table", "nothing", code=2).err)
        counts = next((self.dir / "out/work/artifacts/counts").iterdir())
        self.assertIn("E0203", self.inspect(counts, "--shard", "99", code=2).err)
        self.inspect(counts)

    def test_damaged_copy_of_a_shard(self):
        bad = self.dir / "bad.h5"
        bad.write_bytes(self.shards[0].read_bytes()[:5000])
        err = self.inspect(bad, "--region", "20", code=6).err
        self.assertIn("E0601", err)
        self.assertIn("remedy: copy the file again", err)
        self.assertNotIn("rm -r", err)

    def test_genotype_files_that_are_not_text(self):
        self.assertEqual(kinflow("export", self.artifact, "--out", self.dir / "x", "--format",
                                 "bcf").code, 0)
        plink2 = program("plink2")
        run_peer(plink2, "--bcf", self.dir / "x.bcf", "dosage=DS", "--make-pgen", "--out",
                 self.dir / "x")
        run_peer(plink2, "--pfile", self.dir / "x", "--export", "bgen-1.2", "bits=16", "ref-first",
                 "--out", self.dir / "x")
        for ending in ("bcf", "pgen", "bgen"):
            head, got = self.table(self.dir / f"x.{ending}", "--first", "100", "--rows", "5")
            self.assertEqual(head[:5], ["CHROM", "POS", "ID", "REF", "ALT"])
            self.assertEqual([tuple(row[:5]) for row in got], self.sites[100:105])
            values = numpy.array([row[5:] for row in got], dtype=float)
            self.assertLess(numpy.abs(values - self.ds[100:105, :8]).max(), 1 / 16384)

    def test_missing_is_na(self):
        vcf = self.dir / "missing.vcf"
        vcf.write_text("##fileformat=VCFv4.2\n##contig=<ID=1>\n"
                       '##FORMAT=<ID=DS,Number=1,Type=Float,Description="d">\n'
                       "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
                       "1\t5\trs5\tA\tG\t.\t.\t.\tDS\t.\t0.25\n")
        _, got = self.table(vcf, "--region", "1")
        self.assertEqual(got, [["1", "5", "rs5", "A", "G", "NA", "0.25"]])


if __name__ == "__main__":
    unittest.main()
