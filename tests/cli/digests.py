"""What the determinism, crash, signal, memory and bit-rot tests share.

A mini study of several stages, shards and tiles; digests of every artifact file and published table
taken by hashlib, not by the program; and the preload shim that acts at a chosen file operation.
"""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from support import KINFLOW, TempFolderTest, kinflow, need

HERE = pathlib.Path(__file__).resolve().parent
# A run syncs hundreds of small files; in memory that costs nothing. TMPDIR overrides it.
MEMORY_FOLDER = pathlib.Path("/dev/shm")
if "TMPDIR" not in os.environ and os.access(MEMORY_FOLDER, os.W_OK):
    if shutil.disk_usage(MEMORY_FOLDER).free > 1 << 28:
        tempfile.tempdir = str(MEMORY_FOLDER)
STAGES = ["dosage", "counts", "genotype_errors", "qc_first", "first_recount", "qc_variants", "sample_counts",
          "qc_samples", "recount", "qc", "match", "scores", "score_checks", "family:joint"]
_made = {}


def cohort(trios=24, variants=240, chromosomes=3, form="vcf", fields="GT,DS"):
    """A simulated cohort, made once a process; the folder goes when the process ends."""
    key = (trios, variants, chromosomes, form, fields)
    if key not in _made:
        folder = tempfile.TemporaryDirectory(prefix="kinflow-cohort-")
        extra = ["--missing-rate=0.01"] if form == "bed" else [f"--fields={fields}"]
        subprocess.run([KINFLOW, "simulate", f"--trios={trios}", f"--variants={variants}",
                        f"--chromosomes={chromosomes}", "--seed=11", f"--format={form}",
                        *extra, f"--out={folder.name}/c"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _made[key] = folder
    return pathlib.Path(_made[key].name)


def settings(genotypes="c.vcf.gz", shard_genotypes=4000, **resources):
    """A study with every stage of the pipeline; small shards, so that each stage has several."""
    return {
        "schema_version": 1,
        "input": {"genotypes": genotypes, "build": "GRCh37"},
        "pedigree": {"file": "c.pedigree.tsv"},
        "phenotypes": [{"file": "c.pheno.tsv", "id": "m_id", "pregnancy": "preg_id"}],
        "qc": {"preset": "imputed", "variant": {"maf": 0.02, "info": 0, "call_rate": 0.9},
               "sample": {"call_rate": 0.9}},
        "scores": {"files": ["c.PGS*.txt.gz"], "match": {"min_overlap": 0.1}, "detail": True},
        "analyses": [{"id": "joint", "outcome": {"variable": "scl_m6", "of": "mother"},
                      "covariates": ["m_age"]}],
        "resources": {"threads": 2, "shard_genotypes": shard_genotypes, **resources},
    }


def file_digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def files_below(folder):
    return sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file() and not p.is_symlink())


def artifact_digests(work):
    """Every shard by its bytes, every manifest by its content outside timings and the checksum."""
    digests = {}
    root = pathlib.Path(work) / "artifacts"
    for path in files_below(root):
        name = str(path.relative_to(root))
        if re.fullmatch(r"shard-\d+\.json", path.name):
            continue  # what a shard was before the manifest counted: says how many rows were read
        if path.name == "manifest.json":
            content = json.loads(path.read_text())
            content.pop("checksum"), content.pop("timings")
            digests[name] = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        else:
            digests[name] = file_digest(path)
    return digests


def table_digests(out):
    """Every published file of share/ and private/ by its bytes."""
    return {str(p.relative_to(out)): file_digest(p) for p in files_below(out)
            if p.parent.name in ("share", "private")}


def partial_files(folder):
    return [str(p) for p in files_below(folder) if ".partial." in p.name]


def sealed_stages(work):
    names = set()
    for path in pathlib.Path(work).rglob("manifest.json"):
        names.add(json.loads(path.read_text())["stage"])
    return names


def shim_library():
    """The compiled shim; skips the test where there is no C compiler."""
    if "shim" not in _made:
        compiler = shutil.which("cc") or shutil.which("gcc")
        need(compiler, "a C compiler (cc) for the preload shim")
        folder = tempfile.TemporaryDirectory(prefix="kinflow-shim-")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", f"{folder.name}/shim.so",
                        str(HERE / "shim.c"), "-ldl"], check=True)
        _made["shim"] = folder
    return f"{_made['shim'].name}/shim.so"


def shim_env(**what):
    """Environment for shim.c: shim_env(ops="write", path="artifacts", at=3, do="kill")."""
    env = {"LD_PRELOAD": shim_library()}
    env.update({f"SHIM_{name.upper()}": str(value) for name, value in what.items()})
    return env


def start_and_wait_for_stop(test, command, cwd, **what):
    """A run that stands still (SIGSTOP) at a file operation of shim.c, however fast the machine is;
    None if it ended before. Signals sent to it now wait for SIGCONT."""
    env = dict(os.environ, **shim_env(do="stop", **what))
    process = subprocess.Popen(command, cwd=cwd, env=env, text=True, stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
    test.addCleanup(process.stderr.close)
    test.addCleanup(process.wait)
    test.addCleanup(process.kill)
    found = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return process if found.si_code == os.CLD_STOPPED else None


def sanitized():
    """Whether the program is built with AddressSanitizer (linked into it, as clang does)."""
    if "sanitized" not in _made:
        _made["sanitized"] = b"AddressSanitizer" in pathlib.Path(KINFLOW).read_bytes()
    return _made["sanitized"]


class StudyTest(TempFolderTest):
    """Runs a mini study in self.dir; self.expected holds the digests of an undisturbed run."""
    form = "vcf"
    _reference = {}

    def setUp(self):
        super().setUp()
        self.settings = settings("c.bed" if self.form == "bed" else "c.vcf.gz")
        self.copy_inputs()

    def copy_inputs(self):
        for path in cohort(form=self.form).iterdir():
            shutil.copy2(path, self.dir)

    def fresh(self):
        for name in ("work", "out"):
            shutil.rmtree(self.dir / name, ignore_errors=True)

    def write_config(self):
        return self.config(json.dumps(self.settings, indent=1))

    def run_study(self, *args, env=None, **options):
        self.write_config()
        return kinflow("run", "run.yaml", "--progress=none", *args, cwd=self.dir, env=env,
                       timeout=120, **options)

    def run_ok(self, *args, **options):
        done = self.run_study(*args, **options)
        self.assertEqual(done.code, 0, done.err)
        return done

    def digests(self):
        return {**artifact_digests(self.dir / "work"), **table_digests(self.dir / "out")}

    def reference(self):
        """Digests of a run from nothing that nobody disturbed, made once a class."""
        key = (type(self), json.dumps(self.settings, sort_keys=True))
        if key not in self._reference:
            self.run_ok()
            self._reference[key] = self.digests()
            self.fresh()
        return self._reference[key]

    def assert_same(self, got, expected, what=""):
        self.assertEqual(sorted(got), sorted(expected), what)
        changed = [name for name in expected if got[name] != expected[name]]
        self.assertEqual(changed, [], what)

    def assert_resumes(self, what, expected):
        """The same command again: exit 0, the bytes of an undisturbed run, nothing left over."""
        done = self.run_study()
        self.assertEqual(done.code, 0, f"{what}\n{done.err}")
        self.assert_same(self.digests(), expected, what)
        self.assertEqual(partial_files(self.dir), [], what)
        self.assertFalse((self.dir / "work" / "lock.json").exists(), what)
        return done


def gunzip_lines(path):
    with gzip.open(path, "rt") as f:
        return f.read().splitlines()
