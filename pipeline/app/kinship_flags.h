#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kinflow {

/// Flags of `kin`, each a shorthand for a key under `kinship`.
struct KinshipFlags {
  std::optional<double> min_kinship, maf, call_rate, prune_r2;
  std::optional<int> prune_window_kb;
  bool keep_high_ld = false;

  void AddTo(CLI::App& command);
  std::vector<std::string> Overrides() const;
};

}  // namespace kinflow
