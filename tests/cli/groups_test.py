"""Groups in analyses and in `kinflow fit`: defaults, thresholds of rare categories, faults told once."""
import unittest

import support

CONFIG = """
schema_version: 1
input: {{genotypes: sim.vcf.gz}}
pedigree: {{file: sim.pedigree.tsv}}
phenotypes: [{{file: sim.interaction.tsv, id: m_id}}]
scores: {{files: [sim.PGS90000*.txt.gz]}}
analyses:
{analyses}
output: {{folder: out}}
"""


class GroupsTest(support.TempFolderTest):
    def run_analyses(self, *analyses, command="run"):
        if not (self.dir / "sim.vcf.gz").exists():
            done = support.kinflow("simulate", "--trios", 150, "--variants", 200, "--seed", 5,
                                   "--out", self.dir / "sim")
            self.assertEqual(done.code, 0, done.err)
        self.config(CONFIG.format(analyses="\n".join(f"  - {a}" for a in analyses)))
        return support.kinflow(command, "run.yaml", cwd=self.dir)

    def test_groups_need_no_cluster_key(self):
        done = self.run_analyses('{id: a, model: groups, formula: "synchrony_w8 ~ group", low: 4}')
        self.assertEqual(done.code, 0, done.err)
        groups = support.read_tsv(self.dir / "out" / "share" / "groups.tsv")
        self.assertEqual({r["group"] for r in groups}, {"depression", "healthy", "history"})
        done = self.run_analyses('{id: a, model: groups, formula: "synchrony_w8 ~ group", '
                                 'cluster: mother}')
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("model groups does not know the key cluster", done.err)

    def test_clusters_by_column(self):
        done = self.run_analyses('{id: a, formula: "synchrony_w8 ~ pgs.mother", '
                                 'cluster: ses_difficulties, vcov: [CR1], scores: [PGS900001]}')
        self.assertEqual(done.code, 0, done.err)
        values = {r["ses_difficulties"] for r in support.read_tsv(self.dir / "sim.interaction.tsv")}
        row = support.read_tsv(self.dir / "out" / "share" / "models.tsv")[-1]
        self.assertLessEqual(int(row["n_clusters"]), len(values))
        self.assertGreater(int(row["n_clusters"]), 3)
        done = self.run_analyses('{id: a, formula: "synchrony_w8 ~ pgs.mother", cluster: grup}')
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("the cluster is a column that does not exist", done.err)
        self.assertIn("did you mean group?", done.err)

    def test_one_fault_of_many_analyses_is_told_once(self):
        done = self.run_analyses(*[f'{{id: w{i}, formula: "synchrony_w8 ~ pgs.mother + agee"}}'
                                   for i in range(7)], command="validate")
        self.assertEqual(done.code, 3, done.err)
        self.assertEqual(done.err.count("does not exist"), 1, done.err)
        self.assertIn("the same in 6 more analyses: w1, w2, w3, w4, w5, w6", done.err)

    def test_one_fault_of_many_models_is_told_once(self):
        rows = (self.dir / "sim.interaction.tsv")
        done = self.run_analyses('{id: a, formula: "epds_w8 ~ pgs.mother"}')
        self.assertEqual(done.code, 0, done.err)
        lines = rows.read_text().splitlines()
        at = lines[0].split("\t").index("epds_w8")
        flat = [line.split("\t") for line in lines[1:]]
        for row in flat:
            row[at] = "7"
        rows.write_text("\n".join([lines[0]] + ["\t".join(r) for r in flat]) + "\n")
        done = self.run_analyses('{id: a, formula: "epds_w8 ~ pgs.mother"}')
        self.assertEqual(done.code, 4, done.err)
        told = [line for line in done.err.splitlines()
                if "the outcome has the same value" in line]
        self.assertEqual(len(told), 3, done.err)  # before the run, when it fails, and at the end
        losses = self.run_json()["losses"]
        self.assertEqual(len(losses), 1, losses)
        self.assertIn("more", losses[0]["message"])
        failed = [r for r in support.read_tsv(self.dir / "out" / "share" / "models.tsv")
                  if r["status"] == "failed"]
        self.assertGreater(len(failed), 1)

    def ordinal(self, counts):
        lines = ["y\tx"]
        i = 0
        for value, count in counts.items():
            for _ in range(count):
                i += 1
                lines.append(f"{value}\t{(i * 37) % 19 + value}")
        (self.dir / "t.tsv").write_text("\n".join(lines) + "\n")
        done = support.kinflow("fit", "--table", self.dir / "t.tsv", "--model", "ordinal",
                               "--formula", "y ~ x", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        return done, {r["term"] for r in support.read_tsv(self.dir / "out" / "estimates.tsv")}

    def test_thresholds_of_a_rare_category_are_not_shared(self):
        done, terms = self.ordinal({0: 40, 1: 30, 2: 5})
        self.assertEqual(terms, {"x", "0|1", "1|2"})
        self.assertRegex(done.err, r"term +estimate +std.error +t +p +n +se")
        self.assertRegex(done.err, r"\nx .* 75  model")
        _, terms = self.ordinal({0: 40, 1: 30, 2: 4})
        self.assertEqual(terms, {"x"})


if __name__ == "__main__":
    unittest.main()
