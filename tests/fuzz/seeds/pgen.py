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
