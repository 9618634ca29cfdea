#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kinflow {

/// Flags of `score`, each a shorthand for a key under `scores`. Names are plink2's where it has
/// them.
struct ScoreFlags {
  std::vector<std::string> weights, columns;
  std::string layout, header, ratios, frequencies, chain;  // how files are read
  std::string missing, by, rules, ambiguous, duplicates, x_males;
  double min_overlap = -1, min_weight_overlap = -1;
  bool keep_ambiguous = false, no_mean_imputation = false, plink2_compat = false;
  bool centre = false, standardise = false, dominant = false, recessive = false;
  bool detail = false, sscore = false, list_variants = false, text = false;
  bool transmitted = false, impute_parents = false;

  void AddTo(CLI::App& command);
  std::vector<std::string> Overrides() const;

 private:
  void AddReading(CLI::App& command);
  void AddMatching(CLI::App& command);
  std::string Files() const;
};

}  // namespace kinflow
