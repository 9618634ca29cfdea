"""The simulated cohorts of the benchmark, made once and kept, in every format that is measured."""
import random
import sys
from pathlib import Path

from measuring import rows, run


class Cohorts:
    """Files are named by what they hold; a `.made-with` beside them tells if they still fit."""

    def __init__(self, options, kinflow, plink2):
        self.o, self.kinflow, self.plink2 = options, kinflow, plink2
        self.work = Path(options.work)
        self.work.mkdir(parents=True, exist_ok=True)

    def simulate(self, name, form, variants, extra=()):
        prefix = self.work / name
        stamp = self.work / f"{name}.made-with"
        # A trio with siblings and missing fathers is about 2.8 people.
        trios = max(1, round(self.o.samples / 2.77))
        wanted = f"{form} {trios} {variants} {self.o.seed} {' '.join(extra)}"
        if not stamp.exists() or stamp.read_text() != wanted:
            print(f"making {prefix}.{form} ...", file=sys.stderr)
            took = run([self.kinflow, "simulate", "--trios", trios, "--variants", variants, "--seed",
                        self.o.seed, "--format", form, "--out", prefix, "--threads", self.o.threads,
                        *extra], self.work / f"{name}.simulate.log")
            print(f"  {took.wall:.0f} s, {took.rss / 2**20:.0f} MiB", file=sys.stderr)
            stamp.write_text(wanted)
        return prefix

    def bed(self):
        return self.simulate("hard", "bed", self.o.variants, ["--missing-rate", "0.002"])

    def vcf(self):
        return self.simulate("dosage", "vcf", self.o.vcf_variants)

    def head(self, number):
        return ("###PGS CATALOG SCORING FILE\n#format_version=2.0\n"
                f"#pgs_id=S{number:03}\n#genome_build=GRCh37\n"
                "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n")

    def weights(self, prefix, count, wide):
        """`count` scores over the variants of a cohort; the same numbers for both tools: one wide table or
        a file a score, and the table that plink2 reads."""
        variants = Path(f"{prefix}.variants.tsv.gz")
        folder = Path(f"{prefix}.{'table' if wide else 'weights'}{count}")
        table = folder / "all.tsv"
        files = [folder / "wide.txt"] if wide else [folder / f"S{s:03}.txt" for s in range(count)]
        if table.exists() and table.stat().st_mtime > variants.stat().st_mtime:
            return files, table
        folder.mkdir(exist_ok=True)
        rng = random.Random(count)
        names = [f"S{s:03}" for s in range(count)]
        parts = [open(f, "w", encoding="utf-8") for f in files]
        if wide:
            parts[0].write("#genome_build=GRCh37\nrsID\tchr_name\tchr_position\teffect_allele\t"
                           "other_allele\t" + "\t".join(names) + "\n")
        else:
            for s, f in enumerate(parts):
                f.write(self.head(s))
        with open(table, "w", encoding="utf-8") as joint:
            joint.write("ID\tA1\t" + "\t".join(names) + "\n")
            for v in rows(variants):
                if {v["REF"], v["ALT"]} in ({"A", "T"}, {"C", "G"}):
                    continue  # ambiguous: dropped by kinflow's default
                w = [f"{rng.gauss(0, 0.01):.6f}" for _ in names]
                joint.write("\t".join([v["ID"], v["ALT"], *w]) + "\n")
                place = "\t".join([v["ID"], v["CHROM"], v["POS"], v["ALT"], v["REF"]])
                for value, f in zip(["\t".join(w)] if wide else w, parts):
                    f.write(f"{place}\t{value}\n")
        for f in parts:
            f.close()
        return files, table

    def sparse_weights(self, prefix, count=500):
        """`count` files of 100 to 10,000 variants each, and the matrix of all that plink2 reads."""
        variants = Path(f"{prefix}.variants.tsv.gz")
        folder = Path(f"{prefix}.sparse{count}")
        table = folder / "all.tsv"
        if table.exists() and table.stat().st_mtime > variants.stat().st_mtime:
            return sorted(folder.glob("S*.txt")), table, count
        folder.mkdir(exist_ok=True)
        rng = random.Random(count)
        usable = [v for v in rows(variants) if {v["REF"], v["ALT"]} not in ({"A", "T"}, {"C", "G"})]
        matrix = [{} for _ in usable]
        for s in range(count):
            most = min(10000, len(usable))
            chosen = sorted(rng.sample(range(len(usable)),
                                       min(most, round(100 * (most / 100) ** rng.random()))))
            with open(folder / f"S{s:03}.txt", "w", encoding="utf-8") as f:
                f.write(self.head(s))
                for i in chosen:
                    v, w = usable[i], f"{rng.gauss(0, 0.01):.6f}"
                    matrix[i][s] = w
                    f.write("\t".join([v["ID"], v["CHROM"], v["POS"], v["ALT"], v["REF"], w]) + "\n")
        with open(table, "w", encoding="utf-8") as joint:
            joint.write("ID\tA1\t" + "\t".join(f"S{s:03}" for s in range(count)) + "\n")
            for v, of in zip(usable, matrix):
                if of:
                    joint.write("\t".join([v["ID"], v["ALT"],
                                           *(of.get(s, "0") for s in range(count))]) + "\n")
        return sorted(folder.glob("S*.txt")), table, count

    def store(self):
        """The VCF loaded: [its dosage artifact]."""
        out = self.work / "store"
        vcf = f"{self.vcf()}.vcf.gz"
        found = sorted(out.glob("work/artifacts/dosage/*/manifest.json"))
        if not found or found[0].stat().st_mtime < Path(vcf).stat().st_mtime:
            print(f"loading {vcf} ...", file=sys.stderr)
            run([self.kinflow, "load", "--geno", vcf, "--pedigree", f"{self.vcf()}.fam", "--out", out],
                self.work / "store.log")
            found = sorted(out.glob("work/artifacts/dosage/*/manifest.json"))
        return [found[0].parent, "--pedigree", f"{self.vcf()}.fam"]

    def convert(self, path, *command):
        """A file made by another program from the VCF; made again if it is older."""
        if not path.exists() or path.stat().st_mtime < Path(f"{self.vcf()}.vcf.gz").stat().st_mtime:
            print(f"making {path} ...", file=sys.stderr)
            run(command, f"{path}.log")
        return path

    def bcf(self):
        vcf = f"{self.vcf()}.vcf.gz"
        return self.convert(self.work / "dosage.bcf", "bcftools", "view", "--threads", 2, "-Ob", "-o",
                            self.work / "dosage.bcf", vcf)

    def bgen(self, compression):
        """8 bits a probability; plink2 writes bgen-1.3 with zstd and bgen-1.2 with zlib."""
        prefix = self.work / f"dosage-{compression}"
        version = {"zlib": "bgen-1.2", "zstd": "bgen-1.3"}[compression]
        return self.convert(Path(f"{prefix}.bgen"), self.plink2, "--vcf", f"{self.vcf()}.vcf.gz",
                            "dosage=DS", "--export", version, "bits=8", "--out", prefix)

    def unphased_bgen(self):
        """As IMPUTE4 writes dosages: 8 bits a probability, zlib, no phase."""
        prefix = self.work / "dosage-unphased"
        self.convert(Path(f"{prefix}.pgen"), self.plink2, "--vcf", f"{self.vcf()}.vcf.gz", "dosage=DS",
                     "--make-pgen", "erase-phase", "--out", prefix)
        return self.convert(Path(f"{prefix}.bgen"), self.plink2, "--pfile", prefix, "--export",
                            "bgen-1.2", "bits=8", "--out", prefix)

    def pgen(self, dosages):
        """Hard calls of the .bed, or the dosages of the VCF."""
        prefix = self.work / ("dosage-pgen" if dosages else "hard-pgen")
        source = (["--vcf", f"{self.vcf()}.vcf.gz", "dosage=DS"] if dosages else
                  ["--bfile", self.bed()])
        self.convert(Path(f"{prefix}.pgen"), self.plink2, *source, "--make-pgen", "--out", prefix)
        return prefix
