"""What must not change a score: the strand of weights or genotypes, chromosomes scored apart, the order
of people and variants, and how a run is cut. Sums are compared as printed (every bit of a double)."""
import fractions
import random
import shutil
import unittest

import numpy

import bed_files
import support

PEOPLE, VARIANTS = 203, 440
COMPLEMENT = dict(zip("ACGT", "TGCA"))
PAIRS = ("AC", "AG", "TC", "TG", "CA", "GA")  # no palindromes


class ScoreInvarianceTest(support.TempFolderTest):
    """Scores `plain` (decimal weights), `logs` (weights that no decimal number is) and `sparse`."""

    def setUp(self):
        super().setUp()
        dice = numpy.random.default_rng(4)
        freq = dice.uniform(0.05, 0.95, VARIANTS)
        self.calls = dice.binomial(2, freq, (PEOPLE, VARIANTS)).astype(int)
        self.calls[dice.random((PEOPLE, VARIANTS)) < 0.02] = -1
        self.people = [(f"P{i}", f"P{i}", 0, 0, 1 + i % 2) for i in range(PEOPLE)]
        self.alleles = [PAIRS[v % len(PAIRS)] for v in range(VARIANTS)]
        self.bed = self.genotypes("a")
        self.lines = []  # of the score file: chromosome, position, effect and other allele, weights
        for v, (chrom, pos) in enumerate(self.places("a")):
            effect, other = self.alleles[v] if v % 2 else self.alleles[v][::-1]
            self.lines.append([chrom, pos, effect, other, f"{v % 13 - 6}.{v % 7}25",
                               repr(float(dice.normal())), "0" if v % 5 else f"0.{v % 9 + 1}"])

    def genotypes(self, name, people=None, variants=None):
        """A .bed of these people and variants (all in order), with the alleles of self.alleles."""
        people = range(PEOPLE) if people is None else people
        path = bed_files.write_bed(self.dir / name, self.calls[list(people)],
                                   [self.people[i] for i in people])
        bim = path.with_suffix(".bim")
        rows = [line.split() for line in bim.read_text().splitlines()]
        bim.write_text("".join(
            "\t".join((*row[:4], *self.alleles[v])) + "\n" for v, row in enumerate(rows)))
        if variants is None:
            return path
        rows = bim.read_text().splitlines(keepends=True)
        bim.write_text("".join(rows[v] for v in variants))
        size = -(-len(people) // 4)
        data = path.read_bytes()
        path.write_bytes(data[:3] + b"".join(data[3 + v * size:3 + (v + 1) * size]
                                             for v in variants))
        return path

    def places(self, name):
        return [line.split()[0::3][:2] for line in
                (self.dir / f"{name}.bim").read_text().splitlines()]

    def weights(self, lines, name="w.txt"):
        path = self.dir / name
        path.parent.mkdir(exist_ok=True)
        head = ("chr_name", "chr_position", "effect_allele", "other_allele", "plain", "logs",
                "sparse")
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in [head, *lines]))
        return path

    def run_score(self, *args):
        shutil.rmtree(self.dir / "out", ignore_errors=True)
        done = support.kinflow("score", "--out", self.dir / "out", *args)
        self.assertEqual(done.code, 0, done.err)
        return {row["IID"]: row for row in support.read_tsv(self.dir / "out/private/scores.tsv")}

    def score(self, lines=None, geno=None, *args):
        genotypes = geno if isinstance(geno, list) else [geno or self.bed]
        return self.run_score("--geno", *genotypes, "--weights",
                              self.weights(lines or self.lines), *args)

    def expected(self):
        """From the definition, without kinflow: 2 f w for missing genotypes."""
        sums = numpy.zeros((PEOPLE, 3))
        for v, line in enumerate(self.lines):
            dosage = self.calls[:, v].astype(float)
            dosage[dosage < 0] = dosage[dosage >= 0].mean()
            if line[2] != self.alleles[v][0]:
                dosage = 2 - dosage
            sums += numpy.outer(dosage, [float(w) for w in line[4:]])
        return {f"P{i}": sums[i] for i in range(PEOPLE)}

    def matched(self, column):
        return [int(row[column]) for row in support.read_tsv(self.dir / "out/share/match_scores.tsv")]

    def assert_close(self, got, reference, columns=("plain", "logs", "sparse")):
        self.assertEqual(set(got), set(reference))
        for name, row in reference.items():
            for column in columns:
                self.assertAlmostEqual(float(got[name][column]), float(row[column]),
                                       delta=1e-12 * max(50, abs(float(row[column]))))

    def test_strand(self):
        """The complement of every allele, in the weights or in the genotypes: the same bits."""
        reference = self.score()
        self.assertEqual(self.matched("FLIPPED"), [0, 0, 0])
        for name, sums in self.expected().items():
            for column, value in zip(("plain", "logs", "sparse"), sums):
                self.assertAlmostEqual(float(reference[name][column]), value, delta=1e-9)
        turned = [[*row[:2], *(COMPLEMENT[a] for a in row[2:4]), *row[4:]] for row in self.lines]
        self.assertEqual(self.score(turned), reference)
        self.assertEqual(self.matched("FLIPPED"), self.matched("MATCHED"))
        self.alleles = [pair[0] + pair[1] if v % 3 else COMPLEMENT[pair[0]] + COMPLEMENT[pair[1]]
                        for v, pair in enumerate(self.alleles)]
        third = self.genotypes("turned")
        self.assertEqual(self.score(geno=third), reference)
        self.assertEqual(self.matched("FLIPPED")[0], -(-VARIANTS // 3))
        self.assertEqual(self.score(turned, third), reference)

    def test_alleles_that_change_places(self):
        """A1 and A2 of the .bim, with their genotypes; effect and other allele, with the sign."""
        reference = self.score()
        genotypes, self.calls = self.calls, numpy.where(self.calls < 0, -1, 2 - self.calls)
        self.alleles = [pair[::-1] for pair in self.alleles]
        swapped = self.genotypes("swapped")
        self.assert_close(self.score(geno=swapped), reference)
        self.calls = genotypes
        opposite = [[*row[:2], row[3], row[2],
                     *(w if w == "0" else w[1:] if w[0] == "-" else "-" + w for w in row[4:])]
                    for row in self.lines]
        shifts = [sum(2 * fractions.Fraction(row[k]) for row in self.lines) for k in (4, 5, 6)]
        got = self.score(opposite)
        for name, row in got.items():
            for column, shift in zip(("plain", "logs", "sparse"), shifts):
                row[column] = repr(float(fractions.Fraction(row[column]) + shift))
        self.assert_close(got, reference)

    def test_chromosomes_add_up(self):
        """Weights, genotypes or both by chromosome. Sums of decimal weights over called genotypes are
        exact: those of the chromosomes add up to the whole without rounding."""
        reference = self.score()
        chromosomes = sorted({line[0] for line in self.lines}, key=int)
        self.assertEqual(len(chromosomes), bed_files.CHROMOSOMES)
        of = {c: [v for v, line in enumerate(self.lines) if line[0] == c] for c in chromosomes}
        beds = [self.genotypes(f"chr{c}", variants=of[c]) for c in chromosomes]
        self.assertEqual(self.score(geno=beds), reference)
        files = [self.weights([self.lines[v] for v in of[c]], f"parts/w{c}.txt")
                 for c in chromosomes]
        whole = {name: dict.fromkeys(("plain", "logs", "sparse"), 0) for name in reference}
        for path, bed in list(zip(files, beds))[::3] + list(zip(files, [self.bed] * 22))[1::3] + \
                list(zip(files, beds))[2::3]:
            for name, row in self.run_score("--geno", bed, "--weights", path).items():
                for column in whole[name]:
                    whole[name][column] += fractions.Fraction(row[column])
        self.assert_close(whole, reference)
        # One run for all parts: a table a chromosome, joined under a name.
        named = [[*row[:5]] for row in self.lines]
        for c in chromosomes:
            (self.dir / f"one{c}.txt").write_text("".join(
                f"{row[0]}\tv\t{row[1]}\t{row[2]}\t{row[3]}\t{row[4]}\n"
                for row in named if row[0] == c))
        config = self.config(f"""schema_version: 1
input: {{genotypes: {self.bed}}}
scores: {{tables: [{{files: "{self.dir}/one*.txt", layout: prs-cs, name: plain}}]}}
qc: {{preset: none}}
output: {{folder: joined}}
""")
        done = support.kinflow("run", config, cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        joined = support.read_tsv(self.dir / "joined/private/scores.tsv")
        self.assertEqual({row["IID"]: row["plain"] for row in joined},
                         {name: row["plain"] for name, row in reference.items()})

    def test_chromosomes_add_up_exactly(self):
        self.calls = numpy.abs(self.calls)  # all called
        self.bed = self.genotypes("called")
        reference = self.score()
        sums = dict.fromkeys(reference, 0)
        for part in range(4):
            lines = [line for line in self.lines if int(line[0]) % 4 == part]
            for name, row in self.score(lines).items():
                thousandths = fractions.Fraction(row["plain"]) * 1000
                self.assertEqual(thousandths.denominator, 1)
                sums[name] += thousandths
        for name, row in reference.items():
            self.assertEqual(fractions.Fraction(row["plain"]) * 1000, sums[name])

    def test_order_of_people_and_lines(self):
        reference = self.score()
        order = list(range(PEOPLE))
        random.Random(5).shuffle(order)
        shuffled = self.genotypes("shuffled", order)
        got = self.score(geno=shuffled)
        self.assertEqual(list(got), [f"P{i}" for i in order])
        self.assertEqual(got, reference)
        lines = list(self.lines)
        random.Random(6).shuffle(lines)
        self.assertEqual(self.score(lines), reference)

    def test_cuts(self):
        """Blocks of variants, shards of the scan, threads, and the road through the dosage store."""
        reference = self.score()
        for threads, tile, shard, store in ((2, 1, 0, "auto"), (1, 7, 3000, "auto"),
                                            (2, 64, 20_000, "always"), (1, 4096, 50_000, "always")):
            with self.subTest(threads=threads, tile=tile, shard=shard, store=store):
                got = self.score(None, None, "--threads", threads, "--set",
                                 f"resources.tile_variants={tile}", "--set",
                                 f"resources.shard_genotypes={shard}", "--set",
                                 f"dosage.store={store}")
                self.assertEqual(got, reference)


if __name__ == "__main__":
    unittest.main()
