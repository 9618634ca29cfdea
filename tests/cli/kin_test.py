"""Relatedness beside plink2: every pair of the HapMap trios, and pruning."""
import collections
import gzip
import json
import os
import shutil
import stat
import sys
import unittest

import support

ALL_PAIRS = ("--min-kinship", "-1000")
ALL_VARIANTS = ("--maf", "0", "--call-rate", "0", "--prune", "0", "--keep-high-ld")
PEOPLE, AUTOSOMAL = 279, 8723


class KinTest(unittest.TestCase):
    """One run over all variants and pairs serves all tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        cls.prefix = cls.bed.removesuffix(".bed")
        cls.kin("all", *ALL_VARIANTS, *ALL_PAIRS)
        cls.pairs = support.read_tsv(cls.dir / "all" / "pairs.tsv")

    @classmethod
    def kin(cls, name, *args):
        done = support.kinflow("kin", "--geno", cls.bed, "--out", cls.dir / name, *args)
        if done.code != 0:
            raise AssertionError(done.err)
        return done

    def close(self, got, printed, what):
        """Equal to the 6 significant digits a peer prints."""
        got, printed = float(got), float(printed)
        self.assertLessEqual(abs(got - printed), 5.01e-6 * abs(printed) + 1e-300,
                             f"{what}: {got}, peer: {printed}")

    def test_every_pair_equals_plink2(self):
        support.run_peer(support.program("plink2"), "--bfile", self.prefix, "--make-king-table",
                         "cols=maybefid,id,nsnp,hethet,ibs0,kinship", "--out", self.dir / "k")
        support.run_peer(support.program("plink2"), "--bfile", self.prefix, "--make-king-table",
                         "counts", "cols=maybefid,id,nsnp,hethet,ibs0,ibs1,kinship", "--out",
                         self.dir / "counts")
        counts = support.read_tsv(self.dir / "counts.kin0")
        mine = {frozenset((row["IID1"], row["IID2"])): row for row in self.pairs}
        self.assertEqual(len(mine), PEOPLE * (PEOPLE - 1) // 2)
        self.assertEqual(len(self.pairs), len(mine))
        for row, count in zip(support.read_tsv(self.dir / "k.kin0"), counts, strict=True):
            pair = mine.pop(frozenset((row["IID1"], row["IID2"])))
            self.assertEqual(pair["N_SNP"], row["NSNP"])
            for column in ("HETHET", "IBS0", "KINSHIP"):
                self.close(pair[column], row[column], column)
            for column in ("HETHET", "IBS0"):
                self.assertEqual(pair[column + "_CT"], count[column])
            # Which of the two it calls the first here differs from its own ID columns.
            ones = "HET1_HOM2", "HET2_HOM1"
            self.assertEqual(sorted(pair[c + "_CT"] for c in ones), sorted(count[c] for c in ones))
        self.assertEqual(mine, {})

    def test_parents_and_children(self):
        declared = [row for row in self.pairs if row["DECLARED"] == "parent-child"]
        self.assertEqual(len(declared), 119)
        self.assertEqual({row["CLASS"] for row in declared}, {"parent-child"})

    def test_duplicates_and_the_cryptic_pair(self):
        found = [row for row in self.pairs if row["CLASS"] == "duplicate"]
        self.assertEqual(len(found), 10)
        for row in found:
            self.assertEqual(*(row[c].removesuffix(".dup") for c in ("IID1", "IID2")))
        undeclared = {frozenset(row[c].removesuffix(".dup") for c in ("IID1", "IID2"))
                      for row in self.pairs
                      if row["CLASS"] in ("parent-child", "full-sib")
                      and row["DECLARED"] == "unrelated"}
        declared = {frozenset((row["IID1"], row["IID2"])) for row in self.pairs
                    if row["DECLARED"] == "parent-child"}
        self.assertEqual(undeclared - declared, {frozenset(("NA18913", "NA19238"))})

    def test_concordance_of_duplicates_is_that_of_plink(self):
        support.run_peer(support.program("plink1.9"), "--bfile", self.prefix, "--autosome",
                         "--genome", "full", "--min", "0.9", "--out", self.dir / "g")
        with open(self.dir / "g.genome", encoding="ascii") as f:
            header = next(f).split()
            peer = [dict(zip(header, line.split())) for line in f]
        self.assertEqual(len(peer), 10)
        mine = {frozenset((row["IID1"], row["IID2"])): row for row in self.pairs}
        decided = {row["IID1"]: row for row in
                   support.read_tsv(self.dir / "all" / "decisions.tsv")}
        for row in peer:
            counts = [int(row[c]) for c in ("IBS0", "IBS1", "IBS2")]
            pair = mine[frozenset((row["IID1"], row["IID2"]))]
            self.assertAlmostEqual(float(pair["CONCORDANCE"]), counts[2] / sum(counts), places=12)
            copy = next(i for i in (row["IID1"], row["IID2"]) if i.endswith(".dup"))
            self.assertEqual(decided[copy]["CONCORDANCE"], pair["CONCORDANCE"])

    def test_pruning_keeps_what_plink2_keeps(self):
        # Ids repeat in this file; the peer needs them unique.
        for suffix in ("bed", "fam"):
            shutil.copy(f"{self.prefix}.{suffix}", self.dir / f"h.{suffix}")
        with open(self.prefix + ".bim", encoding="ascii") as f, \
                open(self.dir / "h.bim", "w", encoding="ascii") as out:
            for i, line in enumerate(f):
                fields = line.split()
                out.write("\t".join([fields[0], f"v{i}", *fields[2:]]) + "\n")
        for window, r2 in ((1000, 0.2), (5000, 0.05), (50, 0.5)):
            with self.subTest(window=window, r2=r2):
                support.run_peer(support.program("plink2"), "--bfile", self.dir / "h",
                                 "--autosome", "--indep-pairwise", f"{window}kb", "1", r2, "--out",
                                 self.dir / "p")
                out = self.dir / f"pruned{window}"
                done = support.kinflow("kin", "--geno", self.dir / "h.bed", "--out", out, "--maf",
                                       0, "--call-rate", 0, "--prune", r2, "--prune-window", window)
                self.assertEqual(done.code, 0, done.err)
                mine = [row["ID"] for row in support.read_tsv(f"{out}/kinship_variants.tsv.gz")]
                self.assertEqual(mine, (self.dir / "p.prune.in").read_text().split())
                self.assertLess(len(mine), AUTOSOMAL)

    def test_disagreements_with_the_pedigree(self):
        rows = support.read_tsv(self.dir / "all" / "decisions.tsv")
        by_kind = collections.Counter(row["KIND"] for row in rows)
        # The second cryptic pair is one of second degree, known of these people.
        self.assertEqual(by_kind, {"duplicate": 10, "cryptic": 2})
        for row in rows:
            if row["KIND"] == "duplicate":
                self.assertTrue(row["IID1"].endswith(".dup"), row)
                self.assertEqual(row["PROPOSED"], f"remove {row['IID1']}")
        cryptic = {frozenset((row["IID1"], row["IID2"])): row for row in rows
                   if row["KIND"] == "cryptic"}
        self.assertEqual(cryptic[frozenset(("NA18913", "NA19238"))]["CLASS"], "parent-child")
        self.assertEqual(cryptic[frozenset(("NA19130", "NA19192"))]["CLASS"], "second-degree")

    def test_defaults_leave_out_distant_pairs_and_need_no_flag(self):
        self.kin("default")
        rows = support.read_tsv(self.dir / "default" / "pairs.tsv")
        self.assertLess(len(rows), 200)
        self.assertEqual(sum(row["DECLARED"] == "parent-child" for row in rows), 119)
        for row in rows:
            if row["DECLARED"] == "unrelated":
                self.assertGreaterEqual(float(row["KINSHIP"]), 0.0442)
        self.assertEqual(stat.S_IMODE(os.stat(self.dir / "default/private/pairs.tsv").st_mode),
                         0o600)

    def test_same_bytes_whatever_the_threads_tiles_and_shards(self):
        expected = (self.dir / "all" / "pairs.tsv").read_bytes()
        for i, args in enumerate((("--threads", 1), ("--set", "resources.tile_variants=7"),
                                  ("--memory", "200M"),
                                  ("--set", "resources.shard_genotypes=30000"))):
            self.kin(f"again{i}", *ALL_VARIANTS, *ALL_PAIRS, *args)
            self.assertEqual((self.dir / f"again{i}" / "pairs.tsv").read_bytes(), expected, args)

    def test_a_changed_threshold_compares_again_and_reads_for_concordance_alone(self):
        self.kin("steps", *ALL_VARIANTS)
        self.kin("steps", *ALL_VARIANTS, "--min-kinship", "0.1")
        stages = json.loads((self.dir / "steps" / "run.json").read_text())["stages"]
        status = {stage["id"]: stage["status"] for stage in stages}
        self.assertEqual(status, {"counts": "cached", "kinship_variants": "cached",
                                  "kinship_calls": "cached", "kinship": "done",
                                  "relatives": "done", "concordance": "done"})

    def test_quality_control_behind_it_in_the_same_folder_counts_for_itself(self):
        # Without QC no Mendel errors are counted: its counts must not be those of QC.
        work = ("--work", self.dir / "shared_work")
        for folder, flags in (("shared", work), ("alone", ())):
            if flags:
                self.kin("before", *flags)
            done = support.kinflow("qc", "--geno", self.bed, "--out", self.dir / folder, *flags)
            self.assertEqual(done.code, 0, done.err)
        for name in ("variants.tsv.gz", "ledger.tsv"):
            self.assertEqual((self.dir / "shared/share" / name).read_bytes(),
                             (self.dir / "alone/share" / name).read_bytes(), name)

    def test_a_config_gives_the_same(self):
        config = self.dir / "run.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {self.bed}}}
qc: {{preset: none}}
kinship:
  compute: true
  variants: {{maf: 0, call_rate: 0, prune_r2: 0, high_ld: keep}}
  min_kinship: -1000
output: {{folder: {self.dir}/by_config}}
resources: {{work: {self.dir}/by_config_work}}
""", encoding="ascii")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, 0, done.err)
        for name in ("pairs.tsv", "decisions.tsv"):
            self.assertEqual((self.dir / "by_config/private" / name).read_bytes(),
                             (self.dir / "all/private" / name).read_bytes())

    def test_a_sample_mixed_with_another_is_one_conflict(self):
        """A person heterozygous wherever a second person has another allele: related to 85 people."""
        bed = support.mix_sample(self.bed, self.prefix + ".fam", "NA18524", "NA18526")
        (self.dir / "mixed.bed").write_bytes(bed)
        for suffix in ("bim", "fam"):
            shutil.copy(f"{self.prefix}.{suffix}", self.dir / f"mixed.{suffix}")
        done = support.kinflow("kin", "--geno", self.dir / "mixed.bed", "--out", self.dir / "mixed")
        self.assertEqual(done.code, 0, done.err)
        by_kind = collections.defaultdict(list)
        for row in support.read_tsv(self.dir / "mixed" / "decisions.tsv"):
            by_kind[row["KIND"]].append(row)
        row, = by_kind["contaminated"]
        self.assertEqual((row["PROPOSED"], row["IID1"]), ("remove NA18524", "NA18524"))
        for row in by_kind["cryptic"]:
            self.assertNotIn("NA18524", (row["IID1"], row["IID2"]))
        self.assertLess(len(by_kind["cryptic"]), 5)
        self.assertEqual(len(by_kind["duplicate"]), 10)

    def test_few_founders_choose_no_variants(self):
        # A mother and her son: variants that one founder is heterozygous at would make strangers
        # relatives.
        people = self.dir / "two.txt"
        people.write_text("NA19137\nNA19139\n", encoding="ascii")
        done = self.kin("two", "--samples", people, "--call-rate", 0)
        self.assertIn("fewer than 50 founders (1)", done.err)
        row, = support.read_tsv(self.dir / "two" / "pairs.tsv")
        self.assertEqual((row["CLASS"], row["DECLARED"]), ("parent-child", "parent-child"))
        expected, = (r for r in self.pairs
                     if {r["IID1"], r["IID2"]} == {"NA19137", "NA19139"})
        self.assertEqual(row["KINSHIP"], expected["KINSHIP"])

    def test_refusals(self):
        cases = ((("--maf", "0.6"), 2, "maf"), (("--prune", "2"), 2, "prune"),
                 (("--regions", "X"), 4, "kinship.variants"), (("--min-kinship", "1"), 3, "kinship"))
        for args, code, word in cases:
            with self.subTest(args=args):
                done = support.kinflow("kin", "--geno", self.bed, "--out", self.dir / "bad", *args)
                self.assertEqual(done.code, code, done.err)
                self.assertIn(word, done.err)


class FaultsTest(support.TempFolderTest):
    """Planted faults, found without the file that lists them."""

    def decisions(self, genotypes, pedigree):
        done = support.kinflow("kin", "--geno", genotypes, "--pedigree", pedigree, "--out",
                               self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / "out" / "decisions.tsv")

    def check_faults(self, prefix):
        rows = self.decisions(prefix + ".array.vcf.gz", prefix + ".fam")
        faults = support.read_tsv(prefix + ".faults.tsv")
        planted = {row["fault"]: row for row in faults}
        by_kind = {row["KIND"]: row for row in rows}
        self.assertEqual(sorted(row["KIND"] for row in rows),
                         ["duplicate", "low-call-rate", "non-paternity", "sex", "sex", "swap"])
        self.assertEqual({row["CONFIDENCE"] for row in rows}, {"high"})
        swap = planted["sample_swap"]
        self.assertEqual({by_kind["swap"]["IID1"], by_kind["swap"]["IID2"]},
                         {swap["id"], swap["note"]})
        copy = planted["duplicate_sample"]
        self.assertEqual(by_kind["duplicate"]["PROPOSED"], f"remove {copy['id']}")
        self.assertEqual(by_kind["duplicate"]["IID2"], copy["note"])
        self.assertEqual(by_kind["low-call-rate"]["PROPOSED"],
                         f"remove {planted['low_call_rate']['id']}")
        # The pedigree says the one sex, so it is the other.
        with open(prefix + ".fam", encoding="ascii") as f:
            other = {line.split()[1]: {"1": "female", "2": "male"}.get(line.split()[4])
                     for line in f}
        wrong = {row["id"] for row in faults if row["fault"] == "sex_mismatch"}
        self.assertEqual({row["PROPOSED"] for row in rows if row["KIND"] == "sex"},
                         {f"set the sex of {iid} to {other[iid]}" for iid in wrong})
        child = planted["non_paternity"]
        self.assertEqual(by_kind["non-paternity"]["PROPOSED"],
                         f"set the father of {child['id']} to {child['note'].split()[0]}")

    def test_nobody_has_few_calls_for_variants_that_are_bad(self):
        """A third of the people without calls at a tenth of the variants."""
        prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")
        with gzip.open(prefix + ".array.vcf.gz", "rt") as f, \
                open(self.dir / "s.array.vcf", "w", encoding="ascii") as out:
            for i, line in enumerate(f):
                fields = line.rstrip("\n").split("\t")
                if not line.startswith("#") and fields[0] != "X" and i % 10 == 0:
                    fields[9::3] = ["./."] * len(fields[9::3])
                out.write("\t".join(fields) + "\n")
        rows = self.decisions(self.dir / "s.array.vcf", prefix + ".fam")
        low, = (row for row in rows if row["KIND"] == "low-call-rate")
        planted, = (row for row in support.read_tsv(prefix + ".faults.tsv")
                    if row["fault"] == "low_call_rate")
        self.assertEqual(low["PROPOSED"], f"remove {planted['id']}")
        done = support.kinflow("kin", "--geno", self.dir / "s.array.vcf", "--pedigree",
                               prefix + ".fam", "--out", self.dir / "any", "--call-rate", 0)
        self.assertEqual(done.code, 0, done.err)
        self.assertGreater(sum(row["KIND"] == "low-call-rate" for row in
                               support.read_tsv(self.dir / "any" / "decisions.tsv")), 500)

    def truth(self, prefix):
        """Parents by the pedigree, whose genotypes each sample has, and each person's real parents."""
        parents, person = {}, {}
        with open(prefix + ".fam", encoding="ascii") as f:
            for line in f:
                _, iid, father, mother = line.split()[:4]
                parents[iid] = {father, mother} - {"0"}
                person[iid] = iid
        real = {iid: set(of) for iid, of in parents.items()}
        for row in support.read_tsv(prefix + ".faults.tsv"):
            iid, other = row["id"], row["note"].split()[0] if row["note"] else ""
            if row["fault"] == "sample_swap":
                person[iid], person[other] = other, iid
            elif row["fault"] == "duplicate_sample":
                person[iid] = other
            elif row["fault"] == "non_paternity":
                real[iid] = {p for p in real[iid] if p.endswith("_M")} | {other}
        return parents, person, real

    def implied(self, prefix):
        """Undeclared pairs who are one person or parent and child or sibs by the planted faults."""
        parents, person, real = self.truth(prefix)

        def close(a, b, of):
            return a == b or a in of[b] or b in of[a] or len(of[a] & of[b]) == 2

        changed = {iid for iid in parents if person[iid] != iid or real[iid] != parents[iid]}
        return {frozenset((a, b)) for a in changed for b in parents
                if a != b and close(person[a], person[b], real) and not close(a, b, parents)}

    def test_each_fault_is_named_and_nothing_else(self):
        self.check_faults(support.data("sim500_faults/b.fam").removesuffix(".fam"))

    def test_another_cohort_with_faults(self):
        """One where strangers have kinships of 0.2 by a few hundred variants."""
        tool = support.DATA.parent / "tools/simulate_cohort.py"
        support.need(tool.exists(), f"{tool} (beside the test data)")
        for name in ("bgzip", "tabix"):
            support.program(name)
        prefix = str(self.dir / "s")
        support.run_peer(sys.executable, tool, "--out", prefix, "--trios", 500, "--variants", 640,
                         "--typed", 0.95, "--x-variants", 200, "--sib-frac", 0.2, "--no-father", 0.1,
                         "--am", 0.3, "--seed", 4, "--faults")
        self.check_faults(prefix)
        implied = self.implied(prefix)
        pairs = [row for row in support.read_tsv(self.dir / "out" / "pairs.tsv")
                 if float(row["KINSHIP"]) >= 0.177 and row["DECLARED"] == "unrelated"]
        chance = [row for row in pairs if frozenset((row["IID1"], row["IID2"])) not in implied]
        self.assertGreater(max(float(row["KINSHIP"]) for row in chance), 0.2)
        for row in chance:
            self.assertIn(row["STATE"], ("by chance", "uncertain"), row)
            self.assertGreater(float(row["P"]), 0.01)
        self.assertEqual({frozenset((row["IID1"], row["IID2"])) for row in pairs
                          if row["STATE"] == "unexpected"}, implied)
        self.check_families_without_pedigree(prefix)

    def check_families_without_pedigree(self, prefix):
        """Nobody gets a parent, or joins a family, by a pair that may be one of strangers."""
        done = support.kinflow("kin", "--geno", prefix + ".array.vcf.gz", "--out",
                               self.dir / "alone")
        self.assertEqual(done.code, 0, done.err)
        _, person, real = self.truth(prefix)
        rows = support.read_tsv(self.dir / "alone/private/proposed_pedigree.tsv")
        parents, families = 0, collections.defaultdict(set)
        for row in rows:
            for parent in {row["FATHER"], row["MOTHER"]} - {"NA"}:
                self.assertIn(person[parent], real[person[row["IID"]]], row)
                parents += 1
            families[row["FID"]].add(person[row["IID"]].split("_")[0])
        self.assertGreater(parents, 20)
        # A wrong father by the pedigree joins the child's family and his own.
        fathers = {row["note"].split()[0] for row in support.read_tsv(prefix + ".faults.tsv")
                   if row["fault"] == "non_paternity"}
        for of in families.values():
            if len(of) > 1:
                self.assertTrue({father.split("_")[0] for father in fathers} & of, of)
        # True parents and children whom few variants do not tell from strangers are named.
        uncertain = [row for row in support.read_tsv(self.dir / "alone/pairs.tsv")
                     if row["STATE"] == "uncertain"]
        related = sum(person[row["IID1"]] in real[person[row["IID2"]]] or
                      person[row["IID2"]] in real[person[row["IID1"]]] for row in uncertain)
        self.assertGreater(related, 0.9 * len(uncertain))
        self.assertTrue(any("perhaps parent-child of" in row["EVIDENCE"] for row in rows))

    def test_pairs_equal_plink2_across_strips_of_people(self):
        prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")
        support.run_peer(support.program("plink2"), "--vcf", prefix + ".array.vcf.gz",
                         "--double-id", "--make-king-table", "--king-table-filter", "0.0884",
                         "--out", self.dir / "k")
        args = ("kin", "--geno", prefix + ".array.vcf.gz", "--out", self.dir / "out",
                *ALL_VARIANTS, "--min-kinship", "0.0884")
        done = support.kinflow(*args)
        self.assertEqual(done.code, 0, done.err)
        mine = {frozenset((row["IID1"], row["IID2"])): row
                for row in support.read_tsv(self.dir / "out" / "pairs.tsv")}
        peer = {frozenset((row["IID1"], row["IID2"])): row
                for row in support.read_tsv(self.dir / "k.kin0")}
        self.assertGreater(len(peer), 3000)
        self.assertEqual(set(mine), set(peer))
        for pair, row in peer.items():
            self.assertEqual(mine[pair]["N_SNP"], row["NSNP"])
            self.assertLessEqual(abs(float(mine[pair]["KINSHIP"]) - float(row["KINSHIP"])), 1e-6)
        # A run that was killed behind the first strip goes on there.
        expected = (self.dir / "out" / "pairs.tsv").read_bytes()
        folder, = (self.dir / "out" / "work" / "artifacts" / "kinship").iterdir()
        for lost in ("manifest.json", "shard-00001.json", "shard-00001.h5"):
            (folder / lost).unlink()
        done = support.kinflow(*args)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("resuming behind 1 finished strips", done.err)
        self.assertEqual((self.dir / "out" / "pairs.tsv").read_bytes(), expected)

    def test_unexpected_first_degree_pairs_are_those_that_the_faults_imply(self):
        prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")
        self.decisions(prefix + ".array.vcf.gz", prefix + ".fam")
        unexpected = [row for row in support.read_tsv(self.dir / "out" / "pairs.tsv")
                      if float(row["KINSHIP"]) >= 0.177 and row["DECLARED"] == "unrelated"]
        self.assertEqual(len(unexpected), 7)
        self.assertEqual({frozenset((row["IID1"], row["IID2"])) for row in unexpected},
                         self.implied(prefix))
        self.assertEqual({row["STATE"] for row in unexpected}, {"unexpected"})
        for row in unexpected:
            self.assertGreater(float(row["KINSHIP_SE"]), 0)


if __name__ == "__main__":
    unittest.main()
