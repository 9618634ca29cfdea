"""Containers, .tbi and .csi."""

import gzip
import struct
import subprocess

from seeds.common import bgzf
from seeds.vcf import GOOD, vcf_text


def tbi(names=b"1\0X\0", counts=(4, 2), bins=True, offset=0, magic=b"TBI\1", pseudo=True):
    out = magic + struct.pack("<8i", len(counts), 2, 1, 2, 0, ord("#"), 0, len(names)) + names
    for n in counts:
        chunks = struct.pack("<II", 4681, 1) + struct.pack("<QQ", 0, offset << 16)
        meta = struct.pack("<II", 37450, 2) + struct.pack("<4Q", 0, offset << 16, n, 0)
        out += struct.pack("<I", (1 if bins else 0) + (1 if pseudo else 0))
        out += (chunks if bins else b"") + (meta if pseudo else b"")
        out += struct.pack("<IQ", 1, 0)
    return out


def csi(names=b"1\0X\0", counts=(4, 2), depth=5, aux=True, offset=0):
    text = struct.pack("<7i", 2, 1, 2, 0, ord("#"), 0, len(names)) + names if aux else b""
    out = b"CSI\1" + struct.pack("<iii", 14, depth, len(text)) + text + struct.pack("<I", len(counts))
    pseudo = ((1 << (3 * (max(depth, 0) + 1))) - 1) // 7 + 1 & 0xffffffff
    for n in counts:
        out += struct.pack("<I", 2) + struct.pack("<IQI", 4681, 0, 1) + struct.pack("<QQ", 0, offset << 16)
        out += struct.pack("<IQI", pseudo, 0, 2) + struct.pack("<4Q", 0, offset << 16, n, 0)
    return out


def zstd(data):
    return subprocess.run(["zstd", "-c"], input=data, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def make(seeds):
    text = vcf_text(GOOD["GT"]).encode()
    good = bgzf(text, 300)
    for index in (tbi(), csi(), csi(aux=False), tbi(pseudo=False), tbi(counts=(4, 3)), csi(counts=(4, 3, 1)), tbi(offset=9999),
                  csi(depth=6), csi(depth=-3), csi(depth=99), tbi()[:-5], csi()[:30], tbi(magic=b"BAI\1"), b"TB", b"",
                  tbi(names=b"1\0"), tbi(names=b"", counts=()), bgzf(tbi(), 50), bgzf(csi(), 50), bgzf(tbi())[:-3],
                  gzip.compress(tbi()), struct.pack("<4sI", b"TBI\1", 0xffffffff) + bytes(40), tbi(bins=False),
                  tbi(names=b"\x1b[2J\xff\0X\0")):
        seeds.add(good, index)
    seeds.add(bgzf(text, 300, end=False))
    seeds.add(good[:-28] + good)
    seeds.add(bgzf(b""))
    seeds.add(bgzf(b"a\r\nb\n\nc"))
    seeds.add(bgzf(b"a\0b\n"))
    seeds.add(good[:100])
    seeds.add(good[:100] + bgzf(b""))                                    # a cut block, then the end
    end = bgzf(b"")
    block = bgzf(text[:80])[:-28]
    seeds.add(block[:-5] + b"\xff" + block[-4:] + end)                   # CRC
    seeds.add(block[:-4] + struct.pack("<I", 81) + end)                  # length
    seeds.add(block[:-4] + struct.pack("<I", 99999) + end)
    seeds.add(block[:16] + b"\x05\0" + block[18:] + end)                 # impossible size
    seeds.add(block[:16] + b"\xff\xff" + block[18:] + end)               # beyond the end
    seeds.add(block[:12] + b"XX" + block[14:] + end)                     # no BC
    seeds.add(block + b"junk" + end)
    extra = block[:10] + struct.pack("<H", 12) + b"XY\x02\0zz" + block[12:16] + struct.pack("<H", len(block) + 5) + block[18:]
    seeds.add(extra + end)                                               # another subfield first
    seeds.add(gzip.compress(text))
    seeds.add(gzip.compress(text) + gzip.compress(b"more\n"))
    seeds.add(gzip.compress(text)[:-3])
    seeds.add(gzip.compress(text)[:-6] + b"abcdef")
    seeds.add(gzip.compress(text)[:40] + b"\xff" * 40)
    seeds.add(b"\x1f\x8b")
    seeds.add(b"")
    seeds.add(b"one\ntwo\r\nthree")
    seeds.add(b"\r\n\n\r")
    # Lines of other containers.
    seeds.add(zstd(text * 20))
    seeds.add(zstd(text)[:-4])
    seeds.add(gzip.compress(text * 20)[:-30])
    seeds.add(gzip.compress(b"x" * 300)[:-9])
