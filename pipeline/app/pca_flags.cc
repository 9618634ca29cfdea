#include "pipeline/app/pca_flags.h"

#include <fmt/format.h>

namespace kinflow {

void PcaFlags::AddTo(CLI::App& command) {
  command.add_option("--components", components, "number of components (10)")
      ->check(CLI::Range(1, 100));
  command
      .add_option("--max-kinship", max_kinship,
                  "no two of the fitted founders have a larger kinship (0.0884)")
      ->check(CLI::Range(0.0, 0.5));
}

std::vector<std::string> PcaFlags::Overrides() const {
  std::vector<std::string> own = {"pca.compute=true"};
  if (components) own.push_back(fmt::format("pca.components={}", *components));
  if (max_kinship) own.push_back(fmt::format("pca.max_kinship={}", *max_kinship));
  return own;
}

}  // namespace kinflow
