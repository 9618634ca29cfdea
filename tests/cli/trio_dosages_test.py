"""Mendelian inheritance in dosages after real imputation: no trio is strange, two exchanged children
are."""
import gzip
import unittest

import support


class TrioDosagesTest(support.TempFolderTest):
    def run_it(self, out, decisions="null", preset="imputed", fam=None):
        folder = support.data("minimac_trios")
        fam = fam or f"{folder}/r.fam"
        done = support.kinflow("run", self.config(f"""
schema_version: 1
input: {{genotypes: {folder}/imputed.vcf.gz, field: DS, build: GRCh37}}
pedigree: {{file: {fam}}}
qc: {{preset: {preset}}}
kinship: {{compute: true, decisions: {decisions}}}
output: {{folder: {out}}}
""", f"{out}.yaml"))
        self.assertEqual(done.code, 0, done.err)
        return {row["CHILD"]: row for row in
                support.read_tsv(self.dir / out / "private/trio_dosages.tsv")}

    def test_exchanged_children_are_flagged_and_nobody_else(self):
        trios = self.run_it("out")
        self.assertEqual(len(trios), 50)
        self.assertEqual({row["STATUS"] for row in trios.values()}, {"pass"})
        a, b = sorted(trios)[3], sorted(trios)[20]
        (self.dir / "exchange.tsv").write_text(f"DECISION\tPERSON\tVALUE\nexchange\t{a}\t{b}\n")
        exchanged = self.run_it("exchanged", "exchange.tsv")
        self.assertEqual({child for child, row in exchanged.items() if row["STATUS"] == "flagged"},
                         {a, b})

    def pedigree_without(self, name, lacks_father, of=range(50)):
        """The pedigree in which children, by their place, have one parent: all, or those of `of`."""
        lines, place = [], 0
        with open(support.data("minimac_trios/r.fam"), encoding="ascii") as f:
            for line in f:
                fields = line.split()
                if fields[2] != "0":
                    if place in of:
                        fields[2 if lacks_father(place) else 3] = "0"
                    place += 1
                lines.append(" ".join(fields) + "\n")
        (self.dir / name).write_text("".join(lines))
        return name

    def test_duos(self):
        """With one of their parents, alternately, nobody is strange but exchanged children."""
        fam = self.pedigree_without("duos.fam", lambda place: place % 2 == 0)
        duos = self.run_it("duos", fam=fam)
        self.assertEqual(len(duos), 50)
        self.assertEqual({(row["FATHER"] == "NA", row["MOTHER"] == "NA") for row in duos.values()},
                         {(True, False), (False, True)})
        self.assertEqual({row["STATUS"] for row in duos.values()}, {"pass"})
        a, b = sorted(duos)[3], sorted(duos)[20]
        (self.dir / "exchange.tsv").write_text(f"DECISION\tPERSON\tVALUE\nexchange\t{a}\t{b}\n")
        exchanged = self.run_it("exchanged", "exchange.tsv", fam=fam)
        self.assertEqual({child for child, row in exchanged.items() if row["STATUS"] == "flagged"},
                         {a, b})

    def test_one_duo_among_trios(self):
        """What duos look like is told by the parents of the trios."""
        fam = self.pedigree_without("one.fam", lambda place: True, of=[7])
        trios = sorted(self.run_it("one", fam=fam).items())
        self.assertEqual({row["STATUS"] for _, row in trios}, {"pass"})
        duo = next(child for child, row in trios if row["FATHER"] == "NA")
        other = next(child for child, row in trios if row["FATHER"] != "NA")
        (self.dir / "exchange.tsv").write_text(
            f"DECISION\tPERSON\tVALUE\nexchange\t{duo}\t{other}\n")
        exchanged = self.run_it("exchanged", "exchange.tsv", fam=fam)
        self.assertEqual({child for child, row in exchanged.items() if row["STATUS"] == "flagged"},
                         {duo, other})

    def test_numbers_are_those_of_the_dosages(self):
        trios = self.run_it("none", preset="none")
        sums = dict.fromkeys(trios, (0, 0))
        with gzip.open(support.data("minimac_trios/imputed.vcf.gz"), "rt") as f:
            for line in f:
                if line.startswith("##"):
                    continue
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#"):
                    place = {iid: i for i, iid in enumerate(fields)}
                    continue
                at = fields[8].split(":").index("DS")
                dosage = {i: round(1000 * float(fields[i].split(":")[at]))
                          for i in range(9, len(fields))}
                for child, row in trios.items():
                    c, f_, m = (dosage[place[row[k]]] for k in ("CHILD", "FATHER", "MOTHER"))
                    low = max(f_ - 1000, 0) + max(m - 1000, 0)
                    high = min(f_, 1000) + min(m, 1000)
                    total, n = sums[child]
                    sums[child] = total + max(low - c, c - high, 0), n + 1
        for child, row in trios.items():
            total, n = sums[child]
            self.assertEqual(int(row["N"]), n)
            self.assertAlmostEqual(float(row["VIOLATION"]), total / 1000 / n, places=12)


if __name__ == "__main__":
    unittest.main()
