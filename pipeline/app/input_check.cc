#include "pipeline/app/input_check.h"

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <map>
#include <set>

#include "pipeline/app/accepted.h"
#include "pipeline/app/genotype_input.h"
#include "pipeline/app/neighbours.h"
#include "pipeline/base/file.h"
#include "stages/formats/frequency_file.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/input_patterns.h"
#include "stages/formats/pedigree_table.h"
#include "stages/formats/phenotype_table.h"
#include "stages/scores/lift.h"
#include "stages/scores/options.h"
#include "stages/scores/score_check.h"

namespace kinflow {
namespace {

class InputCheck {
 public:
  explicit InputCheck(const LoadedConfig& config) : config_(config) {}

  std::vector<Error> Go() {
    const ConfigNode& root = config_.root;
    for (const char* key : {"input.samples", "input.remove", "input.variants"}) {
      if (!root.Has(key)) continue;
      Try([&] { CheckStatedChecksum(JoinPath(config_.base, root.Text(key))); });
    }
    CheckGenotypes();
    if (!root.At("pedigree").is_null()) {
      Try([&] {
        PedigreeOptions options = PedigreeOptionsFrom(root.At("pedigree"));
        options.file = JoinPath(config_.base, options.file);
        CheckStatedChecksum(options.file);
        ReadPedigree(options);
      });
    }
    for (const ConfigNode& item : root.At("phenotypes").items()) {
      Try([&] {
        PhenotypeOptions options = PhenotypeOptionsFrom(item);
        options.file = JoinPath(config_.base, options.file);
        CheckStatedChecksum(options.file);
        ReadPhenotypes(options);
      });
    }
    for (const ConfigNode& item : root.At("analyses").items()) {
      if (!item.Has("neighbours")) continue;
      Try([&] { ReadNeighbours(JoinPath(config_.base, item.Text("neighbours"))); });
    }
    for (const char* key : {"pca.project", "pca.reference.file"}) {
      if (!root.Has(key)) continue;
      Try([&] { CheckStatedChecksum(JoinPath(config_.base, root.Text(key))); });
    }
    CheckScoreFiles();
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

  /// Each pattern alone: one that matches nothing says nothing of the others.
  void CheckScoreFiles() {
    const auto options = ScoreOptions::FromConfig(config_.root.At("scores"));
    const auto check = [&](const ScoreOptions& some) {
      Try([&] {
        for (const auto& file : ScoreFilesOf(some, config_.base)) CheckScores(file, options.names);
      });
    };
    ScoreOptions some;
    some.reading = options.reading;
    for (const auto& pattern : options.files) {
      some.files = {pattern};
      check(some);
    }
    some.files.clear();
    for (const ScoreTable& table : options.tables) {
      some.tables = {table};
      check(some);
    }
    if (config_.root.Has("scores.liftover.chain")) {
      Try([&] {
        Lift(JoinPath(config_.base, config_.root.Text("scores.liftover.chain")), build_, 0);
      });
    }
    if (config_.root.Has("qc.reference.file")) {
      Try([&] {
        FrequencyFileReader(JoinPath(config_.base, config_.root.Text("qc.reference.file")));
      });
    }
    if (!options.frequencies.empty()) {
      Try([&] { FrequencyFileReader(JoinPath(config_.base, options.frequencies)); });
    }
  }

  void CheckScores(const ScoreFileSpec& file, const std::map<std::string, std::string>& names) {
    Try([&] {
      CheckStatedChecksum(file.path);
      const bool lifts = config_.root.Has("scores.liftover.chain");
      const auto fault = FaultOfScoreFile(file, lifts ? "" : build_, names);
      if (!fault) return CheckNames(file, names);
      const std::string error = ErrorName(fault->error.id());
      if (AcceptedReason(config_.root, "score:" + fault->name, error).empty()) throw fault->error;
    });
  }

  /// A name that an earlier file has: the run would fail the score.
  void CheckNames(const ScoreFileSpec& file, const std::map<std::string, std::string>& renamed) {
    if (file.continues) return;
    const ScoreFileReader reader(file.path, file.reading);
    for (const auto& own : reader.scores()) {
      const std::string name = FinalScoreName(renamed, own);
      if (names_.insert(name).second) continue;
      const Error fault = FaultOfName(name, true)->InFile(file.path);
      const std::string accepted =
          AcceptedReason(config_.root, "score:" + name, ErrorName(fault.id()));
      if (accepted.empty()) faults_.push_back(fault);
    }
  }

  /// Of several files each alone; together only if those are well.
  void CheckGenotypes() {
    const size_t before = faults_.size();
    CheckFiles(config_.root.TextList("input.genotypes"), false);
    for (const ConfigNode& batch : config_.root.At("input.batches").items()) {
      for (const char* key : {"samples", "remove"}) {
        if (!batch.Has(key)) continue;
        Try([&] { CheckStatedChecksum(JoinPath(config_.base, batch.Text(key))); });
      }
      CheckFiles(batch.TextList("genotypes"), true);
    }
    if (faults_.size() == before) {
      Try([&] { build_ = GenotypeInput(config_).build(); });
    }
  }

  /// `among_others`: these are not all files of the input.
  void CheckFiles(const std::vector<std::string>& given, bool among_others) {
    std::vector<std::string> files;
    for (const auto& pattern : given) {
      Try([&] {
        for (auto& file : ExpandInputs({JoinPath(config_.base, pattern)})) files.push_back(file);
      });
    }
    for (const auto& file : files) {
      if ((files.size() < 2 && !among_others) || IsFolder(file)) continue;
      Try([&] {
        GenotypeOptions options;
        options.files = {file};
        const bool bgen = SniffGenotypes(file).format == GenotypeFormat::kBgen;
        if (bgen && config_.root.Has("input.sample_file")) {
          options.bgen.sample_file = JoinPath(config_.base, config_.root.Text("input.sample_file"));
        }
        ProbeGenotypes(options);
      });
    }
  }

  const LoadedConfig& config_;
  std::string build_;            // of the genotypes; "" = unknown
  std::set<std::string> names_;  // of the scores so far
  std::vector<Error> faults_;
};

}  // namespace

std::vector<Error> FaultsOfInputs(const LoadedConfig& config) { return InputCheck(config).Go(); }

ExitCode PrintFaults(const LoadedConfig& config, const std::vector<Error>& faults) {
  std::string text;
  for (const Error& e : faults) text += e.Format() + "\n";
  text += fmt::format("{} fault{} in the inputs of {}\n", faults.size(),
                      faults.size() == 1 ? "" : "s", config.name);
  std::fputs(text.c_str(), stderr);  // fmt::print throws when nobody reads it
  return faults.front().exit_code();
}

}  // namespace kinflow
