"""Relatedness beside plink2: every pair of the HapMap trios, and pruning."""
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


if __name__ == "__main__":
    unittest.main()
