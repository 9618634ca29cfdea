"""HapMap trios (279 people, 9,088 array variants) with all filters off: Mendel errors, missingness,
frequencies, Hardy-Weinberg, heterozygosity and sex beside plink 1.9 and plink2, on everything."""
import json
import unittest

import support

OFF = ["qc.variant.call_rate=0", "qc.variant.maf=0", "qc.variant.hwe_p=0", "qc.variant.info=0",
       "qc.variant.info_computed=0", "qc.variant.mendel_rate=1", "qc.sample.call_rate=0",
       "qc.sample.het_sd=0", "qc.sample.sex_check=report", "qc.sample.mendel_rate=1",
       "qc.sample.sex_male_min=0.8"]
VARIANTS, ON_X, PEOPLE, MENDEL_ERRORS = 9088, 365, 279, 670


def blank_table(path):
    """Rows of a PLINK table aligned with blanks."""
    with open(path, encoding="ascii") as f:
        header = f.readline().lstrip("#").split()
        return [dict(zip(header, line.split())) for line in f]


class HapmapTest(unittest.TestCase):
    """One QC run and one run of each peer serve all tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        cls.prefix = cls.bed.removesuffix(".bed")
        plink2 = support.program("plink2")
        support.run_peer(plink2, "--bfile", cls.prefix, "--missing", "--freq", "--hardy", "midp",
                         "--het", "--out", cls.dir / "midp")
        support.run_peer(plink2, "--bfile", cls.prefix, "--hardy", "--out", cls.dir / "exact")
        support.run_peer(plink2, "--bfile", cls.prefix, "--keep-females", "--chr", "X", "--hardy",
                         "midp", "--out", cls.dir / "females")
        support.run_peer(support.program("plink1.9"), "--bfile", cls.prefix, "--mendel",
                         "--check-sex", "--out", cls.dir / "p19")
        cls.private = cls.qc("default", "qc.sample.sex_female_max=0.5")
        cls.qc("all", "qc.variant.hwe_x=all", "qc.sample.sex_female_max=0.2")
        cls.variants = support.read_tsv(cls.private / "variants_full.tsv.gz")
        cls.samples = support.read_tsv(cls.private / "samples.tsv")

    @classmethod
    def qc(cls, name, *settings):
        args = [part for setting in (*OFF, *settings) for part in ("--set", setting)]
        done = support.kinflow("qc", "--geno", cls.bed, "--out", cls.dir / name,
                               "--work", cls.dir / "work", *args)
        if done.code != 0:
            raise AssertionError(done.err)
        return cls.dir / name / "private"

    def close(self, got, printed, what):
        """Equal to the 6 significant digits a peer prints."""
        got, printed = float(got), float(printed)
        self.assertLessEqual(abs(got - printed), 5.01e-6 * abs(printed) + 1e-300,
                             f"{what}: {got}, peer: {printed}")

    def test_nothing_is_removed(self):
        self.assertEqual(len(self.variants), VARIANTS)
        self.assertEqual(len(self.samples), PEOPLE)
        self.assertEqual({row["STATUS"] for row in self.variants + self.samples}, {"pass"})
        self.assertEqual(sum(row["CHROM"] == "X" for row in self.variants), ON_X)

    def test_preset_none_counts_and_removes_nothing(self):
        done = support.kinflow("qc", "--geno", self.bed, "--out", self.dir / "none", "--work",
                               self.dir / "work", "--preset", "none")
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "none" / "private" / "variants_full.tsv.gz")
        self.assertEqual(rows, self.variants)

    def test_mendel_errors_of_each_family(self):
        expected = {(row["PAT"], row["MAT"]): (row["FID"], int(row["N"]))
                    for row in blank_table(self.prefix + ".plink19.fmendel")}
        rows = support.read_tsv(self.private / "families.tsv")
        whole = [row for row in rows if "NA" not in (row["FATHER"], row["MOTHER"])]
        got = {(row["FATHER"], row["MOTHER"]): (row["FID"], int(row["MENDEL_ERRORS"]))
               for row in whole}
        self.assertEqual(len(got), len(whole))  # one child a family here
        self.assertEqual(got, expected)
        self.assertEqual(sum(errors for _, errors in got.values()), MENDEL_ERRORS)

    def test_mendel_errors_of_each_variant_and_person(self):
        expected = [(row["SNP"], int(row["N"])) for row in blank_table(self.dir / "p19.lmendel")]
        self.assertEqual([(row["ID"], int(row["MENDEL_ERRORS"])) for row in self.variants],
                         expected)
        self.assertEqual(sum(n for _, n in expected), MENDEL_ERRORS)
        with open(self.dir / "p19.imendel", encoding="ascii") as f:
            people = {line.split()[1]: int(line.split()[2]) for line in f if "IID" not in line}
        got = {row["IID"]: int(row["MENDEL_ERRORS"]) for row in self.samples}
        self.assertEqual(len(people), 177)
        self.assertEqual({name: got[name] for name in people}, people)

    def test_missingness(self):
        peer = support.read_tsv(self.dir / "midp.vmiss")
        self.assertEqual(len(peer), VARIANTS)
        for mine, row in zip(self.variants, peer):
            self.assertEqual((mine["ID"], mine["N_MISSING"], mine["N"]),
                             (row["ID"], row["MISSING_CT"], row["OBS_CT"]))
            self.close(1 - float(mine["CALL_RATE"]), row["F_MISS"], mine["ID"] + " missing")
        people = {row["IID"]: row for row in support.read_tsv(self.dir / "midp.smiss")}
        self.assertEqual(len(people), PEOPLE)
        for mine in self.samples:
            row = people[mine["IID"]]
            self.assertEqual((mine["N_MISSING"], mine["N_VARIANTS"]),
                             (row["MISSING_CT"], row["OBS_CT"]))

    def test_frequencies_of_founders(self):
        peer = support.read_tsv(self.dir / "midp.afreq")
        self.assertEqual(len(peer), VARIANTS)
        for mine, row in zip(self.variants, peer):
            self.assertEqual((mine["CHROM"], mine["ID"], mine["REF"], mine["ALT"]),
                             (row["CHROM"], row["ID"], row["REF"], row["ALT"]))
            self.close(mine["AF"], row["ALT_FREQS"], mine["ID"] + " frequency")
            af = float(mine["AF"])
            self.assertAlmostEqual(float(mine["MAF"]), min(af, 1 - af), places=15)

    def check_hardy(self, variants, name, column, count, on_x):
        peer = support.read_tsv(self.dir / name)  # one id is there twice: compared in order
        mine = [row for row in variants if (row["CHROM"] == "X") == on_x]
        self.assertEqual(len(mine), count)
        self.assertEqual([row["ID"] for row in mine], [row["ID"] for row in peer])
        for row, other in zip(mine, peer):
            self.close(row["HWE_P"], other[column], row["ID"] + " HWE")

    def test_hardy_weinberg_on_autosomes(self):
        self.check_hardy(self.variants, "midp.hardy", "MIDP", VARIANTS - ON_X, on_x=False)

    def test_hardy_weinberg_on_x_uses_females(self):
        self.check_hardy(self.variants, "females.hardy.x", "MIDP", ON_X, on_x=True)
        # It is not the test that counts male alleles as well.
        everybody = [float(r["MIDP"]) for r in support.read_tsv(self.dir / "midp.hardy.x")]
        on_x = [float(row["HWE_P"]) for row in self.variants if row["CHROM"] == "X"]
        different = sum(abs(a - b) > 1e-3 for a, b in zip(on_x, everybody))
        self.assertGreater(different, ON_X // 2)

    def test_hardy_weinberg_on_x_of_all(self):
        variants = support.read_tsv(self.dir / "all" / "private" / "variants_full.tsv.gz")
        self.check_hardy(variants, "midp.hardy.x", "MIDP", ON_X, on_x=True)
        self.check_hardy(variants, "midp.hardy", "MIDP", VARIANTS - ON_X, on_x=False)

    def test_hardy_weinberg_without_midp(self):
        private = self.qc("exact", "qc.variant.hwe_x=all", "qc.variant.hwe_midp=false")
        variants = support.read_tsv(private / "variants_full.tsv.gz")
        self.check_hardy(variants, "exact.hardy.x", "P", ON_X, on_x=True)
        self.check_hardy(variants, "exact.hardy", "P", VARIANTS - ON_X, on_x=False)

    def test_heterozygosity_and_sex(self):
        het = {row["IID"]: row for row in support.read_tsv(self.dir / "midp.het")}
        sex = {row["IID"]: row for row in blank_table(self.dir / "p19.sexcheck")}
        self.assertEqual((len(het), len(sex)), (PEOPLE, PEOPLE))
        for row in self.samples:
            self.assertAlmostEqual(float(row["HET_F"]), float(het[row["IID"]]["F"]), delta=1e-6)
            self.assertAlmostEqual(float(row["X_F"]), float(sex[row["IID"]]["F"]), delta=1e-4)
        declared = {row["IID"]: row["SEX_DECLARED"] for row in self.samples}
        names = {"1": "male", "2": "female"}
        self.assertEqual(declared, {name: names[row["PEDSEX"]] for name, row in sex.items()})

    def test_sex_problems_by_threshold(self):
        """0 problems where F below .5 is female, 72 where it has to be below .2."""
        for folder, expected in ((self.private, 0), (self.dir / "all" / "private", 72)):
            rows = support.read_tsv(folder / "samples.tsv")
            self.assertEqual(sum(r["SEX_DECLARED"] != r["SEX_INFERRED"] for r in rows), expected)

    def test_cut_offs_of_sex_are_told(self):
        for folder, female_max in (("default", "0.5"), ("all", "0.2")):
            told = {row["FILTER"]: row["THRESHOLD"]
                    for row in support.read_tsv(self.dir / folder / "share/ledger.tsv")
                    if row["FILTER"].startswith("sex_")}
            self.assertEqual(told, {"sex_female_max": female_max, "sex_male_min": "0.8"})
            done = support.kinflow("explain", "sample", self.samples[0]["IID"], self.dir / folder)
            self.assertIn(f"sex_female_max {female_max}, sex_male_min 0.8", done.out)
            section = json.loads((self.dir / folder / "share/ledger_mqc.json").read_text())
            row, = (row for name, row in section["data"].items() if "sex_female_max" in name)
            self.assertEqual(row["THRESHOLD"], float(female_max))


if __name__ == "__main__":
    unittest.main()
