"""What the tests of kinflow export share: making stores and exports, comparing stores."""
import pathlib

import h5py
import numpy

from support import TempFolderTest, kinflow


def store_of(folder):
    """The shards of the one dosage store below a folder, in order."""
    return sorted(pathlib.Path(folder).rglob("artifacts/dosage/*/shard-*.h5"))


def content(folder):
    """Everything of a store that has to survive a round trip, over all shards."""
    got = {"units": set(), "dosage": [], "calls": [], "site": []}
    for path in store_of(folder):
        with h5py.File(path) as f:
            got["units"].add(int(f["dosage"].attrs["units_per_copy"]))
            got["dosage"].append(f["dosage"][:])
            if "calls" in f:
                got["calls"].append(f["calls"][:])
            v = f["variants"]
            names = v["chrom_names"][:]
            got["site"] += zip(names[v["chrom"][:]], v["pos"][:], v["id"][:], v["ref"][:],
                               v["alt"][:], numpy.nan_to_num(v["info"][:], nan=-1))
            got["iid"] = list(f["samples/iid"][:])
    for key in ("dosage", "calls"):
        got[key] = numpy.concatenate(got[key]) if got[key] else None
    return got


class ExportTest(TempFolderTest):
    def ok(self, *args):
        done = kinflow(*args)
        self.assertEqual(done.code, 0, done.err)
        return done

    def load(self, path, name, *args):
        self.ok("load", "--geno", path, "--out", self.dir / name, "--progress=none", *args)
        return self.dir / name

    def export(self, path, name, *args):
        return self.ok("export", path, "--out", self.dir / name, *args)

    def same_store(self, one, other):
        a, b = content(one), content(other)
        self.assertEqual(a["units"], b["units"])
        self.assertEqual(a["iid"], b["iid"])
        self.assertEqual(a["site"], b["site"])
        self.assertTrue(numpy.array_equal(a["dosage"], b["dosage"]))
        self.assertTrue(numpy.array_equal(a["calls"], b["calls"]))
        self.assertGreater(a["dosage"].size, 0)

    def vcf(self, name, lines, samples, contig="##contig=<ID=1>\n##contig=<ID=X>\n"):
        path = self.dir / name
        path.write_text(
            "##fileformat=VCFv4.2\n" + contig +
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
            '##FORMAT=<ID=DS,Number=1,Type=Float,Description="d">\n'
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(samples) + "\n" +
            "".join("\t".join(line) + "\n" for line in lines))
        return path
