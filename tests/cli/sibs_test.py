"""Half-sibs, twins and samples taken twice, simulated with meiosis: what the run makes of records that
are right, wrong or silent."""
import unittest

import numpy

import support
from bed_files import CHROMOSOMES, write_bed

VARIANTS, STEP = 5500, 500_000
CROSSOVER = 0.006  # between neighbouring variants of a chromosome
ERRORS = 0.001


class Genes:
    """Founders' haplotypes drawn by frequency, gametes by meiosis."""

    def __init__(self, seed):
        self.rng = numpy.random.default_rng(seed)
        self.freq = self.rng.uniform(0.1, 0.9, VARIANTS)
        self.first = numpy.arange(VARIANTS) % (VARIANTS // CHROMOSOMES) == 0
        self.of = {}

    def founder(self, name):
        self.of[name] = (self.rng.random((2, VARIANTS)) < self.freq).astype(numpy.int8)

    def gamete(self, parent):
        turn = self.rng.random(VARIANTS) < numpy.where(self.first, 0.5, CROSSOVER)
        at = numpy.cumsum(turn) % 2
        return self.of[parent][at, numpy.arange(VARIANTS)]

    def child(self, name, mother, father):
        self.of[name] = numpy.array([self.gamete(mother), self.gamete(father)])

    def calls(self, names):
        calls = numpy.array([self.of[name].sum(axis=0) for name in names])
        wrong = self.rng.random(calls.shape) < ERRORS
        return numpy.where(wrong, 1, calls).astype(numpy.int8)


class SibsTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.genes, self.rows, self.typed = Genes(3), [], []

    def person(self, iid, father="0", mother="0", sex=1, year="NA", pregnancy="NA", fid=None):
        self.rows.append((fid or iid.rstrip("0123456789"), iid, father, mother, sex, year, pregnancy))
        self.typed.append(iid)

    def founder(self, iid, sex, **more):
        self.genes.founder(iid)
        self.person(iid, sex=sex, **more)

    def trios(self, n):
        for k in range(n):
            self.founder(f"ma{k}", 2, fid=f"fam{k}")
            self.founder(f"pa{k}", 1, fid=f"fam{k}")
            self.genes.child(f"kid{k}", f"ma{k}", f"pa{k}")
            self.person(f"kid{k}", f"pa{k}", f"ma{k}", fid=f"fam{k}")

    def family(self, letter, fathers):
        """A genotyped mother; fathers who are not genotyped."""
        self.founder(f"{letter}1", 2)
        for name in fathers:
            self.genes.founder(name)

    def run_kin(self, out="out", *args):
        calls = self.genes.calls(self.typed)
        fam = [row[:2] + ("0", "0", row[4]) for row in self.rows]
        write_bed(self.dir / "g", calls, fam, STEP)
        (self.dir / "ped.tsv").write_text(
            "FID\tIID\tFATHER\tMOTHER\tSEX\tBIRTH_YEAR\tPREGNANCY\n" +
            "".join("\t".join(map(str, row)) + "\n" for row in self.rows))
        done = support.kinflow(
            "kin", "--geno", self.dir / "g.bed", "--pedigree", self.dir / "ped.tsv", "--out",
            self.dir / out, "--set", "pedigree.columns={father: FATHER, mother: MOTHER}", *args)
        self.assertEqual(done.code, 0, done.err)
        return support.read_tsv(self.dir / out / "private/decisions.tsv")

    def told(self, decisions):
        return sorted((row["KIND"], row["DECISION"], row["PERSON"], row["VALUE"],
                       row["CONFIDENCE"]) for row in decisions)

    def test_half_sibs(self):
        g = self.genes
        self.trios(25)
        # Declared half-sibs who are: no conflict.
        self.family("H", ("Hx", "Hy"))
        for iid, father in (("H2", "Hx"), ("H3", "Hy")):
            g.child(iid, "H1", father)
            self.person(iid, father, "H1")
        # Declared full sibs of whom one has another father, who is not genotyped.
        self.family("A", ("Ax", "Ay"))
        for iid, father in (("A2", "Ax"), ("A3", "Ax"), ("A4", "Ay")):
            g.child(iid, "A1", father)
            self.person(iid, "Ax", "A1")
        # Two only: whose father it is cannot be told.
        self.family("B", ("Bx", "By"))
        for iid, father in (("B2", "Bx"), ("B3", "By")):
            g.child(iid, "B1", father)
            self.person(iid, "Bx", "B1")
        # Of full sibs one's father is not recorded.
        self.family("C", ("Cx",))
        for iid, father in (("C2", "Cx"), ("C3", "0")):
            g.child(iid, "C1", "Cx")
            self.person(iid, father, "C1")
        # One father in two families, of which one does not know him.
        self.family("D", ("Dx",))
        g.child("D2", "D1", "Dx")
        self.person("D2", "Dx", "D1")
        self.family("E", ())
        g.child("E2", "E1", "Dx")
        self.person("E2", "0", "E1")
        decisions = self.run_kin()
        self.assertEqual(self.told(decisions), [
            ("full-sibs", "set_father", "C3", "Cx", "high"),
            ("half-sibs", "check", "B2", "B3", "high"),
            ("half-sibs", "check", "D2", "E2", "medium"),
            ("half-sibs", "set_father", "A4", "NA", "high")])
        self.assertIn("half-sibs if Dx, the father of D2, is that of E2 too: D1 is no relative",
                      [r["EVIDENCE"] for r in decisions if r["PERSON"] == "D2"][0])
        pairs = {(r["IID1"], r["IID2"]): r for r in support.read_tsv(
            self.dir / "out/private/pairs.tsv")}
        self.assertEqual([pairs["H2", "H3"][c] for c in ("CLASS", "DECLARED")],
                         ["second-degree"] * 2)

    def test_twins_and_samples_taken_twice(self):
        g = self.genes
        self.trios(25)

        def pair(letter, years, pregnancies, sexes=(1, 1)):
            """Two sibs with one genotype, and their parents."""
            self.founder(f"{letter}1", 2)
            self.founder(f"{letter}2", 1)
            g.child(f"{letter}3", f"{letter}1", f"{letter}2")
            g.of[f"{letter}4"] = g.of[f"{letter}3"]
            for n in (0, 1):
                self.person(f"{letter}{3 + n}", f"{letter}2", f"{letter}1", sexes[n], years[n],
                            pregnancies[n])

        pair("T", ("NA", "NA"), ("p1", "p1"))
        pair("U", (1990, 1990), ("NA", "NA"))
        pair("V", ("NA", "NA"), ("NA", "NA"))
        pair("W", (1990, 1993), ("NA", "NA"))
        pair("X", (1991, 1991), ("p2", "p3"))
        pair("Y", (1991, 1991), ("p4", "p4"), sexes=(1, 2))
        # In two families, born in one year: nothing makes them twins.
        self.founder("R1", 2, year=1970)
        g.of["S1"] = g.of["R1"]
        self.person("S1", sex=2, year=1970)
        # Two founders of one family born in one year may be.
        self.founder("Q1", 2, year=1970, fid="Q")
        g.of["Q2"] = g.of["Q1"]
        self.person("Q2", sex=2, year=1970, fid="Q")
        # The children of twins are half-sibs by their genes, and children of both.
        for twin, child, mate in (("T3", "T5", "T7"), ("T4", "T6", "T8")):
            self.founder(mate, 2)
            g.child(child, mate, twin)
            self.person(child, twin, mate)
        decisions = self.run_kin()
        twins = [t for t in self.told(decisions) if t[0] == "twins"]
        self.assertEqual(twins, [("twins", "keep", "Q1", "Q2", "medium"),
                                 ("twins", "keep", "T3", "T4", "high"),
                                 ("twins", "keep", "U3", "U4", "high"),
                                 ("twins", "keep", "V3", "V4", "medium")])
        others = [row for row in decisions if row["KIND"] != "twins"]
        self.assertEqual([row["DECISION"] for row in others], ["remove"] * 4)
        self.assertEqual({frozenset((row["IID1"], row["IID2"])) for row in others},
                         {frozenset(p) for p in (("W3", "W4"), ("X3", "X4"), ("Y3", "Y4"),
                                                 ("R1", "S1"))})
        evidence = {row["PERSON"][0]: row["EVIDENCE"] for row in others}
        self.assertIn("born 3 years apart", evidence["W"])
        self.assertIn("of two pregnancies", evidence["X"])
        self.assertIn("the declared sexes differ", evidence["Y"])


if __name__ == "__main__":
    unittest.main()
