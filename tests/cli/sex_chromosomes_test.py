"""The pseudoautosomal part of X beside plink2 --split-par and plink 1.9 --split-x: real trios whose
variants of chromosome 22 are given positions there."""
import collections
import shutil
import unittest

import support
from hapmap_test import OFF, blank_table


class PseudoautosomalTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        for ending in ("bed", "fam"):
            shutil.copy(f"{prefix}.{ending}", self.dir / f"par.{ending}")
        self.moved = []
        with open(f"{prefix}.bim", encoding="ascii") as old, \
                open(self.dir / "par.bim", "w", encoding="ascii") as new:
            for number, line in enumerate(old):
                fields = line.split()
                fields[1] = f"v{number}"
                if fields[0] == "22":
                    fields[0], fields[3] = "23", str(60001 + 10 * len(self.moved))
                    self.moved.append(fields[1])
                new.write("\t".join(fields) + "\n")
        self.assertGreater(len(self.moved), 100)

    def qc(self, name, build, geno="par.bed"):
        args = [part for setting in OFF for part in ("--set", setting)]
        done = support.kinflow("qc", "--geno", geno, "--pedigree", "par.fam", "--out", name,
                               "--build", build, *args, cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / name / "private" / "variants_full.tsv.gz")

    def test_both_sexes_have_two_copies_there(self):
        rows = self.qc("out", "GRCh37")
        by_chrom = collections.Counter(row["CHROM"] for row in rows)
        self.assertEqual((by_chrom["XY"], by_chrom["X"]), (len(self.moved), 365))
        peer = self.dir / "peer"
        support.run_peer(support.program("plink2"), "--bfile", self.dir / "par", "--split-par",
                         "b37", "--freq", "--hardy", "midp", "--out", peer)
        freq = {row["ID"]: row for row in support.read_tsv(f"{peer}.afreq")}
        hardy = {row["ID"]: row for row in support.read_tsv(f"{peer}.hardy")}
        for row in rows:
            name = row["ID"]
            self.assertAlmostEqual(float(row["AF"]), float(freq[name]["ALT_FREQS"]), delta=1e-6)
            if row["CHROM"] == "XY":
                self.assertAlmostEqual(float(row["HWE_P"]), float(hardy[name]["MIDP"]),
                                       delta=1e-5 * float(row["HWE_P"]))
        plink = support.program("plink1.9")
        support.run_peer(plink, "--bfile", self.dir / "par", "--split-x", "b37", "--make-bed",
                         "--out", self.dir / "split")
        support.run_peer(plink, "--bfile", self.dir / "split", "--mendel", "--out", peer)
        errors = {row["SNP"]: int(row["N"]) for row in blank_table(f"{peer}.lmendel")}
        self.assertEqual({row["ID"]: int(row["MENDEL_ERRORS"]) for row in rows}, errors)

    def test_contigs_of_plink2s_split_are_one_run_of_positions(self):
        """plink2 --split-par writes PAR1, X, PAR2 in this order."""
        lines = (self.dir / "par.bim").read_text().splitlines()
        fields = [line.split() for line in lines]
        x = [i for i, f in enumerate(fields) if f[0] == "23" and f[1] not in set(self.moved)]
        fields[x[-1]][3] = "155000000"  # in PAR2 of GRCh37
        (self.dir / "par.bim").write_text("".join("\t".join(f) + "\n" for f in fields))
        support.run_peer(support.program("plink2"), "--bfile", self.dir / "par", "--split-par",
                         "b37", "--make-pgen", "--out", self.dir / "split")
        names = [line.split("\t")[0] for line in (self.dir / "split.pvar").read_text().splitlines()
                 if line[:1] != "#"]
        self.assertLess(names.index("PAR1"), names.index("X"))
        self.assertLess(names.index("X"), names.index("PAR2"))
        rows = self.qc("split_out", "GRCh37", "split.pgen")
        by_chrom = collections.Counter(row["CHROM"] for row in rows)
        self.assertEqual((by_chrom["XY"], by_chrom["X"]), (len(self.moved) + 1, 364))
        done = support.kinflow("load", "--geno", "split.pgen", "--out", "l2", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)

    def test_without_a_build_all_of_x_is_one(self):
        rows = self.qc("out", "auto")
        self.assertEqual({row["CHROM"] for row in rows if row["ID"] in set(self.moved)}, {"X"})

    def test_regions_of_x_and_export_know_it_as_x(self):
        done = support.kinflow("load", "--geno", "par.bed", "--build", "GRCh37", "--out", "l",
                               cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        store = next((self.dir / "l" / "work" / "artifacts" / "dosage").iterdir())
        done = support.kinflow("export", store, "--region", "X:60001-70000,X:3000000-20000000",
                               "--format", "vcf", "--out", "x", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        lines = support.run_peer(support.program("bcftools"), "query", "-f", "%CHROM %ID\n",
                                 self.dir / "x.vcf.gz").splitlines()
        self.assertEqual({line.split()[0] for line in lines}, {"X"})
        self.assertEqual(sum(line.split()[1] in set(self.moved) for line in lines),
                         len(self.moved))


class ScoresOnX(support.TempFolderTest):
    def test_males_count_the_same_from_every_format(self):
        """HapMap's X from .bed, .pgen, VCF and BGEN; twice is what plink2 counts."""
        plink2 = support.program("plink2")
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        x = self.dir / "x"
        support.run_peer(plink2, "--bfile", prefix, "--chr", "X", "--set-hh-missing", "--make-pgen",
                         "--out", self.dir / "all")
        support.run_peer(plink2, "--pfile", self.dir / "all", "--geno", "0", "--make-bed",
                         "--out", x)
        for kind in (["--make-pgen"], ["--export", "vcf", "bgz", "id-paste=iid"],
                     ["--export", "bgen-1.2", "bits=8", "id-paste=iid"]):
            support.run_peer(plink2, "--bfile", x, *kind, "--out", x)
        bim = [line.split() for line in x.with_suffix(".bim").read_text().splitlines()]
        self.assertGreater(len(bim), 100)
        (self.dir / "w.txt").write_text("rsID\teffect_allele\teffect_weight\n" + "".join(
            f"{f[1]}\t{f[4 + i % 2]}\t{(i % 7 - 3) / 8}\n" for i, f in enumerate(bim)))
        scores = {}
        for name in ("x.bed", "x.pgen", "x.vcf.gz", "x.bgen"):
            for males in ("once", "twice"):
                out = self.dir / f"{name}_{males}"
                done = support.kinflow("score", "--geno", x.parent / name, "--weights", "w.txt",
                                       "--pedigree", f"{prefix}.fam", "--keep-ambiguous",
                                       "--build", "GRCh37", "--x-males", males, "--out", out,
                                       cwd=self.dir)
                self.assertEqual(done.code, 0, done.err)
                scores[name, males] = {r["IID"]: float(r["w"])
                                       for r in support.read_tsv(out / "private" / "scores.tsv")}
        support.run_peer(plink2, "--bfile", x, "--score", self.dir / "w.txt", "1", "2", "3",
                         "header", "cols=+scoresums", "--out", self.dir / "peer")
        peer = {r["IID"]: float(r["effect_weight_SUM"])
                for r in support.read_tsv(self.dir / "peer.sscore")}
        male = {f.split()[1]: f.split()[4] == "1"
                for f in x.with_suffix(".fam").read_text().splitlines()}
        self.assertEqual(sum(male.values()), 147)
        for (name, males), got in scores.items():
            with self.subTest(name, males=males):
                for iid, expected in peer.items():
                    half = males == "once" and male[iid]
                    self.assertAlmostEqual(got[iid], expected / 2 if half else expected, delta=1e-4)


if __name__ == "__main__":
    unittest.main()
