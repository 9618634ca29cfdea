"""Scores beside plink2 --score: from hard calls, dosages, many at once, sparse ones."""


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
