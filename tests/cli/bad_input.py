"""What the bad-input tests share: a small cohort, a config around it, and the checks of a refusal.

A refusal is an exit code of the contract, one `error[E0xxx]` with its place, value and remedy on
standard error, no sign of a crash, and no output that looks like success.
"""
import gzip
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

from support import KINFLOW, TempFolderTest, kinflow, program, read_tsv

EXIT_NAMES = {0, 2, 3, 4, 5, 6, 7, 75, 130, 143}
CRASH = re.compile(r"terminate called|Traceback|Sanitizer|Segmentation|Assertion|error\[E7001\]|"
                   r"std::\w+|core dumped")
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_made = {}


def base_cohort(trios=24, variants=200, **options):
    """A simulated cohort, made once a process; the folder goes when the process ends."""
    key = (trios, variants, tuple(sorted(options.items())))
    if key not in _made:
        folder = tempfile.TemporaryDirectory(prefix="kinflow-cohort-")
        args = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        subprocess.run([KINFLOW, "simulate", f"--trios={trios}", f"--variants={variants}",
                        "--chromosomes=2", "--seed=7", "--missing-fathers=0",
                        "--second-pregnancies=0", *args, f"--out={folder.name}/c"],
                       check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _made[key] = folder
    return pathlib.Path(_made[key].name)


def bgzf_block(data):
    """One BGZF block as the SAM specification defines it, made with zlib alone."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def bgzf(lines, lines_per_block=20):
    """The blocks of a BGZF file whose blocks end on line borders, the end marker last."""
    blocks = ["".join(lines[i:i + lines_per_block]).encode()
              for i in range(0, len(lines), lines_per_block)]
    return [bgzf_block(b) for b in blocks] + [BGZF_END]


def edit_sample(line, sample, change):
    """A VCF line with one sample's column changed by a function."""
    fields = line.rstrip("\n").split("\t")
    fields[9 + sample] = change(fields[9 + sample])
    return "\t".join(fields) + "\n"


class BadInputTest(TempFolderTest):
    maxDiff = 4000

    def setUp(self):
        super().setUp()
        for path in base_cohort().iterdir():
            shutil.copy(path, self.dir)
        self.settings = {
            "schema_version": 1,
            "input": {"genotypes": "c.vcf.gz", "field": "DS", "build": "GRCh37"},
            "pedigree": {"file": "c.pedigree.tsv"},
            "phenotypes": [{"file": "c.pheno.tsv", "id": "m_id", "pregnancy": "preg_id"}],
            "qc": {"preset": "none"},
            "scores": {"files": ["c.PGS900001.txt.gz"], "match": {"min_overlap": 0.1}},
            "analyses": [self.analysis("joint")],
            "resources": {"threads": 2},
        }

    @staticmethod
    def analysis(name, covariates=("m_age",), variable="scl_gw17"):
        return {"id": name, "outcome": {"variable": variable, "of": "mother"},
                "covariates": list(covariates)}

    def run_study(self, *args, progress="none", **options):
        """Writes self.settings as JSON, which is YAML, and runs it."""
        config = self.config(json.dumps(self.settings, indent=1))
        return kinflow("run", config.name, f"--progress={progress}", *args, cwd=self.dir,
                       timeout=120, **options)

    def command_of_nobody(self):
        """The run as a user whom file modes bind: root's copy of the program, started as nobody."""
        if os.geteuid() != 0:
            return [KINFLOW, "run", "run.yaml", "--progress=none"]
        shutil.copy(KINFLOW, self.dir / "program")
        return [program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups",
                str(self.dir / "program"), "run", "run.yaml", "--progress=none"]

    def give_to_nobody(self):
        if os.geteuid() == 0:
            for path in (self.dir, *self.dir.iterdir()):
                os.chown(path, 65534, 65534)

    # Files of the cohort

    def vcf_lines(self, name="c.vcf.gz"):
        with gzip.open(self.dir / name, "rt") as f:
            return f.readlines()

    def use_vcf(self, lines, name="bad.vcf"):
        """A plain VCF of these lines becomes the input."""
        (self.dir / name).write_text("".join(lines))
        self.settings["input"]["genotypes"] = name
        return name

    def change_dosage(self, record, sample, text, name="bad.vcf"):
        """Writes a VCF in which one sample's DS (record counts from 1) is this text."""
        lines = self.vcf_lines()
        row = next(i for i, s in enumerate(lines) if s.startswith("#CHROM")) + record
        lines[row] = edit_sample(lines[row], sample, lambda f: f.split(":")[0] + ":" + text)
        self.use_vcf(lines, name)
        return lines[row].split("\t")

    def edit(self, name, *replacements, new_name=None):
        """A text file of the cohort with replacements; each must occur."""
        path = self.dir / name
        text = gzip.open(path, "rt").read() if name.endswith(".gz") else path.read_text()
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.dir / (new_name or name)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())

    # Checks

    def assert_clean_end(self, result, code):
        """The exit code asked for, in the contract, and no trace of a crash."""
        self.assertIn(result.code, EXIT_NAMES, result.err)
        self.assertNotRegex(result.err, CRASH)
        self.assertEqual(result.code, code, result.err)

    def message(self, result, error_id):
        """The block of standard error that holds this error: its line and the indented ones."""
        lines, block = result.err.splitlines(), []
        for line in lines:
            if f"error[{error_id}]" in line and not block:
                block.append(line)
            elif block and line.startswith("  "):
                block.append(line)
            elif block:
                break
        self.assertTrue(block, f"no {error_id} in:\n{result.err}")
        return "\n".join(block)

    def assert_refused(self, result, code, error_id, *parts, value=None, absent=()):
        """One error message with its id, these parts, this value line, a remedy, this exit code."""
        self.assert_clean_end(result, code)
        text = self.message(result, error_id)
        for part in parts:
            self.assertIn(part, text)
        if value is not None:
            self.assertIn(f'  value:  "{value}"', text)
        self.assertRegex(text, r"(?m)^  remedy: \S.{5,}")
        for secret in absent:
            self.assertNotIn(secret, result.err + result.out)
        self.assert_no_success(code)
        return text

    def assert_no_success(self, code):
        """run.json tells the failure; a run that never got to its models left no estimates."""
        record = self.run_json()
        self.assertEqual(record["exit_code"], code)
        self.assertNotEqual(record["status"], "done")
        finished = [s for s in record["stages"]
                    if s["id"].startswith("family") and s["status"] in ("done", "cached")]
        if not finished:
            self.assertFalse((self.dir / "out/share/estimates.tsv").exists())
        log = (self.dir / "out/kinflow.log").read_text().splitlines()
        self.assertIn(f"exit={code} ", log[-1])

    def assert_done(self, result):
        self.assert_clean_end(result, 0)
        self.assertEqual(self.run_json()["exit_code"], 0)
        self.assertTrue((self.dir / "out/share/estimates.tsv").exists())

    def table(self, name):
        return read_tsv(self.dir / "out" / name)


class TablesTest(BadInputTest):
    """Edits the tables of the cohort."""

    def rows(self, name):
        lines = (self.dir / name).read_text().splitlines()
        return [line.split("\t") for line in lines]

    def write_rows(self, name, rows):
        (self.dir / name).write_text("".join("\t".join(r) + "\n" for r in rows))

    def change_rows(self, name, change):
        """Applies change(row as dict, number from 0) to each data row; columns may be added."""
        header, *rows = self.rows(name)
        dicts = [dict(zip(header, r)) for r in rows]
        for number, row in enumerate(dicts):
            change(row, number)
        self.write_rows(name, [list(dicts[0])] + [list(d.values()) for d in dicts])
