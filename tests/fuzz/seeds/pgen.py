"""PLINK 2 filesets, by plink2."""

import os
import random
import struct
import subprocess
import tempfile

from seeds.vcf import META, vcf_text


def plink2(text, *arguments):
    """pgen, pvar and psam of a VCF."""
    with tempfile.TemporaryDirectory() as temp:
        out = os.path.join(temp, "x")
        with open(out + ".vcf", "w", encoding="utf-8") as f:
            f.write(text)
        subprocess.run(["plink2", "--vcf", out + ".vcf", *arguments, "--make-pgen", "--out", out], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return [open(f"{out}.{end}", "rb").read() for end in ("pgen", "pvar", "psam")]


def fileset(records, samples=9, mode=0x10, control=0x47, alts=None):
    """pgen (and pgi for mode 0x20) of (type, bytes) records, from the format's description: 8-bit types, lengths of
    4 bytes; `alts`: stated numbers of ALT alleles, a byte each."""
    n = len(records)
    body = b"".join(r for _, r in records)
    index = bytes(t for t, _ in records) + b"".join(struct.pack("<I", len(r)) for _, r in records) + bytes(alts or [])
    control |= 0x10 if alts else 0
    preamble = struct.pack("<II", n, samples) + bytes([control])
    if mode == 0x20:
        return b"\x6c\x1b\x20" + body, b"\x6c\x1b\x30" + preamble + struct.pack("<Q", 3) + index
    begin = 12 + 8 + len(index)
    return b"\x6c\x1b" + bytes([mode]) + preamble + struct.pack("<Q", begin) + index + body, b""


def tables(n, samples=9, alt="C"):
    """pvar and psam."""
    pvar = "#CHROM\tPOS\tID\tREF\tALT\n" + "".join(f"1\t{100 + i}\tv{i}\tA\t{alt}\n" for i in range(n))
    return pvar.encode(), ("#IID\tSEX\n" + "".join(f"P{i}\t{i % 3}\n" for i in range(samples))).encode()


def units(*values):
    return struct.pack(f"<{len(values)}H", *values)


def made_by_hand(seeds):
    """Record types that plink2 chooses for other data than these."""
    calls = bytes([0x1b, 0xe4, 0x01])
    one_bit = [(1, bytes([code]) + b"\x55\x01" + b"\0") for code in (1, 2, 3, 5, 6, 9, 0, 7)]
    dosages = [(0x40, calls + units(0, 100, 16384, 32768, 65535, 5, 6, 7, 8)), (0x40, calls + units(*[40000] * 9)),
               (0x20, calls + b"\x02\x01\x03" + units(9000, 7)), (0x20, calls + b"\x02\x01\x09" + units(9000, 7)),
               (0x60, calls + b"\x12\x00" + units(9000, 7)), (0x60, calls + b"\x12\x00" + units(9000, 50000)),
               (0xc0, calls + units(0, 100, 16384, 32768, 65535, 5, 6, 7, 8) + units(*[0] * 9)),
               (0xa0, calls + b"\x02\x01\x03" + units(9000, 7) + b"\x03" + units(5, 6))]
    phased = [(0x10, calls + b"\x05\x02"), (0x10, calls + b"\x0b\x01\x03"), (0x10, calls + b"\xff\xff\xff")]
    for group in (one_bit, dosages, phased):
        for record in group:
            seeds.add("", fileset([(0, calls), record])[0], *tables(2))
        for words in ("", "calls", "keep=P3", "field=GT", "regions=1:101-103"):
            seeds.add(words, fileset(group)[0], *tables(len(group)))
    several = [(0x08, calls + b"\xff"), (0x08, calls + b"\x10\x01\x00\xff"), (0x08, calls + b"\xf0\x01\x00"),
               (0x08, calls + b"\x00\x01\x01"), (0x08, calls + b"\x11\x01\x00\x01\x00"), (0x08, calls + b"\x01\x01\x00\x00\x00\x00")]
    for alt in ("C,G", "C,G,T", "C,G,T,AA,AC", ",".join("A" * i for i in range(2, 22))):
        for words in ("", "calls"):
            for record in several:
                seeds.add(words, fileset([record])[0], *tables(1, alt=alt))
    good = [(0, calls), (2, b"\x01\x02\x03"), (0, calls)]
    for alts in ([1, 1, 1], [1, 2, 1]):
        seeds.add("", fileset(good, alts=alts)[0], *tables(3))
    seeds.add("", fileset([(2, b"\0"), (0, calls)])[0], *tables(2))  # begins with differences
    seeds.add("", fileset([(0x40, calls + units(*[1] * 9))])[0], *tables(1, alt="C,G"))
    pgen, pgi = fileset(good, mode=0x20)
    for index in (pgi, pgi[:-1], pgi + b"x", b"x" + pgi, pgi[:2], pgi[:8], b""):
        seeds.add("regions=1:101-102", pgen, *tables(3), index)
    seeds.add("", pgen + b"x", *tables(3), pgi)
    seeds.add("", pgen[:-1], *tables(3), pgi)
    seeds.add("", b"\x6c\x1b\x04" + struct.pack("<II", 1, 9) + b"\x40" + calls + units(*[5] * 18), *tables(1))
    seeds.add("", b"\x6c\x1b\x03" + struct.pack("<II", 2, 9) + b"\x40" + calls + units(*[5] * 9), *tables(2))
    pvar, psam = tables(3)
    for other in (b"##x\n", b"1 100\n", pvar.replace(b"ALT", b"FOO"), pvar.replace(b"\t101", b"\t1e9"), pvar.replace(b"\t101", b"\t-1"),
                  pvar.replace(b"\tC", b"\t" + b"C" * 101), pvar.replace(b"\tC", b"\t" + b"C," * 260 + b"C"), pvar.split(b"\n")[0] + b"\n"):
        seeds.add("", fileset(good)[0], other, psam)
    for other in (b"#FID\tIID\tPAT\tMAT\tSEX\n", b"#IID\tIID\n", psam.replace(b"#IID", b"#IID\tIID"), psam.replace(b"#IID", b"#FID\tIID\tPAT\tMAT"),
                  b"".join(b"F P%d 0 0 1 -9\n" % i for i in range(9)), b""):
        seeds.add("", fileset(good)[0], pvar, other)


def make(seeds):

    rng = random.Random(1)
    meta = META + ["##contig=<ID=2>"]
    samples = " ".join(f"P{i}" for i in range(9))

    def call(freq, sep):
        if rng.random() < 0.05:
            return "./."
        return sep.join(str(int(rng.random() < freq)) for _ in range(2))

    def lines(freqs, sep="/", dosage=None, alt="C"):
        out = []
        for i, freq in enumerate(freqs):
            calls = [call(freq, sep) for _ in range(9)]
            if dosage:
                calls = [f"{c}:{dosage(c)}" for c in calls]
            out.append(f"1 {100 + i} v{i} A {alt} . . . GT{':DS' if dosage else ''} " + " ".join(calls))
        return out

    def noisy(c):
        return "." if "." in c else f"{min(2, max(0, c.count('1') + rng.choice([0, 0, 0.25, -0.25]))):.2f}"

    freqs = [0.5, 0.02, 0.0, 0.98, 0.5, 0.1, 0.9, 1.0, 0.3]
    hard = plink2(vcf_text(lines(freqs), samples, meta))
    phased = plink2(vcf_text(lines(freqs, "|"), samples, meta))
    dosage = plink2(vcf_text(lines(freqs, dosage=noisy), samples, meta), "dosage=DS")
    dosage_phased = plink2(vcf_text(lines(freqs, "|", noisy), samples, meta), "dosage=DS")
    multi = plink2(vcf_text([line.replace("0/1", "0/2", 1) for line in lines(freqs, alt="C,G")], samples, meta))
    repeated = plink2(vcf_text(lines(freqs)[:1] * 3 + lines([0.5] * 4), samples, meta))
    for words in ("", "calls", "keep=P3", "compact"):
        for made in (hard, phased, dosage, dosage_phased, multi, repeated):
            seeds.add(words, *made)
    # Fixed-width files of the modes 1 (a .bed), 2 (hard calls), 3 (dosages): no index.
    row = bytes([0x1b, 0xe4, 0x01])
    counts = struct.pack("<II", 9, 9) + b"\x40"
    seeds.add("", b"\x6c\x1b\x01" + row * 9, *hard[1:])
    seeds.add("", b"\x6c\x1b\x02" + counts + row * 9, *hard[1:])
    seeds.add("", b"\x6c\x1b\x03" + counts + (row + struct.pack("<9H", *range(0, 32769, 4096)[:9])) * 9, *hard[1:])
    # What is refused.
    for made in (hard, dosage_phased):
        pgen = made[0]
        for at in (0, 2, 3, 4, 7, 11, 12, 13, 20, 24, 28):
            for value in (0, 1, 0x80, 0xff):
                seeds.add("", pgen[:at] + bytes([value]) + pgen[at + 1:], *made[1:])
        for cut in (2, 11, 12, 30, len(pgen) // 2, len(pgen) - 1):
            seeds.add("", pgen[:cut], *made[1:])
        seeds.add("", pgen + b"more", *made[1:])
        seeds.add("", pgen, made[1].replace(b"v3", b"v2"), made[2])
        seeds.add("", pgen, made[1][:-20], made[2])
        seeds.add("", pgen, made[1], made[2][:-4])
        seeds.add("", pgen, b"1 100 v A\n", made[2])
        seeds.add("", pgen, made[1], b"#IID SEX\n")
    made_by_hand(seeds)
    # Phased calls of several ALT alleles, of few and of many.
    for alt, most in (("C,G", 2), ("C,G,T,AA", 4), (",".join("A" * i for i in range(2, 20)), 18)):
        rows = [f"1 {100 + i} v{i} A {alt} . . . GT " + " ".join(f"{rng.randint(0, most)}{'|/'[k % 5 == 4]}{rng.randint(0, most)}"
                                                            for k in range(9)) for i in range(4)]
        made = plink2(vcf_text(rows, samples, meta))
        for words in ("", "calls", "calls keep=P3"):
            seeds.add(words, *made)
