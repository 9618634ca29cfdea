"""Nobody's id and nobody's value leaves the private folder.

Every person gets a unique token as id, every phenotype a unique value. Runs that succeed and runs
that fail must show none of them on standard output or error, in a log, in run.json or in out/share:
searched as text, in hex and base64, inflated, and as values of HDF5 datasets. The same search finds
them in out/private and in the input, so it can find them.
"""
import base64
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import stat
import unittest

import h5py

from bad_input import BadInputTest, base_cohort
from support import kinflow

VALUE_COLUMNS = ("m_age", "scl_gw17", "scl_gw30", "scl_m6", "scl_m18", "scl_y3", "scl_y5", "scl_y8")


class Canaries:
    """Tokens in place of ids and values, and the search for them."""

    def __init__(self, seed=20):
        self.random = random.Random(seed)
        self.ids, self.values = {}, set()

    def id_of(self, old):
        if old in ("0", "NA"):
            return old
        if old not in self.ids:
            letters = "".join(self.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=9))
            self.ids[old] = f"Zq{letters}"
        return self.ids[old]

    def value(self):
        text = f"{self.random.randint(1, 9)}.{self.random.randint(10**7, 10**8 - 1)}"
        while text.endswith("0") or text in self.values:
            text = text[:-1] + str(self.random.randint(1, 9))
        self.values.add(text)
        return text

    def forms(self):
        """The ids as they are, in hex, and in base64 at each of the three alignments."""
        for token in self.ids.values():
            raw = token.encode()
            yield raw.lower()
            yield raw.hex().encode()
            for shift in range(3):
                text = base64.b64encode(b"\0" * shift + raw)
                yield text[4 if shift else 0:len(raw) * 4 // 3 - 2].lower()

    def in_bytes(self, content):
        lower = content.lower()
        found = [f for f in self.forms() if f in lower]
        numbers = set(re.findall(rb"(?<![\d.])\d\.\d{6,}", content))
        return found + sorted(v for v in self.values if v.encode() in numbers)

    def in_hdf5(self, path):
        found, wanted = [], {float(v) for v in self.values}

        def visit(_, item):
            found.extend(self.in_bytes(repr(dict(item.attrs)).encode()))
            if not isinstance(item, h5py.Dataset):
                return
            data = item[()]
            names = getattr(data.dtype, "names", None) if hasattr(data, "dtype") else None
            for part in ([data[n] for n in names] if names else [data]):
                if getattr(part, "dtype", None) is not None and part.dtype.kind == "f":
                    found.extend(sorted(wanted & set(part.ravel().tolist())))
                else:
                    flat = part.ravel().tolist() if hasattr(part, "ravel") else [part]
                    found.extend(self.in_bytes(b"\n".join(
                        x if isinstance(x, bytes) else str(x).encode() for x in flat)))
        with h5py.File(path, "r") as f:
            found.extend(self.in_bytes(repr(dict(f.attrs)).encode()))
            f.visititems(visit)
        return found

    def in_file(self, path):
        content = path.read_bytes()
        found = self.in_bytes(content) + self.in_bytes(path.name.encode())
        if content[:2] == b"\x1f\x8b":
            found += self.in_bytes(gzip.decompress(content))
        if content[:8] == b"\x89HDF\r\n\x1a\n":
            found += self.in_hdf5(path)
        return found


class Planted(BadInputTest):
    def setUp(self):
        super().setUp()
        self.canaries = Canaries()
        self.relabel_vcf()
        for name in ("c.pedigree.tsv", "c.pheno.tsv", "c.covar.tsv"):
            self.relabel(name)
        for name in ("c.waves.tsv", "c.pgs_true.tsv", "c.fam", "c.vcf.gz", "c.vcf.gz.tbi"):
            (self.dir / name).unlink()
        self.settings["phenotypes"].append({"file": "c.covar.tsv", "id": "IID",
                                            "columns": ["PC1", "batch"]})
        self.settings["analyses"] = [self.analysis("a", ["m_age", "PC1", "factor(batch)"])]
        self.settings["scores"]["detail"] = True
        self.settings["qc"] = {"preset": "imputed", "variant": {"hwe_p": 0.01}}

    def relabel_vcf(self):
        lines = self.vcf_lines()
        row = next(i for i, s in enumerate(lines) if s.startswith("#CHROM"))
        fields = lines[row].rstrip("\n").split("\t")
        lines[row] = "\t".join(fields[:9] + [self.canaries.id_of(s) for s in fields[9:]]) + "\n"
        self.use_vcf(lines, "c.vcf")

    def relabel(self, name):
        header, *rows = [s.split("\t") for s in (self.dir / name).read_text().splitlines()]
        ids = {i for i, n in enumerate(header)
               if n in ("FID", "IID", "PAT", "MAT", "preg_id", "m_id", "f_id", "c_id", "PREGNANCY")}
        values = {i for i, n in enumerate(header) if n in (*VALUE_COLUMNS, "PC1", "PC2", "age")}
        for row in rows:
            for i, text in enumerate(row):
                if i in ids:
                    row[i] = self.canaries.id_of(text)
                elif i in values and text != "NA":
                    row[i] = self.canaries.value()
        (self.dir / name).write_text("".join("\t".join(r) + "\n" for r in [header, *rows]))

    def assert_clean(self, result, out="out"):
        """No token in what the program printed and in what may be shown to others."""
        self.assertIn(result.code, (0, 2, 3, 4), result.err)
        for stream in (result.out, result.err):
            self.assertEqual(self.canaries.in_bytes(stream.encode())[:3], [], stream)
        folder, seen = self.dir / out, 0
        for path in sorted(folder.rglob("*")):
            kept = {"private", "work"} & set(path.parts)  # one-step commands work in OUT/work
            if path.is_file() and not path.is_symlink() and not kept:
                self.assertEqual(self.canaries.in_file(path)[:3], [], path)
                seen += 1
        for path in self.dir.glob("*.log"):
            self.assertEqual(self.canaries.in_file(path)[:3], [], path)
        return seen


class SuccessfulRuns(Planted):
    def test_the_search_finds_what_is_there(self):
        self.assert_done(self.run_study())
        private = self.dir / "out/private"
        people = (self.dir / "c.vcf").read_text().split("#CHROM")[1].split("\n")[0].split()[8:]
        self.assertEqual(len(people), 72)
        for row, token in zip(self.table("private/scores.tsv"), people):
            self.assertEqual(row["IID"], token)
        for name in ("scores.tsv", "scores.h5", "samples.tsv", "samples.h5",
                     "scores_detail.tsv.gz"):
            self.assertGreaterEqual(len(self.canaries.in_file(private / name)), 72, name)
        for name in ("c.pheno.tsv", "c.pedigree.tsv", "c.covar.tsv"):
            packed = self.dir / (name + ".gz")
            packed.write_bytes(gzip.compress((self.dir / name).read_bytes()))
            self.assertGreater(len(self.canaries.in_file(packed)), 20)
        token, value = next(iter(self.canaries.ids.values())), min(self.canaries.values)
        with h5py.File(self.dir / "x.h5", "w") as f:
            f.create_dataset("t", data=[token.encode()] * 99, chunks=(9,), compression="gzip")
            f.create_dataset("v", data=[0.5, float(value)], compression="gzip")
        self.assertLessEqual({token.lower().encode(), float(value)},
                             set(self.canaries.in_file(self.dir / "x.h5")))
        for text in (token.encode().hex(), base64.b64encode(b"xy" + token.encode()).decode(),
                     token.lower(), f"({value})"):
            self.assertTrue(self.canaries.in_bytes(text.encode()), text)

    def test_runs_that_succeed(self):
        for mode in ("auto", "bar", "plain", "json", "none"):
            result = self.run_study("--log", f"{mode}.log", progress=mode)
            self.assert_clean_end(result, 0)
            self.assertGreater(self.assert_clean(result), 15)
            shutil.rmtree(self.dir / "work")
        again = self.run_study()
        self.assert_clean(again)
        for args in (("plan", "run.yaml"), ("validate", "run.yaml"), ("status", "work"),
                     ("plan", "run.yaml", "--format", "json"), ("verify", "work"),
                     ("inspect", "out/share/estimates.h5"), ("inspect", "out/share/ledger.h5")):
            result = kinflow(*args, cwd=self.dir)
            self.assert_clean(result)
            self.assertEqual(result.code, 0, f"{args} {result.err}")

    def test_people_who_withdrew(self):
        people = [t for t in self.canaries.ids.values()][:3] + ["ZqNOTTHERE"]
        (self.dir / "gone.txt").write_text("\n".join(people) + "\n")
        self.canaries.ids["absent"] = "ZqNOTTHERE"
        self.settings["input"]["remove"] = "gone.txt"
        result = self.run_study()
        self.assert_clean(result)
        for path in (self.dir / "out/private").rglob("*.tsv"):
            for token in people:
                self.assertNotIn(token, path.read_text(), path)

    def test_files_are_private(self):
        os.umask(0)
        self.addCleanup(os.umask, 0o022)
        self.assert_done(self.run_study())
        for top in ("out", "work"):
            for path in (self.dir / top, *(self.dir / top).rglob("*")):
                mode = stat.S_IMODE(path.lstat().st_mode)
                if not path.is_symlink():
                    self.assertEqual(mode & 0o077, 0, f"{path} {mode:o}")

    def test_bed_with_family_ids(self):
        for path in base_cohort(format="bed").iterdir():
            if path.suffix in (".bed", ".bim", ".fam"):
                shutil.copy(path, self.dir)
        rows = [s.split() for s in (self.dir / "c.fam").read_text().splitlines()]
        for row in rows:
            row[:4] = [self.canaries.id_of(t) for t in row[:4]]
        (self.dir / "c.fam").write_text("".join("\t".join(r) + "\n" for r in rows))
        self.settings["input"] = {"genotypes": "c.bed", "build": "GRCh37"}
        result = self.run_study()
        self.assert_clean_end(result, 0)
        self.assertGreater(self.assert_clean(result), 15)
        ids = {(r["FID"], r["IID"]) for r in self.table("private/scores.tsv")}
        self.assertEqual(ids, {(r[0], r[1]) for r in rows})

    def test_one_step_commands(self):
        geno, pheno = ("--geno", "c.vcf", "--build", "GRCh37"), self.dir / "c.pheno.tsv"
        for args in (("qc", *geno, "--pedigree", "c.pedigree.tsv"), ("load", *geno),
                     ("kin", *geno, "--pedigree", "c.pedigree.tsv"),
                     ("score", *geno, "--weights", "c.PGS900001.txt.gz"),
                     ("fit", "--table", pheno, "--model", "ols", "--formula",
                      "scl_m6 ~ m_age + parity")):
            with self.subTest(args[0]):
                result = kinflow(*args, "--out", f"one-{args[0]}", cwd=self.dir)
                self.assertEqual(result.code, 0, result.err)
                self.assert_clean(result, f"one-{args[0]}")


class FailingRuns(Planted):
    """Each fault is put right at one person; the message names the row, not the person."""

    def table_of(self, name):
        return [s.split("\t") for s in (self.dir / name).read_text().splitlines()]

    def put(self, name, row, column, text):
        rows = self.table_of(name)
        rows[row][rows[0].index(column) if isinstance(column, str) else column] = text
        (self.dir / name).write_text("".join("\t".join(r) + "\n" for r in rows))

    def fails(self, error_id, code=4):
        result = self.run_study("--log", "run.log", progress="json")
        self.assert_clean_end(result, code)
        self.assertIn(error_id, result.err)
        self.assert_clean(result)
        return result

    def put_genotype(self, row, column, change):
        lines = (self.dir / "c.vcf").read_text().splitlines(keepends=True)
        at = next(i for i, s in enumerate(lines) if s.startswith("#CHROM")) + row
        fields = lines[at].rstrip("\n").split("\t")
        fields[column] = change(fields[column])
        lines[at] = "\t".join(fields) + "\n"
        (self.dir / "c.vcf").write_text("".join(lines))

    def test_genotypes(self):
        whole = (self.dir / "c.vcf").read_text()
        first = self.canaries.ids[next(iter(self.canaries.ids))]
        for error_id, row, change in (("E0415", 9, lambda f: "0|0:3.5"),
                                      ("E0413", 9, lambda f: f + "\t0|0:0"),
                                      ("E0420", 0, lambda f: first),
                                      ("E0413", 0, lambda f: "")):
            with self.subTest(error_id, row=row):
                self.put_genotype(row, 20, change)
                result = self.run_study()
                self.assert_clean_end(result, 4)
                self.assertIn(error_id, result.err)
                self.assert_clean(result)
                (self.dir / "c.vcf").write_text(whole)

    def test_pedigree(self):
        name = "c.pedigree.tsv"
        whole, rows = (self.dir / name).read_text(), self.table_of(name)
        child = next(i for i, r in enumerate(rows) if "child" in r)
        mother = next(i for i, r in enumerate(rows) if r[1] == rows[child][3])
        secret = rows[mother][1]
        for error_id, row, column, text in (
                ("E0424", mother, "IID", rows[child][1]), ("E0425", mother, "SEX", "1"),
                ("E0423", mother, "MAT", secret), ("E0413", mother, "SEX", secret),
                ("E0413", mother, "IID", "NA"), ("E0413", mother, "SEX", "2\t" + secret),
                ("E0413", child, "PREGNANCY", rows[-1][rows[0].index("PREGNANCY")])):
            with self.subTest(error_id, column=column):
                self.put(name, row, column, text)
                if column != "PREGNANCY":
                    self.fails(error_id)
                else:
                    self.assert_clean(self.run_study())
                (self.dir / name).write_text(whole)

    def test_phenotypes(self):
        name = "c.pheno.tsv"
        whole, rows = (self.dir / name).read_text(), self.table_of(name)
        value = rows[5][rows[0].index("scl_gw17")]
        for error_id, column, text in (
                ("E0413", "scl_gw17", value.replace(".", ",")), ("E0413", "scl_gw17", rows[5][1]),
                ("E0413", "m_id", "NA"), ("E0413", "m_id", rows[4][1] + "\t" + value),
                ("exit=0", "preg_id", rows[4][0]), ("E0413", "scl_gw17", '"' + value)):
            with self.subTest(column=column, text=text):
                self.put(name, 5, column, text)
                result = self.run_study()
                self.assert_clean(result)
                for text in (result.err, (self.dir / "out/kinflow.log").read_text()):
                    self.assertNotIn(value.replace(".", ","), text)
                self.assertIn(error_id, result.err)
                (self.dir / name).write_text(whole)

    def test_header_forgotten(self):
        """The first line is then a person: it is not shown as a list of columns."""
        for name in ("c.pheno.tsv", "c.pedigree.tsv", "c.covar.tsv"):
            with self.subTest(name):
                whole = (self.dir / name).read_text()
                (self.dir / name).write_text(whole.split("\n", 1)[1])
                result = self.run_study()
                self.assertNotEqual(result.code, 0)
                self.assert_clean(result)
                (self.dir / name).write_text(whole)

    def test_spoilt_header_of_a_vcf(self):
        path = self.dir / "c.vcf"
        whole = path.read_text()
        for change in (lambda t: t.replace("#CHROM", "CHROM"), lambda t: t.replace("#CHROM\t", "#CHROM "),
                       lambda t: t[t.index("#CHROM"):], self.without_columns):
            path.write_text(change(whole))
            result = self.run_study()
            self.assertEqual(result.code, 4, result.err)
            self.assertNotRegex(result.err, r"\d[|/]\d", "a genotype")
            self.assert_clean(result)

    @staticmethod
    def without_columns(text):
        """The first record, so short that a genotype comes early, stands where #CHROM should."""
        head = text[:text.index("#CHROM")]
        record = text[text.index("\n", text.index("#CHROM")) + 1:].split("\n")[0].split("\t")
        return head + "\t".join(["1", "1", ".", "A", "C", ".", ".", ".", "GT", *record[9:]]) + "\n"

    def test_fit_of_a_table_without_header(self):
        text = (self.dir / "c.pheno.tsv").read_text()
        name = text.split("\n")[1].split("\t")[1]
        (self.dir / "bare.tsv").write_text(text.split("\n", 1)[1])
        result = kinflow("fit", "--table", "bare.tsv", "--model", "ols", "--formula",
                         f"{name[:-1]} ~ b", "--out", "f", cwd=self.dir)
        self.assertEqual(result.code, 4, result.err)
        self.assertIn("looks like data", result.err)
        self.assertNotIn(name, result.err)

    def test_tables_given_for_one_another(self):
        table = (self.dir / "c.pedigree.tsv").read_text()
        (self.dir / "bare.fam").write_text(table.split("\n", 1)[1])
        self.settings["input"]["genotypes"] = "bare.fam"
        self.assert_clean(self.run_study())
        self.settings["input"]["genotypes"] = "c.pheno.tsv"
        self.assert_clean(self.run_study())
        self.settings["input"]["genotypes"] = "c.vcf"
        self.settings["scores"]["files"] = ["c.pheno.tsv"]
        self.assert_clean(self.run_study())
        self.settings["scores"]["files"] = ["c.PGS900001.txt.gz"]
        self.settings["pedigree"]["file"] = "c.covar.tsv"
        self.assert_clean(self.run_study())
        result = kinflow("run", "c.pheno.tsv", cwd=self.dir)
        self.assertNotEqual(result.code, 0)
        self.assert_clean(result)

    def test_nobody_in_common(self):
        rows = self.table_of("c.pheno.tsv")
        for row in rows[1:]:
            row[1] = "x" + row[1]
        (self.dir / "c.pheno.tsv").write_text("".join("\t".join(r) + "\n" for r in rows))
        self.fails("E0422")

    def test_models_and_scores(self):
        self.settings["analyses"] += [self.analysis("people", ["factor(c_id)"]),
                                      self.analysis("text", variable="c_id"),
                                      self.analysis("number", ["f_id"])]
        with gzip.open(self.dir / "c.PGS900001.txt.gz", "rt") as f:
            lines = f.read()
        (self.dir / "bad.txt").write_text(lines.replace("GRCh37", "GRCh38"))
        self.settings["scores"]["files"].append("bad.txt")
        self.settings["scores"]["names"] = {}
        result = self.run_study("--log", "run.log")
        self.assertIn(result.code, (3, 4))
        self.assert_clean(result)


if __name__ == "__main__":
    unittest.main()
