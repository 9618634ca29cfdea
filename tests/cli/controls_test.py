"""Control samples on the plates: what a run says of a cohort with copies of a control in it is what it
says of the cohort alone."""
import itertools
import unittest

import numpy

import support

CONTROLS = 8


class ControlsTest(unittest.TestCase):
    """The cohort, and it with copies of one of its founders: declared as controls, and not."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        prefix = cls.bed.removesuffix(".bed")
        with open(prefix + ".fam", encoding="ascii") as f:
            fam = [line.split() for line in f]
        cls.people = [row[1] for row in fam]
        parents = {parent for row in fam for parent in row[2:4]}
        # Related to nobody, so that what is told of it is told of copies alone.
        cls.source = next(row[1] for row in fam if row[2:4] == ["0", "0"] and row[1] not in parents)
        packed = numpy.fromfile(cls.bed, dtype=numpy.uint8)[3:].reshape(-1, (len(fam) + 3) // 4)
        calls = numpy.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], axis=2).reshape(
            len(packed), -1)[:, :len(fam)]
        copies = numpy.repeat(calls[:, [cls.people.index(cls.source)]], CONTROLS, axis=1)
        copies[numpy.random.default_rng(7).random(copies.shape) < 0.002] = 1  # missing
        both = numpy.concatenate([calls, copies], axis=1)
        both = numpy.pad(both, ((0, 0), (0, -both.shape[1] % 4))).reshape(len(packed), -1, 4)
        codes = (both << numpy.array([0, 2, 4, 6], dtype=numpy.uint8)).sum(axis=2)
        (cls.dir / "with.bed").write_bytes(b"\x6c\x1b\x01" + codes.astype(numpy.uint8).tobytes())
        with open(prefix + ".bim", encoding="ascii") as f:
            (cls.dir / "with.bim").write_text(f.read(), encoding="ascii")
        sex = fam[cls.people.index(cls.source)][4]
        cls.controls = [f"CTRL{i}" for i in range(CONTROLS)]
        rows = [" ".join(row) for row in fam] + [f"{c} {c} 0 0 {sex} -9" for c in cls.controls]
        (cls.dir / "with.fam").write_text("\n".join(rows) + "\n", encoding="ascii")
        for name, controls in (("plates", cls.controls), ("none", [])):
            table = ["IID\tplate\twell\tcontrol"]
            for i, iid in enumerate(cls.people + cls.controls):
                table.append(f"{iid}\tP{i % 4}\tNA\t{'yes' if iid in controls else 'no'}")
            (cls.dir / f"{name}.tsv").write_text("\n".join(table) + "\n", encoding="ascii")
        cls.logs = {out: cls.run_it(out, geno, plates) for out, geno, plates in (
            ("alone", cls.bed, "none"), ("declared", cls.dir / "with.bed", "plates"),
            ("undeclared", cls.dir / "with.bed", "none"))}

    @classmethod
    def run_it(cls, out, geno, plates, code=0):
        config = cls.dir / f"{out}.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {geno}, build: GRCh37}}
qc: {{preset: array}}
kinship: {{compute: true}}
pca: {{compute: true, components: 3}}
plates: {{file: {plates}.tsv}}
output: {{folder: {out}}}
""", encoding="ascii")
        done = support.kinflow("run", config, "--threads", 2)
        if done.code != code:
            raise AssertionError(done.err)
        return done.err

    def table(self, out, name):
        return support.read_tsv(self.dir / out / name)

    def test_counts_pairs_and_decisions_are_those_of_the_cohort_alone(self):
        for name in ("private/variants_full.tsv.gz", "private/pairs.tsv", "private/decisions.tsv",
                     "private/plate_effects.tsv.gz", "share/kinship_variants.tsv.gz"):
            declared = self.table("declared", name)
            self.assertGreater(len(declared), 0, name)
            # Not assertEqual: telling the difference of long tables takes minutes.
            self.assertTrue(declared == self.table("alone", name), name)
            # Had they been people, they would have been seen.
            self.assertFalse(declared == self.table("undeclared", name), name)

    def test_components_are_those_of_the_cohort_alone(self):
        alone, declared = (self.table(out, "private/pca.tsv") for out in ("alone", "declared"))
        self.assertEqual([row["IID"] for row in declared], [row["IID"] for row in alone])
        for mine, other in zip(declared, alone):
            for pc in ("PC1", "PC2", "PC3"):
                self.assertAlmostEqual(float(mine[pc]), float(other[pc]), places=6)

    def test_ledger_and_samples_tell_of_controls(self):
        row, = (row for row in self.table("declared", "private/ledger_full.tsv")
                if row["FILTER"] == "control")
        self.assertEqual(int(row["SAMPLES_IN"]) - int(row["SAMPLES_OUT"]), CONTROLS)
        self.assertEqual({row["IID"] for row in self.table("declared", "private/samples.tsv")
                          if row["REASON"] == "control"}, set(self.controls))
        self.assertNotIn("control", {row["FILTER"] for row in
                                     self.table("alone", "private/ledger_full.tsv")})

    def test_copies_are_in_the_concordance(self):
        """Pairs among the controls, with the person that they are copies of, and those of the cohort."""
        pairs = self.table("declared", "private/control_pairs.tsv")
        same = {frozenset((row["IID1"], row["IID2"])) for row in pairs if row["CLASS"] == "duplicate"}
        self.assertEqual(same, {frozenset(pair) for pair in
                                itertools.combinations([*self.controls, self.source], 2)})
        before, = {int(row["PAIRS"]) for row in self.table("alone", "share/concordance.tsv")}
        after, = {int(row["PAIRS"]) for row in self.table("declared", "share/concordance.tsv")}
        self.assertEqual(after - before, len(same))
        self.assertIn("1 samples of the cohort have the genotypes of a control", self.logs["declared"])

    def test_undeclared_ones_are_told(self):
        self.assertIn(f"{CONTROLS + 1} samples have more than 3 copies", self.logs["undeclared"])
        self.assertNotIn("likely control", self.logs["alone"])
        told = [row for row in self.table("undeclared", "private/decisions.tsv")
                if f"one of {CONTROLS + 1} identical samples, likely controls" in row["EVIDENCE"]]
        self.assertEqual(len(told), CONTROLS)  # one a copy, not one a pair
        self.assertEqual(len({row["PERSON"] for row in told}), CONTROLS)
        self.assertEqual({row["KIND"] for row in told}, {"duplicate"})

    def test_a_column_that_says_neither_yes_nor_no_is_refused(self):
        (self.dir / "bad.tsv").write_text(f"IID\tcontrol\n{self.people[0]}\tno\n"
                                          f"{self.people[1]}\tmaybe\n", encoding="ascii")
        err = self.run_it("bad", self.bed, "bad", code=4)
        self.assertIn("bad.tsv:3", err)
        self.assertIn("neither yes nor no", err)


if __name__ == "__main__":
    unittest.main()
