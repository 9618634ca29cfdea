"""Genotypes drawn by a test, written as .bed. Nothing here comes from kinflow."""
import numpy

CHROMOSOMES = 22


def write_bed(prefix, calls, fam=None, step=200_000):
    """`calls`: copies of the first allele, people x variants, -1 = missing; `fam`: rows of FID, IID,
    father, mother, sex (default: people without relations, of either sex in turn). Variants fill the
    autosomes one after the other, `step` bases apart."""
    people, variants = calls.shape
    name = prefix.name
    rows = fam or [(f"{name}{i}", f"{name}{i}", 0, 0, 1 + i % 2) for i in range(people)]
    codes = numpy.array([3, 2, 0, 1], dtype=numpy.uint8)[calls].T
    codes = numpy.pad(codes, ((0, 0), (0, -people % 4))).reshape(variants, -1, 4)
    packed = (codes << numpy.array([0, 2, 4, 6], dtype=numpy.uint8)).sum(axis=2)
    prefix.with_suffix(".bed").write_bytes(b"\x6c\x1b\x01" + packed.astype(numpy.uint8).tobytes())
    prefix.with_suffix(".fam").write_text("".join(
        " ".join(map(str, row)) + " -9\n" for row in rows))
    each = -(-variants // CHROMOSOMES)
    prefix.with_suffix(".bim").write_text("".join(
        f"{1 + v // each}\tv{v}\t0\t{1_000_000 + v % each * step}\tA\tC\n"
        for v in range(variants)))
    return prefix.with_suffix(".bed")
