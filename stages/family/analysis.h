#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "stages/family/model.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/table_one_options.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// One entry of the config's `analyses`.
struct AnalysisOptions {
  std::string id, model = "ols";
  std::string outcome, outcome_of = "mother";
  std::vector<std::string> outcomes;    // each has the same models; empty = `outcome` alone
  std::string formula;                  // "" = outcome ~ covariates + pgs of members
  std::vector<std::string> covariates;  // "age", "PC1.mother", "factor(batch)"
  std::vector<std::string> members{"mother", "father", "child"};
  std::vector<std::string> scores;  // empty = all
  std::vector<std::vector<std::string>> steps;
  std::vector<std::string> contrasts;         // empty = M-F, F-C, F+C where those terms exist
  std::vector<std::string> vcov;              // empty = the model's own choice
  std::vector<std::string> family{"effect"};  // keys of the families of tests
  bool family_given = false;                  // they are asked for
  std::map<std::string, std::string> reference;
  ClusterBy cluster = ClusterBy::kMother;
  std::string cluster_column;  // of kColumn
  Standardise standardise = Standardise::kCommonSd;
  ChildRule children = ChildRule::kOnePerPregnancy;
  bool common_sample = true, normal_df = false, fixed_196 = false, reml = true;
  bool random_tests = false, kenward_roger = false;
  bool refit = false;  // leave an R script that repeats the models
  TableOneOptions table_one;
  ModelOptions model_options;
  double conf_level = 0.95;
  TrajectoryOptions trajectories;
  std::vector<std::string> negative_control;  // WithNegativeControl
  int64_t family_tests = 0;                   // how many tests each family has; 0 = as many as here
  std::vector<std::string> family_terms;      // that count as tests; empty = scores of the members
  std::string family_across;                  // analyses of this name share families; "" = none

  /// Canonical JSON of everything above; equal options give equal text.
  std::string ToJson() const;
};

/// Schema of the top-level key `analyses` (a list).
SchemaNode AnalysesSchema();
/// Reads the validated node of `analyses`.
std::vector<AnalysisOptions> ReadAnalyses(const ConfigNode& analyses);

/// Of the analyses that name one, what `family_across` names, by id.
std::map<std::string, AcrossAnalyses> AcrossOf(const std::vector<AnalysisOptions>& analyses);

/// An analysis for each of its outcomes, in their order.
std::vector<AnalysisOptions> ByOutcome(const AnalysisOptions& options);
/// The formula of an analysis: as given, or built from outcome, covariates, members and steps. With
/// a formula, `outcome` must name its left side; of several outcomes it names one, and each stands
/// there in turn. Throws kConfigRange, kConfigReference.
Formula FormulaOf(const AnalysisOptions& options);
/// True if the formula uses `pgs.<member>`: then there is one model a score, else one in all.
bool UsesPgs(const Formula& formula);
/// True if the model knows of clusters: a mixed model has random terms instead.
bool IsClustered(const AnalysisOptions& options, const Formula& formula);

/// All faults that can be told from column and score names alone, for `validate`: formula syntax,
/// unknown columns, scores, model, vcov, steps, families of tests; and texts used as numbers.
std::vector<Error> CheckAnalysis(const AnalysisOptions& options, const PersonColumns& persons,
                                 const std::vector<std::string>& scores);

/// The model spec of one score; `frame` tells what the columns are.
ModelSpec SpecOf(const AnalysisOptions& options, const ModelFrame& frame, const std::string& pgs);

}  // namespace kinflow::family
