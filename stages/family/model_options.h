#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"
#include "stages/family/assortment.h"
#include "stages/family/attenuation_options.h"
#include "stages/family/spatial/neighbours.h"

namespace kinflow::family {

/// Keys that only some kinds of models read.
struct ModelOptions {
  bool firth = false;  // logit: Firth's penalty
  /// logit: share of cases in the population, for the liability scale; NaN = that of the sample.
  double prevalence = std::numeric_limits<double>::quiet_NaN();
  int quadrature = 15;                    // logit with a random intercept: nodes of the integrals
  std::string link = "logit";             // ordinal: logit, probit
  std::string distribution = "gaussian";  // gee: gaussian, binomial
  std::string correlation = "exchangeable";  // gee: independence, exchangeable, ar1
  std::string time;                          // gee: column of whole numbers, for ar1
  AttenuationOptions attenuation;            // ols: of scores by errors of measurement
  std::string case_weights;                  // ols, logit, ordinal, lmm: column
  std::string wave;                          // ols_by_wave: column
  std::string second_cluster;                // ols, logit: column, beside the cluster
  /// groups, group_waves: the low category, values up to it; NaN = none.
  double low = std::numeric_limits<double>::quiet_NaN();
  /// ptdt: cases are so many SD above the mean (below, if negative); NaN = an outcome of two
  /// values.
  double cases_beyond_sd = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> paths;                   // sem: statements, "y ~ a*x"
  std::vector<std::string> x, y;                    // riclpm: columns, one a wave
  std::vector<std::string> w;                       // riclpm: of a third variable; empty = none
  std::string group;                                // riclpm: column of groups; "" = one
  std::vector<std::string> predictors;              // riclpm: of the observed variables
  bool equal_predictors = false;                    // riclpm: alike at all waves
  bool predictors_within = false;                   // riclpm: of the within components
  std::vector<std::string> variants{"free"};        // riclpm: free, equal_lags, ...
  std::string neighbours_file;                      // spatial: pairs of areas, a row each
  std::shared_ptr<const NeighbourList> neighbours;  // its content
  bool row_standardised = true;                     // spatial: weights of an area sum to 1
  int64_t permutations = 999;                       // spatial
  std::string mediator;                             // mediation: a column of the formula
  int64_t bootstrap = 2000;                         // mediation: samples; 0 = none
  uint64_t seed = 1;                                // spatial, mediation: of the random numbers
  /// Columns that are needed beside those of the formula.
  std::vector<std::string> Columns() const;
  bool blups = false;  // lmm: predicted random effects, a private table
  /// family_reml: who shares a genetic effect: none, pedigree, genotypes (the kinship stage's).
  std::string relatedness = "none";
  Assortment assortment;  // family_reml: adjusts for it if h2f is given
  bool nonneg = false;    // sem, riclpm: variances are 0 or more
  bool std_nox = false;   // sem, riclpm: do not standardise by predictors
};

/// The key that names a column of a path model.
std::string PathKeyOf(const ModelOptions& options, const std::string& column);
/// The keys, for the schemas of `analyses` and of `kinflow fit`.
std::vector<SchemaNode> ModelOptionKeys();
/// From a validated node with those keys.
ModelOptions ReadModelOptions(const ConfigNode& node);
/// Canonical JSON; equal options give equal text. Of a file its content counts, which is not in it.
std::string ModelOptionsJson(const ModelOptions& options);
/// A fault for every key that is set and means nothing to this kind of model.
std::vector<Error> UnusedOptions(const ModelOptions& options, const std::string& model);

}  // namespace kinflow::family
