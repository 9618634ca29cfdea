"""Mendel errors on the files of hail and bcftools and on snpStats' families: known counts, and
plink 1.9 on the same files, variant by variant."""
import pathlib
import re
import unittest

import support

OFF = ["qc.variant.call_rate=0", "qc.variant.maf=0", "qc.variant.hwe_p=0", "qc.variant.info=0",
       "qc.variant.info_computed=0", "qc.variant.mendel_rate=1", "qc.sample.call_rate=0",
       "qc.sample.het_sd=0", "qc.sample.sex_check=report", "qc.sample.mendel_rate=1"]


class MendelTest(support.TempFolderTest):
    def qc(self, genotypes, *settings, pedigree=None):
        args = [part for setting in (*OFF, *settings) for part in ("--set", setting)]
        if pedigree:
            args += ["--pedigree", pedigree]
        return support.kinflow("qc", "--geno", genotypes, "--out", self.dir / "out", *args)

    def private(self, name):
        return support.read_tsv(self.dir / "out" / "private" / name)

    def errors_by_child(self):
        return {row["CHILD"]: int(row["MENDEL_ERRORS"]) for row in self.private("families.tsv")}

    def plink(self, *args):
        """What plink 1.9 finds: total, and the number of errors of each variant in its order."""
        told = support.run_peer(support.program("plink1.9"), *args, "--out", self.dir / "peer")
        with open(self.dir / "peer.lmendel", encoding="ascii") as f:
            rows = [line.split() for line in f][1:]
        return told, rows

    def hail_pedigree(self):
        """Their pedigree without its mistake: a father (of nobody else) recorded as female."""
        text = pathlib.Path(support.data("mendel_unit/mendel.fam")).read_text(encoding="ascii")
        fixed = text.replace("Fam3 Dad3 0 0 2 2", "Fam3 Dad3 0 0 1 2")
        self.assertNotEqual(text, fixed)
        path = self.dir / "fixed.fam"
        path.write_text(fixed)
        return path

    def plink_fileset(self, vcf, fam):
        """The VCF as .bed with the pedigree, all in one family: PLINK wants parents of one FID."""
        support.run_peer(support.program("plink1.9"), "--vcf", vcf, "--const-fid", "0",
                         "--make-bed", "--out", self.dir / "set")
        people = {line.split()[1]: "F " + line.split(maxsplit=1)[1]
                  for line in fam.read_text().splitlines()}
        order = [line.split()[1] for line in (self.dir / "set.fam").read_text().splitlines()]
        (self.dir / "set.fam").write_text("".join(people[name] + "\n" for name in order))
        return self.dir / "set"

    def test_hail_file(self):
        """PLINK's rules: hail's 41 errors count the Y chromosome and haploid X otherwise."""
        vcf, fam = support.data("mendel_unit/mendel.vcf"), self.hail_pedigree()
        done = self.qc(vcf, pedigree=fam)
        self.assertEqual(done.code, 0, done.err)
        self.plink_fileset(vcf, fam)
        bim = self.dir / "set.bim"
        told, _ = self.plink("--bfile", self.dir / "set", "--mendel")
        self.assertIn("33 Mendel errors detected", told)
        # The file has X:60001 to 60003, the first positions of X that both sexes have twice: PAR1 of
        # GRCh37 is X:60001-2699520 (Genome Reference Consortium). PLINK takes them for X unless they
        # are coded 25, and with them counts what is counted here.
        bim.write_text(re.sub(r"(?m)^23(?=\t\S+\t\S+\t6000[123]\t)", "25", bim.read_text()))
        told, rows = self.plink("--bfile", self.dir / "set", "--mendel")
        self.assertIn(f"{sum(self.errors_by_child().values())} Mendel errors detected", told)
        positions = [line.split() for line in bim.read_text().splitlines()]
        checked = [bim for bim in positions if bim[0] != "24"]  # PLINK leaves out Y
        expected = {("Y", bim[3]): 0 for bim in positions if bim[0] == "24"}
        names = {"23": "X", "25": "XY"}
        expected |= {(names.get(bim[0], bim[0]), bim[3]): int(row[2])
                     for bim, row in zip(checked, rows, strict=True)}
        got = {(row["CHROM"], row["POS"]): int(row["MENDEL_ERRORS"])
               for row in self.private("variants_full.tsv.gz")}
        self.assertEqual(len(got), 30)
        self.assertEqual(got, expected)
        # hail's own count of the autosomal sites: two in the first, one in the second.
        self.assertEqual((got["1", "1"], got["1", "2"]), (2, 1))

    def test_families_are_named_by_the_pedigree(self):
        done = self.qc(support.data("mendel_unit/mendel.vcf"), pedigree=self.hail_pedigree())
        self.assertEqual(done.code, 0, done.err)
        rows = self.private("families.tsv")
        got = {row["CHILD"]: (row["FID"], row["FATHER"], row["MOTHER"]) for row in rows}
        self.assertEqual(got, {"Son1": ("Fam1", "Dad1", "Mom1"), "Dtr1": ("Fam1", "Dad1", "Mom1"),
                               "Son2": ("Fam2", "Dad2", "Mom2"), "Son3": ("Fam3", "Dad3", "NA")})
        people = {row["IID"]: row["FID"] for row in self.private("samples.tsv")}
        self.assertEqual((people["Indiv0"], people["Dad3"]), ("Fam0", "Fam3"))

    def test_a_father_recorded_as_female_is_refused(self):
        done = self.qc(support.data("mendel_unit/mendel.vcf"),
                       pedigree=support.data("mendel_unit/mendel.fam"))
        self.assertEqual(done.code, 4)
        self.assertIn("E0425", done.err)
        self.assertIn("record 10, field sex", done.err)
        self.assertIn("remedy:", done.err)

    def test_bcftools_trios(self):
        """mendelian plugin: 4 errors among the 5 informative genotypes of one trio, 0 in the other;
        plink 1.9 on the same file agrees."""
        vcf = support.data("mendel_unit/trio.vcf")
        fam = self.dir / "trio.fam"
        lines = pathlib.Path(support.data("mendel_unit/trio.ped")).read_text().splitlines()
        fam.write_text("".join(" ".join(line.split()[:6]) + "\n" for line in lines))
        done = self.qc(vcf, pedigree=fam)
        self.assertEqual(done.code, 0, done.err)
        known = [line.split() for line in open_lines("mendel_unit/trio.out") if "TRIO\tHG" in line]
        self.assertEqual(self.errors_by_child(), {row[3]: int(row[5]) for row in known})
        told, _ = self.plink("--bfile", self.plink_fileset(vcf, fam), "--mendel")
        self.assertIn(f"{sum(int(row[5]) for row in known)} Mendel errors detected", told)

    def test_bcftools_trio_stats_with_several_alternate_alleles(self):
        """Records are split by allele here, so sites with errors are compared, not their number."""
        fam = self.dir / "trio.fam"
        lines = open_lines("mendel_unit/trio-stats.ped")
        fam.write_text("".join(" ".join(line.split()[:6]) + "\n"
                               for line in lines))
        done = self.qc(support.data("mendel_unit/trio-stats.vcf"), pedigree=fam)
        self.assertEqual(done.code, 0, done.err)
        expected = {line.split()[2] for line in open_lines("mendel_unit/trio-stats.out")
                    if line.startswith("MERR")}
        got = {row["POS"] for row in self.private("variants_full.tsv.gz")
               if int(row["MENDEL_ERRORS"]) > 0}
        self.assertEqual(got, expected)
        self.assertEqual(self.errors_by_child()["child2"], 0)

    def test_hail_file_by_hails_rules(self):
        """What hail's own tests expect of the file (SOURCE.txt beside it), on GRCh37."""
        done = self.qc(support.data("mendel_unit/mendel.vcf"), "qc.mendel_rules=hail",
                       "input.build=GRCh37", pedigree=self.hail_pedigree())
        self.assertEqual(done.code, 0, done.err)
        families = {(row["FATHER"], row["MOTHER"], row["CHILD"]): int(row["MENDEL_ERRORS"])
                    for row in self.private("families.tsv")}
        self.assertEqual(families, {("Dad1", "Mom1", "Son1"): 23, ("Dad1", "Mom1", "Dtr1"): 18,
                                    ("Dad2", "Mom2", "Son2"): 0})
        people = {row["IID"]: int(row["MENDEL_ERRORS"]) for row in self.private("samples.tsv")}
        self.assertEqual({iid: n for iid, n in people.items() if n > 0},
                         {"Son1": 23, "Dtr1": 18, "Dad1": 19, "Mom1": 22})
        sites = {(row["CHROM"], row["POS"]): int(row["MENDEL_ERRORS"])
                 for row in self.private("variants_full.tsv.gz")}
        self.assertEqual(sum(sites.values()), 41)
        told = {("1", "1"): 2, ("1", "2"): 1, ("X", "1"): 2, ("X", "3"): 1, ("Y", "1"): 1, ("Y", "3"): 1}
        self.assertEqual({site: sites[site] for site in told}, told)

    def check_snpstats(self, duos, count):
        prefix = support.data("snpstats_families/fams.bed").removesuffix(".bed")
        done = self.qc(prefix + ".bed", f"qc.mendel_duos={'true' if duos else 'false'}")
        self.assertEqual(done.code, 0, done.err)
        told, rows = self.plink("--bfile", prefix, "--mendel", *(["--mendel-duos"] if duos else []))
        self.assertIn(f"{count} Mendel errors detected", told)
        got = [(row["ID"], int(row["MENDEL_ERRORS"])) for row in
               self.private("variants_full.tsv.gz")]
        self.assertEqual(got, [(row[1], int(row[2])) for row in rows])
        self.assertEqual(sum(self.errors_by_child().values()), count)
        families = {}
        for row in self.private("families.tsv"):
            key = row["FATHER"], row["MOTHER"]
            families[key] = families.get(key, 0) + int(row["MENDEL_ERRORS"])
        with open(self.dir / "peer.fmendel", encoding="ascii") as f:
            peer = [line.split() for line in f][1:]
        expected = {(row[1], row[2]): int(row[4]) for row in peer}
        self.assertTrue(any(expected.values()))
        for key, errors in expected.items():
            if "0" not in key:
                self.assertEqual(families[key], errors)

    def test_snpstats_families(self):
        self.check_snpstats(duos=False, count=217)

    def test_snpstats_families_with_duos(self):
        self.check_snpstats(duos=True, count=223)


def open_lines(relative):
    return pathlib.Path(support.data(relative)).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    unittest.main()
