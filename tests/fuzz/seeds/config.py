"""Configs: the templates, every kind of value, what YAML allows and a config does not."""

import glob
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

FULL = """schema_version: 1
input:
  genotypes: [a.vcf.gz, "b.bed"]
  field: DS
  build: GRCh38
pedigree: {file: p.fam, columns: {id: child}, pregnancy_ids: per_mother}
phenotypes:
  - {file: p.tsv, id: IID, missing: [-9], text: batch, delimiter: tab}
qc:
  preset: none
  variant: {maf: 0.01, hwe_p: 1e-6}
dosage: {units: 1000}
scores:
  files: s.txt
  names: {PGS1: height}
  match: {min_overlap: 0.5, ambiguous: keep}
analyses:
  - id: a
    outcome: {variable: age, of: child}
    covariates: [age, factor(batch)]
    steps: [[pgs.mother], [pgs.father]]
  - id: b
    formula: "age ~ pgs.mother + pgs.father * pgs.child - 1"
    contrasts: ["pgs.mother - pgs.father"]
accept:
  - {what: E0431, reason: "known"}
output: {folder: out, small_cell: 3}
resources: {threads: 4, memory: 8G, tile_variants: 256}
"""


def make(seeds):
    seeds.add("", FULL)
    for path in sorted(glob.glob(os.path.join(ROOT, "configs", "**", "*.yaml"), recursive=True)):
        seeds.add("", open(path).read())
    minimal = "schema_version: 1\ninput:\n  genotypes: a.bed\n"
    seeds.add("", minimal)
    for overrides in ("qc.variant.maf=0.2", "analyses.0.id=z", "analyses.9.id=z", "scores.files=[x, y]", "input.genotypes={a: 1}", "qc.variant.maf=",
                      "=1", "qc..maf=1", "nothing", "scores.names={A: b}", "qc.nothing=1", 'output.folder="a b"', "accept=[{what: x, reason: y}]",
                      "qc.variant.maf=[1", "qc.variant.maf='0.2'", "schema_version=2", "pedigree=null", "phenotypes=~", "a.b.c.d=*x", "qc.variant.maf=0.2\nqc.variant.maf=0.3"):
        seeds.add(overrides, FULL)
    for old, new in (("schema_version: 1", "schema_version: 2"), ("schema_version: 1", "schema_version: '1'"), ("schema_version: 1\n", ""), ("maf: 0.01", "maf: 0,01"),
                     ("maf: 0.01", "maf: 5 %"), ("maf: 0.01", "maf: 5%"), ("maf: 0.01", "maf: ''"), ("maf: 0.01", "maf: +0.1"), ("maf: 0.01", "maf: .inf"),
                     ("maf: 0.01", "maf: 0.9"), ("maf: 0.01", "maf: 1e-400"), ("maf: 0.01", "maf: null"), ("maf: 0.01", "maf: [1]"), ("maf: 0.01", "maf: {a: 1}"),
                     ("maf: 0.01", "maff: 0.01"), ("maf: 0.01", "info: 0.3, maf: 0.1, maf: 0.2"), ("small_cell: 3", "small_cell: 3.5"), ("small_cell: 3", "small_cell: 03"),
                     ("small_cell: 3", "small_cell: 1e2"), ("small_cell: 3", "small_cell: 99999999999999999999"), ("small_cell: 3", "small_cell: 1_000"),
                     ("small_cell: 3", "small_cell: 0x10"), ("small_cell: 3", "small_cell: true"), ("field: DS", "field: ds"), ("field: DS", "field: XX"), ("field: DS", "field:"),
                     ("preset: none", "preset: yes"), ("preset: none", "preset: 'none'"), ("threads: 4", "threads: \"\\x1b[2J\""), ("threads: 4", "threads: \"a\\0b\""),
                     ("id: a", "id: &x a"), ("id: a", "id: *x"), ("id: a", "id: !!str a"), ("id: a", "id: ! a"), ("id: a", "<<: {a: 1}"), ("id: a", "? [a]\n    : b"), ("id: a", "? \n    : b"),
                     ("id: a", "id: |\n      x\n      y"), ("id: a", "\"i\\x07d\": 1"), ("output:", "---\noutput:"), ("output:", "...\noutput:"), ("  - id: b", "  -\n  - id: b"),
                     ("pedigree:", "%YAML 1.2\n---\npedigree:"), ("[a.vcf.gz", "[[a.vcf.gz"), ("{maf", "{{maf"), ("outcome:", "outcome"), ("  - id: a", "\t- id: a"),
                     ("formula: \"age ~", "formula: \"age ~ (1 | x) +"), ("formula: \"age", "formula: \"~ age"), ("age, factor(batch)", "age:age, `a b`"),
                     ("[[pgs.mother], [pgs.father]]", "[[x], []]"), ("pgs.mother - pgs.father\"", "2 *\""), ("analyses:", "analyses: []\nx:"),
                     ("id: a", "id: a\n    refit: yes"), ("id: a", "id: a\n    refit: 0"), ("id: a", "id: a\n    refit: 'true'"), ("id: a", "id: a\n    refit: maybe"), ("id: a", "id: ''"),
                     ("output: {folder: out, small_cell: 3}", "output: out"), ("match: {min_overlap: 0.5, ambiguous: keep}", "match: keep"), ("tile_variants: 256", "tile_variants: x"),
                     ("tile_variants: 256", "tile_variants: 0"), ("memory: 8G", "memory: 8"), ("memory: 8G", "memory: 99999999999T"), ("analyses:", "analyses: x\ny:")):
        assert old in FULL, old
        seeds.add("", FULL.replace(old, new, 1))
    for text in ("", "\n", "# nothing\n", "text", "- a\n", "null", "~", "{}", "[]", "'", "\"", "a: b: c", "%YAML 1.2\n---\na: 1\n", "--- a\n--- b\n", "\ufeffa: 1", "a: \x01", "a: \x7f",
                 "a: \u0085", "a\rb", "a: b\r\n", "a:\n\tb", "&a [*a]", "[" * 40, "{a: " * 40, "? a", "key: [", "a: 'b", "@", "`", "? ? ? a", "a: \"\\ud800\"", "- - - a",
                 "schema_version: 1\ninput: null\n", "schema_version: 1\ninput:\n", "\"\\x7f\": 1", "*a : 1", "a: *b", "!t a: 1"):
        seeds.add("", text)
    seeds.add("", "".join(f"k{i:x}: 1\n" for i in range(1010)))
    seeds.add("k" * 199 + "\u00e6.x=1", "k" * 199 + "\u00e6\u00f8: 1\n")
    for raw in (b"\xff\xfea\0", b"\xfe\xff\0a", b"a: \xff", b"a: \xc0\xaf", b"a: \xed\xa0\x80", b"a: \xf4\x90\x80\x80", b"a: \xc2\x80", b"a: \xe2\x82\xac"):
        seeds.add("", raw)
