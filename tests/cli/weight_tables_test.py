"""Weight tables of other tools give the sums that plink2 gives for the same weights; ratios,
parts by chromosome, thousands of files, and what is refused."""
import gzip
import math
import pathlib
import re
import shutil
import subprocess
import unittest

import h5py

import digests
import support

PEOPLE = 2504


class WeightTablesTest(support.TempFolderTest):
    def setUp(self):
        super().setUp()
        self.prefix = support.data("pgsc_calc/cineca_synthetic_subset.bed")[:-4]
        bim = pathlib.Path(self.prefix + ".bim").read_text(encoding="ascii")
        palindromes = [{"A", "T"}, {"C", "G"}]
        variants = [line.split() for line in bim.splitlines()]
        kept = [row for row in variants if {row[4], row[5]} not in palindromes][:200]
        # (chromosome, id, position, effect allele, other allele, weight)
        self.lines = [(row[0], row[1], row[3], row[4 + i % 2], row[5 - i % 2],
                       round((i % 7 - 3) / 10 + 0.05, 3)) for i, row in enumerate(kept)]

    def write(self, name, rows, header=None, separator="\t"):
        path = self.dir / name
        path.parent.mkdir(exist_ok=True)
        rows = [header] + list(rows) if header else rows
        path.write_text("".join(separator.join(map(str, row)) + "\n" for row in rows))
        return path

    def score(self, *args, code=0):
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--out", self.dir / "out",
                               *args)
        self.assertEqual(done.code, code, done.err)
        return done

    def sums(self, name):
        rows = support.read_tsv(self.dir / "out/private/scores.tsv")
        return {row["IID"]: float(row[name]) for row in rows}

    def expected(self):
        plain = self.write("plain.txt", [(line[1], line[3], line[5]) for line in self.lines])
        support.run_peer(support.program("plink2"), "--bfile", self.prefix, "--score", plain, "1",
                         "2", "3", "cols=+scoresums", "--out", self.dir / "peer")
        rows = support.read_tsv(self.dir / "peer.sscore")
        self.assertEqual(len(rows), PEOPLE)
        return {row["IID"]: float(row["SCORE1_SUM"]) for row in rows}

    def assert_sums(self, got, expected, delta=2e-5):
        self.assertEqual(set(got), set(expected))
        for name, value in expected.items():
            self.assertAlmostEqual(got[name], value, delta=delta)

    def test_a_wide_table_counts_as_files_of_one_score(self):
        """Zeros leave lines out; with and without two lines on one variant."""
        head = ("chr_name", "chr_position", "effect_allele", "other_allele")
        for twice, rule in ((False, "drop"), (True, "drop"), (True, "first")):
            lines = [(c, p, a, o) for c, _, p, a, o, _ in self.lines[:60]] + [("1", "3", "A", "C")]
            lines += [(c, p, o, a) for c, p, a, o in lines[:3]] * twice
            weights = [[0 if (i + s) % 7 == s % 3 else round((i * 3 + s * 5) % 11 / 8 - 0.6, 3)
                        for s in range(10)] for i in range(len(lines))]
            names = [f"S{s}" for s in range(10)]
            results = {}
            for shared in (True, False):
                shutil.rmtree(self.dir / "out", ignore_errors=True)
                if shared:
                    files = [self.write("wide.txt", [(*line, *w) for line, w in zip(lines, weights)],
                                        (*head, *names))]
                else:
                    files = [self.write(f"{name}.txt", [(*line, w[s]) for line, w
                                                        in zip(lines, weights) if w[s] != 0],
                                        (*head, "effect_weight"))
                             for s, name in enumerate(names)]
                self.score("--weights", *files, "--set", f"scores.match.duplicates={rule}")
                scores = support.read_tsv(self.dir / "out/share/match_scores.tsv")
                accessions = [row.pop("LOG_ACCESSION") for row in scores]
                self.assertEqual(accessions, ["wide.txt"] * 10 if shared else names)
                for row in scores:
                    row.pop("FILE")
                summary = support.read_tsv(self.dir / "out/share/match_summary.tsv")
                with gzip.open(self.dir / "out/share/match_log.tsv.gz", "rt") as log:
                    rows = [line.split("\t") for line in log][1:]
                results[shared] = (scores, summary, [self.sums(name) for name in names])
                if shared:
                    told = support.kinflow("explain", "score", "S3", self.dir / "out")
                    self.assertEqual(told.code, 0, told.err)
                    self.assertIn("score S3", told.out)
                    self.assertEqual("line of the table is on this variant" in told.out, twice)
                    self.assertNotIn("cannot be computed", told.out)
                    self.assertEqual({(row[1], row[6]) for row in rows}, {("wide.txt", "NA")})
                    self.assertLessEqual(len(rows), 2 * len(lines))
                    reasons = {int(row[0]): row[23] for row in rows if row[21] != "not_best"}
                    for i in range(3 * twice):
                        self.assertEqual([reasons[i], reasons[i + 61]],
                                         self.reasons_of_pair(weights[i], weights[i + 61], rule))
            self.assertEqual(results[True], results[False])
            duplicates = sum(int(row["DUPLICATE"]) for row in results[True][0])
            self.assertEqual(duplicates > 0, twice)

    @staticmethod
    def reasons_of_pair(one, other, rule):
        """Of two lines on one variant in the log of their table."""
        both = sum(a != 0 and b != 0 for a, b in zip(one, other))
        lost = both if rule == "drop" else 0, both
        reason = {True: "matched", False: "partly_duplicate"}
        return ["duplicate" if n == sum(w != 0 for w in weights) else reason[n == 0]
                for n, weights in zip(lost, (one, other))]

    def test_what_is_wrong_with_a_wide_table_is_told_of_each_score(self):
        head = ("chr_name", "chr_position", "effect_allele", "other_allele", "A", "B", "NONE")
        rows = [(c, p, a, o, w, -w, 0) for c, _, p, a, o, w in self.lines]
        good = self.write("good.txt", rows, head)
        self.score("--weights", good, code=4)
        scores = {row["SCORE"]: row for row in support.read_tsv(self.dir / "out/share/match_scores.tsv")}
        self.assertEqual([scores[n]["PASS"] for n in ("A", "B", "NONE")], ["true", "true", "false"])
        self.assertIn("column NONE of good.txt holds no weight but 0", scores["NONE"]["MESSAGE"])
        self.assertIn("--columns effect_weight=", scores["NONE"]["REMEDY"])
        bad = self.write("bad.txt", rows[:9] + [(*rows[9][:4], "x", 1, 1)],
                         (*head[:4], "C", "D", "E"))
        done = self.score("--weights", good, bad, code=4)
        self.assertIn("W score C: E0413 ", done.err)
        scores = {row["SCORE"]: row for row in support.read_tsv(self.dir / "out/share/match_scores.tsv")}
        self.assertEqual([scores[n]["ERROR"] for n in "CDE"], ["E0413", "NA", "NA"])
        self.assertIn("line 11, field C, value 'x'", scores["C"]["MESSAGE"])
        self.assertEqual([scores[n]["LINES"] for n in "DE"], ["10", "1"])

    def test_names_that_tables_of_scores_use(self):
        rows = [(i, c, p, a, o, w) for c, i, p, a, o, w in self.lines]
        head = ("rsID", "chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight")
        path = self.write("IID.txt", rows, head)
        done = self.score("--weights", path, code=4)
        self.assertIn("E0413", done.err)
        self.assertIn('--set "scores.names={IID: NEW}"', done.err)
        self.score("--weights", path, "--set", "scores.names={IID: good}")
        self.assertEqual(len(self.sums("good")), PEOPLE)

    def test_many_scores_are_written_as_text_on_request(self):
        head = ("chr_name", "chr_position", "effect_allele", "other_allele")
        names = [f"S{k}" for k in range(101)]
        rows = [(c, p, a, o, *(round(w + k / 1000, 3) for k in range(101)))
                for c, _, p, a, o, w in self.lines]
        wide = self.write("wide.txt", rows, (*head, *names))
        few = self.write("few.txt", [row[:104] for row in rows], (*head, *names[:100]))
        out = self.dir / "out"
        self.score("--weights", few)
        self.assertTrue((out / "scores.tsv").exists())
        self.score("--weights", wide)
        self.assertFalse((out / "private/scores.tsv").exists())
        self.assertFalse((out / "scores.tsv").is_symlink())
        with h5py.File(out / "scores.h5") as f:
            last = dict(zip((i.decode() for i in f["scores/IID"][:]), f["scores/S100"][:]))
        self.score("--weights", wide, "--text")
        self.assertEqual(self.sums("S100"), last)
        # A file of the user's is no link of an earlier run.
        (self.dir / "own").mkdir()
        (self.dir / "own/scores.h5").write_text("important")
        done = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--out", self.dir / "own",
                               "--weights", few)
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual((self.dir / "own/scores.h5").read_text(), "important")
        printed = support.kinflow("score", "--geno", f"{self.prefix}.bed", "--out", "-", "--weights",
                                  wide)
        self.assertEqual(printed.code, 0, printed.err)
        self.assertEqual(len(printed.out.split("\n", 1)[0].split("\t")), 104)

    def test_tables_of_one_name_are_told_apart_in_the_log(self):
        head = ("chr_name", "chr_position", "effect_allele", "other_allele")
        files = []
        for k, names in enumerate((("A", "B"), ("C", "D"))):
            rows = [(c, p, a, o, w, -w) for c, _, p, a, o, w in self.lines[50 * k:50 * k + 50]]
            files.append(self.write(f"{k}/wide.txt", rows, (*head, *names)))
        self.score("--weights", *files)
        rows = support.read_tsv(self.dir / "out/share/match_scores.tsv")
        self.assertEqual([row["LOG_ACCESSION"] for row in rows], ["wide.txt"] * 2 + ["wide.txt#2"] * 2)

    def test_people_in_batches_have_the_same_scores(self):
        """Where memory does not hold the sums of everybody, the genotypes are read several times."""
        names = [f"S{s}" for s in range(900)]
        rows = [(*(line[k] for k in (0, 2, 3, 4)), *((7 * s + 3 * i) % 19 + 1 for s in range(900)))
                for i, line in enumerate(self.lines[:12])]
        table = self.write("wide.txt", rows, ("chr_name", "chr_position", "effect_allele",
                                              "other_allele", *names))
        results = []
        for memory in ("1G", "100M"):
            shutil.rmtree(self.dir / "out", ignore_errors=True)
            done = self.score("--weights", table, "--memory", memory, "--text")
            self.assertEqual("2504 people: 2 scans" in done.err, memory == "100M", done.err)
            results.append((self.dir / "out/private/scores.tsv").read_bytes())
            if memory == "100M":
                peak = float(re.search(r"peak_rss=([0-9.]+) MiB", done.err).group(1))
                if not digests.sanitized():
                    self.assertLessEqual(peak, 100)
        self.assertEqual(*results)

    def test_weights_that_vanish_are_told(self):
        """Beside a weight 1e16 times as large, a weight of so many digits is nothing."""
        rows = [(*line[:5], w) for line, w in zip(self.lines, ["1.2345678901234567e8", "1e-9",
                                                               "2.5", "0.30000000000000004"])]
        header = ("chr_name", "rsID", "chr_position", "effect_allele", "other_allele",
                  "effect_weight")
        done = self.score("--weights", self.write("far.txt", rows, header))
        self.assertIn("up to 1 weights are less than half a step", done.err)
        done = self.score("--weights", self.write("near.txt", rows[2:], header))
        self.assertNotIn("half a step", done.err)

    def test_every_layout(self):
        lines, expected = self.lines, self.expected()
        tables = {
            "plink": self.write("plink.txt", [(i, a, w) for _, i, _, a, _, w in lines],
                                separator=" "),
            "prs-cs": self.write("prscs.txt", lines),
            "prsice": self.write("prsice.txt", [(i, c, p, a, o, 0.5, w)
                                                for c, i, p, a, o, w in lines],
                                 ("SNP", "CHR", "BP", "A1", "A2", "P", "BETA")),
            "ldpred": self.write("ldpred.txt", [(f"chrom_{c}", p, i, a, o, 9, w)
                                                for c, i, p, a, o, w in lines],
                                 ("chrom", "pos", "sid", "nt1", "nt2", "raw_beta", "ldpred_beta"),
                                 "    "),
            "ldpred2": self.write("ldpred2.csv", [(c, p, i, o, a, 9, 0.1, w)
                                                  for c, i, p, a, o, w in lines],
                                  ("chr", "pos", "rsid", "a0", "a1", "beta", "beta_se",
                                   "beta_auto"), ","),
            "sbayesr": self.write("sbayesr.snpRes", [(n, i, c, p, a, o, 0.3, w, 0.1, 1)
                                                     for n, (c, i, p, a, o, w) in enumerate(lines)],
                                  ("Id", "Name", "Chrom", "Position", "A1", "A2", "A1Frq",
                                   "A1Effect", "SE", "PIP"), "  "),
            "omicspred": self.write("omics.txt", [(i, c, p, a, o, w)
                                                  for c, i, p, a, o, w in lines],
                                    ("rsid", "chr", "pos", "effect_allele", "other_allele",
                                     "effect")),
        }
        for layout, path in tables.items():
            with self.subTest(layout=layout):
                self.score("--weights", path, "--layout", layout)
                self.assert_sums(self.sums(path.stem), expected)
                row, = support.read_tsv(self.dir / "out/share/match_scores.tsv")
                self.assertEqual((row["LINES"], row["MATCHED"]), ("200", "200"))
                self.assertEqual(row["FREQ_COMPARED"], "200" if layout == "sbayesr" else "0")

    def test_odds_ratios(self):
        path = self.write("or.txt", [(i, c, p, a, o, repr(math.exp(w)))
                                     for c, i, p, a, o, w in self.lines],
                          ("SNP", "CHR", "BP", "A1", "A2", "OR"))
        refused = self.score("--weights", path, "--layout", "prsice", code=4)
        self.assertIn("--ratios log", refused.err)
        self.score("--weights", path, "--layout", "prsice", "--ratios", "log")
        self.assert_sums(self.sums("or"), self.expected())

    def test_parts_by_chromosome_are_one_score(self):
        for k in range(4):
            self.write(f"parts/chr{k}.txt", self.lines[50 * k:50 * k + 50])
        config = self.config(f"""schema_version: 1
input: {{genotypes: {self.prefix}.bed}}
scores:
  tables:
    - {{files: "{self.dir}/parts/chr*.txt", layout: prs-cs, name: joined, build: GRCh37}}
qc: {{preset: none}}
output: {{folder: out}}
""")
        done = support.kinflow("run", config, cwd=self.dir)
        self.assertEqual(done.code, 0, done.err)
        self.assert_sums(self.sums("joined"), self.expected())
        row, = support.read_tsv(self.dir / "out/share/match_scores.tsv")
        self.assertEqual((row["LINES"], row["MATCHED"]), ("200", "200"))
        # One bad part fails the score as a whole: a sum over the rest would be a wrong number.
        with open(self.dir / "parts/chr2.txt", "a", encoding="ascii") as f:
            f.write("22\trs0\t5\tA\tC\tx\n")
        done = support.kinflow("run", config, cwd=self.dir)
        self.assertEqual(done.code, 4, done.err)
        row, = support.read_tsv(self.dir / "out/share/match_scores.tsv")
        self.assertEqual((row["SCORE"], row["PASS"], row["ERROR"]), ("joined", "false", "E0413"))
        self.assertIn("chr2.txt line 51", row["MESSAGE"])
        done = support.kinflow("validate", config, cwd=self.dir)
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("chr2.txt:51", done.err)

    def lifted_up(self, positions):
        """GRCh37 positions on chromosome 22 to GRCh38, by the main chain of the file, read here."""
        out, inside = {}, False
        with gzip.open(support.data("pygscatalog/hg19ToHg38.over.chain.gz"), "rt") as f:
            for line in f:
                words = line.split()
                if words and words[0] == "chain":
                    inside = words[2] == words[7] == "chr22" and words[9] == "+" and not out
                    at, to = int(words[5]), int(words[10])
                elif words and inside:
                    size = int(words[0])
                    out.update({p: p - at + to for p in positions if at < p <= at + size})
                    if len(words) == 3:
                        at, to = at + size + int(words[1]), to + size + int(words[2])
        return out

    def test_scores_on_another_build_are_lifted(self):
        up = self.lifted_up([int(line[2]) for line in self.lines])
        self.assertGreater(len(up), 190)
        header = ("chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight")
        files = {}
        for build in ("GRCh37", "GRCh38"):
            rows = [(c, up[int(p)] if build == "GRCh38" else p, a, o, w)
                    for c, _, p, a, o, w in self.lines if int(p) in up]
            files[build] = self.write(f"{build}.txt", rows, header)
            files[build].write_text(f"#pgs_id={build}\n#genome_build={build}\n" +
                                    files[build].read_text())
        chain = support.data("pygscatalog/hg38ToHg19.over.chain.gz")
        both = ("--weights", files["GRCh37"], files["GRCh38"], "--build", "GRCh37")
        done = self.score(*both, code=4)
        self.assertIn("E0421", done.err)
        done = self.score(*both, "--liftover", chain)
        self.assertIn(f"{len(up)} of {len(up)} positions lifted from GRCh38 to GRCh37", done.err)
        self.assertEqual(self.sums("GRCh38"), self.sums("GRCh37"))
        expected = self.sums("GRCh37")
        # The build of the genotypes is not stated: it is the one that the chain leads to.
        self.score("--weights", files["GRCh38"], "--liftover", chain)
        self.assertEqual(self.sums("GRCh38"), expected)
        # Nor that of the score, and no common SNP tells it.
        unstated = self.dir / "unstated.txt"
        unstated.write_text(files["GRCh38"].read_text().split("\n", 2)[2])
        done = self.score("--weights", unstated, "--liftover", chain, code=4)
        self.assertIn("W unstated.txt: not lifted, as its genome build is neither", done.err)
        wrong = support.data("pygscatalog/hg19ToHg38.over.chain.gz")
        done = self.score(*both, "--liftover", wrong, code=4)
        self.assertIn("the chain file leads to GRCh38", done.err)

    def test_faults_name_the_remedy(self):
        named = self.write("named.txt", self.lines, ("CHR", "SNP", "BP", "A1", "A2", "W"))
        for args, word in (
                (("--layout", "prs-cs"), "--header present"),
                (("--columns", "rsID=SNP", "effect_allele=EA", "effect_weight=W"), "CHR, SNP, BP"),
                (("--columns", "rsID=SNP", "effect_allele=A1"), "effect_weight"),
        ):
            with self.subTest(args=args):
                done = self.score("--weights", named, *args, code=4)
                self.assertIn("remedy:", done.err)
                self.assertIn(word, done.err)
        short = self.write("short.txt", [(line[1], line[3], line[5]) for line in self.lines],
                           ("ID", "A1", "W"))
        done = self.score("--weights", short, "--header", "absent", code=4)
        self.assertIn("--columns rsID=1", done.err)  # it has one: its line is no row
        done = self.score("--weights", short, "--match-by", "position", code=4)
        self.assertIn("no column of positions", done.err)
        self.assertIn("remedy: --match-by auto finds variants by the ids", done.err)
        absent = self.write("absent.txt", [(f"no{i}", "A", 1) for i in range(100)] +
                            [(line[1], line[3], line[5]) for line in self.lines],
                            ("ID", "A1", "W"))
        args = ("--weights", absent, "--min-overlap", "0.9")
        done = self.score(*args, code=4)
        self.assertIn("E0431", done.err)
        self.assertIn("is below --min-overlap, or", done.err)
        accept = re.search(r"add --set '(accept=.*)'\.", done.err).group(1)
        self.assertIn("accepted (WHY)", self.score(*args, "--set", accept).err)
        done = self.score("--weights", named, "--columns", "SNP", code=2)
        self.assertIn("MEANING=COLUMN", done.err)

    def test_memory_is_flat_over_many_files(self):
        """Twice as many small files: the same peak but for their lines, a batch of them at most."""
        def peak(count):
            for k in range(count):
                path = self.dir / f"many{count}/s{k}.txt"
                path.parent.mkdir(exist_ok=True)
                lines = self.lines[k % 100:k % 100 + 100]
                path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
            code = ("import resource, subprocess, sys; "
                    "done = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE, text=True); "
                    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); "
                    "sys.stderr.write(done.stderr); sys.exit(done.returncode)")
            keep = self.dir / "few.txt"
            keep.write_text("".join(line.split()[1] + "\n" for line in
                                    open(self.prefix + ".fam", encoding="ascii").readlines()[:60]))
            done = subprocess.run(
                ["/usr/bin/python3", "-c", code, support.KINFLOW, "score", "--geno",
                 f"{self.prefix}.bed", "--samples", keep, "--weights",
                 self.dir / f"many{count}/*.txt", "--layout", "prs-cs", "--out",
                 self.dir / f"out{count}", "--set", "scores.match.min_overlap=0", "--threads", "1"],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return int(done.stdout.split()[-1]) / 1024
        few, many = peak(700), peak(1400)
        rows = support.read_tsv(self.dir / "out1400/share/match_scores.tsv")
        self.assertEqual(len(rows), 1400)
        # 700 more scores of 60 people and 100 lines: half a MiB of sums, about 10 MiB of lines.
        if not digests.sanitized():  # AddressSanitizer keeps freed memory
            self.assertLess(many - few, 40)


if __name__ == "__main__":
    unittest.main()
