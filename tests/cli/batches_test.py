"""Several batches joined to one cohort: scores against sums made here, one file of all people, and
the table of what differs."""
import random
import unittest

import support

FIRST, SECOND, SITES = 30, 17, 400
BASES = "ACGT"


def vcf(path, people, records, field="GT"):
    """records: (chrom, pos, id, ref, alt, values); values are copies of ALT or None."""
    calls = {0: "0/0", 1: "0/1", 2: "1/1", None: "./."} if field == "GT" else {}
    with open(path, "w", encoding="ascii") as out:
        out.write('##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n'
                  f'##FORMAT=<ID={field},Number=1,Type=String,Description="f">\n'
                  "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(people) + "\n")
        for chrom, pos, name, ref, alt, values in records:
            cells = [calls[v] if calls else "." if v is None else f"{v:g}" for v in values]
            out.write(f"{chrom}\t{pos}\t{name}\t{ref}\t{alt}\t.\t.\t.\t{field}\t"
                      + "\t".join(cells) + "\n")


class BatchesTest(support.TempFolderTest):
    """The same sites in two batches, changed in ways that are counted by hand."""

    def setUp(self):
        super().setUp()
        rng = random.Random(4)
        self.people = [f"a{i}" for i in range(FIRST)], [f"b{i}" for i in range(SECOND)]
        self.truth = []  # (chrom, pos, ref, alt, copies of ALT of all people) of the common ones
        records = [], []
        self.counts = dict(only=[0, 0], swapped=0, palindromic=0, conflict=0)
        for chrom in ("1", "2"):
            for i in range(SITES // 2):
                pos = 10 * (i + 1)
                ref, alt = rng.sample(BASES, 2)
                values = rng.choices((0, 1, 2, None), (50, 30, 18, 2), k=FIRST + SECOND)
                a, b = values[:FIRST], values[FIRST:]
                flipped = [None if v is None else 2 - v for v in b]
                other = next(x for x in BASES if x not in (ref, alt))
                kind = i % 10
                if kind != 1:
                    records[0].append((chrom, pos, f"n{i}", ref, alt, a))
                if kind == 2:
                    self.counts["swapped"] += 1
                    self.counts["palindromic"] += {ref, alt} in ({"A", "T"}, {"C", "G"})
                    records[1].append((chrom, pos, f"m{i}", alt, ref, flipped))
                elif kind == 3:
                    self.counts["conflict"] += 1
                    records[1].append((chrom, pos, f"m{i}", ref, other, b))
                elif kind != 4:
                    records[1].append((chrom, pos, f"m{i}", ref, alt, b))
                self.counts["only"][0] += kind == 4
                self.counts["only"][1] += kind == 1
                if kind not in (1, 3, 4):
                    self.truth.append((chrom, pos, ref, alt, values))
        for folder, people, batch in zip("ab", self.people, records):
            (self.dir / folder).mkdir()
            for chrom in ("1", "2"):
                vcf(self.dir / folder / f"chr{chrom}.vcf", people,
                    [r for r in batch if r[0] == chrom])
        self.records = records
        weights = ["chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"]
        self.weights = {}
        for chrom, pos, ref, alt, _ in self.truth[::3]:
            self.weights[chrom, pos] = round(rng.uniform(-1, 1), 3)
            weights.append(f"{chrom}\t{pos}\t{alt}\t{ref}\t{self.weights[chrom, pos]}\n")
        (self.dir / "w.txt").write_text("".join(weights))

    def run_batches(self, out="out", more="", code=0):
        config = self.config(f"""schema_version: 1
input:
  batches:
    - {{name: first, genotypes: a/chr@.vcf}}
    - {{name: second, genotypes: [b/chr1.vcf, b/chr2.vcf]}}
scores: {{files: [w.txt], match: {{ambiguous: keep}}, {more}}}
qc: {{preset: none}}
output: {{folder: {out}}}
resources: {{work: {out}/work}}
""", f"{out}.yaml")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, code, done.err)
        return done

    def scores(self, folder):
        rows = support.read_tsv(self.dir / folder / "private/scores.tsv")
        return {row["IID"]: float(row["w"]) for row in rows}

    def test_scores_are_those_of_all_people_together(self):
        self.run_batches(more="read: all")
        expected = dict.fromkeys(self.people[0] + self.people[1], 0.0)
        for chrom, pos, _, _, values in self.truth:
            weight = self.weights.get((chrom, pos))
            if weight is None:
                continue
            known = [v for v in values if v is not None]
            mean = sum(known) / len(known)
            for person, v in zip(expected, values):
                expected[person] += weight * (mean if v is None else v)
        scores = self.scores("out")
        self.assertEqual(list(scores), list(expected))
        for person, value in expected.items():
            self.assertAlmostEqual(scores[person], value, places=9)
        self.check_table("out", sum(len(r) for r in self.records))
        # The same people in one file.
        vcf(self.dir / "one.vcf", list(expected),
            [(c, p, f"{c}_{p}", r, a, v) for c, p, r, a, v in self.truth])
        done = support.kinflow("score", "--geno", self.dir / "one.vcf", "--weights",
                               self.dir / "w.txt", "--keep-ambiguous", "--out", self.dir / "one")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual((self.dir / "one/private/scores.tsv").read_bytes(),
                         (self.dir / "out/private/scores.tsv").read_bytes())
        # And without reading what no score uses.
        self.run_batches("few")
        self.assertEqual((self.dir / "few/private/scores.tsv").read_bytes(),
                         (self.dir / "out/private/scores.tsv").read_bytes())

    def check_table(self, folder, variants):
        first, second = support.read_tsv(self.dir / folder / "share/batches.tsv")
        self.assertEqual((first["BATCH"], second["BATCH"]), ("first", "second"))
        self.assertEqual((int(first["SAMPLES"]), int(second["SAMPLES"])), (FIRST, SECOND))
        self.assertEqual(int(first["VARIANTS"]) + int(second["VARIANTS"]), variants)
        for row, only in zip((first, second), self.counts["only"]):
            self.assertEqual(int(row["COMMON"]), len(self.truth))
            self.assertEqual(int(row["ONLY_HERE"]), only)
            self.assertEqual(int(row["CONFLICT"]), self.counts["conflict"])
        self.assertEqual(int(first["SWAPPED"]), 0)
        self.assertEqual(int(second["SWAPPED"]), self.counts["swapped"])
        self.assertEqual(int(second["PALINDROMIC"]), self.counts["palindromic"])

    def test_table_is_there_when_all_is_cached(self):
        self.run_batches(more="read: all")
        (self.dir / "out/share/batches.tsv").unlink()
        done = self.run_batches(more="read: all")
        self.assertNotIn("scan:", done.err)
        self.check_table("out", sum(len(r) for r in self.records))

    def test_a_person_in_two_batches(self):
        people = self.people[1][:-1] + ["a3"]
        for chrom in ("1", "2"):
            vcf(self.dir / "b" / f"chr{chrom}.vcf", people,
                [r for r in self.records[1] if r[0] == chrom])
        done = self.run_batches(code=4)
        self.assertIn("E0420", done.err)
        self.assertIn(f"sample {SECOND} of batch second is also sample 4 of batch first", done.err)
        self.assertIn("remedy:", done.err)
        self.assertNotIn("a3", done.err)

    def test_pieces_in_another_order_are_read_in_one(self):
        before = self.run_batches()
        order = list(reversed(self.people[1]))
        vcf(self.dir / "b/chr2.vcf", order,
            [(*r[:5], list(reversed(r[5]))) for r in self.records[1] if r[0] == "2"])
        done = self.run_batches("turned")
        self.assertIn("another order", done.err)
        self.assertNotIn("another order", before.err)
        self.assertEqual((self.dir / "turned/private/scores.tsv").read_bytes(),
                         (self.dir / "out/private/scores.tsv").read_bytes())

    def test_config_faults(self):
        for text, code in (("input: {batches: [{name: x, genotypes: a/chr1.vcf}], "
                            "genotypes: a/chr1.vcf}", 3),
                           ("input: {batches: []}", 3),
                           ("input: {batches: [{name: x}]}", 3),
                           ("input: {batches: [{name: x, genotypes: a/chr1.vcf}, "
                            "{name: x, genotypes: b/chr1.vcf}]}", 3)):
            done = support.kinflow("validate", self.config(f"schema_version: 1\n{text}\n"))
            self.assertEqual(done.code, code, text + "\n" + done.err)
            self.assertIn("remedy:", done.err)


if __name__ == "__main__":
    unittest.main()
