"""Panel models of several groups and of three variables against lavaan on the same rows."""
import random
import subprocess
import unittest

import support
from refit_test import run_script

WAVES = 3
COLUMNS = [f"{s}{t}" for s in "xyw" for t in range(1, WAVES + 1)]


def simulate(path, people=900, seed=5):
    """Two groups that differ in one lag, and in who is missing; a predictor."""
    rng = random.Random(seed)
    lines = ["\t".join(["id", "site", "z", *COLUMNS])]
    for i in range(people):
        site, z = rng.choice(["north", "south west"]), rng.gauss(0, 1)
        stable = [rng.gauss(0, 0.7) + 0.3 * z for _ in range(3)]
        within = [rng.gauss(0, 0.8) for _ in range(3)]
        values, gone = {}, False
        for t in range(1, WAVES + 1):
            if t > 1:
                cross = 0.4 if site == "north" else 0.1
                before = within
                within = [0.3 * before[0], 0.3 * before[1] + cross * before[0],
                          0.2 * before[2] + 0.2 * before[1]]
                within = [w + rng.gauss(0, 0.7) for w in within]
            gone = gone or (t > 1 and rng.random() < 0.1)
            for s, name in enumerate("xyw"):
                values[f"{name}{t}"] = "NA" if gone else f"{1 + stable[s] + within[s]:.5f}"
        where = "NA" if i % 97 == 5 else site
        lines.append("\t".join([f"p{i}", where, f"{z:.5f}", *(values[c] for c in COLUMNS)]))
    path.write_text("\n".join(lines) + "\n")


def lavaan_model(equal):
    """Labels of lags: one for both groups, or none."""
    def lag(to, t, names):
        label = lambda f: f"c(l{to}{f}{t},l{to}{f}{t})*" if equal else ""
        return f"w{to}{t} ~ " + " + ".join(f"{label(f)}w{f}{t - 1}" for f in names)
    lines = []
    for s in "xy":
        lines.append(f"RI{s} =~ " + " + ".join(f"1*{s}{t}" for t in range(1, WAVES + 1)))
    lines += ["RIx ~~ RIx", "RIy ~~ RIy", "RIx ~~ RIy"]
    for t in range(1, WAVES + 1):
        lines += [f"wx{t} =~ 1*x{t}", f"wy{t} =~ 1*y{t}", f"wx{t} ~~ wx{t}", f"wy{t} ~~ wy{t}",
                  f"wx{t} ~~ wy{t}"]
        if t > 1:
            lines += [lag("x", t, "xy"), lag("y", t, "xy")]
    return "\n".join(lines)


SCRIPT = """
suppressPackageStartupMessages(library(lavaan))
d <- read.delim("d.tsv", check.names = FALSE); d <- d[!is.na(d$site), ]
for (name in c("free", "equal_groups")) {
  m <- lavaan(paste(readLines(paste0(name, ".lav")), collapse = "\\n"), data = d, group = "site",
              missing = "ML", int.ov.free = TRUE)
  f <- fitMeasures(m)
  cat("fit", name, "", "", f["logl"], f["chisq"], f["df"], f["cfi"], f["rmsea"], "\\n", sep = "\\t")
  p <- parameterEstimates(m)
  labels <- lavInspect(m, "group.label")
  for (i in which(p$se > 0 & (p$op == "~" | (p$op == "~~" & p$lhs == p$rhs))))
    cat("path", name, labels[p$group[i]], paste(p$lhs[i], p$op[i], p$rhs[i]), p$est[i], p$se[i], "\\n", sep = "\\t")
}
"""


class RiclpmGroupsTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        simulate(self.dir / "d.tsv")

    def fit(self, *settings, code=0, out="out"):
        args = [a for s in settings for a in ("--set", s)]
        done = support.kinflow("fit", "--table", self.dir / "d.tsv", "--model", "riclpm", *args,
                               "--out", self.dir / out)
        self.assertEqual(done.code, code, done.err)
        return done

    def table(self, name, out="out"):
        return support.read_tsv(self.dir / out / "share" / f"{name}.tsv")

    def test_groups_as_lavaan(self):
        support.r_package("lavaan")
        self.fit("x=[x1,x2,x3]", "y=[y1,y2,y3]", "group=site", "variants=[free,equal_groups]")
        for name in ("free", "equal_groups"):
            (self.dir / f"{name}.lav").write_text(lavaan_model(name == "equal_groups"))
        (self.dir / "peer.R").write_text(SCRIPT)
        peer = subprocess.run(["Rscript", "peer.R"], cwd=self.dir, text=True, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        fits = {r["model_id"]: r for r in self.table("fit")}
        paths = {(r["model_id"], r["term"]): r for r in self.table("estimates")}
        compared = 0
        for line in peer.splitlines():
            kind, model, group, term, *numbers = line.rstrip("\t").split("\t")
            numbers = [float(v) for v in numbers if v]
            if kind == "fit":
                names = ("logLik", "chisq", "df", "cfi", "rmsea")
                names = [n if n in fits[model] else "log_lik" for n in names]
                for column, expected in zip(names, numbers):
                    self.assertAlmostEqual(float(fits[model][column]), expected, delta=1e-3,
                                           msg=f"{model} {column}")
                continue
            left, op, right = term.split()
            at = "@" + group.replace(" ", "_")
            row = paths[model, f"{left}{at} {op} {right}{at}"]
            self.assertAlmostEqual(float(row["estimate"]), numbers[0], delta=1e-3, msg=term)
            self.assertAlmostEqual(float(row["std_error"]), numbers[1], delta=1e-3, msg=term)
            compared += 1
        self.assertGreater(compared, 40)

    # One lavaan model of all groups, with labels of a group or of all.
    def test_groups_are_refitted(self):
        support.r_package("lavaan")
        variants = ["free", "equal_lags", "equal_groups", "equal_lags_groups"]
        self.fit("x=[x1,x2,x3]", "y=[y1,y2,y3]", "group=site", "predictors=[z]", "refit=true",
                 f"variants=[{','.join(variants)}]")
        rows = run_script(self.dir / "out" / "private", "fit")
        tests = [r for r in rows if r["se_type"] == "comparisons"]
        self.assertEqual({r["term"].split()[0] for r in tests}, set(variants[1:]))
        for row in tests:
            self.assertAlmostEqual(float(row["estimate"]), float(row["kinflow_estimate"]), delta=1e-3,
                                   msg=row["term"])
        rows = [r for r in rows if r["se_type"] == "model"]
        self.assertEqual(len(rows), 4 * 64)
        self.assertEqual({r["model_id"] for r in rows}, set(variants))
        for row in rows:
            where = f"{row['model_id']} {row['term']}"
            self.assertNotEqual(row["kinflow_estimate"], "NA", where)
            for column in ("estimate", "std_error"):
                self.assertAlmostEqual(float(row[column]), float(row[f"kinflow_{column}"]),
                                       delta=1e-3, msg=where)

    def test_groups_are_compared(self):
        self.fit("x=[x1,x2,x3]", "y=[y1,y2,y3]", "group=site", "predictors=[z]",
                 "variants=[free,equal_groups,equal_lags,equal_lags_groups]")
        tests = {r["reduced"]: r for r in self.table("comparisons") if r["test"] == "LRT"}
        self.assertEqual({k: float(r["df1"]) for k, r in tests.items()},
                         {"equal_groups": 8, "equal_lags": 8, "equal_lags_groups": 12})
        self.assertLess(float(tests["equal_groups"]["p"]), 0.01)  # the lag of y on x differs
        dropped = {r["reason"]: r["count"] for r in self.table("rows")
                   if r["quantity"] == "n_dropped" and r["model_id"] == "free"}
        self.assertIn("site missing", dropped)
        # Each group alone is the model of its own rows.
        for name in ("north", "south west"):
            rows = support.read_tsv(self.dir / "d.tsv")
            own = [r for r in rows if r["site"] == name]
            (self.dir / "d.tsv").write_text("\n".join(
                "\t".join(v) for v in [list(own[0]), *(r.values() for r in own)]) + "\n")
            self.fit("x=[x1,x2,x3]", "y=[y1,y2,y3]", "predictors=[z]", out=name[:5])
            (self.dir / "d.tsv").write_text("\n".join(
                "\t".join(v) for v in [list(rows[0]), *(r.values() for r in rows)]) + "\n")
        both = {r["term"]: r for r in self.table("estimates") if r["model_id"] == "free"}
        for out, group in (("north", "@north"), ("south", "@south_west")):
            for row in self.table("estimates", out):
                if row["role"] != "lag":
                    continue
                left, op, right = row["term"].split()
                joint = both[f"{left}{group} {op} {right}{group}"]
                for column in ("estimate", "std_error"):
                    self.assertAlmostEqual(float(row[column]), float(joint[column]), delta=1e-5)

    def test_three_variables_as_lavaan(self):
        self.fit("x=[x1,x2,x3]", "y=[y1,y2,y3]", "w=[w1,w2,w3]", "variants=[free,equal_lags]",
                 "refit=true")
        self.assertEqual(self.table("fit")[0]["df"], "3")
        support.r_package("lavaan")
        rows = run_script(self.dir / "out" / "private", "fit")
        rows = [r for r in rows if r["se_type"] == "model"]
        self.assertGreater(len(rows), 80)
        for row in rows:
            where = f"{row['model_id']} {row['term']}"
            self.assertAlmostEqual(float(row["estimate"]), float(row["kinflow_estimate"]),
                                   delta=1e-3, msg=where)
            self.assertAlmostEqual(float(row["std_error"]), float(row["kinflow_std_error"]),
                                   delta=1e-3, msg=where)

    def test_main_table_tells_lags_apart(self):
        done = support.kinflow("fit", "--table", self.dir / "d.tsv", "--model", "riclpm", "--set",
                               "x=[x1,x2,x3]", "--set", "y=[y1,y2,y3]", "--out", self.dir / "out")
        self.assertEqual(done.code, 0, done.err)
        terms = [r["term"] for r in self.table("estimates") if r["role"] == "lag"]
        self.assertEqual(len(set(terms)), 8)

    def test_refuses(self):
        for settings, code, message in (
                (["x=[x1]", "y=[y1]"], 3, "pivot_wider"),
                (["x=[x1,x2,x3]", "y=[y1,y2,y3]", "w=[w1]"], 3, "w 1"),
                (["x=[x1,x2,x3]", "y=[y1,y2,y3]", "variants=[equal_groups]"], 3, "need groups"),
                (["x=[x1,x2,x3]", "y=[y1,y2,y3]", "group=nowhere"], 3, "nowhere")):
            with self.subTest(settings=settings):
                args = [a for s in settings for a in ("--set", s)]
                done = support.kinflow("fit", "--table", self.dir / "d.tsv", "--model", "riclpm",
                                       *args, "--out", self.dir / "bad")
                self.assertNotEqual(done.code, 0)
                self.assertIn(message, done.err)


if __name__ == "__main__":
    unittest.main()
