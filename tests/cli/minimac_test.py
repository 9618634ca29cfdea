"""One config over real imputation (50 trios, minimac4): refusal, scores and trio model, checked
against sums made here, plink2 --score, the simulation's truth and ordinary least squares."""
import gzip
import math
import operator
import os
import pathlib
import re
import stat
import unittest

import support

# QC runs, but keeps everything: the match rates below are those of the whole file.
CONFIG = """schema_version: 1
input: {{genotypes: {d}/imputed.vcf.gz, build: GRCh37}}
pedigree: {{file: {d}/r.pedigree.tsv}}
phenotypes:
  - {{file: {d}/r.pheno.tsv, id: IID, columns: [y_direct_indirect]}}
  - {{file: {d}/r.covar.tsv, id: IID, columns: [age, PC1]}}
qc:
  preset: imputed
  variant: {{call_rate: 0, maf: 0, hwe_p: 0, info: 0, info_computed: 0, mendel_rate: 1}}
  sample: {{call_rate: 0, het_sd: 0, sex_check: report, mendel_rate: 1}}
scores: {{files: {files}, detail: true}}
analyses:
  - id: joint
    model: ols
    outcome: {{variable: y_direct_indirect, of: child}}
    covariates: [age, PC1]
    cluster: none
    vcov: [const, HC3]
output: {{folder: out}}
resources: {{work: work}}
"""
SCORE = "PGS999990"
LINES, PRESENT, PALINDROMIC = 6876, 5184, 761
MATCHED = PRESENT - PALINDROMIC


def genotype_rows(path, wanted):
    """(samples, {(pos, REF, ALT): DS of each sample}) of the variants named, straight from text."""
    found = {}
    with gzip.open(path, "rt") as f:
        for line in f:
            if line.startswith("##"):
                continue
            if line.startswith("#"):
                samples = line.rstrip("\n").split("\t")[9:]
                continue
            head = line.split("\t", 9)
            key = head[1], head[3], head[4]
            if key in wanted:
                at = head[8].split(":").index("DS")
                fields = head[9].rstrip("\n").split("\t")
                found[key] = [float(field.split(":")[at]) for field in fields]
    return samples, found


def independent_scores(match_log, vcf):
    """Sum of weight x dosage of the effect allele over the matched lines of a match log."""
    rows = [row for row in match_log if row["match_status"] == "matched"]
    keys = {(row["chr_position"], row["REF"], row["ALT"]) for row in rows}
    samples, dosages = genotype_rows(vcf, keys)
    terms = [[] for _ in samples]
    for row in rows:
        weight = float(row["effect_weight"])
        counted = row["matched_effect_allele"] == row["ALT"]
        for i, ds in enumerate(dosages[row["chr_position"], row["REF"], row["ALT"]]):
            terms[i].append(weight * (ds if counted else 2 - ds))
    return {name: math.fsum(values) for name, values in zip(samples, terms)}


def solve(a, b):
    """x of a x = b: Gaussian elimination with partial pivoting."""
    n = len(b)
    m = [row[:] + [value] for row, value in zip(a, b)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[pivot] = m[pivot], m[i]
        for r in range(i + 1, n):
            f = m[r][i] / m[i][i]
            m[r] = [x - f * y for x, y in zip(m[r], m[i])]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (m[i][n] - sum(m[i][j] * x[j] for j in range(i + 1, n))) / m[i][i]
    return x


def least_squares(rows, y):
    k = len(rows[0])
    xtx = [[math.fsum(r[i] * r[j] for r in rows) for j in range(k)] for i in range(k)]
    return solve(xtx, [math.fsum(r[i] * v for r, v in zip(rows, y)) for i in range(k)])


class ImputedTriosTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.data = support.data("minimac_trios")

    def run_config(self, *settings, files=None, extra=""):
        files = files or [f"{self.data}/r.pgs.txt"]
        listed = "[" + ", ".join(map(str, files)) + "]"
        path = self.config(CONFIG.format(d=self.data, files=listed) + extra)
        args = [part for setting in settings for part in ("--set", setting)]
        return support.kinflow("run", path, *args)

    def share(self, name):
        return support.read_tsv(self.dir / "out" / "share" / name)

    def scores(self):
        return {row["IID"]: row for row in support.read_tsv(self.dir / "out/private/scores.tsv")}

    def stages(self):
        return {stage["id"]: stage["status"] for stage in self.run_json()["stages"]}

    def test_default_overlap_refuses_the_score_and_says_why(self):
        done = self.run_config()
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("E0431", done.err)
        row, = self.share("match_scores.tsv")
        self.assertEqual((row["SCORE"], row["PASS"], row["ERROR"]), (SCORE, "false", "E0431"))
        self.assertEqual(int(row["LINES"]), LINES)
        self.assertEqual(int(row["MATCHED"]) + int(row["EXCLUDED"]), PRESENT)
        self.assertEqual(int(row["AMBIGUOUS"]), PALINDROMIC)
        self.assertAlmostEqual(float(row["MATCH_RATE"]), MATCHED / LINES, places=12)
        for text in ("0.643", "0.75", "5184 of 6876", "761 ambiguous"):
            self.assertIn(text, row["MESSAGE"])
        counts = {(r["score_pass"], r["match_status"]): int(r["count"])
                  for r in self.share("match_summary.tsv")}
        self.assertEqual(counts, {("false", "matched"): MATCHED,
                                  ("false", "excluded"): PALINDROMIC,
                                  ("false", "unmatched"): LINES - PRESENT})
        run = self.run_json()
        self.assertEqual(run["exit_code"], 4)
        self.assertIn("E0431", str(run["losses"]))
        # Nothing is said about anybody's score; everything else was done.
        self.assertNotIn(SCORE, next(iter(self.scores().values())))
        variants = self.share("variants.tsv.gz")
        self.assertEqual(len(variants), 11450)
        self.assertEqual({s for i, s in self.stages().items() if i != "match"}, {"done"})

    def test_an_accepted_failure_ends_with_exit_0(self):
        accept = (f"accept: [{{what: 'score:{SCORE}', reason: sparse panel}}, "
                  "{what: 'family:joint', reason: no score}]\n")
        done = self.run_config(extra=accept)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("sparse panel", str(self.run_json()))
        self.assertEqual(self.share("match_scores.tsv")[0]["PASS"], "false")

    def test_a_refused_score_lets_another_complete(self):
        have = self.truth_positions("imputed.vcf.gz")
        good, lines = self.dir / "good.txt", []
        for line in pathlib.Path(self.data, "r.pgs.txt").read_text().splitlines(keepends=True):
            fields = line.split("\t")
            if line.startswith("#") or fields[0] == "rsID" or fields[2] in have:
                lines.append(line.replace(SCORE, "PGS000777"))
        good.write_text("".join(lines))
        done = self.run_config(files=[f"{self.data}/r.pgs.txt", good])
        self.assertEqual(done.code, 4, done.err)
        passed = {row["SCORE"]: row["PASS"] for row in self.share("match_scores.tsv")}
        self.assertEqual(passed, {SCORE: "false", "PGS000777": "true"})
        self.assertEqual({row["pgs"] for row in self.share("estimates.tsv")}, {"PGS000777"})
        person = next(iter(self.scores().values()))
        self.assertIn("PGS000777", person)
        self.assertNotIn(SCORE, person)

    def truth_positions(self, name):
        with gzip.open(f"{self.data}/{name}", "rt") as f:
            return {line.split("\t", 2)[1] for line in f if not line.startswith("#")}

    def test_scores_equal_independent_sums_and_plink2(self):
        done = self.run_config("scores.match.min_overlap=0.6")
        self.assertEqual(done.code, 0, done.err)
        log = self.share("match_log.tsv.gz")
        self.assertEqual(sum(row["match_status"] == "matched" for row in log), MATCHED)
        got = self.scores()
        people = support.read_tsv(f"{self.data}/r.pedigree.tsv")
        self.assertEqual({name: (row["FID"], row["ROLE"]) for name, row in got.items()},
                         {row["IID"]: (row["FID"], row["role"]) for row in people})
        self.assertEqual(len(got), 150)
        expected = independent_scores(log, f"{self.data}/imputed.vcf.gz")
        self.assertEqual(set(got), set(expected))
        for name, value in expected.items():
            self.assertLess(abs(float(got[name][SCORE]) / value - 1), 1e-6, "a person's score")
        self.check_detail(got)
        self.check_against_plink2(log, got)
        self.check_trio_model(got)

    def check_detail(self, got):
        detail = support.read_tsv(self.dir / "out/private/scores_detail.tsv.gz")
        self.assertEqual(len(detail), 150)
        for row in detail:
            self.assertEqual(float(row["DENOM"]), 2 * MATCHED)
            self.assertEqual(float(row["ALLELE_CT"]), 2 * MATCHED)
            self.assertEqual(row["SUM"], got[row["IID"]][SCORE])
            self.assertAlmostEqual(float(row["AVG"]), float(row["SUM"]) / (2 * MATCHED), places=14)

    def check_against_plink2(self, log, got):
        plink2 = support.program("plink2")
        weights = self.dir / "weights.txt"
        with open(weights, "w") as f:
            f.write("ID\tA1\tW\n")
            for row in log:
                if row["match_status"] == "matched":
                    name = ":".join(row[k] for k in ("chr_name", "chr_position", "REF", "ALT"))
                    f.write(f"{name}\t{row['matched_effect_allele']}\t{row['effect_weight']}\n")
        told = support.run_peer(
            plink2, "--vcf", f"{self.data}/imputed.vcf.gz", "dosage=DS", "--set-all-var-ids",
            "@:#:$r:$a", "--new-id-max-allele-len", "200", "--score", weights,
            "1", "2", "3", "header-read", "cols=+scoresums", "--out", self.dir / "peer")
        self.assertIn(f"{MATCHED} variants processed", told)
        rows = support.read_tsv(self.dir / "peer.sscore")
        self.assertEqual(len(rows), 150)
        for row in rows:
            self.assertLess(abs(float(row["W_SUM"]) - float(got[row["IID"]][SCORE])), 1e-3)

    def check_trio_model(self, got):
        """Estimates of the trio model against normal equations on the scores printed."""
        people = {row["IID"]: row for row in support.read_tsv(f"{self.data}/r.pedigree.tsv")}
        y = {r["IID"]: float(r["y_direct_indirect"])
             for r in support.read_tsv(f"{self.data}/r.pheno.tsv")}
        covariates = {r["IID"]: r for r in support.read_tsv(f"{self.data}/r.covar.tsv")}
        scale = {row["role"]: row for row in self.share("scaling.tsv")}
        values = [float(row[SCORE]) for row in got.values()]
        mean = math.fsum(values) / len(values)
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
        self.assertAlmostEqual(float(scale["mother"]["mean"]), mean, places=9)
        self.assertAlmostEqual(float(scale["child"]["sd"]), sd, places=9)
        rows, outcome = [], []
        for child, value in y.items():
            trio = people[child]["mother"], people[child]["father"], child
            z = [(float(got[name][SCORE]) - mean) / sd for name in trio]
            rows.append([1.0, float(covariates[child]["age"]), float(covariates[child]["PC1"]), *z])
            outcome.append(value)
        beta = least_squares(rows, outcome)
        terms = ["(Intercept)", "age", "PC1", "pgs.mother", "pgs.father", "pgs.child"]
        estimates = {row["term"]: row for row in self.share("estimates.tsv")
                     if row["model_id"] == "trio" and row["se_type"] == "HC3"}
        self.assertEqual(set(estimates), set(terms))
        for term, expected in zip(terms, beta):
            self.assertLess(abs(float(estimates[term]["estimate"]) / expected - 1), 1e-7, term)
            self.assertEqual(int(estimates[term]["n"]), 50)
        self.check_steps(rows, outcome)

    def check_steps(self, rows, y):
        """F and delta R2 of covariates -> mother -> father and child, from sums of squares."""
        rss, mean = {}, math.fsum(y) / len(y)
        for model, k in (("covariates", 3), ("mother", 4), ("trio", 6)):
            beta = least_squares([row[:k] for row in rows], y)
            rss[model] = math.fsum((v - sum(map(operator.mul, beta, row))) ** 2
                                   for row, v in zip(rows, y))
        total = math.fsum((v - mean) ** 2 for v in y)
        table = {(row["reduced"], row["full"]): row for row in self.share("comparisons.tsv")
                 if row["test"] == "F"}
        for reduced, full, df1, df2 in (("covariates", "mother", 1, 46), ("mother", "trio", 2, 44)):
            row, lost = table[reduced, full], rss[reduced] - rss[full]
            self.assertEqual((int(row["df1"]), int(row["df2"])), (df1, df2))
            f = lost / df1 / (rss[full] / df2)
            self.assertLess(abs(float(row["statistic"]) / f - 1), 1e-7)
            self.assertLess(abs(float(row["delta_r2"]) / (lost / total) - 1), 1e-7)

    def test_person_rows_are_private_whatever_the_umask(self):
        before = os.umask(0)
        try:
            done = self.run_config("scores.match.min_overlap=0.6")
        finally:
            os.umask(before)
        self.assertEqual(done.code, 0, done.err)
        private = self.dir / "out" / "private"
        self.assertEqual(stat.S_IMODE(private.stat().st_mode), 0o700)
        names = {path.name for path in private.iterdir()}
        self.assertLessEqual({"samples.tsv", "families.tsv", "scores.tsv", "scores.h5",
                              "scores_detail.tsv.gz"}, names)
        for path in private.rglob("*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path.name)
        for path in (self.dir / "work").rglob("*.h5"):  # the artifacts hold dosages
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path.name)
        for path in (self.dir / "out" / "share").iterdir():
            text = path.read_bytes()
            text = gzip.decompress(text) if path.suffix == ".gz" else text
            self.assertIsNone(re.search(rb"FAM0000\d\d", text), path.name)


class TrueGenotypesTest(support.TempFolderTest):
    """The true genotypes, on which the simulation defined its scores and the messy file's lines."""

    def setUp(self):
        super().setUp()
        self.data = support.data("minimac_trios")

    def score(self, genotypes, weights, *args):
        done = support.kinflow("score", "--geno", f"{self.data}/{genotypes}", "--weights",
                               f"{self.data}/{weights}", "--out", self.dir / "out", *args)
        self.assertEqual(done.code, 0, done.err)

    def best_lines(self):
        """The match log's verdict on each line of the score file, numbered from 1."""
        best = {}
        for row in support.read_tsv(self.dir / "out" / "share" / "match_log.tsv.gz"):
            if row["match_status"] != "not_best":
                self.assertNotIn(int(row["row_nr"]) + 1, best)
                best[int(row["row_nr"]) + 1] = row
        return best

    def classes(self):
        rows = support.read_tsv(f"{self.data}/r.pgs_messy.classes.tsv")
        return {int(row["line"]): row["class"] for row in rows}

    def test_sum_equals_the_true_score(self):
        self.score("r.truth.vcf.gz", "r.pgs.txt", "--set", "scores.match.ambiguous=keep")
        got = support.read_tsv(self.dir / "out" / "private" / "scores.tsv")
        self.assertEqual(len(got), 150)
        truth = {r["IID"]: float(r["PGS"]) for r in support.read_tsv(f"{self.data}/r.pgs_true.tsv")}
        for row in got:
            self.assertAlmostEqual(float(row[SCORE]), truth[row["IID"]] - 20.643552, delta=1e-6)

    def test_every_messy_line_gets_its_class(self):
        self.score("r.truth.vcf.gz", "r.pgs_messy.txt", "--set", "scores.match.ambiguous=keep",
                   "--set", "scores.match.duplicates=first")
        straight, swapped = ("refalt", "altref"), ("refalt_flip", "altref_flip")
        plain = {"ambiguous": "false", "match_flipped": "false"}
        expected = {
            # In this file the effect allele is ALT in "match", REF in "match_swapped".
            "match": ("matched", ("altref",), plain),
            "match_swapped": ("matched", ("refalt",), plain),
            "strand_flip": ("matched", swapped, {"match_flipped": "true", "ambiguous": "false"}),
            "palindromic": ("matched", straight, {"ambiguous": "true", "match_flipped": "false"}),
            "no_other_allele": ("matched", ("no_oa_ref", "no_oa_alt"), plain),
            "absent_position": ("unmatched", ("NA",), {}),
            "duplicate": ("excluded", straight, {"duplicate_ID": "true"}),
        }
        classes, best = self.classes(), self.best_lines()
        self.assertEqual(set(classes), set(best))
        different = []
        for line, name in classes.items():
            status, types, flags = expected[name]
            row = best[line]
            fits = row["match_status"] == status and row["match_type"] in types
            if not fits or any(row[key] != value for key, value in flags.items()):
                different.append((name, row["match_status"]))
        # Four lines were shifted onto the position of another variant that fits their alleles.
        self.assertEqual(different, [("absent_position", "matched")] * 4)

    def test_by_default_both_lines_of_a_duplicate_and_palindromes_are_dropped(self):
        self.score("r.truth.vcf.gz", "r.pgs_messy.txt")
        classes, best = self.classes(), self.best_lines()
        duplicate = next(line for line, name in classes.items() if name == "duplicate")
        twins = [row for row in best.values() if row["ID"] == best[duplicate]["ID"]]
        self.assertEqual([row["reason"] for row in twins], ["duplicate"] * 2)
        for line, name in classes.items():
            if name == "palindromic":
                self.assertEqual(best[line]["match_status"], "excluded")
        row, = support.read_tsv(self.dir / "out" / "share" / "match_scores.tsv")
        self.assertEqual(int(row["AMBIGUOUS"]), 997)
        self.assertEqual(int(row["DUPLICATE"]), 2)

    def test_messy_file_on_imputed_genotypes(self):
        self.score("imputed.vcf.gz", "r.pgs_messy.txt", "--min-overlap", "0.6")
        row, = support.read_tsv(self.dir / "out" / "share" / "match_scores.tsv")
        self.assertEqual(round(float(row["MATCH_RATE"]), 3), 0.624)


if __name__ == "__main__":
    unittest.main()
