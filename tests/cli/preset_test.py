"""Preset mobapsychgen: one published round (modules 2 to 4) beside plink1.9 run step by step."""
import statistics
import unittest

import support


def fields_of(path):
    with open(path, encoding="ascii") as f:
        return [line.split() for line in f]


def blank_table(path):
    lines = fields_of(path)
    return [dict(zip(lines[0], line)) for line in lines[1:]]


class PresetTest(support.TempFolderTest):
    def plink(self, source, out, *args):
        support.run_peer(support.program("plink1.9"), *source, *args, "--make-bed", "--out",
                         self.dir / out)
        return "--bfile", self.dir / out

    def column(self, name, place=1):
        return {fields[place] for fields in fields_of(self.dir / name)}

    def heterozygosity_outliers(self, source, most=3):
        support.run_peer(support.program("plink1.9"), *source, "--chr", "1-22", "--het", "--out",
                         self.dir / "het")
        rates = {row["IID"]: 1 - int(row["O(HOM)"]) / int(row["N(NM)"])
                 for row in blank_table(self.dir / "het.het")}
        mean, sd = statistics.mean(rates.values()), statistics.stdev(rates.values())
        return {iid for iid, rate in rates.items() if abs(rate - mean) > most * sd}

    def setUp(self):
        super().setUp()
        self.prefix = support.data("sim500_faults/b.fam").removesuffix(".fam")

    def qc(self, out, *args):
        done = support.kinflow("qc", "--preset", "mobapsychgen", "--geno",
                               self.prefix + ".array.vcf.gz", "--pedigree", self.prefix + ".fam",
                               "--out", self.dir / out, *args)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("modules 2 to 4, before imputation", done.err)
        self.assertIn(f"begin with {self.dir / out / 'ledger.tsv'}", done.err)
        first, *_, last = support.read_tsv(self.dir / out / "private/ledger_full.tsv")
        self.assertIn(f"keeps {last['VARIANTS_OUT']} of {first['VARIANTS_IN']} variants", done.err)
        few = 0 < int(first["SAMPLES_IN"]) - int(last["SAMPLES_OUT"]) < 5
        left = "all but fewer than 5" if few else last["SAMPLES_OUT"]
        self.assertIn(f" and {left} of {first['SAMPLES_IN']} people", done.err)
        return (support.read_tsv(self.dir / out / "private/samples.tsv"),
                support.read_tsv(self.dir / out / "private/variants_full.tsv.gz"))

    def kept(self, rows, name):
        return {row[name] for row in rows if row["STATUS"] == "pass"}

    def test_rounds_are_runs_of_what_is_left(self):
        """The preset's three rounds beside three runs of one, each of what the run before kept; with a
        heterozygosity that takes people in each."""
        strict = ("--set", "qc.sample.het_sd=2")
        samples, variants = self.qc("three", *strict)
        again = self.qc("again", *strict, "--work", self.dir / "again_work", "--threads", "1", "--set",
                        "resources.tile_variants=7", "--set", "resources.shard_genotypes=200000")
        self.assertEqual(again, (samples, variants))
        selection, removed, sites_gone = (), [], {}
        for run in (1, 2, 3):
            ours = self.qc(f"run{run}", "--set", "qc.rounds=1", *strict, *selection)
            people, sites = self.kept(ours[0], "IID"), self.kept(ours[1], "ID")
            removed.append({row["IID"]: row for row in ours[0] if row["STATUS"] != "pass"})
            sites_gone.update((row["ID"], row) for row in ours[1] if row["STATUS"] != "pass")
            for name, ids in (("people", people), ("sites", sites)):
                (self.dir / f"{name}{run}.txt").write_text("".join(f"{i}\n" for i in sorted(ids)))
            selection = ("--samples", self.dir / f"people{run}.txt", "--variants",
                         self.dir / f"sites{run}.txt")
        self.assertGreater(min(map(len, removed)), 3)
        self.assertEqual(self.kept(samples, "IID"), people)
        self.assertEqual(self.kept(variants, "ID"), sites)
        # With the counts each variant was removed by, not those of the first round.
        self.assertEqual({row["ID"]: row for row in variants if row["STATUS"] != "pass"}, sites_gone)
        gone = {row["IID"]: row for row in samples if row["STATUS"] != "pass"}
        self.assertEqual(len(gone), sum(map(len, removed)))
        for of_run in removed:
            for iid, row in of_run.items():
                for column in ("REASON", "REASON_VALUE", "CALL_RATE", "HET_RATE", "N_VARIANTS",
                               "MENDEL_ERRORS"):
                    self.assertEqual(gone[iid][column], row[column], (iid, column))
        ledger = support.read_tsv(self.dir / "three/private/ledger_full.tsv")
        for number, of_run in zip(("", "_2", "_3"), removed):
            rows = [row for row in ledger if row["STEP"] == "samples" + number]
            self.assertEqual(int(rows[0]["SAMPLES_IN"]) - int(rows[-1]["SAMPLES_OUT"]), len(of_run))
        self.assertEqual(int(ledger[-1]["SAMPLES_OUT"]), len(people))
        self.assertEqual(int(ledger[-1]["VARIANTS_OUT"]), len(sites))
        # Families with the number of errors of the first round and who is left of them.
        families = support.read_tsv(self.dir / "three/private/families.tsv")
        self.assertEqual(len(families), len(support.read_tsv(
            self.dir / "run1/private/families.tsv")))
        for row in families:
            self.assertEqual(row["STATUS"] == "removed", row["CHILD"] in gone)

        # The second round's heterozygosity is that of plink1.9 among the people and variants left.
        raw = self.plink(("--vcf", self.prefix + ".array.vcf.gz", "--double-id"), "raw")
        (self.dir / "keep.txt").write_text("".join(
            f"{iid} {iid}\n" for iid in self.kept(samples, "IID") | set(removed[1]) | set(removed[2])))
        outliers = self.heterozygosity_outliers(
            (*raw, "--keep", self.dir / "keep.txt", "--extract", self.dir / "sites1.txt"), 2)
        self.assertEqual(outliers, {iid for iid, row in removed[1].items()
                                    if row["REASON"] == "heterozygosity"})

    def test_round_of_plink(self):
        prefix = self.prefix
        samples, variants = self.qc("mine", "--set", "qc.rounds=1")

        def removed(rows, reason, name="IID"):
            return {row[name] for row in rows if row["REASON"] == reason}

        raw = self.plink(("--vcf", prefix + ".array.vcf.gz", "--double-id"), "raw")
        people = {fields[1]: fields for fields in fields_of(prefix + ".fam")}
        order = [fields[1] for fields in fields_of(f"{raw[1]}.fam")]
        (self.dir / "raw.fam").write_text("".join(" ".join(people[iid]) + "\n" for iid in order))
        steps = (("maf", "--maf", "0.005"), ("geno5", "--geno", "0.05"),
                 ("geno2", "--geno", "0.02"), ("mind", "--mind", "0.02", "--geno", "0.02"),
                 ("hwe", "--hwe", "1e-6"))
        at = raw
        for name, *args in steps:
            at = self.plink(at, name, *args)
        of = {name: self.column(f"{name}.bim") for name in ("raw", "maf", "geno2", "mind", "hwe")}
        self.assertEqual(removed(variants, "maf", "ID"), of["raw"] - of["maf"])
        self.assertEqual(removed(variants, "call_rate", "ID"), of["maf"] - of["geno2"])
        self.assertEqual(of["geno2"], of["mind"])
        self.assertEqual(removed(variants, "hwe", "ID"), of["mind"] - of["hwe"])
        for reason in ("call_rate", "hwe"):
            self.assertGreater(len(removed(variants, reason, "ID")), 1)
        few_calls = self.column("raw.fam") - self.column("hwe.fam")
        self.assertEqual((removed(samples, "call_rate"), len(few_calls)), (few_calls, 1))
        outliers = self.heterozygosity_outliers(at)
        self.assertEqual((removed(samples, "heterozygosity"), len(outliers)), (outliers, 4))

        # Families with too many Mendel errors; the sex check has taken who is of the other sex.
        sexes = removed(samples, "sex")
        self.assertEqual(len(sexes), 2)
        with open(self.dir / "keep.txt", "w", encoding="ascii") as f:
            f.writelines(f"{people[iid][0]} {iid}\n" for iid in order
                         if iid not in few_calls | outliers | sexes)
        before = self.plink(at, "before", "--keep", self.dir / "keep.txt")
        after = self.plink(before, "after", "--me", "0.05", "0.01", "--mendel-duos")
        families = self.column("before.fam") - self.column("after.fam")
        self.assertEqual((removed(samples, "mendel"), len(families)), (families, 12))
        # plink counts a variant's errors with those of the families that it removes.
        mine = removed(variants, "mendel", "ID")
        theirs = self.column("before.bim") - self.column("after.bim")
        support.run_peer(support.program("plink1.9"), *before, "--remove", *self.gone(families,
                         people), "--mendel", "--mendel-duos", "--out", self.dir / "left")
        errors = {row["SNP"]: int(row["N"]) for row in blank_table(self.dir / "left.lmendel")}
        checked = {row["ID"]: row["MENDEL_CHECKED"] for row in variants}
        self.assertEqual(mine, {v for v in theirs if errors[v] > 0.01 * int(checked[v])})
        self.assertEqual(len(mine), 1)

    def gone(self, iids, people):
        (self.dir / "gone.txt").write_text("".join(f"{people[i][0]} {i}\n" for i in sorted(iids)))
        return (self.dir / "gone.txt",)


if __name__ == "__main__":
    unittest.main()
