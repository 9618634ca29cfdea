"""Plates, wells and batches beside plink1.9 (--mh2, --missing) and R (aov)."""
import collections
import gzip
import stat
import unittest

import support

WELLS = [f"{row}{column}" for column in range(1, 13) for row in "ABCDEFGH"]
PLATES = 7


class PlatesTest(unittest.TestCase):
    """One run, in which people go to plates in the order of the file, serves all tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")
        with open(cls.prefix + ".fam", encoding="ascii") as f:
            cls.fam = {line.split()[1]: line.split() for line in f}
        support.run_peer(support.program("plink1.9"), "--vcf", cls.prefix + ".array.vcf.gz",
                         "--double-id", "--keep-allele-order", "--make-bed", "--out", cls.dir / "c")
        people = [line.split()[1] for line in
                  (cls.dir / "c.fam").read_text(encoding="ascii").splitlines()]
        cls.plate = {iid: f"P{i // 96 % PLATES}" for i, iid in enumerate(people)}
        table, within, fam = ["IID\tplate\twell\tbatch"], [], []
        for i, iid in enumerate(people):
            fid, _, father, mother, sex, _ = cls.fam[iid]
            batch = "b1" if cls.plate[iid] < "P3" else "b2"
            table.append(f"{iid}\t{cls.plate[iid]}\t{WELLS[i % 96]}\t{batch}")
            within.append(f"{fid}\t{iid}\t{cls.plate[iid]}")
            fam.append(f"{fid}\t{iid}\t{father}\t{mother}\t{sex}\t{sex}")
        for name, rows in (("plates.tsv", table), ("within.txt", within), ("c.fam", fam)):
            (cls.dir / name).write_text("\n".join(rows) + "\n", encoding="ascii")
        cls.run_it("out")

    @classmethod
    def run_it(cls, out, code=0, plates="plates.tsv", *flags,
               more="pca: {compute: true, components: 3}"):
        config = cls.dir / f"{out}.yaml"
        config.write_text(f"""
schema_version: 1
input: {{genotypes: {cls.prefix}.array.vcf.gz, build: GRCh37}}
pedigree: {{file: {cls.prefix}.fam}}
qc: {{preset: none}}
{more}
plates: {{file: {plates}}}
output: {{folder: {out}}}
""", encoding="ascii")
        done = support.kinflow("run", config, *flags)
        if done.code != code:
            raise AssertionError(done.err)
        return done

    def table(self, name, out="out"):
        return support.read_tsv(self.dir / out / name)

    def test_alleles_by_plate_within_sex(self):
        support.run_peer(support.program("plink1.9"), "--bfile", self.dir / "c",
                         "--filter-founders", "--autosome", "--within", self.dir / "within.txt",
                         "--mh2", "--out", self.dir / "peer")
        peer = {}
        with open(self.dir / "peer.cmh2", encoding="ascii") as f:
            header = next(f).split()
            for line in f:
                row = dict(zip(header, line.split()))
                peer[row["SNP"]] = row
        mine = self.table("private/plate_effects.tsv.gz")
        self.assertFalse((self.dir / "out/share/plate_effects.tsv.gz").exists())
        self.assertEqual(len(mine), len(peer))
        self.assertGreater(len(mine), 500)
        for row in mine:
            other = peer[row["ID"]]
            self.assertEqual(row["PLATE_DF"], other["DF"])
            for column, peer_column in (("PLATE_CHI2", "CHISQ"), ("PLATE_P", "P")):
                expected = float(other[peer_column])
                self.assertAlmostEqual(float(row[column]) / expected, 1, delta=1e-4, msg=row)
            self.assertEqual(row["BATCH_DF"], "1")

    def test_call_rates_by_plate_and_well(self):
        support.run_peer(support.program("plink1.9"), "--bfile", self.dir / "c", "--missing",
                         "--out", self.dir / "missing")
        rate = {}
        with open(self.dir / "missing.imiss", encoding="ascii") as f:
            next(f)
            for line in f:
                fields = line.split()
                rate[fields[1]] = 1 - int(fields[3]) / int(fields[4])
        wells = self.table("private/plate_wells.tsv")
        self.assertEqual(len(wells), len(rate))
        mode = (self.dir / "out/private/plate_wells.tsv").stat().st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        for row in wells:
            self.assertAlmostEqual(float(row["CALL_RATE"]), rate[row["IID"]], places=10)
            outer = row["WELL"][0] in "AH" or row["WELL"][1:] in ("01", "12")
            self.assertEqual(row["EDGE"], "yes" if outer else "no")
        plates = {row["LEVEL"]: row for row in self.table("share/plates.tsv")
                  if row["FACTOR"] == "plate"}
        by_plate = collections.defaultdict(list)
        for iid, plate in self.plate.items():
            by_plate[plate].append(rate[iid])
        self.assertEqual(len(plates), PLATES + 1)
        for plate, rates in by_plate.items():
            self.assertEqual(int(plates[plate]["N"]), len(rates))
            self.assertAlmostEqual(float(plates[plate]["CALL_RATE"]), sum(rates) / len(rates),
                                   places=10)
        edge = [r for r in wells if r["EDGE"] == "yes"]
        self.assertEqual(int(plates["all"]["N_EDGE"]), len(edge))
        for path in (self.dir / "out/share").iterdir():
            told = path.read_bytes()
            self.assertNotIn(b"FAM0", gzip.decompress(told) if path.suffix == ".gz" else told)

    def test_components_by_plate(self):
        scores = {row["IID"]: row for row in self.table("private/pca.tsv")}
        founders = [iid for iid in self.plate if self.fam[iid][2] == self.fam[iid][3] == "0"]
        lines = ["plate\tpc1\tpc2\tpc3"] + [
            "\t".join([self.plate[i], *(scores[i][f"PC{k}"] for k in (1, 2, 3))]) for i in founders]
        (self.dir / "r.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
        out = support.run_peer(support.program("Rscript"), "-e", f"""
d <- read.delim("{self.dir}/r.tsv")
for (k in 1:3) {{ s <- summary(aov(d[[k + 1]] ~ factor(d$plate)))[[1]]
  cat(sprintf("%.12g %d %d %.12g\\n", s$`F value`[1], s$Df[1], s$Df[2], s$`Pr(>F)`[1])) }}""")
        rows = [r for r in self.table("share/plate_components.tsv") if r["FACTOR"] == "plate"]
        for row, line in zip(rows, out.splitlines(), strict=True):
            f, df1, df2, p = line.split()
            self.assertAlmostEqual(float(row["F"]), float(f), places=8)
            self.assertAlmostEqual(float(row["P"]), float(p), places=8)
            self.assertEqual((row["DF1"], row["DF2"], row["LEVELS"]), (df1, df2, str(PLATES)))

    def test_same_bytes_whatever_the_threads_and_tiles(self):
        self.run_it("again", 0, "plates.tsv", "--threads", "1", "--set", "resources.tile_variants=7",
                    "--set", "resources.shard_genotypes=200000", "--work", self.dir / "again_work")
        # Components depend on the shards by rounding, as their keys do.
        for name in ("private/plate_effects.tsv.gz", "share/plates.tsv"):
            self.assertEqual((self.dir / "again" / name).read_bytes(),
                             (self.dir / "out" / name).read_bytes(), name)

    def test_the_plan_says_what_each_pass_waits_for(self):
        done = support.kinflow("plan", self.dir / "out.yaml", "--work", self.dir / "none")
        self.assertEqual(done.code, 0, done.err)
        passes = [line for line in done.out.splitlines() if line.lstrip()[:2] in
                  ("1.", "2.", "3.") and ("input:" in line or "store:" in line)]
        self.assertEqual(len(passes), 3)
        self.assertTrue(passes[0].endswith("1. input: dosage, counts"), passes)
        # Variants are pruned and tested against plates in one pass.
        for word in ("kinship_pruned", "plate_effects", "; it waits for ", "dosage, kinship_variants"):
            self.assertIn(word, passes[1])
        self.assertIn("; it waits for dosage, kinship_pruned", passes[2])

    def test_without_kinship_and_by_another_column(self):
        self.run_it("alone", more="")
        expected = self.table("share/plates.tsv")
        self.assertEqual(self.table("share/plates.tsv", "alone"), expected)
        # The same file and work folder, but batches for plates.
        self.run_it("alone", 0, "plates.tsv, plate: batch", more="")
        batches = {row["LEVEL"]: row["N"] for row in expected if row["FACTOR"] == "batch"}
        self.assertEqual({row["LEVEL"]: row["N"] for row in self.table("share/plates.tsv", "alone")
                          if row["FACTOR"] == "plate"}, batches)
        self.assertEqual({row["PLATE_DF"] for row in
                          self.table("private/plate_effects.tsv.gz", "alone")}, {"1"})

    def test_wells_are_of_the_genotypes_whoever_they_are_decided_to_be(self):
        was = {row["IID"]: row for row in self.table("private/plate_wells.tsv")}
        a, b = sorted(was, key=lambda iid: (float(was[iid]["CALL_RATE"]), iid))[::len(was) - 1]
        (self.dir / "exchange.tsv").write_text(f"DECISION\tPERSON\tVALUE\nexchange\t{a}\t{b}\n",
                                               encoding="ascii")
        self.run_it("exchanged", more="kinship: {decisions: exchange.tsv}")
        for row in self.table("private/plate_wells.tsv", "exchanged"):
            iid = {a: b, b: a}.get(row["IID"], row["IID"])
            self.assertEqual(row | {"IID": iid}, was[iid])

    def write_parted(self, name, plate, batch, well=lambda i: WELLS[i % 96]):
        """Functions of the place of a person."""
        (self.dir / name).write_text("IID\tplate\twell\tbatch\n" + "".join(
            f"{iid}\t{plate(i)}\t{well(i)}\t{batch(i)}\n" for i, iid in enumerate(self.plate)),
            encoding="ascii")

    def test_names_that_batches_use_again_are_other_plates(self):
        batch = lambda i: f"b{1 + i // 800}"
        self.write_parted("again.tsv", lambda i: f"P{i // 96 % 4}", batch)
        err = self.run_it("reused", 0, "again.tsv", more="").err
        self.assertNotIn("several batches", err)
        self.write_parted("apart.tsv", lambda i: f"P{i // 96 % 4} ({batch(i)})", batch)
        self.run_it("apart", 0, "apart.tsv", more="")
        for name in ("private/plate_effects.tsv.gz", "share/plates.tsv",
                     "private/plate_wells.tsv"):
            self.assertEqual(self.table(name, "reused"), self.table(name, "apart"))
        self.assertEqual({row["PLATE_DF"] for row in
                          self.table("private/plate_effects.tsv.gz", "reused")}, {"7"})

    def test_a_plate_in_two_batches_is_one(self):
        """People 0 to 95 are plate P0, of whom the last few, or the last half, are of batch b2."""
        for name, first, shown in (("half", 48, {"all", "b1", "b2"}), ("few", 92, {"all"})):
            self.write_parted(f"{name}.tsv", lambda i: f"P{min(i // 384, 3)}",
                              lambda i: "b2" if first <= i < 96 or i >= 768 else "b1",
                              lambda i: f"{'ABCDEFGHIJKLMNOP'[i % 384 // 24]}{i % 24 + 1}")
            err = self.run_it(name, 0, f"{name}.tsv", more="").err
            self.assertIn(f"{name}.tsv: 1 of 4 plates hold samples of several batches", err)
            rows = self.table("share/plates.tsv", name)
            self.assertEqual({row["LEVEL"]: row["BATCHES"] for row in rows
                              if row["FACTOR"] == "plate"},
                             {"all": "NA", "P0": "2", "P1": "1", "P2": "1", "P3": "1"})
            self.assertEqual({row["LEVEL"] for row in rows if row["FACTOR"] == "batch"}, shown)
            self.assertEqual({row["PLATE_DF"] for row in
                              self.table("private/plate_effects.tsv.gz", name)}, {"3"})

    def test_a_table_of_other_people_is_told(self):
        two = sorted(self.plate)[:2]
        (self.dir / "two.tsv").write_text("IID\tplate\n" + "".join(
            f"{iid}\tP1\n" for iid in [*two, "x1", "x2", "x3"]), encoding="ascii")
        err = self.run_it("two", 0, "two.tsv", more="").err
        people = len(self.plate)
        self.assertIn(f"two.tsv: 2 of 5 plate ids found among {people} genotype ids", err)
        self.assertIn("two.tsv: 3 ids are not in the genotypes; their rows are not used", err)
        self.assertIn(f"two.tsv: {people - 2} of {people} genotyped samples have no row", err)
        # Of two people nothing is shared.
        self.assertEqual(self.table("share/plates.tsv", "two"), [])

    def test_refusals(self):
        (self.dir / "bad.tsv").write_text("IID\tplate\twell\nx\tP1\tA1\n", encoding="ascii")
        self.assertIn("E0422", self.run_it("bad", 4, "bad.tsv").err)
        self.assertIn("absent.tsv", self.run_it("bad", 4, "absent.tsv").err)


if __name__ == "__main__":
    unittest.main()
