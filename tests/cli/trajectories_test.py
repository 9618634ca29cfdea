"""Predicted outcomes by wave, group and level of a score: cell means in closed form, and R's linear
functions of lm (model and clustered errors) and lmer (Satterthwaite's limits)."""
import math
import random
import statistics
import subprocess
import unittest

import support

FORMULA = "y ~ wave*pgs.mother + wave*group + site + poly(pgs.child, 2) + I(age^2)"
R_SCRIPT = """
suppressMessages({library(lmerTest); library(sandwich)})
d <- read.delim("table.tsv", stringsAsFactors = TRUE)
f <- y ~ wave*pgs.mother + wave*group + site + poly(pgs.child, 2) + I(age^2)
l <- lm(f, d); m <- lmer(update(f, . ~ . + (1 | id)), d)
V <- vcovCL(l, cluster = ~id)
for (s in c("pgs.mother", "pgs.child")) for (k in c(-1, 0, 1))
for (w in levels(d$wave)) for (g in levels(d$group)) {
  at <- expand.grid(wave = factor(w, levels(d$wave)), group = factor(g, levels(d$group)),
                    site = levels(d$site))
  for (x in c("pgs.mother", "pgs.child", "age")) at[[x]] <- mean(d[[x]])
  at[[s]] <- mean(d[[s]]) + k * sd(d[[s]])
  L <- colMeans(model.matrix(delete.response(terms(l)), at))
  p <- contest1D(m, L, confint = TRUE)
  cat(w, g, s, k, sprintf("%.12g", c(sum(L * coef(l)), sqrt(L %*% vcov(l) %*% L),
      sqrt(L %*% V %*% L), p$Estimate, p$`Std. Error`, p$df, p$lower, p$upper)), sep = "\\t")
  cat("\\n")
}
"""


class TrajectoriesTest(support.TempFolderTest):
    def people(self):
        draw = random.Random(5)
        rows = []
        for i in range(120):
            mother = round(draw.gauss(0, 1), 3)
            child = round(mother / 2 + draw.gauss(0, 1), 3)
            group, site, own = draw.choice("ab"), draw.choice("stu"), draw.gauss(0, 1)
            age = round(draw.gauss(30, 4), 1)
            for w in range(3):
                y = 0.3 * mother + 0.2 * w * mother + 0.1 * child + own + draw.gauss(0, 1)
                rows.append((i, f"w{w}", group, site, mother, child, age, round(y, 3)))
        head = ("id", "wave", "group", "site", "pgs.mother", "pgs.child", "age", "y")
        text = "\n".join("\t".join(map(str, r)) for r in [head] + rows) + "\n"
        (self.dir / "table.tsv").write_text(text)
        return [dict(zip(head, r)) for r in rows]

    def fit(self, *args, code=0):
        sets = [a for s in args if "=" in s for a in ("--set", s)]
        done = support.kinflow("fit", "--table", self.dir / "table.tsv", "--person", "id", "--out",
                               self.dir / "out", *[a for a in args if "=" not in a], *sets)
        self.assertEqual(done.code, code, done.err)
        return done.err if code else support.read_tsv(self.dir / "out" / "share" /
                                                      "trajectories.tsv")

    def test_cells_of_a_saturated_model_are_their_means(self):
        people = self.people()
        table = self.fit("--formula", "y ~ wave*group", "--vcov", "const", "trajectories.at=[0]",
                         "trajectories.wave=wave", "trajectories.group=group")
        cells = {}
        for p in people:
            cells.setdefault((p["wave"], p["group"]), []).append(p["y"])
        self.assertEqual({(r["wave"], r["group"]) for r in table}, set(cells))
        left = sum(len(c) * statistics.pvariance(c) for c in cells.values())
        sigma = math.sqrt(left / (len(people) - len(cells)))
        for row in table:
            cell = cells[row["wave"], row["group"]]
            self.assertAlmostEqual(float(row["predicted"]), statistics.fmean(cell), places=10)
            self.assertAlmostEqual(float(row["std_error"]), sigma / math.sqrt(len(cell)), places=10)
            self.assertEqual((row["score"], row["at"]), ("NA", "NA"))

    def test_waves_stand_in_time(self):
        """Not in the order of the alphabet, though the first person has no first wave."""
        self.people()
        path = self.dir / "table.tsv"
        header, _, *lines = path.read_text().splitlines()
        text = "\n".join([header, *lines]) + "\n"
        for old, new in (("w0", "w8"), ("w1", "m12"), ("w2", "m18")):
            text = text.replace(f"\t{old}\t", f"\t{new}\t")
        path.write_text(text)
        table = self.fit("--formula", "y ~ wave*group", "--vcov", "const", "trajectories.at=[0]",
                         "trajectories.wave=wave")
        self.assertEqual(list(dict.fromkeys(r["wave"] for r in table)), ["w8", "m12", "m18"])
        table = self.fit("--model", "ols_by_wave", "--cluster", "id", "--formula",
                         "y ~ pgs.mother", "wave=wave", "trajectories.at=[0]")
        self.assertEqual(list(dict.fromkeys(r["wave"] for r in table)), ["w8", "m12", "m18"])

    def test_levels_of_scores_as_in_r(self):
        for package in ("lmerTest", "sandwich"):
            support.r_package(package)
        self.people()
        (self.dir / "check.R").write_text(R_SCRIPT)
        done = subprocess.run(["Rscript", "check.R"], cwd=self.dir, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        keys = ("trajectories.at=[-1, 0, 1]", "trajectories.wave=wave", "trajectories.group=group")
        plain = self.fit("--formula", FORMULA, "--cluster", "id", *keys)
        mixed = self.fit("--model", "lmm", "--formula", FORMULA + " + (1 | id)", *keys)
        found = {}
        for r in plain + mixed:
            cell = (r["wave"], r["group"], r["score"], r["at"])
            found[(*cell, r["se_type"])] = r
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        self.assertEqual(len(lines), 36)
        self.assertEqual(len(mixed), 36)
        for *cell, b, se, robust, mixed_b, mixed_se, df, low, high in lines:
            for kind, column, expected, tolerance in (
                    ("const", "predicted", b, 1e-9), ("const", "std_error", se, 1e-9),
                    ("CR1S", "std_error", robust, 1e-9), ("model", "predicted", mixed_b, 1e-6),
                    ("model", "std_error", mixed_se, 1e-5), ("model", "df", df, 0.05),
                    ("model", "conf_low", low, 1e-4), ("model", "conf_high", high, 1e-4)):
                self.assertAlmostEqual(float(found[(*cell, kind)][column]), float(expected),
                                       delta=tolerance, msg=f"{kind} {column} of {cell}")

    def test_each_wave_by_itself(self):
        self.people()
        table = self.fit("--model", "ols_by_wave", "--cluster", "id", "--formula",
                         "y ~ pgs.mother", "wave=wave", "trajectories.at=[-1, 1]")
        self.assertEqual({(r["wave"], r["at"]) for r in table},
                         {(f"w{w}", at) for w in range(3) for at in ("-1", "1")})

    def test_faults(self):
        self.people()
        for args, said in ((("trajectories.wave=wave",), "no `at`"),
                           (("trajectories.at=[-1, 0, 1]",), "no term is named like pgs.mother"),
                           (("trajectories.at=[0]", "trajectories.group=site"), "no such column"),
                           (("trajectories.at=[0]", "--model", "gee", "--cluster", "id"),
                            "ols, ols_by_wave, lmm")):
            self.assertIn(said, self.fit("--formula", "y ~ wave", *args, code=3))

    # The rest of the analysis stays.
    def test_too_many_waves(self):
        self.people()
        plain = ("--table", self.dir / "table.tsv", "--formula", "y ~ wave + pgs.mother", "--person",
                 "id", "--out")
        done = support.kinflow("fit", *plain, self.dir / "out", "--set", "trajectories.at=[0]",
                               "--set", "trajectories.wave=pgs.mother")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.err, "no trajectories: pgs.mother has [0-9]+ values, more than 50")
        self.assertEqual(done.err.count("no trajectories"), 1)
        self.assertEqual(support.kinflow("fit", *plain, self.dir / "plain").code, 0)
        read = [(self.dir / f / "share" / "estimates.tsv").read_text() for f in ("out", "plain")]
        self.assertEqual(*read)
        self.assertEqual(support.read_tsv(self.dir / "out" / "share" / "trajectories.tsv"), [])


if __name__ == "__main__":
    unittest.main()
