"""One cohort in several formats gives the same scores (case H), the build of positions is checked,
and the list of variants is plink2's."""
import gzip
import pathlib
import unittest

import support

# Common SNPs with their positions in GRCh37 and GRCh38 (dbSNP).
SNPS = (("1", 10566215, 10506158, "A", "G"), ("1", 114448389, 113905767, "C", "T"),
        ("2", 19320803, 19121042, "A", "G"), ("22", 40876234, 40480230, "C", "T"))


class FormatsTest(support.TempFolderTest):
    """Hard calls without missing ones: a genotype is the same number in every format."""

    def setUp(self):
        super().setUp()
        self.plink2 = support.program("plink2")
        source = support.data("pgsc_calc/cineca_synthetic_subset.bed")[:-4]
        self.prefix = self.dir / "c"
        support.run_peer(self.plink2, "--bfile", source, "--geno", "0", "--make-bed", "--out",
                         self.prefix)
        for export in (["vcf", "bgz", "id-paste=iid"], ["bgen-1.2", "bits=8", "ref-first"],
                       ["bcf", "id-paste=iid"]):
            support.run_peer(self.plink2, "--bfile", self.prefix, "--export", *export, "--out",
                             self.prefix)
        support.run_peer(self.plink2, "--bfile", self.prefix, "--make-pgen", "--out", self.prefix)
        self.score = support.data("pgsc_calc/PGS001229_22.txt")

    def run_it(self, genotypes, *flags):
        done = support.kinflow("score", "--geno", genotypes, "--weights", self.score, "--build",
                               "GRCh37", "--min-overlap", "0.5", "--out", self.dir / "out",
                               "--progress", "none", *flags)
        self.assertEqual(done.code, 0, done.err)
        return {row["IID"]: row["PGS001229"] for row in
                support.read_tsv(self.dir / "out/private/scores.tsv")}

    def test_every_format_gives_the_same_scores(self):
        bed = self.run_it(f"{self.prefix}.bed")
        self.assertEqual(len(bed), 2504)
        for ending in ("pgen", "vcf.gz", "bcf"):
            with self.subTest(ending):
                self.assertEqual(self.run_it(f"{self.prefix}.{ending}"), bed)
        bgen = self.run_it(f"{self.prefix}.bgen")  # in steps of 1/255: the last bit may differ
        self.assertEqual(set(bgen), set(bed))
        for name, value in bed.items():
            self.assertAlmostEqual(float(bgen[name]), float(value), places=13)

    def test_list_of_variants(self):
        self.run_it(f"{self.prefix}.bed", "--list-variants")
        mine = (self.dir / "out/share/scores.sscore.vars").read_text().split()
        bim = {tuple(line.split()[i] for i in (0, 3)): line.split()[1]
               for line in pathlib.Path(f"{self.prefix}.bim").read_text().splitlines()}
        log = support.read_tsv(self.dir / "out/share/match_log.tsv.gz")
        used = [r for r in log if r["match_status"] == "matched"]
        self.assertEqual(len(used), len(mine))
        weights = self.dir / "w.txt"
        weights.write_text("".join(f"{bim[r['chr_name'], r['chr_position']]}\t"
                                   f"{r['matched_effect_allele']}\t{r['effect_weight']}\n"
                                   for r in used))
        support.run_peer(self.plink2, "--bfile", self.prefix, "--score", weights, "1", "2", "3",
                         "list-variants", "--out", self.dir / "peer")
        self.assertEqual(mine, (self.dir / "peer.sscore.vars").read_text().split())


class BuildTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        people = [f"p{i}" for i in range(60)]
        lines = ["##fileformat=VCFv4.2",
                 '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
                 *(f"##contig=<ID={c}>" for c in dict.fromkeys(s[0] for s in SNPS)),
                 "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(people)]
        for chrom, pos37, _, ref, alt in SNPS:
            calls = "\t".join(("0/0", "0/1", "1/1")[(i * pos37) % 3] for i in range(60))
            lines.append(f"{chrom}\t{pos37}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{calls}")
        with gzip.open(self.dir / "g.vcf.gz", "wt") as out:
            out.write("\n".join(lines) + "\n")

    def weights(self, column, stated="", repeat=()):
        head = f"#genome_build={stated}\n" if stated else ""
        rows = list(SNPS) + [SNPS[i] for i in repeat]
        (self.dir / "w.txt").write_text(
            head + "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n" +
            "".join(f"{s[0]}\t{s[column]}\t{s[4]}\t{s[3]}\t0.5\n" for s in rows))

    def run_it(self, code, *flags):
        done = support.kinflow("score", "--geno", self.dir / "g.vcf.gz", "--weights",
                               self.dir / "w.txt", "--out", self.dir / "out", "--progress", "none",
                               *flags)
        self.assertEqual(done.code, code, done.err)
        return done.err

    def test_what_is_right_or_not_stated_passes(self):
        for stated, flags in (("", ()), ("GRCh37", ()), ("GRCh37", ("--build", "GRCh37"))):
            self.weights(1, stated)
            self.run_it(0, *flags)

    def test_genotypes_on_another_build_than_declared(self):
        self.weights(1)
        err = self.run_it(4, "--build", "GRCh38")
        self.assertIn("error[E0421]", err)
        self.assertIn("declared to be on GRCh38, but 4 of", err)
        self.assertIn("--build GRCh37", err)

    def test_score_on_another_build_than_it_says(self):
        self.weights(1, "GRCh38")
        err = self.run_it(4)
        self.assertIn("the score says it is on GRCh38", err)
        self.assertIn("remedy:", err)

    def test_score_on_another_build_than_the_genotypes(self):
        self.weights(2)
        for flags in ((), ("--build", "GRCh37")):
            err = self.run_it(4, "--set", "scores.read=all", *flags)
            self.assertIn("the positions of the score are those of GRCh38", err)
            self.assertIn("--liftover", err)

    def test_nothing_at_the_positions_of_the_scores(self):
        for stated, told in (("GRCh38", "score is on GRCh38, the genotypes are on GRCh37"),
                             ("", "the positions of the score are those of GRCh38")):
            self.weights(2, stated)
            err = self.run_it(4, "--build", "GRCh37")
            self.assertIn(f"error[E0421] {told}", err)
            self.assertIn("--liftover CHAIN", err)
        err = self.run_it(4)
        self.assertIn("error[E0430]", err)
        self.assertIn("--build", err)

    def test_validate_reads_the_score_file(self):
        self.weights(1, "GRCh38")
        config = self.config("schema_version: 1\ninput: {genotypes: g.vcf.gz}\n"
                             "scores: {files: [w.txt]}\n")
        done = support.kinflow("validate", config)
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("the score says it is on GRCh38", done.err + done.out)

    def test_lines_on_one_variant_are_told(self):
        self.weights(1, repeat=(0,))
        err = self.run_it(0, "--min-overlap", "0.5")
        self.assertRegex(err, r"W .*2 lines lie on a variant of another of its lines; none")
        err = self.run_it(0, "--min-overlap", "0.5", "--duplicates", "first")
        self.assertRegex(err, r"W .*the first of each counts")
        self.weights(1)
        self.assertNotIn("lie on a variant", self.run_it(0))


if __name__ == "__main__":
    unittest.main()
