"""Samples beside an earlier genotyping of the same people (kin --against): numpy and planted truth."""
import unittest

import numpy

import support


def blank_table(path):
    with open(path, encoding="ascii") as f:
        return [line.split() for line in f]


class IdentityTest(unittest.TestCase):
    """The HapMap people are the new genotyping. The earlier one has every other variant, REF and
    ALT turned at every third, one call in 200 wrong, and samples under wrong ids."""

    @classmethod
    def setUpClass(cls):
        cls.folder = support.TempFolderTest()
        cls.folder.setUp()
        cls.addClassCleanup(cls.folder.doCleanups)
        cls.dir = cls.folder.dir
        cls.bed = support.data("hapmap_trios/hapmap279.bed")
        prefix = cls.bed.removesuffix(".bed")
        cls.fam, bim = blank_table(prefix + ".fam"), blank_table(prefix + ".bim")
        cls.calls = cls.read_bed(cls.bed, len(cls.fam))
        typed_once = [n for n, line in enumerate(cls.fam)
                      if not line[1].endswith(".dup") and
                      not any(other[1] == line[1] + ".dup" for other in cls.fam)]
        a, b, c, d, e, f = typed_once[10:70:10]
        cls.people = {name: cls.fam[n][1] for name, n in zip("abcdef", (a, b, c, d, e, f))}
        # a and b exchanged; c has d's sample, d has none; e is somebody who is not there (f's
        # sample is only in the new genotyping); f's earlier sample is missing.
        order = list(range(len(cls.fam)))
        order[a], order[b], order[c] = b, a, d
        ids = [line[1] for line in cls.fam]
        earlier = [(ids[n], source) for n, source in enumerate(order) if n not in (d, f)]
        random = numpy.random.default_rng(5)
        calls = cls.calls[[source for _, source in earlier]]
        calls[[iid for iid, _ in earlier].index(ids[e])] = cls.stranger(random, cls.calls)
        wrong = random.random(calls.shape) < 0.005
        calls = numpy.where(wrong, random.integers(0, 3, calls.shape, dtype=numpy.uint8), calls)
        chosen = numpy.arange(0, len(bim), 2)
        cls.earlier = {iid: calls[n] for n, (iid, _) in enumerate(earlier)}
        cls.chosen = chosen
        turned = chosen % 3 == 0
        written = calls[:, chosen]
        swap = numpy.array([2, 1, 0, 3], dtype=numpy.uint8)
        written[:, turned] = swap[written[:, turned]]
        cls.write_bed("earlier", written, [iid for iid, _ in earlier],
                      [[*v[:4], v[5], v[4]] if n % 3 == 0 else v
                       for n, v in enumerate(bim) if n % 2 == 0])
        cls.bim = bim
        done = support.kinflow("kin", "--geno", cls.bed, "--against", cls.dir / "earlier.bed",
                               "--build", "GRCh37", "--prune", "0.9", "--out", cls.dir / "out")
        assert done.code == 0, done.err
        cls.err = done.err
        cls.rows = {row["IID"]: row for row in support.read_tsv(cls.dir / "out/identity.tsv")}

    @staticmethod
    def read_bed(path, people):
        """Copies of the first allele, 3 = missing; people x variants."""
        data = numpy.fromfile(path, dtype=numpy.uint8)[3:].reshape(-1, (people + 3) // 4)
        codes = (data[:, :, None] >> numpy.array([0, 2, 4, 6], dtype=numpy.uint8)) & 3
        copies = numpy.array([2, 3, 1, 0], dtype=numpy.uint8)[codes]
        return copies.reshape(len(data), -1)[:, :people].T.copy()

    @staticmethod
    def stranger(random, calls):
        """Somebody with alleles of everybody."""
        known = numpy.where(calls == 3, 0, calls)
        return random.binomial(2, known.mean(axis=0) / 2).astype(numpy.uint8)

    @classmethod
    def write_bed(cls, name, calls, ids, bim):
        codes = numpy.array([3, 2, 0, 1], dtype=numpy.uint8)[calls].T
        codes = numpy.pad(codes, ((0, 0), (0, -len(ids) % 4))).reshape(len(bim), -1, 4)
        packed = (codes << numpy.array([0, 2, 4, 6], dtype=numpy.uint8)).sum(axis=2)
        (cls.dir / f"{name}.bed").write_bytes(b"\x6c\x1b\x01" + packed.astype(numpy.uint8).tobytes())
        (cls.dir / f"{name}.fam").write_text("".join(f"{i} {i} 0 0 0 -9\n" for i in ids))
        (cls.dir / f"{name}.bim").write_text("".join("\t".join(v) + "\n" for v in bim))

    def test_each_planted_fault_is_named(self):
        of = self.people
        expected = {of["a"]: ("exchanged", of["b"]), of["b"]: ("exchanged", of["a"]),
                    of["c"]: ("differs", "NA"), of["d"]: ("renamed", of["c"]),
                    of["e"]: ("differs", "NA")}
        for iid, (status, best) in expected.items():
            self.assertEqual((self.rows[iid]["STATUS"], self.rows[iid]["BEST_IID"]), (status, best))
        self.assertNotIn(of["f"], self.rows)
        others = [row for iid, row in self.rows.items() if iid not in expected]
        self.assertEqual(len(others), len(self.fam) - 6)
        self.assertEqual({row["STATUS"] for row in others}, {"same"})
        self.assertIn("identity.tsv", self.err)
        for iid in of.values():
            self.assertNotIn(iid, self.err)

    def test_concordance_is_that_of_the_calls(self):
        used = {(v["CHROM"], v["POS"], v["REF"], v["ALT"])
                for v in support.read_tsv(self.dir / "out/share/kinship_variants.tsv.gz")}
        columns, seen = [], set()
        for n in self.chosen:
            v = self.bim[n]
            key = (v[0], v[3], v[5], v[4])
            if key in used and key not in seen:
                seen.add(key)
                columns.append(n)
        self.assertEqual(len(columns), len(used))
        for n, line in enumerate(self.fam):
            row = self.rows.get(line[1])
            if row is None or row["STATUS"] == "renamed":
                continue
            new, old = self.calls[n, columns], self.earlier[line[1]][columns]
            both = (new != 3) & (old != 3)
            self.assertEqual(int(row["N_SNP"]), both.sum())
            self.assertAlmostEqual(float(row["CONCORDANCE"]), (new == old)[both].mean(), places=12)

    def test_another_strand_is_no_other_person(self):
        other = str.maketrans("ACGT", "TGCA")
        self.write_bed("strand", self.calls, [line[1] for line in self.fam],
                       [[*v[:4], v[4].translate(other), v[5].translate(other)] for v in self.bim])
        done = support.kinflow("kin", "--geno", self.bed, "--against", self.dir / "strand.bed",
                               "--build", "GRCh37", "--prune", "0.9", "--out", self.dir / "strand")
        self.assertEqual(done.code, 0, done.err)
        rows = support.read_tsv(self.dir / "strand/identity.tsv")
        self.assertEqual({row["STATUS"] for row in rows}, {"unknown"})
        self.assertIn("different strands", done.err)

    def test_a_copy_of_a_known_sample_is_a_duplicate(self):
        keep = [n for n, line in enumerate(self.fam) if not line[1].endswith(".dup")]
        self.write_bed("once", self.calls[keep], [self.fam[n][1] for n in keep], self.bim)
        done = support.kinflow("kin", "--geno", self.bed, "--against", self.dir / "once.bed",
                               "--build", "GRCh37", "--prune", "0.9", "--out", self.dir / "once")
        self.assertEqual(done.code, 0, done.err)
        rows = {row["IID"]: row for row in support.read_tsv(self.dir / "once/identity.tsv")}
        copies = [iid for iid in rows if iid.endswith(".dup")]
        self.assertEqual(len(copies), len(self.fam) - len(keep))
        for iid in copies:
            self.assertEqual((rows[iid]["STATUS"], rows[iid]["BEST_IID"]),
                             ("duplicate", iid.removesuffix(".dup")))

    def test_nothing_else_is_computed(self):
        self.assertFalse((self.dir / "out/private/decisions.tsv").exists())
        config = self.dir / "pca.yaml"
        config.write_text(f"schema_version: 1\ninput: {{genotypes: {self.bed}, against: "
                          f"{self.dir}/earlier.bed}}\npca: {{compute: true}}\n")
        done = support.kinflow("run", config)
        self.assertEqual(done.code, 3, done.err)
        self.assertIn("input.against", done.err)

    def test_bits_do_not_depend_on_threads(self):
        done = support.kinflow("kin", "--geno", self.bed, "--against", self.dir / "earlier.bed",
                               "--build", "GRCh37", "--prune", "0.9", "--threads", "1", "--out",
                               self.dir / "one")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual((self.dir / "one/identity.tsv").read_bytes(),
                         (self.dir / "out/identity.tsv").read_bytes())


if __name__ == "__main__":
    unittest.main()
