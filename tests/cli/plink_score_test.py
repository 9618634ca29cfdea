"""The semantics of plink2 --score on request, and its .sscore: one cohort as .bed, .pgen, VCF (DS)
and BGEN, both programs on the same weights."""
import gzip
import math
import os
import pathlib
import shutil
import subprocess
import unittest

import support

MODES = {  # flags of both programs
    "": "",
    "--no-mean-imputation": "no-mean-imputation",
    "--center": "center",
    "--variance-standardize": "variance-standardize",
    "--dominant": "dominant",
    "--recessive": "recessive",
}


def printed(value, text):
    """Two numbers of six significant digits, the last of which may go either way."""
    a, b = float(value), float(text)
    if math.isnan(b) or a == b:
        return math.isnan(a) == math.isnan(b)
    unit = 10.0 ** (math.floor(math.log10(max(abs(a), abs(b)))) - 5)
    return abs(a - b) <= 1.001 * unit


class PlinkScoreTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.plink2 = support.program("plink2")

    def peer(self, flags, weights, *modifiers):
        """Rows of plink2's .sscore, by person."""
        support.run_peer(self.plink2, *flags, "--threads", "1", "--score", weights, "1", "2",
                         *modifiers, "--out", self.dir / "peer")
        return {row["IID"]: row for row in support.read_tsv(self.dir / "peer.sscore")}

    def mine(self, genotypes, weights, *flags, columns=("rsID=1", "effect_allele=2",
                                                        "effect_weight=3")):
        done = support.kinflow("score", "--geno", genotypes, "--weights", weights, "--columns",
                               *columns, "--sscore", "--keep-ambiguous", "--min-overlap", "0",
                               "--out", self.dir / "out", *flags)
        self.assertEqual(done.code, 0, done.err)
        # The VCF names people FID_IID; both are the same word here.
        return {row["IID"].split("_")[0]: row
                for row in support.read_tsv(self.dir / "out/private/scores.sscore")}


class HardCalls(PlinkScoreTest):
    def setUp(self):
        super().setUp()
        self.prefix = support.data("pgsc_calc/cineca_synthetic_subset.bed")[:-4]
        bim = pathlib.Path(self.prefix + ".bim").read_text(encoding="ascii")
        variants = [line.split() for line in bim.splitlines()][:300]
        self.weights = self.dir / "w.txt"
        self.weights.write_text("".join(
            f"{row[1]}\t{row[4 + i % 2]}\t{(i % 7 - 3) / 10 + 0.05}\n"
            for i, row in enumerate(variants)))

    def check(self, genotypes, weights=None, compat=()):
        for flag, modifier in MODES.items():
            with self.subTest(genotypes=genotypes, mode=modifier):
                theirs = self.peer(["--bfile", self.prefix], weights or self.weights, "3",
                                   "cols=+scoresums,+denom", *modifier.split())
                mine = self.mine(f"{self.prefix}.{genotypes}", weights or self.weights,
                                 *flag.split(), *compat)
                self.assertEqual(set(mine), set(theirs))
                compared = 0
                for name, row in theirs.items():
                    self.assertEqual(mine[name]["ALLELE_CT"], row["ALLELE_CT"])
                    self.assertEqual(mine[name]["DENOM"], row["DENOM"])
                    if "--center" not in flag and "--variance" not in flag:
                        self.assertEqual(mine[name]["NAMED_ALLELE_DOSAGE_SUM"],
                                         row["NAMED_ALLELE_DOSAGE_SUM"])
                    elif not compat and row["ALLELE_CT"] != row["DENOM"]:
                        # This plink2 adds the mean of a missing genotype without centring it.
                        continue
                    compared += 1
                    for column in ("SUM", "AVG"):
                        self.assertTrue(printed(mine[name][f"w_{column}"], row[f"SCORE1_{column}"]),
                                        f"{mine[name]} against {row}")
                self.assertGreater(compared, 2000)
                if compat:
                    self.assertEqual(compared, len(theirs))

    def test_bed(self):
        self.check("bed")

    def test_both_alleles_of_an_id(self):
        """Both are summed, the variant counts once; and with --plink2-compat the missing genotypes of
        centred variants too are those of plink2."""
        bim = pathlib.Path(self.prefix + ".bim").read_text(encoding="ascii")
        variants = [line.split() for line in bim.splitlines()][:300]
        both = self.dir / "both/w.txt"
        both.parent.mkdir()
        both.write_text(self.weights.read_text() + "".join(
            f"{row[1]}\t{row[5 - i % 2]}\t{(i % 5 - 2) / 10 + 0.07}\n"
            for i, row in enumerate(variants) if i % 3 == 0))
        self.check("bed", both, ("--plink2-compat",))

    def test_ids_that_tell_nothing(self):
        """The same id and allele twice among the weights, an id twice in the genotypes: refused by
        plink2, and here."""
        first = self.weights.read_text().split("\n", 1)[0]
        again = self.dir / "again.txt"
        again.write_text(self.weights.read_text() + first + "\n")
        for name in (".bed", ".fam"):
            shutil.copyfile(self.prefix + name, self.dir / ("d" + name))
        rows = [line.split() for line in open(self.prefix + ".bim", encoding="ascii")]
        rows[400][1] = rows[7][1]
        (self.dir / "d.bim").write_text("".join("\t".join(row) + "\n" for row in rows))
        for prefix, weights, words in ((self.prefix, again, first.split("\t")[:2]),
                                       (self.dir / "d", self.weights, rows[7][1:2])):
            with self.subTest(weights=weights.name):
                peer = subprocess.run([self.plink2, "--bfile", prefix, "--threads", "1", "--score",
                                       weights, "1", "2", "3", "--out", self.dir / "peer"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                self.assertNotEqual(peer.returncode, 0)
                done = support.kinflow("score", "--geno", f"{prefix}.bed", "--weights", weights,
                                       "--keep-ambiguous", "--out", self.dir / "out")
                self.assertEqual(done.code, 4, done.err)
                self.assertIn("E0413", done.err)
                self.assertIn(" ".join(words), done.err)

    def test_alleles_by_id_are_read_on_no_other_strand(self):
        """plink2 skips an allele that the variant does not have, if the complement is one."""
        complement = dict(zip("ACGT", "TGCA"))
        bim = [line.split() for line in open(self.prefix + ".bim", encoding="ascii")][:300]
        turned = 0
        lines = self.weights.read_text().splitlines()
        for i, row in enumerate(bim):
            name, allele, weight = lines[i].split("\t")
            if i % 4 == 0 and complement[allele] not in row[4:6]:
                lines[i] = "\t".join((name, complement[allele], weight))
                turned += 1
        self.assertGreater(turned, 30)
        self.weights.write_text("\n".join(lines) + "\n")
        theirs = self.peer(["--bfile", self.prefix], self.weights, "3", "cols=+scoresums,+denom")
        mine = self.mine(f"{self.prefix}.bed", self.weights)
        for name, row in theirs.items():
            self.assertEqual(mine[name]["DENOM"], row["DENOM"])
            self.assertEqual(row["DENOM"], str(2 * (300 - turned)))
            self.assertTrue(printed(mine[name]["w_SUM"], row["SCORE1_SUM"]))

    def test_a_table_without_names_needs_no_layout(self):
        """Nor has a user of plink2 to say that palindromic variants count."""
        palindromes = [{"A", "T"}, {"C", "G"}]
        bim = [line.split() for line in open(self.prefix + ".bim", encoding="ascii")][:300]
        self.assertGreater(sum({row[4], row[5]} in palindromes for row in bim), 5)
        theirs = self.peer(["--bfile", self.prefix], self.weights, "3", "cols=+scoresums")
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights", self.weights,
                               "--sscore", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("w.txt: its first line holds no names of columns but data", done.err)
        rows = support.read_tsv(self.dir / "out/private/scores.sscore")
        self.assertEqual(len(rows), len(theirs))
        for row in rows:
            self.assertTrue(printed(row["w_SUM"], theirs[row["IID"]]["SCORE1_SUM"]))

    def test_pgen(self):
        self.check("pgen")

    def test_vcf(self):
        self.check("vcf.gz")

    def test_centred_scores_of_people_with_missing_genotypes(self):
        """A missing genotype is its mean: the sum over the others, which plink2 gives without mean
        imputation up to the mean it subtracts: checked from the calls themselves."""
        calls = support.run_peer(self.plink2, "--bfile", self.prefix, "--extract",
                                 self.ids(), "--export", "A", "--out", self.dir / "raw")
        self.assertIn("raw.raw", calls)
        rows = support.read_tsv(self.dir / "raw.raw")
        weights = {}
        for line in self.weights.read_text().splitlines():
            name, allele, weight = line.split("\t")
            weights[name] = allele, float(weight)
        expected = dict.fromkeys((row["IID"] for row in rows), 0.0)
        columns = [c for c in rows[0] if c.rsplit("_", 1)[0] in weights]
        self.assertEqual(len(columns), len(weights))
        for column in columns:
            name, counted = column.rsplit("_", 1)
            allele, weight = weights[name]
            dosages = [None if row[column] == "NA" else float(row[column]) for row in rows]
            if allele != counted:
                dosages = [None if d is None else 2 - d for d in dosages]
            known = [d for d in dosages if d is not None]
            mean = sum(known) / len(known)
            deviation = math.sqrt(2 * (mean / 2) * (1 - mean / 2))
            for row, d in zip(rows, dosages):
                if d is not None:
                    expected[row["IID"]] += weight * (d - mean) / deviation
        mine = self.mine(f"{self.prefix}.bed", self.weights, "--variance-standardize")
        incomplete = [r for r in mine.values() if r["ALLELE_CT"] != r["DENOM"]]
        self.assertGreater(len(incomplete), 10)
        for name, row in mine.items():
            self.assertTrue(printed(row["w_SUM"], f"{expected[name]:.6g}"))

    def ids(self):
        path = self.dir / "ids.txt"
        path.write_text("".join(line.split("\t")[0] + "\n"
                                for line in self.weights.read_text().splitlines()))
        return path

    def test_several_scores_share_counts_as_in_plink2(self):
        """ALLELE_CT, DENOM and AVG are over the variants of all scores there."""
        lines = self.weights.read_text().splitlines()
        wide = self.dir / "wide.txt"
        wide.write_text("".join(f"{line}\t{(i % 5 - 2) / 8 if i % 3 else 0}\n"
                                for i, line in enumerate(lines)))
        theirs = self.peer(["--bfile", self.prefix], wide, "cols=+scoresums,+denom",
                           "--score-col-nums", "3-4")
        mine = self.mine(f"{self.prefix}.bed", wide,
                         columns=("rsID=1", "effect_allele=2", "effect_weight=3-4"))
        for name, row in theirs.items():
            self.assertEqual(mine[name]["ALLELE_CT"], row["ALLELE_CT"])
            self.assertEqual(mine[name]["DENOM"], row["DENOM"])
            for k in (1, 2):
                for column in ("SUM", "AVG"):
                    self.assertTrue(printed(mine[name][f"wide_{k + 2}_{column}"],
                                            row[f"SCORE{k}_{column}"]))

    def test_frequencies_of_another_cohort(self):
        support.run_peer(self.plink2, "--bfile", self.prefix, "--thin-indiv-count", "300", "--seed",
                         "5", "--freq", "cols=+pos", "--out", self.dir / "other")
        freq = self.dir / "other.afreq"
        theirs = self.peer(["--bfile", self.prefix, "--read-freq", freq], self.weights, "3",
                           "cols=+scoresums,+denom")
        own = self.mine(f"{self.prefix}.bed", self.weights)
        mine = self.mine(f"{self.prefix}.bed", self.weights, "--freq", freq)
        changed = 0
        for name, row in theirs.items():
            self.assertTrue(printed(mine[name]["w_SUM"], row["SCORE1_SUM"]))
            changed += mine[name]["w_SUM"] != own[name]["w_SUM"]
        self.assertGreater(changed, 10)

    def test_variants_that_the_frequencies_lack_are_told(self):
        freq = self.dir / "few.afreq"
        first = self.weights.read_text().split("\t")[0]
        bim = [line.split() for line in open(self.prefix + ".bim", encoding="ascii")]
        row = next(row for row in bim if row[1] == first)
        freq.write_text("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n"
                        f"22\t{first}\t{row[5]}\t{row[4]}\t0.5\t600\n")
        self.mine(f"{self.prefix}.bed", self.weights, "--freq", freq, "--log",
                  self.dir / "log.txt")
        self.assertIn("299 of 300 variants that lines may match are not in few.afreq",
                      (self.dir / "log.txt").read_text())

    def test_scales_exclude_each_other(self):
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights", self.weights,
                               "--layout", "plink", "--center", "--dominant", "--out",
                               self.dir / "out")
        self.assertEqual(done.code, 2, done.err)

    def cannot_be_standardised(self, calls, chrom="1", more="", flags=()):
        """Two founders and their child; calls of the one variant."""
        (self.dir / "z.vcf").write_text(
            f"##fileformat=VCFv4.2\n##contig=<ID={chrom}>\n"
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
            f"P\tM\tC\n{chrom}\t5000000\tv1\tA\tC\t.\t.\t.\tGT\t" + "\t".join(calls) + "\n" + more)
        (self.dir / "z.fam").write_text("F P 0 0 1 -9\nF M 0 0 2 -9\nF C P M 1 -9\n")
        (self.dir / "zw.txt").write_text("v1\tC\t100\n")
        done = support.kinflow("score", "--geno", self.dir / "z.vcf", "--pedigree",
                               self.dir / "z.fam", "--weights", self.dir / "zw.txt", "--layout",
                               "plink", "--variance-standardize", "--out", self.dir / "out",
                               *flags)
        return done

    def test_a_variant_without_variance_in_founders(self):
        """As plink2: an error if others carry it, nothing to add if nobody does."""
        self.assertEqual(self.cannot_be_standardised(["0/0", "0/0", "0/0"]).code, 0)
        done = self.cannot_be_standardised(["0/0", "0/0", "0/1"])
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("E0434", done.err)
        self.assertIn("1:5000000 v1", done.err)

    def test_carriers_whom_qc_removed_have_no_score(self):
        calls = ["0/0", "0/0", "0/1"]
        more = "".join(f"1\t{5000000 + i}\tu{i}\tA\tC\t.\t.\t.\tGT\t0/0\t0/1\t./.\n"
                       for i in range(1, 10))
        self.assertEqual(self.cannot_be_standardised(calls, more=more).code, 4)
        done = self.cannot_be_standardised(calls, more=more,
                                           flags=("--set", "qc.sample.call_rate=0.5"))
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "out/private/scores.tsv")
        self.assertEqual([(row["IID"], float(row["zw"])) for row in rows], [("P", 0), ("M", 0)])

    def test_x_has_no_common_variance(self):
        done = self.cannot_be_standardised(["0", "0/1", "1"], "X")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("E0434", done.err)
        self.assertIn("X, Y or MT", done.err)

    def test_missing_genotypes_refused(self):
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights", self.weights,
                               "--layout", "plink", "--keep-ambiguous", "--missing", "refuse",
                               "--out", self.dir / "out")
        self.assertEqual(done.code, 4, done.err)
        rows = self.mine(f"{self.prefix}.bed", self.weights, "--no-mean-imputation")
        missing = sum(2 * 300 - int(row["ALLELE_CT"]) for row in rows.values()) // 2
        self.assertGreater(missing, 10)
        self.assertIn(f"{missing} genotypes that scores use are missing", done.err)

    def test_no_table_without_a_score(self):
        """A table of people and no score would pass for one of plink2; one of an earlier run goes."""
        self.mine(f"{self.prefix}.bed", self.weights)
        bad = self.dir / "bad/w.txt"
        bad.parent.mkdir()
        bad.write_text(self.weights.read_text().replace("\t0.05\n", "\tx\n"))
        places = [self.dir / "out/scores.sscore", self.dir / "out/private/scores.sscore"]
        self.assertTrue(all(os.path.lexists(place) for place in places))
        for accept, code in ((), 4), (["--set", 'accept=[{what: "score:w", reason: known}]'], 0):
            done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights", bad,
                                   "--layout", "plink", "--sscore", "--out", self.dir / "out",
                                   *accept)
            self.assertEqual(done.code, code, done.err)
            self.assertFalse(any(os.path.lexists(place) for place in places))
        self.mine(f"{self.prefix}.bed", self.weights)
        self.assertTrue(all(os.path.lexists(place) for place in places))

    def test_dominant_lines_cannot_be_centred(self):
        score = support.data("pgsc_calc/scorefile_dominant_and_recessive.txt")
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--weights", score,
                               "--center", "--out", self.dir / "out")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("error[E0434]", done.err)
        self.assertIn("remedy:", done.err)


class Dosages(PlinkScoreTest):
    """plink2 keeps dosages in steps of 1/16384: sums agree to that."""

    def setUp(self):
        super().setUp()
        self.vcf = support.data("minimac_trios/imputed.vcf.gz")
        support.run_peer(self.plink2, "--vcf", self.vcf, "dosage=DS", "--set-all-var-ids",
                         "@:#:$r:$a", "--new-id-max-allele-len", "60", "--make-pgen", "--out",
                         self.dir / "d")
        support.run_peer(self.plink2, "--pfile", self.dir / "d", "--export", "bgen-1.2", "bits=16",
                         "ref-first", "--out", self.dir / "d")
        support.run_peer(self.plink2, "--pfile", self.dir / "d", "--freq", "cols=+pos", "--out",
                         self.dir / "d")
        # plink2 refuses to standardise a variant that does not vary.
        variants = [v for v in support.read_tsv(self.dir / "d.afreq")
                    if "," not in v["ALT"] and 0.02 < float(v["ALT_FREQS"]) < 0.98]
        self.lines = [(v["CHROM"], v["POS"], v["ID"], *((v["ALT"], v["REF"]) if i % 2 else
                                                        (v["REF"], v["ALT"])),
                       (i % 7 - 3) / 10 + 0.05) for i, v in enumerate(variants[::3])]
        self.assertGreater(len(self.lines), 500)
        self.by_id = self.dir / "ids.txt"
        self.by_id.write_text("".join(f"{l[2]}\t{l[3]}\t{l[5]}\n" for l in self.lines))
        self.by_place = self.dir / "w.txt"
        self.by_place.write_text("".join(f"{l[0]}\t{l[2]}\t{l[1]}\t{l[3]}\t{l[4]}\t{l[5]}\n"
                                         for l in self.lines))

    def names_of_vcf(self):
        """Id in the VCF -> that of plink2's files."""
        with gzip.open(self.vcf, "rt") as f:
            rows = [line.split("\t", 5) for line in f if not line.startswith("#")]
        return {row[2]: ":".join((row[0], row[1], row[3], row[4])) for row in rows}

    def test_every_format_and_mode(self):
        bound = sum(abs(line[5]) for line in self.lines) / 16384
        names = self.names_of_vcf()
        for flag, modifier in MODES.items():
            theirs = self.peer(["--pfile", self.dir / "d"], self.by_id, "3", "list-variants",
                               "cols=+scoresums,+denom", *modifier.split())
            used = (self.dir / "peer.sscore.vars").read_text().split()
            self.assertEqual(len(used), len(self.lines))
            # Standardising weighs a rounding step by 1 / sd, at most 5 at a frequency of .02.
            tolerance = bound * (5 if "variance" in flag else 1)
            spread = [float(row["SCORE1_SUM"]) for row in theirs.values()]
            self.assertGreater(max(spread) - min(spread), 20 * tolerance)
            for genotypes in (self.vcf, self.dir / "d.pgen", self.dir / "d.bgen"):
                with self.subTest(genotypes=str(genotypes), mode=modifier):
                    done = support.kinflow(
                        "score", "--geno", genotypes, "--weights", self.by_place, "--layout",
                        "prs-cs", "--keep-ambiguous", "--set", "scores.match.multiallelic=keep",
                        "--sscore", "--list-variants", "--out", self.dir / "out", *flag.split())
                    self.assertEqual(done.code, 0, done.err)
                    listed = (self.dir / "out/share/scores.sscore.vars").read_text().split()
                    self.assertEqual([names.get(name, name) for name in listed], used)
                    mine = support.read_tsv(self.dir / "out/private/scores.sscore")
                    self.assertEqual(len(mine), 150)
                    for row in mine:
                        other = theirs[row["IID"]]
                        self.assertEqual(row["DENOM"], other["DENOM"])
                        self.assertAlmostEqual(float(row["w_SUM"]), float(other["SCORE1_SUM"]),
                                               delta=tolerance)


if __name__ == "__main__":
    unittest.main()
