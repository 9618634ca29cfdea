""".bed with .bim and .fam."""

import gzip

from seeds.common import bgzf


def make(seeds):
    fam = "F1 a 0 0 1 -9\n0 b a 0 2 1\nF1\tc\t0\t0\t0\t2\nF2 d 0 0 x 0\nF2 e 0 0 2 0\n"
    bim = "1 rs1 0 100 A G\n1\trs2\t0\t200\t0\tC\nchrX rs3 300 T A\nchrX rs4 0 300 T A\n"
    head = b"\x6c\x1b\x01"
    rows = b"\x1b\x00\xe4\x03\xff\x02\x00\x01"
    seeds.add("", head + rows, bim, fam)
    seeds.add("keep=c", head + rows, bim, fam)
    seeds.add("keep=zz", head + rows, bim, fam)
    seeds.add("field=GT", head + rows, bim.replace("\n", "\r\n"), fam.replace("\n", "\r\n"))
    seeds.add("field=DS", head + rows, bim, fam)
    four = "".join(fam.splitlines(True)[:4])
    seeds.add("", head + b"\x1b\x00\xe4\x03", bim, four)
    seeds.add("keep=d", head + b"\x1b\x00\xe4\x03", bim, four)
    seeds.add("", head + rows, gzip.compress(bim.encode()), bgzf(fam.encode()))
    seeds.add("", head + rows[:-1], bim, fam)                      # too short
    seeds.add("", head + rows + b"\0", bim, fam)                   # too long
    seeds.add("", head + b"\x1b\xfc" + rows[2:], bim, fam)         # bits behind the last sample
    seeds.add("", b"\x6c\x1b\x00" + rows, bim, fam)                # sample-major
    seeds.add("", b"\x6c\x1b\x02" + rows, bim, fam)
    seeds.add("", b"\x6c", bim, fam)
    seeds.add("", b"", bim, fam)
    seeds.add("", head + rows, "", fam)
    seeds.add("", head + rows, bim, "")
    seeds.add("", head + rows, bim.replace("200", "50"), fam)      # order
    seeds.add("", head + rows, bim.replace("chrX", "2", 1).replace("chrX", "1"), fam)
    seeds.add("", head + rows, bim.replace("chrX", "23", 1), fam)    # two names of a chromosome
    seeds.add("", head + rows, bim.replace("200", "2x"), fam)
    seeds.add("", head + rows, bim.replace("200", "99999999999"), fam)
    seeds.add("", head + rows, bim.replace("200", "-2"), fam)
    seeds.add("", head + rows, bim.replace("0 100 A G", "A"), fam)
    seeds.add("", head + rows, bim.replace("A G", "A" * 101 + " G"), fam)
    seeds.add("", head + rows, bim, fam.replace(" e ", " 0 "))
    seeds.add("", head + rows, bim, fam.replace(" e ", " d "))
    seeds.add("", head + rows, bim, fam.replace("0 0 2 0\n", "0\n"))
    seeds.add("", head + rows, bim.replace("rs1", "r\0s"), fam)
    seeds.add("", head + rows, b"1 rs1 0 100 \xff\x07 G\n1 rs1 0 \x1b[2J \xff G\n", fam)
    for regions in ("1:1-150", "X", "2", "1:200-200,X:1-400", "1:1-150,1:100-120,1:151-199,X:300-", "X:300,chrX:301-400,X:200"):
        seeds.add("regions=" + regions, head + rows, bim, fam)
    seeds.add("keep=c regions=1:150-", head + rows, bim, fam)
    seeds.add("", head + rows, bim, fam[:-1])
    seeds.add("", head + rows, bim[:-1], fam)
    # More people than a word holds.
    many = "".join(f"F p{i} 0 0 {i % 3} -9\n" for i in range(35))
    long = bytes(range(0, 252, 28)) + b"\x1b\xe4\x03\xff\x02\xf0\x0f\x01\x3f" + b"\0" * 18
    for words in ("", "keep=p33", "regions=X", "keep=p2 regions=1"):
        seeds.add(words, head + long, bim, many)
