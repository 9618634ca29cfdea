"""HDF5 files by h5py."""

import os
import tempfile

import h5py
import numpy


def make(seeds):
    def file(fill, **kwargs):
        with tempfile.TemporaryDirectory() as temp:
            path = os.path.join(temp, "x.h5")
            with h5py.File(path, "w", libver=("v110", "v110"), **kwargs) as f:
                fill(f)
            return open(path, "rb").read()

    def data(f, path, values, dtype, chunks=None, **kwargs):
        values = numpy.asarray(values, dtype=dtype)
        options = dict(compression="gzip", compression_opts=1, fletcher32=True, track_times=False,
                       shuffle=values.dtype.itemsize > 1 and values.dtype.kind != "S", chunks=chunks or values.shape)
        options.update(kwargs)
        return f.create_dataset(path, data=values, **options)

    def dosage(f, path="/dosage", dtype="u2", units=1000, missing=65535, rows=3, samples=2, chunks=(2, 2), bound=0.0, **kwargs):
        d = data(f, path, numpy.arange(rows * samples).reshape(rows, samples) * 100 % 200, dtype, chunks, **kwargs)
        d.attrs.create("units_per_copy", units, dtype="i8")
        d.attrs.create("error_bound", bound, dtype="f8")
        d.attrs.create("missing_value", missing, dtype="i8")
        return d

    def variants(f, n=3, codes=None, names=(b"1", b"X"), drop=None):
        g = "/variants/"
        columns = {"chrom": (codes or [0] * (n - 1) + [1], "u2"), "chrom_names": (names, "S2"), "pos": (range(1, n + 1), "u4"),
                   "id": ([b"rs"] * n, "S4"), "ref": ([b"A"] * n, "S1"), "alt": ([b"C"] * n, "S1"),
                   "info": ([0.5] * n, "f4"), "multiallelic": ([0] * n, "u1")}
        for name, (values, dtype) in columns.items():
            if name != drop:
                data(f, g + name, list(values), dtype)

    def artifact(f):
        dosage(f)
        variants(f)
        data(f, "/calls", [[0, 1], [2, 6], [0, 0]], "u1", (3, 2))
        d = f["/calls"]
        d.attrs.create("units_per_copy", 1, dtype="i8")
        d.attrs.create("error_bound", 0.0, dtype="f8")
        d.attrs.create("missing_value", 255, dtype="i8")
        f.attrs["format"] = numpy.bytes_("kinflow-dosage")
        f.attrs.create("samples", 2, dtype="i8")

    seeds.add(file(artifact))
    seeds.add(file(lambda f: (dosage(f, dtype="u1", units=1, missing=255), variants(f))))
    seeds.add(file(lambda f: (dosage(f, dtype="u1", units=127, missing=255, shuffle=False), variants(f))))
    seeds.add(file(lambda f: (dosage(f, units=0), variants(f))))
    seeds.add(file(lambda f: (dosage(f, missing=7), variants(f))))
    seeds.add(file(lambda f: (dosage(f, bound=float("nan")), variants(f))))
    seeds.add(file(lambda f: (dosage(f), variants(f, codes=[0, 1, 2]))))
    seeds.add(file(lambda f: (dosage(f), variants(f, n=2))))
    seeds.add(file(lambda f: (dosage(f), variants(f, drop="alt"))))
    seeds.add(file(lambda f: dosage(f)))
    for name, (values, dtype) in {"u8": ([1, 2], "u1"), "u32": ([1, 2], "u4"), "u64": ([1, 2], "u8"), "i64": ([1, -2], "i8"),
                                  "f32": ([1.5, 2], "f4"), "f64": ([1.5, float("nan")], "f8"), "i32": ([1, 2], "i4"),
                                  "text": ([b"ab", b""], "S3"), "matrix": ([[1.0, 2.0, 3.0]] * 3, "f8"), "cube": ([[[1.0]]], "f8")}.items():
        seeds.add(file(lambda f: data(f, name, values, dtype, (2, 2) if name == "matrix" else None)))

    def table(f, names=(b"a", b"b", b"c/d"), lengths=(2, 2, 2)):
        g = f.create_group("t")
        g.attrs.create("columns", numpy.array(names, dtype="S4"))
        data(f, "/t/a", [1] * lengths[0], "i8")
        data(f, "/t/b", [0.5] * lengths[1], "f8")
        data(f, "/t/c%2Fd", [b"x"] * lengths[2], "S2")

    seeds.add(file(table))
    seeds.add(file(lambda f: table(f, lengths=(2, 3, 2))))
    seeds.add(file(lambda f: table(f, names=(b"a", b"zz"))))
    seeds.add(file(lambda f: table(f, names=(b"", b"."))))

    # Columns of names: as an enumeration, and levels that are none.
    for dtype, levels in (("u1", {"a": 0, "b": 1}), ("u1", {"a": 1, "b": 0}), ("u1", {"a": 0}), ("i2", {"a": 0, "b": 1})):
        seeds.add(file(lambda f: data(f, "factor", [0, 1, 1], h5py.enum_dtype(levels, basetype=dtype), shuffle=False)))

    def records(f, fields=(("n", "<i8"), ("x", "<f8"), ("s", "S3")), **kwargs):
        values = numpy.zeros(3, dtype=list(fields))
        values[fields[0][0]] = [3, 1, 2]
        data(f, "records", values, values.dtype, **kwargs)

    seeds.add(file(records))
    seeds.add(file(lambda f: records(f, shuffle=False)))
    seeds.add(file(lambda f: records(f, fields=(("n", "<i4"), ("x", ">f8")))))

    def with_factor(f):
        table(f, names=(b"a", b"b", b"c/d", b"f"))
        data(f, "/t/f", [1, 0], h5py.enum_dtype({"x": 0, "y": 1}, basetype="u1"), shuffle=False)

    seeds.add(file(with_factor))

    def unwritten(f):
        d = f.create_dataset("hole", shape=(4,), dtype="u1", chunks=(2,), compression="gzip", compression_opts=1, fletcher32=True)
        d[:2] = [1, 2]

    seeds.add(file(unwritten))

    def odd(f):
        f.create_dataset("contiguous", data=numpy.arange(4))
        f.create_dataset("scalar", data=1.0)
        f.create_dataset("unfiltered", data=numpy.arange(4), chunks=(2,))
        data(f, "lzf", [1, 2], "u1", compression="lzf", compression_opts=None)
        f.create_dataset("vlen", data=["a", "b"], dtype=h5py.string_dtype(), chunks=(2,))
        f["soft"] = h5py.SoftLink("/contiguous")
        f["external"] = h5py.ExternalLink("other.h5", "/x")
        f.attrs["vlen"] = "text"
        f.attrs["format"] = [1, 2]
        f.create_dataset("null", data=h5py.Empty("f8"))

    seeds.add(file(odd))

    def missing_chunks(f):
        d = f.create_dataset("dosage", (5, 2), "u2", chunks=(2, 2), compression="gzip", fletcher32=True, shuffle=True)
        for name, value, kind in (("units_per_copy", 1000, "i8"), ("error_bound", 0, "f8"), ("missing_value", 65535, "i8")):
            d.attrs.create(name, value, dtype=kind)
        f.create_dataset("x", (5,), "f8", chunks=(2,), compression="gzip", fletcher32=True, shuffle=True)

    seeds.add(file(missing_chunks))
    huge = dict(compression="gzip", fletcher32=True, shuffle=True)
    seeds.add(file(lambda f: f.create_dataset("m", (2 ** 40, 0), "f8", chunks=(1, 1), maxshape=(None, None), **huge)))
    seeds.add(file(lambda f: f.create_dataset("m", (2 ** 40,), "f8", chunks=(1024,), **huge)))
    seeds.add(file(lambda f: f.create_dataset("m", (2 ** 20, 2 ** 20), "u2", chunks=(64, 64), **huge)))

    def empty_rows(f):
        f.create_dataset("m", (0, 1), "f8", chunks=(1, 1), maxshape=(None, 1), **huge).attrs.create("rows", -1, dtype="i8")

    seeds.add(file(empty_rows))

    def cycle(f):
        f.create_group("a/b")
        f["a/b/c"] = f["a"]

    seeds.add(file(cycle))
    whole = file(artifact)
    seeds.add(whole[:-1])
    seeds.add(whole[:40])
    seeds.add(b"\x89HDF\r\n\x1a\n")
    seeds.add(b"")
    for at in (9, 45, 300, len(whole) // 2, len(whole) - 20):
        seeds.add(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
    # A payload byte: only the checksum of the chunk tells.
    at = whole.find(b"\x78\x01") if b"\x78\x01" in whole else whole.find(b"\x78\x5e")
    seeds.add(whole[:at + 4] + bytes([whole[at + 4] ^ 1]) + whole[at + 5:])
