"""Seeds as files: Seeds("vcf").add(part, ...) writes corpus/vcf/seed-NNN."""

import os
import struct
import zlib

CORPUS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus")
BORDER = b"<<<>>>"  # kPartBorder of fuzz_support.h


class Seeds:
    def __init__(self, name):
        self.folder = os.path.join(CORPUS, name)
        os.makedirs(self.folder, exist_ok=True)
        for old in os.listdir(self.folder):
            if old.startswith("seed-"):
                os.remove(os.path.join(self.folder, old))
        self.count = 0

    def add(self, *parts):
        parts = [p.encode() if isinstance(p, str) else p for p in parts]
        self.count += 1
        with open(os.path.join(self.folder, f"seed-{self.count:03}"), "wb") as f:
            f.write(BORDER.join(parts))


def bgzf(data, block=60, end=True):
    out = b""
    pieces = [data[i:i + block] for i in range(0, len(data), block)]
    for piece in pieces + ([b""] if end else []):
        c = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = c.compress(piece) + c.flush()
        out += b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0"
        out += struct.pack("<H", len(body) + 25) + body
        out += struct.pack("<II", zlib.crc32(piece), len(piece))
    return out
