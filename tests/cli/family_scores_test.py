"""Scores by parent of origin and of parents without genotypes (scores.families), against families
made here, whose haplotypes are known, and against enumerations over parental genotypes."""
import gzip
import math
import unittest

import numpy as np

import support
from families import Families, MEMBERS, VARIANTS, expected_parents, variance_left


class FamilyScoresTest(support.TempFolderTest):
    def run_it(self, *flags, out="out", code=0, genotypes="g.vcf.gz"):
        done = support.kinflow("score", "--geno", self.dir / genotypes, "--weights",
                               self.dir / "w.txt", "--pedigree", self.dir / "ped.fam", "--freq",
                               self.dir / "freq.afreq", "--build", "GRCh37", "--out",
                               self.dir / out, "--progress", "none", *flags)
        self.assertEqual(done.code, code, done.err)
        return done

    def rows(self, out="out"):
        return {r["IID"]: r for r in support.read_tsv(self.dir / out / "private/family_scores.tsv")}

    def sums(self, out="out"):
        return {r["IID"]: float(r["w"]) for r in
                support.read_tsv(self.dir / out / "private/scores.tsv")}

    def summary(self, kind, parent):
        found = [r for r in support.read_tsv(self.dir / "out/share/family_score_summary.tsv")
                 if r["KIND"] == kind and r["PARENT"] == parent]
        self.assertEqual(len(found), 1)
        return found[0]

    def loss(self, out, kind, parent):
        return next(r["VAR_LOSS"] for r in
                    support.read_tsv(self.dir / out / "private/family_score_summary_full.tsv")
                    if r["KIND"] == kind and r["PARENT"] == parent)

    def test_phased_trios_give_the_alleles_that_were_passed_on(self):
        made = Families(1, 60)
        made.write(self.dir)
        self.run_it("--transmitted")
        rows, sums = self.rows(), self.sums()
        self.assertEqual(len(rows), 60)
        resolved = 0
        for mother, father, (kid,) in made.families:
            row = rows[kid]
            value = {m: float(row["w_" + m]) for m in MEMBERS}
            self.assertEqual((row["KIND"], row["MOTHER"], row["MOTHER_STATUS"]),
                             ("trio", mother, "observed"))
            self.assertAlmostEqual(value["T_MOTHER"] + value["NT_MOTHER"], sums[mother], places=9)
            self.assertAlmostEqual(value["T_FATHER"] + value["NT_FATHER"], sums[father], places=9)
            self.assertAlmostEqual(value["T_MOTHER"] + value["T_FATHER"], sums[kid], places=9)
            self.assertEqual(row["N_IMPOSSIBLE"], "0")
            self.assertEqual(int(row["N_HET"]), int(np.sum(made.haps[kid].sum(0) == 1)))
            if row["N_UNRESOLVED"] != "0":  # before the first variant that tells
                self.assertLess(int(row["N_UNRESOLVED"]), 12)
                continue
            resolved += 1
            self.assertAlmostEqual(value["T_MOTHER"], made.score(made.haps[kid][0], 1), places=9)
            self.assertAlmostEqual(value["T_FATHER"], made.score(made.haps[kid][1], 1), places=9)
        self.assertGreater(resolved, 20)

    def test_phase_of_bgen_counts_as_that_of_vcf(self):
        """plink2 writes BGEN with the phase of the VCF; haplotypes of 8 bits are certain there."""
        Families(1, 60).write(self.dir)
        support.run_peer(support.program("plink2"), "--vcf", self.dir / "g.vcf.gz", "--export",
                         "bgen-1.3", "bits=8", "ref-first", "--out", self.dir / "g")
        self.run_it("--transmitted")
        self.run_it("--transmitted", out="bgen", genotypes="g.bgen")
        self.assertEqual(self.rows("bgen"), self.rows())
        self.assertGreater(sum(row["N_UNRESOLVED"] == "0" for row in self.rows().values()), 20)

    def test_unphased_trios_are_expectations(self):
        made = Families(2, 40)
        made.write(self.dir, phased=False)
        self.run_it("--transmitted")
        rows, sums = self.rows(), self.sums()
        for mother, father, (kid,) in made.families:
            g = {p: made.haps[p].sum(0) for p in (mother, father, kid)}
            from_mother = [expected_parents(0.3, *(int(g[p][v]) for p in (mother, father)),
                                            [int(g[kid][v])])[2] for v in range(VARIANTS)]
            self.assertAlmostEqual(float(rows[kid]["w_T_MOTHER"]),
                                   made.score(np.array(from_mother), 1), places=9)
            self.assertAlmostEqual(float(rows[kid]["w_T_MOTHER"]) + float(rows[kid]["w_T_FATHER"]),
                                   sums[kid], places=9)
            open_sites = (g[mother] == 1) & (g[father] == 1) & (g[kid] == 1)
            self.assertEqual(int(rows[kid]["N_UNRESOLVED"]), int(open_sites.sum()))

    def test_missing_fathers_from_children_and_mothers(self):
        made = Families(3, 400)
        gone = [f"f{k}" for k in range(0, 400, 2)]
        made.write(self.dir, left_out=gone, phased=False)
        self.run_it("--impute-parents")
        rows = self.rows()
        truth, imputed = [], []
        for k in range(0, 400, 2):
            mother, father, (kid,) = made.families[k]
            row = rows[kid]
            self.assertEqual((row["KIND"], row["MOTHER_STATUS"], row["FATHER_STATUS"]),
                             ("mother_child", "observed", "imputed"))
            truth.append(made.score(made.haps[father].sum(0), 2))
            imputed.append(float(row["w_FATHER"]))
            if k > 20:
                continue
            g = {p: made.haps[p].sum(0) for p in (mother, kid)}
            expected = [expected_parents(made.freq[v], int(g[mother][v]), None, [int(g[kid][v])])[1]
                        for v in range(VARIANTS)]
            self.assertAlmostEqual(imputed[-1], made.score(np.array(expected), 2), places=8)
        child, row = "c0a", rows["c0a"]
        told = support.kinflow("explain", "sample", child, self.dir / "out")
        self.assertIn("family scores (mother_child): mother m0 observed, father f0 imputed", told.out)
        self.assertIn(f"w_FATHER: {row['w_FATHER']}\n", told.out)
        told = support.kinflow("explain", "sample", "f0", self.dir / "out")
        self.assertEqual(told.code, 0, told.err)
        self.assertIn("father of child c0a, no genotypes in the scores", told.out)
        self.assertIn(f"    w: {row['w_FATHER']}\n", told.out)
        # A conditional expectation: the truth follows it with slope 1, its variance is the share of
        # the truth's that it explains.
        slope = np.polyfit(imputed, truth, 1)[0]
        self.assertLess(abs(slope - 1), 0.35)
        r2 = np.corrcoef(imputed, truth)[0, 1] ** 2
        told = self.summary("mother_child", "father")
        self.assertEqual((told["STATUS"], told["N"]), ("imputed", "200"))
        self.assertLess(abs(1 - float(told["VAR_LOSS"]) - r2), 0.15)
        left = {(v, m, c): variance_left(made.freq[v], m, c) for v in range(VARIANTS)
                for m in range(3) for c in range(3) if abs(m - c) < 2}
        lost = [made.weights @ (made.weights * [
            left[v, made.haps[f"m{k}"][:, v].sum(), made.haps[f"c{k}a"][:, v].sum()]
            for v in range(VARIANTS)]) for k in range(0, 400, 2)]
        all_of_it = made.weights ** 2 @ (2 * made.freq * (1 - made.freq))
        self.assertAlmostEqual(float(told["VAR_LOSS"]), np.mean(lost) / all_of_it, places=9)
        self.assertAlmostEqual(float(told["VAR"]), np.var(imputed, ddof=1), places=9)
        observed = [made.score(made.haps[f"f{k}"].sum(0), 2) for k in range(1, 400, 2)]
        self.assertAlmostEqual(float(told["VAR_OBSERVED"]), np.var(observed, ddof=1), places=8)
        self.assertEqual(self.summary("trio", "father")["VAR_LOSS"], "0")

    def test_phase_loses_less_variance(self):
        made = Families(4, 300)
        gone = [f"f{k}" for k in range(150)]
        r2 = {}
        for phased in (False, True):
            made.write(self.dir, left_out=gone, phased=phased)
            self.run_it("--impute-parents", out=f"out{phased}")
            rows = self.rows(f"out{phased}")
            truth = [made.score(made.haps[f"f{k}"].sum(0), 2) for k in range(150)]
            imputed = [float(rows[f"c{k}a"]["w_FATHER"]) for k in range(150)]
            r2[phased] = np.corrcoef(truth, imputed)[0, 1] ** 2
        # One of two alleles is known then: half of the variance, but for the first variants of a
        # chromosome, where no parent has told which haplotype is whose.
        told = float(self.loss("outTrue", "mother_child", "father"))
        self.assertLess(abs(told - 0.5), 0.02)
        self.assertGreater(float(self.loss("outFalse", "mother_child", "father")), told + 0.05)
        self.assertGreater(r2[True], r2[False] + 0.03)
        self.assertLess(abs(r2[True] - 0.5), 0.15)

    def test_siblings_help_and_stand_in_for_both_parents(self):
        made = Families(5, 60, children=3)
        gone = [f"f{k}" for k in range(40)] + [f"m{k}" for k in range(20, 60)]
        made.write(self.dir, left_out=gone, phased=False)
        self.run_it("--impute-parents", "--transmitted")
        rows = self.rows()
        kinds = ["mother_child"] * 20 + ["siblings"] * 20 + ["father_child"] * 20
        for k, (mother, father, kids) in enumerate(made.families):
            g = {p: made.haps[p].sum(0) for p in (mother, father, *kids)}
            known = [int_or_none(g, p, gone) for p in (mother, father)]
            expected = np.array([expected_parents(
                made.freq[v], *(None if q is None else int(q[v]) for q in known),
                [int(g[kid][v]) for kid in kids])[:2] for v in range(VARIANTS)])
            for kid in kids:
                row = rows[kid]
                self.assertEqual(row["KIND"], kinds[k])
                for column, values in (("w_MOTHER", expected[:, 0]), ("w_FATHER", expected[:, 1])):
                    self.assertAlmostEqual(float(row[column]), made.score(values, 2), places=8)
                self.assertEqual(row["w_T_MOTHER"] == "NA", kinds[k] == "siblings")

    def test_an_only_child_says_nothing_of_two_missing_parents(self):
        made = Families(6, 30)
        made.write(self.dir, left_out=["f0", "m0"])
        self.run_it("--impute-parents")
        self.assertNotIn("c0a", self.rows())
        self.assertEqual(len(self.rows()), 29)

    def test_twins_are_one_witness(self):
        """Children of one pregnancy may be identical: one informs about the father."""
        made = Families(7, 30, children=2)
        made.write(self.dir, left_out=["f0"], phased=False)
        (self.dir / "ped.fam").write_text(
            "FID\tIID\tPAT\tMAT\tSEX\tPREGNANCY\n" + "".join(
                "\t".join(map(str, row)) + f"\t{'p' + row[0] if row[1].startswith('c') else 'NA'}\n"
                for row in made.rows))
        self.run_it("--impute-parents")
        g = {p: made.haps[p].sum(0) for p in ("m0", "c0a", "c0b")}
        expected = [expected_parents(made.freq[v], int(g["m0"][v]), None, [int(g["c0a"][v])])[1]
                    for v in range(VARIANTS)]
        for kid in ("c0a", "c0b"):
            self.assertAlmostEqual(float(self.rows()[kid]["w_FATHER"]),
                                   made.score(np.array(expected), 2), places=8)

    def test_missing_genotypes_are_filled_from_the_family(self):
        made = Families(8, 30)
        made.write(self.dir, phased=False, missing=0.05)
        self.run_it("--transmitted")
        with gzip.open(self.dir / "g.vcf.gz", "rt") as lines:
            rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("##")]
        column = {name: i for i, name in enumerate(rows[0])}
        calls = {"0/0": 0, "0/1": 1, "1/1": 2, "./.": None}
        found = self.rows()
        for mother, father, (kid,) in made.families[:10]:
            e = np.array([expected_parents(
                made.freq[v], calls[row[column[mother]]], calls[row[column[father]]],
                [c for c in [calls[row[column[kid]]]] if c is not None])[:2]
                for v, row in enumerate(rows[1:])])
            self.assertAlmostEqual(float(found[kid]["w_MOTHER"]), made.score(e[:, 0], 2), places=8)
            self.assertAlmostEqual(float(found[kid]["w_FATHER"]), made.score(e[:, 1], 2), places=8)

    def test_no_family_that_is_complete_is_an_error_and_says_what_helps(self):
        made = Families(14, 10)
        made.write(self.dir, left_out=[f"f{k}" for k in range(10)])
        done = self.run_it("--transmitted", code=4)
        self.assertIn("no child is genotyped together with both parents; 10 with one", done.err)
        self.assertIn("remedy: --impute-parents", done.err)
        self.run_it("--transmitted", "--impute-parents")
        self.assertEqual(len(self.rows()), 10)
        made.write(self.dir, left_out=[f"{p}{k}" for p in "mf" for k in range(10)])
        done = self.run_it("--impute-parents", code=4, out="none")
        self.assertIn("no child is genotyped together with a parent", done.err)

    def test_variants_on_y_are_told(self):
        made = Families(15, 10)
        made.write(self.dir)
        for name in ("w.txt", "freq.afreq", "g.vcf.gz"):
            opened = gzip.open if name.endswith("gz") else open
            with opened(self.dir / name, "rt") as lines:
                text = lines.read().replace("\n2\t", "\nY\t").replace("ID=2>", "ID=Y>")
            with opened(self.dir / name, "wt") as out:
                out.write(text)
        done = self.run_it("--transmitted")
        self.assertIn("120 scored variants on Y and MT are not part of family scores", done.err)

    def test_x(self):
        """Sons have their mother's X alone; fathers pass theirs on to daughters whole."""
        made = Families(13, 40, children=2)  # a son and a daughter each
        made.chrom[:] = 1
        for mother, father, (son, daughter) in made.families:
            made.haps[father][1] = made.haps[father][0]
            made.haps[daughter][1] = made.haps[father][0]
            made.haps[son][1] = made.haps[son][0]
        made.write(self.dir, phased=False)
        males = {row[1] for row in made.rows if row[4] == 1}
        with gzip.open(self.dir / "g.vcf.gz", "rt") as lines:
            text = [line.rstrip("\n") for line in lines]
        people = next(line for line in text if line.startswith("#CHROM")).split("\t")[9:]
        for i, line in enumerate(text):
            if line.startswith("##contig"):
                text[i] = "##contig=<ID=X>"
            elif not line.startswith("#"):
                f = line.split("\t")
                f[0], f[1] = "X", str(int(f[1]) + 5_000_000)
                f[9:] = [c[0] if p in males else c for p, c in zip(people, f[9:])]
                text[i] = "\t".join(f)
        with gzip.open(self.dir / "g.vcf.gz", "wt") as out:
            out.write("\n".join(dict.fromkeys(text)) + "\n")
        for name in ("w.txt", "freq.afreq"):
            lines = [line.split("\t") for line in (self.dir / name).read_text().splitlines()]
            (self.dir / name).write_text("\n".join("\t".join(
                line if i == 0 else ["X", str(int(line[1]) + 5_000_000), *line[2:]])
                for i, line in enumerate(lines)) + "\n")
        self.run_it("--transmitted")
        rows, sums = self.rows(), self.sums()
        for mother, father, (son, daughter) in made.families:
            for kid in (son, daughter):
                value = {m: float(rows[kid]["w_" + m]) for m in MEMBERS}
                self.assertAlmostEqual(value["MOTHER"], sums[mother], places=9)
                self.assertAlmostEqual(value["FATHER"], sums[father], places=9)
                self.assertAlmostEqual(value["T_MOTHER"] + value["T_FATHER"], sums[kid], places=9)
                self.assertAlmostEqual(value["T_MOTHER"], made.score(made.haps[kid][0], 1), places=9)
                self.assertAlmostEqual(value["NT_FATHER"], sums[father] if kid == son else 0, places=9)
                self.assertEqual(rows[kid]["N_UNRESOLVED"], "0")

    def test_impossible_genotypes_are_counted(self):
        made = Families(9, 30)
        kid = made.haps["c0a"]
        wrong = [v for v in range(VARIANTS) if made.haps["m0"].sum(0)[v] == 0 and
                 made.haps["f0"].sum(0)[v] == 0][:2]
        self.assertEqual(len(wrong), 2)
        kid[:, wrong[0]] = (1, 0)
        kid[:, wrong[1]] = (1, 1)
        made.write(self.dir)
        self.run_it("--transmitted")
        counts = {name: row["N_IMPOSSIBLE"] for name, row in self.rows().items()}
        self.assertEqual(counts.pop("c0a"), "2")
        self.assertEqual(set(counts.values()), {"0"})

    def test_swapped_children_are_told(self):
        """Where they are few, the slope on the mid-parent does not tell them."""
        made = Families(9, 60)
        made.write(self.dir)
        self.assertNotIn("cannot have passed on", self.run_it("--transmitted", out="well").err)
        made.haps["c3a"], made.haps["c7a"] = made.haps["c7a"], made.haps["c3a"]
        made.write(self.dir)
        done = self.run_it("--transmitted")
        self.assertIn("2 of 60 children (trio) have ", done.err)
        self.assertIn("private/family_scores.tsv", done.err)
        self.assertNotIn("c3a", done.err)
        slope = next(r for r in support.read_tsv(self.dir / "out/private/score_checks_full.tsv")
                     if r["CHECK"] == "midparent_slope")
        self.assertEqual(slope["STATUS"], "ok")

    def test_threads_and_blocks_do_not_change_a_byte(self):
        made = Families(10, 80, children=2)
        made.write(self.dir, left_out=[f"f{k}" for k in range(30)], missing=0.02)
        texts = set()
        for i, flags in enumerate((("--threads", "1"), ("--threads", "2"),
                                   ("--threads", "2", "--set", "resources.tile_variants=7"))):
            self.run_it("--transmitted", "--impute-parents", *flags, out=f"out{i}")
            texts.add((self.dir / f"out{i}/private/family_scores.tsv").read_bytes())
        self.assertEqual(len(texts), 1)

    def test_models_use_alleles_and_imputed_parents(self):
        made = Families(11, 200)
        made.write(self.dir, left_out=[f"f{k}" for k in range(60)])
        y = made.rng.normal(size=200)
        (self.dir / "pheno.tsv").write_text("IID\ty\n" + "".join(
            f"c{k}a\t{value!r}\n" for k, value in enumerate(y.tolist())))
        config = self.config("""schema_version: 1
input: {genotypes: g.vcf.gz, build: GRCh37}
pedigree: {file: ped.fam}
phenotypes: [{file: pheno.tsv, id: IID}]
scores:
  files: [w.txt]
  frequencies: freq.afreq
  families: {transmitted: true, impute_parents: true}
analyses:
  - id: alleles
    formula: "y ~ pgs.t_mother + pgs.nt_mother + pgs.t_father + pgs.nt_father"
    outcome: {of: child}
    standardise: none
  - {id: trio, formula: "y ~ pgs.mother + pgs.father + pgs.child", outcome: {of: child}, standardise: none}
  - {id: ptdt, model: ptdt, outcome: {variable: y, of: child}, cases_beyond_sd: 1}
""")
        done = support.kinflow("run", config, "--progress", "none")
        self.assertEqual(done.code, 0, done.err)
        rows, sums = self.rows(), self.sums()
        estimates = support.read_tsv(self.dir / "out/share/estimates.tsv")

        def check(analysis, model, columns):
            x = np.column_stack([np.ones(200), *columns.values()])
            expected = np.linalg.lstsq(x, y, rcond=None)[0][1:]
            for name, value in zip(columns, expected):
                got = [r for r in estimates if r["analysis_id"] == analysis and
                       r["term"] == name and r["model_id"] == model]
                self.assertTrue(got)
                for row in got:
                    self.assertAlmostEqual(float(row["estimate"]), value, places=7)

        def column(member):
            return np.array([float(rows[f"c{k}a"]["w_" + member]) for k in range(200)])
        check("alleles", "full", {f"pgs.{m.lower()}": column(m) for m in MEMBERS[2:]})
        check("trio", "trio", {"pgs.mother": column("MOTHER"), "pgs.father": column("FATHER"),
                               "pgs.child": np.array([sums[f"c{k}a"] for k in range(200)])})
        # Transmission to cases: of trios that are genotyped, not of imputed fathers.
        trios = [k for k in range(60, 200) if {f"c{k}a", f"m{k}", f"f{k}"} <= sums.keys()]
        self.assertGreater(len(trios), 130)
        parents = np.array([(sums[f"m{k}"] + sums[f"f{k}"]) / 2 for k in trios])
        above = [sums[f"c{k}a"] for k in trios] - parents
        cases = y[trios] >= y[trios].mean() + y[trios].std(ddof=1)
        got = {r["term"]: r for r in estimates
               if r["analysis_id"] == "ptdt" and r["se_type"] == "const"}
        for term, chosen in (("cases", cases), ("not cases", ~cases)):
            values = above[chosen] / parents.std(ddof=1)
            self.assertAlmostEqual(float(got[term]["estimate"]), values.mean(), places=7)
            self.assertAlmostEqual(float(got[term]["std_error"]),
                                   values.std(ddof=1) / math.sqrt(len(values)), places=7)

    def test_what_does_not_go_together_is_refused(self):
        made = Families(12, 10)
        made.write(self.dir)
        for flags, word in ((("--center",), "centred"), (("--x-males", "twice"), "X"),
                            (("--dominant",), "additive")):
            done = self.run_it("--transmitted", *flags, code=3)
            self.assertIn(word, done.err)
            self.assertIn("remedy:", done.err)
        done = support.kinflow("score", "--geno", self.dir / "g.vcf.gz", "--weights",
                               self.dir / "w.txt", "--transmitted", "--out", self.dir / "out")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("--pedigree", done.err)
        text = (self.dir / "w.txt").read_text().replace("\n", "\tTRUE\n")
        (self.dir / "w.txt").write_text(text.replace("TRUE", "is_dominant", 1))
        self.assertIn("no score is additive", self.run_it("--transmitted", code=4).err)


def int_or_none(genotypes, person, gone):
    return None if person in gone else genotypes[person]


if __name__ == "__main__":
    unittest.main()
