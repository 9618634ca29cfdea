#!/usr/bin/env python3
"""Regressions of kinflow beside those of R on the same tables: whole processes, equal results.

  bench/macro/fit.py [--runs 3] [--only TASK ...] [--scale 1]

Tasks: ols-pairs (an analysis of 10 outcomes x 100 scores of trios by `kinflow run`, whose scores are computed before: they
come from the cache and stand in the output folder; lm and sandwich::vcovCL), lmm (175,000 rows of 25,000 mothers; lme4::lmer), ordinal
(25,000 rows; MASS::polr with its Hessian), riclpm (4,000 rows with missing values; lavaan, FIML). Each side
runs --runs times, in turn, on warm files; the table gives medians and R / kinflow as ratios. In every run
estimates and standard errors are compared; a difference ends the program with exit 1. Tables are made here
with fixed seeds and kept in --work. Python's standard library only; R with its packages (scripts/setup
--tests).
"""
import argparse
import math
import os
import platform
import random
import shutil
import statistics
import sys
import time
from pathlib import Path

from measuring import compare, number, output_of, rows, run

TASKS = ["ols-pairs", "lmm", "ordinal", "riclpm"]
ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ("mother", "father", "child")
OUTCOMES, SCORES = 10, 100

SHOW = """
show <- function(model, b, se) write.table(
  data.frame(model = model, term = names(b), estimate = b, std_error = se), "r.tsv", sep = "\\t",
  quote = FALSE, row.names = FALSE, append = file.exists("r.tsv"), col.names = !file.exists("r.tsv"))
"""
R = {
    "ols-pairs": """
suppressPackageStartupMessages(library(sandwich))
d <- read.delim("pairs.tsv")
for (y in grep("^y", names(d), value = TRUE)) for (s in unique(sub("[.].*", "", grep("^S", names(d), value = TRUE)))) {
  x <- paste0(s, c(".mother", ".father", ".child"))
  m <- lm(reformulate(x, y), d)
  v <- vcovCL(m, cluster = d$m_id[as.integer(rownames(model.frame(m)))], type = "HC1")
  show(paste(y, s), setNames(coef(m)[-1], c("mother", "father", "child")), sqrt(diag(v))[-1])
}
""",
    "lmm": """
suppressPackageStartupMessages(library(lme4))
d <- read.delim("lmm.tsv")
m <- lmer(y ~ time + pgs.mother + pgs.father + pgs.child + (1 | m_id), d)
show("full", fixef(m), sqrt(diag(as.matrix(vcov(m)))))
""",
    "ordinal": """
suppressPackageStartupMessages(library(MASS))
d <- read.delim("ordinal.tsv")
m <- polr(factor(y) ~ pgs.mother + pgs.father + pgs.child + age, d, Hess = TRUE)
show("full", coef(m), sqrt(diag(vcov(m)))[seq_along(coef(m))])
""",
    "riclpm": """
suppressPackageStartupMessages(library(lavaan))
d <- read.delim("riclpm.tsv")
m <- lavaan(paste(readLines("riclpm.lav"), collapse = "\\n"), d, missing = "ML", int.ov.free = TRUE)
p <- parameterEstimates(m); p <- p[p$op == "~", ]
show("full", setNames(p$est, paste(p$lhs, "~", p$rhs)), p$se)
""",
}
PAIRS = """
schema_version: 1
input: {{genotypes: sim.bed}}
pedigree: {{file: sim.pedigree.tsv}}
phenotypes: [{{file: outcomes.tsv, id: m_id, pregnancy: preg_id}}]
qc: {{preset: none}}
scores: {{files: [S*.txt]}}
analyses:
{analyses}
output: {{folder: out}}
resources: {{work: work}}
"""


def write_table(path, header, lines):
    with open(path, "w", encoding="utf-8") as out:
        out.write("\t".join(header) + "\n")
        for line in lines:
            out.write("\t".join(x if isinstance(x, str) else f"{x:.5f}" for x in line) + "\n")


def trio(rng):
    mother, father = rng.gauss(0, 1), rng.gauss(0, 1)
    return mother, father, 0.5 * (mother + father) + rng.gauss(0, 0.5 ** 0.5)


class FitBench:
    def __init__(self, options):
        self.o = options
        self.work = Path(options.work).resolve()
        self.kinflow = Path(options.kinflow).resolve()
        self.results = []

    def size(self, n):
        return max(50, int(n * self.o.scale))

    def measure(self, task, size, ours, read_ours, tolerance):
        """ours: number of the run -> command; read_ours: -> {(model, term): (estimate, error)}."""
        folder = self.work / task
        script = folder / "r.R"
        script.write_text(SHOW + R[task], encoding="utf-8")
        os.chdir(folder)
        k, r, said = [], [], ""
        for i in range(self.o.runs):
            Path("r.tsv").unlink(missing_ok=True)
            sides = [(k, lambda: ours(i)), (r, lambda: ["Rscript", script])]
            for sink, command in sides if i % 2 == 0 else reversed(sides):
                sink.append(run(command(), folder / "log"))
            theirs = {(x["model"], x["term"]): (number(x["estimate"]), number(x["std_error"]))
                      for x in rows(folder / "r.tsv")}
            mine = read_ours(i)
            said = compare(task, ((f"{key} {j}", mine[key][j], values[j])
                                  for key, values in theirs.items() for j in (0, 1)), *tolerance)
            print(f"{task} {i + 1}/{self.o.runs}: kinflow {k[-1].wall:.2f} s, R {r[-1].wall:.2f} s; "
                  f"{said}", file=sys.stderr)
        self.results.append((task, size, k, r, said))

    def folder(self, task):
        folder = self.work / task
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def fit(self, task, table, *arguments):
        """A command of `kinflow fit` and a reader of its estimates."""
        out = self.work / task / "out"

        def command(_):
            shutil.rmtree(out, ignore_errors=True)
            return [self.kinflow, "fit", "--table", table, "--out", out, "--quiet", *arguments]

        def read(_):
            return {("full", x["term"]): (number(x["estimate"]), number(x["std_error"]))
                    for x in rows(out / "share" / "estimates.tsv")}  # the full model comes last
        return command, read

    def task_lmm(self):
        rng, mothers = random.Random(1), self.size(25000)
        lines = []
        for i in range(mothers):
            scores, own = trio(rng), rng.gauss(0, 0.7)
            mean = 0.2 * scores[0] + 0.05 * scores[1] + 0.1 * scores[2] + own
            for t in range(7):
                lines.append((f"M{i}", t, mean + 0.05 * t + rng.gauss(0, 0.7), *scores))
        table = self.folder("lmm") / "lmm.tsv"
        write_table(table, ["m_id", "time", "y", *(f"pgs.{m}" for m in MEMBERS)],
                    ((a, str(b), *c) for a, b, *c in lines))
        self.measure("lmm", f"{len(lines)} rows, {mothers} mothers", *self.fit(
            "lmm", table, "--model", "lmm", "--formula",
            "y ~ time + pgs.mother + pgs.father + pgs.child + (1 | m_id)", "--set",
            "steps=[[time, pgs.mother, pgs.father, pgs.child]]"), (1e-6, 1e-3))

    def task_ordinal(self):
        rng, n = random.Random(2), self.size(25000)
        lines = []
        for _ in range(n):
            scores, age = trio(rng), rng.gauss(0, 1)
            value = rng.random()
            latent = (0.3 * scores[0] + 0.1 * scores[1] + 0.15 * scores[2] + 0.2 * age
                      - math.log(1 / value - 1))
            lines.append((str(sum(latent > cut for cut in (-1, 0.5, 1.5, 2.5))), *scores, age))
        table = self.folder("ordinal") / "ordinal.tsv"
        write_table(table, ["y", *(f"pgs.{m}" for m in MEMBERS), "age"], lines)
        self.measure("ordinal", f"{n} rows, 5 levels", *self.fit(
            "ordinal", table, "--model", "ordinal", "--formula",
            "y ~ pgs.mother + pgs.father + pgs.child + age", "--vcov", "model", "--set",
            "steps=[[pgs.mother, pgs.father, pgs.child, age]]"), (1e-5, 1e-3))

    def task_riclpm(self):
        rng, n, waves = random.Random(3), self.size(4000), 4
        lines = []
        for _ in range(n):
            stable, within, gone, line = [rng.gauss(0, 0.7) for _ in "xy"], [0, 0], False, []
            for t in range(waves):
                within = [0.3 * within[0] + rng.gauss(0, 0.7),
                          0.25 * within[0] + 0.3 * within[1] + rng.gauss(0, 0.7)]
                gone = gone or (t > 0 and rng.random() < 0.08)
                line += ["NA" if gone else s + w for s, w in zip(stable, within)]
            lines.append(line)
        folder = self.folder("riclpm")
        write_table(folder / "riclpm.tsv", [f"{s}{t + 1}" for t in range(waves) for s in "xy"], lines)
        model = ["RIx ~~ RIx", "RIy ~~ RIy", "RIx ~~ RIy"]
        model += [f"RI{s} =~ " + " + ".join(f"1*{s}{t + 1}" for t in range(waves)) for s in "xy"]
        for t in range(1, waves + 1):
            model += [f"w{s}{t} =~ 1*{s}{t}" for s in "xy"] + [f"w{s}{t} ~~ w{s}{t}" for s in "xy"]
            model += [f"wx{t} ~~ wy{t}"]
            model += [f"w{s}{t} ~ wx{t - 1} + wy{t - 1}" for s in "xy" if t > 1]
        (folder / "riclpm.lav").write_text("\n".join(model), encoding="utf-8")
        columns = {s: "[" + ", ".join(f"{s}{t + 1}" for t in range(waves)) + "]" for s in "xy"}
        self.measure("riclpm", f"{n} rows, {waves} waves", *self.fit(
            "riclpm", folder / "riclpm.tsv", "--model", "riclpm", "--set", f"x={columns['x']}",
            "--set", f"y={columns['y']}"), (1e-4, 1e-3))

    def make_pairs(self, folder):
        """A simulated cohort with many scores and outcomes; the table that R reads, by hand."""
        rng, trios = random.Random(4), self.size(5000)
        os.chdir(folder)
        output_of(self.kinflow, "simulate", "--trios", trios, "--variants", 1000, "--seed", 4,
                  "--format", "bed", "--out", "sim")
        variants = list(rows("sim.variants.tsv.gz"))
        for s in range(SCORES):
            with open(f"S{s:03d}.txt", "w", encoding="utf-8") as out:
                out.write(f"#pgs_id=S{s:03d}\n#genome_build=GRCh37\n"
                          "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n")
                for v in rng.sample(variants, 100):
                    out.write(f"{v['ID']}\t{v['CHROM']}\t{v['POS']}\t{v['ALT']}\t{v['REF']}\t"
                              f"{rng.gauss(0, 0.1):.4f}\n")
        pregnancies = list(rows("sim.pheno.tsv"))
        names = [f"y{i}" for i in range(OUTCOMES)]
        outcomes = [[p["preg_id"], p["m_id"], *(rng.gauss(0, 1) for _ in names)]
                    for p in pregnancies]
        write_table("outcomes.tsv", ["preg_id", "m_id", *names], outcomes)
        self.write_config("first", names[:1])
        output_of(self.kinflow, "run", "first.yaml", "--progress", "none")
        score = {x["IID"]: x for x in rows("out/private/scores.tsv")}
        children = {x["PREGNANCY"]: x for x in rows("sim.pedigree.tsv") if x["ROLE"] == "child"}
        scores = [f"S{s:03d}" for s in range(SCORES)]
        lines = []
        for line in outcomes:
            child = children[line[0]]
            members = [score.get(child[c], {}) for c in ("MAT", "PAT", "IID")]
            lines.append(line + [m.get(s, "NA") for s in scores for m in members])
        write_table("pairs.tsv", ["preg_id", "m_id", *names,
                                  *(f"{s}.{m}" for s in scores for m in MEMBERS)], lines)
        return trios, names

    def write_config(self, name, outcomes):
        analyses = (f"  - {{id: {name}, outcome: {{variable: [{', '.join(outcomes)}], of: mother}}, "
                    "standardise: none, vcov: [CR1S], steps: [[pgs.mother, pgs.father, pgs.child]]}")
        Path(f"{name}.yaml").write_text(PAIRS.format(analyses=analyses), encoding="utf-8")

    def task_ols_pairs(self):
        trios, names = self.make_pairs(self.folder("ols-pairs"))

        def command(i):  # ids that are new each time: only the scores come from the cache
            self.write_config(f"r{i}", names)
            return [self.kinflow, "run", f"r{i}.yaml", "--progress", "none"]

        def read(i):
            return {(f"{x['outcome']} {x['pgs']}", x["role"]):
                    (number(x["estimate"]), number(x["std_error"]))
                    for x in rows("out/share/estimates.tsv") if x["role"] in MEMBERS}
        self.measure("ols-pairs", f"{OUTCOMES * SCORES} regressions, {trios} trios", command, read,
                     (1e-9, 1e-7))

    def print_table(self):
        print("| task | size | kinflow s | R s | ratio | kinflow CPU s | R CPU s | ratio | kinflow MiB "
              "| R MiB |\n|---|---|---|---|---|---|---|---|---|---|")
        for task, size, k, r, _ in self.results:
            cells = []
            for value in (lambda m: m.wall, lambda m: m.cpu):
                ours, theirs = (statistics.median(map(value, side)) for side in (k, r))
                cells += [f"{ours:.2f}", f"{theirs:.2f}", f"{theirs / ours:.1f}"]
            cells += [f"{max(m.rss for m in side) / 2**20:.0f}" for side in (k, r)]
            print(f"| {task} | {size} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of rows")
    parser.add_argument("--work", default=str(ROOT / "build" / "bench-fit"))
    parser.add_argument("--kinflow", default=str(ROOT / "build" / "release" / "kinflow"))
    bench = FitBench(parser.parse_args())
    print(f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} processors; "
          f"{output_of('Rscript', '--version')}")
    for task in bench.o.only:
        getattr(bench, "task_" + task.replace("-", "_"))()
    bench.print_table()


if __name__ == "__main__":
    main()
