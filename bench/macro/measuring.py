"""Running commands with their times and peak memory, reading tables, comparing numbers."""
import gzip
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path


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


def blas_environment(folder):
    """Variables for plink2: where its BLAS lies, and the processor's kernels of OpenBLAS, which takes older
    ones for processors that it does not know."""
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    core = ("COOPERLAKE" if " avx512_bf16" in flags else "SKYLAKEX" if " avx512f" in flags else None)
    return ([f"OPENBLAS_CORETYPE={core}"] if core else []) + (
        [f"LD_LIBRARY_PATH={folder}"] if folder else [])


def blas_of(plink2, folder):
    linked = output_of("env", *blas_environment(folder), "ldd", plink2)
    name = next((line.split("=>")[1].split()[0] for line in linked.splitlines() if "libblas" in line),
                "none")
    needs = output_of("env", *blas_environment(folder), "ldd", name) if name != "none" else ""
    return f"{os.path.realpath(name)}" + (", OpenBLAS" if "openblas" in needs + name else "")


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
