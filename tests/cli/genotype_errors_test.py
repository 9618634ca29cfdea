"""The rate of genotyping errors that Mendel errors tell, on families with errors planted at a known
rate."""
import json
import math
import random
import unittest

import support

RATE, MISSING = 0.002, 0.02
SETTINGS = ["--set", "qc.preset=none", "--set", "qc.sample.sex_check=report"]


class GenotypeErrorsTest(support.TempFolderTest):
    def simulate(self, trios, *more, variants=2000):
        done = support.kinflow("simulate", "--trios", trios, "--variants", variants, "--seed", 5,
                               "--format", "bed", "--missing-rate", MISSING,
                               "--out", self.dir / "c", *more)
        self.assertEqual(done.code, 0, done.err)
        self.people = [line.split() for line in (self.dir / "c.fam").read_text().splitlines()]

    def plant(self, rate, opposite=False):
        """Misreads one allele, either, of genotypes at random; `opposite`: both of homozygotes. `rate`:
        by place in the .fam."""
        bed = bytearray((self.dir / "c.bed").read_bytes())
        stride = (len(self.people) + 3) // 4
        variants = (len(bed) - 3) // stride
        dice = random.Random(1)
        for s, of_person in enumerate(rate):
            shift = 2 * (s % 4)
            v = -1
            while True:
                v += 1 + int(math.log(1 - dice.random()) / math.log(1 - of_person))
                if v >= variants:
                    break
                at = 3 + v * stride + s // 4
                call = bed[at] >> shift & 3
                if call == 1:  # missing
                    continue
                read = dice.choice((0, 3)) if call == 2 else 3 - call if opposite else 2
                bed[at] = bed[at] & ~(3 << shift) | read << shift
        (self.dir / "c.bed").write_bytes(bed)

    def qc(self, *more):
        done = support.kinflow("qc", "--geno", self.dir / "c.bed", "--out", self.dir / "out",
                               *SETTINGS, *more)
        self.assertEqual(done.code, 0, done.err)

    def rows(self, name):
        return {(row["FACTOR"], row["LEVEL"], row["FAMILIES"]): row
                for row in support.read_tsv(self.dir / "out" / name)}

    def test_planted_errors_are_recovered(self):
        self.simulate(700, "--missing-fathers", 0.4)
        self.plant([RATE] * len(self.people))
        self.qc()
        rows = self.rows("private/mendel_errors_full.tsv")
        self.assertEqual(set(rows), {("all", "all", kind) for kind in ("all", "trios", "duos")})
        for key, row in self.rows("share/mendel_errors.tsv").items():  # coarse, but the same
            errors, exact = int(row["MENDEL_ERRORS"]), int(rows[key]["MENDEL_ERRORS"])
            self.assertTrue(errors % 5 == 0 and abs(errors - exact) < 3, key)
            for column in ("CHECKED", "GENOTYPE_ERROR_RATE"):
                share = float(row[column]) / float(rows[key][column])
                self.assertLess(abs(share - 1), 0.06, key)
                self.assertLessEqual(len(row[column].strip("0.").replace(".", "")), 2, row[column])
        for (_, _, kind), row in rows.items():
            rate, se = float(row["GENOTYPE_ERROR_RATE"]), float(row["SE"])
            self.assertLess(abs(rate - RATE), 3.5 * se, kind)
            # Errors are planted one by one: their number is Poisson, but for parents' errors that
            # show beside each of two children.
            poisson = rate / math.sqrt(int(row["MENDEL_ERRORS"]))
            self.assertLess(abs(se / poisson - 1), 0.2, kind)
        self.assertLess(float(rows["all", "all", "all"]["SE"]), RATE / 20)
        for column in ("CHILDREN", "CHECKED", "MENDEL_ERRORS"):
            parts = [int(rows["all", "all", kind][column]) for kind in ("trios", "duos")]
            self.assertEqual(int(rows["all", "all", "all"][column]), sum(parts), column)
            self.assertGreater(min(parts), 50, column)
        families = support.read_tsv(self.dir / "out/private/families.tsv")
        self.assertEqual(sum(int(row["MENDEL_ERRORS"]) for row in families),
                         int(rows["all", "all", "all"]["MENDEL_ERRORS"]))
        section = json.loads((self.dir / "out/share/mendel_errors_mqc.json").read_text())
        shown = section["data"]["02 all all: trios"]
        self.assertLess(abs(shown["MENDEL_ERRORS"] - int(rows["all", "all", "trios"]["MENDEL_ERRORS"])),
                        3)

    def test_homozygotes_read_as_the_opposite_ones(self):
        """The other kind of errors, as README says: the rate of trios comes out 2.3 to 3 times as high
        (by enumeration of families, whatever the frequency), that of duos higher still."""
        self.simulate(300, "--missing-fathers", 0.4, variants=1000)
        self.plant([RATE] * len(self.people), opposite=True)
        self.qc()
        rows = self.rows("private/mendel_errors_full.tsv")
        rate, se = (float(rows["all", "all", "trios"][c]) for c in ("GENOTYPE_ERROR_RATE", "SE"))
        self.assertGreater(rate + 3.5 * se, 7 / 3 * RATE)
        self.assertLess(rate - 3.5 * se, 3 * RATE)
        self.assertGreater(float(rows["all", "all", "duos"]["GENOTYPE_ERROR_RATE"]), rate + 3.5 * se)

    def test_few_families_are_not_told(self):
        self.simulate(12, "--missing-fathers", 0, "--second-pregnancies", 0)
        self.plant([0.02] * len(self.people))
        fathers = [p[2] for p in self.people if p[2] != "0"][:3]
        (self.dir / "left.txt").write_text(
            "".join(f"{p[1]}\n" for p in self.people if p[1] not in fathers))
        self.qc("--samples", self.dir / "left.txt")
        full = self.rows("private/mendel_errors_full.tsv")
        self.assertEqual([int(full["all", "all", kind]["CHILDREN"])
                          for kind in ("all", "trios", "duos")], [12, 9, 3])
        self.assertEqual(set(self.rows("share/mendel_errors.tsv")), {("all", "all", "all")})

    def families(self):
        """Families of the .fam, in its order."""
        names = []
        for person in self.people:
            if person[0] not in names:
                names.append(person[0])
        return names

    def run_it(self, more, genotypes="genotypes: c.bed"):
        done = support.kinflow("run", self.config(f"""
schema_version: 1
input: {{{genotypes}, build: GRCh37}}
pedigree: {{file: c.fam}}
qc: {{preset: none, sample: {{sex_check: report}}}}
{more}
output: {{folder: out}}
"""))
        self.assertEqual(done.code, 0, done.err)

    def test_batches_and_plates(self):
        """Batches differ in their rate. One has three children: of the two others the smaller is
        hidden with it, as the three would follow."""
        self.simulate(403, "--missing-fathers", 0, "--second-pregnancies", 0, variants=1000)
        names = self.families()
        batch_of = {name: "a" if i < 300 else "b" if i < 400 else "c"
                    for i, name in enumerate(names)}
        rate = {"a": 0.001, "b": 0.004, "c": 0.01}
        self.plant([rate[batch_of[person[0]]] for person in self.people])
        (self.dir / "plates.tsv").write_text("IID\tplate\tbatch\n" + "".join(
            f"{p[1]}\tp{int(names.index(p[0]) % 2)}\t{batch_of[p[0]]}\n" for p in self.people))
        self.run_it("plates: {file: plates.tsv}")
        full = self.rows("private/mendel_errors_full.tsv")
        self.assertEqual({level: int(full["batch", level, "all"]["CHILDREN"]) for level in "abc"},
                         {"a": 300, "b": 100, "c": 3})
        for level in "abc":
            row = full["batch", level, "trios"]
            self.assertLess(abs(float(row["GENOTYPE_ERROR_RATE"]) - rate[level]),
                            3.5 * float(row["SE"]), level)
        for factor, levels in (("batch", "abc"), ("plate", ("p0", "p1"))):
            for column in ("CHILDREN", "CHECKED", "MENDEL_ERRORS"):
                self.assertEqual(sum(int(full[factor, level, "all"][column]) for level in levels),
                                 int(full["all", "all", "all"][column]), column)
        self.assertEqual({key[:2] for key in self.rows("share/mendel_errors.tsv")},
                         {("all", "all"), ("batch", "a")})

    def test_variants_removed_for_their_errors_count(self):
        """However many rounds of filters, the rate is that of before variants go for their errors."""
        self.simulate(60, "--missing-fathers", 0, variants=1000)
        self.plant([0.005] * len(self.people))
        for rounds in (1, 3):
            self.qc("--set", "qc.variant.mendel_rate=0.01", "--set", f"qc.rounds={rounds}")
            ledger = support.read_tsv(self.dir / "out/private/ledger_full.tsv")
            self.assertLess(int(ledger[-1]["VARIANTS_OUT"]), 900)
            row = self.rows("private/mendel_errors_full.tsv")["all", "all", "all"]
            self.assertLess(abs(float(row["GENOTYPE_ERROR_RATE"]) - 0.005),
                            3.5 * float(row["SE"]))

    def test_batches_of_the_input(self):
        self.simulate(60, "--missing-fathers", 0, "--second-pregnancies", 0, variants=500)
        self.plant([0.02] * len(self.people))
        for name, part in (("one", self.families()[:40]), ("two", self.families()[40:])):
            (self.dir / "part.txt").write_text(
                "".join(f"{p[0]} {p[1]}\n" for p in self.people if p[0] in part))
            support.run_peer(support.program("plink1.9"), "--bfile", self.dir / "c", "--keep",
                             self.dir / "part.txt", "--keep-allele-order", "--make-bed", "--out",
                             self.dir / name)
        self.run_it("", "batches: [{name: one, genotypes: one.bed}, {name: two, genotypes: two.bed}]")
        rows = self.rows("share/mendel_errors.tsv")
        self.assertEqual({level: rows["batch", level, "trios"]["CHILDREN"]
                          for level in ("one", "two")}, {"one": "40", "two": "20"})


if __name__ == "__main__":
    unittest.main()
