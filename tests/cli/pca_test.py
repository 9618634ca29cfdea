"""Principal components beside plink2 and numpy: the HapMap founders, their children projected."""
import json
import unittest

import h5py
import numpy

import support

COMPONENTS = 6


def blank_table(path):
    with open(path, encoding="ascii") as f:
        return [line.split() for line in f]


class PcaTest(unittest.TestCase):
    """One run of kinflow and of plink2, on the people and variants that kinflow took, serve all
    tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        cls.prefix = cls.bed.removesuffix(".bed")
        cls.pca("mine", "--components", COMPONENTS)
        cls.rows = support.read_tsv(cls.dir / "mine/pca.tsv")
        fitted = [row for row in cls.rows if row["FITTED"] == "yes"]
        (cls.dir / "keep.txt").write_text(
            "".join(f"{row['FID']}\t{row['IID']}\n" for row in fitted))
        # Ids are not unique ("---"): the peer gets a copy with numbers for ids.
        chosen = {(v["CHROM"], v["POS"], v["ID"], v["ALT"], v["REF"]) for v in
                  support.read_tsv(cls.dir / "mine/share/kinship_variants.tsv.gz")}
        cls.variants = [str(n) for n, v in enumerate(blank_table(cls.prefix + ".bim"))
                        if (v[0], v[3], v[1], v[4], v[5]) in chosen]
        with open(cls.dir / "copy.bim", "w", encoding="ascii") as f:
            for n, v in enumerate(blank_table(cls.prefix + ".bim")):
                f.write("\t".join([v[0], str(n), *v[2:]]) + "\n")
        (cls.dir / "ids.txt").write_text("\n".join(cls.variants) + "\n")
        cls.input = ["--bed", cls.bed, "--fam", cls.prefix + ".fam", "--bim", cls.dir / "copy.bim",
                     "--extract", cls.dir / "ids.txt"]
        support.run_peer(support.program("plink2"), *cls.input, "--keep", cls.dir / "keep.txt",
                         "--pca", COMPONENTS, "--out", cls.dir / "peer")
        peer = {row["IID"]: row for row in support.read_tsv(cls.dir / "peer.eigenvec")}
        cls.fitted = cls.vectors(fitted)
        cls.peer = cls.vectors([peer[row["IID"]] for row in fitted])

    @classmethod
    def pca(cls, name, *args):
        done = support.kinflow("pca", "--geno", cls.bed, "--out", cls.dir / name, *args)
        if done.code != 0:
            raise AssertionError(done.err)
        return done

    @staticmethod
    def vectors(rows):
        return numpy.array([[float(row[f"PC{k + 1}"]) for k in range(COMPONENTS)] for row in rows])

    def test_who_is_fitted(self):
        fam = blank_table(self.prefix + ".fam")
        founders = {f[1] for f in fam if f[2] == "0" and f[3] == "0"}
        fitted = {row["IID"] for row in self.rows if row["FITTED"] == "yes"}
        self.assertLess(fitted, founders)
        # Ten are there twice, and two founders are related.
        self.assertEqual(len(self.rows), len(fam))
        self.assertEqual(len({i.removesuffix(".dup") for i in fitted}), len(fitted))
        self.assertEqual(len(fitted & {"NA18913", "NA19238"}), 1)

    def test_first_two_components_equal_plink2(self):
        for k in range(2):
            r = numpy.corrcoef(self.fitted[:, k], self.peer[:, k])[0, 1]
            self.assertGreater(abs(r), 0.9999, f"PC{k + 1}")
        self.assertTrue(numpy.allclose(numpy.linalg.norm(self.fitted, axis=0), 1, atol=1e-9))

    def test_components_three_and_four_span_the_same_plane(self):
        cosines = numpy.linalg.svd(self.fitted[:, 2:4].T @ self.peer[:, 2:4])[1]
        self.assertGreater(cosines.min(), 0.999)

    def test_eigenvalues(self):
        """plink2 divides by the calls that a pair shares, kinflow by the variants."""
        mine = support.read_tsv(self.dir / "mine/pca_eigenvalues.tsv")
        with open(self.dir / "peer.eigenval", encoding="ascii") as f:
            peer = [float(line) for line in f]
        for row, value in zip(mine, peer, strict=True):
            self.assertLess(abs(float(row["EIGENVALUE"]) / value - 1), 0.01)
            self.assertLess(float(row["ERROR"]), 1e-5)

    def test_children_are_between_their_parents(self):
        at = {row["IID"]: values for row, values in zip(self.rows, self.vectors(self.rows))}
        fitted = {row["IID"] for row in self.rows if row["FITTED"] == "yes"}
        difference = []
        for _, child, father, mother, *_ in blank_table(self.prefix + ".fam"):
            if father in fitted and mother in fitted:
                difference.append(at[child] - (at[father] + at[mother]) / 2)
        self.assertGreater(len(difference), 40)
        mean = numpy.mean(difference, axis=0)
        error = numpy.std(difference, axis=0, ddof=1) / len(difference) ** 0.5
        self.assertLess(abs(mean / error).max(), 3)

    def test_who_lies_far_from_the_others(self):
        self.pca("near", "--components", COMPONENTS, "--set", "pca.outlier_sd=3", "--work",
                 self.dir / "mine/work")
        scores = self.vectors(self.rows)
        for name, limit in (("mine", 6), ("near", 3)):
            rows = support.read_tsv(self.dir / name / "pca.tsv")
            typical = numpy.array([row["FITTED"] == "yes" for row in rows])
            for _ in range(6):
                spread = scores[typical].std(axis=0, ddof=1)
                far = (abs(scores - scores[typical].mean(axis=0)) / spread).max(axis=1)
                typical &= far <= limit
            for row, distance in zip(rows, far, strict=True):
                self.assertAlmostEqual(float(row["DISTANCE_SD"]), distance, delta=1e-8 * distance)
                self.assertEqual(row["OUTLIER"], "yes" if distance > limit else "no")
        self.assertIn("yes", {row["OUTLIER"] for row in rows})
        stages = json.loads((self.dir / "near/run.json").read_text())["stages"]
        self.assertEqual({stage["status"] for stage in stages}, {"cached"})

    def test_loadings_give_the_scores(self):
        """pca_loadings.h5 is enough to project people: numpy on the genotypes gives pca.tsv."""
        with h5py.File(self.dir / "mine/private/pca_loadings.h5") as f:
            loadings, p = f["loadings"][:], f["frequency"][:]
            variants = f.attrs["variants"]
        support.run_peer(support.program("plink2"), *self.input, "--export", "A", "--export-allele",
                         self.alleles(), "--out", self.dir / "raw")
        table = blank_table(self.dir / "raw.raw")
        self.assertEqual([name.rsplit("_", 1)[0] for name in table[0][6:]], self.variants)
        calls = numpy.array([[numpy.nan if c == "NA" else float(c) for c in row[6:]]
                             for row in table[1:]])
        # Of a variant that is there twice one was pruned: told by its frequency in the fitted.
        fitted = {row["IID"] for row in self.rows if row["FITTED"] == "yes"}
        frequency = numpy.nanmean(calls[[row[1] in fitted for row in table[1:]]], axis=0) / 2
        columns = []
        for column, f in enumerate(frequency):
            if len(columns) < len(p) and abs(f - p[len(columns)]) < 1e-12:
                columns.append(column)
        self.assertEqual(len(columns), len(p))
        self.assertLess(len(frequency) - len(p), 3)
        calls = calls[:, columns]
        x = (calls - 2 * p) / numpy.sqrt(2 * p * (1 - p))
        called = (~numpy.isnan(x)).sum(axis=1)
        scores = numpy.nan_to_num(x) @ loadings * (variants / called)[:, None]
        of = {row[1]: s for row, s in zip(table[1:], scores)}
        for row, values in zip(self.rows, self.vectors(self.rows)):
            tolerance = 2e-2 if row["FITTED"] == "yes" else 1e-5  # missing calls
            self.assertLess(abs(of[row["IID"]] - values).max(), tolerance)

    def alleles(self):
        """What plink2 has to count: ALT, the first allele of a .bim."""
        path = self.dir / "alleles.txt"
        path.write_text("".join(f"{n}\t{v[4]}\n"
                                for n, v in enumerate(blank_table(self.prefix + ".bim"))))
        return path

    def test_bits_do_not_depend_on_threads(self):
        self.pca("one", "--components", COMPONENTS, "--threads", "1")
        for name in ("pca.tsv", "pca_eigenvalues.tsv"):
            self.assertEqual((self.dir / "mine" / name).read_bytes(),
                             (self.dir / "one" / name).read_bytes())

    def test_relatives_have_to_be_listed(self):
        done = support.kinflow("pca", "--geno", self.bed, "--out", self.dir / "x",
                               "--min-kinship", "0.4")
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("--min-kinship", done.err)

    def test_no_more_components_than_people_span(self):
        keep = [row["IID"] for row in self.rows if row["FITTED"] == "yes"][:8]
        (self.dir / "eight.txt").write_text("\n".join(keep) + "\n")
        done = self.pca("eight", "--samples", self.dir / "eight.txt", "--maf", "0", "--prune", "0")
        self.assertIn("8 founders have 7 components, not 10", done.err)
        rows = support.read_tsv(self.dir / "eight/pca.tsv")
        self.assertIn("PC7", rows[0])
        self.assertNotIn("PC8", rows[0])

    def test_who_has_hardly_a_call_is_not_fitted(self):
        """One founder's calls are blanked out in a copy of the .bed."""
        iid = next(row["IID"] for row in self.rows if row["FITTED"] == "yes")
        people = [line[1] for line in blank_table(self.prefix + ".fam")]
        place = people.index(iid)
        bed = bytearray(open(self.bed, "rb").read())
        row_bytes = (len(people) + 3) // 4
        for at in range(3 + place // 4, len(bed), row_bytes):
            bed[at] = bed[at] & ~(3 << 2 * (place % 4)) | 1 << 2 * (place % 4)
        (self.dir / "gap.bed").write_bytes(bed)
        for end in (".bim", ".fam"):
            (self.dir / f"gap{end}").write_bytes(open(self.prefix + end, "rb").read())
        done = support.kinflow("pca", "--geno", self.dir / "gap.bed", "--out", self.dir / "gap")
        self.assertEqual(done.code, 0, done.err)
        row = next(r for r in support.read_tsv(self.dir / "gap/pca.tsv") if r["IID"] == iid)
        self.assertEqual((row["FITTED"], row["PC1"], row["CALL_RATE"]), ("no", "NA", "0"))
        done = support.kinflow("kin", "--geno", self.dir / "gap.bed", "--out", self.dir / "gap")
        self.assertEqual(done.code, 0, done.err)
        of_person = [pair for pair in support.read_tsv(self.dir / "gap/pairs.tsv")
                     if iid in (pair["IID1"], pair["IID2"])]
        self.assertGreater(len(of_person), 0)  # by the pedigree
        for pair in of_person:
            self.assertEqual((pair["N_SNP"], pair["CLASS"]), ("0", "NA"))

    def test_too_few_people(self):
        (self.dir / "two.txt").write_text("NA12144\nNA12145\n")
        done = support.kinflow("pca", "--geno", self.bed, "--samples", self.dir / "two.txt",
                               "--out", self.dir / "two")
        self.assertEqual(done.code, 4, done.err)
        self.assertIn("unrelated founders", done.err)
        self.assertNotIn("NA1214", done.err)


if __name__ == "__main__":
    unittest.main()
