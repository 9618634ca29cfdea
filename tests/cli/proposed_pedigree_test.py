"""Families without a pedigree: HapMap's own, found by genotypes; shares by descent beside PLINK."""
import collections
import unittest

import support


class ProposedPedigreeTest(unittest.TestCase):
    """The parents are blotted out of the .fam."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        prefix = support.data("hapmap_trios/hapmap279.bed").removesuffix(".bed")
        with open(prefix + ".fam", encoding="ascii") as f:
            cls.fam = [line.split() for line in f]
        for end in (".bed", ".bim"):
            (cls.dir / f"c{end}").symlink_to(prefix + end)
        (cls.dir / "c.fam").write_text("".join(f"{f[1]} {f[1]} 0 0 {f[4]} -9\n" for f in cls.fam))
        cls.kin("out")
        cls.rows = {row["IID"]: row for row in
                    support.read_tsv(cls.dir / "out/private/proposed_pedigree.tsv")}

    @classmethod
    def kin(cls, out, *args):
        done = support.kinflow("kin", "--geno", cls.dir / "c.bed", "--build", "GRCh37", "--out",
                               cls.dir / out, *args)
        if done.code != 0:
            raise AssertionError(done.err)
        return support.read_tsv(cls.dir / out / "pairs.tsv")

    @staticmethod
    def person(iid):
        return iid.removesuffix(".dup")

    def test_every_trio_and_nothing_wrong(self):
        typed = {f[1] for f in self.fam}
        truth = {self.person(f[1]): (f[2], f[3]) for f in self.fam if f[2] in typed or f[3] in typed}
        confidence = collections.Counter()
        found = 0
        for iid, row in self.rows.items():
            parents = (self.person(row["FATHER"]), self.person(row["MOTHER"]))
            father, mother = truth.get(self.person(iid), ("0", "0"))
            for mine, right in zip(parents, (father, mother)):
                self.assertIn(mine, ("NA", right))
            if father in typed and mother in typed and "NA" not in parents:
                found += 1
                confidence[row["CONFIDENCE"]] += 1
        whole = sum(f in typed and m in typed for f, m in truth.values())
        self.assertGreater(whole, 50)
        self.assertEqual(found, whole)
        self.assertEqual(set(confidence), {"high"})
        # Families have one FID; a duplicate has its own sample's.
        for child, (father, mother) in truth.items():
            for parent in (father, mother):
                if parent in typed:
                    self.assertEqual(self.rows[child]["FID"], self.rows[parent]["FID"])

    def test_relatives_of_whom_nothing_is_declared_are_no_conflicts(self):
        kinds = {row["KIND"] for row in support.read_tsv(self.dir / "out/private/decisions.tsv")}
        self.assertEqual(kinds, {"duplicate"})

    def test_it_can_be_given_as_a_pedigree(self):
        pairs = self.kin("again", "--pedigree", self.dir / "out/private/proposed_pedigree.tsv")
        declared = [row for row in pairs if row["DECLARED"] == "parent-child"]
        self.assertGreater(len(declared), 110)
        self.assertEqual({row["CLASS"] for row in declared}, {"parent-child"})
        self.assertEqual({row["IN_WINDOW"] for row in declared}, {"yes"})
        self.assertFalse((self.dir / "again/private/proposed_pedigree.tsv").exists())
        kinds = {row["KIND"] for row in support.read_tsv(self.dir / "again/private/decisions.tsv")}
        self.assertFalse(kinds & {"swap", "misplaced", "non-paternity", "non-maternity"}, kinds)

    def test_a_contaminated_sample_is_in_no_family(self):
        """A man mixed with a woman of another family: without him all is as it is."""
        (self.dir / "m.bed").write_bytes(
            support.mix_sample(self.dir / "c.bed", self.dir / "c.fam", "NA18524", "NA18526"))
        for end in (".bim", ".fam"):
            (self.dir / f"m{end}").symlink_to(self.dir / f"c{end}")
        done = support.kinflow("kin", "--geno", self.dir / "m.bed", "--build", "GRCh37", "--out",
                               self.dir / "mixed")
        self.assertEqual(done.code, 0, done.err)
        rows = {row["IID"]: row for row in
                support.read_tsv(self.dir / "mixed/private/proposed_pedigree.tsv")}
        mixed = rows.pop("NA18524")
        self.assertEqual((mixed["FATHER"], mixed["MOTHER"], mixed["CONFIDENCE"]),
                         ("NA", "NA", "low"))
        self.assertTrue(mixed["EVIDENCE"].startswith("contaminated"), mixed)
        self.assertNotIn(mixed["FID"], {row["FID"] for row in rows.values()})
        self.assertEqual(rows, {iid: row for iid, row in self.rows.items() if iid != "NA18524"})

    def test_shares_by_descent_are_those_of_plink(self):
        """Within one population: PLINK's frequencies mix populations into relatives."""
        ceu = [f[1] for f in self.fam if f[0].startswith("CEU")]
        (self.dir / "ceu.txt").write_text("".join(f"{iid}\n" for iid in ceu))
        (self.dir / "keep.txt").write_text("".join(f"{iid} {iid}\n" for iid in ceu))
        pairs = self.kin("ceu", "--samples", self.dir / "ceu.txt", "--maf", "0", "--call-rate", "0",
                         "--prune", "0", "--keep-high-ld")
        support.run_peer(support.program("plink1.9"), "--bfile", self.dir / "c", "--keep",
                         self.dir / "keep.txt", "--autosome", "--genome", "--min", "0.4", "--out",
                         self.dir / "g")
        with open(self.dir / "g.genome", encoding="ascii") as f:
            header = next(f).split()
            peer = {frozenset((row["IID1"], row["IID2"])): row for row in
                    (dict(zip(header, line.split())) for line in f)}
        compared = 0
        for row in pairs:
            other = peer.pop(frozenset((row["IID1"], row["IID2"])), None)
            if other is None:
                continue
            compared += 1
            # PLINK's frequencies are those of these few people, which raises its Z2.
            for column, most in (("Z0", 0.07), ("Z1", 0.17), ("Z2", 0.17), ("PI_HAT", 0.1)):
                self.assertAlmostEqual(float(row[column]), float(other[column]), delta=most,
                                       msg=column)
            self.assertAlmostEqual(float(row["Z0"]) + float(row["Z1"]) + float(row["Z2"]), 1,
                                   places=9)
            self.assertEqual(row["IN_WINDOW"], "no")  # undeclared
        self.assertGreater(compared, 50)
        self.assertEqual(peer, {})


class WithoutSexesTest(support.TempFolderTest):
    """A simulated cohort whose .fam says neither parents nor sexes, without X."""

    def test_parents_are_found_and_not_named(self):
        made = support.kinflow("simulate", "--trios", "40", "--variants", "8000", "--seed", "3",
                               "--format", "bed", "--out", self.dir / "s")
        self.assertEqual(made.code, 0, made.err)
        path = self.dir / "s.fam"
        fam = {f[1]: f for f in map(str.split, path.read_text().splitlines())}
        path.write_text("".join(f"{iid} {iid} 0 0 0 -9\n" for iid in fam))
        done = support.kinflow("kin", "--geno", self.dir / "s.bed", "--build", "GRCh37", "--out",
                               self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        told, whole = 0, 0
        for row in support.read_tsv(self.dir / "out/private/proposed_pedigree.tsv"):
            self.assertEqual((row["FATHER"], row["MOTHER"]), ("NA", "NA"))
            found = set(row["FATHER_OR_MOTHER"].split(",")) - {"NA"}
            truth = {p for p in fam[row["IID"]][2:4] if p in fam}
            self.assertLessEqual(found, truth)
            told += found != set()
            if len(truth) == 2:  # of one parent alone nothing tells who is older, but for sibs
                whole += 1
                self.assertEqual((found, row["CONFIDENCE"]), (truth, "medium"))
        self.assertGreater(whole, 30)
        self.assertRegex(done.err, f"nobody can be named father or mother of {told} people")


if __name__ == "__main__":
    unittest.main()
