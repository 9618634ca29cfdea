"""Batches with people of their own, joined: the results are those of one file of everybody."""
import json
import shutil
import signal
import unittest

import digests
from batches_support import (BatchesTest, columns_line, cut, samples_of, turned, vcf_lines,
                             write)
from support import data, kinflow, program, run_peer

# What differs by the order of people, or says which files were read.
TABLES_OF_VARIANTS = ("share/variants.tsv.gz", "private/variants_full.tsv.gz",
                      "share/match_summary.tsv", "share/match_log.tsv.gz")


class Dosages(BatchesTest):
    """Three batches of imputed dosages: as they were, turned or reduced, and both as BCF."""

    def setUp(self):
        super().setUp()
        first = columns_line(self.lines) + 1
        self.common = [line.split("\t")[2] for i, line in enumerate(self.lines[first:])
                       if i % 11 != 3 and i % 13 != 5]
        write(self.dir / "a.vcf.gz", cut(self.lines, self.parts[0]))
        write(self.dir / "b.vcf", cut(self.lines, self.parts[1], self.change_b))
        write(self.dir / "c3.vcf", [line.replace("##contig=<ID=", "##contig=<ID=chr") for line in
                                    cut(self.lines, self.parts[2], self.change_c)])
        run_peer(program("bcftools"), "view", "-Ob", "-o", "c3.bcf", "c3.vcf", cwd=self.dir)

    @staticmethod
    def change_b(number, line):
        """Every third variant turned, some missing."""
        if number % 11 == 3:
            return None
        return turned(line) if number % 3 == 0 else line

    @staticmethod
    def change_c(number, line):
        """Chromosomes named chrN, every fourth variant turned, others missing."""
        if number % 13 == 5:
            return None
        return "chr" + (turned(line) if number % 4 == 1 else line)

    def run_both(self):
        """A file of everybody with the common variants alone, and the batches."""
        common = set(self.common)
        write(self.dir / "whole.vcf", cut(self.lines, self.people, lambda number, line:
                                          line if line.split("\t")[2] in common else None))
        self.use_files("whole.vcf")
        self.run_ok("whole")
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        return self.run_ok("joined")

    def test_results_are_those_of_one_file(self):
        done = self.run_both()
        for name in TABLES_OF_VARIANTS:
            self.assertEqual(self.table("joined", name), self.table("whole", name), name)
        for name in ("private/scores.tsv", "private/samples.tsv"):
            # Exactly: the text of every number is the same.
            self.assertEqual(self.by_person("joined", name), self.by_person("whole", name), name)
        self.assertEqual([row["IID"] for row in self.table("joined", "private/scores.tsv")],
                         sum(self.parts, []))
        self.assertEqual(len(self.table("joined", "share/variants.tsv.gz")), len(self.common))
        self.assertIn("batch b: ", done.err)
        whole, joined = (self.table(out, "share/estimates.tsv") for out in ("whole", "joined"))
        self.assertEqual(len(whole), len(joined))
        for one, two in zip(whole, joined):
            self.assertAlmostEqual(float(one["estimate"]), float(two["estimate"]), places=9)
            self.assertEqual(one["n"], two["n"])

    def test_the_report(self):
        self.run_both()
        rows = {row["BATCH"]: row for row in self.table("joined", "share/batches.tsv")}
        n = len(self.lines) - columns_line(self.lines) - 1
        expected = {"a": n, "b": sum(i % 11 != 3 for i in range(n)),
                    "c": sum(i % 13 != 5 for i in range(n))}
        swapped = {"a": lambda i: False, "b": lambda i: i % 3 == 0, "c": lambda i: i % 4 == 1}
        kept = [i for i in range(n) if i % 11 != 3 and i % 13 != 5]
        for i, name in enumerate("abc"):
            row = rows[name]
            self.assertEqual(int(row["N_SAMPLES"]), len(self.parts[i]))
            self.assertEqual(int(row["N_VARIANTS"]), expected[name])
            self.assertEqual(int(row["N_COMMON"]), len(kept))
            self.assertEqual(int(row["N_SWAPPED"]), sum(map(swapped[name], kept)))
            self.assertEqual(int(row["N_ABSENT_IN_OTHER"]), expected[name] - len(kept))
        log = self.table("joined", "share/batches_log.tsv.gz")
        self.assertEqual(len(log), sum(expected.values()) - 3 * len(kept))
        self.assertEqual({row["REASON"] for row in log}, {"absent_in_other"})
        told = kinflow("explain", "variant", log[0]["ID"], self.dir / "joined")
        self.assertEqual(told.code, 0, told.err)
        self.assertIn(f"left out of batch {log[0]['BATCH']}: absent_in_other", told.out)
        gone = {(row["BATCH"], row["ID"]) for row in log}
        self.assertEqual({i for b, i in gone if b == "b"} & set(self.common), set())
        ledger = [row for row in self.table("joined", "private/ledger_full.tsv")
                  if row["STEP"] == "batch b"]
        self.assertEqual([ledger[0][k] for k in ("VARIANTS_IN", "VARIANTS_OUT", "SAMPLES_OUT")],
                         [str(expected["b"]), str(len(kept)), str(len(self.parts[1]))])
        inputs = self.table("joined", "share/inputs.tsv")
        self.assertEqual([row["BATCH"] for row in inputs[:3]], ["a", "b", "c"])
        record = json.loads((self.dir / "joined/run.json").read_text())
        self.assertEqual([b["people"] for b in record["resolved"]["input"]["batches"]],
                         [len(p) for p in self.parts])

    def test_frequencies_against_sums_of_the_text(self):
        self.run_both()
        rows = {row["ID"]: row for row in self.table("joined", "private/batch_frequencies.tsv.gz")}
        self.assertEqual(list(rows), self.common)
        for line in cut(self.lines, self.parts[1])[-40:]:
            fields = line.split("\t")
            if fields[2] not in rows:
                continue
            dosages = [float(entry.split(":")[1]) for entry in fields[9:]]
            self.assertAlmostEqual(float(rows[fields[2]]["AF_b"]),
                                   sum(dosages) / (2 * len(dosages)), places=9)

    def digests(self):
        return {**digests.artifact_digests(self.dir / "work"),
                **digests.table_digests(self.dir / "out")}

    def fresh(self):
        for name in ("out", "work"):
            shutil.rmtree(self.dir / name, ignore_errors=True)

    def test_same_bits_for_any_threads_and_tiles(self):
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        found = []
        for threads, tile in ((1, 16), (3, 37), (2, 4096)):
            self.run_ok("out", work="work", threads=threads, tile_variants=tile)
            found.append(self.digests())
            self.fresh()
        self.assertIn("share/batches.tsv", found[0])
        self.assertGreater(sum(n.startswith("join/") and n.endswith(".h5") for n in found[0]), 3)
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])

    def test_killed_and_run_again(self):
        """While batches are loaded and joined; the bytes are those of an undisturbed run."""
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        self.run_ok("out", work="work")
        expected = self.digests()
        folders = {}
        for path in (self.dir / "work/artifacts").rglob("manifest.json"):
            folders[json.loads(path.read_text())["stage"]] = "/".join(path.parts[-3:-1])
        for stage in ("batch:b", "batch_counts:c", "join"):
            for at in ({"ops": "rename", "path": f"{folders[stage]}/shard-00001.h5", "at": 1},
                       {"ops": "rename", "path": f"{folders[stage]}/manifest.json", "at": 1}):
                with self.subTest(stage=stage, **at):
                    self.fresh()
                    done = self.run_study("out", work="work",
                                          env=digests.shim_env(do="kill", **at))
                    self.assertEqual(done.code, -signal.SIGKILL, done.err)
                    self.assertNotIn(stage, digests.sealed_stages(self.dir / "work"))
                    self.run_ok("out", work="work")
                    self.assertEqual(self.digests(), expected)

    def test_another_batch_loads_no_more_than_itself(self):
        self.settings["analyses"] = []
        self.use_files("b.vcf")
        self.run_ok("alone", work="work")
        self.use_batches(a="a.vcf.gz", b="b.vcf")
        done = self.run_ok("two", work="work")
        self.assertRegex(done.err, r"(?m)^batch:b\s.*unchanged")  # its store is there
        before = {p.name: p.stat().st_mtime_ns
                  for p in (self.dir / "work/artifacts/dosage").iterdir()}
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        self.config(json.dumps(self.settings))
        plan = kinflow("plan", "run.yaml", cwd=self.dir)
        self.assertEqual(plan.code, 0, plan.err)
        self.assertRegex(plan.out, r"batch:a\s.*unchanged")
        self.assertRegex(plan.out, r"batch:c\s.*first run")
        self.assertRegex(plan.out, r"join\s.*batches")
        self.run_ok("two", work="work")
        after = {p.name: p.stat().st_mtime_ns
                 for p in (self.dir / "work/artifacts/dosage").iterdir()}
        self.assertEqual(len(after), 3)
        for name, time in before.items():
            self.assertEqual(after[name], time)
        done = self.run_ok("two", work="work")
        self.assertNotIn("scan: blocks", done.err)
        # The order of batches is that of people.
        self.use_batches(b="b.vcf", a="a.vcf.gz")
        self.run_ok("turned", work="work")
        self.assertEqual([row["IID"] for row in self.table("turned", "private/scores.tsv")],
                         self.parts[1] + self.parts[0])

    def test_a_joined_store_and_stores_as_batches(self):
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        self.run_ok("out")
        self.settings["dosage"] = {"store": "always"}
        self.run_ok("kept")
        for name in ("private/scores.tsv", "share/ledger.tsv"):
            self.assertEqual(self.table("kept", name), self.table("out", name), name)
        self.check_phase(self.exported("kept"))
        self.check_export_of_runs()
        del self.settings["dosage"]
        done = kinflow("load", "--geno", "b.vcf", "--out", "stored", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        self.use_batches(a="a.vcf.gz", b="stored", c="c3.bcf")
        self.run_ok("from_store")
        self.assertEqual(self.table("from_store", "private/scores.tsv"),
                         self.table("out", "private/scores.tsv"))

    def check_export_of_runs(self):
        """The joined cohort, whether the run kept a store of it or not."""
        lines = {}
        for out in ("kept", "out"):
            done = kinflow("export", out, "--out", f"of_{out}", cwd=self.dir)
            self.assertEqual(done.code, 0, done.err)
            lines[out] = vcf_lines(self.dir / f"of_{out}.vcf.gz")
        self.check_phase(lines["out"])
        records = {out: text[columns_line(text):] for out, text in lines.items()}
        self.assertEqual(records["out"], records["kept"])
        self.assertEqual(samples_of(lines["out"]), sum(self.parts, []))
        (self.dir / "few.txt").write_text("".join(f"{p}\n" for p in self.people[:3]))
        done = kinflow("export", "out", "--samples", "few.txt", "--out", "few", cwd=self.dir)
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("dosage.store=always", done.err)

    def exported(self, out):
        """Lines of the VCF that the joined store gives back."""
        record = json.loads((self.dir / out / "run.json").read_text())
        key = next(stage["key"] for stage in record["stages"] if stage["id"] == "dosage")
        store = self.dir / f"work_{out}/artifacts/dosage" / key
        done = kinflow("export", store, "--out", "back", cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        return vcf_lines(self.dir / "back.vcf.gz")

    def check_phase(self, lines):
        """Dosages are those of the cohort's own VCF; so are calls that the dosage agrees with."""
        head = columns_line(lines)
        self.assertEqual([line.split("\t")[2] for line in lines[head + 1:]], self.common)
        ours = {line.split("\t")[2]: line.split("\t")
                for line in cut(self.lines, sum(self.parts, []))[columns_line(self.lines) + 1:]}
        heterozygous = 0
        for line in lines[head + 1:]:
            fields = line.split("\t")
            expected = ours[fields[2]]
            self.assertEqual(fields[:5], expected[:5])
            for found, entry in zip(fields[9:], expected[9:]):
                call, dosage = entry.split(":")
                self.assertEqual(float(found.split(":")[1]), float(dosage))
                if abs(float(dosage) - call.count("1")) < 0.1:
                    self.assertEqual(found.split(":")[0], call)
                    heterozygous += call in ("0|1", "1|0")
        self.assertGreater(heterozygous, 1000)

    def test_selections(self):
        """Positions of scores, regions, ids of the first batch, lists of people."""
        self.settings["qc"] = {"preset": "none"}
        (self.dir / "common.txt").write_text("\n".join(self.common[::2]) + "\n")
        (self.dir / "gone.txt").write_text("\n".join(self.parts[1][:3]) + "\n")
        self.settings["input"].update(variants="common.txt", regions="1,2", remove="gone.txt")
        self.settings["scores"]["match"]["min_overlap"] = 0
        self.settings["analyses"] = []
        self.use_files("c.vcf.gz")
        self.run_ok("whole")
        self.use_batches(a="a.vcf.gz", b="b.vcf", c="c3.bcf")
        done = self.run_ok("joined")
        self.assertIn("only variants at positions of the score files are read", done.err)
        self.assertEqual(self.by_person("joined", "private/scores.tsv"),
                         self.by_person("whole", "private/scores.tsv"))
        self.assertNotIn(self.parts[1][0], self.by_person("joined", "private/scores.tsv"))


class Imputed(BatchesTest):
    """Real imputation, people of one half and of the other; cut and turned by bcftools."""

    def test_scores_are_those_of_the_whole_file(self):
        whole, weights = data("minimac_trios/imputed.vcf.gz"), data("minimac_trios/r.pgs.txt")
        people = run_peer(program("bcftools"), "query", "-l", whole).split()
        parts = {"a": people[:70], "b": people[70:]}
        for name, form in (("a", "-Oz"), ("b", "-Ob")):
            (self.dir / f"{name}.txt").write_text("\n".join(parts[name]) + "\n")
            run_peer(program("bcftools"), "view", "-S", f"{name}.txt", form, "-o", f"{name}.gz",
                     whole, cwd=self.dir)
        self.settings = {
            "schema_version": 1, "input": {"genotypes": whole},
            "pedigree": {"file": data("minimac_trios/r.pedigree.tsv")},
            "scores": {"files": [weights], "match": {"min_overlap": 0.1}}, "resources": {}}
        self.run_ok("whole")
        self.use_batches(a="a.gz", b="b.gz")
        self.run_ok("joined")
        for name in ("private/scores.tsv", "private/samples.tsv", "share/variants.tsv.gz",
                     "share/match_log.tsv.gz"):
            self.assertEqual(self.table("joined", name), self.table("whole", name), name)
        rows = self.table("joined", "share/batches.tsv")
        self.assertEqual([r["N_COMMON"] for r in rows], [r["N_VARIANTS"] for r in rows])


class HardCalls(BatchesTest):
    """Batches of array genotypes in other formats, one with other reference alleles (plink2)."""
    form, variants = "bed", 200

    def setUp(self):
        super().setUp()
        self.settings["qc"]["preset"] = "array"
        for part, name in zip(self.parts, "abc"):
            (self.dir / f"{name}.txt").write_text("".join(f"{p}\n" for p in part))
        self.keep = {name: ("--bfile", "c", "--keep", self.by_iid(name)) for name in "abc"}
        # Every fourth variant with the other allele as the reference.
        bim = [line.split() for line in (self.dir / "c.bim").read_text().splitlines()]
        (self.dir / "ref.txt").write_text(
            "".join(f"{row[1]}\t{row[4] if i % 4 == 0 else row[5]}\n" for i, row in enumerate(bim)))
        self.plink2(*self.keep["a"], "--make-bed", "--out", "a")
        self.plink2(*self.keep["b"], "--ref-allele", "force", "ref.txt", "2", "1", "--make-pgen",
                    "--out", "b")
        self.plink2(*self.keep["c"], "--export", "vcf", "bgz", "id-paste=iid", "--out", "c3")

    def by_iid(self, name):
        fam = [line.split() for line in (self.dir / "c.fam").read_text().splitlines()]
        people = {row[1]: row[0] for row in fam}
        path = self.dir / f"{name}.keep"
        wanted = (self.dir / f"{name}.txt").read_text().split()
        path.write_text("".join(f"{people[i]}\t{i}\n" for i in wanted))
        return path.name

    def test_bed_pgen_and_vcf_are_one_bed(self):
        self.run_ok("whole")
        self.use_batches(a="a.bed", b="b.pgen", c="c3.vcf.gz")
        self.run_ok("joined")
        for name in TABLES_OF_VARIANTS:
            self.assertEqual(self.table("joined", name), self.table("whole", name), name)
        for name in ("private/scores.tsv", "private/samples.tsv"):
            whole, joined = self.by_person("whole", name), self.by_person("joined", name)
            for row in (*whole.values(), *joined.values()):
                row.pop("FID")  # a VCF has none
            self.assertEqual(joined, whole, name)
        rows = self.table("joined", "share/batches.tsv")
        self.assertEqual([int(row["N_SWAPPED"]) for row in rows], [0, 50, 0])
        self.assertEqual([row["UNITS"] for row in rows], ["1", "1", "1"])

    def test_calls_beside_probabilities(self):
        """A BGEN of the same calls makes the cohort one of dosages: the same sums, rounded."""
        self.run_ok("whole")
        self.plink2(*self.keep["c"], "--export", "bgen-1.2", "bits=8", "--out", "c8")
        self.use_batches(a="a.bed", b="b.pgen", c="c8.bgen")
        self.settings["scores"]["match"]["min_overlap"] = 0
        self.run_ok("joined")
        self.assertEqual([row["UNITS"] for row in self.table("joined", "share/batches.tsv")],
                         ["1", "1", "255"])
        record = json.loads((self.dir / "joined/run.json").read_text())
        self.assertEqual(record["resolved"]["input"]["units"], 255)
        whole, joined = (self.by_person(out, "private/scores.tsv") for out in ("whole", "joined"))
        self.assertEqual(set(whole), set(joined))
        for iid, row in whole.items():
            for score in (k for k in row if k.startswith("PGS")):
                self.assertAlmostEqual(float(row[score]), float(joined[iid][score]), delta=1e-9)


if __name__ == "__main__":
    unittest.main()
