#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "pipeline/app/publish.h"
#include "stages/family/multiple_testing.h"
#include "stages/report/analysis_disclosure.h"

namespace kinflow {

/// The table `name` of the artifacts of analyses, one after the other; empty if none has it.
Table AnalysisTable(const ArtifactStore& store, const Manifests& manifests,
                    const std::string& name);

/// "estimates_full": all of a table of which OUT/share has a part.
inline std::string FullName(const std::string& name) { return name + "_full"; }
/// The warning that OUT/share/NAME.tsv lacks `rows` rows, which OUT/private has. `lasting`: there
/// is such a folder.
std::string WithheldText(const std::string& name, size_t rows, int64_t small_cell, bool lasting);

/// The warning that OUT/share/table1.tsv has all rows and lacks numbers in them, as WithheldText.
std::string HiddenNumbersText(int64_t small_cell, bool lasting);

/// What stands below a table that was printed as OUT/share has it; "" = all rows were.
std::string WithheldNote(const std::string& name, size_t rows);

/// The tables of all analyses of a run for OUT/share. What hides rows of one stands in others:
/// these are read once.
class AnalysisTables {
 public:
  /// `across`: analyses whose tests are adjusted together.
  AnalysisTables(int64_t small_cell, std::map<std::string, family::AcrossAnalyses> across)
      : small_cell_(small_cell), across_(std::move(across)) {}

  /// Without what AnalysisDisclosure hides.
  Table Shared(const ArtifactStore& store, const Manifests& manifests, const std::string& name);
  /// What there is to tell of p values that were adjusted over several analyses.
  std::vector<std::string> AcrossWarnings(const ArtifactStore& store, const Manifests& manifests);
  /// How many of its rows are left out there.
  size_t Withheld(const ArtifactStore& store, const Manifests& manifests, const std::string& name);
  /// All of the table for OUT/private, if rows or values of it are hidden there; else a table
  /// without columns.
  Table FullIfHidden(const ArtifactStore& store, const Manifests& manifests,
                     const std::string& name);

 private:
  Table Read(const ArtifactStore& store, const Manifests& manifests, const std::string& name);

  int64_t small_cell_;
  std::map<std::string, family::AcrossAnalyses> across_;
  std::vector<Digest> keys_;              // of the artifacts that it is known of
  std::map<std::string, Table> telling_;  // tables that tell what is hidden
  std::optional<AnalysisDisclosure> disclosure_;
  std::map<std::string, size_t> withheld_;  // rows by table
  std::set<std::string> partial_;           // tables of which rows or values are hidden
  std::vector<std::string> warnings_;       // of p values that could not be adjusted
};

}  // namespace kinflow
