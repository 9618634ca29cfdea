"""`kinflow fit --model spatial` against spdep's numbers, small areas, and analyses clustered by area."""
import json
import unittest

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
        shown = {r["area"]: r for r in support.read_tsv(self.dir / "out" / "areas.tsv")
                 if r["quantity"] == "area mean"}
        self.assertEqual(len(shown), 98)  # K045, and the smallest of the others
        self.assertNotIn("K045", shown)
        neighbours = {"K034", "K035", "K036", "K044", "K046", "K054", "K055", "K056"}
        for name, row in shown.items():
            self.assertEqual(row["local_i"] == "NA", name in neighbours, name)

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
