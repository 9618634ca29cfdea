#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/app/publish.h"
#include "stages/report/analysis_disclosure.h"

namespace kinflow {

/// The table `name` of the artifacts of analyses, one after the other; empty if none has it.
Table AnalysisTable(const ArtifactStore& store, const Manifests& manifests,
                    const std::string& name);

/// The tables of all analyses of a run for OUT/share. What hides rows of one stands in others:
/// these are read once.
class AnalysisTables {
 public:
  explicit AnalysisTables(int64_t small_cell) : small_cell_(small_cell) {}

  /// Without what AnalysisDisclosure hides.
  Table Shared(const ArtifactStore& store, const Manifests& manifests, const std::string& name);

 private:
  int64_t small_cell_;
  std::vector<Digest> keys_;              // of the artifacts that it is known of
  std::map<std::string, Table> telling_;  // tables that tell what is hidden
  std::optional<AnalysisDisclosure> disclosure_;
};

}  // namespace kinflow
