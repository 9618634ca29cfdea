"""`kinflow fit --data-format`: a wide and a long table of the same people give the same numbers."""
import unittest

import support

CASES = support.ROOT / "tests" / "conformance" / "data"


def write(path, rows):
    names = list(rows[0])
    lines = [names] + [[str(r[n]) for n in names] for r in rows]
    path.write_text("\n".join("\t".join(line) for line in lines) + "\n")
    return path


class DataFormatTest(support.TempFolderTest):
    def fit(self, table, *args, code=0):
        done = support.kinflow("fit", "--table", table, "--out", self.dir / "out", *args)
        self.assertEqual(done.code, code, done.err)
        if code:
            return done.err
        share = self.dir / "out" / "share"
        return {name: support.read_tsv(share / f"{name}.tsv") for name in ("estimates", "rows")}

    def test_a_path_model_of_a_long_table(self):
        wide = support.read_tsv(CASES / "d_riclpm4.tsv")
        long = [{"id": r["id"], "time": w, "x": r[f"x{w}"], "y": r[f"y{w}"],
                 "prenatal": r["prenatal"]} for w in range(1, 5) for r in wide]
        write(self.dir / "long.tsv", long)
        model = ("--model", "riclpm", "--set", "predictors=[prenatal]")
        expected = self.fit(CASES / "d_riclpm4.tsv", *model, "--person", "id", "--set",
                            "x=[x1,x2,x3,x4]", "--set", "y=[y1,y2,y3,y4]")
        text = "|".join(map(repr, expected["estimates"]))
        found = self.fit(self.dir / "long.tsv", *model, "--data-format", "long", "--person", "id",
                         "--wave", "time", "--set", "x=[x_1,x_2,x_3,x_4]", "--set",
                         "y=[y_1,y_2,y_3,y_4]")
        told = "|".join(map(repr, found["estimates"]))
        for v in "xy":
            for w in "1234":
                told = told.replace(f"{v}_{w}", f"{v}{w}")
        self.assertEqual(told, text)

    def test_a_mixed_model_of_a_wide_table(self):
        rows = [dict(r, wave=f"t{r['time']}") for r in support.read_tsv(CASES / "b_waves.tsv")]
        people = {}
        for r in rows:
            person = people.setdefault(r["m_id"], {"m_id": r["m_id"], "pgs_m": r["pgs_m"]})
            person[f"scl_dep_{r['wave']}"] = r["scl_dep"]
        waves = sorted({r["wave"] for r in rows})
        wide = [{"m_id": p["m_id"], "pgs_m": p["pgs_m"],
                 **{f"scl_dep_{w}": p.get(f"scl_dep_{w}", "NA") for w in waves}}
                for p in people.values()]
        # One row a person and wave, in the order of the long form.
        long = [{"m_id": p["m_id"], "pgs_m": p["pgs_m"], "wave": w, "scl_dep": p[f"scl_dep_{w}"]}
                for w in waves for p in wide]
        write(self.dir / "long.tsv", long)
        write(self.dir / "wide.tsv", wide)
        model = ("--model", "lmm", "--person", "m_id", "--formula",
                 "scl_dep ~ wave + pgs_m + (1 | m_id)")
        by_wave = ("--model", "ols_by_wave", "--formula", "scl_dep ~ pgs_m", "--cluster", "m_id")
        self.assertEqual(
            self.fit(self.dir / "wide.tsv", *by_wave, "--data-format", "wide")["estimates"],
            self.fit(self.dir / "long.tsv", *by_wave, "--wave", "wave")["estimates"])
        expected = self.fit(self.dir / "long.tsv", *model)
        self.assertEqual(self.fit(self.dir / "wide.tsv", *model, "--data-format", "wide"), expected)
        self.assertEqual(self.fit(self.dir / "long.tsv", *model, "--data-format", "long"), expected)
        # Without a column of people they are numbered.
        for row in wide:
            del row["m_id"]
        write(self.dir / "nameless.tsv", wide)
        found = self.fit(self.dir / "nameless.tsv", "--model", "lmm", "--data-format", "wide",
                         "--formula", "scl_dep ~ wave + pgs_m + (1 | person)")
        self.assertEqual([r["estimate"] for r in found["estimates"]],
                         [r["estimate"] for r in expected["estimates"]])

    # Columns that only begin like a term make no waves, and a longer name takes its own.
    def test_waves_are_those_of_the_outcome(self):
        rows = [{"y_1": i * 7 % 5, "y_2": i * 5 % 11, "x_1": i * 3 % 7, "x_2": i * 4 % 9,
                 "x_z": i % 4, "x_y_1": i % 3, "x_y_2": i * 2 % 5} for i in range(60)]
        long = [{"y": r[f"y_{w}"], "x": r[f"x_{w}"], "x_y": r[f"x_y_{w}"], "wave": w}
                for w in (1, 2) for r in rows]
        model = ("--formula", "y ~ x + x_y + factor(wave)")
        expected = self.fit(write(self.dir / "long.tsv", long), *model)
        found = self.fit(write(self.dir / "wide.tsv", rows), *model, "--data-format", "wide")
        self.assertEqual([[r[c] for c in ("term", "estimate", "std_error", "n")]
                          for r in found["estimates"]],
                         [[r[c] for c in ("term", "estimate", "std_error", "n")]
                          for r in expected["estimates"]])

    def test_faults(self):
        rows = [{"id": i // 2, "wave": i % 2, "y": i * 7 % 5, "x": i * 3 % 7} for i in range(60)]
        table = write(self.dir / "table.tsv", rows)
        model = ("--formula", "y ~ x")
        self.assertIn("several rows in a wide table", self.fit(
            table, *model, "--data-format", "wide", "--person", "id", code=4))
        self.assertIn("column of the person", self.fit(
            table, *model, "--data-format", "long", code=3))
        self.assertIn("no such column", self.fit(
            table, *model, "--data-format", "long", "--person", "id", "--wave", "week", code=4))
        self.assertIn("several rows at a wave", self.fit(
            write(self.dir / "twice.tsv", rows + rows[:1]), *model, "--data-format", "long",
            "--person", "id", code=4))
        short = [{"id": i, "y_a": i % 5, "y_b": i % 7, "x_c": i % 3, "x_d": i % 4, "z": i % 2}
                 for i in range(40)]
        path = write(self.dir / "short.tsv", short)
        for formula, value, remedy in (("yy ~ z", "yy", "names with columns by wave are x, y"),
                                       ("y ~ x", "x", "names with columns by wave are x, y")):
            told = self.fit(path, "--formula", formula, "--data-format", "wide", code=4)
            self.assertIn(value, told)
            self.assertIn(remedy, told)
        # A name of the waves that nothing asks for chooses nothing.
        for args in (("y ~ z", "--wave", "nosuch"), ("y ~ z", "--wave", "a"),
                     ("y_a ~ z", "--wave", "nosuch")):
            told = self.fit(path, "--formula", *args, "--data-format", "wide", code=3)
            self.assertIn(f'value:  "{args[-1]}"', told)
            self.assertIn("leave --wave out", told)
        named = self.fit(path, "--formula", "y ~ z + factor(week)", "--data-format", "wide",
                         "--wave", "week")
        self.assertEqual([r["estimate"] for r in named["estimates"]],
                         [r["estimate"] for r in self.fit(
                             path, "--formula", "y ~ z + factor(wave)", "--data-format",
                             "wide")["estimates"]])
        self.fit(path, "--formula", "y ~ z", "--model", "ols_by_wave", "--data-format", "wide",
                 "--wave", "week", "--cluster", "id")
        # A sum or a z score beside the waves would be a wave in silence.
        for odd in ("y_sum", "y_w1_z"):
            odd_rows = [{"y_w1": i % 5, "y_w2": i % 7, odd: i % 6, "x": i % 3} for i in range(40)]
            told = self.fit(write(self.dir / "odd.tsv", odd_rows), *model, "--data-format", "wide",
                            code=3)
            self.assertIn("does not look like a wave", told)
            self.assertIn(odd, told)
        # An outcome without waves would be there once a wave.
        mixed = [{"y": i % 5, "x_w1": i % 7, "x_w2": i % 3, "x_sum": i % 4} for i in range(40)]
        path = write(self.dir / "mixed.tsv", mixed)
        told = self.fit(path, *model, "--data-format", "wide", code=3)
        self.assertIn("the outcome y has no waves", told)
        self.assertIn("name one of its columns (x_w1, x_w2, x_sum)", told)
        named = self.fit(path, "--formula", "y ~ x_w1 + x_sum", "--data-format", "wide")
        self.assertEqual({r["n"] for r in named["estimates"]}, {"40"})
        wide = [{"id": i, "y_a": i % 5, "y_b": i % 7, "x": i % 3, "wave": 1} for i in range(40)]
        self.assertIn("the column that its long form is given", self.fit(
            write(self.dir / "wide.tsv", wide), *model, "--data-format", "wide", "--person", "id",
            code=3))


if __name__ == "__main__":
    unittest.main()
