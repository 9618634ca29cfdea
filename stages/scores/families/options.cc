#include "stages/scores/families/options.h"

#include <nlohmann/json.hpp>

namespace kinflow {

SchemaNode FamilyScoresSchema() {
  using namespace schema;
  return Map(
      "families", "scores by parent of origin, and of parents without genotypes",
      {Bool("transmitted",
            "scores of the alleles that mother and father passed on to a child and of those they "
            "did not: pgs.t_mother, pgs.nt_mother, pgs.t_father, pgs.nt_father in formulas")
           .Default("false"),
       Bool("impute_parents",
            "expected score of a parent without genotypes, from the child and the other parent, or "
            "from siblings; analyses use it as that parent's score")
           .Default("false"),
       Choice("phase",
              "heterozygous children of heterozygous parents: by the phase of the input where it "
              "has one, or by expectation alone",
              {"use", "ignore"})
           .Default("use")});
}

FamilyScoreOptions FamilyScoreOptions::FromConfig(const ConfigNode& node) {
  FamilyScoreOptions options;
  options.transmitted = node.Bool("transmitted");
  options.impute_parents = node.Bool("impute_parents");
  options.use_phase = node.Text("phase") == "use";
  return options;
}

std::string FamilyScoreOptions::ToJson() const {
  return nlohmann::json{{"impute_parents", impute_parents},
                        {"phase", use_phase ? "use" : "ignore"},
                        {"transmitted", transmitted}}
      .dump();
}

}  // namespace kinflow
