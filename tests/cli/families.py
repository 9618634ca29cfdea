"""Families whose haplotypes are known, written as files, and expectations by enumeration of parental
genotypes. Nothing here comes from kinflow."""
import gzip
import itertools

import numpy as np

VARIANTS, CHROMOSOMES = 240, 2
# Columns of family_scores.tsv behind the name of the score.
MEMBERS = ("MOTHER", "FATHER", "T_MOTHER", "NT_MOTHER", "T_FATHER", "NT_FATHER")


class Families:
    """Founders' haplotypes drawn by frequency; children by meiosis with one crossover a chromosome.
    haps[person] is 2 x variants; of children row 0 is the mother's."""

    def __init__(self, seed, families, children=1):
        rng = np.random.default_rng(seed)
        self.freq = rng.uniform(0.1, 0.9, VARIANTS)
        self.chrom = np.repeat(np.arange(1, CHROMOSOMES + 1), VARIANTS // CHROMOSOMES)
        self.pos = 1000 * (1 + np.arange(VARIANTS))
        self.haps, self.rows, self.families = {}, [], []

        def meiosis(parent):
            out = np.empty(VARIANTS, int)
            for c in range(1, CHROMOSOMES + 1):
                at = np.flatnonzero(self.chrom == c)
                first, cut = rng.integers(2), rng.integers(len(at))
                out[at[:cut]] = parent[first][at[:cut]]
                out[at[cut:]] = parent[1 - first][at[cut:]]
            return out

        for k in range(families):
            mother, father = f"m{k}", f"f{k}"
            for founder, sex in ((mother, 2), (father, 1)):
                self.haps[founder] = (rng.random((2, VARIANTS)) < self.freq).astype(int)
                self.rows.append((f"F{k}", founder, "0", "0", sex))
            kids = [f"c{k}{'abcd'[i]}" for i in range(children)]
            for i, kid in enumerate(kids):
                self.haps[kid] = np.array([meiosis(self.haps[mother]), meiosis(self.haps[father])])
                self.rows.append((f"F{k}", kid, father, mother, 1 + i % 2))
            self.families.append((mother, father, kids))
        self.effect_is_alt = rng.random(VARIANTS) < 0.5
        self.weights = np.round(rng.normal(size=VARIANTS), 4)
        self.rng = rng

    def score(self, alt, alleles):
        """Of copies of ALT among so many alleles."""
        return float(np.sum(self.weights * np.where(self.effect_is_alt, alt, alleles - alt)))

    def write(self, folder, left_out=(), phased=True, missing=0.0):
        people = [row[1] for row in self.rows if row[1] not in left_out]
        swapped = {p: self.rng.integers(2, size=CHROMOSOMES) for p in people}
        lines = ["##fileformat=VCFv4.2",
                 '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
                 *(f"##contig=<ID={c}>" for c in range(1, CHROMOSOMES + 1)),
                 "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(people)]
        for v in range(VARIANTS):
            calls = []
            for p in people:
                order = swapped[p][self.chrom[v] - 1]
                pair = self.haps[p][order][v], self.haps[p][1 - order][v]
                text = f"{pair[0]}|{pair[1]}" if phased else f"{min(pair)}/{max(pair)}"
                calls.append("./." if self.rng.random() < missing else text)
            lines.append(f"{self.chrom[v]}\t{self.pos[v]}\tv{v}\tA\tC\t.\t.\t.\tGT\t" +
                         "\t".join(calls))
        with gzip.open(folder / "g.vcf.gz", "wt") as out:
            out.write("\n".join(lines) + "\n")
        (folder / "ped.fam").write_text("".join(
            "\t".join(map(str, row)) + "\t-9\n" for row in self.rows))
        (folder / "w.txt").write_text(
            "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n" + "".join(
                f"{c}\t{p}\t{'C' if alt else 'A'}\t{'A' if alt else 'C'}\t{w}\n"
                for c, p, alt, w in zip(self.chrom, self.pos, self.effect_is_alt, self.weights)))
        (folder / "freq.afreq").write_text(
            "#CHROM\tPOS\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n" + "".join(
                f"{self.chrom[v]}\t{self.pos[v]}\tv{v}\tA\tC\t{float(self.freq[v])!r}\t10000\n"
                for v in range(VARIANTS)))


def expected_parents(freq, mother, father, kids):
    """E[copies of mother], E[of father] given genotypes (None = unknown), by enumerating ordered
    parental alleles and all transmissions; and the same of the first child's maternal allele."""
    total = e_mother = e_father = e_from_mother = 0.0
    for alleles in itertools.product((0, 1), repeat=4):
        m, f = alleles[:2], alleles[2:]
        if (mother is not None and sum(m) != mother) or (father is not None and sum(f) != father):
            continue
        chance = np.prod([freq if a else 1 - freq for a in alleles])
        first_maternal = 0.0
        for i, kid in enumerate(kids):
            ways = [(a, b) for a in m for b in f if a + b == kid]
            chance *= len(ways) / 4
            if i == 0 and ways:
                first_maternal = sum(a for a, _ in ways) / len(ways)
        total += chance
        e_mother += chance * sum(m)
        e_father += chance * sum(f)
        e_from_mother += chance * first_maternal
    return e_mother / total, e_father / total, e_from_mother / total


def variance_left(freq, mother, kid):
    """Variance of a father's copies given the genotypes of the mother and one child, unphased."""
    chances = np.zeros(3)
    for alleles in itertools.product((0, 1), repeat=4):
        if sum(alleles[:2]) == mother:
            ways = sum(a + b == kid for a in alleles[:2] for b in alleles[2:])
            chances[sum(alleles[2:])] += ways * np.prod([freq if a else 1 - freq for a in alleles])
    chances /= chances.sum()
    copies = np.arange(3)
    return float(chances @ copies ** 2 - (chances @ copies) ** 2)
