"""BGEN of every mode: dosages in the store against those the file was written from."""
import math
import pathlib
import random
import shutil
import sqlite3
import unittest

import numpy

import bgen_writer as w
from bgen_support import BgenTest, every_kind, plink2
from support import data, kinflow, program, read_tsv, run_peer


class Modes(BgenTest):
    def test_every_number_of_bits(self):
        for bits in range(1, 33):
            with self.subTest(bits=bits):
                rng = random.Random(bits)
                variants = every_kind(rng, 37, bits)
                compression = (w.ZLIB, w.ZSTD, w.NONE)[bits % 3]
                ids = [f"P{i}" for i in range(37)]
                name = self.write(w.bgen(variants, compression=compression, ids=ids,
                                         free=b"x" * (bits % 5)), f"b{bits}.bgen")
                store = self.load(name, out=f"o{bits}")
                self.assertEqual(store.units, 2 ** bits - 1 if bits <= 15 else 16384)
                self.assertEqual(store.bound, 0 if bits <= 15 else 0.5 / 16384)
                self.assertEqual(store.iids, ids)
                self.assert_dosages(store, variants)

    def test_fast_and_slow_roads_agree(self):
        """Plain 8-bit variants take another road; sizes around a vector, some people missing."""
        for samples in (1, 7, 31, 32, 33, 64, 100):
            rng = random.Random(samples)
            variants = [w.Variant.random(rng, samples, missing=m, pos=i + 1, rsid=f"r{i}")
                        for i, m in enumerate((0, 0.3, 0, 1))]
            ids = [f"P{i}" for i in range(samples)]
            name = self.write(w.bgen(variants, ids=ids), f"s{samples}.bgen")
            self.assert_dosages(self.load(name, out=f"o{samples}"), variants)

    def test_depths_that_share_a_grid(self):
        rng = random.Random(1)
        variants = [w.Variant.random(rng, 20, bits, pos=i + 1, rsid=f"r{i}")
                    for i, bits in enumerate((4, 8, 2, 1))]
        store = self.load(self.write(w.bgen(variants, ids=[f"P{i}" for i in range(20)])))
        self.assertEqual((store.units, store.bound), (255, 0))
        self.assert_dosages(store, variants)

    def test_depths_that_do_not_are_rounded(self):
        rng = random.Random(1)
        variants = [w.Variant.random(rng, 20, bits, pos=i + 1, rsid=f"r{i}")
                    for i, bits in enumerate((8, 10))]
        store = self.load(self.write(w.bgen(variants, ids=[f"P{i}" for i in range(20)])))
        self.assertEqual((store.units, store.bound), (16384, 0.5 / 16384))
        self.assert_dosages(store, variants)

    def test_layout_1(self):
        rng = random.Random(5)
        variants = []
        for i in range(10):
            v = w.Variant.random(rng, 25, bits=15, missing=0.1, pos=i + 1, rsid=f"r{i}")
            for g in v.genotypes:
                g.weights = w.partition(rng, 3, 32768)
            variants.append(v)
        for compression in (w.ZLIB, w.NONE):
            name = self.write(w.bgen(variants, layout=1, compression=compression,
                                     ids=[f"P{i}" for i in range(25)]), f"l{compression}.bgen")
            store = self.load(name, out=f"o{compression}")
            self.assertEqual(store.units, 16384)
            for row, v in enumerate(variants):
                for g, got in zip(v.genotypes, store.values[row]):
                    if g.missing:
                        self.assertTrue(math.isnan(got))
                    else:
                        copies = w.fractions.Fraction(g.weights[1] + 2 * g.weights[2], 2)
                        self.assertLessEqual(abs(copies - int(got)), w.fractions.Fraction(1, 2))

    def test_haploid_calls_are_flagged(self):
        rng = random.Random(3)
        v = w.Variant.random(rng, 40, haploid=0.5, missing=0.1, chrom="0X", rsid="r")
        store = self.load(self.write(w.bgen([v], ids=[f"P{i}" for i in range(40)])))
        self.assertEqual(store.sites[0][0], "X")
        self.assert_dosages(store, [v])
        flags = [int(g.ploidy == 1) for g in v.genotypes]
        self.assertEqual(store.calls[0][0].tolist(), flags)

    def test_phase_is_kept_where_asked_for(self):
        """Flags: 1 haploid, 2 phased, 4 ALT on the first haplotype alone; by the most probable allele."""
        last = "--bgen-ref", "last"
        for bits, haploid, args, ref in ((3, 0.1, (), 0), (8, 0.1, last, -1), (8, 0, last, -1),
                                         (8, 0, (), 0), (11, 0.1, (), 0)):
            rng = random.Random(bits)
            variants = [w.Variant.random(rng, 40, bits, phased, alleles, haploid, 0.1, pos=n + 1)
                        for n, (phased, alleles) in enumerate(
                            (p, a) for p in (True, False) for a in (("A", "G"), ("A", "G", "T")))]
            name = self.write(w.bgen(variants, ids=[f"P{i}" for i in range(40)]))
            store = self.load(name, "--set", "dosage.phase=keep", *args,
                              out=f"out{bits}{haploid}{ref}")
            self.assert_dosages(store, variants, ref)
            wanted = []
            for v in variants:
                for allele in range(len(v.alleles)):
                    if v.alleles[allele] == v.alleles[ref]:
                        continue
                    flags = []
                    for g in v.genotypes:
                        if g.missing or g.ploidy == 1 or not v.phased:
                            flags.append(int(g.ploidy == 1))
                            continue
                        first, second = (h.index(max(h)) for h in g.weights)
                        carries = first == allele, second == allele
                        flags.append(0 if carries[0] == carries[1] else 2 + 4 * carries[0])
                    wanted.append(flags)
            self.assertEqual(numpy.vstack(store.calls).tolist(), wanted)


class Samples(BgenTest):
    def setUp(self):
        super().setUp()
        self.variants = [w.Variant.random(random.Random(1), 3, rsid="r")]

    def test_sample_file_of_either_name(self):
        text = "ID_1 ID_2 missing sex\n0 0 0 D\nF1 A 0 1\nF1 B 0 2\n0 C 0 NA\n"
        for name in ("x.sample", "x.bgen.sample"):
            (self.dir / name).write_text(text)
            self.write(w.bgen(self.variants))
            self.assertEqual(self.load("x.bgen", out=name + ".out").iids, ["A", "B", "C"])
            (self.dir / name).unlink()

    def test_sample_file_by_name(self):
        """Named on the command line, in a config, for several files at once; --samples still
        chooses people."""
        self.write(w.bgen(self.variants), "x1.bgen")
        self.write(w.bgen([w.Variant.random(random.Random(2), 3, chrom="2", rsid="s")]), "x2.bgen")
        (self.dir / "people").mkdir()
        sample = self.dir / "people" / "all.sample"
        sample.write_text("ID_1 ID_2 missing sex\n0 0 0 D\nF1 A 0 1\nF1 B 0 2\n0 C 0 NA\n")
        (self.dir / "keep.txt").write_text("C\nA\n")
        store = self.load("x@.bgen", "--sample-file", sample, "--samples", "keep.txt")
        self.assertEqual(store.iids, ["A", "C"])
        files = [row["FILE"] for row in read_tsv(self.dir / "out/share/inputs.tsv")]
        self.assertEqual(files[:3], ["x1.bgen", "all.sample", "x2.bgen"])
        self.config("schema_version: 1\n"
                    "input: {genotypes: x@.bgen, sample_file: people/all.sample}\n"
                    "dosage: {store: always}\nqc: {preset: none}\n")
        for command in (["validate"], ["run", "--progress=none"]):
            done = kinflow(command[0], "run.yaml", *command[1:], cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
        done = kinflow("inspect", "x1.bgen", "--sample-file", sample, "--ids", cwd=self.dir)
        self.assertEqual(done.out.splitlines()[0].split("\t")[5:], ["A", "B", "C"])
        done = kinflow("load", "--geno", "x1.bgen", "--sample-file", "no.sample", "--out", "n",
                       cwd=self.dir)
        self.assertEqual(done.code, 4)
        self.assertIn("no.sample: error[E0401]", done.err)
        done = kinflow("load", "--geno", "x1.bgen", "--out", "n", cwd=self.dir)
        self.assertEqual(done.code, 4)
        self.assertIn("--sample-file", done.err)

    def test_what_only_a_bgen_needs_is_refused_elsewhere(self):
        vcf = data("mendel_unit/trio-stats.vcf")
        for args in (["--sample-file", "x.sample"], ["--bgen-ref", "last"]):
            done = kinflow("load", "--geno", vcf, *args, "--out", "n", cwd=self.dir)
            self.assertEqual(done.code, 3, done.err)
            self.assertIn("for BGEN files", done.err)

    def test_sample_file_replaces_made_up_ids(self):
        (self.dir / "x.sample").write_text("ID_1 ID_2 missing\n0 0 0\na A 0\nb B 0\nc C 0\n")
        self.write(w.bgen(self.variants, ids=["anonymous1", "anonymous2", "anonymous3"]))
        self.assertEqual(self.load("x.bgen").iids, ["A", "B", "C"])

    def test_inventory(self):
        (self.dir / "x.sample").write_text("ID_1 ID_2 missing\n0 0 0\na A 0\nb B 0\nc C 0\n")
        self.write(w.bgen(self.variants))
        self.assertEqual(kinflow("index", "x.bgen", cwd=self.dir).code, 0)
        self.load("x.bgen")
        genotypes, sample = read_tsv(self.dir / "out/share/inputs.tsv")
        self.assertEqual(genotypes["FORMAT"], "bgen 1.2 (zlib, 8 bit, first allele as REF)")
        self.assertEqual(genotypes["FIELD"], "GP")
        self.assertEqual(genotypes["UNITS"], "255")
        self.assertEqual(genotypes["RECORDS"], "1")
        self.assertEqual(genotypes["COMPLETENESS"], "header")
        self.assertTrue(genotypes["INDEX"].endswith("x.bgen.bgi"))
        self.assertEqual(sample["FORMAT"], "sample")


class Index(BgenTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(9)
        self.variants = [w.Variant.random(rng, 30, pos=i + 1, rsid=f"r{i}",
                                          alleles=("A", "C", "G") if i % 7 == 3 else ("A", "C"))
                         for i in range(60)]
        self.write(w.bgen(self.variants, ids=[f"P{i}" for i in range(30)]))

    def test_tables_are_those_of_bgenix(self):
        self.assertEqual(kinflow("index", "x.bgen", cwd=self.dir).code, 0)
        index = sqlite3.connect(self.dir / "x.bgen.bgi")
        rows = index.execute("SELECT * FROM Variant ORDER BY file_start_position").fetchall()
        content = (self.dir / "x.bgen").read_bytes()
        self.assertEqual(len(rows), len(self.variants))
        for row, v in zip(rows, self.variants):
            self.assertEqual(row[:6], (v.chrom, v.pos, v.rsid, len(v.alleles), *v.alleles[:2]))
            self.assertEqual(content[row[6]:row[6] + row[7]], w.record(v))
        name, size, _, first, _ = index.execute("SELECT * FROM Metadata").fetchone()
        self.assertEqual((name, size, first), ("x.bgen", len(content), content[:1000]))
        self.assertEqual((self.dir / "x.bgen.bgi").stat().st_mode & 0o777, 0o600)
        self.assertEqual([p.name for p in self.dir.iterdir() if "partial" in p.name], [])

    def test_a_good_index_is_left_alone(self):
        kinflow("index", "x.bgen", cwd=self.dir)
        before = (self.dir / "x.bgen.bgi").stat().st_ino
        self.assertIn("left as it is", kinflow("index", "x.bgen", cwd=self.dir).out)
        self.assertEqual((self.dir / "x.bgen.bgi").stat().st_ino, before)
        kinflow("index", "x.bgen", "--force", cwd=self.dir)
        self.assertNotEqual((self.dir / "x.bgen.bgi").stat().st_ino, before)

    def test_a_stale_index_is_replaced(self):
        kinflow("index", "x.bgen", cwd=self.dir)
        self.write(w.bgen(self.variants[:-1], ids=[f"P{i}" for i in range(30)]))
        self.assertIn("59 variants", kinflow("index", "x.bgen", cwd=self.dir).out)

    def test_with_and_without_an_index_the_store_is_the_same(self):
        plain = self.load("x.bgen", out="a")
        kinflow("index", "x.bgen", cwd=self.dir)
        indexed = self.load("x.bgen", out="b")
        self.assertTrue(numpy.array_equal(plain.values, indexed.values, equal_nan=True))
        self.assert_dosages(indexed, self.variants)

    def test_vcf_and_bcf(self):
        bcftools = program("bcftools")
        run_peer(*f"{bcftools} view -Oz -o v.vcf.gz".split(),
                 data("minimac_trios/imputed.vcf.gz"), cwd=self.dir)
        run_peer(*f"{bcftools} view -Ob -o v.bcf v.vcf.gz".split(), cwd=self.dir)
        for name, ending in (("v.vcf.gz", ".tbi"), ("v.bcf", ".csi")):
            done = kinflow("index", name, cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
            self.assertIn("11450 records", done.out)
            self.assertTrue((self.dir / (name + ending)).exists())
            region = [run_peer(bcftools, "view", "-H", *how, "20:2000000-2100000", name,
                               cwd=self.dir) for how in (["-r"], ["-t"])]
            self.assertEqual(region[0], region[1])
            self.assertGreater(len(region[0]), 1000)
            counted = run_peer(bcftools, "index", "--nrecords", name, cwd=self.dir)
            self.assertEqual(counted.splitlines()[-1], "11450")


class Peers(BgenTest):
    """Files that others wrote."""

    def test_reference_files(self):
        """Their variants are put in order first, as kinflow wants them; nothing else is touched."""
        shutil.copy(data("bgen_ref/example.sample"), self.dir)
        lines = [line.split() for line in
                 pathlib.Path(data("bgen_ref/example.gen")).read_text().splitlines()]
        lines.sort(key=lambda f: int(f[3]))
        wanted = []
        for line in lines:
            p = [float(x) for x in line[6:]]
            wanted.append([b + 2 * c if a + b + c > 0 else math.nan
                           for a, b, c in zip(p[::3], p[1::3], p[2::3])])
        wanted = numpy.array(wanted)
        # Of the files themselves: their .gen has six digits, which do not quite sum to 1.
        bounds = {"8bits": 0.00397, "16bits": 0.00007, "16bits.zstd": 0.00007, "v11": 0.00006}
        for name, bound in bounds.items():
            with self.subTest(name):
                head, variants = w.split(
                    pathlib.Path(data(f"bgen_ref/example.{name}.bgen")).read_bytes())
                variants.sort(key=lambda v: v[0])
                self.write(head + b"".join(v[1] for v in variants), "example.bgen")
                store = self.load("example.bgen", out=name)
                got = store.dosages()
                self.assertEqual(got.shape, (199, 500))
                self.assertEqual(int(numpy.isnan(got).sum()), 2)
                self.assertTrue((numpy.isnan(got) == numpy.isnan(wanted)).all())
                worst = numpy.nanmax(abs(got - wanted))
                self.assertLessEqual(worst, bound + store.bound)
                for site, f in zip(store.sites, lines):
                    self.assertEqual(site, ("1", int(f[3]), f[2], f[4], f[5]))
                self.assertEqual(store.iids[0], "sample_001")

    def test_plink2_writes_what_the_vcf_says(self):
        vcf = data("minimac_trios/imputed.vcf.gz")
        reference = self.load(vcf, out="vcf")
        # plink2 itself rounds to 1/16384 first.
        coarse, fine = 1 / 255 + 0.5 / 16384, 1 / 65535 + 1 / 16384
        for version, bits, bound in (("1.2", 8, coarse), ("1.2", 16, fine), ("1.3", 8, coarse)):
            with self.subTest(version=version, bits=bits):
                run_peer(plink2(), "--vcf", vcf, "dosage=DS", "--export", f"bgen-{version}",
                         f"bits={bits}", "ref-first", "--out", f"p{version}_{bits}", cwd=self.dir)
                store = self.load(f"p{version}_{bits}.bgen", out=f"o{version}_{bits}")
                self.assertEqual(store.iids, reference.iids)
                self.assertEqual([s[:2] + s[3:] for s in store.sites],
                                 [s[:2] + s[3:] for s in reference.sites])
                worst = numpy.nanmax(abs(store.dosages() - reference.dosages()))
                self.assertLessEqual(worst, bound)
                self.assertTrue((numpy.isnan(store.values) == numpy.isnan(reference.values)).all())

    def test_haploid_males_on_x(self):
        """plink2 writes males on X with ploidy 1; the calls that it was given are the answer."""
        rng = random.Random(4)
        sexes = [rng.choice((1, 2)) for _ in range(60)]
        lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
                 "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" +
                 "\t".join(f"P{i}" for i in range(60))]
        wanted = []
        for v in range(20):
            calls = [[rng.randint(0, 1) for _ in range(sex)] for sex in sexes]
            wanted.append([sum(c) for c in calls])
            lines.append(f"X\t{3000000 + v}\tr{v}\tA\tG\t.\t.\t.\tGT\t" +
                         "\t".join("/".join(map(str, c)) for c in calls))
        (self.dir / "x.vcf").write_text("\n".join(lines) + "\n")
        (self.dir / "sex.txt").write_text("#IID\tSEX\n" + "".join(
            f"P{i}\t{s}\n" for i, s in enumerate(sexes)))
        run_peer(plink2(), "--vcf", "x.vcf", "--update-sex", "sex.txt", "--split-par", "hg19",
                 "--export", "bgen-1.2", "bits=8", "ref-first", "--out", "p", cwd=self.dir)
        store = self.load("p.bgen")
        self.assertEqual(store.sites[0][0], "X")
        self.assertEqual(store.dosages().tolist(), wanted)
        self.assertEqual(store.calls[0][0].tolist(), [int(s == 1) for s in sexes])

    def test_females_on_y_have_no_genotype(self):
        """plink2 writes them with ploidy 0."""
        sexes = [1, 2, 2, 1, 1, 2]
        head = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" +
                "\t".join(f"P{i}" for i in range(6))]
        lines = [f"Y\t{3000000 + v}\tr{v}\tA\tG\t.\t.\t.\tGT\t" +
                 "\t".join(str((v + i) % 2) if s == 1 else "." for i, s in enumerate(sexes))
                 for v in range(4)]
        (self.dir / "y.vcf").write_text("\n".join(head + lines) + "\n")
        (self.dir / "sex.txt").write_text("#IID\tSEX\n" + "".join(
            f"P{i}\t{s}\n" for i, s in enumerate(sexes)))
        run_peer(plink2(), "--vcf", "y.vcf", "--update-sex", "sex.txt", "--export", "bgen-1.2",
                 "bits=8", "ref-first", "--out", "y", cwd=self.dir)
        store = self.load("y.bgen")
        self.assertEqual(store.sites[0][0], "Y")
        got = [["." if numpy.isnan(x) else int(x) for x in row] for row in store.dosages()]
        self.assertEqual(got, [[(v + i) % 2 if s == 1 else "." for i, s in enumerate(sexes)]
                               for v in range(4)])


if __name__ == "__main__":
    unittest.main()
