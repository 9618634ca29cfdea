"""Writes BGEN files of every mode, from the format description alone, and knows their dosages.

A genotype is a list of whole numbers that sum to 2^bits - 1: the probabilities of all its genotypes
(no order: multisets of alleles; phased: one list a haplotype). Nothing here comes from kinflow.
"""
import ctypes
import dataclasses
import fractions
import itertools
import struct
import zlib

ZLIB, ZSTD, NONE = 1, 2, 0


def zstd(data):
    """One Zstandard frame, by the library that every Debian has."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
                                      ctypes.c_size_t, ctypes.c_int]
    room = library.ZSTD_compressBound(len(data))
    out = ctypes.create_string_buffer(room)
    size = library.ZSTD_compress(out, room, data, len(data), 3)
    return out.raw[:size]


def pack_bits(values, bits):
    """Numbers one behind the other, lowest bits first."""
    out, held, n = bytearray(), 0, 0
    for value in values:
        held |= value << n
        n += bits
        while n >= 8:
            out.append(held & 255)
            held >>= 8
            n -= 8
    if n:
        out.append(held)
    return bytes(out)


def genotypes(alleles, ploidy):
    """Multisets of alleles in BGEN's order: by the highest allele, then the next ..."""
    every = itertools.combinations_with_replacement(range(alleles), ploidy)
    return sorted(every, key=lambda g: tuple(reversed(g)))


def partition(rng, parts, total):
    """Random whole numbers that sum to `total`; certain calls are frequent."""
    if rng.random() < 0.4:
        out = [0] * parts
        out[rng.randrange(parts)] = total
        return out
    cuts = sorted(rng.randint(0, total) for _ in range(parts - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total])]


@dataclasses.dataclass
class Genotype:
    ploidy: int = 2
    missing: bool = False
    weights: list = None  # phased: one list of allele weights a haplotype


@dataclasses.dataclass
class Variant:
    genotypes: list
    bits: int = 8
    phased: bool = False
    alleles: tuple = ("A", "G")
    chrom: str = "1"
    pos: int = 1000
    id: str = "id"
    rsid: str = "rs"

    @staticmethod
    def random(rng, samples, bits=8, phased=False, alleles=("A", "G"), haploid=0.0, missing=0.0,
               **site):
        full = (1 << bits) - 1
        people = []
        for _ in range(samples):
            g = Genotype(1 if rng.random() < haploid else 2, rng.random() < missing)
            if phased:
                g.weights = [partition(rng, len(alleles), full) for _ in range(g.ploidy)]
            else:
                g.weights = partition(rng, len(genotypes(len(alleles), g.ploidy)), full)
            people.append(g)
        return Variant(people, bits, phased, alleles, **site)

    def dosages(self, allele):
        """Expected copies of one allele, exact; None = missing."""
        full = (1 << self.bits) - 1
        out = []
        for g in self.genotypes:
            if g.missing:
                out.append(None)
            elif self.phased:
                out.append(fractions.Fraction(sum(w[allele] for w in g.weights), full))
            else:
                every = genotypes(len(self.alleles), g.ploidy)
                copies = sum(w * e.count(allele) for w, e in zip(g.weights, every))
                out.append(fractions.Fraction(copies, full))
        return out

    def block(self):
        """The genotype data of layout 2 before compression."""
        values = []
        for g in self.genotypes:
            for stored in (g.weights if self.phased else [g.weights]):
                values += [0] * (len(stored) - 1) if g.missing else stored[:-1]
        ploidy = [g.ploidy for g in self.genotypes]
        return (struct.pack("<IHBB", len(ploidy), len(self.alleles), min(ploidy), max(ploidy)) +
                bytes(g.ploidy | (128 if g.missing else 0) for g in self.genotypes) +
                bytes([int(self.phased), self.bits]) + pack_bits(values, self.bits))

    def triples(self):
        """The genotype data of layout 1: three numbers of 1/32768 a sample."""
        return b"".join(struct.pack("<3H", *((0, 0, 0) if g.missing else g.weights))
                        for g in self.genotypes)


def text16(text):
    return struct.pack("<H", len(text)) + text.encode()


def site(variant, layout):
    head = struct.pack("<I", len(variant.genotypes)) if layout == 1 else b""
    head += text16(variant.id) + text16(variant.rsid) + text16(variant.chrom)
    head += struct.pack("<I", variant.pos)
    if layout == 2:
        head += struct.pack("<H", len(variant.alleles))
    for allele in variant.alleles:
        head += struct.pack("<I", len(allele)) + allele.encode()
    return head


def record(variant, layout=2, compression=ZLIB, block=None):
    """Site and genotypes of one variant. `block` stands in for the genotype data."""
    if block is None:
        block = variant.triples() if layout == 1 else variant.block()
    packed = {ZLIB: zlib.compress, ZSTD: zstd, NONE: bytes}[compression](block)
    if layout == 1:
        lengths = struct.pack("<I", len(packed)) if compression else b""
    elif compression:
        lengths = struct.pack("<II", len(packed) + 4, len(block))
    else:
        lengths = struct.pack("<I", len(packed))
    return site(variant, layout) + lengths + packed


def header(variants, samples, layout=2, compression=ZLIB, ids=None, free=b"", flags=None):
    """Everything before the first variant."""
    block = b""
    if ids is not None:
        texts = b"".join(text16(i) for i in ids)
        block = struct.pack("<II", 8 + len(texts), len(ids)) + texts
    if flags is None:
        flags = compression | layout << 2 | (ids is not None) << 31
    body = struct.pack("<III", 20 + len(free), variants, samples) + b"bgen" + free
    body += struct.pack("<I", flags)
    return struct.pack("<I", len(body) + len(block)) + body + block


def bgen(variants, layout=2, compression=ZLIB, ids=None, **head):
    samples = len(variants[0].genotypes)
    records = b"".join(record(v, layout, compression) for v in variants)
    return header(len(variants), samples, layout, compression, ids, **head) + records


def split(content):
    """(header, [(position, bytes of the variant)]) of a file that somebody else wrote."""
    offset, length, count, samples = struct.unpack_from("<4I", content)
    flags = struct.unpack_from("<I", content, length)[0]
    at, variants = offset + 4, []
    for _ in range(count):
        begin = at
        at += 4 if flags >> 2 & 15 == 1 else 0
        for _ in range(3):
            at += 2 + struct.unpack_from("<H", content, at)[0]
        position = struct.unpack_from("<I", content, at)[0]
        alleles, at = (2, at + 4) if flags >> 2 & 15 == 1 else (
            struct.unpack_from("<H", content, at + 4)[0], at + 6)
        for _ in range(alleles):
            at += 4 + struct.unpack_from("<I", content, at)[0]
        at += 4 + struct.unpack_from("<I", content, at)[0]
        variants.append((position, content[begin:at]))
    return content[:offset + 4], variants
