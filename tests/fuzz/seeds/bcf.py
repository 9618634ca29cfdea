"""BCF, from VCF by bcftools and by hand."""

import gzip
import os
import struct
import subprocess
import tempfile

from seeds.common import bgzf
from seeds.vcf import GOOD, META, vcf_text


def bcftools(text, *arguments):
    return subprocess.run(["bcftools", "view", *arguments], input=text.encode(), check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def typed_int(value):
    return struct.pack("<BbB", 0x11, value, 0)[:2]


def bcf_record(individual=b"", shared_tail=b"\x07\x17A\x17C\x00", contig=0, pos=4, alleles=2, n_info=0, n_fmt=1,
               samples=3, info=b""):
    shared = struct.pack("<iiif", contig, pos, 1, 0.0) + struct.pack("<II", alleles << 16 | n_info, n_fmt << 24 | samples)
    shared += shared_tail + info
    return struct.pack("<II", len(shared), len(individual)) + shared + individual


def make(seeds):
    meta = META + ['##INFO=<ID=DR2,Number=1,Type=String,Description="q">', '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">',
                   '##INFO=<ID=X,Number=0,Type=Flag,Description="x">', "##contig=<ID=2>"]
    good = {k: [r.replace("R2=0.9;X", "R2=0.9;X;DR2=0.5") for r in v] for k, v in GOOD.items()}
    plain = {}
    for field, records in good.items():
        records = [r for r in records if "DS:HDS" not in r]
        plain[field] = bcftools(vcf_text(records, meta=meta), "-Ou", "-l0")
        for words in ("", f"field={field} calls", f"field={field} units=1000 calls keep=B", f"field={field} compact",
                      f"field={field} units=16384 calls"):
            seeds.add(words, plain[field])
    head = plain["GT"]
    length = struct.unpack("<I", head[5:9])[0]
    dictionary = ["PASS", "R2", "GT", "DS", "HDS", "GP", "DR2", "DP", "X"]
    header = ("\n".join(meta + ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\tC"]) + "\n\0").encode()

    def file(*records, header=header, magic=b"BCF\2\2"):
        return magic + struct.pack("<I", len(header)) + header + b"".join(records)

    def key(name):
        return typed_int(dictionary.index(name))

    gt = key("GT") + b"\x21" + bytes([2, 2, 2, 4, 4, 5])
    seeds.add("field=GT calls", file(bcf_record(gt)))
    seeds.add("field=GT", file(bcf_record(key("GT") + b"\x22" + struct.pack("<6h", 2, 2, 2, 4, 4, -32767))))
    seeds.add("field=GT", file(bcf_record(key("GT") + b"\x23" + struct.pack("<6i", 2, 2, 0, 4, 4, -2 ** 31 + 1))))
    seeds.add("field=GT", file(bcf_record(key("GT") + b"\x21" + bytes([2, 2, 2, 9, 4, 5]))))
    seeds.add("field=GT", file(bcf_record(key("GT") + b"\x21" + bytes([0x81, 2, 2, 4, 4, 5]))))
    seeds.add("field=GT", file(bcf_record(key("GT") + b"\x31" + bytes(9 * [2]))))
    for kind, values in ((1, struct.pack("<3b", 0, -128, 2)), (2, struct.pack("<3h", 0, -32768, 2)),
                         (3, struct.pack("<3i", 0, -2 ** 31, 2)), (5, struct.pack("<3f", 0, 0.5, 2)),
                         (5, struct.pack("<f", 1) + b"\x01\0\x80\x7f" + b"\x02\0\x80\x7f"), (5, b"\0\0\xc0\x7f" * 3),
                         (5, struct.pack("<3f", 0, 9, 2)), (5, struct.pack("<3f", 0, 0.12345, 2)), (7, b"abc"), (0, b"")):
        seeds.add("field=DS units=1000 calls", file(bcf_record(gt + key("DS") + bytes([0x10 | kind]) + values, n_fmt=2)))
        seeds.add("", file(bcf_record(gt + key("DS") + bytes([0x10 | kind]) + values, n_fmt=2)))
    # INFO of quality: float, list, text, integer, flag with a length, key that is not there.
    for info in (key("R2") + b"\x15" + struct.pack("<f", 0.5), key("R2") + b"\x25" + struct.pack("<2f", 0.5, 0.25),
                 key("DR2") + b"\x470.25", key("R2") + b"\x11\x01", key("R2") + b"\x30", key("X") + b"\0",
                 b"\x11\x70\x11\x01", key("R2") + b"\x15\0", key("R2") + b"\xf0\x13\xff\xff\xff\x7f"):
        seeds.add("field=GT", file(bcf_record(gt, info=info, n_info=1)))
    for record in (bcf_record(gt, contig=9), bcf_record(gt, contig=-1), bcf_record(gt, alleles=0), bcf_record(gt, alleles=1),
                   bcf_record(gt, samples=2), bcf_record(gt, pos=-1), bcf_record(gt, pos=-5), bcf_record(b""),
                   bcf_record(gt[:-1]), bcf_record(gt, shared_tail=b"\x07"), bcf_record(gt, shared_tail=b"\x17"),
                   bcf_record(gt, alleles=3), bcf_record(gt, alleles=65535), bcf_record(gt)[:20],
                   struct.pack("<II", 0xffffffff, 0xffffffff), struct.pack("<II", 10, 0) + bytes(10), b"\0\0",
                   bcf_record(gt, shared_tail=b"\xf7\x11\x65" + b"A" * 101 + b"\x17C\x00"),
                   bcf_record(gt, shared_tail=b"\x07\xf7\x11\x65" + b"A" * 101 + b"\x17C\x00"),
                   bcf_record(b"\x11\x70" + gt[2:]), bcf_record(b"\x71" + gt), bcf_record(gt + gt, n_fmt=2)):
        seeds.add("", file(record))
        seeds.add("field=GT", file(bcf_record(gt), record))
    seeds.add("", file(bcf_record(gt), bcf_record(gt, pos=2)))
    seeds.add("", file(bcf_record(gt), header=b"##fileformat=VCFv4.2\n"))
    seeds.add("", file(bcf_record(gt), header=header.replace(b"\n", b"\r\n")))
    seeds.add("", file(header=b""))
    seeds.add("", b"BCF\2\2\xff\xff\xff\xff")
    seeds.add("", b"BCF\2\2\xff\0\0\0##")
    seeds.add("", b"BCF\4\2\xff\0\0\0")
    with tempfile.TemporaryDirectory() as temp:
        path = os.path.join(temp, "x.bcf")
        with open(path, "wb") as f:
            f.write(bcftools(vcf_text(good["GT"], meta=meta), "-Ob"))
        subprocess.run(["bcftools", "index", path], check=True)
        packed, index = open(path, "rb").read(), gzip.decompress(open(path + ".csi", "rb").read())
    seeds.add("", packed, index)
    seeds.add("field=GT calls", packed, index.replace(b"\x04\0\0\0\0\0\0\0", b"\x05\0\0\0\0\0\0\0"))
    seeds.add("", packed, index[:-9])
    # Regions, without and with an index.
    spread = [f"{c} {p} rs{p} A C . . . GT 0/0 0/1 1/1" for c in ("1", "X") for p in range(1000, 1400, 9)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.bcf")
        with open(path, "wb") as f:
            f.write(bgzf(bcftools(vcf_text(spread), "-Ou"), 700))
        subprocess.run(["bcftools", "index", path], check=True)
        with open(path, "rb") as f, open(path + ".csi", "rb") as i:
            whole, csi = f.read(), i.read()
    for regions in ("1:1-1100", "X", "1:1005-1005,X:1100-1200", "2", "X:1390-"):
        seeds.add(f"regions={regions}", bcftools(vcf_text(spread), "-Ou"))
        seeds.add(f"regions={regions}", whole, csi)
    seeds.add("regions=1", whole[:-28], csi)
    seeds.add("regions=1", whole, csi[:60])
