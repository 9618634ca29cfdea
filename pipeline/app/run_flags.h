#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kinflow {

/// Check of a --set: KEY=VALUE, the key words joined by points. A failure is a usage error.
CLI::Validator KeyAndValue();
/// Check of a --regions: what RegionSet::Parse reads.
CLI::Validator RegionList();
/// Adds --sample-file and --bgen-ref.
void AddBgenFlags(CLI::App& command, std::string& sample_file, std::string& bgen_ref);

/// Flags shared by every command that plans or runs. Each is a shorthand for a config key, so that
/// a config and a command line give the same plan.
struct RunFlags {
  std::string threads, memory, work, progress = "auto", log;
  std::vector<std::string> set;
  bool break_lock = false;
  bool quiet = false;

  void AddTo(CLI::App& command);
  /// "resources.threads=4" ... for LoadConfig; --set last, so that it wins. `base` is the folder
  /// that relative paths of the config start from; those of the command line start from the current
  /// one.
  std::vector<std::string> Overrides(const std::string& base = "") const;
};

/// Genotype selection flags of the one-shot commands, as overrides of `input`.
struct GenotypeFlags {
  std::vector<std::string> geno;
  std::string field, build, sample_file, bgen_ref, samples, variants, exclude, regions, out;

  void AddTo(CLI::App& command);  // --geno, --out and the selection
  void AddSelection(CLI::App& command);
  std::vector<std::string> Overrides() const;
};

}  // namespace kinflow
