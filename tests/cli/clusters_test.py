"""Two-way clustered errors, and effects compared over waves, against sandwich::vcovCL of R."""
import unittest

import support

CASE = support.ROOT / "tests" / "conformance"
FORMULA_G = "scl_dep ~ pgs_m * deprivation + pgs_f + pgs_c + age"
TRIO = "scl_dep ~ pgs.mother + pgs.father + pgs.child + age"

# One regression in which all coefficients have values of their own at each wave.
STACKED = """
suppressPackageStartupMessages(library(sandwich))
d <- read.delim("waves.tsv")
d <- d[complete.cases(d[c("scl_dep", "pgs.mother", "pgs.father", "pgs.child", "age")]), ]
m <- lm(scl_dep ~ 0 + wave + wave:pgs.mother + wave:pgs.father + wave:pgs.child + wave:age, d)
v <- vcovCL(m, cluster = d$m_id, type = "HC1")
b <- coef(m)
equal <- function(pattern) {
  at <- lapply(pattern, function(p) grep(p, names(b), fixed = TRUE))
  l <- do.call(rbind, lapply(at, function(i) t(sapply(i[-1], function(j) {
    row <- numeric(length(b)); row[j] <- 1; row[i[1]] <- -1; row }))))
  e <- l %*% b
  c(t(e) %*% solve(l %*% v %*% t(l)) %*% e / nrow(l), nrow(l))
}
cat(sprintf("%s\\t%.15g\\t%.15g\\n", names(b), b, sqrt(diag(v))), sep = "")
scores <- c(":pgs.mother", ":pgs.father", ":pgs.child")
for (s in c(scores, ":age")) cat(sprintf("equal %s\\t%.15g\\t%d\\n", s, equal(s)[1], equal(s)[2]))
cat(sprintf("equal all\\t%.15g\\t%d\\n", equal(scores)[1], equal(scores)[2]))
cat(sprintf("df\\t%d\\t%d\\n", length(unique(d$m_id)) - 1, nrow(d)))
"""
TWO_WAY = """
suppressPackageStartupMessages(library(sandwich))
d <- read.delim("waves.tsv")
m <- lm(scl_dep ~ pgs.mother + pgs.father + pgs.child + age, d)
d <- d[rownames(model.frame(m)), ]
for (type in c("HC0", "HC1")) {
  v <- vcovCL(m, cluster = d[c("m_id", "area")], type = type)
  cat(sprintf("%s %s\\t%.15g\\n", type, names(coef(m)), sqrt(diag(v))), sep = "")
}
"""
# clubSandwich's adjustments of a glm, spelled out: response residuals r, derivative and working
# variance v = p (1 - p), I - H_g with H_g = D M D' / v of D = v X. sandwich's own HC2 and HC3 of
# clusters take another root of an asymmetric H_g: they are close, not equal.
LOGIT = """
suppressPackageStartupMessages(library(sandwich))
d <- read.delim("logit.tsv")
m <- glm(high_dep ~ pgs_m + pgs_f + pgs_c + age, binomial, d, control = list(epsilon = 1e-14))
d <- d[rownames(model.frame(m)), ]
x <- model.matrix(m)
v <- fitted(m) * (1 - fitted(m))
bread <- solve(crossprod(x, v * x))
root <- function(g) { e <- eigen(g, TRUE); e$vectors %*% (t(e$vectors) / sqrt(e$values)) }
cr <- function(type) {
  s <- sapply(split(seq_along(v), d$m_id), function(i) {
    left <- diag(length(i)) - v[i] * x[i, , drop = FALSE] %*% bread %*% t(x[i, , drop = FALSE])
    k <- diag(sqrt(v[i]), length(i))
    a <- if (type == "CR3") solve(left) else k %*% root(k %*% left %*% k^2 %*% k) %*% k
    t(x[i, , drop = FALSE]) %*% a %*% (d$high_dep - fitted(m))[i]
  })
  bread %*% tcrossprod(s) %*% bread
}
say <- function(name, v) {
  cat(sprintf("%s %s\\t%.15g\\n", name, names(coef(m)), sqrt(diag(v))), sep = "")
}
for (type in c("CR2", "CR3")) say(type, cr(type))
say("near CR2", vcovCL(m, d$m_id, type = "HC2"))
say("near CR3", vcovCL(m, d$m_id, type = "HC3"))
both <- d[c("m_id", "batch")]
for (type in c("HC0", "HC1")) say(type, vcovCL(m, both, type = type))
"""


class ClustersTest(support.TempFolderTest):
    def waves(self):
        """Case B with its scores named by member."""
        text = (CASE / "data" / "b_waves.tsv").read_text()
        for short, name in (("pgs_m", "pgs.mother"), ("pgs_f", "pgs.father"),
                            ("pgs_c", "pgs.child")):
            text = text.replace(short, name, 1)
        (self.dir / "waves.tsv").write_text(text)
        return self.dir / "waves.tsv"

    def r(self, script):
        (self.dir / "oracle.R").write_text(script)
        out = support.run_peer(support.program("Rscript"), "oracle.R", cwd=self.dir)
        return {line.split("\t")[0]: [float(x) for x in line.split("\t")[1:]]
                for line in out.strip().split("\n")}

    def fit(self, *args, code=0):
        done = support.kinflow("fit", *args, "--out", self.dir / "fit")
        self.assertEqual(done.code, code, done.err)
        return done.err

    def table(self, name):
        return support.read_tsv(self.dir / "fit" / "share" / f"{name}.tsv")

    def close(self, ours, reference, where, tolerance=1e-9):
        self.assertLess(abs(float(ours) / reference - 1), tolerance, f"{where}: {ours} {reference}")

    def test_two_ways_of_which_one_lies_in_the_other(self):
        self.fit("--table", CASE / "data" / "g_geo.tsv", "--formula", FORMULA_G, "--cluster",
                 "area", "--vcov", "CR1S", "--set", "second_cluster=district")
        rows = {r["term"]: r for r in self.table("estimates")}
        compared = 0
        for r in support.read_tsv(CASE / "ref" / "g_geo_coef.tsv"):
            if r["se_type"] != "CR1S_twoway_area_district":
                continue
            ours = rows[r["term"]]
            self.close(ours["std_error"], float(r["std_error"]), r["term"])
            self.assertEqual(float(ours["df"]), 9)
            compared += 1
        self.assertEqual(compared, len(rows))

    def test_two_crossed_ways(self):
        table = self.waves()
        reference = self.r(TWO_WAY)
        self.fit("--table", table, "--formula", TRIO, "--cluster", "m_id", "--vcov", "CR1",
                 "CR1S", "--set", "second_cluster=area")
        rows = [r for r in self.table("estimates") if r["model_id"] == "trio"]
        self.assertEqual(len(rows), len(reference))
        for row in rows:
            name = {"CR1": "HC0", "CR1S": "HC1"}[row["se_type"]] + " " + row["term"]
            self.close(row["std_error"], reference[name][0], name)

    def test_logistic(self):
        lines = (CASE / "data" / "c_logit.tsv").read_text().splitlines()
        text = "\n".join([lines[0] + "\tbatch"] +
                         [f"{line}\tb{i * 7 % 31}" for i, line in enumerate(lines[1:])])
        (self.dir / "logit.tsv").write_text(text + "\n")
        reference = self.r(LOGIT)
        model = ("--table", self.dir / "logit.tsv", "--model", "logit", "--cluster", "m_id",
                 "--formula", "high_dep ~ pgs_m + pgs_f + pgs_c + age", "--vcov")
        self.fit(*model, "CR2", "CR3")
        for row in self.table("estimates"):
            name = f"{row['se_type']} {row['term']}"
            self.close(row["std_error"], reference[name][0], name, 1e-8)
            self.close(row["std_error"], reference["near " + name][0], name, 1e-4)
        self.fit(*model, "CR1", "CR1S", "--set", "second_cluster=batch")
        rows = self.table("estimates")
        self.assertEqual(len(rows), 10)
        for row in rows:
            name = {"CR1": "HC0", "CR1S": "HC1"}[row["se_type"]] + " " + row["term"]
            self.close(row["std_error"], reference[name][0], name, 1e-8)

    def test_effects_by_wave_are_those_of_one_stacked_regression(self):
        table = self.waves()
        reference = self.r(STACKED)
        self.fit("--table", table, "--model", "ols_by_wave", "--formula", TRIO, "--cluster",
                 "m_id", "--set", "wave=wave", "--set", "sample=common", "--outcome-of", "mother")
        full = [r for r in self.table("estimates") if r["model_id"] == "trio"]
        waves = {r["wave"] for r in full}
        self.assertEqual(len(full), 5 * len(waves))
        for row in full:
            term = "wave" + row["wave"] + ("" if row["term"] == "(Intercept)"
                                           else ":" + row["term"])
            self.close(row["estimate"], reference[term][0], term, 1e-8)
        tests = {r["added"]: r for r in self.table("comparisons")
                 if r["reduced"] == "equal at all waves"}
        names = {"pgs.mother": ":pgs.mother", "pgs.father": ":pgs.father",
                 "pgs.child": ":pgs.child", "age": ":age",
                 "pgs.mother + pgs.father + pgs.child": "all"}
        self.assertEqual(set(tests), set(names))
        for added, name in names.items():
            statistic, df1 = reference["equal " + name]
            row = tests[added]
            self.close(row["statistic"], statistic, added, 1e-8)
            self.assertEqual((float(row["df1"]), row["test"], row["wave"]),
                             (df1, "Wald-CR1S", "all"))
            self.assertEqual([float(row["df2"]), float(row["n"])], reference["df"])
        self.assertEqual({r["wave"] for r in self.table("rows")}, waves)

    def test_faults(self):
        table = self.waves()
        common = ("--table", table, "--formula", TRIO)
        for args, code, said in (
                (["--set", "second_cluster=area"], 3, "without a first"),
                (["--cluster", "m_id", "--set", "second_cluster=are"], 3, "area"),
                (["--cluster", "m_id", "--set", "second_cluster=area", "--vcov", "CR2"], 3, "CR2"),
                (["--model", "gee", "--cluster", "m_id", "--set", "second_cluster=area"], 3,
                 "model ols"),
                (["--model", "ols_by_wave", "--cluster", "m_id"], 3, "column of waves"),
                (["--model", "ols_by_wave", "--set", "wave=wave"], 3, "need a cluster"),
                (["--model", "ols_by_wave", "--cluster", "m_id", "--set", "wave=wave", "--vcov",
                  "HC3"], 3, "clustered errors"),
                (["--model", "ols_by_wave", "--cluster", "m_id", "--set", "wave=scl_dep"], 4,
                 "different values")):
            self.assertIn(said, self.fit(*common, *args, code=code))


if __name__ == "__main__":
    unittest.main()
