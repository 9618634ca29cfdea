"""Imputation quality by batch beside numpy: real imputed dosages, some made worse in one batch."""
import gzip
import pathlib
import unittest

import numpy

import support


class BatchInfoTest(unittest.TestCase):
    """Families go to two batches at random; one variant in ten has its dosages drawn to their mean
    in the second batch, as a worse reference would do."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.data = support.data("minimac_trios")
        with open(f"{cls.data}/r.fam", encoding="ascii") as f:
            fam = [line.split() for line in f]
        random = numpy.random.default_rng(11)
        of_family = {fid: "b2" if random.random() < 0.5 else "b1" for fid in
                     sorted({line[0] for line in fam})}
        cls.batch = {line[1]: of_family[line[0]] for line in fam}
        cls.founders = {line[1] for line in fam if line[2] == line[3] == "0"}
        cls.rewrite()
        (cls.dir / "plates.tsv").write_text("IID\tbatch\n" + "".join(
            f"{iid}\t{batch}\n" for iid, batch in cls.batch.items()), encoding="ascii")
        cls.run_it("out", f"genotypes: {cls.dir}/c.vcf.gz", "plates: {file: plates.tsv}")
        cls.rows = {row["ID"]: row for row in
                    support.read_tsv(cls.dir / "out/private/batch_info_variants.tsv.gz")}

    @classmethod
    def rewrite(cls):
        """c.vcf.gz with a DS field alone, and the dosages of founders by variant and batch."""
        cls.dosages, cls.worse = {}, set()
        with gzip.open(f"{cls.data}/imputed.vcf.gz", "rt") as f, \
                gzip.open(cls.dir / "c.vcf.gz", "wt", compresslevel=1) as out:
            for line in f:
                if line.startswith("#"):
                    out.write(line)
                    if line.startswith("#CHROM"):
                        ids = line.rstrip().split("\t")[9:]
                        second = numpy.array([cls.batch[i] == "b2" for i in ids])
                        founder = numpy.array([i in cls.founders for i in ids])
                    continue
                if len(cls.dosages) == 4000:
                    break
                fields = line.rstrip().split("\t")
                name = f"v{len(cls.dosages)}"
                at = fields[8].split(":").index("DS")
                values = numpy.array([float(entry.split(":")[at]) for entry in fields[9:]])
                if len(cls.dosages) % 10 == 0:
                    cls.worse.add(name)
                    mean = values[second].mean()
                    values[second] = numpy.round(mean + 0.4 * (values[second] - mean), 3)
                cls.dosages[name] = [values[founder & ~second], values[founder & second]]
                out.write("\t".join([*fields[:2], name, *fields[3:7], ".", "DS",
                                     *(f"{v:.3f}" for v in values)]) + "\n")

    @classmethod
    def run_it(cls, out, source, more="", threads=2, flags=()):
        config = cls.dir / f"{out}.yaml"
        config.write_text(f"""
schema_version: 1
input: {{{source}, field: DS, build: GRCh37}}
pedigree: {{file: {cls.data}/r.fam}}
qc: {{preset: none}}
{more}
output: {{folder: {out}}}
resources: {{work: work_{out}}}
""", encoding="ascii")
        done = support.kinflow("run", config, "--threads", threads, *flags)
        if done.code != 0:
            raise AssertionError(done.err)
        return done

    @staticmethod
    def info(dosages):
        p = dosages.mean() / 2
        return dosages.var() / (2 * p * (1 - p))

    def can_tell(self, name):
        return all(min(d.sum(), 2 * len(d) - d.sum()) >= 20 for d in self.dosages[name])

    def test_quality_of_each_batch(self):
        self.assertEqual(self.rows.keys(), self.dosages.keys())
        told = 0
        for name, row in self.rows.items():
            if not self.can_tell(name):
                self.assertEqual((row["DIFFERENCE"], row["P"]), ("NA", "NA"))
                continue
            told += 1
            expected = [self.info(d) for d in self.dosages[name]]
            for batch, value in zip(("b1", "b2"), expected):
                self.assertAlmostEqual(float(row[f"INFO_{batch}"]), value, places=9)
            self.assertAlmostEqual(float(row["DIFFERENCE"]), abs(expected[1] - expected[0]),
                                   places=9)
            self.assertEqual(row["DF"], "1")
        self.assertGreater(told, 100)

    def test_p_values_are_level_and_find_what_was_made_worse(self):
        null = [float(row["P"]) for name, row in self.rows.items()
                if row["P"] != "NA" and name not in self.worse]
        worse = [float(row["P"]) for name, row in self.rows.items()
                 if row["P"] != "NA" and name in self.worse]
        self.assertGreater(len(worse), 10)
        # Neighbours are correlated: the share below 5 % is known to some percent.
        self.assertLess(numpy.mean(numpy.array(null) < 0.05), 0.12)
        self.assertGreater(numpy.mean(numpy.array(null) < 0.5), 0.3)
        self.assertGreater(numpy.mean(numpy.array(worse) < 1e-3), 0.9)

    def test_p_value_is_that_of_permutations(self):
        random = numpy.random.default_rng(3)
        names = [name for name, row in self.rows.items()
                 if row["P"] != "NA" and 0.02 < float(row["P"]) < 0.5][::40][:6]
        self.assertGreater(len(names), 2)
        for name in names:
            first, second = self.dosages[name]
            both = numpy.concatenate([first, second])
            seen = abs(self.info(first) - self.info(second))
            beyond = 0
            for _ in range(2000):
                random.shuffle(both)
                beyond += abs(self.info(both[:len(first)]) - self.info(both[len(first):])) >= seen
            self.assertAlmostEqual(float(self.rows[name]["P"]), beyond / 2000, delta=0.05)

    def test_summary(self):
        summary = {row["BATCH"]: row for row in
                   support.read_tsv(self.dir / "out/share/batch_info.tsv")}
        for b, batch in enumerate(("b1", "b2")):
            values = [self.info(d[b]) for d in self.dosages.values()
                      if min(d[b].sum(), 2 * len(d[b]) - d[b].sum()) >= 20]
            self.assertEqual(int(summary[batch]["VARIANTS"]), len(values))
            self.assertAlmostEqual(float(summary[batch]["MEAN_INFO"]), numpy.mean(values), places=9)
            self.assertEqual(int(summary[batch]["INFO_BELOW_0.8"]), sum(v < 0.8 for v in values))

    def test_batches_of_the_input_and_threads(self):
        """The same people as two batches of files: the same numbers."""
        for batch in ("b1", "b2"):
            (self.dir / f"{batch}.txt").write_text("".join(
                f"{iid}\n" for iid, of in self.batch.items() if of == batch))
        batches = ", ".join(f"{{name: {b}, genotypes: {self.dir}/c.vcf.gz, samples: {b}.txt}}"
                            for b in ("b1", "b2"))
        self.run_it("joined", f"batches: [{batches}]", threads=1)
        joined = support.read_tsv(self.dir / "joined/private/batch_info_variants.tsv.gz")
        self.assertGreater(len(joined), 0.9 * len(self.rows))
        for row in joined:
            self.assertEqual({k: v for k, v in row.items() if k.startswith("INFO_")},
                             {k: v for k, v in self.rows[row["ID"]].items()
                              if k.startswith("INFO_")})

    def test_variants_are_removed_by_it_if_asked(self):
        done = self.run_it("filtered", f"genotypes: {self.dir}/c.vcf.gz", "plates: {file: plates.tsv}",
                           flags=("--set", "qc.variant.batch_info_p=1e-4"))
        removed = {row["ID"]: row for row in support.read_tsv(
            self.dir / "filtered/private/variants_full.tsv.gz") if row["STATUS"] == "removed"}
        p = {name: float(row["P"]) for name, row in self.rows.items() if row["P"] != "NA"}
        self.assertEqual(set(removed), {name for name in p if p[name] < 1e-4})
        self.assertGreater(len(removed), 10)
        for name, row in removed.items():
            self.assertEqual(row["REASON"], "batch_info_p")
            self.assertAlmostEqual(float(row["REASON_VALUE"]), p[name], places=9)
        small = sum(x < 0.01 / len(p) for x in p.values())
        self.assertIn(f"the imputation quality of {small} of {len(p)} variants depends on the batch",
                      done.err)

    def test_hard_calls_have_no_quality(self):
        (self.dir / "of.tsv").write_text("IID\tbatch\n" + "".join(
            f"{line.split()[1]}\tb{n % 2}\n" for n, line in enumerate(
                pathlib.Path(support.data("hapmap_trios/hapmap279.fam")).read_text().splitlines())))
        config = self.dir / "hard.yaml"
        config.write_text(f"schema_version: 1\ninput: {{genotypes: "
                          f"{support.data('hapmap_trios/hapmap279.bed')}}}\n"
                          "plates: {file: of.tsv}\nqc: {preset: none}\noutput: {folder: hard}\n")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, 0, done.err)
        self.assertFalse((self.dir / "hard/share/batch_info.tsv").exists())


if __name__ == "__main__":
    unittest.main()
