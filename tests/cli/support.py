"""What the command-line tests share: finding the program, data and peers, and running them.

Tests are unittest classes. KINFLOW_BIN names the program (ctest sets it), KINFLOW_TEST_DATA the
folder of public data sets (default ../shared/data beside the checkout). What is missing skips its
tests with a reason, or fails them under KINFLOW_REQUIRE_ALL=1 (.ci/run).
"""
import csv
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINFLOW = os.environ.get("KINFLOW_BIN", str(ROOT / "build" / "release" / "kinflow"))
DATA = pathlib.Path(os.environ.get("KINFLOW_TEST_DATA", ROOT.parent / "shared" / "data"))
MUST_HAVE = os.environ.get("KINFLOW_REQUIRE_ALL") == "1"


def need(condition, what):
    """Skips the running test, or fails it where everything has to be there."""
    if condition:
        return
    if MUST_HAVE:
        raise AssertionError(f"missing: {what}")
    raise unittest.SkipTest(f"missing: {what}")


def data(relative):
    path = DATA / relative
    need(path.exists(), f"test data {relative} (set KINFLOW_TEST_DATA)")
    return str(path)


def r_package(name):
    """Skips, or fails, the running test where R has no such package."""
    asked = f"stopifnot(nzchar(system.file(package = '{name}')))"
    done = subprocess.run([program("Rscript"), "-e", asked], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    need(done.returncode == 0, f"package {name} of R")


def program(name):
    path = shutil.which(name)
    need(path is not None, f"program {name}")
    return path


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


def kinflow(*args, cwd=None, env=None, timeout=300):
    """Runs the program; never raises on its exit code."""
    full_env = dict(os.environ, **(env or {}))
    done = subprocess.run([KINFLOW, *map(str, args)], cwd=cwd, env=full_env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    return Result(done)


def run_peer(*args, cwd=None):
    return subprocess.run(list(map(str, args)), cwd=cwd, text=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def mix_sample(bed, fam, mixed, second):
    """The bytes of a .bed with one sample heterozygous wherever a second one has another allele."""
    with open(fam, encoding="ascii") as f:
        ids = [line.split()[1] for line in f]
    places = ids.index(mixed), ids.index(second)
    width = (len(ids) + 3) // 4
    with open(bed, "rb") as f:
        out = bytearray(f.read())
    for at in range(3, len(out), width):
        calls = [out[at + s // 4] >> 2 * (s % 4) & 3 for s in places]
        if calls[0] in (0, 3) and calls[1] not in (1, calls[0]):
            out[at + places[0] // 4] ^= (calls[0] ^ 2) << 2 * (places[0] % 4)
    return bytes(out)


def read_tsv(path):
    """Rows as dicts; plain or gzip, '#' in front of the first column name removed."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", newline="") as f:
        rows = csv.reader(f, delimiter="\t")
        header = next(rows)
        header[0] = header[0].lstrip("#")
        return [dict(zip(header, row)) for row in rows]


class TempFolderTest(unittest.TestCase):
    """Each test gets an empty folder, self.dir, removed afterwards."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="kinflow-test-")
        self.dir = pathlib.Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def config(self, text, name="run.yaml"):
        path = self.dir / name
        path.write_text(text)
        return path

    def run_json(self, folder="out"):
        return json.loads((self.dir / folder / "run.json").read_text())
