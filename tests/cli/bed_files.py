"""Genotypes drawn by a test, written as .bed. Nothing here comes from kinflow."""
import numpy


def write_bed(prefix, calls, fam=None):
    """`calls`: copies of the first allele, people x variants, -1 = missing; `fam`: rows of FID, IID,
    father, mother, sex (default: people without relations, of either sex in turn). Variants lie on
    the autosomes in turn, 200 kb apart."""
    people, variants = calls.shape
    name = prefix.name
    rows = fam or [(f"{name}{i}", f"{name}{i}", 0, 0, 1 + i % 2) for i in range(people)]
    codes = numpy.array([3, 2, 0, 1], dtype=numpy.uint8)[calls].T
    codes = numpy.pad(codes, ((0, 0), (0, -people % 4))).reshape(variants, -1, 4)
    packed = (codes << numpy.array([0, 2, 4, 6], dtype=numpy.uint8)).sum(axis=2)
    prefix.with_suffix(".bed").write_bytes(b"\x6c\x1b\x01" + packed.astype(numpy.uint8).tobytes())
    prefix.with_suffix(".fam").write_text("".join(
        " ".join(map(str, row)) + " -9\n" for row in rows))
    prefix.with_suffix(".bim").write_text("".join(
        f"{1 + v % 22}\tv{v}\t0\t{1000000 + v // 22 * 200000}\tA\tC\n"
        for v in sorted(range(variants), key=lambda v: (v % 22, v))))
    return prefix.with_suffix(".bed")
