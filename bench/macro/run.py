#!/usr/bin/env python3
"""kinflow beside plink2 on simulated cohorts: time, processor time, peak memory, equal results.

  bench/macro/run.py [--samples 20000] [--variants 100000] [--vcf-variants 20000] [--only TASK ...]

Tasks: bed (load hard calls into a store), vcf (load dosages), qc (variant and sample counts), score1
and score10 (1 and 10 polygenic scores). Each tool runs --runs times, in turn, on warm files; the
table gives medians. In every timed run the two outputs are compared; a difference ends the program
with exit 1. Data are made with `kinflow simulate` and kept in --work. Python's standard library only.
"""
import argparse
import gzip
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Measure:
    """One finished command."""

    def __init__(self, wall, cpu, rss):
        self.wall, self.cpu, self.rss = wall, cpu, rss


def run(command, log):
    """Runs a command to its end; the times and the peak memory are those of this child alone."""
    with open(log, "w", encoding="utf-8") as out:
        out.write(" ".join(map(str, command)) + "\n")
        out.flush()
        start = time.perf_counter()
        child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"failed with exit {child.returncode}, see {log}:\n{Path(log).read_text()[-2000:]}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def output_of(*command):
    return subprocess.run([str(c) for c in command], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout.strip()


def find_plink2():
    """The AVX2 build where the processor has it: Debian's /usr/bin/plink2 is a slower choice."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fast = Path("/usr/lib/plink2/plink2-avx2")
    if " avx2" in flags and fast.exists():
        return fast
    found = shutil.which("plink2")
    if not found:
        sys.exit("plink2 is not installed (scripts/setup --tests)")
    return Path(found)


def rows(path):
    """A table with one header line as a list of dicts; a leading # of the header is cut."""
    opened = gzip.open(path, "rt") if str(path).endswith(".gz") else open(path, encoding="utf-8")
    with opened as text:
        names = None
        for line in text:
            if line.startswith("##"):
                continue
            if names is None:
                names = [n.lstrip("#") for n in line.rstrip("\n").split("\t")]
                continue
            yield dict(zip(names, line.rstrip("\n").split("\t")))


def first(*paths):
    for path in paths:
        if Path(path).exists():
            return Path(path)
    sys.exit(f"output not found: {' or '.join(map(str, paths))}")


def compare(what, pairs, absolute, relative=0.0):
    """pairs: (name, ours, theirs). Ends the program at the first that differ."""
    n = 0
    largest = 0.0
    for name, ours, theirs in pairs:
        difference = abs(ours - theirs)
        largest = max(largest, difference)
        if not difference <= absolute + relative * abs(theirs):
            sys.exit(f"{what}: {name}: kinflow {ours}, plink2 {theirs}")
        n += 1
    if n == 0:
        sys.exit(f"{what}: nothing to compare")
    return f"{n} values, largest difference {largest:.2g}"


def number(text):
    return float("nan") if text in ("NA", "nan", "") else float(text)


class Bench:
    def __init__(self, options):
        self.o = options
        self.work = Path(options.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.kinflow = Path(options.kinflow)
        self.plink2 = Path(options.plink2) if options.plink2 else find_plink2()
        self.results = []

    # ---- data ----

    def simulate(self, name, form, variants, extra=()):
        prefix = self.work / name
        stamp = self.work / f"{name}.made-with"
        # A trio with siblings and missing fathers is about 2.8 people.
        trios = max(1, round(self.o.samples / 2.77))
        wanted = f"{form} {trios} {variants} {self.o.seed} {' '.join(extra)}"
        if not stamp.exists() or stamp.read_text() != wanted:
            print(f"making {prefix}.{form} ...", file=sys.stderr)
            took = run([self.kinflow, "simulate", "--trios", trios, "--variants", variants, "--seed",
                        self.o.seed, "--format", form, "--out", prefix, "--threads", self.o.threads,
                        *extra], self.work / f"{name}.simulate.log")
            print(f"  {took.wall:.0f} s, {took.rss / 2**20:.0f} MiB", file=sys.stderr)
            stamp.write_text(wanted)
        return prefix

    def bed(self):
        return self.simulate("hard", "bed", self.o.variants, ["--missing-rate", "0.002"])

    def vcf(self):
        return self.simulate("dosage", "vcf", self.o.vcf_variants)

    def weights(self, prefix, count):
        """`count` score files over the variants of a cohort; the same numbers for both tools."""
        variants = Path(f"{prefix}.variants.tsv.gz")
        folder = Path(f"{prefix}.weights{count}")
        table = folder / "all.tsv"
        if table.exists() and table.stat().st_mtime > variants.stat().st_mtime:
            return sorted(folder.glob("S*.txt")), table
        folder.mkdir(exist_ok=True)
        rng = random.Random(count)
        files = [open(folder / f"S{s:03}.txt", "w", encoding="utf-8") for s in range(count)]
        with open(table, "w", encoding="utf-8") as joint:
            joint.write("ID\tA1\t" + "\t".join(f"S{s:03}" for s in range(count)) + "\n")
            for s, f in enumerate(files):
                f.write("###PGS CATALOG SCORING FILE\n#format_version=2.0\n"
                        f"#pgs_id=S{s:03}\n#genome_build=GRCh37\n"
                        "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n")
            for v in rows(variants):
                if {v["REF"], v["ALT"]} in ({"A", "T"}, {"C", "G"}):
                    continue  # ambiguous: dropped by kinflow's default
                w = [f"{rng.gauss(0, 0.01):.6f}" for _ in files]
                joint.write("\t".join([v["ID"], v["ALT"], *w]) + "\n")
                for value, f in zip(w, files):
                    f.write("\t".join([v["ID"], v["CHROM"], v["POS"], v["ALT"], v["REF"], value]) + "\n")
        for f in files:
            f.close()
        return sorted(folder.glob("S*.txt")), table

    # ---- measuring ----

    def measure(self, task, size, ours, theirs, agree):
        """ours, theirs: functions of an empty folder -> command. agree: the two folders -> text."""
        k, p, said = [], [], ""
        for i in range(self.o.runs):
            folders = []
            for side in ("kinflow", "plink2"):
                folder = self.work / "out" / f"{task.replace(' ', '-')}.{side}"
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                folders.append(folder)
            order = [(k, ours, folders[0]), (p, theirs, folders[1])]
            for sink, command, folder in order if i % 2 == 0 else reversed(order):
                sink.append(run(command(folder), self.work / "out" / f"{folder.name}.log"))
            said = agree(*folders)
            print(f"{task} {i + 1}/{self.o.runs}: kinflow {k[-1].wall:.2f} s, plink2 "
                  f"{p[-1].wall:.2f} s; {said}", file=sys.stderr)
        self.results.append((task, size, k, p, said))

    def flags(self, folder):
        return ["--threads", self.o.threads, "--progress", "none", "--out", folder / "out"]

    def plink(self, *arguments):
        return [self.plink2, "--threads", self.o.threads, "--memory", self.o.plink_memory, *arguments]

    # ---- tasks ----

    def task_bed(self):
        prefix = self.bed()
        self.measure(
            "load bed", f"{self.o.variants} variants",
            lambda d: [self.kinflow, "load", "--geno", f"{prefix}.bed", *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--make-pgen", "--out", d / "p"),
            lambda k, p: self.agree_load(k, p, prefix, [f"{prefix}.bed"], True))

    def task_vcf(self):
        prefix = self.vcf()
        source = [f"{prefix}.vcf.gz", "--field", "DS", "--pedigree", f"{prefix}.fam"]
        self.measure(
            "load VCF DS", f"{self.o.vcf_variants} variants",
            lambda d: [self.kinflow, "load", "--geno", *source, *self.flags(d)],
            lambda d: self.plink("--vcf", f"{prefix}.vcf.gz", "dosage=DS", "--make-pgen", "--out",
                                 d / "p"),
            lambda k, p: self.agree_load(k, p, prefix, source, False))

    def agree_load(self, k, p, prefix, source, exact):
        """What was loaded, person by person: a score from our store beside plink2's from its pgen,
        after the timed part. plink2 keeps dosages in steps of 1/16384, hence the wider tolerance."""
        files, table = self.weights(prefix, 1)
        run([self.kinflow, "score", "--geno", *source, "--weights", *files, "--work",
             k / "out" / "work", *self.flags(k / "check")], k / "check.log")
        if not self.find_store(k):
            sys.exit("kinflow load left no dosage store")
        run(self.plink("--pfile", p / "p", *self.score_columns(table, 1), "--out", p / "p"),
            p / "check.log")
        return self.agree_scores(k / "check", p, 1, 2e-5 if exact else 5e-4)

    def find_store(self, folder):
        return sorted((folder / "out" / "work" / "artifacts" / "dosage").glob("*/manifest.json"))

    def variants_table(self, folder):
        """The table without suppressed counts."""
        return first(folder / "private" / "variants_full.tsv.gz", folder / "variants.tsv.gz")

    def agree_freq(self, ours, theirs, tolerance):
        def pairs():
            for a, b in zip(rows(self.variants_table(ours)), rows(theirs)):
                if a["ID"] != b["ID"]:
                    sys.exit(f"variants differ in order: {a['ID']} {b['ID']}")
                x, y = number(a["AF"]), number(b["ALT_FREQS"])
                if x == x or y == y:
                    yield a["ID"], x, y
        # plink2 prints six digits.
        return compare("allele frequencies", pairs(), tolerance, 1e-5)

    def task_qc(self):
        prefix = self.bed()
        self.measure(
            "QC counts", f"{self.o.variants} variants",
            # Nobody is removed: the counts are of the same people as plink2's.
            lambda d: [self.kinflow, "qc", "--geno", f"{prefix}.bed", "--preset", "array",
                       "--set", "qc.sample.call_rate=0", "--set", "qc.sample.het_sd=0",
                       "--set", "qc.sample.mendel_rate=1", *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--missing", "--freq", "--hardy", "midp", "--out",
                                 d / "p"),
            self.agree_qc)

    def agree_qc(self, k, p):
        said = [self.agree_freq(k / "out", p / "p.afreq", 1e-9)]
        ours = self.variants_table(k / "out")

        def missing():
            for a, b in zip(rows(ours), rows(p / "p.vmiss")):
                yield a["ID"], number(a["N_MISSING"]), number(b["MISSING_CT"])

        def hardy():
            for a, b in zip(rows(ours), rows(p / "p.hardy")):
                x, y = number(a["HWE_P"]), number(b["MIDP"])
                if x == x:
                    yield a["ID"], x, y

        said.append(compare("missing calls", missing(), 0))
        said.append(compare("HWE p", hardy(), 1e-9, 2e-5))
        return "AF {}; missing {}; HWE {}".format(*said)

    def task_score(self, count):
        prefix = self.bed()
        files, table = self.weights(prefix, count)
        self.measure(
            f"{count} score" + ("s" if count > 1 else ""), f"{self.o.variants} variants",
            lambda d: [self.kinflow, "score", "--geno", f"{prefix}.bed", "--weights", *files,
                       *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, *self.score_columns(table, count), "--out",
                                 d / "p"),
            lambda k, p: self.agree_scores(k, p, count, 2e-5))

    def score_columns(self, table, count):
        return ["--score", table, "1", "2", "header-read", "cols=+scoresums,-scoreavgs",
                "--score-col-nums", f"3-{2 + count}" if count > 1 else "3"]

    def agree_scores(self, k, p, count, tolerance):
        ours = first(k / "out" / "scores.tsv", k / "out" / "private" / "scores.tsv")

        def pairs():
            for a, b in zip(rows(ours), rows(p / "p.sscore")):
                if a["IID"] != b["IID"]:
                    sys.exit("people differ in order")
                for s in range(count):
                    yield f"row, score {s}", number(a[f"S{s:03}"]), number(b[f"S{s:03}_SUM"])
        # plink2 prints six digits.
        return compare("scores", pairs(), tolerance, 1e-5)

    # ---- report ----

    def table(self):
        def median(runs, what):
            return statistics.median(getattr(r, what) for r in runs)

        lines = [
            "| task | size | kinflow s | plink2 s | speed-up | kinflow CPU s | plink2 CPU s | "
            "kinflow MiB | plink2 MiB |",
            "|---|---|---|---|---|---|---|---|---|"]
        for task, size, k, p, _ in self.results:
            lines.append(
                f"| {task} | {size} | {median(k, 'wall'):.2f} | {median(p, 'wall'):.2f} | "
                f"{median(p, 'wall') / median(k, 'wall'):.2f} | {median(k, 'cpu'):.2f} | "
                f"{median(p, 'cpu'):.2f} | {median(k, 'rss') / 2**20:.0f} | "
                f"{median(p, 'rss') / 2**20:.0f} |")
        lines += ["", "Results compared in every timed run (the last one is shown):", ""]
        lines += [f"* {task}: {said}" for task, _, _, _, said in self.results]
        return "\n".join(lines)

    def heading(self):
        try:
            commit = output_of("git", "-C", ROOT, "describe", "--always", "--dirty")
        except (subprocess.CalledProcessError, OSError):
            commit = "unknown"
        cpu = next((line.split(":", 1)[1].strip()
                    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                    if line.startswith("model name")), platform.machine())
        return "\n".join([
            f"{time.strftime('%Y-%m-%d')}, commit {commit}, {cpu}, {os.cpu_count()} processors, "
            f"{self.o.threads} threads, about {self.o.samples} samples; medians of {self.o.runs} runs "
            "in turn, warm page cache",
            "",
            f"* {output_of(self.kinflow, '--version').splitlines()[0]}",
            f"* {output_of(self.plink2, '--version').splitlines()[0]} ({self.plink2})"])


def arguments():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--samples", type=int, default=20000, help="about so many genotyped people")
    p.add_argument("--variants", type=int, default=100000, help="of the hard calls")
    p.add_argument("--vcf-variants", type=int, default=20000, help="of the dosage VCF")
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--plink-memory", type=int, default=4096, help="MiB of workspace for plink2")
    p.add_argument("--only", nargs="+", choices=["bed", "vcf", "qc", "score1", "score10"])
    p.add_argument("--kinflow", default=ROOT / "build" / "release" / "kinflow")
    p.add_argument("--plink2", help="default: the AVX2 build of Debian's package, else plink2")
    p.add_argument("--work", default=ROOT / "build" / "bench", help="data and outputs")
    p.add_argument("--json", help="write every single measurement there")
    return p.parse_args()


def main():
    options = arguments()
    bench = Bench(options)
    tasks = {"bed": bench.task_bed, "vcf": bench.task_vcf, "qc": bench.task_qc,
             "score1": lambda: bench.task_score(1), "score10": lambda: bench.task_score(10)}
    for name in options.only or tasks:
        tasks[name]()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump([{"task": t, "size": s, "kinflow": [vars(m) for m in k],
                        "plink2": [vars(m) for m in p], "agreement": said}
                       for t, s, k, p, said in bench.results], out, indent=1)
    print(bench.heading())
    print()
    print(bench.table())


if __name__ == "__main__":
    main()
