"""Scores after summing (scores.adjust): residuals, one scale, composites, and what runs again."""
import gzip
import json
import unittest

import h5py
import numpy as np

import support
from families import Families, MEMBERS

CONFIG = """schema_version: 1
input: {genotypes: c.vcf.gz, field: DS, build: GRCh37}
pedigree: {file: c.pedigree.tsv}
phenotypes:
  - {file: c.pheno.tsv, id: m_id, pregnancy: preg_id}
  - {file: c.covar.tsv, id: IID, columns: [PC1, PC2, batch]}
scores:
  files: [c.PGS*.txt.gz]
  match: {min_overlap: 0.1}
  adjust:
    residualise: {pcs: 2, factors: [batch]}
    composites: [{name: p, of: [PGS900001, PGS900002], fit_on: mother}]
    standardise: mother
    percentiles: true
analyses:
  - id: byname
    formula: "scl_m6 ~ p.mother"
    outcome: {of: mother}
    standardise: none
  - {id: all, outcome: {variable: scl_m6, of: mother}, covariates: [m_age]}
output: {folder: out}
resources: {work: work}
"""
SCORES = ("PGS900001", "PGS900002")
AFTER_SCORES = {"adjusted", "score_checks", "family:byname", "family:all"}


def column(rows, name):
    return np.array([float(row[name]) if row[name] != "NA" else np.nan for row in rows])


class AdjustTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        made = support.kinflow("simulate", "--trios", "120", "--variants", "300", "--chromosomes",
                               "2", "--seed", "11", "--out", self.dir / "c")
        self.assertEqual(made.code, 0, made.err)

    def run_it(self, text=CONFIG, code=0, *flags):
        done = support.kinflow("run", self.config(text), "--progress", "none", *flags)
        self.assertEqual(done.code, code, done.err)
        return done

    def table(self, name):
        return support.read_tsv(self.dir / "out" / name)

    def ran(self):
        return {s["id"] for s in self.run_json()["stages"] if s["status"] != "cached"}

    def covariates(self, rows):
        """Design with intercept, PC1, PC2 and batch, people in the order of `rows`."""
        of = {r["IID"]: r for r in support.read_tsv(self.dir / "c.covar.tsv")}
        batches = sorted({r["batch"] for r in of.values()})
        return np.array([[1, float(of[r["IID"]]["PC1"]), float(of[r["IID"]]["PC2"])] +
                         [float(of[r["IID"]]["batch"] == b) for b in batches[1:]] for r in rows])

    def test_residuals_are_those_of_a_fit_made_here(self):
        text = CONFIG.replace("    standardise: mother\n    percentiles: true\n", "")
        self.run_it(text)
        sums, adjusted = self.table("private/scores.tsv"), self.table("private/scores_adjusted.tsv")
        self.assertEqual([r["IID"] for r in sums], [r["IID"] for r in adjusted])
        x = self.covariates(sums)
        hat = x @ np.linalg.pinv(x)
        account = {r["SCORE"]: r for r in self.table("private/score_adjustment_full.tsv")}
        for score in SCORES:
            y = column(sums, score)
            e = y - hat @ y
            s = np.sqrt(e @ e / (len(y) - x.shape[1]))
            expected = e / (s * np.sqrt(1 - np.diag(hat)))
            np.testing.assert_allclose(column(adjusted, score), expected, rtol=0, atol=1e-10)
            self.assertEqual(int(account[score]["N"]), len(y))
            self.assertAlmostEqual(float(account[score]["R2"]),
                                   1 - e @ e / np.sum((y - y.mean()) ** 2), places=10)

    def test_one_scale_composite_and_percentiles(self):
        self.run_it()
        rows = self.table("private/scores_adjusted.tsv")
        mothers = np.array([r["ROLE"] == "mother" for r in rows])
        z = np.array([column(rows, s) for s in SCORES])
        for values in (*z, column(rows, "p")):
            self.assertAlmostEqual(values[mothers].mean(), 0, places=10)
            self.assertAlmostEqual(values[mothers].std(ddof=1), 1, places=10)
            self.assertGreater(abs(values[~mothers].mean()), 1e-6)
        values, vectors = np.linalg.eigh(np.corrcoef(z[:, mothers]))
        composites = self.table("share/composites.tsv")
        loadings = column(composites, "LOADING")
        np.testing.assert_allclose(np.abs(loadings), np.abs(vectors[:, -1]), atol=1e-10)
        np.testing.assert_allclose(column(rows, "p"), loadings @ z / np.sqrt(values[-1]), atol=1e-9)
        self.assertAlmostEqual(float(composites[0]["VAR_EXPLAINED"]), values[-1] / 2, places=10)
        self.assertEqual({r["FIT_ON"] for r in composites}, {"mother"})
        percentile = column(rows, "p_PERCENTILE")
        at = int(np.argmax(mothers))
        rank = np.sum(column(rows, "p")[mothers] <= column(rows, "p")[at])
        self.assertAlmostEqual(percentile[at], 100 * rank / mothers.sum(), places=10)
        with h5py.File(self.dir / "out/private/scores_adjusted.h5") as file:
            np.testing.assert_array_equal(file["scores_adjusted/p"][:], column(rows, "p"))
        self.assertEqual((self.dir / "out/private/scores_adjusted.tsv").stat().st_mode & 0o777,
                         0o600)

    def test_analyses_use_the_adjusted_scores(self):
        self.run_it()
        p = {r["IID"]: float(r["p"]) for r in self.table("private/scores_adjusted.tsv")}
        pairs = [(p[r["m_id"]], float(r["scl_m6"])) for r in
                 support.read_tsv(self.dir / "c.pheno.tsv") if r["scl_m6"] != "NA" and r["m_id"] in p]
        x, y = np.array(pairs).T
        slope = np.polyfit(x, y, 1)[0]
        found = [r for r in self.table("share/estimates.tsv") if r["analysis_id"] == "byname" and
                 r["term"] == "p.mother"]
        for row in found:
            self.assertAlmostEqual(float(row["estimate"]), slope, places=9)
            self.assertEqual(int(row["n"]), len(pairs))
        self.assertGreater(len(found), 0)
        scores = {r["pgs"] for r in self.table("share/estimates.tsv") if r["analysis_id"] == "all"}
        self.assertEqual(scores, {*SCORES, "p"})

    def test_only_what_depends_on_it_runs_again(self):
        self.run_it()
        for old, new in (("standardise: mother", "standardise: all"), ("pcs: 2", "pcs: 1"),
                         ("fit_on: mother", "fit_on: all")):
            self.run_it(CONFIG.replace(old, new))
            self.assertEqual(self.ran(), AFTER_SCORES)
        self.run_it()
        self.assertEqual(self.ran(), set())
        self.edit("c.pheno.tsv", "scl_m6", "0.5")  # an outcome is nothing to the scores
        self.run_it()
        self.assertEqual(self.ran(), AFTER_SCORES - {"adjusted", "score_checks"})
        self.edit("c.covar.tsv", "PC2", "1.5")
        plan = json.loads(support.kinflow("plan", self.dir / "run.yaml", "--format", "json").out)
        reasons = {s["id"]: s["reason"] for s in plan["stages"] if s["status"] == "run"}
        self.assertEqual(reasons["adjusted"], "covariate PC2 changed")
        self.run_it()
        self.assertEqual(self.ran(), AFTER_SCORES)

    def test_people_without_a_covariate_are_told_why(self):
        self.edit("c.covar.tsv", "PC2", "NA")
        iid = support.read_tsv(self.dir / "c.covar.tsv")[0]["IID"]
        self.run_it()
        row = next(r for r in self.table("private/scores_adjusted.tsv") if r["IID"] == iid)
        self.assertEqual((row["DROPPED"], row["PGS900001"]), ("covariate_missing", "NA"))
        told = support.kinflow("explain", "sample", iid, self.dir / "out")
        self.assertIn("scores_adjusted: no adjusted score: a covariate", told.out)

    def edit(self, name, column_name, value):
        path = self.dir / name
        lines = path.read_text().splitlines()
        fields = lines[1].split("\t")
        fields[lines[0].split("\t").index(column_name)] = value
        path.write_text("\n".join([lines[0], "\t".join(fields), *lines[2:]]) + "\n")

    def test_threads_do_not_matter(self):
        texts = []
        for threads in ("1", "2"):
            self.run_it(CONFIG.replace("folder: out", f"folder: out{threads}")
                        .replace("work: work", f"work: work{threads}"), 0, "--threads", threads)
            texts.append([(self.dir / f"out{threads}" / name).read_bytes() for name in
                          ("private/scores_adjusted.h5", "share/composites.h5",
                           "share/score_adjustment.h5")])
        self.assertEqual(*texts)

    def trios(self, values):
        """Mother's, father's and child's value of each pregnancy with all three genotyped."""
        rows = [(values.get(r["m_id"]), values.get(r["f_id"]), values.get(r["c_id"])) for r in
                support.read_tsv(self.dir / "c.pheno.tsv")]
        return np.array([row for row in rows if None not in row]).T

    def test_scores_in_families(self):
        self.run_it()
        rows = self.table("private/scores_adjusted.tsv")
        mother, father, child = self.trios({r["IID"]: float(r["PGS900001"]) for r in rows})
        middle = (mother + father) / 2
        checks = {r["CHECK"]: r for r in self.table("private/score_checks_full.tsv")
                  if r["SCORE"] == "PGS900001"}
        slope, covariance = np.polyfit(middle, child, 1, cov="unscaled")
        slope, rest = slope[0], child - np.polyval(slope, middle)
        se = np.sqrt(covariance[0, 0] * (rest @ rest) / (len(child) - 2))
        self.assertAlmostEqual(float(checks["midparent_slope"]["ESTIMATE"]), slope, places=9)
        self.assertAlmostEqual(float(checks["midparent_slope"]["SE"]), se, places=9)
        deviation = (child - middle) / middle.std(ddof=1)
        minus = checks["child_minus_midparent"]
        self.assertAlmostEqual(float(minus["ESTIMATE"]), deviation.mean(), places=9)
        self.assertAlmostEqual(float(minus["SE"]), deviation.std(ddof=1) / np.sqrt(len(child)),
                               places=9)
        self.assertEqual(int(minus["N"]), len(child))
        self.assertLess(abs(float(checks["midparent_slope"]["T"])), 5)
        shared = self.table("share/score_checks.tsv")
        self.assertEqual({r["SCORE"] for r in shared}, {*SCORES, "p"})
        # QC removed fewer than five people here: what the ledger hides, N would tell.
        people = [r["SAMPLES_OUT"] for r in self.table("private/ledger_full.tsv")]
        self.assertTrue(0 < int(people[0]) - int(people[-1]) < 5, people)
        self.assertEqual({(r["N"], r["DF"]) for r in shared}, {("NA", "NA")})
        self.assertEqual([r["ESTIMATE"] for r in shared],
                         [r["ESTIMATE"] for r in self.table("private/score_checks_full.tsv")])

    def test_few_families_are_not_shown(self):
        begin, end = CONFIG.index("  adjust:"), CONFIG.index("analyses:")
        text = CONFIG[:begin] + CONFIG[end:CONFIG.index("  - id: byname")].replace(
            "analyses:", "") + CONFIG[CONFIG.index("output:"):]
        self.run_it(text)  # without adjusting and without analyses there are checks all the same
        self.assertEqual(len(self.table("share/score_checks.tsv")), 6)
        self.run_it(text.replace("folder: out", "folder: out, small_cell: 1000"))
        self.assertEqual(self.table("share/score_checks.tsv"), [])

    def test_without_the_key_there_is_no_stage(self):
        begin, end = CONFIG.index("  adjust:"), CONFIG.index("analyses:")
        text = CONFIG[:begin] + CONFIG[end:]
        self.run_it(text.replace("p.mother", "PGS900001.mother"))
        self.assertNotIn("adjusted", self.ran())
        self.assertFalse((self.dir / "out/private/scores_adjusted.tsv").exists())

    def test_faults_of_the_config_are_told_together(self):
        text = CONFIG.replace("factors: [batch]", "factors: [bach]").replace(
            "of: [PGS900001, PGS900002]", "of: [PGS900001, PGS90002]")
        done = support.kinflow("validate", self.config(text))
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("did you mean batch?", done.err)
        self.assertIn("did you mean PGS900002?", done.err)
        self.assertIn("run.yaml:11:", done.err)
        self.assertIn("run.yaml:12:", done.err)
        self.run_it(text, 3)
        late = self.config(CONFIG.replace("factors: [batch]", "covariates: [m_age]"))
        done = support.kinflow("validate", late)  # two pregnancies, two ages
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("m_age", done.err)
        done = support.kinflow("validate", self.config(CONFIG.replace("fit_on: mother",
                                                                      "fit_on: mothers")))
        self.assertEqual(done.code, 3, done.err)

    def test_a_score_without_variance_is_lost_and_the_others_go_on(self):
        with gzip.open(self.dir / "c.PGS900002.txt.gz", "rt") as file:
            lines = file.read().splitlines()
        at = next(i for i, line in enumerate(lines) if not line.startswith("#")) + 1
        flat = [line.rsplit("\t", 1)[0] + "\t0" for line in lines[at:]]
        with gzip.open(self.dir / "c.PGS900002.txt.gz", "wt") as file:
            file.write("\n".join(lines[:at] + flat) + "\n")
        done = self.run_it(CONFIG, 4)
        self.assertIn("score:PGS900002 failed: error[E0441]", done.err)
        self.assertIn("score p is not among those computed", done.err)
        lost = {x["what"] for x in self.run_json()["losses"]}
        self.assertEqual(lost, {"score:PGS900002", "score:p", "family:byname"})
        self.assertIn("PGS900001", {r["pgs"] for r in self.table("share/estimates.tsv")})
        rows = {r["SCORE"]: r for r in self.table("share/score_adjustment.tsv")}
        self.assertEqual(rows["PGS900002"]["ERROR"], "E0441")
        accept = "".join(f"  - {{what: {what}, reason: flat}}\n" for what in sorted(lost))
        self.run_it(CONFIG + "accept:\n" + accept.replace("what: family:byname",
                                                          'what: "family:byname"'))

    def test_lost_people_are_counted_and_not_named(self):
        self.edit("c.covar.tsv", "PC1", "NA")
        done = self.run_it()
        self.assertIn("1 people with a sum have no adjusted score", done.err)
        first = support.read_tsv(self.dir / "c.covar.tsv")[0]["IID"]
        self.assertNotIn(first, done.err)
        row = [r for r in self.table("private/scores_adjusted.tsv") if r["IID"] == first][0]
        self.assertEqual((row["PGS900001"], row["p"]), ("NA", "NA"))
        account = self.table("share/score_adjustment.tsv")[0]
        self.assertEqual((account["N"], account["N_DROPPED"]), ("NA", "<5"))


    def test_scores_by_parent_of_origin_are_not_adjusted_by_covariates(self):
        text = CONFIG.replace("  adjust:\n", "  families: {transmitted: true}\n  adjust:\n").replace(
            '"scl_m6 ~ p.mother"', '"scl_m6 ~ pgs.t_mother + pgs.nt_mother"')
        done = self.run_it(text, 3)
        self.assertIn("E0306", done.err)
        self.assertIn("transmitted", done.err)
        done = self.run_it(CONFIG.replace("  adjust:\n", "  families: {impute_parents: true}\n  adjust:\n"), 3)
        self.assertIn("imputed parents have no covariates", done.err)


class PartsOfScores(support.TempFolderTest):
    """One scale for all, and composites: what imputed parents and parts of parents have in models is made
    here of their sums."""

    CONFIG = """schema_version: 1
input: {genotypes: g.vcf.gz, build: GRCh37}
pedigree: {file: ped.fam}
phenotypes: [{file: pheno.tsv, id: IID}]
qc: {preset: none}
scores:
  files: [w.txt, w2.txt]
  frequencies: freq.afreq
  families: {transmitted: true, impute_parents: true}
  adjust: {standardise: child, composites: [{name: p, of: [w, w2]}]}
analyses:
  - id: alleles
    formula: "y ~ pgs.t_mother + pgs.nt_mother + pgs.t_father + pgs.nt_father"
    outcome: {of: child}
    standardise: none
  - {id: trio, formula: "y ~ pgs.mother + pgs.father + pgs.child", outcome: {of: child}, standardise: none}
"""
    FAMILIES = 200

    def setUp(self):
        super().setUp()
        made = Families(21, self.FAMILIES)
        made.write(self.dir, left_out=[f"f{k}" for k in range(60)])
        head, *lines = (self.dir / "w.txt").read_text().splitlines()
        mixed = made.weights + made.rng.normal(size=len(lines))
        (self.dir / "w2.txt").write_text("\n".join([head] + [
            "\t".join(line.split("\t")[:4] + [f"{w:.4f}"]) for line, w in zip(lines, mixed)]) + "\n")
        self.y = made.rng.normal(size=self.FAMILIES)
        (self.dir / "pheno.tsv").write_text("IID\ty\n" + "".join(
            f"c{k}a\t{value!r}\n" for k, value in enumerate(self.y.tolist())))
        done = support.kinflow("run", self.config(self.CONFIG), "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        self.people = {r["IID"]: r for r in support.read_tsv(self.dir / "out/private/scores.tsv")}
        rows = {r["IID"]: r for r in support.read_tsv(self.dir / "out/private/family_scores.tsv")}
        self.kids = [rows[f"c{k}a"] for k in range(self.FAMILIES)]

    def standardised(self, value):
        """The same of all sums: `value` gives that of a score; and of its composite."""
        sums = {s: column(self.people.values(), s) for s in ("w", "w2")}
        z = {s: (value[s] - sums[s].mean()) / sums[s].std(ddof=1) for s in sums}
        of_people = {s: (sums[s] - sums[s].mean()) / sums[s].std(ddof=1) for s in sums}
        r = np.corrcoef(*sums.values())[0, 1]
        self.assertGreater(r, 0.3)  # so that both loadings are the root of 1/2
        is_child = np.array([iid.startswith("c") for iid in self.people])
        out = {}
        for name, own, all_of_it in (("w", z["w"], of_people["w"]), ("w2", z["w2"], of_people["w2"]),
                                     ("p", z["w"] + z["w2"], of_people["w"] + of_people["w2"])):
            scale = all_of_it[is_child]
            out[name] = (own - scale.mean()) / scale.std(ddof=1)
        return out

    def check(self, analysis, columns):
        estimates = support.read_tsv(self.dir / "out/share/estimates.tsv")
        for score in ("w", "w2", "p"):
            x = np.column_stack([np.ones(self.FAMILIES), *(c[score] for c in columns.values())])
            expected = np.linalg.lstsq(x, self.y, rcond=None)[0]
            for term, value in zip(("(Intercept)", *columns), expected):
                got = [r for r in estimates if r["analysis_id"] == analysis and r["pgs"] == score and
                       r["term"] == term and r["model_id"] in ("full", "trio")]
                self.assertTrue(got, (analysis, score, term))
                for row in got:
                    self.assertAlmostEqual(float(row["estimate"]), value, places=7)

    def test_models_use_them_on_the_scale_of_people(self):
        def parts(member):
            return {s: column(self.kids, f"{s}_{member}") for s in ("w", "w2")}

        def halved(member):
            """Half of the shift each: that of nothing passed on is half of that of no allele."""
            none = self.standardised({s: np.zeros(self.FAMILIES) for s in ("w", "w2")})
            return {s: values - none[s] / 2 for s, values in self.standardised(parts(member)).items()}

        self.check("alleles", {f"pgs.{m.lower()}": halved(m) for m in MEMBERS[2:]})
        kids = {s: column([self.people[f"c{k}a"] for k in range(self.FAMILIES)], s)
                for s in ("w", "w2")}
        self.check("trio", {"pgs.mother": self.standardised(parts("MOTHER")),
                            "pgs.father": self.standardised(parts("FATHER")),
                            "pgs.child": self.standardised(kids)})


if __name__ == "__main__":
    unittest.main()
