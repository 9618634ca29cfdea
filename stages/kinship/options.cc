#include "stages/kinship/options.h"

#include <nlohmann/json.hpp>

namespace kinflow::kinship {

SchemaNode KinshipSchema() {
  using namespace schema;
  SchemaNode variants =
      Map("variants", "variants that people are compared by, autosomes only",
          {Number("call_rate", "smallest share of people with a call; 0 = off")
               .Default("0.95")
               .Within(0, 1),
           Number("maf", "smallest minor allele frequency in founders; 0 = off")
               .Default("0.01")
               .Within(0, 0.5),
           Choice("high_ld", "regions of long-range linkage disequilibrium", {"drop", "keep"})
               .Default("drop"),
           Number("prune_r2",
                  "of two variants with a larger squared correlation in founders one is dropped; 0 "
                  "= off")
               .Default("0.2")
               .Within(0, 1),
           Int("prune_window_kb", "distance up to which variants are compared, in kb")
               .Default("1000")
               .Within(1, 100000),
           Number("hard_call_threshold",
                  "a dosage this near to a whole number of copies counts as a call")
               .Default("0.1")
               .Within(0, 0.4999)});
  return Map("kinship", "relatedness of all pairs of people, against the pedigree",
             {Bool("compute", "compare all pairs of people").Default("false"), std::move(variants),
              Number("min_kinship", "pairs below it are left out unless the pedigree relates them")
                  .Default("0.0442")
                  .Within(-1e9, 0.5),
              Number("min_call_rate",
                     "people with calls at a smaller share of variants (through QC, or else with "
                     "variants.call_rate) are proposed for removal; 0 = off")
                  .Default("0.98")
                  .Within(0, 1),
              Number("max_sum_kinship",
                     "people whose kinship with those whom the pedigree does not relate adds up to "
                     "more are OUTLIER in kinship_people.tsv (contaminated, perhaps); no value: "
                     "from the data")
                  .Nullable()
                  .Within(0, 1e9),
              Bool("concordance",
                   "discordant calls of each variant in people found twice; a pass over the data "
                   "where there are any")
                  .Default("true"),
              Text("decisions",
                   "decisions to apply before anything else: decisions.tsv of an earlier run, read "
                   "and edited by a person")
                  .Nullable()});
}

KinshipOptions KinshipOptions::FromConfig(const ConfigNode& kinship) {
  KinshipOptions o;
  o.compute = kinship.Bool("compute");
  o.call_rate = kinship.Number("variants.call_rate");
  o.maf = kinship.Number("variants.maf");
  o.hard_call_threshold = kinship.Number("variants.hard_call_threshold");
  o.without_high_ld = kinship.Text("variants.high_ld") == "drop";
  o.prune_r2 = kinship.Number("variants.prune_r2");
  o.prune_window_kb = static_cast<uint32_t>(kinship.Int("variants.prune_window_kb"));
  o.min_kinship = kinship.Number("min_kinship");
  o.min_call_rate = kinship.Number("min_call_rate");
  if (kinship.Has("max_sum_kinship")) o.max_sum_kinship = kinship.Number("max_sum_kinship");
  return o;
}

std::string KinshipOptions::VariantsJson() const {
  return nlohmann::json{
      {"call_rate", call_rate}, {"maf", maf}, {"without_high_ld", without_high_ld}}
      .dump();
}

std::string KinshipOptions::PruneJson() const {
  return nlohmann::json{{"r2", prune_r2},
                        {"window_kb", prune_window_kb},
                        {"hard_call_threshold", hard_call_threshold}}
      .dump();
}

std::string KinshipOptions::CallsJson() const {
  return nlohmann::json{{"hard_call_threshold", hard_call_threshold}}.dump();
}

std::string KinshipOptions::PairsJson() const {
  return nlohmann::json{{"min_kinship", min_kinship}}.dump();
}

}  // namespace kinflow::kinship
