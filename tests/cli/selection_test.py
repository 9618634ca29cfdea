"""Scores of few variants read few bytes, and give what a full read gives; regions and sample lists
against bcftools."""
import csv
import gzip
import os
import random
import re
import subprocess
import unittest

import support

VARIANTS, SAMPLES = 24000, 80
HEADER = """##fileformat=VCFv4.2
##contig=<ID=1,length=249250621>
##contig=<ID=2,length=243199373>
##contig=<ID=X,length=155270560>
##FORMAT=<ID=DS,Number=A,Type=Float,Description="dosage">
"""


def write_vcf(path, seed):
    """A sorted DS file with missing values; returns its sites (chrom, pos, ref, alt)."""
    rng = random.Random(seed)
    sites = []
    cells = [f"{value / 1000:g}" for value in range(2001)] + ["."] * 40
    with open(path, "w", encoding="ascii") as out:
        names = "\t".join(f"S{i}" for i in range(SAMPLES))
        out.write(f"{HEADER}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n")
        for chrom, share in (("1", 0.5), ("2", 0.4), ("X", 0.1)):
            pos = 0
            for _ in range(int(VARIANTS * share)):
                pos += rng.choice((0, 1, 7, 300, 2500))
                pos = max(pos, 1)
                ref, alt = rng.sample("ACGT", 2)
                sites.append((chrom, pos, ref, alt))
                values = "\t".join(rng.choices(cells, k=SAMPLES))
                out.write(f"{chrom}\t{pos}\tv{len(sites)}\t{ref}\t{alt}\t.\t.\t.\tDS\t{values}\n")
    return sites


def write_wide_vcf(path):
    """A file of some 18 MB packed; returns its sites."""
    rng = random.Random(9)
    rows = ["\t".join(f"{rng.random() * 2:.3f}" for _ in range(150)) for _ in range(400)]
    sites = [("1", 1000 * (i + 1), "A", "C") for i in range(60000)]
    with open(path, "w", encoding="ascii") as out:
        names = "\t".join(f"S{i}" for i in range(150))
        out.write(f"{HEADER}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n")
        for chrom, pos, ref, alt in sites:
            out.write(f"{chrom}\t{pos}\tv{pos}\t{ref}\t{alt}\t.\t.\t.\tDS\t{rng.choice(rows)}\n")
    return sites


def write_scores(path, sites, seed, loci=12, a_locus=5):
    """Lines at a few loci: matching, swapped, flipped, of other alleles, and of absent positions."""
    rng = random.Random(seed)
    complement = str.maketrans("ACGT", "TGCA")
    lines = []
    for _ in range(loci):
        first = rng.randrange(len(sites) - 50)
        for chrom, pos, ref, alt in rng.sample(sites[first:first + 50], a_locus):
            kind = rng.randrange(5)
            if kind == 1:
                ref, alt = alt, ref
            elif kind == 2:
                ref, alt = ref.translate(complement), alt.translate(complement)
            elif kind == 3:
                pos += 3
            elif kind == 4:
                alt = "AT"
            lines.append(f"{chrom}\t{pos}\t{alt}\t{ref}\t{rng.uniform(-1, 1):.6f}\n")
    path.write_text("chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
                    + "".join(lines))


class SelectionTest(support.TempFolderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bcftools = support.program("bcftools")
        cls._shared = support.tempfile.TemporaryDirectory(prefix="kinflow-test-")
        cls.addClassCleanup(cls._shared.cleanup)
        cls.files = support.pathlib.Path(cls._shared.name)
        cls.sites = write_vcf(cls.files / "c.vcf", 1)
        for kind, name, index in (("z", "c.vcf.gz", "-t"), ("b", "c.bcf", "-c")):
            support.run_peer(bcftools, "view", "-O" + kind, "-o", cls.files / name,
                             cls.files / "c.vcf")
            support.run_peer(bcftools, "index", index, cls.files / name)
        write_scores(cls.files / "one.txt", cls.sites, 2)
        write_scores(cls.files / "two.txt", cls.sites, 3)

    def score(self, folder, *more, geno=None):
        geno = geno or self.files / "c.vcf.gz"
        done = support.kinflow("score", "--geno", geno, "--weights", self.files / "one.txt",
                               self.files / "two.txt", "--min-overlap", "0", "--detail", "--out",
                               self.dir / folder, *more)
        self.assertEqual(done.code, 0, done.err)
        return done

    def results(self, folder):
        out = self.dir / folder
        return {name: (gzip.decompress if name.endswith("gz") else bytes)((out / name).read_bytes())
                for name in ("private/scores.tsv", "private/scores_detail.tsv.gz",
                             "share/match_summary.tsv", "share/match_log.tsv.gz")}

    def copy(self, name, into):
        (self.dir / into).mkdir()
        path = self.dir / into / name
        path.write_bytes((self.files / name).read_bytes())
        return path

    def bytes_read(self, path, *args):
        """Bytes that the program took from one file, by strace."""
        strace = support.program("strace")
        log = self.dir / "strace.txt"
        done = subprocess.run([strace, "-f", "-y", "-e", "trace=read,pread64,readv,preadv,mmap", "-o",
                               log, support.KINFLOW, *map(str, args)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        if "ptrace" in done.stderr and done.returncode != 0:
            raise unittest.SkipTest("strace may not trace here")
        self.assertEqual(done.returncode, 0, done.stderr)
        total = 0
        for line in log.read_text(errors="replace").splitlines():
            if f"<{path}>" in line:
                self.assertNotIn("mmap(", line)
                got = re.search(r"= (\d+)$", line)
                total += int(got[1]) if got else 0
        return total

    def test_few_variants_give_what_a_full_read_gives(self):
        self.score("full", "--set", "scores.read=all")
        expected = self.results("full")
        self.assertGreater(len(expected["private/scores.tsv"]), 2000)
        bare = self.copy("c.vcf.gz", "bare")
        for folder, geno in (("vcf", self.files / "c.vcf.gz"), ("bcf", self.files / "c.bcf"),
                             ("bare_run", bare), ("text", self.files / "c.vcf")):
            with self.subTest(folder):
                done = self.score(folder, geno=geno)
                self.assertIn("only variants at positions of the score files are read", done.err)
                results = self.results(folder)
                for name, content in expected.items():
                    self.assertEqual(results[name], content, name)
        log = (self.dir / "bare_run" / "kinflow.log").read_text()
        self.assertIn("all of it is read (no index)", log)

    def test_an_index_older_than_its_file_leaves_nothing_out(self):
        """It may be of another version, in which variants lay elsewhere."""
        self.score("full", "--set", "scores.read=all")
        geno = self.copy("c.vcf.gz", "old")
        index = geno.with_name("c.vcf.gz.tbi")
        index.write_bytes((self.files / "c.vcf.gz.tbi").read_bytes())
        os.utime(index, (1, 1))
        self.score("old_run", geno=geno)
        self.assertEqual(self.results("old_run"), self.results("full"))
        log = (self.dir / "old_run" / "kinflow.log").read_text()
        self.assertIn("all of it is read (c.vcf.gz.tbi is older than the file)", log)

    def test_few_bytes_are_read(self):
        bcftools = support.program("bcftools")
        sites = write_wide_vcf(self.dir / "w.vcf")
        write_scores(self.dir / "few.txt", sites, 2, loci=3)
        for name, kind in (("w.vcf.gz", "-Oz"), ("w.bcf", "-Ob")):
            with self.subTest(name):
                path = self.dir / name
                support.run_peer(bcftools, "view", kind, "-o", path, self.dir / "w.vcf")
                support.run_peer(bcftools, "index", path)
                read = self.bytes_read(path, "score", "--geno", path, "--weights",
                                       self.dir / "few.txt", "--min-overlap", "0", "--out",
                                       self.dir / (name + "_out"))
                inputs = support.read_tsv(self.dir / (name + "_out") / "share" / "inputs.tsv")[0]
                size = path.stat().st_size
                self.assertEqual(int(inputs["BYTES"]), size)
                share = int(inputs["BYTES_TO_READ"]) / size
                self.assertLess(share, 0.1)
                # Header, first records (once for each grid) and the digest of what is read come on
                # top of the scan itself.
                self.assertLess(read, size / 2)
                self.assertGreater(read, int(inputs["BYTES_TO_READ"]))

    def test_what_is_read_is_in_the_key(self):
        self.score("one")
        again = self.score("one")
        self.assertNotIn("scan:", again.err)  # all cached
        done = support.kinflow("score", "--geno", self.files / "c.vcf.gz", "--weights",
                               self.files / "two.txt", "--min-overlap", "0", "--out",
                               self.dir / "one")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("scan:", done.err)
        fresh = support.kinflow("score", "--geno", self.files / "c.vcf.gz", "--weights",
                                self.files / "two.txt", "--min-overlap", "0", "--out",
                                self.dir / "fresh")
        self.assertEqual(fresh.code, 0, fresh.err)
        self.assertEqual((self.dir / "one/private/scores.tsv").read_bytes(),
                         (self.dir / "fresh/private/scores.tsv").read_bytes())

    def test_qc_and_matching_by_id_read_everything(self):
        for more in (("--match-by", "id"), ("--set", "qc.variant.maf=0"),
                     ("--set", "dosage.store=always")):
            done = support.kinflow("score", "--geno", self.files / "c.vcf.gz", "--weights",
                                   self.files / "one.txt", "--min-overlap", "0", "--out",
                                   self.dir / more[-1].replace("=", "_"), *more)
            self.assertNotIn("only variants at positions", done.err)

    def test_bed_and_chromosome_files(self):
        plink2, bcftools = support.program("plink2"), support.program("bcftools")
        support.run_peer(plink2, "--vcf", self.files / "c.vcf", "dosage=DS", "--chr", "1-2",
                         "--make-bed", "--out", self.dir / "b")
        for chrom in ("1", "2"):
            path = self.dir / f"chr{chrom}.vcf.gz"
            support.run_peer(bcftools, "view", "-r", chrom, "-Oz", "-o", path,
                             self.files / "c.vcf.gz")
            support.run_peer(bcftools, "index", "-t", path)
        for name, geno in (("bed", self.dir / "b.bed"), ("chr", self.dir / "chr@.vcf.gz")):
            self.score(name, geno=geno)
            self.score(name + "_full", "--set", "scores.read=all", geno=geno)
            self.assertEqual(self.results(name), self.results(name + "_full"))

    def test_no_position_is_there(self):
        (self.dir / "away.txt").write_text(
            "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
            "1\t240000001\tA\tC\t1\n5\t7\tA\tC\t1\n")
        outcomes = []
        for more in ((), ("--set", "scores.read=all")):
            done = support.kinflow("score", "--geno", self.files / "c.vcf.gz", "--weights",
                                   self.dir / "away.txt", "--out", self.dir / f"o{len(more)}", *more)
            outcomes.append((done.code, "E0430" in done.err))
            self.assertEqual("--set scores.read=all" in done.err, not more)
        self.assertEqual(outcomes, [(4, True), (4, True)])
        with gzip.open(self.dir / "o2/share/match_log.tsv.gz", "rt") as log:
            self.assertEqual([row["reason"] for row in csv.DictReader(log, delimiter="\t")],
                             ["absent"] * 2)

    def test_lost_block_is_no_short_result(self):
        """A block cut out of the middle, beside the old index: exit 4, naming the file."""
        path = self.copy("c.vcf.gz", "cut")
        content = path.read_bytes()
        offsets, at = [], 0
        while at < len(content):
            offsets.append(at)
            at += int.from_bytes(content[at + 16:at + 18], "little") + 1
        middle = len(offsets) // 2
        path.write_bytes(content[:offsets[middle]] + content[offsets[middle + 1]:])
        index = self.files / "c.vcf.gz.tbi"
        (self.dir / "cut" / "c.vcf.gz.tbi").write_bytes(index.read_bytes())
        done = support.kinflow("score", "--geno", path, "--weights", self.files / "one.txt",
                               "--min-overlap", "0", "--out", self.dir / "out")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("E0412", done.err)
        self.assertIn("c.vcf.gz.tbi", done.err)
        self.assertIn("compare with the original", done.err)

    def test_damaged_index_is_refused(self):
        path = self.copy("c.vcf.gz", "damaged")
        index = (self.files / "c.vcf.gz.tbi").read_bytes()
        for content in (index[:len(index) // 2], b"no index at all"):
            (self.dir / "damaged" / "c.vcf.gz.tbi").write_bytes(content)
            done = support.kinflow("score", "--geno", path, "--weights", self.files / "one.txt",
                                   "--min-overlap", "0", "--out", self.dir / "out")
            self.assertEqual(done.code, 4, done.err)
            self.assertIn("c.vcf.gz.tbi", done.err)
            self.assertIn("remedy:", done.err)

    def test_unknown_chromosome_of_a_region_is_told(self):
        done = support.kinflow("qc", "--geno", self.files / "c.vcf.gz", "--preset", "none",
                               "--regions", "1:1-1000,7", "--out", self.dir / "out")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("the input has no such chromosome", done.err)
        self.assertIn('"7"', done.err)
        self.assertIn("its chromosomes: 1 2 X", done.err)
        done = support.kinflow("qc", "--geno", self.files / "c.vcf.gz", "--preset", "none",
                               "--regions", "XY", "--out", self.dir / "out")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("GRCh37 X:60001-2699520,X:154931044-155260560", done.err)

    def test_empty_selection_is_refused(self):
        """By every command, and with no store left: text too, whose shards begin before its choice."""
        (self.dir / "none.txt").write_text("", encoding="ascii")
        (self.dir / "other.txt").write_text("nobody_has_it\n", encoding="ascii")
        every = "".join(f"v{i + 1}\n" for i in range(len(self.sites)))
        (self.dir / "all.txt").write_text(every, encoding="ascii")
        choices = (("--variants", self.dir / "none.txt"), ("--variants", self.dir / "other.txt"),
                   ("--exclude", self.dir / "all.txt"), ("--regions", "1:249000000-249000001"))
        weights = ("--weights", self.files / "one.txt", "--min-overlap", "0")
        runs = [("load", "c.vcf", choice) for choice in choices]
        runs += [("load", "c.bcf", choices[1]), ("qc", "c.vcf.gz", choices[2]),
                 ("score", "c.vcf.gz", choices[0])]
        for command, name, choice in runs:
            with self.subTest(command=command, name=name, choice=choice):
                done = support.kinflow(command, "--geno", self.files / name, *choice, "--out",
                                       self.dir / "out", "--work", self.dir / "work",
                                       *(weights if command == "score" else ()))
                self.assertEqual(done.code, 4, done.err)
                # Scores read the places of their lines alone: of these none is matched.
                self.assertRegex(done.err, "E0432|E0430" if command == "score" else "E0432")
                self.assertEqual(list(self.dir.glob("work/artifacts/dosage/*/manifest.json")), [])

    def test_regions_that_are_none_are_a_usage_error(self):
        """From the command line exit 2, from a config exit 3, both with the faulty part."""
        path = self.files / "c.vcf.gz"
        for text in ("2:x-y", "1:5-2", "1:1-2,:3", "1:-"):
            for command in (["qc", "--geno", path, "--out", self.dir / "out"], ["inspect", path],
                            ["export", path, "--out", self.dir / "x"]):
                done = support.kinflow(*command, "--regions", text)
                self.assertEqual(done.code, 2, done.err)
                self.assertIn("--regions", done.err)
                self.assertIn("1:1000-2000", done.err)
        self.config(f"schema_version: 1\ninput: {{genotypes: {path}, regions: '2:x-y'}}\n")
        done = support.kinflow("run", "run.yaml", "--progress=none", cwd=self.dir)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("2:x-y", done.err)

    def test_regions_and_people_as_in_bcftools(self):
        """Frequencies and calls of a region in some people: the counts of `bcftools view`."""
        bcftools = support.program("bcftools")
        people = [f"S{i}" for i in range(0, SAMPLES, 3)]
        (self.dir / "keep.txt").write_text("\n".join(people + ["nobody", "none"]) + "\n")
        region = "1:200000-900000,2:1-300000,X"
        done = support.kinflow("qc", "--geno", self.files / "c.bcf", "--preset", "none", "--regions",
                               region, "--samples", self.dir / "keep.txt", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("input.samples (keep.txt): 2 of 29 ids are not among the 80 genotyped people",
                      done.err)
        self.assertNotIn("nobody", done.err)
        listed = support.run_peer(bcftools, "view", "-H", "-t", region, "-S",
                                  self.dir / "keep.txt", "--force-samples", self.files / "c.bcf")
        expected = [line.split("\t", 5)[:5] for line in listed.splitlines() if line[:1] in "12X"]
        rows = support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
        self.assertGreater(len(rows), 100)
        got = [[r["CHROM"].replace("XY", "X"), r["POS"], r["ID"], r["REF"], r["ALT"]] for r in rows]
        self.assertTrue(got == expected, "not the variants of bcftools view")

    def test_excluded_variants_are_those_of_plink2(self):
        """With and without a list of those to keep; ids that no variant has are counted."""
        plink2 = support.program("plink2")
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        with open(prefix + ".bim", encoding="ascii") as f:
            ids = [line.split()[1] for line in f]
        (self.dir / "keep.txt").write_text("\n".join(ids[::2]) + "\n", encoding="ascii")
        gone = ids[:3000] + ["no_such_id", "nor_this"]
        (self.dir / "gone.txt").write_text("# QC\n" + "\n".join(gone) + "\n", encoding="ascii")
        support.run_peer(plink2, "--bfile", prefix, "--export", "vcf", "bgz", "id-paste=iid", "--out",
                         self.dir / "c")
        (self.dir / "gone_peer.txt").write_text("\n".join(gone) + "\n", encoding="ascii")
        for kept in (ids, ids[::2]):  # the second as a list
            keep = self.dir / "keep.txt" if kept != ids else None
            unmatched = len(set(gone) - set(kept))
            extract = ("--extract", keep) if keep else ()
            support.run_peer(plink2, "--bfile", prefix, *extract, "--exclude",
                             self.dir / "gone_peer.txt", "--write-snplist", "allow-dups", "--out",
                             self.dir / "peer")
            expected = (self.dir / "peer.snplist").read_text(encoding="ascii").split()
            self.assertGreater(len(expected), 2000)
            for geno in (prefix + ".bed", self.dir / "c.vcf.gz"):
                with self.subTest(keep=keep, geno=geno):
                    selects = ("--variants", keep) if keep else ()
                    done = support.kinflow("qc", "--geno", geno, "--preset", "array", *selects,
                                           "--exclude", self.dir / "gone.txt", "--out",
                                           self.dir / "out", "--work", self.dir / "work")
                    self.assertEqual(done.code, 0, done.err)
                    rows = support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
                    self.assertEqual([row["ID"] for row in rows], expected)
                    self.assertIn(f"input.exclude: {unmatched} of {len(set(gone))} ids are those of "
                                  "no variant", done.err)


if __name__ == "__main__":
    unittest.main()
