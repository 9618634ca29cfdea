"""People on the components of others beside plink2 --score, of groups beside R, and simulated truth."""
import pathlib
import subprocess
import unittest

import h5py
import numpy

import support
from bed_files import write_bed

COMPONENTS = 4


def blank_table(path):
    with open(path, encoding="ascii") as f:
        return [line.split() for line in f]


def pca(*args):
    return support.kinflow("pca", *args)


def places(rows, components=COMPONENTS):
    return {row["IID"]: numpy.array([float(row[f"PC{k + 1}"]) for k in range(components)])
            for row in rows}


class ProjectionTest(unittest.TestCase):
    """Components are fitted on every other family of HapMap, everybody is projected on them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        cls.fam = blank_table(cls.bed.removesuffix(".bed") + ".fam")
        cls.bim = blank_table(cls.bed.removesuffix(".bed") + ".bim")
        families = sorted({line[0] for line in cls.fam})
        half = set(families[::2])
        (cls.dir / "half.txt").write_text(
            "".join(f"{line[1]}\n" for line in cls.fam if line[0] in half))
        done = pca("--geno", cls.bed, "--samples", cls.dir / "half.txt", "--components",
                   COMPONENTS, "--out", cls.dir / "half")
        assert done.code == 0, done.err
        cls.fitted = support.read_tsv(cls.dir / "half/pca.tsv")
        cls.loadings = cls.dir / "half/private/pca_loadings.h5"
        cls.everybody = cls.project("all", "--keep-shrinkage")

    @classmethod
    def project(cls, out, *args, geno=None, code=0):
        done = pca("--geno", geno or cls.bed, "--project", cls.loadings, "--out", cls.dir / out,
                   *args)
        assert done.code == code, done.err
        return support.read_tsv(cls.dir / out / "pca.tsv") if code == 0 else done.err

    def test_people_of_the_fit_are_where_they_were(self):
        now = places(self.everybody)
        self.assertEqual(len(now), len(self.fam))
        self.assertLess(len(self.fitted), len(now))
        self.assertEqual({row["FITTED"] for row in self.everybody}, {"no"})
        for iid, was in places(self.fitted).items():
            fitted = next(row["FITTED"] for row in self.fitted if row["IID"] == iid) == "yes"
            tolerance = 2e-2 if fitted else 1e-6  # missing calls of the fitted
            self.assertLess(abs(now[iid] - was).max(), tolerance)

    def test_everybody_is_where_plink2_scores_them(self):
        with h5py.File(self.loadings) as f:
            loadings, frequency = f["loadings"][:], f["frequency"][:]
            columns = [[v.decode().rstrip("\0") if isinstance(v, bytes) else str(v)
                        for v in f["variants"][name][:]] for name in ("pos", "ref", "alt")]
            varying = int(f.attrs["variants"])
        of_place = {}
        for n, v in enumerate(self.bim):
            of_place.setdefault((v[3], v[5], v[4]), str(n))
        ids = [of_place[key] for key in zip(*columns)]
        self.assertEqual(len(set(ids)), len(ids))
        with open(self.dir / "copy.bim", "w", encoding="ascii") as f:
            for n, v in enumerate(self.bim):
                f.write("\t".join([v[0], str(n), *v[2:]]) + "\n")
        with open(self.dir / "score.txt", "w", encoding="ascii") as f, \
                open(self.dir / "p.afreq", "w", encoding="ascii") as g:
            g.write("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n")
            for i, n in enumerate(ids):
                v = self.bim[int(n)]
                f.write(f"{n}\t{v[4]}\t" + "\t".join(f"{x:.17g}" for x in loadings[i]) + "\n")
                g.write(f"{v[0]}\t{n}\t{v[5]}\t{v[4]}\t{frequency[i]:.17g}\t100\n")
        support.run_peer(support.program("plink2"), "--bed", self.bed, "--fam",
                         self.bed.removesuffix(".bed") + ".fam", "--bim", self.dir / "copy.bim",
                         "--read-freq", self.dir / "p.afreq", "--score", self.dir / "score.txt",
                         "1", "2", "variance-standardize", "no-mean-imputation",
                         "cols=nallele,scoresums", "--score-col-nums", f"3-{2 + COMPONENTS}",
                         "--out", self.dir / "peer")
        peer = {row["IID"]: row for row in support.read_tsv(self.dir / "peer.sscore")}
        now = places(self.everybody)
        self.assertEqual(peer.keys(), now.keys())
        for iid, row in peer.items():
            sums = [float(v) for name, v in row.items() if name.endswith("_SUM")]
            expected = numpy.array(sums) * varying / (int(row["ALLELE_CT"]) / 2)
            self.assertLess(abs(now[iid] - expected).max(), 1e-5)

    def test_order_of_alleles_does_not_matter(self):
        data = bytearray(pathlib.Path(self.bed).read_bytes())
        turn = bytes(sum((3 - call if call in (0, 3) else call) << shift for shift in (0, 2, 4, 6)
                         for call in [byte >> shift & 3]) for byte in range(256))
        width = (len(self.fam) + 3) // 4
        with open(self.dir / "turned.bim", "w", encoding="ascii") as f:
            for n, v in enumerate(self.bim):
                if n % 3 == 0:
                    v = [*v[:4], v[5], v[4]]
                    at = 3 + n * width
                    data[at:at + width] = data[at:at + width].translate(turn)
                f.write("\t".join(v) + "\n")
        (self.dir / "turned.bed").write_bytes(data)
        with open(self.dir / "turned.fam", "w", encoding="ascii") as f:
            f.writelines(" ".join(line) + "\n" for line in self.fam)
        turned = places(self.project("turned", "--keep-shrinkage", geno=self.dir / "turned.bed"))
        for iid, place in places(self.everybody).items():
            self.assertLess(abs(turned[iid] - place).max(), 1e-6)

    def test_bits_do_not_depend_on_threads(self):
        self.project("one", "--keep-shrinkage", "--threads", "1")
        self.assertEqual((self.dir / "all/pca.tsv").read_bytes(),
                         (self.dir / "one/pca.tsv").read_bytes())

    def test_shrinkage_is_corrected_unless_kept(self):
        factors = [row["SHRINKAGE"] for row in
                   support.read_tsv(self.dir / "all/pca_eigenvalues.tsv")]
        self.assertGreater(float(factors[0]), 0.9)  # continents
        corrected, kept = places(self.project("corrected")), places(self.everybody)
        for k, factor in enumerate(factors):
            by = 1 if factor == "NA" else float(factor)
            for iid in kept:
                self.assertAlmostEqual(corrected[iid][k] * by, kept[iid][k], delta=1e-12)

    def reference(self):
        """The fitted half with its continents."""
        of = {"CEU": "EUR", "YRI": "AFR", "JPT": "ASN", "HCB": "ASN"}
        population = {line[1]: of[line[0].split("_")[0]] for line in self.fam}
        path = self.dir / "reference.tsv"
        with open(path, "w", encoding="ascii") as f:
            f.write("IID\tpop\t" + "\t".join(f"PC{k + 1}" for k in range(COMPONENTS)) + "\n")
            for row in self.fitted:
                if row["FITTED"] == "yes":
                    f.write("\t".join([row["IID"], population[row["IID"]],
                                       *(row[f"PC{k + 1}"] for k in range(COMPONENTS))]) + "\n")
        return path, population

    def test_nearest_group_is_that_of_qda(self):
        path, population = self.reference()
        self.project("ancestry", "--reference", path, "--group", "pop", "--set",
                     "pca.reference.components=2")
        rows = support.read_tsv(self.dir / "ancestry/private/pca_ancestry.tsv")
        for row in rows:
            self.assertEqual(row["GROUP"], population[row["IID"]])
        # Student's t of one more of a group with `lent` people of the common covariance, of whom
        # there are as many as make the reference people, each without itself, likeliest. Then its
        # powers, weighted by what they say of these.
        script = """
a <- commandArgs(TRUE); r <- read.delim(a[1]); p <- read.delim(a[2]); x <- c("PC1", "PC2")
names <- sort(unique(r$pop)); q <- length(x)
pooled <- function(r) Reduce(`+`, lapply(names, function(g) {
  of <- r[r$pop == g, x]; (nrow(of) - 1) * cov(of)
})) / (nrow(r) - length(names))
everybody <- pooled(r)
density <- function(of, lent, at, size = nrow(of), common = everybody) {
  n <- nrow(of); lent <- min(lent, nrow(r) - length(names) - (size - 1)); df <- n + lent - q
  scale <- ((n - 1) * cov(of) + lent * common) * (n + 1) / n / df
  d2 <- mahalanobis(at, colMeans(of), scale)
  list(log = lgamma((df + q) / 2) - lgamma(df / 2) - q / 2 * log(df * pi) -
         determinant(scale)$modulus[1] / 2 - (df + q) / 2 * log1p(d2 / df),
       p = pf(d2 / q, q, df, lower.tail = FALSE))
}
alone <- function(lent) sapply(seq_len(nrow(r)), function(i) {
  density(r[-i, ][r$pop[-i] == r$pop[i], x], lent, r[i, x], sum(r$pop == r$pop[i]))$log
})
grid <- c(0, 2^(0:10))
lent <- grid[which.max(sapply(grid, function(k) sum(alone(k))))]
all <- function(at) sapply(names, function(g) density(r[r$pop == g, x], lent, at[x])$log)
# People of the reference by the others of their group.
others <- function(i) {
  g <- r$pop[match(p$IID[i], r$IID)]
  left <- r[r$IID != p$IID[i], ]
  density(left[left$pop == g, x], lent, p[i, x], sum(r$pop == g), pooled(left))
}
inside <- which(p$IID %in% r$IID)
people <- all(p)
for (i in inside) people[i, r$pop[match(p$IID[i], r$IID)]] <- others(i)$log
shares <- function(d) { d <- exp(d - apply(d, 1, max)); d / rowSums(d) }
own <- cbind(seq_len(nrow(r)), match(r$pop, names))
left_out <- all(r); left_out[own] <- alone(lent)
powers <- (0:20) / 20
fits <- sapply(powers, function(b) sum(log(0.01 / length(names) + 0.99 * shares(b * left_out)[own])))
w <- exp(fits - max(fits)) / sum(exp(fits - max(fits)))
found <- Reduce(`+`, lapply(seq_along(w), function(k) w[k] * shares(powers[k] * people)))
colnames(found) <- names
g <- names[max.col(found)]
far <- sapply(seq_along(g), function(i) {
  own <- i %in% inside && r$pop[match(p$IID[i], r$IID)] == g[i]
  if (own) others(i)$p else density(r[r$pop == g[i], x], lent, p[i, x])$p
})
write.table(cbind(data.frame(IID = p$IID, P = far), found),
            sep = "\\t", quote = FALSE, row.names = FALSE)
"""
        done = subprocess.run([support.program("Rscript"), "-e", script, path,
                               self.dir / "ancestry/pca.tsv"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.splitlines()
        header = done[0].split("\t")
        peer = {line.split("\t")[0]: dict(zip(header, line.split("\t"))) for line in done[1:]}
        for row in rows:
            for name in sorted(set(population.values())):
                self.assertAlmostEqual(float(row["P_" + name]), float(peer[row["IID"]][name]),
                                       delta=1e-9)
            self.assertAlmostEqual(float(row["DISTANCE_P"]), float(peer[row["IID"]]["P"]),
                                   delta=1e-9)
        inside = {row["IID"] for row in support.read_tsv(path)}
        self.assertEqual({row["IID"] for row in rows if row["IN_REFERENCE"] == "yes"}, inside)
        self.assertEqual({row["IN_REFERENCE"] for row in rows}, {"yes", "no"})
        self.assertIn("people of the cohort have ids of the reference",
                      (self.dir / "ancestry/kinflow.log").read_text())
        self.assertGreater(sum(row["CONFIDENT"] == "yes" for row in rows), len(rows) // 2)
        self.assert_confident(rows, 0.9)
        self.project("certain", "--reference", path, "--group", "pop", "--set",
                     "pca.reference.components=2", "--set",
                     "pca.reference.min_probability=0.9999999")
        self.assert_confident(
            support.read_tsv(self.dir / "certain/private/pca_ancestry.tsv"), 0.9999999)

    def assert_confident(self, rows, probability):
        for row in rows:
            sure = float(row["PROBABILITY"]) >= probability and float(row["DISTANCE_P"]) >= 1e-10
            self.assertEqual(row["CONFIDENT"], "yes" if sure else "no")

    def test_refusals(self):
        def refused(code, error, *args, **more):
            done = pca("--geno", more.get("geno", self.bed), "--out", self.dir / "x", *args)
            self.assertEqual(done.code, code, done.err)
            self.assertIn(error, done.err)

        refused(4, "E0401", "--project", self.dir / "absent.h5")
        path, _ = self.reference()
        refused(4, "--group", "--project", self.loadings, "--reference", path, "--group", "nowhere")
        (self.dir / "text.h5").write_text("PC1 PC2\n")
        refused(4, "E0410", "--project", self.dir / "text.h5")
        refused(4, "E0410", "--project", self.dir / "half/private/pca.h5")
        damaged = bytearray(self.loadings.read_bytes())
        damaged[len(damaged) // 2] ^= 255
        (self.dir / "damaged.h5").write_bytes(damaged)
        refused(4, "E04", "--project", self.dir / "damaged.h5")
        for end in (".fam", ".bed"):
            (self.dir / f"moved{end}").write_bytes(
                pathlib.Path(self.bed.removesuffix(".bed") + end).read_bytes())
        (self.dir / "moved.bim").write_text("".join(
            "\t".join([*v[:3], str(int(v[3]) + 1), *v[4:]]) + "\n" for v in self.bim))
        refused(4, "E0431", "--project", self.loadings, geno=self.dir / "moved.bed")
        path, _ = self.reference()
        refused(4, "E0429", "--project", self.loadings, "--reference", path)  # no column "group"
        refused(2, "--project", "--reference", path)


class ShrinkageTest(support.TempFolderTest):
    """Two populations that are hardly apart: strangers fall short of the people who were fitted."""

    PEOPLE, VARIANTS, FST = 150, 3000, 0.01

    def test_correction_brings_strangers_where_the_fitted_are(self):
        random = numpy.random.default_rng(7)
        p = random.uniform(0.1, 0.9, self.VARIANTS)
        away = numpy.sqrt(self.FST * p * (1 - p)) * random.choice([-1, 1], self.VARIANTS)
        of = numpy.arange(self.PEOPLE) % 2
        frequency = numpy.where(of[:, None] == 0, p - away, p + away)
        fit = write_bed(self.dir / "fit", random.binomial(2, frequency))
        new = write_bed(self.dir / "new", random.binomial(2, frequency))
        done = pca("--geno", fit, "--out", self.dir / "fit")
        self.assertEqual(done.code, 0, done.err)
        eigenvalues = support.read_tsv(self.dir / "fit/pca_eigenvalues.tsv")
        factor = float(eigenvalues[0]["SHRINKAGE"])
        self.assertLess(factor, 0.85)
        self.assertEqual(eigenvalues[-1]["SHRINKAGE"], "NA")

        def gap(out):
            at = [float(row["PC1"]) for row in support.read_tsv(self.dir / out / "pca.tsv")]
            sides = [numpy.mean([x for x, side in zip(at, of) if side == s]) for s in (0, 1)]
            return abs(sides[1] - sides[0])

        for out, flags in (("corrected", ()), ("kept", ("--keep-shrinkage",))):
            done = pca("--geno", new, "--project", self.dir / "fit/private/pca_loadings.h5",
                       "--out", self.dir / out, *flags)
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual("do not stand out from chance" in done.err, out == "corrected")
        self.assertAlmostEqual(gap("corrected") / gap("fit"), 1, delta=0.05)
        self.assertAlmostEqual(gap("kept") / gap("fit"), factor, delta=0.05)


if __name__ == "__main__":
    unittest.main()
