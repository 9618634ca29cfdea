"""Relatedness beside plink2: every pair of the HapMap trios, and pruning."""
import collections
import json
import os
import shutil
import stat
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
        self.kin("pruned")
        cryptic = {"all": {("NA18913", "NA19238"): "parent-child"}}
        # One of second degree, known of these people: by variants that are not pruned no evidence.
        cryptic["pruned"] = cryptic["all"] | {("NA19130", "NA19192"): "second-degree"}
        for out, expected in cryptic.items():
            rows = support.read_tsv(self.dir / out / "decisions.tsv")
            self.assertEqual(collections.Counter(row["KIND"] for row in rows),
                             {"duplicate": 10, "cryptic": len(expected)})
            for row in rows:
                if row["KIND"] == "duplicate":
                    self.assertTrue(row["IID1"].endswith(".dup"), row)
                    self.assertEqual(row["PROPOSED"], f"remove {row['IID1']}")
            self.assertEqual({tuple(sorted((row["IID1"], row["IID2"]))): row["CLASS"]
                              for row in rows if row["KIND"] == "cryptic"}, expected)
        warning = "variants are not pruned (kinship.variants.prune_r2 is 0)"
        self.assertIn(warning, (self.dir / "all" / "kinflow.log").read_text())
        self.assertNotIn(warning, (self.dir / "pruned" / "kinflow.log").read_text())

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
                                  "relatives": "done", "concordance": "done",
                                  "trio_dosages": "cached"})

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
        for name in ("pairs.tsv", "decisions.tsv", "trio_dosages.tsv"):
            self.assertEqual((self.dir / "by_config/private" / name).read_bytes(),
                             (self.dir / "all/private" / name).read_bytes())

    def test_quality_control_compares_people_if_asked_to(self):
        done = support.kinflow("qc", "--geno", self.bed, "--preset", "none", "--out",
                               self.dir / "qc_kin", "--set", "kinship.compute=true", "--set",
                               "kinship.variants={maf: 0, call_rate: 0, prune_r2: 0, high_ld: keep}",
                               "--set", "kinship.min_kinship=-1000")
        self.assertEqual(done.code, 0, done.err)
        mine = support.read_tsv(self.dir / "qc_kin" / "pairs.tsv")
        self.assertEqual([row["KINSHIP"] for row in mine], [row["KINSHIP"] for row in self.pairs])
        self.assertTrue((self.dir / "qc_kin" / "trio_dosages.tsv").exists())

    def test_quality_control_with_components_tells_nothing_of_relatives(self):
        done = support.kinflow("qc", "--geno", self.bed, "--preset", "none", "--out",
                               self.dir / "qc_pca", "--set", "pca.compute=true")
        self.assertEqual(done.code, 0, done.err)
        tables = {path.name for path in (self.dir / "qc_pca/private").iterdir()}
        self.assertIn("pca.tsv", tables)
        self.assertFalse(tables & {"pairs.tsv", "decisions.tsv", "trio_dosages.tsv"}, tables)
        stages = {s["id"] for s in json.loads((self.dir / "qc_pca/run.json").read_text())["stages"]}
        self.assertIn("kinship", stages)
        self.assertFalse(stages & {"relatives", "concordance", "trio_dosages"}, stages)

    def test_a_command_says_what_it_does_not_compute(self):
        done = support.kinflow("load", "--geno", self.bed, "--out", self.dir / "load", "--set",
                               "kinship.compute=true")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("W kinship.compute: kinflow load does not compute it; kinflow kin", done.err)

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
        # Removed for its heterozygosity it is compared all the same, and in nothing else.
        done = support.kinflow("qc", "--geno", self.dir / "mixed.bed", "--preset", "array", "--out",
                               self.dir / "mixed_qc", "--set", "kinship.compute=true", "--set",
                               "pca.compute=true")
        self.assertEqual(done.code, 0, done.err)
        tables = {name: support.read_tsv(self.dir / "mixed_qc/private" / f"{name}.tsv")
                  for name in ("samples", "decisions", "pca")}
        removed, = (r for r in tables["samples"] if r["IID"] == "NA18524")
        self.assertEqual(removed["REASON"], "heterozygosity")
        self.assertGreater(float(removed["REASON_VALUE"]), float(removed["REASON_THRESHOLD"]))
        self.assertEqual({r["PROPOSED"] for r in tables["decisions"] if r["KIND"] == "contaminated"},
                         {"remove NA18524"})
        self.assertNotIn("NA18524", {r["IID"] for r in tables["pca"]})

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


if __name__ == "__main__":
    unittest.main()
