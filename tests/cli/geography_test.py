"""`kinflow fit --model spatial` against spdep's numbers, small areas, and analyses clustered by area."""
import json
import unittest

import numpy as np

import support

CASE = support.ROOT / "tests" / "conformance"
FORMULA = "scl_dep ~ pgs_m + pgs_f + pgs_c + age + (1 | area)"


class GeographyTest(support.TempFolderTest):
    def fit(self, table, *args, neighbours=CASE / "data" / "g_neighbours.tsv", formula=FORMULA):
        return support.kinflow("fit", "--table", table, "--model", "spatial", "--formula", formula,
                               "--person", "m_id", "--set", f"neighbours={neighbours}", "--out", self.dir / "out", *args)

    def test_tables(self):
        done = self.fit(CASE / "data" / "g_geo.tsv")
        self.assertEqual(done.code, 0, done.err)
        reference = json.loads((CASE / "ref" / "g_geo.json").read_text())["moran_area_means"]
        rows = {(r["quantity"], r["measure"]): r
                for r in support.read_tsv(self.dir / "out" / "spatial.tsv")}
        moran = rows["area mean", "Moran I"]
        expected = reference["row_standardised"]
        self.assertAlmostEqual(float(moran["value"]), expected["I"], delta=1e-10)
        self.assertAlmostEqual(float(moran["p_value"]), expected["p_rand"], delta=1e-10)
        self.assertLessEqual(float(moran["p_permutation"]), 0.01)
        self.assertEqual(len(support.read_tsv(self.dir / "out" / "areas.tsv")), 200)
        self.assertEqual([i["file"] for i in self.run_json()["inputs"]],
                         ["g_neighbours.tsv", "g_geo.tsv"])

    def test_small_areas_and_what_tells_them(self):
        lines = (CASE / "data" / "g_geo.tsv").read_text().splitlines()
        area = lines[0].split("\t").index("area")
        kept, seen = [lines[0]], 0
        for line in lines[1:]:
            if line.split("\t")[area] == "K045":
                seen += 1
                if seen > 3:
                    continue
            kept.append(line)
        table = self.dir / "few.tsv"
        table.write_text("\n".join(kept) + "\n")
        done = self.fit(table)
        self.assertEqual(done.code, 0, done.err)
        with open(CASE / "data" / "g_neighbours.tsv") as pairs:
            pairs = [line.split() for line in pairs][1:]
        near = {}
        for one, other in pairs:
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
        for quantity in ("area mean", "effect (Intercept)"):
            with self.subTest(quantity=quantity):
                self.attack(quantity, near)

    def areas(self, path, quantity):
        return {r["area"]: r for r in support.read_tsv(self.dir / "out" / path)
                if r["quantity"] == quantity}

    def attack(self, quantity, near):
        """Solves what share/areas.tsv tells for the areas that it leaves out."""
        shown = self.areas("areas.tsv", quantity)
        full = self.areas("private/areas_full.tsv", quantity)
        hidden = sorted(set(full) - set(shown))
        self.assertIn("K045", hidden)
        self.assertEqual(len(hidden), 10)
        self.assertLessEqual(max(int(full[a]["n"]) for a in hidden),
                             min(int(r["n"]) for r in shown.values()), "the smallest")
        # Local expectations are -z^2 / (N - 1): two of them tell mean and SD of all areas.
        local = sorted((float(r["value"]), -float(r["expected"])) for r in shown.values()
                       if r["local_i"] != "NA")
        low, high = local[0], local[-1]
        roots = [(part[1] * (len(full) - 1)) ** 0.5 for part in (low, high)]
        sd = (high[0] - low[0]) / sum(roots)
        mean = low[0] + roots[0] * sd
        values = np.array([float(r["value"]) for r in full.values()])
        self.assertAlmostEqual(mean, values.mean(), delta=1e-8)
        self.assertAlmostEqual(sd, values.std(), delta=1e-8)
        # So the sum of those left out is known, and each local measure is a sum over neighbours.
        known = [[1.0] * len(hidden)]
        for name, row in shown.items():
            if row["local_i"] != "NA":
                known.append([float(area in near[name]) for area in hidden])
            else:
                self.assertEqual([row[c] for c in ("expected", "variance", "z", "p_value")],
                                 ["NA"] * 4)
        rank = np.linalg.matrix_rank(np.array(known))
        # Beside sums: Moran's I, Geary's C, second and fourth moment, mean of all people.
        self.assertGreater(len(hidden) - rank, 5)
        for i in range(len(hidden)):
            alone = np.array(known + [[float(i == j) for j in range(len(hidden))]])
            self.assertGreater(np.linalg.matrix_rank(alone), rank, hidden[i])

    def test_women_of_several_rows(self):
        lines = (CASE / "data" / "g_geo.tsv").read_text().splitlines()
        area = lines[0].split("\t").index("area")
        kept, seen = [lines[0]], 0
        for line in lines[1:]:
            if line.split("\t")[area] == "K045":
                seen += 1
                if seen > 2:
                    continue
                kept += [line, line]  # two women, six rows
            kept.append(line)
        table = self.dir / "long.tsv"
        table.write_text("\n".join(kept) + "\n")
        done = self.fit(table)
        self.assertEqual(done.code, 0, done.err)
        areas = {r["area"] for r in support.read_tsv(self.dir / "out" / "areas.tsv")}
        self.assertNotIn("K045", areas)
        done = support.kinflow("fit", "--table", table, "--model", "spatial", "--formula", FORMULA,
                               "--set", f"neighbours={CASE / 'data' / 'g_neighbours.tsv'}",
                               "--out", self.dir / "nobody")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("name the column of who a row is of", done.err)

    def test_faults(self):
        one = self.dir / "one.tsv"
        one.write_text("area\nK001\n")
        done = self.fit(CASE / "data" / "g_geo.tsv", neighbours=one)
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("a list of neighbours has two columns", done.err)
        one.write_text("a\tb\nK001\tK002\n\tK003\n")
        done = self.fit(CASE / "data" / "g_geo.tsv", neighbours=one)
        self.assertIn("an area has no name", done.err)
        one.write_text("a\tb\nx\ty\n")
        done = self.fit(CASE / "data" / "g_geo.tsv", neighbours=one)
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("0 of 100 areas have a neighbour", done.err)
        done = support.kinflow("fit", "--table", CASE / "data" / "g_geo.tsv", "--model", "ols",
                               "--formula", "scl_dep ~ age", "--set", f"neighbours={one}", "--out",
                               self.dir / "out")
        self.assertIn("neighbours is a key of model spatial only", done.err)


if __name__ == "__main__":
    unittest.main()
