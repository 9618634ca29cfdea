#pragma once

#include <string>

#include "pipeline/data/table.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

struct ModelSpec;

/// What R needs to repeat the models of an analysis: its table of observations, which holds people
/// and belongs into a private folder, and a script that reads it as refit_ID.tsv.
struct Refit {
  Table frame;
  std::string script;
};

/// The rows that a spec's models rest on (all rows where the model decides itself: path models, or
/// steps with rows of their own) with its columns, `.cluster` and `.score`, the name of its score.
Table RefitFrame(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind);

/// A script that fits every model of the table `models` that has an R call, with the errors of the
/// table `estimates`, and prints R's numbers beside those of estimates_full.tsv, else of
/// ../share/estimates.tsv. Needs R with
/// the packages it names. `frame`: of one of the scores, for the coding of factors.
std::string RefitScript(const std::string& analysis, const ModelFrame& frame, const ModelSpec& spec,
                        const Table& models);

}  // namespace kinflow::family
