"""The descriptive table of an analysis against Python's statistics and R's quantile(), of
`kinflow fit` and of a run by wave; small numbers stay out of the shared one."""
import math
import statistics
import unittest

import support

COUNTS = ("n", "missing", "n_rows", "people")
CONFIG = """
schema_version: 1
input: {genotypes: sim.bed}
pedigree: {file: sim.pedigree.tsv}
phenotypes:
  - {file: sim.waves.tsv, id: m_id, pregnancy: preg_id, layout: long, wave: wave}
  - {file: sim.pheno.tsv, id: m_id, pregnancy: preg_id, columns: [m_age, parity]}
scores: {files: [sim.PGS90000*.txt.gz]}
analyses:
  - id: joint
    model: lmm
    outcome: {variable: scl, of: mother}
    formula: "scl ~ time + pgs.mother + pgs.father + pgs.child + (1 | m_id)"
    table1: {sample: SAMPLE, by: wave, columns: [m_age, m_age.father]}
output: {folder: out}
"""


def quartiles(values):
    """R's type 7."""
    return statistics.quantiles(values, n=4, method="inclusive")


class Table1Test(support.TempFolderTest):
    def check(self, row, values, digits=4):
        """Statistics of the shared table have four digits."""
        q1, median, q3 = quartiles(values)
        expected = {"mean": statistics.fmean(values), "sd": statistics.stdev(values),
                    "median": median, "q1": q1, "q3": q3}
        for name, value in expected.items():
            unit = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digits)
            self.assertLessEqual(abs(float(row[name]) - value), 0.5001 * unit, f"{name} of {row}")

    def fit(self, lines, *args):
        path = self.dir / "table.tsv"
        path.write_text("\n".join("\t".join(map(str, line)) for line in lines) + "\n")
        done = support.kinflow("fit", "--table", path, "--out", self.dir / "out", *args)
        self.assertEqual(done.code, 0, done.err)
        self.told = done.err
        return support.read_tsv(self.dir / "out" / "share" / "table1.tsv")

    def people(self):
        """Rows of (y, age, group, town, girl): 240, of which each tenth age is missing."""
        rows = []
        for i in range(240):
            age = "NA" if i % 10 == 3 else 20 + (i * 7919 % 1000) / 37
            group = "treated" if i % 3 == 0 else "control"
            town = ("north", "south", "west")[i * 31 % 7 % 3]
            rows.append((round((i * 104729 % 997) / 100, 2), age, group, town, i % 2))
        return rows

    def test_numbers_and_levels_of_each_group(self):
        people = self.people()
        head = [("y", "age", "group", "town", "girl")]
        table = self.fit(head + people, "--formula", "y ~ group + girl",
                         "--set", "table1.sample=all", "--set", "table1.by=[group]",
                         "--set", "table1.columns=[age, town]")
        rows = {(r["variable"], r["level"], r["stratum"]): r for r in table}
        for stratum in ("all", "treated", "control"):
            chosen = [p for p in people if stratum in ("all", p[2])]
            self.check(rows["y", "NA", stratum], [p[0] for p in chosen])
            ages = [p[1] for p in chosen if p[1] != "NA"]
            age = rows["age", "NA", stratum]
            self.check(age, ages)
            self.assertEqual([age[c] for c in COUNTS], [str(len(ages)), str(len(chosen) - len(ages)),
                                                        str(len(chosen)), str(len(ages))])
            for town in ("north", "south", "west"):
                n = sum(p[3] == town for p in chosen)
                row = rows["town", town, stratum]
                self.assertEqual((row["n"], float(row["share"])),
                                 (str(n), float(f"{n / len(chosen):.4g}")))
            girls = sum(p[4] for p in chosen)
            self.assertEqual(rows["girl", "1", stratum]["n"], str(girls))
        self.assertEqual({r["variable"] for r in table}, {"y", "girl", "age", "town"})
        self.assertEqual({r["by"] for r in table}, {"group"})

    def test_order_of_waves_and_one_value(self):
        rows = [("y", "x", "wave", "id")]
        for i in range(40):
            for wave in ("gw30", "m6", "m18", "y5"):
                x = 0.1 if wave == "m6" else i / 7
                rows.append((i * 31 % 17, x, wave, i))
        table = self.fit(rows, "--formula", "y ~ x", "--person", "id", "--set",
                         "table1.sample=all", "--set", "table1.by=[wave]")
        of_x = {r["stratum"]: r for r in table if r["variable"] == "x"}
        self.assertEqual(list(of_x), ["all", "gw30", "m6", "m18", "y5"])
        self.assertEqual((float(of_x["m6"]["mean"]), float(of_x["m6"]["sd"])), (0.1, 0.0))
        self.assertGreater(float(of_x["m18"]["sd"]), 1)

    def test_rows_of_the_model_alone(self):
        people = self.people()
        table = self.fit([("y", "age", "group", "town", "girl")] + people, "--formula", "y ~ age",
                         "--set", "table1.sample=used")
        rows = {r["variable"]: r for r in table}
        used = [p for p in people if p[1] != "NA"]
        self.check(rows["y"], [p[0] for p in used])
        self.assertEqual((rows["y"]["n"], rows["age"]["missing"]), (str(len(used)), "0"))

    def test_hidden_numbers_are_told(self):
        """Three rows without an age: share/rows.tsv hides them, and so does the table, of all its rows."""
        told = "W share/table1.tsv: numbers are withheld (NA)"
        full = self.dir / "out/private/table1_full.tsv"
        for every in (10, 80):
            people = [(p[0], "NA" if i % every == 3 else i % 31) for i, p in enumerate(self.people())]
            table = self.fit([("y", "age")] + people, "--formula", "y ~ age", "--set",
                             "table1.sample=all")
            n = {r["variable"]: r["n"] for r in table}
            self.assertEqual(n["age"], "NA" if every == 80 else str(240 - 240 // every))
            self.assertEqual(told in self.told, every == 80, self.told)
            self.assertEqual(full.exists(), every == 80)
        age = next(r for r in support.read_tsv(full) if r["variable"] == "age")
        self.assertEqual((age["n"], age["missing"]), ("237", "3"))
        self.assertRegex(self.told, r"table1\.tsv: .*; private/table1_full\.tsv has all")

    def test_small_numbers_are_not_shared(self):
        people = [p if i != 6 and i != 9 else (p[0], p[1], p[2], "east", p[4])
                  for i, p in enumerate(self.people())]
        table = self.fit([("y", "age", "group", "town", "girl")] + people, "--formula", "y ~ girl",
                         "--set", "table1.sample=used", "--set", "table1.columns=[town]")
        towns = [r["level"] for r in table if r["variable"] == "town" and r["level"] != "NA"]
        counts = {t: sum(p[3] == t for p in people) for t in ("north", "south", "west")}
        self.assertEqual(set(towns), set(counts) - {min(counts, key=counts.get)})
        # People, not rows: 40 rows of 4 people are a small group.
        people = [(*p, i if i >= 40 else i % 4, "few" if i < 40 else "a" if i % 2 else "b")
                  for i, p in enumerate(self.people())]
        table = self.fit([("y", "age", "group", "town", "girl", "who", "set")] + people,
                         "--formula", "y ~ girl", "--person", "who", "--set", "table1.sample=used",
                         "--set", "table1.by=[set]")
        strata = {r["stratum"] for r in table}
        self.assertEqual(len(strata), 2, strata)
        self.assertNotIn("few", strata)

    def test_a_run_by_wave(self):
        done = support.kinflow("simulate", "--trios", 300, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG.replace("SAMPLE", "all"))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        rows = {(r["variable"], r["stratum"]): r for r in
                support.read_tsv(self.dir / "out" / "share" / "table1.tsv") if r["level"] == "NA"}
        waves = support.read_tsv(self.dir / "sim.waves.tsv")
        ages = {r["preg_id"]: float(r["m_age"])
                for r in support.read_tsv(self.dir / "sim.pheno.tsv")}
        for wave in ("gw17", "m6", "y8"):
            at = [r for r in waves if r["wave"] == wave]
            self.check(rows["scl", wave], [float(r["scl"]) for r in at])
            self.check(rows["m_age", wave], [ages[r["preg_id"]] for r in at])
        self.check(rows["scl", "all"], [float(r["scl"]) for r in waves])
        self.assertEqual({(v, r["role"]) for (v, _), r in rows.items()},
                         {("scl", "mother"), ("time", "mother"), ("m_age", "mother"),
                          ("m_age.father", "father"), ("pgs.mother", "mother"),
                          ("pgs.father", "father"), ("pgs.child", "child")})

    def test_people_without_a_wave_cost_no_wave_its_numbers(self):
        done = support.kinflow("simulate", "--trios", 300, "--variants", 200, "--seed", 3,
                               "--format", "bed", "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        path = self.dir / "sim.waves.tsv"
        waves = support.read_tsv(path)
        gone = set(list(dict.fromkeys(r["m_id"] for r in waves))[:2])
        kept = [r for r in waves if r["m_id"] not in gone]
        path.write_text("\n".join("\t".join(r) for r in [list(waves[0])] +
                                  [list(r.values()) for r in kept]) + "\n")
        self.config(CONFIG.replace("SAMPLE", "all"))
        done = support.kinflow("run", "run.yaml", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        share = self.dir / "out" / "share"
        rows = {r["stratum"]: r for r in support.read_tsv(share / "table1.tsv")
                if r["variable"] == "scl"}
        names = {r["wave"] for r in kept}
        self.assertEqual(set(rows), names | {"all"})
        for name in names:
            self.assertEqual(rows[name]["n"], str(sum(r["wave"] == name for r in kept)))
        self.assertEqual((rows["all"]["n"], rows["all"]["people"]), (str(len(kept)), "NA"))
        self.assertIn("W share/table1.tsv: numbers are withheld", done.err)
        account = {(r["model_id"], r["quantity"]): r["count"]
                   for r in support.read_tsv(share / "rows.tsv")}
        self.assertEqual(account["NA", "n_without_wave"], "<5")
        self.assertEqual(account["trio", "n_input"], str(len(kept)))

    def test_faults(self):
        table = self.dir / "table.tsv"
        table.write_text("y\tx\tg\n" + "".join(f"{i % 7}\t{i % 5}\t{i}\n" for i in range(60)))
        for options, said in ((["table1.by=[x]"], "no sample"),
                              (["table1.sample=all", "table1.columns=[z]"], "does not exist"),
                              (["table1.sample=all", "table1.by=[y, g]"], "")):
            sets = [a for o in options for a in ("--set", o)]
            done = support.kinflow("fit", "--table", table, "--formula", "y ~ x", "--out",
                                   self.dir / "out", *sets)
            if said:
                self.assertEqual(done.code, 3, done.err)
                self.assertIn(said, done.err)
            else:
                self.assertEqual(done.code, 0, done.err)
                strata = {r["stratum"] for r in
                          support.read_tsv(self.dir / "out" / "share" / "table1.tsv")}
                self.assertEqual(strata, {"all"})  # each of the others is one person


if __name__ == "__main__":
    unittest.main()
