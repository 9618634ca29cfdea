#!/usr/bin/env python3
"""kinflow beside plink2 on simulated cohorts: time, processor time, peak memory, equal results.

  bench/macro/run.py [--samples 20000] [--variants 100000] [--vcf-variants 20000] [--only TASK ...]

Tasks: bed, vcf, bcf, bgen-zlib, bgen-zstd, bgen-unphased (load into a store; plink2 makes a pgen), qc (counts of a
.bed), qc-filters (the filters of the preset `array` too), scan-bed, scan-pgen and scan-dosage (counts
with plink2's --freq --missing), score1, score10, score100 (polygenic scores from the .bed), score1000
(choose --variants 10000), score1-pgen ... score1000-pgen (plink2 reads its own .pgen of the same calls),
score10-files (kinflow reads a file a score, not one table as plink2),
score-dosage (10 scores from a .pgen of dosages), score-store (10 scores from kinflow's dosage store
beside that .pgen), score-sparse (500 scores of 100 to 10,000 variants beside one plink2 run over
the matrix of all; choose --samples 5000), kin (kinship of all pairs; choose --samples 5000), qc-people (counts
of variants and people beside one run of plink2's --missing --freq --hardy --het), qc-four (the same beside four
runs), pca (10 components of unrelated founders whose relatives are known, beside --pca approx). Each tool runs --runs
times, in turn, on warm files; the table gives medians and plink2 / kinflow as ratios. In every timed run the two outputs are
compared; a difference ends the program with exit 1. Data are made with `kinflow simulate` and kept in
--work. Python's standard library only.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from cohorts import Cohorts
from measuring import (blas_environment, blas_of, compare, find_plink2, first, number, output_of, rows,
                       run)
from score_tasks import ScoreTasks

TASKS = ["bed", "vcf", "bcf", "bgen-zlib", "bgen-zstd", "bgen-unphased", "qc", "qc-filters", "scan-bed", "scan-pgen",
         "scan-dosage", "score1", "score10", "score100", "score1000", "score1-pgen", "score10-pgen",
         "score100-pgen", "score1000-pgen", "score10-files", "score-dosage", "score-store", "score-sparse", "kin",
         "qc-people", "qc-four", "pca"]
ROOT = Path(__file__).resolve().parents[2]


class Bench(ScoreTasks):
    def __init__(self, options):
        self.o = options
        self.work = Path(options.work)
        self.kinflow = Path(options.kinflow)
        self.plink2 = Path(options.plink2) if options.plink2 else find_plink2()
        self.cohorts = Cohorts(options, self.kinflow, self.plink2)
        self.results = []

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
        return ["env", *blas_environment(self.o.blas), self.plink2, "--threads", self.o.threads,
                "--memory", self.o.plink_memory, *arguments]

    def task_bed(self):
        prefix = self.cohorts.bed()
        self.measure(
            "load bed", f"{self.o.variants} variants",
            lambda d: [self.kinflow, "load", "--geno", f"{prefix}.bed", *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--make-pgen", "--out", d / "p"),
            lambda k, p: self.agree_load(k, p, prefix, [f"{prefix}.bed"], True))

    def task_dosages(self, name, genotypes, importing):
        """`importing`: how plink2 is told to read the file."""
        prefix = self.cohorts.vcf()
        source = [genotypes, "--pedigree", f"{prefix}.fam"]
        self.measure(
            f"load {name}", f"{self.o.vcf_variants} variants",
            lambda d: [self.kinflow, "load", "--geno", *source, *self.flags(d)],
            lambda d: self.plink(*importing, "--make-pgen", "--out", d / "p"),
            lambda k, p: self.agree_load(k, p, prefix, source, False))

    def task_vcf(self):
        path = f"{self.cohorts.vcf()}.vcf.gz"
        self.task_dosages("VCF DS", path, ["--vcf", path, "dosage=DS"])

    def task_bcf(self):
        path = self.cohorts.bcf()
        self.task_dosages("BCF DS", path, ["--bcf", path, "dosage=DS"])

    def task_bgen(self, compression):
        self.load_bgen(f"BGEN 8-bit {compression}", self.cohorts.bgen(compression))

    def task_bgen_unphased(self):
        self.load_bgen("BGEN 8-bit unphased zlib", self.cohorts.unphased_bgen())

    def load_bgen(self, name, path):
        self.task_dosages(name, path,
                          ["--bgen", path, "ref-first", "--sample", path.with_suffix(".sample")])

    def agree_load(self, k, p, prefix, source, exact):
        """What was loaded, person by person: a score from our store beside plink2's from its pgen,
        after the timed part. plink2 keeps dosages in steps of 1/16384, hence the wider tolerance."""
        files, table = self.cohorts.weights(prefix, 1, False)
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

    def passed(self, k, p, report):
        """Variants that passed in kinflow, each with plink2's line of it. plink2 reports before its
        filters, what passed stands in its list."""
        listed = p / "p.snplist"
        wanted = set(listed.read_text(encoding="utf-8").split()) if listed.exists() else None
        theirs = (v for v in rows(p / report) if wanted is None or v["ID"] in wanted)
        ours = (v for v in rows(self.variants_table(k / "out")) if v["STATUS"] == "pass")
        for a, b in zip(ours, theirs, strict=True):
            if a["ID"] != b["ID"]:
                sys.exit(f"variants differ: {a['ID']} {b['ID']}")
            yield a, b

    def agree_freq(self, k, p, tolerance):
        def pairs():
            for a, b in self.passed(k, p, "p.afreq"):
                x, y = number(a["AF"]), number(b["ALT_FREQS"])
                if x == x or y == y:
                    yield a["ID"], x, y
        # plink2 prints six digits.
        return compare("allele frequencies", pairs(), tolerance, 1e-5)

    def task_qc(self):
        prefix = self.cohorts.bed()
        self.measure(
            "QC counts", f"{self.o.variants} variants",
            # kinflow counts Mendel errors too, by variant, person and family.
            lambda d: [self.kinflow, "qc", "--geno", f"{prefix}.bed", "--preset", "none",
                       *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--missing", "--freq", "--hardy", "midp", "--out",
                                 d / "p"),
            self.agree_qc)

    def task_qc_filters(self):
        prefix = self.cohorts.bed()
        self.measure(
            "QC filters and counts", f"{self.o.variants} variants",
            # Nobody is removed: the counts are of the same people as plink2's.
            lambda d: [self.kinflow, "qc", "--geno", f"{prefix}.bed", "--preset", "array",
                       "--set", "qc.sample.call_rate=0", "--set", "qc.sample.het_sd=0",
                       "--set", "qc.sample.mendel_rate=1", *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--maf", 0.005, "--geno", 0.02, "--hwe", 1e-6,
                                 "midp", "keep-fewhet", "--missing", "--freq", "--hardy", "midp",
                                 "--write-snplist", "--out", d / "p"),
            self.agree_qc)

    def agree_qc(self, k, p):
        said = [self.agree_freq(k, p, 1e-9)]

        def missing():
            for a, b in self.passed(k, p, "p.vmiss"):
                yield a["ID"], number(a["N_MISSING"]), number(b["MISSING_CT"])

        def hardy():
            for a, b in self.passed(k, p, "p.hardy"):
                x, y = number(a["HWE_P"]), number(b["MIDP"])
                if x == x:
                    yield a["ID"], x, y

        said.append(compare("missing calls", missing(), 0))
        said.append(compare("HWE p", hardy(), 1e-9, 2e-5))
        return "AF {}; missing {}; HWE {}".format(*said)

    def task_qc_people(self, apart):
        """`apart`: plink2 runs once a report, as a pipeline of separate steps does."""
        prefix = self.cohorts.bed()
        reports = [["--missing"], ["--freq"], ["--hardy", "midp"], ["--het"]]
        plink = self.plink("--bfile", prefix)

        def theirs(d):
            if not apart:
                return [*plink, *sum(reports, []), "--out", d / "p"]
            runs = [" ".join(map(str, [*plink, *report, "--out", d / "p"])) for report in reports]
            return ["sh", "-ec", "; ".join(runs)]

        self.measure(
            "QC of variants and people" + (", plink2 in four runs" if apart else ""),
            f"{self.o.samples} samples, {self.o.variants} variants",
            lambda d: [self.kinflow, "qc", "--geno", f"{prefix}.bed", "--preset", "none",
                       *self.flags(d)],
            theirs, self.agree_people)

    def agree_people(self, k, p):
        ours = {r["IID"]: r for r in rows(k / "out" / "private" / "samples.tsv")}

        def column(report, name, of):
            return ((r["IID"], number(ours[r["IID"]][of]), number(r[name]))
                    for r in rows(p / report))

        said = [self.agree_qc(k, p),
                compare("missing calls of people", column("p.smiss", "MISSING_CT", "N_MISSING"), 0),
                compare("F", column("p.het", "F", "HET_F"), 1e-6, 1e-5)]
        return "{}; people's missing {}; F {}".format(*said)

    def task_pca(self):
        """Relatives are found before, and their calls laid out: what is timed is fitting, projecting and
        writing. plink2 reads its .bed, and fits the same people."""
        prefix, before = self.cohorts.bed(), self.work / "pca"
        every = ["--maf", 0.01, "--call-rate", 0, "--prune", 0, "--keep-high-ld"]
        command = [self.kinflow, "pca", "--geno", f"{prefix}.bed", *every, "--threads",
                   self.o.threads, "--progress", "none", "--work", before / "work"]
        shutil.rmtree(before, ignore_errors=True)
        before.mkdir()
        took = run([*command, "--out", before / "out"], before / "log")
        print(f"pca with relatedness: {took.wall:.2f} s, {took.cpu:.2f} s CPU", file=sys.stderr)
        with open(before / "fitted.txt", "w", encoding="utf-8") as out:
            out.write("#FID\tIID\n" + "".join(f"{r['FID']}\t{r['IID']}\n" for r in rows(before / "out" / "pca.tsv")
                                         if r["FITTED"] == "yes"))

        def ours(d):
            shutil.rmtree(before / "work" / "artifacts" / "pca")
            return [*command, "--out", d / "out"]

        def agree(k, p):
            eigenvalues = [number(r["EIGENVALUE"]) for r in
                           rows(k / "out" / "pca_eigenvalues.tsv")]
            with open(p / "p.eigenval", encoding="utf-8") as text:
                theirs = [float(line) for line in text]
            # The cohort has no structure: eigenvalues lie close together, and both approximate them.
            return compare("eigenvalues", (
                (f"component {i + 1}", a, b)
                for i, (a, b) in enumerate(zip(eigenvalues, theirs, strict=True))), 0, 0.02)

        self.measure(
            "10 components", f"{self.o.samples} samples, {self.o.variants} variants",
            ours,
            lambda d: self.plink("--bfile", prefix, "--keep", before / "fitted.txt", "--maf", 0.01,
                                 "--pca", "approx", 10, "--out", d / "p"),
            agree)

    def task_scan(self, name, genotypes, reading):
        """Variant counts alone: no people are judged. The .fam or .psam beside the genotypes names parents:
        both tools take founders for frequencies, kinflow counts Mendel errors as well."""
        self.measure(
            f"scan {name}", f"{self.o.vcf_variants if 'dosage' in name else self.o.variants} variants",
            lambda d: [self.kinflow, "qc", "--geno", genotypes, "--preset", "none", *self.flags(d)],
            lambda d: self.plink(*reading, "--freq", "--missing", "--out", d / "p"),
            lambda k, p: "AF " + self.agree_freq(k, p, 5e-4))

    def task_scan_bed(self):
        prefix = self.cohorts.bed()
        self.task_scan("bed", f"{prefix}.bed", ["--bfile", prefix])

    def task_scan_pgen(self, dosages):
        prefix = self.cohorts.pgen(dosages)
        self.task_scan("pgen dosage" if dosages else "pgen", f"{prefix}.pgen", ["--pfile", prefix])

    def task_kin(self):
        prefix, least = self.cohorts.bed(), 0.0884
        def agree(k, p):
            kin = {frozenset((r["IID1"], r["IID2"])): r for r in rows(k / "out" / "pairs.tsv")
                   if float(r["KINSHIP"]) >= least}
            peer = {frozenset((r["IID1"], r["IID2"])): r for r in rows(p / "p.kin0")}
            if set(kin) != set(peer):
                sys.exit(f"{len(kin)} pairs beside {len(peer)} of plink2: not the same")
            return compare("kinship", ((" ".join(pair), number(kin[pair]["KINSHIP"]),
                                        number(row["KINSHIP"])) for pair, row in peer.items()), 1e-6)
        self.measure(
            "kinship of all pairs", f"{self.o.samples} samples, {self.o.variants} variants",
            lambda d: [self.kinflow, "kin", "--geno", f"{prefix}.bed", "--min-kinship", least,
                       "--maf", 0, "--call-rate", 0, "--prune", 0, "--keep-high-ld", *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, "--make-king-table", "--king-table-filter", least,
                                 "--out", d / "p"),
            agree)

    def table(self):
        def median(runs, what):
            return statistics.median(getattr(r, what) for r in runs)

        lines = [
            "| task | size | kinflow s | plink2 s | ratio | kinflow CPU s | plink2 CPU s | ratio | "
            "kinflow MiB | plink2 MiB |",
            "|---|---|---|---|---|---|---|---|---|---|"]
        for task, size, k, p, _ in self.results:
            lines.append(
                f"| {task} | {size} | {median(k, 'wall'):.2f} | {median(p, 'wall'):.2f} | "
                f"{median(p, 'wall') / median(k, 'wall'):.2f} | {median(k, 'cpu'):.2f} | "
                f"{median(p, 'cpu'):.2f} | {median(p, 'cpu') / median(k, 'cpu'):.2f} | "
                f"{median(k, 'rss') / 2**20:.0f} | "
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
            f"* {output_of(self.plink2, '--version').splitlines()[0]} ({self.plink2})",
            f"* BLAS of plink2: {blas_of(self.plink2, self.o.blas)}"])


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
    p.add_argument("--only", nargs="+", choices=TASKS)
    p.add_argument("--kinflow", default=ROOT / "build" / "release" / "kinflow")
    p.add_argument("--plink2", help="default: the AVX2 build of Debian's package, else plink2")
    p.add_argument("--blas", help="folder of the libblas.so.3 that plink2 takes, of OpenBLAS")
    p.add_argument("--work", default=ROOT / "build" / "bench", help="data and outputs")
    p.add_argument("--json", help="write every single measurement there")
    return p.parse_args()


def main():
    options = arguments()
    bench = Bench(options)
    tasks = dict(zip(TASKS, [
        bench.task_bed, bench.task_vcf, bench.task_bcf, lambda: bench.task_bgen("zlib"),
        lambda: bench.task_bgen("zstd"), bench.task_bgen_unphased, bench.task_qc, bench.task_qc_filters, bench.task_scan_bed,
        lambda: bench.task_scan_pgen(False), lambda: bench.task_scan_pgen(True),
        *(lambda n=n, pgen=pgen: bench.task_score(n, pgen)
          for pgen in (False, True) for n in (1, 10, 100, 1000)),
        lambda: bench.task_score(10, files=True),
        lambda: bench.task_score_dosage(False), lambda: bench.task_score_dosage(True),
        bench.task_score_sparse, bench.task_kin, lambda: bench.task_qc_people(False),
        lambda: bench.task_qc_people(True), bench.task_pca]))
    for name in options.only or (name for name in tasks if "1000" not in name):
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
