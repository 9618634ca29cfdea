"""Calls that are blamed in Mendel errors are set to missing: in exports and for scores, as plink1.9
--set-me-missing does."""
import pathlib
import re
import unittest

import support


class MendelMissingTest(support.TempFolderTest):
    def plink(self, prefix, *flags):
        support.run_peer(support.program("plink1.9"), "--bfile", prefix, "--me", 1, 1,
                         "--set-me-missing", "--mendel-duos", "--keep-allele-order",
                         "--allow-no-sex", "--make-bed", "--out", self.dir / "peer", *flags)
        return (self.dir / "peer.bed").read_bytes()

    def export(self, genotypes, *flags, form="bed"):
        done = support.kinflow("export", genotypes, "--out", self.dir / "x", "--format", form,
                               "--mendel-errors", "missing", *flags)
        self.assertEqual(done.code, 0, done.err)
        return int(re.search(r"missing for Mendel errors: (\d+)", done.err).group(1))

    def simulate(self):
        done = support.kinflow("simulate", "--trios", 150, "--variants", 2000, "--seed", 8,
                               "--format", "bed", "--error-rate", 0.01, "--missing-rate", 0.02,
                               "--missing-fathers", 0.2, "--second-pregnancies", 0.3,
                               "--out", self.dir / "c")
        self.assertEqual(done.code, 0, done.err)
        return self.dir / "c"

    def check_export(self, prefix):
        count = self.export(f"{prefix}.bed", "--threads", 2)
        bed = (self.dir / "x.bed").read_bytes()
        self.assertEqual(bed, self.plink(prefix))
        before = pathlib.Path(f"{prefix}.bed").read_bytes()
        self.assertEqual(count, sum((old ^ new) >> shift & 3 != 0
                                    for old, new in zip(before, bed, strict=True) if old != new
                                    for shift in (0, 2, 4, 6)))
        self.assertGreater(count, 100)

    def test_hapmap_with_x(self):
        self.check_export(support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed"))

    def test_sibs_and_duos(self):
        self.check_export(support.data("snpstats_families/fams.bed").removesuffix(".bed"))

    def test_vcf_has_no_call_either(self):
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        self.plink(prefix)
        self.export(f"{prefix}.bed", form="vcf")
        support.run_peer(support.program("plink1.9"), "--vcf", self.dir / "x.vcf.gz", "--double-id",
                         "--keep-allele-order", "--make-bed", "--out", self.dir / "back")
        autosomes = ["--autosome", "--keep-allele-order", "--make-bed", "--allow-no-sex"]
        for name in ("back", "peer"):
            support.run_peer(support.program("plink1.9"), "--bfile", self.dir / name, *autosomes,
                             "--out", self.dir / f"{name}2")
        self.assertEqual((self.dir / "back2.bed").read_bytes(),
                         (self.dir / "peer2.bed").read_bytes())

    def test_nothing_without_families_or_of_dosages(self):
        folder = support.data("minimac_trios")
        done = support.kinflow("export", f"{folder}/imputed.vcf.gz", "--field", "DS", "--pedigree",
                               f"{folder}/r.fam", "--out", self.dir / "x", "--mendel-errors",
                               "missing")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("only hard calls", done.err)
        done = support.kinflow("export", f"{folder}/imputed.vcf.gz", "--field", "GT",
                               "--out", self.dir / "x", "--mendel-errors", "missing")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("--pedigree", done.err)
        config = self.config(f"""
schema_version: 1
input: {{genotypes: {folder}/imputed.vcf.gz, field: DS, build: GRCh37}}
pedigree: {{file: {folder}/r.fam}}
qc: {{mendel_errors: missing}}
""")
        done = support.kinflow("validate", config)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("qc.mendel_errors", done.err)

    def run_scores(self, out, genotypes, qc, *flags, pedigree=""):
        done = support.kinflow("run", self.config(f"""
schema_version: 1
input: {{genotypes: {genotypes}, build: GRCh37}}
{pedigree}
qc: {qc}
scores: {{files: ["c.*.txt.gz"], missing: none, match: {{min_overlap: 0}}}}
output: {{folder: {out}}}
resources: {{work: {out}/work}}
""", f"{out}.yaml"), *flags)
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / out / "private/scores.tsv")

    def test_scores_and_ledger(self):
        prefix = self.simulate()
        self.plink(prefix)
        count = self.export(f"{prefix}.bed")
        expected = self.run_scores("peer_out", "peer.bed", "{preset: none}")
        got = self.run_scores("out", "c.bed", "{preset: none, mendel_errors: missing}")
        self.assertEqual(got, expected)
        again = self.run_scores("again", "c.bed", "{preset: none, mendel_errors: missing}",
                                "--threads", 1, "--set", "resources.tile_variants=7")
        self.assertEqual(again, got)
        self.assertNotEqual(got, self.run_scores("counted", "c.bed", "{preset: none}"))
        # What would run then is told by the setting, not by the parts of files that follow from it.
        done = support.kinflow("plan", self.dir / "counted.yaml", "--set", "qc.mendel_errors=missing")
        self.assertEqual(done.code, 0, done.err)
        self.assertTrue(done.out.startswith(
            "settings changed since the last run: qc.mendel_errors: null -> missing\n"), done.out)
        self.assertRegex(done.out, r"\nscores .* qc\.mendel_errors: now missing;")
        self.assertRegex(done.out, r"\ncounts .* quality control: no longer off")
        self.assertNotIn("(c.bed) changed", done.out)
        done = support.kinflow("plan", self.dir / "counted.yaml", "--threads", 1, "--memory", "2G",
                               "--set", "resources.tile_variants=7")
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("settings changed", done.out)
        # Other rules blame other calls: the setting is named, not one that stays as it is.
        done = support.kinflow("plan", self.dir / "out.yaml", "--set", "qc.mendel_rules=hail")
        self.assertRegex(done.out, r"\nscores .* qc\.mendel_rules: now hail")
        self.assertNotIn("qc.mendel_errors", done.out)
        ledger = support.read_tsv(self.dir / "out/private/ledger_full.tsv")
        self.assertEqual([(row["STEP"], row["FILTER"], row["GENOTYPES_SET"]) for row in ledger[-1:]],
                         [("mendel_errors", "missing", str(count))])
        self.assertEqual({row["GENOTYPES_SET"] for row in ledger[:-1]}, {"NA"})

        # Whose they are, and of which variants.
        by_variant, by_person = self.differing("c.bed", "peer.bed")
        variants = support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
        self.assertEqual([int(row["GENOTYPES_SET"]) for row in variants], by_variant)
        people = support.read_tsv(self.dir / "out/private/mendel_calls.tsv")
        self.assertEqual([int(row["GENOTYPES_SET"]) for row in people], by_person)
        self.assertEqual([row["IID"] for row in people],
                         [line.split()[1] for line in (self.dir / "c.fam").read_text().splitlines()])
        self.assertNotIn("GENOTYPES_SET", support.read_tsv(self.dir / "out/share/variants.tsv.gz")[0])
        for kind, name, row in (("variant", "ID", max(variants, key=lambda r: int(r["GENOTYPES_SET"]))),
                                ("sample", "IID", max(people, key=lambda r: int(r["GENOTYPES_SET"])))):
            done = support.kinflow("explain", kind, row[name], self.dir / "out")
            self.assertEqual(done.code, 0, done.err)
            self.assertIn(f"  {row['GENOTYPES_SET']} calls set to missing for Mendel errors", done.out)
            if kind == "variant":
                self.assertIn(f"with {row['MENDEL_ERRORS']} children", done.out)
            done = support.kinflow("explain", kind, row[name], self.dir / "counted")
            self.assertNotIn("set to missing", done.out)

    def differing(self, before, after):
        """Calls that differ between two .bed files of the same people: by variant, by person."""
        people = len((self.dir / "c.fam").read_text().splitlines())
        width = (people + 3) // 4
        old, new = ((self.dir / name).read_bytes()[3:] for name in (before, after))
        by_variant, by_person = [0] * (len(old) // width), [0] * people
        for at, (a, b) in enumerate(zip(old, new, strict=True)):
            for k in range(4 if a != b else 0):
                if (a ^ b) >> 2 * k & 3:
                    by_variant[at // width] += 1
                    by_person[4 * (at % width) + k] += 1
        return by_variant, by_person

    def test_scores_of_a_store_of_calls(self):
        prefix = self.simulate()
        self.plink(prefix)
        for name in ("c", "peer"):
            done = support.kinflow("export", self.dir / f"{name}.bed", "--out",
                                   self.dir / f"v{name}", "--format", "vcf")
            self.assertEqual(done.code, 0, done.err)
        expected = self.run_scores("peer_out", "vpeer.vcf.gz", "{preset: none}",
                                   pedigree="pedigree: {file: c.fam}")
        got = self.run_scores("out", "vc.vcf.gz", "{preset: none, mendel_errors: missing}",
                              pedigree="pedigree: {file: c.fam}")
        self.assertEqual(got, expected)
        for flags, told in (((), True), (("--mendel-errors", "keep"), False)):
            done = support.kinflow("export", self.dir / "out", "--out", self.dir / "y", *flags)
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual("--mendel-errors missing leaves them out" in done.err, told)

    def test_preset_and_who_is_kept(self):
        """Filters go first: of families and variants that they remove no call counts."""
        prefix = self.simulate()
        got = self.run_scores("out", "c.bed", "{preset: mobapsychgen, rounds: 1, sample: "
                              "{sex_check: off}}")
        ledger = support.read_tsv(self.dir / "out/private/ledger_full.tsv")
        self.assertEqual(ledger[-1]["FILTER"], "missing")
        left = {row["IID"] for row in support.read_tsv(self.dir / "out/private/samples.tsv")
                if row["STATUS"] == "pass"}
        passed = [row["ID"] for row in
                  support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
                  if row["STATUS"] == "pass"]
        self.assertLess(len(passed), 2000)
        people = [line.split() for line in (self.dir / "c.fam").read_text().splitlines()]
        (self.dir / "keep.txt").write_text(
            "".join(f"{p[0]} {p[1]}\n" for p in people if p[1] in left))
        (self.dir / "extract.txt").write_text("\n".join(passed) + "\n")
        self.plink(prefix, "--keep", self.dir / "keep.txt", "--extract", self.dir / "extract.txt")
        (self.dir / "keep.txt").write_text("\n".join(sorted(left)) + "\n")
        count = self.export(f"{prefix}.bed", "--samples", self.dir / "keep.txt",
                            "--variants", self.dir / "extract.txt")
        self.assertEqual((self.dir / "x.bed").read_bytes(), (self.dir / "peer.bed").read_bytes())
        self.assertEqual(int(ledger[-1]["GENOTYPES_SET"]), count)
        # Nor do those of variants that are removed at last.
        again = [row for row in ledger if row["STEP"] == "variants_again"]
        self.assertLess(int(again[-1]["VARIANTS_OUT"]), int(again[0]["VARIANTS_IN"]))
        people = support.read_tsv(self.dir / "out/private/mendel_calls.tsv")
        self.assertEqual({row["IID"] for row in people if row["GENOTYPES_SET"] != "NA"}, left)
        of_people = [int(row["GENOTYPES_SET"]) for row in people if row["IID"] in left]
        self.assertEqual(sum(of_people), count)
        kept = support.read_tsv(self.dir / "out/private/variants_full.tsv.gz")
        self.assertEqual({row["ID"] for row in kept if row["GENOTYPES_SET"] != "NA"}, set(passed))
        self.assertEqual(sum(int(row["GENOTYPES_SET"]) for row in kept if row["ID"] in passed), count)
        expected = {row["IID"]: row for row in
                    self.run_scores("peer_out", "peer.bed", "{preset: none}")}
        for row in got:
            if row["IID"] in left:  # parents without a child that was kept have another role
                self.assertEqual(row | {"ROLE": ""}, expected[row["IID"]] | {"ROLE": ""})


if __name__ == "__main__":
    unittest.main()
