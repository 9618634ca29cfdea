"""Allele frequencies beside a reference: plink2's of the same founders, with faults put in, and R."""
import collections
import subprocess
import unittest

import support

COMPLEMENT = dict(zip("ACGT", "TGCA"))


def palindromic(row):
    return COMPLEMENT.get(row["REF"]) == row["ALT"]


class ReferenceTest(unittest.TestCase):
    """plink2's frequencies of the HapMap founders are the reference; then rows of it are changed."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        support.run_peer(support.program("plink2"), "--bfile", cls.bed.removesuffix(".bed"),
                         "--freq", "cols=chrom,pos,ref,alt,altfreq,nobs", "--out", cls.dir / "own")
        rows = support.read_tsv(cls.dir / "own.afreq")
        places = collections.Counter((row["CHROM"], row["POS"]) for row in rows)
        cls.all = len(rows)
        cls.rows = [row for row in rows if places[row["CHROM"], row["POS"]] == 1
                    and row["ALT_FREQS"] != "nan"]
        cls.write("own.tsv", cls.rows)
        cls.planted = cls.plant()
        cls.told = cls.run_it("planted", "planted.tsv").err

    @classmethod
    def write(cls, name, rows, columns=("CHROM", "POS", "ID", "REF", "ALT", "ALT_FREQS", "OBS_CT")):
        with open(cls.dir / name, "w", encoding="ascii") as f:
            f.write("\t".join(columns) + "\n")
            for row in rows:
                f.write("\t".join(row[c] for c in columns) + "\n")

    @classmethod
    def plant(cls):
        """Faults in turn, on variants whose frequency leaves no doubt; position -> status."""
        def exchange(row):
            row["ALT_FREQS"] = str(1 - float(row["ALT_FREQS"]))

        def swap(row):
            row["REF"], row["ALT"] = row["ALT"], row["REF"]
            exchange(row)

        def strand(row):
            row["REF"], row["ALT"] = COMPLEMENT[row["REF"]], COMPLEMENT[row["ALT"]]

        def half(row):
            row["ALT_FREQS"] = "0.5"

        def other(row):
            row["ALT"] = next(b for b in "ACGT" if b not in (row["REF"], row["ALT"],
                                                             COMPLEMENT[row["REF"]]))

        faults = [("agrees", swap), ("strand", strand), ("exchanged", exchange),
                  ("difference", half), ("alleles", other), ("absent", None)]
        turned, expected, kept = 0, {}, []
        for row in (dict(row) for row in cls.rows):
            if row["ALT"] != "." and float(row["ALT_FREQS"]) < 0.15:
                if palindromic(row):
                    status, fault = ("palindromic_turned", exchange)
                else:
                    status, fault = faults[turned % len(faults)]
                    turned += 1
                expected[row["CHROM"], row["POS"]] = status
                if fault is None:
                    continue
                fault(row)
            kept.append(row)
        cls.write("planted.tsv", kept)
        return expected

    @classmethod
    def run_it(cls, out, reference, code=0, qc="preset: none", more="", command="run"):
        config = cls.dir / f"{out}.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {cls.bed}, build: GRCh37}}
qc: {{{qc}, reference: {{file: {reference}{more}}}}}
output: {{folder: {out}}}
""", encoding="ascii")
        done = support.kinflow(command, config)
        if done.code != code:
            raise AssertionError(done.err)
        return done

    def summary(self, out):
        return {row["STATUS"]: int(row["VARIANTS"])
                for row in support.read_tsv(self.dir / out / "share/reference.tsv")}

    def flagged(self, out):
        return support.read_tsv(self.dir / out / "private/reference_variants.tsv.gz")

    def test_founders_agree_with_themselves(self):
        self.run_it("own", "own.tsv")
        counts = self.summary("own")
        self.assertEqual(sum(counts.values()), self.all)
        self.assertEqual(counts["agrees"] + counts["palindromic"], len(self.rows))
        reference = {(row["CHROM"], row["POS"]): row for row in self.rows}
        listed = self.flagged("own")
        self.assertEqual({row["SUSPECT"] for row in listed}, {"palindromic"})
        self.assertGreater(len(listed), 10)
        for row in listed:
            self.assertTrue(palindromic(row))
            self.assertGreaterEqual(float(row["AF"]), 0.3)
            self.assertAlmostEqual(float(row["AF"]),
                                   float(reference[row["CHROM"], row["POS"]]["ALT_FREQS"]),
                                   delta=1e-5)

    def test_every_planted_fault_is_named(self):
        self.assertIn("only with alleles exchanged or on the other strand", self.told)
        found = {(row["CHROM"], row["POS"]): row for row in self.flagged("planted")}
        expected = collections.Counter(self.planted.values())
        self.assertGreater(min(expected.values()), 10, expected)
        for place, status in self.planted.items():
            named = found[place]["SUSPECT"] if place in found else "agrees"
            self.assertEqual(named, "agrees" if status == "absent" else status, place)
        self.assertEqual({row["SUSPECT"] for place, row in found.items()
                          if place not in self.planted}, {"palindromic"})
        counts = self.summary("planted")
        for status in ("strand", "exchanged", "difference", "alleles", "palindromic_turned"):
            self.assertEqual(counts[status], expected[status])
        self.assertEqual(counts["absent"], self.all - len(self.rows) + expected["absent"])

    def test_chi_square_is_that_of_r(self):
        size = {(row["CHROM"], row["POS"]): row["OBS_CT"] for row in self.rows}
        rows = [row for row in self.flagged("planted") if row["CHI2"] != "NA"]
        self.assertGreater(len(rows), 50)
        with open(self.dir / "chi2.txt", "w", encoding="ascii") as f:
            for row in rows:
                n = size[row["CHROM"], row["POS"]]
                f.write(f"{row['AF']} {row['REFERENCE_AF']} {n} {row['CHI2']} {row['P']}\n")
        script = """
t <- read.table(commandArgs(TRUE)[1])
off <- apply(t, 1, function(r) {
  test <- suppressWarnings(prop.test(c(round(r[1] * r[3]), r[2] * r[3]), c(r[3], r[3]),
                                     correct = FALSE))
  if (is.nan(test$statistic)) return(0)
  max(abs(test$statistic - r[4]) / max(1, r[4]), abs(test$p.value - r[5]))
})
cat(max(off))
"""
        worst = subprocess.run([support.program("Rscript"), "-e", script, self.dir / "chi2.txt"],
                               check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertLess(float(worst), 1e-4)

    def test_removed_only_if_asked_and_with_the_reason(self):
        self.run_it("removed", "planted.tsv", qc="preset: none",
                    more=", remove: [difference, exchanged, alleles]")
        ledger = {row["FILTER"]: row for row in
                  support.read_tsv(self.dir / "removed/private/ledger_full.tsv")
                  if row["STEP"] == "variants"}
        expected = collections.Counter(self.planted.values())
        self.assertEqual(len(ledger), 3)
        for status in ("difference", "exchanged", "alleles"):
            row = ledger[f"reference:{status}"]
            self.assertEqual(int(row["VARIANTS_IN"]) - int(row["VARIANTS_OUT"]), expected[status])
        rows = support.read_tsv(self.dir / "removed/private/variants_full.tsv.gz")
        for row in rows:
            status = self.planted.get((row["CHROM"], row["POS"]))
            reason = f"reference:{status}" if status in ("difference", "exchanged", "alleles") else "NA"
            self.assertEqual(row["REASON"], reason)
            self.assertEqual(row["REASONS"], reason)

        # A variant that agrees, one that was removed and one that stayed, each told with its values.
        agrees = next(row["ID"] for row in rows if (row["CHROM"], row["POS"]) not in self.planted)
        self.assertIn("against the reference: nothing suspect", self.explain("removed", agrees))
        for status, verdict in (("difference", "removed by reference:difference"),
                                ("palindromic_turned", "pass")):
            place = next(p for p, s in self.planted.items() if s == status)
            told = self.explain("removed", ":".join(place))
            self.assertIn(f"quality control: {verdict}", told)
            self.assertIn(f"against the reference: {status}: ", told)

    def test_what_the_reference_says_is_among_all_reasons(self):
        """Of a variant that its frequency removes first; two rounds judge what is left again."""
        self.run_it("reasons", "planted.tsv", qc="preset: none, rounds: 2, variant: {maf: 0.05}",
                    more=", remove: [difference]")
        both = 0
        for row in support.read_tsv(self.dir / "reasons/private/variants_full.tsv.gz"):
            differs = self.planted.get((row["CHROM"], row["POS"])) == "difference"
            reasons = set() if row["REASONS"] == "NA" else set(row["REASONS"].split(","))
            self.assertEqual("reference:difference" in reasons, differs, row)
            if row["MAF"] != "NA":
                self.assertEqual("maf" in reasons, float(row["MAF"]) < 0.05, row)
            both += len(reasons) == 2
        self.assertGreater(both, 10)

    def explain(self, out, variant):
        done = support.kinflow("explain", "variant", variant, self.dir / out)
        self.assertEqual(done.code, 0, done.err)
        return done.out

    def test_explain_tells_findings_with_value_and_threshold(self):
        found = {row["SUSPECT"]: row for row in self.flagged("planted")}
        words = {"difference": "frequencies differ", "exchanged": "alleles are exchanged",
                 "strand": "alleles of the other strand", "alleles": "other alleles",
                 "palindromic_turned": "exchanged or on the other strand",
                 "palindromic": "cannot tell the strand"}
        self.assertEqual(found.keys(), words.keys())
        for status, row in found.items():
            told = self.explain("planted", f"{row['CHROM']}:{row['POS']}")
            self.assertIn(f"against the reference: {status}: ", told)
            self.assertIn(words[status], told)
            self.assertIn(f"{row['AF']} in founders, {row['REFERENCE_AF']} in the reference", told)
            self.assertEqual(f"difference {row['DIFFERENCE']}, qc.reference.difference 0.2" in told,
                             row["DIFFERENCE"] != "NA")

    def test_size_of_the_reference_is_used_if_stated(self):
        """Frequencies counted in ten alleles differ from nothing by chance alone."""
        rows = [row | {"ALT_FREQS": "0.5", "OBS_CT": "10"} for row in self.rows
                if 0.15 < float(row["ALT_FREQS"]) < 0.28]
        self.write("small.tsv", rows)
        self.run_it("small", "small.tsv")
        self.assertEqual(self.summary("small")["difference"], 0)
        self.write("unknown.tsv", rows, ("CHROM", "POS", "ID", "REF", "ALT", "ALT_FREQS"))
        self.run_it("unknown", "unknown.tsv")
        self.assertGreater(self.summary("unknown")["difference"], 100)

    def test_one_shot(self):
        done = support.kinflow("qc", "--geno", self.bed, "--reference", self.dir / "planted.tsv",
                               "--preset", "none", "--out", self.dir / "shot")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.summary("shot"), self.summary("planted"))

    def test_refusals(self):
        self.write("elsewhere.tsv", [row | {"POS": str(int(row["POS"]) + 1)} for row in self.rows])
        done = self.run_it("elsewhere", "elsewhere.tsv", 4)
        self.assertIn("E0430", done.err)
        self.write("no_alt.tsv", self.rows, ("CHROM", "POS", "ID", "REF", "ALT_FREQS"))
        for command in ("run", "validate"):
            self.assertIn("E0429", self.run_it("no_alt", "no_alt.tsv", 4, command=command).err)
        self.write("twice.tsv", self.rows + [self.rows[0] | {"ALT_FREQS": "0.77"}])
        self.assertIn("two frequencies", self.run_it("twice", "twice.tsv", 4).err)
        self.assertIn("absent.tsv", self.run_it("missing", "absent.tsv", 4).err)
        config = self.dir / "none.yaml"
        config.write_text(f"schema_version: 1\ninput: {{genotypes: {self.bed}}}\n"
                          "qc: {reference: {remove: [strand]}}\n", encoding="ascii")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("qc.reference.file", done.err)


if __name__ == "__main__":
    unittest.main()
