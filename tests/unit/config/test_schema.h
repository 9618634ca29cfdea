#pragma once

#include <string>
#include <vector>

#include "pipeline/config/config_loader.h"

namespace kinflow::test {

/// A small schema with every type and modifier.
inline SchemaNode TestSchema() {
  using namespace schema;
  return Map("", "",
             {Int("schema_version", "version of this file").Required(),
              Map("input", "genotypes",
                  {Text("genotypes", "file or pattern").Required(),
                   Choice("field", "dosage field", {"auto", "DS", "GT"}).Default("auto")}),
              Map("qc", "quality control",
                  {Bool("mid_p", "mid-p correction").Default("true"),
                   Map("variant", "variant filters",
                       {Number("maf", "minor allele frequency").Within(0, 0.5).Default("0.01"),
                        Int("min_count", "alleles").Within(1, 100).Default("5"),
                        Number("hwe_p", "smallest p").Within(0, 1).Nullable()})}),
              TextList("accept", "accepted losses"),
              TextList("steps", "steps of the model").DefaultList({"mother", "father"}),
              TextList("files", "score files").OneOrMore(),
              Map("pedigree", "relations", {Text("file", ".fam or table").Required()}).Nullable(),
              List("analyses", "models",
                   Map("", "",
                       {Text("id", "name of the model").Required(),
                        Text("formula", "terms").Default("y ~ x"),
                        Number("weight", "weight").Nullable()})),
              FreeMap("scales", "items of each scale", Int("", "items").Within(0, 1000)),
              Map("resources", "machine",
                  {Text("threads", "threads").Default("auto").NoResult(),
                   Text("country", "a text").Default("NO")})});
}

inline const std::string kGoodConfig =
    "schema_version: 1\n"
    "input:\n"
    "  genotypes: chr@.vcf.gz\n"
    "  field: DS\n"
    "qc:\n"
    "  mid_p: false\n"
    "  variant: {maf: 5e-3, min_count: 10, hwe_p: 1e-6}\n"
    "accept: [one, 'two']\n"
    "files: weights.txt\n"
    "pedigree:\n"
    "  file: cohort.fam\n"
    "analyses:\n"
    "  - {id: joint, formula: \"y ~ time + (1 | m_id)\"}\n"
    "  - id: second\n"
    "    weight: -2\n"
    "scales: {scl: 8, epds: 10}\n";

inline ConfigResult Load(const std::string& text, const std::vector<std::string>& set = {}) {
  return LoadConfigText(text, "run.yaml", TestSchema(), set);
}

/// The errors of a config, formatted, one string.
inline std::string Messages(const ConfigResult& result) {
  std::string out;
  for (const auto& error : result.errors) out += error.Format() + "\n";
  return out;
}

}  // namespace kinflow::test
