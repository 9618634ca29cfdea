#include "pipeline/app/pca_flags.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace kinflow {

void PcaFlags::AddTo(CLI::App& command) {
  command.add_option("--components", components, "number of components (10)")
      ->check(CLI::Range(1, 100));
  auto* kinship = command
                      .add_option("--max-kinship", max_kinship,
                                  "no two of the fitted founders have a larger kinship (0.0884)")
                      ->check(CLI::Range(0.0, 0.5));
  auto* loadings =
      command
          .add_option(
              "--project", project,
              "pca_loadings.h5 of other people: everybody is projected on it, nobody fitted")
          ->excludes(kinship);
  auto* table =
      command
          .add_option("--reference", reference,
                      "components and groups of these people (their pca.tsv with a column of "
                      "groups): the most similar group of everybody")
          ->needs(loadings);
  command.add_option("--group", group, "that column (group)")->needs(table);
  command
      .add_flag("--keep-shrinkage", keep_shrinkage,
                "leave projected people nearer to 0 than fitted ones")
      ->needs(loadings);
}

std::vector<std::string> PcaFlags::Overrides() const {
  std::vector<std::string> own = {"pca.compute=true"};
  if (components) own.push_back(fmt::format("pca.components={}", *components));
  if (max_kinship) own.push_back(fmt::format("pca.max_kinship={}", *max_kinship));
  const auto add_text = [&own](const char* key, const std::string& text) {
    if (!text.empty()) own.push_back(fmt::format("pca.{}={}", key, nlohmann::json(text).dump()));
  };
  add_text("project", project);
  add_text("reference.file", reference);
  add_text("reference.group", group);
  if (keep_shrinkage) own.emplace_back("pca.correct_shrinkage=false");
  return own;
}

}  // namespace kinflow
