#include "pipeline/app/input_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "pipeline/app/accepted.h"
#include "pipeline/app/analysis_faults.h"
#include "pipeline/app/genotype_input.h"
#include "pipeline/app/neighbours.h"
#include "pipeline/base/file.h"
#include "stages/family/analysis.h"
#include "stages/formats/delimited.h"
#include "stages/formats/frequency_file.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/input_patterns.h"
#include "stages/formats/pedigree_table.h"
#include "stages/formats/people_list.h"
#include "stages/formats/phenotype_table.h"
#include "stages/formats/sample_ids.h"
#include "stages/formats/selected_source.h"
#include "stages/kinship/decisions_file.h"
#include "stages/pca/loadings.h"
#include "stages/pca/options.h"
#include "stages/scores/lift.h"
#include "stages/scores/options.h"
#include "stages/scores/score_check.h"
#include "stages/scores/score_file.h"

namespace kinflow {
namespace {

/// The same fault, though told with more of its context.
bool AreSame(const Error& a, const Error& b) {
  return a.id() == b.id() && a.message() == b.message() && a.file() == b.file() &&
         a.line() == b.line() && a.field() == b.field() && a.value() == b.value();
}

bool Holds(const std::vector<Error>& faults, const Error& fault) {
  return std::any_of(faults.begin(), faults.end(),
                     [&fault](const Error& other) { return AreSame(other, fault); });
}

/// The config without a key: null, or an empty list.
ConfigNode Without(const ConfigNode& node, std::string_view path) {
  const size_t dot = path.find('.');
  auto members = node.members();
  ConfigNode& member = members.at(std::string(path.substr(0, dot)));
  if (dot != std::string_view::npos) {
    member = Without(member, path.substr(dot + 1));
  } else if (member.kind() == ConfigNode::Kind::kList) {
    member = ConfigNode::OfList({}, member.origin());
  } else {
    member = ConfigNode::Null(member.origin());
  }
  return ConfigNode::OfMap(std::move(members), node.origin());
}

class InputCheck {
 public:
  InputCheck(const LoadedConfig& config, const std::vector<Error>& wrong)
      : config_(config), wrong_(wrong), sound_(config) {}

  std::vector<Error> Go() {
    if (config_.root.members().empty()) return {};  // no config at all
    if (IsSound("input")) CheckLists();
    // What is accepted decides whether a list of people may name nobody.
    if (IsSound("input") && IsSound("dosage") && IsSound("scores") && IsSound("accept")) {
      CheckGenotypes();
    }
    if (IsSound("pedigree")) CheckPedigree();
    CheckPhenotypes();
    CheckNeighbours();
    CheckOtherTables();
    if (IsSound("scores") && IsSound("accept")) {
      CheckScoreFiles();
      // Else the Study tells them with the people.
      if (!faults_.empty() || !wrong_.empty()) CheckAnalyses();
    }
    return std::move(faults_);
  }

 private:
  bool Try(const std::function<void()>& check) {  // false: it has thrown a fault
    try {
      check();
      return true;
    } catch (const Error& e) {
      if (!Holds(faults_, e)) faults_.push_back(e);
      return false;
    }
  }

  bool IsSound(std::string_view path) const { return !HasErrorIn(wrong_, path); }

  std::string PathOf(const ConfigNode& node, const char* key) const {
    return JoinPath(config_.base, node.Text(key));
  }

  /// What the genotypes are chosen and named by. Keys that are at fault are left out of what the
  /// genotypes are checked by.
  void CheckLists() {
    const auto check = [&](const char* key, const std::function<void(const std::string&)>& read) {
      if (!config_.root.Has(key)) return;
      if (!Try([&] { read(PathOf(config_.root, key)); })) sound_.root = Without(sound_.root, key);
    };
    for (const char* key : {"input.samples", "input.remove"}) {
      check(key, [](const std::string& file) {
        CheckStatedChecksum(file);
        PeopleList::Read(file);
      });
    }
    for (const char* key : {"input.variants", "input.exclude"}) {
      check(key, [](const std::string& file) {
        CheckStatedChecksum(file);
        ReadIdList(file);
      });
    }
    check("input.ids", [](const std::string& file) { SampleIds::Read(file); });
    bool sound = true;
    for (const auto& pattern : config_.root.TextList("input.hard_calls")) {
      sound &= Try([&] {
        for (const auto& file : ExpandInputs({JoinPath(config_.base, pattern)})) {
          if (!IsFolder(file)) SniffGenotypes(file);
        }
      });
    }
    if (!sound) sound_.root = Without(sound_.root, "input.hard_calls");
  }

  void CheckPedigree() {
    if (config_.root.At("pedigree").is_null()) return;
    Try([&] {
      PedigreeOptions options = PedigreeOptionsFrom(config_.root.At("pedigree"));
      options.file = JoinPath(config_.base, options.file);
      CheckStatedChecksum(options.file);
      ReadPedigree(options);
    });
  }

  void CheckPhenotypes() {
    const auto& items = config_.root.At("phenotypes").items();
    for (size_t i = 0; i < items.size(); ++i) {
      all_tables_ &= IsSound(fmt::format("phenotypes[{}]", i)) && Try([&] {
                       PhenotypeOptions options = PhenotypeOptionsFrom(items[i]);
                       options.file = JoinPath(config_.base, options.file);
                       CheckStatedChecksum(options.file);
                       tables_.push_back(ReadPhenotypes(options));
                       id_columns_.insert(options.id);
                     });
    }
  }

  /// Names in analyses, where all tables and heads of score files tell them.
  void CheckAnalyses() {
    const ConfigNode& analyses = config_.root.At("analyses");
    if (!all_tables_ || !all_names_ || analyses.items().empty()) return;
    for (const char* part : {"phenotypes", "analyses", "pca"}) {
      if (!IsSound(part)) return;
    }
    Try([&] {
      const family::PersonColumns persons = Persons();
      std::vector<std::string> scores(names_.begin(), names_.end());
      for (const auto& composite :
           ScoreOptions::FromConfig(config_.root.At("scores")).adjust.composites) {
        scores.push_back(composite.name);
      }
      AnalysisFaults all;
      auto read = family::ReadAnalyses(analyses);
      for (size_t i = 0; i < read.size(); ++i) {
        if (!read[i].model_options.neighbours_file.empty()) {  // told by themselves
          read[i].model_options.neighbours = std::make_shared<family::NeighbourList>();
        }
        const std::string prefix = "analyses." + read[i].id + ".";
        for (const Error& fault : family::CheckAnalysis(read[i], persons, scores)) {
          all.Add(read[i].id, fault, [&] { return Placed(fault, analyses.items()[i], prefix); });
        }
      }
      for (Error& fault : all.Take()) faults_.push_back(std::move(fault));
    });
  }

  /// The columns of all tables, and those that the run fills with components; whose rows are whose
  /// does not matter.
  family::PersonColumns Persons() {
    PhenotypeTable merged = MergePhenotypes(std::move(tables_));
    family::PersonColumns persons;
    persons.iid = std::move(merged.ids);
    persons.columns = std::move(merged.columns);
    persons.mixed = std::move(merged.mixed);
    persons.wave = std::move(merged.waves);
    persons.by_wave = {merged.by_wave.begin(), merged.by_wave.end()};
    persons.id_columns = id_columns_;
    const auto pca = pca::PcaOptions::FromConfig(config_.root.At("pca"));
    for (uint32_t k = 1; pca.compute && k <= pca.components; ++k) {
      const std::string name = fmt::format("PC{}", k);
      if (persons.columns.Find(name) >= 0) continue;
      persons.columns.Add(name, Table::Doubles(persons.iid.size(), std::nan("")));
    }
    return persons;
  }

  void CheckNeighbours() {
    const auto& items = config_.root.At("analyses").items();
    for (size_t i = 0; i < items.size(); ++i) {
      if (!IsSound(fmt::format("analyses[{}]", i)) || !items[i].Has("neighbours")) continue;
      Try([&] { ReadNeighbours(PathOf(items[i], "neighbours")); });
    }
  }

  /// Of most their heads: what they hold is about people and variants of the genotypes.
  void CheckOtherTables() {
    const auto check = [&](const char* key, const std::function<void(const std::string&)>& read) {
      if (!IsSound(key) || !config_.root.Has(key)) return;
      Try([&] { read(PathOf(config_.root, key)); });
    };
    const auto head = [](const std::string& file) {
      CheckStatedChecksum(file);
      const DelimitedReader reader(file);
    };
    check("plates.file", head);
    check("kinship.decisions", [this](const std::string& file) {
      for (const Error& fault : kinship::FaultsOfDecisions(file)) {
        if (!Holds(faults_, fault)) faults_.push_back(fault);
      }
    });
    check("pca.project", [](const std::string& file) {
      CheckStatedChecksum(file);
      pca::LoadingsComponents(file);
    });
    check("pca.reference.file", head);
    check("scores.adjust.ancestry.reference", head);
    check("qc.reference.file",
          [](const std::string& file) { const FrequencyFileReader reader(file); });
  }

  /// Each pattern alone: one that matches nothing says nothing of the others.
  void CheckScoreFiles() {
    const auto options = ScoreOptions::FromConfig(config_.root.At("scores"));
    const auto check = [&](const ScoreOptions& some) {
      all_names_ &= Try([&] {
        for (const auto& file : ScoreFilesOf(some, config_.base)) CheckScores(file, options);
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
    if (!options.frequencies.empty()) {
      Try([&] { FrequencyFileReader(JoinPath(config_.base, options.frequencies)); });
    }
  }

  void CheckScores(const ScoreFileSpec& file, const ScoreOptions& options) {
    bool named = false;
    Try([&] {
      CheckStatedChecksum(file.path);
      const bool lifts = config_.root.Has("scores.liftover.chain");
      const auto fault =
          FaultOfScoreFile(file, options.match.by, lifts ? "" : build_, options.names);
      if (!fault) {
        CheckNames(file, options.names);
        named = true;
        return;
      }
      const std::string error = ErrorName(fault->error.id());
      if (AcceptedReason(config_.root, "score:" + fault->name, error).empty()) throw fault->error;
    });
    all_names_ &= named;
  }

  /// A name that an earlier file has: the run would fail the score.
  void CheckNames(const ScoreFileSpec& file, const std::map<std::string, std::string>& renamed) {
    if (file.continues) return;
    const ScoreFileReader reader(file.path, file.reading);
    if (reader.columns().Has(ColumnRole::kAccession)) all_names_ = false;
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
    const ConfigNode& input = config_.root.At("input");
    CheckFiles(input.TextList("genotypes"), false, input);
    for (const ConfigNode& batch : input.At("batches").items()) {
      for (const char* key : {"samples", "remove"}) {
        if (!batch.Has(key)) continue;
        Try([&] {
          CheckStatedChecksum(PathOf(batch, key));
          PeopleList::Read(PathOf(batch, key));
        });
      }
      CheckFiles(batch.TextList("genotypes"), true, batch.Has("sample_file") ? batch : input);
    }
    if (faults_.size() > before) return;
    // Of what scores need is read what is there: whether score files are sound is told with them.
    for (const char* key : {"scores.files", "scores.tables"}) {
      sound_.root = Without(sound_.root, key);
    }
    Try([&] { build_ = GenotypeInput(sound_).build(); });
  }

  /// `among_others`: these are not all files of the input. `about`: has the key sample_file.
  void CheckFiles(const std::vector<std::string>& given, bool among_others,
                  const ConfigNode& about) {
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
        if (bgen && about.Has("sample_file")) {
          options.bgen.sample_file = PathOf(about, "sample_file");
        }
        ProbeGenotypes(options);
      });
    }
  }

  const LoadedConfig& config_;
  const std::vector<Error>& wrong_;
  LoadedConfig sound_;           // without what was found at fault
  std::string build_;            // of the genotypes; "" = unknown
  std::set<std::string> names_;  // of the scores so far
  bool all_names_ = true;        // no others are possible
  std::vector<PhenotypeTable> tables_;
  bool all_tables_ = true;  // are in tables_
  std::set<std::string> id_columns_;
  std::vector<Error> faults_;
};

}  // namespace

std::vector<Error> FaultsOfInputs(const LoadedConfig& config, const std::vector<Error>& wrong) {
  return InputCheck(config, wrong).Go();
}

std::vector<Error> WithOtherFaults(const Error& fault, const LoadedConfig& config) {
  std::vector<Error> faults = {fault};
  for (Error& other : FaultsOfInputs(config)) {
    if (!Holds(faults, other)) faults.push_back(std::move(other));
  }
  return faults;
}

ExitCode PrintFaults(const LoadedConfig& config, const std::vector<Error>& faults) {
  std::string text;
  for (const Error& e : faults) text += e.Format() + "\n";
  text += fmt::format("{} fault{} in the inputs of {}\n", faults.size(),
                      faults.size() == 1 ? "" : "s", config.name);
  std::fputs(text.c_str(), stderr);  // fmt::print throws when nobody reads it
  return faults.front().exit_code();
}

}  // namespace kinflow
