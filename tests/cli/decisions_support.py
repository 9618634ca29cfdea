"""Runs of the cohort with planted faults, with and without decisions."""
import gzip
import json
import unittest

import support


def read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def write_tsv(path, rows):
    lines = ["\t".join(rows[0])] + ["\t".join(row.values()) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


class DecisionsCase(unittest.TestCase):
    """A cohort with planted faults, and the run that proposes decisions on them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")
        cls.planted = {}
        for row in support.read_tsv(cls.prefix + ".faults.tsv"):
            cls.planted.setdefault(row["fault"], []).append(row)
        cls.told_first = cls.run_config("first").err
        cls.proposed = support.read_tsv(cls.dir / "first/private/decisions.tsv")

    @classmethod
    def run_config(cls, out, decisions="", genotypes="", pedigree="", work="work", code=0,
                   remove=""):
        config = cls.dir / f"{out}.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {genotypes or cls.prefix + '.array.vcf.gz'}, build: GRCh37,
         remove: {remove or 'null'}}}
pedigree: {{file: {pedigree or cls.prefix + '.fam'}}}
qc: {{preset: array}}
kinship: {{compute: true, decisions: {decisions or 'null'}}}
output: {{folder: {out}}}
resources: {{work: {work}}}
""", encoding="ascii")
        done = support.kinflow("run", config)
        if done.code != code:
            raise AssertionError(done.err)
        return done

    def status(self, out):
        stages = json.loads((self.dir / out / "run.json").read_text())["stages"]
        return {stage["id"]: stage["status"] for stage in stages}

    def kind(self, kind):
        return [row for row in self.proposed if row["KIND"] == kind]
