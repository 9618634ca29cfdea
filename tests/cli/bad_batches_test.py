"""Faults of batches: each is refused with its id, the batch it lies in and what to do."""
import json
import re
import unittest

from bad_input import CRASH
from batches_support import BatchesTest, cut, turned, write
from support import kinflow


class BadBatches(BatchesTest):
    variants = 60

    def setUp(self):
        super().setUp()
        self.settings["analyses"] = []
        self.settings["qc"] = {"preset": "none"}
        self.settings["scores"]["match"]["min_overlap"] = 0
        write(self.dir / "a.vcf", cut(self.lines, self.parts[0]))
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1]))

    def refused(self, code, error, *parts, out="out"):
        done = self.run_study(out)
        self.assertEqual(done.code, code, done.err)
        self.assertNotRegex(done.err, CRASH)
        self.assertIn(f"error[{error}]", done.err)
        self.assertRegex(done.err, r"(?m)^  remedy: \S.{5,}")
        for part in parts:
            self.assertIn(part, done.err)
        for person in self.people:
            self.assertIsNone(re.search(rf"\b{person}\b", done.err), "a sample id in a message")
        return done

    # Config

    def test_neither_or_both(self):
        self.use_batches(a="a.vcf", b="b.vcf")
        self.settings["input"]["genotypes"] = "c.vcf.gz"
        self.refused(3, "E0303", "input.batches", "genotypes and batches")
        self.settings["input"] = {"field": "DS"}
        self.refused(3, "E0313", "input.genotypes")

    def test_names(self):
        self.use_batches(a="a.vcf", b="b.vcf")
        self.settings["input"]["batches"][1]["name"] = "a"
        self.refused(3, "E0311", "two batches", 'value:  "a"')
        self.settings["input"]["batches"][1]["name"] = "b 1"
        self.refused(3, "E0303", 'value:  "b 1"')
        del self.settings["input"]["batches"][1]["name"]
        self.refused(3, "E0313", "input.batches[1].name")

    def test_one_batch(self):
        self.use_batches(a="a.vcf")
        self.refused(3, "E0303", "input.genotypes")

    def test_unknown_key(self):
        self.use_batches(a="a.vcf", b={"genotypes": "b.vcf", "feild": "DS"})
        self.refused(3, "E0312", "did you mean 'field'?")

    # Files

    def test_missing_file(self):
        self.use_batches(a="a.vcf", b="away.vcf")
        self.refused(4, "E0401", "away.vcf", "batch b")
        self.use_batches(a="gone.vcf", b="away.vcf")
        self.config(json.dumps(self.settings))
        done = kinflow("validate", "run.yaml", cwd=self.dir)  # tells them all
        self.assertEqual(done.code, 4, done.err)
        self.assertEqual(done.err.count("error[E0401]"), 2, done.err)

    def test_a_person_in_two_batches(self):
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1][:2] + self.parts[0][4:6]))
        self.use_batches(a="a.vcf", b="b.vcf")
        told = ("2 people are in two batches", "sample 5 of batch a", "sample 3 of batch b",
                "`remove` of that batch", "b.vcf")
        self.refused(4, "E0420", *told)
        done = kinflow("validate", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 4, done.err)
        for part in told:
            self.assertIn(part, done.err)
        (self.dir / "gone.txt").write_text("".join(f"{p}\n" for p in self.parts[0][4:6]))
        self.use_batches(a="a.vcf", b={"genotypes": "b.vcf", "remove": "gone.txt"})
        self.run_ok("out")
        self.assertEqual(list(self.by_person("out", "private/scores.tsv")),
                         self.parts[0] + self.parts[1][:2])
        self.assertEqual([r["N_SAMPLES"] for r in self.table("out", "share/batches.tsv")],
                         ["NA", "NA"])  # two people are too few to be told

    def test_lists_of_a_batch(self):
        (self.dir / "keep.txt").write_text("".join(f"{p}\n" for p in self.parts[1][2:9]) + "x\n")
        self.use_batches(a="a.vcf", b={"genotypes": "b.vcf", "samples": "keep.txt"})
        done = self.run_ok("out")
        self.assertIn("input.batches.b.samples (keep.txt): 1 of 8 ids", done.err)
        self.assertEqual(list(self.by_person("out", "private/scores.tsv")),
                         self.parts[0] + self.parts[1][2:9])
        (self.dir / "keep.txt").write_text("nobody\n")
        self.refused(4, "E0422", "batch b", "keep.txt", out="none")

    def test_an_unsorted_batch(self):
        lines = cut(self.lines, self.parts[1])
        lines[-1], lines[-4] = lines[-4], lines[-1]
        write(self.dir / "b.vcf", lines)
        self.use_batches(a="a.vcf", b="b.vcf")
        self.refused(4, "E0428", "b.vcf", "batch b", "bcftools sort")
        self.assertFalse((self.dir / "out/private/scores.tsv").exists())

    def test_other_genome_build(self):
        del self.settings["input"]["build"]
        for name, length in (("a", 249250621), ("b", 248956422)):
            text = re.sub("##contig.*\n", "", (self.dir / f"{name}.vcf").read_text())
            meta = f"##contig=<ID=1,length={length}>\n"
            (self.dir / f"{name}.vcf").write_text(text.replace("#CHROM", meta + "#CHROM", 1))
        self.use_batches(a="a.vcf", b="b.vcf")
        self.refused(4, "E0421", "batch b is on GRCh38, batch a on GRCh37")

    def test_field(self):
        self.use_batches(a="a.vcf", b={"genotypes": "b.vcf", "field": "HDS"})
        self.refused(4, "E0414", "HDS", "batch b")
        self.use_batches(a="a.vcf", b={"genotypes": "b.vcf", "field": "GT"})
        self.run_ok("mixed")
        self.assertEqual([r["UNITS"] for r in self.table("mixed", "share/batches.tsv")],
                         ["1000", "1"])

    # Variants

    def shifted(self, number, line):
        fields = line.split("\t")
        fields[1] = str(int(fields[1]) + 1)
        return "\t".join(fields)

    def test_no_common_variant(self):
        self.settings["scores"]["read"] = "all"
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1], self.shifted))
        self.use_batches(a="a.vcf", b="b.vcf")
        self.refused(4, "E0432", "common to all 2 batches", "absent_in_other", "genome builds")
        rows = self.table("out", "share/batches.tsv")
        self.assertEqual([r["N_COMMON"] for r in rows], ["0", "0"])
        self.assertGreater(len(self.table("out", "share/batches_log.tsv.gz")), 60)
        # The join is there already; it is refused all the same.
        self.refused(4, "E0432", "common to all 2 batches")
        self.assertFalse((self.dir / "out/private/scores.tsv").exists())

    def test_few_common_variants(self):
        self.settings["scores"] = {}
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1], lambda n, line:
                                      line if n % 10 == 0 else self.shifted(n, line)))
        self.use_batches(a="a.vcf", b="b.vcf")
        done = self.run_ok("out")
        self.assertRegex(done.err, r"only \d+\.\d % of the variants of batch [ab] are common")

    def test_duplicates_strands_and_frequencies(self):
        """What is left out has its reason; an A/T variant on the other strand shows itself."""
        self.settings["scores"]["read"] = "all"
        rows = [line.split("\t") for line in cut(self.lines, self.people)
                if not line.startswith("#")]
        mean = [sum(float(e.split(":")[1]) for e in f[9:]) / (len(f) - 9) for f in rows]
        complement = str.maketrans("ACGT", "TGCA")
        snp = [i for i, f in enumerate(rows)
               if len(f[3]) == len(f[4]) == 1 and f[3].translate(complement) != f[4]]
        rare = next(i for i in snp[10:] if mean[i] < 0.1)

        def with_alleles(line, ref, alt):
            f = line.split("\t")
            return "\t".join([*f[:3], ref, alt, *f[5:]])

        def palindrome(number, line):
            return with_alleles(line, "A", "T") if number == rare else line

        def change(number, line):
            f = line.split("\t")
            if number == snp[2]:
                return line + "\n" + line
            if number == snp[4]:
                return with_alleles(line, f[3].translate(complement), f[4].translate(complement))
            if number == snp[6]:
                return with_alleles(line, f[3], f[4] + "TT")
            # The dosages of the other strand under the same letters.
            return with_alleles(turned(line), "A", "T") if number == rare else line

        write(self.dir / "a.vcf", cut(self.lines, self.parts[0], palindrome))
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1], change))
        self.use_batches(a="a.vcf", b="b.vcf")
        done = self.run_ok("out")
        a, b = self.table("out", "share/batches.tsv")
        self.assertEqual((b["N_DUPLICATE"], a["N_DUPLICATE_IN_OTHER"]), ("2", "1"))
        self.assertEqual((a["N_OTHER_STRAND"], b["N_OTHER_STRAND"]), ("1", "1"))
        self.assertEqual((a["N_OTHER_ALLELES"], b["N_OTHER_ALLELES"]), ("1", "1"))
        self.assertEqual(a["N_COMMON"], str(len(rows) - 3))
        far = [row["ID"] for row in self.table("out", "private/batch_frequencies.tsv.gz")
               if float(row["MAX_AF_DIFF"]) > 0.2]
        self.assertIn(rows[rare][2], far)
        self.assertEqual((a["N_AF_DIFFERS"], b["N_AF_DIFFERS"]), (str(len(far)),) * 2)
        self.assertIn("batch effect", done.err)
        self.assertIn("strands are not guessed", done.err)
        reasons = {(r["BATCH"], r["REASON"], r["OTHER_BATCH"])
                   for r in self.table("out", "share/batches_log.tsv.gz")}
        self.assertEqual(reasons, {
            ("a", "duplicate_in_other", "b"), ("b", "duplicate", "b"), ("a", "other_strand", "b"),
            ("b", "other_strand", "a"), ("a", "other_alleles", "b"), ("b", "other_alleles", "a")})

    def test_males_on_x_in_two_ways(self):
        """Two copies in one batch and one in the other would be sums of another scale."""
        self.settings["scores"]["read"] = "all"
        fam = (self.dir / "c.fam").read_text().splitlines()
        sex = {line.split()[1]: line.split()[4] for line in fam}

        def on_x(haploid):
            def change(number, line):
                if not line.startswith("3\t"):
                    return line
                f = line.split("\t")
                f[0], f[8] = "X", "GT"
                f[1] = str(int(f[1]) + 10_000_000)  # behind the pseudoautosomal part
                for i, person in enumerate(self.order):
                    call = f[9 + i].split(":")[0].replace("|", "/")
                    male = call[0] + "/" + call[0]
                    f[9 + i] = call if sex[person] != "1" else call[0] if haploid else male
                return "\t".join(f)
            return change

        self.settings["input"]["field"] = "GT"
        self.settings["scores"]["files"] = ["c.PGS900001.txt.gz"]
        self.settings["pedigree"] = {"file": "c.fam"}
        for name, part, haploid in (("a", 0, True), ("b", 1, False), ("d", 1, True)):
            self.order = self.parts[part]
            write(self.dir / f"{name}.vcf", cut(self.lines, self.order, on_x(haploid)))
        self.use_batches(a="a.vcf", b="b.vcf")
        self.refused(4, "E0427", "males on X", "haploid in batch a and diploid in batch b",
                     "input.regions")
        self.use_batches(a="a.vcf", b="d.vcf")
        self.run_ok("same")
        self.use_batches(a="a.vcf", b="b.vcf")
        self.settings["input"]["regions"] = "1,2"
        self.run_ok("autosomes")


if __name__ == "__main__":
    unittest.main()
