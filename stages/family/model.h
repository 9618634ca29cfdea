#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stages/family/formula.h"
#include "stages/family/model_frame.h"
#include "stages/family/model_options.h"
#include "stages/family/results.h"
#include "stages/family/steps.h"
#include "stages/family/trajectory_options.h"

namespace kinflow::family {

/// What to fit, independent of the kind of model. One spec = one outcome and one score.
struct ModelSpec {
  std::string analysis_id;
  std::string pgs = "NA";
  bool several_outcomes = false;  // of the analysis; this is one of them
  std::string wave = "NA";        // that the rows are of, where models are by wave
  Formula formula;
  StepPlan plan;
  bool steps_given = false;                  // the user named the steps
  std::vector<LinearCombination> contrasts;  // over coefficients of the full model
  std::vector<std::string> vcov;             // names the model understands; first = headline
  double conf_level = 0.95;
  bool common_sample = true;   // every step on the rows of the full model
  bool normal_df = false;      // normal instead of t
  bool fixed_196 = false;      // CI = estimate +- 1.96 se
  bool reml = true;            // mixed models: restricted maximum likelihood
  bool kenward_roger = false;  // mixed models: errors and df by Kenward and Roger
  bool random_tests = false;   // mixed models: each random effect against the model without it
  ModelOptions options;
  TrajectoryOptions trajectories;  // of the full model

  /// Those of the formula and the further ones of the options, each once.
  std::vector<std::string> Columns() const;
};

/// A kind of regression. Stateless; Fit() may be called from several threads. A fault of the data
/// (Error kModelFailed ... kTooFewRows) becomes a failed row in the results; others are thrown.
class Model {
 public:
  virtual ~Model() = default;
  virtual Results Fit(const ModelFrame& frame, const ModelSpec& spec) const = 0;
  /// Faults of the spec that need no data: unknown vcov, random terms where there are none.
  virtual std::vector<Error> Check(const ModelSpec& spec, bool clustered) const = 0;
  /// Columns of a kind that paths describe instead of a formula; empty = the user writes a formula.
  virtual std::vector<std::string> PathColumns(const ModelOptions& /*options*/) const { return {}; }
  /// Of these, what the model explains.
  virtual std::vector<std::string> PathOutcomes(const ModelOptions& /*options*/) const {
    return {};
  }
  /// What to give if that kind was told neither; "" = a formula.
  virtual std::string HowTold() const { return ""; }
  /// Rows of one mother share errors unless an analysis says otherwise.
  virtual bool ClustersByDefault() const { return true; }
  /// Steps and contrasts of coefficients mean something.
  virtual bool TestsCoefficients() const { return true; }
  /// Scores of parents may be expectations given their children's.
  virtual bool TakesImputedParents() const { return true; }
  /// Variables of the formula are factors, numbers too.
  virtual bool TakesFactors() const { return false; }
  /// The tables of Results::more, empty.
  virtual std::map<std::string, Table> MoreTables() const { return {}; }
  /// Random terms of a formula that is built from outcome, covariates and members.
  virtual std::string DefaultRandom() const { return ""; }
  /// The table that tells the answer.
  virtual std::string MainTable() const { return "estimates"; }
  /// Names for ModelSpec::vcov if the user gives none.
  virtual std::vector<std::string> DefaultVcov(bool clustered,
                                               const ModelOptions& options) const = 0;
};

/// Names of the covariances that a spec asks for: `given`, else the model's own choice, which for a
/// formula with random terms is that of the model alone.
std::vector<std::string> CovariancesOf(const Model& model, const std::vector<std::string>& given,
                                       const Formula& formula, bool clustered,
                                       const ModelOptions& options);

struct ModelEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<Model> (*make)();
};

/// All kinds of models; a new one is a file in models/ and a line here.
std::span<const ModelEntry> ModelEntries();
/// Throws kConfigReference with the nearest name.
std::unique_ptr<Model> MakeModel(std::string_view name);

/// Names of all covariances that some kind of model knows.
std::vector<std::string> CovarianceNames();

/// The formula that stands for a kind with PathColumns(): the first of them by the others.
std::string FormulaOfColumns(const std::vector<std::string>& columns);

/// True for errors that fail one model but not the run.
bool IsModelFault(ErrorId id);

}  // namespace kinflow::family
