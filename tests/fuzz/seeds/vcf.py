"""VCF text: every FORMAT layout, every kind of refusal."""

import gzip
import os
import subprocess
import tempfile

from seeds.common import bgzf


META = ["##fileformat=VCFv4.2",
        "##contig=<ID=1,length=249250621,assembly=b37>",
        "##contig=<ID=X>",
        '##INFO=<ID=R2,Number=A,Type=Float,Description="q, \\" of">',
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">",
        "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">",
        "##FORMAT=<ID=HDS,Number=.,Type=Float,Description=\"h\">",
        "##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"p\">"]


def vcf_text(records, samples="A B C", meta=META, end="\n", last=True):
    lines = list(meta) + ["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t") +
                          "\t" + samples.replace(" ", "\t")]
    lines += [r.replace(" ", "\t") for r in records]
    return end.join(lines) + (end if last else "")


GOOD = {
    "GT": ["1 5 rs1 A C . PASS R2=0.9;X GT 0/0 0/1 1/1", "1 5 . A C,G . . R2=0.5,0.25 GT 0|0 1|2 2/.",
           "1 7 . A <DEL> . . R2=. GT:DP .:1 ./.:3 1/.:.", "1 8 . A * . . . GT 1|0 0|1 1|1",
           "X 3 . ACGT A . . DR2=1 GT 0 1 .", "X 4 . A C . . . GT:DS 0:0 1|0:1.5 ./.:."],
    "DS": ["1 5 . A C . . . GT:DS 0/0:0 0/1:0.5 1/1:2", "1 6 . A C . . . GT:DS 0|0:0.001 0|1:1 1|0:1.999",
           "1 7 . A C . . . DS 0 0.25 2", "1 8 . A C . . . DS:GT 0:0|0 0.25:0|1 2:1|1",
           "1 9 . A C,T . . . GT:DS 0/0:0,0 0/1:0.5,0.125 1/1:.,.", "1 10 . A C . . . GT:DS 0/0 0/1:. 1/1:2e0",
           "1 11 . A C . . . GT:DP:DS 0/0:3:1.000000 ./.:4 1/1:5:0.50", "X 1 . A C . . . GT:DS 0:0 1:1 0/1:1.5",
           "X 2 . A C . . . DS:HDS 0.5:0.5 1:1 2:1,1"],
    "HDS": ["1 5 . A C . . . GT:HDS 0|0:0,0 0|1:0,1 1|0:0.5,0.25", "1 6 . A C,G . . . HDS 0,0,0,0 1,0,0,1 .",
            "X 7 . A C . . . GT:HDS 0:0 1:1 0|1:0,1", "X 8 . A C,G . . . HDS 0,1 1,0 0,0,0.5,0.5",
            "X 9 . A C . . . HDS .,. 0,. 0.5,0.5", "X 10 . A C . . . GT:DS:HDS 0|1:0.9:. 1|0 .",
           "X 11 . A C . . . GT 0|1 1|1 ."],
    "GP": ["1 5 . A C . . . GT:GP 0/0:1,0,0 0/1:0,1,0 1/1:0.25,0.5,0.25", "1 6 . A C,G . . . GP 1,0,0,0,0,0 0,0,0,0,1,0 .",
           "X 7 . A C . . . GT:GP 0:1,0 1:0,1 0/1:0.01,0.98,0.01", "X 8 . A C . . . GP .,.,. 0.5,0.5 0,0.33,0.66"],
}

BAD = ["1 9 . A C . . . DS 0 0,5 0", "1 9 . A C . . . DS 0 0 nan", "1 9 . A C . . . DS inf 0 0",
       "1 9 . A C . . . DS 0 2.7 0", "1 9 . A C . . . DS 0 -0.5 0", "1 9 . A C . . . DS 0 x 0",
       "1 9 . A C . . . GT:DS 0/0: 0/0:0 0/0:0", "1 9 . A C . . . DS 0x1 0 0", "1 9 . A C . . . DS .. 0 0",
       "X 9 . A C . . . GT:DS 1:2 0|0:0 0|0:0", "1 9 . A C . . . DS 0 0.12345 0",
       "1 9 . A C . . . HDS 0,0 1.5,0 0,0", "1 9 . A C . . . HDS 0,0 0,0,0 0,0",
       "1 9 . A C . . . HDS 0,0 inf,0 0,0", "1 9 . A C . . . GP 1,0,0 0.5,0.5,0.5 1,0,0",
       "1 9 . A C . . . GP 1,0,0 nan,0,0 1,0,0", "1 9 . A C . . . GP 1,0,0 1.5,0,0 1,0,0",
       "1 9 . A C . . . GP 1,0,0 1,0,0,0 1,0,0", "1 9 . A C,G . . . DS 0,0 0.5 0,0",
       "1 9 . A C . . . GT 0/0 0/2 0/0", "1 9 . A C . . . GT 0/0/1 0/0 0/0", "1 9 . A C . . . GT 0/0 A/C 0/0",
       "1 9 . A C . . . GT 0/0 0/1", "1 9 . A C . . . GT 0/0 0/1 0/0 0/0", "1 9 . A C . .", "1 9 . A",
       "1 9x . A C . . . GT 0/0 0/1 0/0", "1 -5 . A C . . . GT 0/0 0/1 0/0", "1 0 . A C . . . GT 0/0 0/1 0/0",
       "1 99999999999999 . A C . . . GT 0/0 0/1 0/0", "1 4 . A C . . . GT 0/0 0/1 0/0",
       "1 9 .  C . . . GT 0/0 0/1 0/0", "1 9 . A C,,G . . . GT 0/0 0/1 0/0", " 9 . A C . . . GT 0/0 0/1 0/0",
       "1 9 . A " + "C" * 101 + " . . . GT 0/0 0/1 0/0", "1 9 . " + "C" * 101 + " A . . . GT 0/0 0/1 0/0",
       "1 249250622 . A C . . . GT 0/0 0/1 0/0", "1 9 . A C . . . DP 1 2 3", "1 9 . A C . . . : 1 2 3",
       "1 9 . A C . . . GT:DS 0/0/0:0 0/0:0 0/0:0", "1 9 . A C . . . GT:DS 0/0:0 0/0:0:0:0 0/0:0.0001",
       "", "1 9 . A " + ",".join("ACGT"[i % 4] * (i // 4 + 1) for i in range(24)) + " . . . GT 0/24 1/3 7|9"]


def indexed(text, kind="-t", ending="tbi", make=bgzf):
    """(BGZF, its index) by bcftools."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        with open(path, "wb") as f:
            f.write(make(text.encode(), 700))
        subprocess.run(["bcftools", "index", kind, path], check=True, stderr=subprocess.DEVNULL)
        with open(path, "rb") as f, open(f"{path}.{ending}", "rb") as i:
            return f.read(), i.read()


def make(seeds):
    for field, records in GOOD.items():
        for words in ("", f"field={field}", f"field={field} calls", f"field={field} units=1000 calls keep=B",
                      f"field={field} compact calls", f"field={field} units=16384"):
            seeds.add(words, vcf_text(records))
    everything = [r for r in GOOD["GT"][:3]] + ["2 5 . A C . . . GT:DS:HDS:GP 0/0:0:0,0:1,0,0 0/1:1:0,1:0,1,0 1/1:2:1,1:0,0,1"]
    seeds.add("", vcf_text(everything, end="\r\n"))
    seeds.add("", vcf_text(everything, last=False))
    seeds.add("units=127", gzip.compress(vcf_text(GOOD["DS"]).encode()))
    seeds.add("units=255 calls", bgzf(vcf_text(GOOD["DS"]).encode(), 200))
    seeds.add("units=999999", vcf_text(GOOD["DS"]))
    seeds.add("units=x", vcf_text(GOOD["DS"]))
    seeds.add("build=GRCh38", vcf_text(GOOD["GT"]))
    seeds.add("keep=nobody", vcf_text(GOOD["GT"]))
    for words in ("field=DS units=1000 calls", "field=GT calls", "field=HDS units=1000 calls", "field=GP units=1000"):
        field = words.split()[0][6:]
        for record in BAD:
            if field in record.split(" ")[-4 if len(record.split(" ")) > 11 else -1] or field == "GT":
                seeds.add(words, vcf_text([GOOD[field][0].replace("0.5,0.25", "0.5,0.5"), record]))
    for text in ("", "##", "hello\n", "##fileformat=VCFv4.2\n", "##fileformat=VCFv4.2\n1\t5\t.\tA\tC\t.\t.\t.\n",
                 "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
                 "##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A\n",
                 "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\t\tB\n",
                 vcf_text([]), vcf_text(GOOD["GT"], samples="A A C"), vcf_text(["1 9 . A C . . . GT 0/0", ""], samples="A")):
        seeds.add("", text)
    for line in ("##FORMAT=<Number=1>", "##contig=<length=5>", "##contig=<ID=1,IDX=x>", "##INFO=<ID=a,IDX=99999999>",
                 "##contig=<ID=7,IDX=5>", "##INFO=<ID=a,IDX=7>", "##reference=file:///hg38.fa", "##reference=GRCh37 GRCh38",
                 "##contig=<ID=chr2,length=242193529>", "##contig=<ID=1,length=5>", "##nothing", "##INFO=a", "##FILTER=<ID=q,D=>",
                 "##INFO=<ID=DR2,Description=\"a\\\">", "##contig=<ID=1,assembly=hg19>", "##x=\x01\x1b[2J"):
        seeds.add("", vcf_text(GOOD["GT"][:1], meta=META[:1] + [line] + META[1:]))
        seeds.add("", vcf_text(GOOD["GT"][:1], meta=[META[0], line] + META[3:]))
    seeds.add("", vcf_text(GOOD["GT"]).replace("PASS", "\x1b[31m\xff").encode("latin-1"))
    seeds.add("field=DS units=1000", vcf_text(["1 5 . A C . . . DS \x07\x1b 0 0"]))
    # Regions, without and with an index.
    spread = [f"{c} {p} rs{p} A C . . . GT:DS 0/0:0 0/1:{p % 20 / 10} 1/1:2" for c in ("1", "X") for p in range(1000, 1400, 9)]
    text = vcf_text(spread)
    for regions in ("1:1-1100", "X", "1:1005-1005,X:1100-1200", "2", "X:1390-", "x:y"):
        seeds.add(f"regions={regions}", text)
        seeds.add(f"regions={regions}", *indexed(text))
    whole, index = indexed(text)
    seeds.add("regions=1", whole[:-28], index)
    seeds.add("regions=1", indexed(vcf_text(spread[1:]))[0], index)
    seeds.add("regions=1", whole, index[:60])
    # Alleles in small letters, with an end in common, twice.
    for alleles in ("a c", "ac tc,gc", "ACC TCC,AC", "A C,C", "A <X>,<X>", "a A", "n <DEL>"):
        seeds.add("", vcf_text([f"1 9 . {alleles} . . . GT 0/0 0/1 1/1"]))
