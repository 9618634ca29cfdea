"""kinflow export: what it writes is read by plink2, plink 1.9 and bcftools, and by kinflow to the
same integers again."""
import gzip
import pathlib
import stat
import subprocess
import unittest

import numpy

from export_support import ExportTest, content, store_of
from support import data, kinflow, program, run_peer


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
        """Heterozygous calls have their haplotypes; a homozygous one with a dosage near 1 has none."""
        self.export(self.store, "x")
        pairs = [run_peer(program("bcftools"), "query", "-f", "[%GT ]", path).split()
                 for path in (self.dir / "x.vcf.gz", self.source)]
        self.assertEqual(len(pairs[0]), len(pairs[1]))
        het = [(a, b) for a, b in zip(*pairs) if "." not in a and "0" in b and "1" in b]
        self.assertGreater(len(het), 10000)
        self.assertGreater(sum(a == b for a, b in het) / len(het), 0.9999)
        unphased = [(a, b) for a, b in zip(*pairs) if "|" not in a]
        self.assertEqual({a for a, _ in unphased} - {"./.", "0/1"}, set())
        self.assertEqual({b for _, b in unphased} - {"0|0", "1|1"}, set())

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


class Contigs(ExportTest):
    """Lengths of the header: the input's own, else those of the genome build."""

    def lengths(self, path):
        text = run_peer(program("bcftools"), "view", "-h", path)
        return {line.split("ID=")[1].split(",")[0]: line.split("length=")[1].rstrip(">").split(",")[0]
                for line in text.splitlines() if line.startswith("##contig") and "length" in line}

    def test_lengths(self):
        rows = [[c, "5", "rs1", "A", "G", ".", ".", ".", "GT:DS", "0/1:1"] for c in ("1", "X")]
        path = self.vcf("x.vcf", rows, ["p"], "##contig=<ID=1,length=1000>\n##contig=<ID=X>\n")
        for form, ending in (("vcf", "vcf.gz"), ("bcf", "bcf")):
            self.export(path, "x", "--format", form)
            self.assertEqual(self.lengths(self.dir / f"x.{ending}"), {"1": "1000"})
        for build, one, x in (("GRCh37", "249250621", "155270560"),
                              ("GRCh38", "248956422", "156040895")):
            self.export(path, "x", "--build", build)
            self.assertEqual(self.lengths(self.dir / "x.vcf.gz"), {"1": "1000", "X": x})
            store = self.load(path, build, "--build", build)
            self.export(store, "y")
            self.assertEqual(self.lengths(self.dir / "y.vcf.gz"), {"1": one, "X": x})
        again = self.load(self.dir / "y.vcf.gz", "again")
        self.same_store(store, again)


class FarPositions(ExportTest):
    """A .tbi ends at base 2^29; genomes of plants and newts, and tests, go further."""

    def indexed(self, last, ref="A"):
        rows = [["1", str(p), f"v{p}", ref, "G", ".", ".", ".", "DS", "0.5", "2"]
                for p in (5, 10, last)]
        done = self.export(self.vcf("x.vcf", rows, ["a", "b"]), "o")
        for region, count in ((f"1:{last}-{last}", 1), ("1:1-12", 2), (f"1:20-{last - 1}", 0)):
            read = run_peer(program("bcftools"), "view", "-H", "-r", region, self.dir / "o.vcf.gz")
            self.assertEqual(read.count("\n"), count, region)
        self.assertEqual(run_peer(program("bcftools"), "index", "-s", self.dir / "o.vcf.gz"),
                         "1\t.\t3\n")
        there = {p.name for p in self.dir.glob("o.*")}
        self.assertEqual(".csi" in done.err, "o.vcf.gz.csi" in there, done.err)
        return there

    def test_index_holds_them(self):
        tabix, csi = {"o.vcf.gz", "o.vcf.gz.tbi"}, {"o.vcf.gz", "o.vcf.gz.csi"}
        self.assertEqual(self.indexed(2 ** 29), tabix)
        self.assertEqual(self.indexed(2 ** 29, "AC"), csi)  # each replaces the one before
        self.assertEqual(self.indexed(2 ** 31 - 1), csi)
        got = self.load(self.dir / "o.vcf.gz", "far", "--regions", "1:2000000000-2147483647")
        self.assertEqual([site[1] for site in content(got)["site"]], [2 ** 31 - 1])
        self.assertEqual(self.indexed(600), tabix)


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


class OneCopy(ExportTest):
    """Chromosomes of which people have one copy, written as plink2 writes them."""

    def setUp(self):
        super().setUp()
        cells = ("0/0:0", "1/1:2", "0/1:1", "./.:.", "0/0:0.1", "1/1:1.9", "1/1:1.7", "0/1:1.1")
        people = [f"{sex}{i}" for sex in "mfu" for i in range(len(cells))]
        rows = [[chrom, pos, f"{chrom}{pos}", "A", "G", ".", ".", ".", "GT:DS", *cells, *cells,
                 *cells]
                for chrom, pos in (("1", "7"), ("X", "60020"), ("X", "5000000"), ("Y", "5000000"),
                                   ("MT", "7"))]
        path = self.vcf("x.vcf", rows, people, "".join(f"##contig=<ID={c}>\n"
                                                       for c in ("1", "X", "Y", "MT")))
        sexes = self.dir / "sexes"
        code = {"m": 1, "f": 2, "u": 0}
        sexes.write_text("#IID\tSEX\n" + "".join(f"{p}\t{code[p[0]]}\n" for p in people))
        self.plink2 = program("plink2")
        run_peer(self.plink2, "--vcf", path, "dosage=DS", "--update-sex", sexes, "--split-par",
                 "hg19", "--make-pgen", "--out", self.dir / "p")
        run_peer(self.plink2, "--pfile", self.dir / "p", "--make-bed", "--out", self.dir / "b")

    def genotypes(self, path, more):
        """(GT, DS or None) of all people at each variant."""
        text = run_peer(program("bcftools"), "query", "-f", "%CHROM %POS[\t%GT" + more + "]\n",
                        path)
        table = {}
        for line in text.splitlines():
            site, *cells = line.split("\t")
            table[site] = [(cell.split(":") + [None])[:2] for cell in cells]
        return table

    def test_hard_calls(self):
        run_peer(self.plink2, "--bfile", self.dir / "b", "--export", "vcf", "--out",
                 self.dir / "peer")
        want = self.genotypes(self.dir / "peer.vcf", "")
        self.assertEqual(len(want), 5)
        store = self.load(self.dir / "b.bed", "store", "--build", "GRCh37")
        for source in (self.dir / "b.bed", store):
            for form, name in (("vcf", "x.vcf.gz"), ("bcf", "x.bcf")):
                self.export(source, "x", "--format", form, "--build", "GRCh37")
                self.assertEqual(self.genotypes(self.dir / name, ""), want)

    def test_dosages(self):
        run_peer(self.plink2, "--pfile", self.dir / "p", "--export", "vcf", "vcf-dosage=DS",
                 "--out", self.dir / "peer")
        want = self.genotypes(self.dir / "peer.vcf", ":%DS")
        for form, name in (("vcf", "x.vcf.gz"), ("bcf", "x.bcf")):
            self.export(self.dir / "p.pgen", "x", "--format", form, "--build", "GRCh37")
            got = self.genotypes(self.dir / name, ":%DS")
            self.assertEqual(got.keys(), want.keys())
            for site, cells in want.items():
                for (call, dosage), (own_call, own_dosage) in zip(cells, got[site]):
                    self.assertEqual(own_call, call, site)
                    # plink2 leaves out what equals the call.
                    if dosage not in (None, "."):
                        self.assertAlmostEqual(float(own_dosage), float(dosage), delta=1e-4)
                    elif "." not in call:
                        self.assertEqual(float(own_dosage), sum(map(int, call.split("/"))))

    def test_without_sexes_x_is_as_written(self):
        fam = self.dir / "b.fam"
        fam.write_text("".join("\t".join((*row.split()[:4], "0", "-9")) + "\n"
                               for row in fam.read_text().splitlines()))
        self.export(self.dir / "b.bed", "x", "--build", "GRCh37")
        got = self.genotypes(self.dir / "x.vcf.gz", "")
        self.assertTrue(all("/" in call for call, _ in got["X 5000000"]))
        self.assertTrue(any("/" not in call for call, _ in got["MT 7"]))


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


if __name__ == "__main__":
    unittest.main()
