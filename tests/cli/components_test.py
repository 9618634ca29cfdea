"""Principal components of a run in its own analyses and adjusted scores: the same numbers as with the
components in a table."""
import unittest

import support

CONFIG = """schema_version: 1
input: {{genotypes: c.vcf.gz, field: DS, build: GRCh37}}
pedigree: {{file: c.pedigree.tsv}}
phenotypes:
  - {{file: c.pheno.tsv, id: m_id, pregnancy: preg_id}}
{more}
pca: {{compute: {compute}, components: 2}}
scores:
  files: [c.PGS*.txt.gz]
  match: {{min_overlap: 0.1}}
  adjust:
    residualise: {{pcs: 2}}
analyses:
  - {{id: joint, outcome: {{variable: scl_m6, of: mother}}, covariates: [m_age, PC1, PC2]}}
  - {{id: without, outcome: {{variable: scl_m6, of: mother}}, covariates: [m_age]}}
output: {{folder: {out}}}
resources: {{work: {out}_work}}
"""


class ComponentsTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        made = support.kinflow("simulate", "--trios", "120", "--variants", "300", "--chromosomes",
                               "2", "--seed", "11", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)

    def run_it(self, out, more="", compute="true", code=0):
        text = CONFIG.format(more=more, compute=compute, out=out)
        done = support.kinflow("run", self.config(text, f"{out}.yaml"), "--progress", "none")
        self.assertEqual(done.code, code, done.err)
        return done

    def bytes_of(self, out, name):
        return (self.dir / out / name).read_bytes()

    def test_as_if_they_came_from_a_table(self):
        self.run_it("own")
        table = f"  - {{file: {self.dir}/own/private/pca.tsv, id: IID, columns: [PC1, PC2]}}"
        self.run_it("table", more=table, compute="false")
        for name in ("private/scores_adjusted.tsv", "share/estimates.tsv", "share/models.tsv"):
            self.assertEqual(self.bytes_of("own", name), self.bytes_of("table", name), name)
        terms = {row["term"] for row in support.read_tsv(self.dir / "own/share/estimates.tsv")}
        self.assertLess({"PC1", "PC2"}, terms)
        adjustment = support.read_tsv(self.dir / "own/share/score_adjustment.tsv")
        self.assertTrue(all(float(row["R2"]) > 0 for row in adjustment))

        # They are computed in the run, before what uses them.
        stages = {s["id"]: s["status"] for s in self.run_json("own")["stages"]}
        self.assertEqual({stages[s] for s in ("pca", "adjusted", "family:joint")}, {"done"})

        # Components of a table come before those of the run.
        self.run_it("both", more=table)
        for name in ("private/scores_adjusted.tsv", "share/estimates.tsv"):
            self.assertEqual(self.bytes_of("both", name), self.bytes_of("table", name), name)

    def test_a_component_that_is_nowhere_is_refused_with_advice(self):
        done = self.run_it("none", compute="false", code=3)
        self.assertIn("E0306", done.err)
        self.assertIn("pca.compute: true", done.err)

    def test_keys_of_what_is_not_computed_are_told(self):
        def said(more, *flags):
            config = self.config("schema_version: 1\ninput: {genotypes: c.vcf.gz, field: DS, build: "
                                 f"GRCh37}}\npedigree: {{file: c.pedigree.tsv}}\n{more}\n")
            done = support.kinflow("validate", config, *flags)
            self.assertEqual(done.code, 0, done.err)
            return done.err

        for more, names in (("pca: {components: 2, reference: {group: g}}",
                             "pca.components, pca.reference.group: given, but not used"),
                            ("kinship: {variants: {maf: 0.1}}",
                             "kinship.variants.maf: given, but not used")):
            self.assertIn(names, said(more))
            self.assertIn(f"{more.split(':')[0]}.compute: true", said(more))
        self.assertIn("pca.max_kinship: given", said("", "--set", "pca.max_kinship=0.1"))
        for more in ("", "pca: {compute: false, components: 2}", "pca: {compute: true, components: 2}",
                     "pca: {compute: true}\nkinship: {variants: {maf: 0.1}}",
                     "kinship: {compute: true, min_kinship: 0.1}"):
            self.assertNotIn("not used", said(more))
        compat = ("--set", "scores.plink2_compat=true")
        self.assertIn("scores.plink2_compat: given, but not used", said("", *compat))
        self.assertNotIn("not used", said("", *compat, "--set", "scores.genotypes=centre"))
        self.assertIn("scores.plink2_compat: given, but not used",
                      said("", *compat, "--set", "scores.genotypes=centre", "--set",
                           "scores.missing=none"))
        # Of components that are fitted, and of people who are projected.
        self.assertIn("kinship.concordance: given, but not used",
                      said("pca: {compute: true}\nkinship: {concordance: false}"))
        self.assertIn("pca.min_overlap: given, but not used",
                      said("pca: {compute: true, min_overlap: 0.5}"))
        done = support.kinflow("pca", "--geno", self.dir / "c.vcf.gz", "--field", "DS", "--build",
                               "GRCh37", "--out", self.dir / "loadings", "--components", 2)
        self.assertEqual(done.code, 0, done.err)
        project = f"project: {self.dir}/loadings/pca_loadings.h5"
        text = said(f"pca: {{{project}, max_kinship: 0.1, min_overlap: 0.5, reference: {{group: g}}}}"
                    "\nkinship: {min_kinship: 0.1, variants: {hard_call_threshold: 0.2, maf: 0.1}}")
        self.assertIn("pca.max_kinship, pca.reference.group: given, but not used: people are "
                      "projected", text)
        self.assertIn("kinship.min_kinship, kinship.variants.maf: given, but not used", text)
        self.assertNotIn("not used", said(f"pca: {{{project}, components: 2, outlier_sd: 5}}\n"
                                          "kinship: {variants: {hard_call_threshold: 0.2}}"))


if __name__ == "__main__":
    unittest.main()
