"""What `kinflow fit` says of waves: those that fail, their order, and tables with a column a wave."""
import unittest

from fit_tables import FitTest, noise


class WavesTest(FitTest):
    def test_waves_that_fail(self):
        self.people()
        lines = [line.split("\t") for line in (self.dir / "t.tsv").read_text().splitlines()]
        for line in lines[1:]:
            if line[3] == "2003":
                line[7] = "1"
        (self.dir / "t.tsv").write_text("\n".join("\t".join(line) for line in lines) + "\n")
        told = self.fit("y ~ x", "--cluster", "id", "--set", "wave=year", model="ols_by_wave",
                        code=4)
        self.assertIn("fit/full/2003: ", told)
        self.assertEqual([row["wave"] for row in self.rows("models") if row["status"] == "failed"],
                         ["2003"])

    def test_waves_that_fail_alike_are_told_once(self):
        self.people()
        lines = [line.split("\t") for line in (self.dir / "t.tsv").read_text().splitlines()]
        for line in lines[1:]:
            line[7] = "1"
        (self.dir / "t.tsv").write_text("\n".join("\t".join(line) for line in lines) + "\n")
        told = self.fit("y ~ x", "--cluster", "id", "--set", "wave=year", model="ols_by_wave",
                        code=4)
        self.assertEqual(told.count("error["), 1, told)
        self.assertIn("fit/full at waves 2001, 2002, 2003, 2004: ", told)

    def test_names_of_wide_tables(self):
        n = 30
        self.table({"x": [noise(i) for i in range(n)], "y_w1": [noise(i + 50) for i in range(n)],
                    "y_w2": [noise(i + 90) for i in range(n)]})
        told = self.fit("y ~ x + factor(wave)", code=3)
        self.assertIn("--data-format wide makes a row a wave of y_w1, y_w2", told)
        self.assertIn("--data-format wide makes rows by wave with this column", told)
        self.fit("y ~ x + factor(wave)", "--data-format", "wide")
        self.assertNotIn("data-format", self.fit("y_w1 ~ z", code=3))

    def test_waves_come_in_their_order(self):
        """Numbers by value, names as the table has them first; also on the screen."""
        for waves in (["pre", "w2", "w10"], [2, 9, 10]):
            given = waves if waves[0] == "pre" else [10, 2, 9]
            self.table({"id": [i // 3 for i in range(90)], "at": [given[i % 3] for i in range(90)],
                        "x": [noise(i) for i in range(90)], "y": [noise(7 * i) for i in range(90)]})
            told = self.fit("y ~ x", "--cluster", "id", "--wave", "at", model="ols_by_wave")
            named = [str(wave) for wave in waves]
            self.assertEqual("names that are no times: their order is that of the rows, pre, w2, w10"
                             in " ".join(told.split()), waves[0] == "pre", told)
            self.assertEqual([r["wave"] for r in self.rows("models")], named)
            self.assertRegex(told, r"(?m)^wave +term +estimate")
            self.assertEqual([line.split()[0] for line in told.splitlines()
                              if line.split()[1:2] == ["x"]], named)

    def test_people_who_have_waves_in_different_orders(self):
        """What rows do not agree on is told, and refused where a model rests on it."""
        names = ["base", "mid", "end"]
        at = [i % 3 for i in range(90)]
        at[:3] = at[2::-1]  # one of thirty
        self.table({"id": [i // 3 for i in range(90)], "at": [names[w] for w in at],
                    "g": ["ab"[i // 3 % 2] for i in range(90)], "x": [noise(i) for i in range(90)],
                    "w": at, "y": [noise(7 * i) for i in range(90)]})
        said = "people have them in different orders: that of most is taken, base, mid, end"
        for model, formula, more in (
                ("ols_by_wave", "y ~ x", ["--cluster", "id", "--wave", "at"]),
                ("group_waves", "y ~ g * at + (1 | id)", []),
                ("ols", "y ~ x + at", ["--cluster", "id", "--vcov", "CR0", "CR1", "--set",
                                       "trajectories={at: [0], wave: at}"])):
            told = self.fit(formula, *more, model=model)
            self.assertEqual(" ".join(told.split()).count(said), 1, told)
        gee = ["--cluster", "id", "--set", "correlation=ar1"]
        told = self.fit("y ~ x", *gee, "--set", "time=at", model="gee", code=4)
        self.assertIn("number the waves (1, 2, ...)", " ".join(told.split()))
        self.fit("y ~ x", *gee, "--set", "time=w", model="gee")

    def test_each_remedy_of_waves_leads_on(self):
        """Following what each message says ends with a fit."""
        self.people()
        given = ["--vcov", "HC3"]
        for said, remedy in (("column of waves", ["--wave", "year"]),
                             ("need a cluster", ["--cluster", "id"])):
            told = self.fit("y ~ x", *given, model="ols_by_wave", code=3)
            self.assertIn(said, told)
            self.assertIn(remedy[0], told)
            given += remedy
        self.assertIn("add CR1S", self.fit("y ~ x", *given, model="ols_by_wave", code=3))
        self.fit("y ~ x", *given, "--vcov", "CR1S", model="ols_by_wave")


if __name__ == "__main__":
    unittest.main()
