#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stages/qc/qc_samples_stage.h"
#include "stages/qc/qc_stage.h"

namespace kinflow {

/// What the stages of all rounds share.
struct QcRounds {
  int64_t rounds = 1;
  ScanRequest scan;
  std::vector<std::string> inputs;      // stages that the scanned data come from
  std::map<std::string, Digest> files;  // inputs read directly
  CohortPtr cohort;
  QcOptions options;
  std::string groups = {};  // QcSamplesStage::Setup
  std::function<PeopleGroups(RunContext&, const Digest&)> read_groups = {};
  std::vector<VariantFindings> findings = {};  // QcStage::Setup
};

/// The stages that judge last before "qc": what tests that it waits for look at.
QcStage::Round LastRound(int64_t rounds);

/// Rounds asked for by the validated `qc` node, else those of the preset: three of mobapsychgen
/// before imputation.
int64_t RoundsOf(const ConfigNode& qc, const QcOptions& options, bool hard_calls);

/// The filters behind "counts": people whose sample failed are left out first ("qc_first"), and all
/// variants counted without them ("first_recount"); in each round variants are judged, people by
/// those that passed, and what is left is counted again; then stage "qc" has the last word. Stages
/// of the first round have plain names, those of later ones end in ":2", ":3". Where calls are set
/// to missing for Mendel errors, "mendel_calls" counts whose.
void AddQcRounds(const QcRounds& setup, std::vector<std::unique_ptr<Stage>>& stages);

}  // namespace kinflow
