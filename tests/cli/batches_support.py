"""Cuts cohorts into batches of people, the way cohorts come: other files, alleles the other way
round, variants missing. Text VCFs are cut here, by splitting lines; PLINK's formats by plink2."""
import gzip
import json
from decimal import Decimal

import digests
from support import TempFolderTest, kinflow, program, read_tsv, run_peer

SWAP = str.maketrans("01", "10")


def vcf_lines(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt") as f:
        return f.read().splitlines()


def columns_line(lines):
    return next(i for i, line in enumerate(lines) if line.startswith("#CHROM"))


def samples_of(lines):
    return lines[columns_line(lines)].split("\t")[9:]


def turn_entry(entry):
    """A sample's GT[:DS] counted by the other allele."""
    call, *dosage = entry.split(":")
    copies = 2 if "|" in call or "/" in call else 1
    dosage = [d if d == "." else str(copies - Decimal(d)) for d in dosage]
    return ":".join([call.translate(SWAP), *dosage])


def turned(line):
    """A data line with REF and ALT the other way round."""
    f = line.split("\t")
    f[3], f[4] = f[4], f[3]
    f[7] = ";".join(x for x in f[7].split(";") if not x.startswith("AF="))
    return "\t".join(f[:9] + [turn_entry(entry) for entry in f[9:]])


def cut(lines, people, change=lambda number, line: line):
    """The lines of these people; change(number of the data line, line) gives a line, or None."""
    head = columns_line(lines)
    columns = list(range(9)) + [9 + samples_of(lines).index(p) for p in people]
    out, number = lines[:head], 0
    for line in lines[head:]:
        fields = line.split("\t")
        line = "\t".join(fields[i] for i in columns)
        if not line.startswith("#"):
            line = change(number, line)
            number += 1
        if line is not None:
            out.append(line)
    return out


def write(path, lines):
    text = "".join(line + "\n" for line in lines)
    if str(path).endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)


class BatchesTest(TempFolderTest):
    """A mini study, its VCF read, its people in three parts that are no runs of columns."""
    form, variants = "vcf", 240

    def setUp(self):
        super().setUp()
        for path in digests.cohort(variants=self.variants, form=self.form).iterdir():
            (self.dir / path.name).write_bytes(path.read_bytes())
        self.settings = digests.settings("c.bed" if self.form == "bed" else "c.vcf.gz")
        if self.form == "vcf":
            self.lines = vcf_lines(self.dir / "c.vcf.gz")
            self.people = samples_of(self.lines)
        else:
            fam = (self.dir / "c.fam").read_text().splitlines()
            self.people = [line.split()[1] for line in fam]
        self.parts = [self.people[i::3] for i in range(3)]

    def use_batches(self, **files):
        """The input becomes these batches: name=files, or name={key: value}."""
        self.settings["input"].pop("genotypes", None)
        self.settings["input"]["batches"] = [
            {"name": name, **(given if isinstance(given, dict) else {"genotypes": given})}
            for name, given in files.items()]

    def use_files(self, *genotypes):
        self.settings["input"].pop("batches", None)
        self.settings["input"]["genotypes"] = list(genotypes)

    def run_study(self, out, *args, work=None, env=None, **resources):
        self.settings["output"] = {"folder": out}
        self.settings["resources"].update(work=work or f"work_{out}", **resources)
        self.config(json.dumps(self.settings, indent=1))
        return kinflow("run", "run.yaml", "--progress=none", *args, cwd=self.dir, env=env)

    def run_ok(self, out, *args, **resources):
        done = self.run_study(out, *args, **resources)
        self.assertEqual(done.code, 0, done.err)
        return done

    def table(self, out, name):
        return read_tsv(self.dir / out / name)

    def by_person(self, out, name):
        return {row["IID"]: row for row in self.table(out, name)}

    def plink2(self, *args):
        run_peer(program("plink2"), "--silent", *args, cwd=self.dir)
