"""kinflow export: what it writes is read by plink2, plink 1.9 and bcftools, and by kinflow to the
same integers again."""
import gzip
import os
import pathlib
import stat
import subprocess
import unittest

import h5py
import numpy

import support
from support import TempFolderTest, data, kinflow, program, run_peer


def store_of(folder):
    """The shards of the one dosage store below a folder, in order."""
    return sorted(pathlib.Path(folder).rglob("artifacts/dosage/*/shard-*.h5"))


def content(folder):
    """Everything of a store that has to survive a round trip, over all shards."""
    got = {"units": set(), "dosage": [], "calls": [], "site": []}
    for path in store_of(folder):
        with h5py.File(path) as f:
            got["units"].add(int(f["dosage"].attrs["units_per_copy"]))
            got["dosage"].append(f["dosage"][:])
            if "calls" in f:
                got["calls"].append(f["calls"][:])
            v = f["variants"]
            names = v["chrom_names"][:]
            got["site"] += zip(names[v["chrom"][:]], v["pos"][:], v["id"][:], v["ref"][:],
                               v["alt"][:], numpy.nan_to_num(v["info"][:], nan=-1))
            got["iid"] = list(f["samples/iid"][:])
    for key in ("dosage", "calls"):
        got[key] = numpy.concatenate(got[key]) if got[key] else None
    return got


class ExportTest(TempFolderTest):
    def ok(self, *args):
        done = kinflow(*args)
        self.assertEqual(done.code, 0, done.err)
        return done

    def load(self, path, name, *args):
        self.ok("load", "--geno", path, "--out", self.dir / name, "--progress=none", *args)
        return self.dir / name

    def export(self, path, name, *args):
        return self.ok("export", path, "--out", self.dir / name, *args)

    def same_store(self, one, other):
        a, b = content(one), content(other)
        self.assertEqual(a["units"], b["units"])
        self.assertEqual(a["iid"], b["iid"])
        self.assertEqual(a["site"], b["site"])
        self.assertTrue(numpy.array_equal(a["dosage"], b["dosage"]))
        self.assertTrue(numpy.array_equal(a["calls"], b["calls"]))
        self.assertGreater(a["dosage"].size, 0)

    def vcf(self, name, lines, samples, contig="##contig=<ID=1>\n##contig=<ID=X>\n"):
        path = self.dir / name
        path.write_text(
            "##fileformat=VCFv4.2\n" + contig +
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
            '##FORMAT=<ID=DS,Number=1,Type=Float,Description="d">\n'
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(samples) + "\n" +
            "".join("\t".join(line) + "\n" for line in lines))
        return path


class Imputed(ExportTest):
    """Real imputation, 150 people, DS with three decimals and phased calls."""

    def setUp(self):
        super().setUp()
        self.source = data("minimac_trios/imputed.vcf.gz")
        self.store = self.load(self.source, "load", "--set", "resources.shard_genotypes=200000")
        self.assertGreater(len(store_of(self.store)), 4)

    def query(self, path, *args):
        return run_peer(program("bcftools"), "query", "-f", "%CHROM\t%POS\t%ID\t%REF\t%ALT[\t%DS]\n",
                        *args, path)

    def test_vcf_and_bcf_come_back_to_the_same_store(self):
        for form, ending in (("vcf", "vcf.gz"), ("bcf", "bcf")):
            with self.subTest(form=form):
                done = self.export(self.store, f"x_{form}", "--format", form)
                path = self.dir / f"x_{form}.{ending}"
                self.assertIn("0600", done.err)
                self.assertIn(str(path), done.err)
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
                self.assertEqual(self.query(path), self.query(self.source))
                again = self.load(path, f"again_{form}",
                                  "--set", "resources.shard_genotypes=200000")
                self.same_store(self.store, again)

    def test_bcftools_has_no_complaint(self):
        self.export(self.store, "x")
        self.export(self.store, "x", "--format", "bcf")
        for name in ("x.vcf.gz", "x.bcf"):
            done = subprocess.run([program("bcftools"), "view", "-r", "20:2000000-2100000", name],
                                  cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  check=True)
            self.assertEqual(done.stderr, b"")
            self.assertGreater(done.stdout.count(b"\n"), 50)
        texts = [run_peer(program("bcftools"), "query", "-f", "%POS %INFO/R2[ %GT %DS]\n",
                          self.dir / name) for name in ("x.vcf.gz", "x.bcf")]
        self.assertEqual(*texts)
        quality = run_peer(program("bcftools"), "query", "-f", "%POS %INFO/R2\n", self.source)
        mine = run_peer(program("bcftools"), "query", "-f", "%POS %INFO/R2\n", self.dir / "x.bcf")
        self.assertEqual(mine, quality)

    def test_phase_is_that_of_the_source(self):
        """Where the call is heterozygous and both agree on it, so do the haplotypes."""
        self.export(self.store, "x")
        pairs = [run_peer(program("bcftools"), "query", "-f", "[%GT ]", path).split()
                 for path in (self.dir / "x.vcf.gz", self.source)]
        self.assertEqual(len(pairs[0]), len(pairs[1]))
        het = [(a, b) for a, b in zip(*pairs) if "." not in a and "0" in b and "1" in b]
        self.assertGreater(len(het), 10000)
        self.assertGreater(sum(a == b for a, b in het) / len(het), 0.9999)
        self.assertTrue(all("|" in a for a in pairs[0]))

    def test_plink2_imports_the_dosages(self):
        self.export(self.store, "x")
        plink2 = program("plink2")
        for name, path in (("mine", self.dir / "x.vcf.gz"), ("theirs", self.source)):
            run_peer(plink2, "--vcf", path, "dosage=DS", "--make-pgen", "--out", self.dir / name)
            run_peer(plink2, "--pfile", self.dir / name, "--freq", "cols=chrom,ref,alt,altfreq,nobs",
                     "--export", "A", "--out", self.dir / name)
        for ending in ("afreq", "raw"):
            self.assertEqual((self.dir / f"mine.{ending}").read_text(),
                             (self.dir / f"theirs.{ending}").read_text())
        # The store's own values to the grid of a .pgen.
        stored = content(self.store)
        with open(self.dir / "mine.raw", encoding="ascii") as f:
            counted = [name.rsplit("_", 1)[1] for name in f.readline().split()[6:]]
            got = numpy.array([[float(v) for v in line.split()[6:]] for line in f]).T
        refs = [site[3].decode() for site in stored["site"]]
        self.assertEqual(counted, refs)  # this table counts REF
        self.assertLessEqual(numpy.abs(2 - got - stored["dosage"] / 1000).max(),
                             0.5 / 16384 + 5e-6)

    def test_hard_calls_are_those_of_plink2(self):
        done = self.export(self.store, "x", "--format", "bed")
        self.assertIn("no hard call", done.err)
        run_peer(program("plink2"), "--vcf", self.source, "dosage=DS", "--make-bed", "--out",
                 self.dir / "theirs")
        self.assertEqual((self.dir / "x.bed").read_bytes(), (self.dir / "theirs.bed").read_bytes())
        mine, theirs = [[line.split() for line in (self.dir / f"{n}.bim").read_text().splitlines()]
                        for n in ("x", "theirs")]
        self.assertEqual(mine, theirs)

    def test_threshold_moves_hard_calls(self):
        counts = []
        for threshold in ("0", "0.1", "0.4999"):
            self.export(self.store, "t", "--format", "bed", "--hard-call-threshold", threshold)
            run_peer(program("plink1.9"), "--bfile", self.dir / "t", "--missing", "--out",
                     self.dir / "t", "--allow-no-sex")
            with open(self.dir / "t.lmiss", encoding="ascii") as f:
                counts.append(sum(int(line.split()[2]) for line in f if "N_MISS" not in line))
        self.assertGreater(counts[0], counts[1])
        self.assertGreater(counts[1], counts[2])
        self.assertEqual(kinflow("export", self.store, "--out", self.dir / "t",
                                 "--hard-call-threshold", "0.7").code, 2)

    def test_selections_equal_bcftools_view(self):
        bcftools = program("bcftools")
        samples = run_peer(bcftools, "query", "-l", self.source).split()
        keep = self.dir / "keep.txt"
        keep.write_text("\n".join(samples[3::7]) + "\n")
        ids = [line.split("\t")[2] for line in self.query(self.source).splitlines()][5::900]
        wanted = self.dir / "ids.txt"
        wanted.write_text("\n".join(ids) + "\n")
        region = "20:1500000-1600000,20:3000000-3010000"
        for source in (self.store, self.source):
            with self.subTest(source=source):
                self.export(source, "s", "--samples", keep, "--regions", region)
                self.assertEqual(self.query(self.dir / "s.vcf.gz"),
                                 self.query(self.source, "-S", keep, "-t", region))
                self.export(source, "v", "--variants", wanted, "--format", "bcf")
                self.assertEqual(self.query(self.dir / "v.bcf"),
                                 self.query(self.source, "-i", f"ID=@{wanted}"))

    def test_bytes_do_not_depend_on_threads_or_memory(self):
        for form, endings in (("vcf", ["vcf.gz", "vcf.gz.tbi"]), ("bcf", ["bcf"]),
                              ("bed", ["bed", "bim", "fam"])):
            self.export(self.store, "one", "--format", form, "--threads", "1")
            self.export(self.store, "two", "--format", form, "--threads", "3", "--memory", "160M")
            for ending in endings:
                self.assertEqual((self.dir / f"one.{ending}").read_bytes(),
                                 (self.dir / f"two.{ending}").read_bytes(), ending)


class OtherInputs(ExportTest):
    def test_pgen_and_bgen(self):
        """Frequencies by plink2 of the export are those of its input, to the grid of a .pgen."""
        plink2 = program("plink2")
        run_peer(plink2, "--vcf", data("minimac_trios/imputed.vcf.gz"), "dosage=DS", "--make-pgen",
                 "--out", self.dir / "p")
        run_peer(plink2, "--pfile", self.dir / "p", "--export", "bgen-1.2", "bits=8", "--out",
                 self.dir / "b")
        for name, args in (("p", ["--pfile", self.dir / "p"]),
                           ("b", ["--bgen", self.dir / "b.bgen", "ref-first", "--sample",
                                  self.dir / "b.sample"])):
            path = self.dir / (name + (".pgen" if name == "p" else ".bgen"))
            self.export(path, "x", "--format", "bcf")
            run_peer(plink2, *args, "--freq", "--out", self.dir / "want")
            run_peer(plink2, "--bcf", self.dir / "x.bcf", "dosage=DS", "--freq", "--out",
                     self.dir / "got")
            want, got = [[line.split() for line in (self.dir / f"{n}.afreq").read_text()
                          .splitlines()[1:]] for n in ("want", "got")]
            self.assertGreater(len(want), 10000)
            self.assertEqual([r[:4] for r in want], [r[:4] for r in got])
            self.assertLess(max(abs(float(w[4]) - float(g[4])) for w, g in zip(want, got)),
                            1 / 32768)


class HardCalls(ExportTest):
    def test_bed_comes_back_byte_for_byte(self):
        bed = data("hapmap_trios/hapmap279.bed")
        fam = bed.removesuffix("bed") + "fam"
        store = self.load(bed, "load")
        for name, source, args in (("a", store, ["--pedigree", fam]), ("b", bed, [])):
            self.export(source, name, "--format", "bed", *args)
            self.assertEqual((self.dir / f"{name}.bed").read_bytes(),
                             pathlib.Path(bed).read_bytes())
            for ending, columns in (("fam", (0, 1, 2, 3, 4)), ("bim", (0, 1, 3, 4, 5))):
                with open(bed.removesuffix("bed") + ending, encoding="ascii") as f:
                    want = [[line.split()[c] for c in columns] for line in f]
                with open(self.dir / f"{name}.{ending}", encoding="ascii") as f:
                    got = [[line.split()[c] for c in columns] for line in f]
                names = {"23": "X", "24": "Y", "25": "XY", "26": "MT"}
                if ending == "bim":
                    for row in want:
                        row[0] = names.get(row[0], row[0])
                self.assertEqual(got, want)

    def test_frequencies_are_those_of_the_source(self):
        bed = data("hapmap_trios/hapmap279.bed")
        plink2 = program("plink2")
        sexes = self.dir / "sexes"
        with open(bed.removesuffix("bed") + "fam", encoding="ascii") as f:
            sexes.write_text("#IID\tSEX\n" + "".join("{1}\t{4}\n".format(*line.split())
                                                    for line in f))
        for form in ("vcf", "bcf", "bed"):
            self.export(bed, "x", "--format", form)
        for name, args in (("source", ["--bfile", bed.removesuffix(".bed")]),
                           ("bed", ["--bfile", self.dir / "x"]),
                           ("vcf", ["--vcf", self.dir / "x.vcf.gz"]),
                           ("bcf", ["--bcf", self.dir / "x.bcf"])):
            run_peer(plink2, *args, "--update-sex", sexes, "--nonfounders", "--freq", "--out",
                     self.dir / name)
            self.assertEqual((self.dir / f"{name}.afreq").read_text(),
                             (self.dir / "source.afreq").read_text(), name)

    def test_calls_through_vcf(self):
        bed = data("hapmap_trios/hapmap279.bed")
        self.export(bed, "x")
        again = self.load(self.dir / "x.vcf.gz", "again")
        self.export(again, "y", "--format", "bed")
        self.assertEqual((self.dir / "y.bed").read_bytes(), pathlib.Path(bed).read_bytes())
        with gzip.open(self.dir / "x.vcf.gz", "rt") as f:
            line = next(line for line in f if not line.startswith("#"))
        self.assertEqual(line.split("\t")[8], "GT")


class Grids(ExportTest):
    def test_every_grid_reads_back(self):
        """255 and 10000 units are found again; 16384 rounded ones give the same integers."""
        for units, text in ((255, "{:.7f}"), (10000, "{:.4f}"), (16384, "{:.9f}")):
            with self.subTest(units=units):
                values = [v % (2 * units + 1) for v in range(0, 4000 * 97, 97)]
                rows = [["1", str(i + 1), f"rs{i}", "A", "G", ".", ".", ".", "GT:DS",
                         *(f"./.:{text.format(v / units)}" for v in values[i::100])]
                        for i in range(100)]
                store = self.load(self.vcf(f"g{units}.vcf", rows, [f"p{k}" for k in range(40)]),
                                  f"a{units}")
                self.assertEqual(content(store)["units"], {units})
                self.assertEqual(sorted(content(store)["dosage"].ravel()), sorted(values))
                for form, name in (("vcf", "x.vcf.gz"), ("bcf", "x.bcf")):
                    self.export(store, "x", "--format", form)
                    self.same_store(store, self.load(self.dir / name, f"b{units}{form}"))

    def test_haploid_missing_and_phase(self):
        cells = ["0:0", "1:1", "0|1:1", "1|0:1", "1/1:2", "./.:.", "0|0:0.04", "1|0:0.7", "0/1:1.2",
                 "1:0.3"]
        path = self.vcf("x.vcf", [["X", "5", "rs1", "A", "G", ".", ".", ".", "GT:DS", *cells]],
                        [f"p{i}" for i in range(len(cells))])
        store = self.load(path, "load")
        self.export(store, "y")
        with gzip.open(self.dir / "y.vcf.gz", "rt") as f:
            got = f.read().splitlines()[-1].split("\t")[9:]
        self.assertEqual(got, ["0:0", "1:1", "0|1:1", "1|0:1", "1/1:2", "./.:.", "0|0:0.04",
                               "1|0:0.7", "./.:1.2", "0:0.3"])
        self.export(store, "y", "--format", "bcf")
        text = run_peer(program("bcftools"), "query", "-f", "[%GT:%DS\t]", self.dir / "y.bcf")
        self.assertEqual(text.rstrip("\t").split("\t"), got)
        self.same_store(store, self.load(self.dir / "y.vcf.gz", "again"))
        self.export(store, "z", "--format", "bed")
        raw = (self.dir / "z.bed").read_bytes()[3:]
        codes = [raw[i // 4] >> (2 * (i % 4)) & 3 for i in range(len(cells))]
        # 0 = two A1, 1 = missing, 2 = one, 3 = none; haploid calls as homozygotes.
        self.assertEqual(codes, [3, 0, 2, 2, 0, 1, 3, 1, 1, 3])


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
        self.refused(3, "E0303", store, "--out", self.dir / "o", "--regions", "1:x-y")

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

    def test_folder_that_cannot_be_made(self):
        (self.dir / "plain").write_text("")
        for form in ("vcf", "bcf", "bed"):
            self.refused(5, "E0502", self.input, "--out", self.dir / "plain/o", "--format", form)
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
