#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "pipeline/data/table.h"
#include "stages/family/formula.h"
#include "stages/family/model.h"
#include "stages/family/model_frame.h"
#include "stages/family/model_options.h"
#include "stages/family/refit.h"
#include "stages/family/results.h"
#include "stages/family/table_one_options.h"
#include "stages/family/trajectory_options.h"

namespace kinflow::family {

/// `kinflow fit`: one regression on a table, without pedigree or scores. Columns named
/// <name>.mother, <name>.father, <name>.child count as scores of that member.
struct FitOptions {
  std::string id = "fit", model = "ols", formula;
  std::string cluster;            // column; "" = none
  std::vector<std::string> vcov;  // empty = the model's own choice
  std::vector<std::vector<std::string>> steps;
  std::vector<std::string> contrasts;
  std::vector<std::string> family{"effect"};
  bool family_given = false;
  int64_t family_tests = 0;               // how many tests each family has; 0 = as many as here
  std::vector<std::string> family_terms;  // that count as tests; empty = scores of the members
  std::map<std::string, std::string> reference;
  std::string outcome_of;  // mother, father, child; labels effects
  bool common_sample = true, normal_df = false, fixed_196 = false, reml = true;
  bool random_tests = false, kenward_roger = false;
  bool refit = false;     // leave an R script that repeats the models
  std::string person;     // column of who a row is of: relatives, spatial
  std::string relatives;  // file of pairs of people, "" = none
  TableOneOptions table_one;
  std::vector<std::string> negative_control;  // WithNegativeControl
  ModelOptions model_options;
  double conf_level = 0.95;
  TrajectoryOptions trajectories;
  std::string data_format = "auto";  // auto, wide, long: see Reshaped()
  std::string wave;                  // column of waves, of wide and long tables
  int64_t small_cell = 5;            // smaller counts are suppressed in share/
};

/// Keys of `kinflow fit`: those of an analysis that need neither pedigree nor scores, under the
/// same names, and the formula, model and cluster column.
SchemaNode FitSchema();
/// From the validated node of that schema.
FitOptions FitOptionsFrom(const ConfigNode& node);

/// The formula of the options, or that of the columns of a model told by paths. Throws
/// kMissingKey, kConfigReference.
Formula FormulaOf(const FitOptions& options);

struct FitResult {
  std::map<std::string, Table> tables;
  std::map<std::string, Table> individual;  // for OUT/private
  std::optional<Refit> refit;               // if asked for
  std::vector<std::string> warnings;
  std::vector<Error> failures;
};

/// A fit on columns held in memory: numbers (NaN) or text ("NA"). `relatives`: rows of that file.
class TableFit {
 public:
  TableFit(const Table& columns, FitOptions options, const Table& relatives = {});
  /// All that is wrong with the options; nothing can be fitted then.
  std::vector<Error> Faults() const;
  /// Faults of the model are in `failures` and in the table `models`.
  FitResult Run() const;

 private:
  bool Try(const std::function<void()>& check);  // false: it has thrown one of `faults_`
  void AddPeopleAndRelatives(const Table& columns, const Table& relatives);
  void ReadSpec();  // with the formula
  std::vector<Error> MissingColumns() const;

  FitOptions options_;
  std::unique_ptr<Model> model_;
  ModelFrame frame_;
  ModelSpec spec_;
  std::vector<std::string> warnings_;
  std::vector<std::string> family_terms_;  // as estimates name them
  std::vector<Error> faults_;              // found on the way
  bool has_formula_ = false;
};

/// All of it; throws the first of the faults.
FitResult FitColumns(const Table& columns, const FitOptions& options, const Table& relatives = {});

}  // namespace kinflow::family
