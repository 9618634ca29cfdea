"""The pseudoautosomal part of X beside plink2 --split-par and plink 1.9 --split-x: real trios whose
variants of chromosome 22 are given positions there."""
import collections
import pathlib
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
        warned = [line for line in done.err.splitlines() if "males, who have two copies" in line]
        self.assertEqual(len(warned), build == "auto")  # there are males, and variants on X
        if warned:
            self.assertRegex(warned[0], f"^W .* {len(self.moved) + 365} variants on X .*--build")
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
    def test_one_allele_is_one_copy_whoever_has_it(self):
        """VCF and BGEN tell who has one X: without sexes the scores are those with sexes, of missing
        genotypes and in frequencies too."""
        plink2 = support.program("plink2")
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        x = self.dir / "x"
        support.run_peer(plink2, "--bfile", prefix, "--chr", "X", "--set-hh-missing", "--make-pgen",
                         "--out", x)
        for kind in (["vcf", "bgz", "id-paste=iid"], ["bgen-1.2", "bits=8", "id-paste=iid"]):
            support.run_peer(plink2, "--pfile", x, "--export", *kind, "--out", x)
        sample = x.with_suffix(".sample")
        lines = [line.split() for line in sample.read_text().splitlines()]
        sample.write_text("".join(" ".join([*f[:-1], f[-1] if f[-1] in "sexD" else "0"]) + "\n"
                                  for f in lines))
        people = [line.split() for line in pathlib.Path(f"{prefix}.fam").read_text().splitlines()]
        for name, sexes in (("known", {}), ("unknown", {"1": "0", "2": "0"})):
            (self.dir / f"{name}.fam").write_text("".join(
                f"{p[0]} {p[1]} 0 0 {sexes.get(p[4], p[4])} -9\n" for p in people))
        variants = [line.split("\t") for line in x.with_suffix(".pvar").read_text().splitlines()
                    if line[0] != "#"]
        (self.dir / "w.txt").write_text("rsID\teffect_allele\teffect_weight\n" + "".join(
            f"{v[2]}\t{v[3 + i % 2].strip()}\t{(i % 7 - 3) / 8}\n" for i, v in enumerate(variants)
            if "." not in v[3:5] and v[2] != "---"))
        for geno in ("x.vcf.gz", "x.bgen"):
            scores = []
            for name in ("known", "unknown"):
                out = self.dir / f"{geno}_{name}"
                done = support.kinflow("score", "--geno", geno, "--weights", "w.txt", "--pedigree",
                                       f"{name}.fam", "--keep-ambiguous", "--build", "GRCh37",
                                       "--sscore", "--out", out, cwd=self.dir)
                self.assertEqual(done.code, 0, done.err)
                scores.append(support.read_tsv(out / "private" / "scores.sscore"))
            self.assertGreater(len({r["ALLELE_CT"] for r in scores[0]}), 2)  # some are missing
            for known, unknown in zip(*scores):
                for column in ("ALLELE_CT", "DENOM"):
                    self.assertEqual(known[column], unknown[column], (geno, known["IID"]))
                self.assertAlmostEqual(float(known["w_SUM"]), float(unknown["w_SUM"]), delta=1e-9)

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
        bim = [f for f in map(str.split, x.with_suffix(".bim").read_text().splitlines())
               if not {".", "0"} & set(f[4:6])]
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
                if name == "x.bed":  # told where a table of plink2's form is asked for
                    self.assertNotIn("--x-males twice", done.err)
                    told = support.kinflow("score", "--geno", x.parent / name, "--weights", "w.txt",
                                           "--pedigree", f"{prefix}.fam", "--keep-ambiguous",
                                           "--build", "GRCh37", "--x-males", males, "--sscore",
                                           "--out", f"{out}_sscore", cwd=self.dir)
                    self.assertEqual(told.err.count("W scores: scores.sscore: scores have variants "
                                                    "on X"), int(males == "once"), told.err)
                scores[name, males] = {r["IID"]: float(r["w"])
                                       for r in support.read_tsv(out / "private" / "scores.tsv")}
        support.run_peer(plink2, "--bfile", x, "--score", self.dir / "w.txt", "1", "2", "3",
                         "header", "cols=+scoresums", "--out", self.dir / "peer")
        peer = {r["IID"]: float(r["SCORE1_SUM"])
                for r in support.read_tsv(self.dir / "peer.sscore")}
        male = {f.split()[1]: f.split()[4] == "1"
                for f in x.with_suffix(".fam").read_text().splitlines()}
        self.assertEqual(sum(male.values()), 147)
        for (name, males), got in scores.items():
            with self.subTest(name, males=males):
                for iid, expected in peer.items():
                    half = males == "once" and male[iid]
                    self.assertAlmostEqual(got[iid], expected / 2 if half else expected, delta=1e-4)


class StoreOfXTest(support.TempFolderTest):
    def test_a_store_has_the_alleles_of_its_vcf(self):
        """HapMap's chromosome 22 and X, males with one allele and everybody phased: scores and counts
        look at the number of alleles alone, and leave the store's phase unread."""
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        plink2, x = support.program("plink2"), self.dir / "x"
        support.run_peer(plink2, "--bfile", prefix, "--chr", "22,X", "--set-hh-missing",
                         "--make-pgen", "--out", x)
        support.run_peer(plink2, "--pfile", x, "--export", "vcf", "id-paste=iid", "--out", x)
        lines = (self.dir / "x.vcf").read_text().splitlines()
        records = [line.split("\t") for line in lines if line[0] != "#"]
        alleles = {len(call.split("/")) for r in records if r[0] == "X" for call in r[9:]}
        self.assertEqual(alleles, {1, 2})
        (self.dir / "x.vcf").write_text("".join(
            line + "\n" if line[0] == "#" else line.replace("/", "|") + "\n" for line in lines))
        (self.dir / "w.txt").write_text("rsID\teffect_allele\teffect_weight\n" + "".join(
            f"{r[2]}\t{r[3 + i % 2]}\t{(i % 7 - 3) / 8}\n" for i, r in enumerate(records)
            if "." not in r[3:5] and r[2] != "---"))
        done = support.kinflow("load", "--geno", "x.vcf", "--build", "GRCh37", "--out", "loaded",
                               cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        store = next((self.dir / "loaded" / "work" / "artifacts" / "dosage").iterdir())
        tables = {}
        common = ("--pedigree", f"{prefix}.fam", "--build", "GRCh37")
        off = [part for setting in OFF for part in ("--set", setting)]
        for name, geno in (("vcf", "x.vcf"), ("store", store)):
            for command, args in (
                    ("score", ("--weights", "w.txt", "--keep-ambiguous", "--sscore")),
                    ("qc", off)):
                out = f"{name}_{command}"
                done = support.kinflow(command, "--geno", geno, *common, *args, "--out", out,
                                       cwd=self.dir)
                self.assertEqual(done.code, 0, done.err)
            tables[name] = [support.read_tsv(self.dir / f"{name}_{command}" / "private" / table)
                            for command, table in (("score", "scores.sscore"),
                                                   ("qc", "variants_full.tsv.gz"),
                                                   ("qc", "samples.tsv"))]
        for from_vcf, from_store in zip(tables["vcf"], tables["store"]):
            self.assertGreater(len(from_vcf), 100)
            self.assertEqual(from_vcf, from_store)
        support.run_peer(plink2, "--pfile", x, "--xchr-model", "1", "--score", self.dir / "w.txt",
                         "1", "2", "3", "header", "cols=+scoresums,+denom", "--out",
                         self.dir / "peer")
        peer = {r["IID"]: r for r in support.read_tsv(self.dir / "peer.sscore")}
        self.assertGreater(len({r["DENOM"] for r in peer.values()}), 1)
        for row in tables["store"][0]:
            expected = peer[row["IID"]]
            self.assertEqual(float(row["DENOM"]), float(expected["DENOM"]))
            self.assertAlmostEqual(float(row["w_SUM"]), float(expected["SCORE1_SUM"]), delta=1e-4)


class HaploidChromosomesTest(support.TempFolderTest):
    """Y and MT stay apart from the autosomes, people of unknown sex are told: real genotypes of
    chromosomes 21 and 22 as if of Y and MT, every seventh sex unknown."""

    def setUp(self):
        super().setUp()
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        names = {"21": "24", "22": "26"}
        with open(f"{prefix}.bim", encoding="ascii") as f:
            rows = [line.split() for line in f]
        for number, row in enumerate(rows):
            row[0], row[1] = names.get(row[0], row[0]), f"v{number}"
        order = sorted(range(len(rows)), key=lambda i: (int(rows[i][0]), int(rows[i][3])))
        with open(f"{prefix}.fam", encoding="ascii") as f:
            people = [line.split() for line in f]
        for person in people[::7]:
            person[4] = "0"
        self.unknown = len(people[::7])
        size = (len(people) + 3) // 4
        with open(f"{prefix}.bed", "rb") as f:
            genotypes = f.read()
        for name, kept in (("all", order),
                           ("rest", [i for i in order if int(rows[i][0]) not in (24, 26)])):
            (self.dir / f"{name}.bed").write_bytes(genotypes[:3] + b"".join(
                genotypes[3 + i * size:3 + (i + 1) * size] for i in kept))
            (self.dir / f"{name}.bim").write_text("".join("\t".join(rows[i]) + "\n"
                                                          for i in kept))
            (self.dir / f"{name}.fam").write_text("".join("\t".join(p) + "\n" for p in people))

    def qc(self, name, *more):
        args = [part for setting in OFF for part in ("--set", setting)]
        done = support.kinflow("qc", "--geno", f"{name}.bed", "--out", name, *args, *more,
                               cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        private = self.dir / name / "private"
        return done, support.read_tsv(private / "variants_full.tsv.gz"), \
            support.read_tsv(private / "samples.tsv")

    def test_counts_and_people(self):
        done, variants, people = self.qc("all")
        self.assertIn(f"sex of {self.unknown} people unknown", done.err)
        self.assertEqual(self.run_json("all")["resolved"]["input"]["sex_unknown"], self.unknown)
        support.run_peer(support.program("plink2"), "--bfile", self.dir / "all", "--freq", "--out",
                         self.dir / "peer")
        freq = {row["ID"]: row for row in support.read_tsv(self.dir / "peer.afreq")}
        seen = collections.Counter()
        for row in variants:
            if row["CHROM"] not in ("Y", "MT"):
                continue
            seen[row["CHROM"]] += 1
            self.assertEqual((row["HWE_P"], row["MENDEL_ERRORS"]), ("NA", "0"))
            if freq[row["ID"]]["ALT_FREQS"] not in ("nan", "NA"):
                self.assertAlmostEqual(float(row["AF"]), float(freq[row["ID"]]["ALT_FREQS"]),
                                       delta=1e-6, msg=row)
        self.assertGreater(min(seen["Y"], seen["MT"]), 50)
        # What is said of people beside call rates comes from the other chromosomes alone.
        _, others, alone = self.qc("rest")
        kept = ("FID", "IID", "SEX_DECLARED", "SEX_INFERRED", "HET_F", "HET_RATE", "X_F",
                "MENDEL_ERRORS")
        self.assertEqual([[p[k] for k in kept] for p in people],
                         [[p[k] for k in kept] for p in alone])
        self.assertEqual([r for r in variants if r["CHROM"] not in ("Y", "MT")], others)
        self.assertEqual(sum(p["SEX_DECLARED"] == "unknown" for p in people), self.unknown)
        # Calls on Y of everybody, women too, as they were on the chromosome that they are of.
        support.run_peer(support.program("plink2"), "--bfile", support.data(
            "hapmap_trios/hapmap279.bed").removesuffix(".bed"), "--chr", "21", "--missing",
            "sample-only", "--out", self.dir / "y")
        missing = {row["IID"]: float(row["F_MISS"]) for row in
                   support.read_tsv(self.dir / "y.smiss")}
        for row in people:
            self.assertAlmostEqual(float(row["Y_CALL_RATE"]), 1 - missing[row["IID"]], delta=1e-5)
        self.assertEqual({row["Y_CALL_RATE"] for row in alone}, {"NA"})
        # A woman cannot lack calls of Y.
        y, mt = seen["Y"], seen["MT"]
        for now, before in zip(people, alone):
            more = int(now["N_VARIANTS"]) - int(before["N_VARIANTS"])
            self.assertEqual(more, mt if now["SEX_DECLARED"] == "female" else mt + y)

    def test_scores_on_y_and_mt_are_plink2s_from_every_format(self):
        """Males have one copy of Y and others none, everybody has one of MT; missing calls are there.
        (A .bgen of plink2 gives females on Y ploidy 0, which is refused.)"""
        plink2 = support.program("plink2")
        geno = self.dir / "g"
        support.run_peer(plink2, "--bfile", self.dir / "all", "--chr", "1,24,26", "--set-hh-missing",
                         "--make-pgen", "--out", geno)
        for kind in (["--make-bed"], ["--export", "vcf", "bgz", "id-paste=iid"]):
            support.run_peer(plink2, "--pfile", geno, *kind, "--out", geno)
        bim = [f for f in map(str.split, geno.with_suffix(".bim").read_text().splitlines())
               if not {".", "0"} & set(f[4:6])]
        (self.dir / "w.txt").write_text("rsID\teffect_allele\teffect_weight\n" + "".join(
            f"{f[1]}\t{f[4 + i % 2]}\t{(i % 7 - 3) / 8}\n" for i, f in enumerate(bim)))
        chroms = collections.Counter(f[0] for f in bim)
        self.assertGreater(min(chroms["Y"], chroms["MT"]), 50)
        support.run_peer(plink2, "--pfile", geno, "--score", self.dir / "w.txt", "1", "2", "3",
                         "header", "cols=+scoresums,+denom", "--out", self.dir / "peer")
        peer = {r["IID"]: r for r in support.read_tsv(self.dir / "peer.sscore")}
        self.assertEqual(len({r["DENOM"] for r in peer.values()}), 2)  # with Y and without
        for name in ("g.bed", "g.pgen", "g.vcf.gz"):
            with self.subTest(name):
                done = support.kinflow("score", "--geno", name, "--weights", "w.txt", "--pedigree",
                                       "all.fam", "--keep-ambiguous", "--sscore", "--out",
                                       f"{name}_out", cwd=self.dir)
                self.assertEqual(done.code, 0, done.err)
                for row in support.read_tsv(self.dir / f"{name}_out" / "private" / "scores.sscore"):
                    expected = peer[row["IID"]]
                    for column in ("ALLELE_CT", "DENOM"):
                        self.assertEqual(float(row[column]), float(expected[column]), row["IID"])
                    self.assertAlmostEqual(float(row["w_SUM"]), float(expected["SCORE1_SUM"]),
                                           delta=1e-4)


if __name__ == "__main__":
    unittest.main()
