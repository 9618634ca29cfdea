"""Scores beside plink2 --score: from hard calls, dosages, many at once, sparse ones."""
import subprocess
import sys

from measuring import compare, number, rows


class ScoreTasks:
    """A part of Bench."""

    def task_score(self, count, pgen=False, files=False):
        """kinflow always reads the .bed; plink2 that, or its own .pgen of the same calls. Both read one
        table of all scores, or kinflow a file a score (`files`)."""
        prefix = self.cohorts.bed()
        theirs = ["--pfile", self.cohorts.pgen(False)] if pgen else ["--bfile", prefix]
        self.measure_score(f"{count} score" + ("s" if count > 1 else "") + (" (pgen)" if pgen else "")
                           + (" (files)" if files else ""),
                           self.o.variants, prefix, [f"{prefix}.bed"], theirs, count, 2e-5, files)

    def measure_score(self, name, variants, prefix, genotypes, theirs, count, tolerance,
                      a_file_a_score=False):
        files, table = self.cohorts.weights(prefix, count, count > 1 and not a_file_a_score)
        self.measure(
            name, f"{variants} variants",
            lambda d: [self.kinflow, "score", "--geno", *genotypes, "--weights", *files,
                       *self.flags(d)],
            lambda d: self.plink(*theirs, *self.score_columns(table, count), "--out", d / "p"),
            lambda k, p: self.agree_scores(k, p, count, tolerance))

    def task_score_dosage(self, from_store):
        """10 scores; plink2 from its .pgen of dosages, kinflow from that or from its own store, which
        was made before the clock starts."""
        count, prefix = 10, self.cohorts.vcf()
        pgen = self.cohorts.pgen(True)
        # A .pgen keeps dosages in steps of 1/16384.
        if from_store:
            genotypes, tolerance = self.cohorts.store(), 1e-3
        else:
            genotypes, tolerance = [f"{pgen}.pgen"], 2e-5
        self.measure_score("10 scores, " + ("store" if from_store else "pgen") + " of dosages",
                           self.o.vcf_variants, prefix, genotypes, ["--pfile", pgen], count, tolerance)

    def task_score_sparse(self):
        prefix = self.cohorts.bed()
        files, table, count = self.cohorts.sparse_weights(prefix)
        self.measure(
            f"{count} sparse scores", f"{self.o.samples} samples, {self.o.variants} variants",
            lambda d: [self.kinflow, "score", "--geno", f"{prefix}.bed", "--weights", *files,
                       *self.flags(d)],
            lambda d: self.plink("--bfile", prefix, *self.score_columns(table, count), "--out",
                                 d / "p"),
            lambda k, p: self.agree_scores(k, p, count, 2e-5))

    def score_columns(self, table, count):
        return ["--score", table, "1", "2", "header-read", "cols=+scoresums,-scoreavgs",
                "--score-col-nums", f"3-{2 + count}" if count > 1 else "3"]

    def scores_table(self, k):
        """More than 100 scores are in HDF5 alone, which is turned into text after the timed part."""
        ours = k / "out" / "private" / "scores.tsv"
        if not ours.exists():
            with open(ours, "w", encoding="utf-8") as text:
                subprocess.run([str(self.kinflow), "inspect", str(ours.with_suffix(".h5"))],
                               stdout=text, check=True)
        return ours

    def agree_scores(self, k, p, count, tolerance):
        ours = self.scores_table(k)

        def pairs():
            for a, b in zip(rows(ours), rows(p / "p.sscore")):
                if a["IID"] != b["IID"]:
                    sys.exit("people differ in order")
                for s in range(count):
                    yield f"row, score {s}", number(a[f"S{s:03}"]), number(b[f"S{s:03}_SUM"])
        # plink2 prints six digits.
        return compare("scores", pairs(), tolerance, 1e-5)
