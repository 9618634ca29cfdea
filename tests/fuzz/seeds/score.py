"""Score files: PGS Catalog, normalised tables, wide tables."""

import gzip

CATALOGUE = ("###PGS CATALOG SCORING FILE\n#format_version=2.0\n##POLYGENIC SCORE\n#pgs_id=PGS1\n"
             "#pgs_name= x \n#genome_build=NR\n#HmPOS_build=GRCh38\n")
ROLES = "chr_name chr_position rsID effect_allele other_allele effect_weight".split()


def table(rows, header=None, separator="\t"):
    lines = [header or ROLES] + rows
    return "".join(separator.join(r) + "\n" for r in lines)


def row(**changes):
    values = dict(chr_name="1", chr_position="100", rsID="rs1", effect_allele="A", other_allele="g",
                  effect_weight="0.5")
    values.update(changes)
    return list(values.values())


def with_column(name, values):
    return table([row() + [v] for v in values], ROLES + [name])


def make(seeds):
    seeds.add(CATALOGUE + table([row(), row(chr_name="chrX", effect_weight="-1e-3"), row(chr_position="")]))
    hm = ROLES + ["hm_source", "hm_rsID", "hm_chr", "hm_pos", "hm_inferOtherAllele"]
    seeds.add(CATALOGUE + table([row() + ["ENSEMBL", "rs1", "1", "101", ""], row(other_allele="") + ["liftover", "", "", "", "G/T"],
                                 row(rsID="") + ["", "rs9", "2", "7", "C"]], hm))
    seeds.add(gzip.compress((CATALOGUE + table([row()])).encode()))
    seeds.add("\ufeff" + table([row()]).replace("\n", "\r\n"))
    seeds.add(table([row()], separator=","))
    seeds.add(table([row(), row(effect_weight="1")], separator=" "))
    seeds.add("# a comment\n\n" + table([row()]) + "\n \n")
    seeds.add("#" + table([row()]))
    for name, values in {"is_dominant": ["True", "FALSE", "", "1"], "is_recessive": ["T", "f"], "is_haplotype": ["True"],
                         "is_diplotype": ["1"], "is_interaction": ["True"], "variant_type": ["HLA-A", "APOE", "CYP2", "SNP"],
                         "effect_type": ["additive", "dominant", "recessive", "nonadditive"], "unknown": ["x"],
                         "allelefrequency_effect_EUR": ["0.1"], "": ["", " "]}.items():
        seeds.add(with_column(name, values))
    for name, value in {"is_dominant": "maybe", "effect_type": "other", "row_nr": "x", "OA": "A", "chr": "1", "": "extra"}.items():
        seeds.add(with_column(name, [value]))
    seeds.add(table([row() + ["True", "True"]], ROLES + ["is_dominant", "is_recessive"]))
    names = ROLES[:5] + ["dosage_0_weight", "dosage_1_weight", "dosage_2_weight"]
    seeds.add(table([row()[:5] + ["0", "0.5", "1"]], names))
    seeds.add(table([row()[:5] + ["0", "", "1"]], names))
    seeds.add(table([row()[:5] + ["0", "1"]], names[:-1]))
    seeds.add(table([row() + ["0", "0.5", "1"], row(effect_weight="") + ["0", "1", "2"]], ROLES + names[5:]))
    normal = ["accession", "row_nr"] + ROLES + ["effect_type"]
    seeds.add(table([["PGS1", "0"] + row() + ["additive"], ["PGS2", "0"] + row() + ["recessive"], ["PGS1", "7"] + row(chr_position="") + ["dominant"]], normal))
    seeds.add(table([["", "0"] + row() + ["additive"]], normal))
    seeds.add(table([["PGS1", "4294967296"] + row() + ["additive"]], normal))
    wide = ROLES[:5] + ["s1", "s2", "s3"]
    seeds.add(table([row()[:5] + ["0.5", "0", "NA"], row()[:5] + ["", "1", "-2"]], wide))
    seeds.add(table([row()[:5] + ["0"]], wide[:6]))
    seeds.add(table([row()[:5] + ["0.5", "x", "1"]], wide))
    for changes in (dict(effect_allele=""), dict(effect_allele="<DEL>"), dict(effect_allele="I"), dict(effect_allele="*"),
                    dict(effect_allele="P"), dict(effect_allele="A_X_B"), dict(effect_allele="HLA-B"), dict(effect_allele="A/T"),
                    dict(chr_position="1.04E+08"), dict(chr_position="99999999999"), dict(chr_position="0", rsID="."),
                    dict(chr_position="", rsID=""), dict(effect_weight="0,5"), dict(effect_weight="nan"), dict(effect_weight="inf"),
                    dict(effect_weight="0x1"), dict(effect_weight=""), dict(effect_weight="1e999"), dict(effect_weight="\x1b[2J\x7f"),
                    dict(other_allele="C/G"), dict(rsID="nan"), dict(chr_name="")):
        seeds.add(table([row(**changes)]))
    for header in (ROLES[:5], ROLES[:3] + ROLES[4:], ["effect_allele", "effect_weight"], ROLES + ["rsID"], ["x", "y"],
                   ["\x1b[31m", "effect_allele", "effect_weight", "\x1b[31m"], ["rsID", "a1", "beta"]):
        seeds.add(table([row()[:len(header)]], header))
    for build in ("hg19", "GRCh38", "hg18", "NCBI35", "NR", "odd"):
        seeds.add(f"#genome_build={build}\n#omicspred_id=O1\n" + table([row()]))
    seeds.add("")
    seeds.add("# only\n#a=b\n")
    seeds.add(table([]))
    seeds.add(table([row()]).replace("rs1", "r\0"))
    # Parts of a score.
    one = table([row(), row(chr_position="200", rsID="rs2")])
    for part in (one, table([row()[:5] + ["0.5", "0", "1"]], wide), table([row(effect_weight="x")]), "", "x",
                 table([["PGS1", "0"] + row() + ["additive"]], normal), table([row()[:5] + ["0", "0.5", "1"]], names)):
        seeds.add(one + "<<<>>>" + part)
        seeds.add(part + "<<<>>>" + one)
