"""Planted faults of samples and pedigrees, and relatives by chance, in simulated cohorts."""
import collections
import gzip
import sys
import unittest

import support

ALL_VARIANTS = ("--maf", "0", "--call-rate", "0", "--prune", "0", "--keep-high-ld")


class FaultsTest(support.TempFolderTest):
    """Planted faults, found without the file that lists them."""

    def decisions(self, genotypes, pedigree):
        done = support.kinflow("kin", "--geno", genotypes, "--pedigree", pedigree, "--out",
                               self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / "out" / "decisions.tsv")

    def check_faults(self, prefix, of_father="high"):
        rows = self.decisions(prefix + ".array.vcf.gz", prefix + ".fam")
        faults = support.read_tsv(prefix + ".faults.tsv")
        planted = {row["fault"]: row for row in faults}
        by_kind = {row["KIND"]: row for row in rows}
        self.assertEqual(sorted(row["KIND"] for row in rows),
                         ["duplicate", "low-call-rate", "non-paternity", "sex", "sex", "swap"])
        for row in rows:
            self.assertEqual(row["CONFIDENCE"],
                             of_father if row["KIND"] == "non-paternity" else "high", row)
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
        # Found among all pairs: a father whom so few variants may find by chance.
        self.check_faults(prefix, of_father="low")
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
            by_name = {f"{role}_of_{iid}" for role in ("father", "mother") for iid in person}
            for parent in {row["FATHER"], row["MOTHER"]} - {"NA"} - by_name:
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
