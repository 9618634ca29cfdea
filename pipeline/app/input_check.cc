#include "pipeline/app/input_check.h"

#include <functional>

#include "pipeline/app/genotype_input.h"
#include "pipeline/base/file.h"
#include "stages/formats/input_patterns.h"
#include "stages/formats/pedigree_table.h"
#include "stages/formats/phenotype_table.h"
#include "stages/scores/options.h"

namespace kinflow {
namespace {

class InputCheck {
 public:
  explicit InputCheck(const LoadedConfig& config) : config_(config) {}

  std::vector<Error> Go() {
    CheckGenotypes();
    const ConfigNode& root = config_.root;
    if (!root.At("pedigree").is_null()) {
      Try([&] {
        PedigreeOptions options = PedigreeOptionsFrom(root.At("pedigree"));
        options.file = JoinPath(config_.base, options.file);
        ReadPedigree(options);
      });
    }
    for (const ConfigNode& item : root.At("phenotypes").items()) {
      Try([&] {
        PhenotypeOptions options = PhenotypeOptionsFrom(item);
        options.file = JoinPath(config_.base, options.file);
        ReadPhenotypes(options);
      });
    }
    for (const auto& pattern : root.TextList("scores.files")) {
      Try([&] { ExpandScoreFiles({pattern}, config_.base); });
    }
    return std::move(faults_);
  }

 private:
  void Try(const std::function<void()>& check) {
    try {
      check();
    } catch (const Error& e) {
      faults_.push_back(e);
    }
  }

  /// Of several files each alone; together only if those are well.
  void CheckGenotypes() {
    const size_t before = faults_.size();
    const auto given = config_.root.TextList("input.genotypes");
    std::vector<std::string> files;
    for (const auto& pattern : given) {
      Try([&] {
        for (auto& file : ExpandInputs({JoinPath(config_.base, pattern)})) files.push_back(file);
      });
    }
    for (const auto& file : files) {
      if (files.size() < 2 || IsFolder(file)) continue;
      Try([&] {
        GenotypeOptions options;
        options.files = {file};
        ProbeGenotypes(options);
      });
    }
    if (faults_.size() == before) {
      Try([&] { GenotypeInput input(config_); });
    }
  }

  const LoadedConfig& config_;
  std::vector<Error> faults_;
};

}  // namespace

std::vector<Error> FaultsOfInputs(const LoadedConfig& config) { return InputCheck(config).Go(); }

}  // namespace kinflow
