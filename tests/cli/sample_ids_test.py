"""Genotype files with ids of their own (input.ids): results are those of files with the people's ids."""
import gzip
import unittest

import support
from bad_input import TablesTest

TABLES = ("private/samples.tsv", "private/families.tsv", "private/scores.tsv", "share/models.tsv",
          "share/estimates.tsv", "share/ledger.tsv", "share/variants.tsv.gz")


class SampleIds(TablesTest):
    def setUp(self):
        super().setUp()
        self.settings["qc"] = {"preset": "imputed", "variant": {"info": 0}}
        lines = self.vcf_lines()
        at = next(i for i, line in enumerate(lines) if line.startswith("#CHROM"))
        head = lines[at].rstrip("\n").split("\t")
        self.people = head[9:]
        self.arrays = {iid: f"R{i // 96:02}C{i:03}" for i, iid in enumerate(self.people)}
        head[9:] = self.arrays.values()
        end = "\n" if lines[at].endswith("\n") else ""
        self.lines = lines[:at] + ["\t".join(head) + end] + lines[at + 1:]

    def map_ids(self, rows, name="ids.tsv", header="ID\tIID"):
        (self.dir / name).write_text("\n".join([header] + ["\t".join(r) for r in rows]) + "\n")
        self.settings["input"]["ids"] = name

    def all_rows(self):
        return [(array, iid) for iid, array in self.arrays.items()]

    def results(self):
        read = {}
        for name in TABLES:
            path = self.dir / "out" / name
            if path.exists():
                data = path.read_bytes()
                read[name] = gzip.decompress(data) if name.endswith(".gz") else data
        return read

    def test_results_are_those_of_the_peoples_ids(self):
        gone = self.people[:6]
        (self.dir / "gone.txt").write_text("".join(f"{iid}\n" for iid in gone))
        self.settings["input"]["remove"] = "gone.txt"
        self.assert_done(self.run_study())
        expected = self.results()
        self.assertGreaterEqual(len(expected), 5)
        self.use_vcf(self.lines)
        self.map_ids(self.all_rows() + [("R99C999", "nobody_yet")])
        # Who withdrew is told by either id.
        (self.dir / "gone.txt").write_text("".join(
            f"{self.arrays[iid] if i % 2 else iid}\n" for i, iid in enumerate(gone)))
        done = self.run_study()
        self.assert_done(done)
        self.assertEqual(self.results(), expected)
        self.assertNotIn("are not among", done.err)

    def test_those_of_a_pedigree_beside_the_genotypes_too(self):
        bed = support.data("snpstats_families/fams.bed")
        with open(bed.removesuffix(".bed") + ".fam", encoding="ascii") as f:
            ids = [line.split()[1] for line in f]
        (self.dir / "ids.csv").write_text("IID,ID\n" + "".join(f"P{i},{i}\n" for i in ids))
        tables = {}
        for out, *more in (("plain",), ("named", "--set", f"input.ids={self.dir}/ids.csv")):
            done = support.kinflow("qc", "--geno", bed, "--out", self.dir / out, "--preset",
                                   "none", *more)
            self.assertEqual(done.code, 0, done.err)
            tables[out] = support.read_tsv(self.dir / out / "private/families.tsv")
        self.assertGreater(len(tables["plain"]), 10)
        for row in tables["plain"]:
            for column in ("CHILD", "FATHER", "MOTHER"):
                row[column] = row[column] if row[column] == "NA" else "P" + row[column]
        ours = [{k: v for k, v in row.items() if k != "FID"} for row in tables["named"]]
        self.assertEqual(ours, [{k: v for k, v in row.items() if k != "FID"}
                                for row in tables["plain"]])

    def test_samples_that_are_not_in_the_table_keep_their_ids(self):
        self.use_vcf(self.lines)
        self.map_ids(self.all_rows()[:-5])
        done = self.run_study()
        self.assert_done(done)
        self.assertIn(f"5 of {len(self.people)} genotyped samples are not in it", done.err)

    def test_controls_keep_the_ids_of_the_files(self):
        """Copies of one person in the table of ids are refused, but for control samples."""
        self.use_vcf(self.lines)
        rows = self.all_rows()
        copies = [rows[-2][0], rows[-1][0]]
        self.map_ids(rows[:-2] + [(array, "HAPMAP1") for array in copies])
        done = self.run_study()
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("column control of the table of plates", done.err)
        (self.dir / "plates.tsv").write_text("IID\tcontrol\n" + "".join(
            f"{array}\t{'yes' if array in copies else 'no'}\n" for array, _ in rows))
        self.settings["plates"] = {"file": "plates.tsv"}
        self.assert_done(self.run_study())
        samples = support.read_tsv(self.dir / "out/private/samples.tsv")
        self.assertEqual({r["IID"] for r in samples if r["REASON"] == "control"}, set(copies))
        self.assertEqual([r["IID"] for r in samples[:-2]], [iid for _, iid in rows[:-2]])

    def test_samples_of_hard_calls_are_compared(self):
        calls = self.dir / "calls.vcf"
        head = "##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n" \
            "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"G\">\n" \
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"

        def write(people):
            people = list(people)
            calls.write_text(head + "\t".join(people) + "\n1\t5\tv\tA\tC\t.\t.\t.\tGT" +
                             "\t0/1" * len(people) + "\n")

        def told(people):
            write(people)
            done = self.run_study()
            self.assert_done(done)
            return [line for line in done.err.splitlines() if "input.hard_calls" in line]

        self.use_vcf(self.lines)
        self.settings["input"]["hard_calls"] = "calls.vcf"
        self.map_ids(self.all_rows())
        n = len(self.people)
        self.assertEqual(told(self.people), [])
        self.assertEqual(told(self.arrays.values()), [])
        turned = [*self.people[:2], self.people[3], self.people[2], *self.people[4:]]
        order, = told(turned)
        self.assertIn(f"the same {n} people in another order, sample 3 is the first", order)
        fewer, = told(self.people[4:] + ["new"])
        self.assertIn(f"1 of its {n - 3} people are not among the genotypes, 4 of the {n} there",
                      fewer)
        # Nobody in common: other people, or ids that the table does not know.
        write(f"other{i}" for i in range(n))
        done = support.kinflow("validate", self.dir / "run.yaml")
        self.assertEqual(done.code, 4, done.err)
        for word in ("E0422", f"none of the {n} samples of the hard calls is among the {n}",
                     "calls.vcf", "input.ids"):
            self.assertIn(word, done.err)
        self.assertNotIn("other0", done.err)

    def test_refusals(self):
        self.use_vcf(self.lines)
        first = self.all_rows()[0]
        cases = (
            ([(first[0], "")], "ID\tIID", ("ids.tsv:2", "IID")),
            ([first, (first[0], "other")], "ID\tIID", ("ids.tsv:3", "another IID")),
            ([first], "OLD\tNEW", ("ids.tsv", "ID")),
            ([("x", "y")], "ID\tIID", ("none of the genotyped samples",)),
            ([first, (self.all_rows()[1][0], first[1])], "ID\tIID",
             ("1 genotyped samples are of people who have another one", "input.remove")),
        )
        for rows, header, words in cases:
            with self.subTest(rows=rows):
                self.map_ids(rows, header=header)
                done = self.run_study()
                self.assertEqual(done.code, 4, done.err)
                for word in words:
                    self.assertIn(word, done.err)
                self.assertIn("remedy:", done.err)
                self.assertNotIn(first[1], done.err)
                self.assertNotIn(first[0], done.err)


if __name__ == "__main__":
    unittest.main()
