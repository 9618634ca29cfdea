#include "pipeline/app/unused_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinflow {
namespace {

/// Names of the values that the config or the command line gives, with those of maps within.
void AddGiven(const std::string& name, const ConfigNode& node, std::vector<std::string>& given) {
  if (node.kind() == ConfigNode::Kind::kMap) {
    for (const auto& [key, member] : node.members()) AddGiven(name + "." + key, member, given);
  } else if (node.is_given() && !node.is_null()) {
    given.push_back(name);
  }
}

/// Keys of a part that are given and start with none of `used`.
std::vector<std::string> Unused(const std::string& part, const ConfigNode& root,
                                const std::vector<std::string>& used) {
  std::vector<std::string> given;
  AddGiven(part, root.At(part), given);
  std::erase_if(given, [&used](const std::string& name) {
    return std::any_of(used.begin(), used.end(),
                       [&name](const std::string& key) { return name.starts_with(key); });
  });
  return given;
}

void Tell(const std::vector<std::string>& keys, const std::string& why, const std::string& instead,
          Log& log) {
  if (keys.empty()) return;
  log.Warn("{}: given, but not used: {}; {}leave {} out", fmt::join(keys, ", "), why, instead,
           keys.size() == 1 ? "it" : "them");
}

/// Not where `compute` is given: it says that the others are kept for another run.
void TellWhereNotComputed(const std::string& part, const ConfigNode& root,
                          const std::vector<std::string>& used, Log& log) {
  if (root.At(part).At("compute").origin() != "default") return;
  Tell(Unused(part, root, used), part + " is not computed",
       fmt::format("set {}.compute: true, or ", part), log);
}

}  // namespace

void WarnOfUnusedKeys(const ConfigNode& root, Log& log) {
  if (root.Bool("scores.plink2_compat") &&
      (root.Text("scores.genotypes") == "as_is" || root.Text("scores.missing") != "mean")) {
    Tell({"scores.plink2_compat"},
         "it is about the means of missing genotypes that are centred or standardised",
         "set scores.genotypes (--center, --variance-standardize) and scores.missing: mean, or ",
         log);
  }
  const bool projects = root.Has("pca.project"), fits = root.Bool("pca.compute") && !projects;
  if (projects) {
    std::vector<std::string> used = {"pca.compute",     "pca.project",    "pca.components",
                                     "pca.min_overlap", "pca.outlier_sd", "pca.correct_shrinkage"};
    if (root.Has("pca.reference.file")) used.emplace_back("pca.reference");
    Tell(Unused("pca", root, used), "people are projected (pca.project), nobody is fitted", "",
         log);
  } else if (fits) {
    Tell(Unused("pca", root,
                {"pca.compute", "pca.components", "pca.max_kinship", "pca.tolerance",
                 "pca.outlier_sd", "pca.max_passes"}),
         "components are fitted, nobody is projected", "name loadings under pca.project, or ", log);
  } else {
    TellWhereNotComputed("pca", root, {}, log);
  }
  if (root.Bool("kinship.compute")) return;
  // Decisions are applied in any run. Relatives are looked for where components are fitted, yet not
  // what samples of one person tell of variants.
  std::vector<std::string> used = {"kinship.decisions"};
  if (fits) {
    used.insert(used.end(), {"kinship.variants", "kinship.min_kinship", "kinship.min_call_rate",
                             "kinship.max_sum_kinship"});
  }
  if (projects) used.emplace_back("kinship.variants.hard_call_threshold");
  TellWhereNotComputed("kinship", root, used, log);
}

}  // namespace kinflow
