#!/usr/bin/env python3
"""How the cost of `kinflow load` and `kinflow qc` grows: processor time and peak memory at three numbers
of variants and three of people, of a VCF with dosages. Prints a table; linear means that the last
column stays about 1."""
import argparse
import tempfile
from pathlib import Path

import measuring


def measure(kinflow, folder, people, variants, runs):
    prefix = folder / f"c{people}x{variants}"
    measuring.run([kinflow, "simulate", "--trios", people // 3, "--variants", variants, "--format",
                   "vcf", "--missing-fathers", 0, "--second-pregnancies", 0, "--out", prefix],
                  folder / "simulate.log")
    lines = []
    for step in (["load"], ["qc", "--preset", "none"]):
        done = []
        for i in range(runs):
            out = folder / f"out{step[0]}{people}x{variants}.{i}"
            done.append(measuring.run([kinflow, *step, "--geno", f"{prefix}.vcf.gz", "--out", out,
                                       "--threads", 2, "--quiet"], folder / f"{step[0]}.log"))
        cpu = sorted(d.cpu for d in done)[runs // 2]
        lines.append((step[0], people, variants, cpu, max(d.rss for d in done) / 2**20))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinflow", default="build/release/kinflow")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--variants", type=int, default=4000)
    args = parser.parse_args()
    n, m = args.people, args.variants
    print("| command | people | variants | CPU s | peak MiB | CPU of a genotype over the smallest's |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="kinflow-scaling-") as name:
        base = {}
        for people, variants in ((n, m), (n, 2 * m), (n, 4 * m), (2 * n, m), (4 * n, m)):
            for step, *row, cpu, rss in measure(args.kinflow, Path(name), people, variants,
                                                args.runs):
                cost = cpu / (people * variants)
                base.setdefault(step, cost)
                print(f"| {step} | {row[0]} | {row[1]} | {cpu:.2f} | {rss:.0f} | "
                      f"{cost / base[step]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
