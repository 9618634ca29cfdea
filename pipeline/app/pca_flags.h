#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kinflow {

/// Flags of `pca`, each a shorthand for a key under `pca`.
struct PcaFlags {
  std::optional<int> components;
  std::optional<double> max_kinship;
  std::string project, reference, group;
  bool keep_shrinkage = false;

  void AddTo(CLI::App& command);
  std::vector<std::string> Overrides() const;
};

}  // namespace kinflow
