"""What `kinflow fit` leaves out of share/: numbers of few people, however many rows they have, and
whatever they follow from; that it says so, and that private/ has all."""
import re
import unittest

import support
from fit_tables import FitTest, noise

WAVES = 7
CONFIG = """
schema_version: 1
input: {genotypes: sim.vcf.gz}
pedigree: {file: sim.pedigree.tsv}
phenotypes: [{file: sim.interaction.tsv, id: m_id}]
scores: {files: [sim.PGS900001.txt.gz]}
analyses:
  - {id: a, formula: "synchrony_w8 ~ pgs.mother + group", reference: {group: healthy}}
output: {folder: out}
"""


class DisclosureTest(FitTest):
    def people(self, levels, rows_each=1):
        """A table of one person after the other; levels: {level of g: people}."""
        g = [level for level, people in levels.items() for _ in range(people * rows_each)]
        n = len(g)
        self.table({"id": [i // rows_each for i in range(n)],
                    "wave": [i % rows_each + 1 for i in range(n)], "g": g,
                    "k": [2 if level == "a" else 1 for level in g],
                    "x": [round(noise(3 * i + 1), 4) for i in range(n)],
                    "y": [round(noise(i), 4) for i in range(n)],
                    "c": [int(noise(7 * i) > 0) for i in range(n)]})

    def column(self, table, column, part="share"):
        return [row[column] for row in self.rows(table, part)]

    def terms(self):
        return set(self.column("estimates", "term"))

    def full(self, table):
        return self.dir / "out" / "private" / f"{table}_full.tsv"

    def test_rows_are_not_people(self):
        for more, model, formula in [
                (["--person", "id"], "ols", "y ~ x"), (["--cluster", "id"], "ols", "y ~ x"),
                ([], "lmm", "y ~ x + (1 | id)"), (["--person", "id"], "logit", "c ~ x"),
                (["--person", "id", "--set", "mediator=x"], "mediation", "y ~ wave + x")]:
            with self.subTest(model=model, more=more):
                self.people({"a": 3}, WAVES)
                told = self.fit(formula, *more, model=model)
                for table in ("estimates", "models", "contrasts", "comparisons", "varcomp"):
                    self.assertEqual(self.column(table, "analysis_id"), [], table)
                self.assertGreater(len(self.column("estimates_full", "term", "private")), 1)
                self.assertIn("share/estimates.tsv: ", told)
                for row in self.rows("estimates_full", "private"):  # logs of jobs hold what is told
                    self.assertNotEqual(row["estimate"], "NA")
                    self.assertNotIn(f'{float(row["estimate"]):.6g}', told)
                self.assertIn("withheld that would tell of fewer than 5 people; "
                              "private/estimates_full.tsv has all", told)
                self.assertEqual("--person COLUMN names them" in told, "--person" not in more)
                people = [row["count"] for row in
                          support.read_tsv(self.dir / "out" / "share" / "rows.tsv")
                          if row["quantity"] == "n_people"]
                self.assertEqual(set(people), {"<5"})
                whole = [row["count"] for row in
                         support.read_tsv(self.dir / "out" / "private" / "rows_full.tsv")
                         if row["quantity"] == "n_people"]
                self.assertEqual(set(whole), {"3"})
        self.people({"a": 6}, WAVES)
        self.assertNotIn("withheld", self.fit("y ~ x", "--person", "id"))
        self.assertEqual(self.terms(), {"(Intercept)", "x"})
        for table in ("estimates", "rows"):
            self.assertFalse(self.full(table).exists(), "an earlier one")

    def test_few_people_at_one_wave(self):
        self.people({"a": 12}, 2)
        lines = (self.dir / "t.tsv").read_text().splitlines()
        late = [line for line in lines[1:] if line.split("\t")[1] == "2"]
        early = [line for line in lines[1:] if line.split("\t")[1] == "1"]
        twice = late[:3] * 3  # three people with three rows
        for i, line in enumerate(twice):
            cells = line.split("\t")
            twice[i] = "\t".join(cells[:4] + [f"{noise(i + 90):.4f}", f"{noise(i + 50):.4f}"]
                                 + cells[6:])
        (self.dir / "t.tsv").write_text("\n".join([lines[0]] + early + twice) + "\n")
        self.fit("y ~ x", "--cluster", "id", "--set", "wave=wave", model="ols_by_wave")
        self.assertEqual(set(self.column("estimates", "wave")), {"1"})
        self.assertEqual(self.column("comparisons", "wave"), [])

    def test_levels_of_groups(self):
        self.people({"a": 2, "b": 8, "c": 9}, WAVES)
        self.fit("y ~ g", "--person", "id", model="groups")
        self.assertEqual(self.column("groups", "group"), ["c"])  # b would follow
        self.fit("y ~ g", "--person", "id", "--set", "small_cell=2", model="groups")
        self.assertEqual(self.column("groups", "group"), ["a", "b", "c"])
        self.assertEqual(self.column("groups", "n_level"), ["2", "8", "9"])
        self.fit("y ~ g * wave + (1 | id)", model="group_waves")
        self.assertEqual(set(self.column("groups", "group")), {"c"})

    def test_the_reference_is_the_intercept(self):
        self.people({"a": 3, "b": 20, "c": 20})
        self.fit("y ~ g")
        self.assertEqual(self.terms(), set())
        told = self.fit("y ~ x + g", "--set", "reference.g=b")
        self.assertEqual(self.terms(), {"(Intercept)", "x", "gc"})
        self.assertEqual(re.findall(r"(?m)^(\S+) +[-0-9.e]+ +[-0-9.e]+ ", told),
                         2 * ["(Intercept)", "x", "gc"])
        self.assertRegex(told, r"(?m)^2 rows are withheld here as in share/estimates\.tsv; "
                               r"private/estimates_full\.tsv has all$")
        self.fit("y ~ x * g")
        self.assertEqual(self.terms(), set(), "x is the slope in a")
        self.fit("y ~ x * g", "--set", "reference.g=b")
        self.assertEqual(self.terms(), {"(Intercept)", "x", "gc", "x:gc"})
        self.fit("y ~ 0 + g")
        self.assertEqual(self.terms(), {"gb", "gc"})
        self.fit("y ~ x * g", "--set", "small_cell=3")
        self.assertEqual(len(self.terms()), 6)

    def test_what_hidden_coefficients_are_part_of(self):
        self.people({"a": 3, "b": 20, "c": 20})
        more = ["--set", "reference.g=b"]
        self.fit("y ~ x + g", *more, "--set", 'contrasts=["ga - gc", "gc - x"]')
        self.assertEqual(set(self.column("contrasts", "contrast")), {"gc - x"})
        self.fit("y ~ x + g", *more, "--set", "steps=[[x],[g]]")
        self.assertEqual(self.column("comparisons", "test"), [])
        self.fit("y ~ x + c", "--set", "steps=[[x],[c]]")
        self.assertIn("F", self.column("comparisons", "test"))
        self.fit("y ~ x * k")  # 2 stands for a, 1 for the others
        self.assertEqual(self.terms(), {"(Intercept)", "x"})

    def test_people_of_levels_shown_do_not_tell_the_hidden_one(self):
        self.people({"a": 3, "b": 20, "c": 20})
        reference = ["--set", "reference.g=b"]
        for formula in ("y ~ g", "y ~ x + g", "y ~ x * g"):
            self.fit(formula, *reference, "--set", 'contrasts=["gc"]')
            for table in ("estimates", "contrasts"):
                self.assertEqual(set(self.column(table, "n_level")), {"NA"}, table)
                self.assertIn("20", self.column(f"{table}_full", "n_level", "private"))
        self.people({"a": 5, "b": 20, "c": 20})
        self.fit("y ~ g", *reference)
        self.assertEqual(self.column("estimates", "n_level"), ["20", "5", "20"] * 2)

    def test_faults_do_not_tell_few(self):
        n = 60
        self.table({"y": [1 if i < 3 else int(noise(i) > 0) for i in range(n)],
                    "x": [round(noise(3 * i + 1), 4) for i in range(n)],
                    "q": [int(i < 3) for i in range(n)],
                    **{f"{name}{wave}": [round(noise((2 + wave) * i + len(name)), 4)
                                         for i in range(n)]
                       for name in ("a", "bb") for wave in (1, 2)},
                    "a3": [round(noise(9 * i), 4) for i in range(n)],
                    "bb3": [7 if i == 5 else "NA" for i in range(n)]})
        for model, formula, more, text in [
                ("logit", "y ~ x + q", [], "without error in fewer than 10 of 60 rows"),
                ("riclpm", "", ["--set", "x=[a1,a2,a3]", "--set", "y=[bb1,bb2,bb3]"],
                 "column bb3 has the same value in all rows that have one")]:
            with self.subTest(model=model):
                told = self.fit(formula, *more, model=model, code=4)
                self.assertIn(text, told)
                for part, table in (("share", "models"), ("private", "models_full")):
                    if (self.dir / "out" / part / f"{table}.tsv").exists():
                        for message in self.column(table, "message", part):
                            self.assertNotRegex(message, r"\b[1-4] (of \d+ )?rows")

    def test_rows_of_waves_without_people(self):
        text = "nothing names people"
        for more, model, formula, told in [
                ([], "ols", "y ~ x", True), (["--person", "id"], "ols", "y ~ x", False),
                (["--cluster", "id"], "ols", "y ~ x", False),
                ([], "lmm", "y ~ x + (1 | id)", False),
                (["--set", "small_cell=0"], "ols", "y ~ x", False)]:
            with self.subTest(more=more, model=model):
                self.people({"a": 12}, 4)
                self.assertEqual(text in self.fit(formula, *more, model=model), told)
        self.people({"a": 48})  # one wave
        self.assertNotIn(text, self.fit("y ~ x"))

    def test_steps_on_other_rows(self):
        """A step on two rows more than the full model tells of these two."""
        n = 60
        for missing, shown in ((2, {"full"}), (6, {"step0", "full"})):
            self.table({"y": [round(noise(i), 4) for i in range(n)],
                        "x": [round(noise(3 * i + 1), 4) for i in range(n)],
                        "z": [round(noise(5 * i), 4) if i >= missing else "NA" for i in range(n)]})
            told = self.fit("y ~ x + z", "--set", "steps=[[x],[z]]", "--set", "sample=varying")
            for table in ("estimates", "models", "rows"):
                self.assertEqual(set(self.column(table, "model_id")), shown, table)
            account = {row["quantity"]: row["count"] for row in self.rows("rows")
                       if row["model_id"] == "full"}
            self.assertEqual(account["n_used"], str(n - missing))
            self.assertEqual(account["n_dropped"], "<5" if missing < 5 else "6")
            self.assertEqual(account["n_input"], "NA" if missing < 5 else "60")
            self.assertEqual(set(self.column("comparisons", "n")), {str(n - missing)})
            self.assertEqual("withheld" in told, missing < 5)

    def test_few_have_one_of_two_values(self):
        """The mean of a 0/1 outcome, which an intercept tells, times n is the number of cases."""
        for rare in (lambda i: int(i % 40 == 7), lambda i: 2 - int(i % 40 == 7)):
            n = 120  # three of them
            self.table({"id": [i // 2 for i in range(n)], "one": [rare(i) for i in range(n)],
                        "x": [round(noise(3 * i + 1), 4) for i in range(n)],
                        "y": [round(noise(5 * i), 4) for i in range(n)]})
            for formula, model, *more in [
                    ("one ~ x", "ols"), ("one ~ 1", "ols"), ("one ~ x", "gee", "--cluster", "id"),
                    ("one ~ x + (1 | id)", "lmm"),
                    ("one ~ x + y", "mediation", "--set", "mediator=y")]:
                with self.subTest(model=model, formula=formula, first=rare(0)):
                    self.fit(formula, *more, model=model)
                    kept = {row["outcome"] for table in ("estimates", "models", "varcomp")
                            for row in self.rows(table)}
                    self.assertNotIn("one", kept)
                    self.assertIn("one", self.column("estimates_full", "outcome", "private"))
                    told = self.column("rows", "quantity")
                    self.assertIn("n_used", told)
                    self.assertNotIn("n_cases", told)
                    self.fit(formula, *more, "--set", "small_cell=3", model=model)
                    self.assertIn("one", self.column("estimates", "outcome"))

    def test_a_run_tells_and_keeps_what_is_withheld(self):
        done = support.kinflow("simulate", "--trios", 60, "--variants", 60, "--seed", 5,
                               "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        path = self.dir / "sim.interaction.tsv"
        lines = [line.split("\t") for line in path.read_text().splitlines()]
        at, outcome = lines[0].index("group"), lines[0].index("synchrony_w8")
        rare = [line for line in lines[1:] if line[outcome] != "NA"][:3]
        for line in rare:
            line[at] = "rare"
        path.write_text("\n".join("\t".join(line) for line in lines) + "\n")
        self.config(CONFIG)
        for _ in range(2):  # the second time from the cache
            done = support.kinflow("run", "run.yaml", cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
            self.assertNotIn("grouprare", self.terms())
            self.assertIn("grouprare", self.column("estimates_full", "term", "private"))
            self.assertEqual(self.full("estimates").stat().st_mode & 0o777, 0o600)
            self.assertIn("; private/estimates_full.tsv has all", done.err)
            self.assertRegex(done.err, r"(?m)^a +\S+ +mother ")
            self.assertRegex(done.err, r"(?m)^\d+ rows? (is|are) withheld here as in share/est")
        self.assertFalse(self.full("scaling").exists(), "nothing is withheld of it")
        done = support.kinflow("run", "run.yaml", "--set", "output.small_cell=0", cwd=self.dir)
        self.assertIn("grouprare", self.terms())
        self.assertFalse(self.full("estimates").exists())
        self.assertNotIn("withheld", done.err)

    def test_a_run_prints_nothing_that_is_withheld(self):
        """Of fewer people than the limit the effect of the score is withheld too."""
        done = support.kinflow("simulate", "--trios", 60, "--variants", 60, "--seed", 5,
                               "--out", self.dir / "sim")
        self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG.replace(" + group", "").replace(", reference: {group: healthy}", ""))
        done = support.kinflow("run", "run.yaml", "--set", "output.small_cell=1000", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.terms(), set())
        for row in self.rows("estimates_full", "private"):
            self.assertNotIn(f'{float(row["estimate"]):.4f}', done.err)
        self.assertNotIn("no effect of a member's score", done.err)
        self.assertRegex(done.err, r"(?m)^\d+ rows are withheld here as in share/estimates\.tsv; "
                                   r"private/estimates_full\.tsv has all$")

    def test_path_models(self):
        n = 40
        self.table({"x": [round(noise(i), 4) for i in range(n)],
                    "y": [round(noise(3 * i), 4) for i in range(n)],
                    "z": [round(noise(5 * i), 4) if i < 4 else "NA" for i in range(n)],
                    "b": [int(i < 3) for i in range(n)]})
        self.fit("", "--set", 'paths=["y ~ x", "x ~ b", "z ~~ z", "z ~ 1"]', model="sem")
        terms = self.terms()
        self.assertIn("y ~ x", terms)
        for term in terms:
            self.assertFalse(term.startswith("z ") or term.endswith((" z", " b")), term)
        for column in ("from", "to"):
            self.assertFalse({"z", "b"} & set(self.column("paths", column)))
        self.assertNotIn('"z"', (self.dir / "out" / "share" / "paths.dot").read_text())
        # A model that failed, in the same folder, leaves neither its diagram nor that of before.
        table = self.dir / "constant.tsv"
        table.write_text("x\ty\n" + "1\t2\n" * 30)
        support.kinflow("fit", "--table", table, "--model", "sem", "--set", 'paths=["y ~ x"]',
                        "--out", self.dir / "out")
        for name in ("paths.dot", "share/paths.dot"):
            self.assertFalse((self.dir / "out" / name).is_symlink() or
                             (self.dir / "out" / name).exists(), name)
        self.fit("", "--set", 'paths=["y ~ a*x", "x ~ c*b", "ind := a*c", "twice := 2*a"]',
                 model="sem")
        self.assertEqual(set(self.column("contrasts", "contrast")), {"twice"})


if __name__ == "__main__":
    unittest.main()
