#pragma once

#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

// Lines of R for kinds of models whose answers do not stand in `estimates`: functions that a script
// has once, and calls of them. They use show_row() of the script; `d` holds the rows.

/// Functions for a kind; empty = it needs none.
std::string RefitFunctions(const std::string& kind);

/// Means, tests and pairs of `y ~ group`.
std::string GroupsLines(const std::string& model_id, const ModelSpec& spec);
/// The mixed model of cell means, analysis of variance and changes of shares.
std::string GroupWavesLines(const std::string& model_id, const ModelFrame& frame,
                            const ModelSpec& spec);
/// Keeps the fit `m` of a wave for EqualWavesLine(), the tests of effects equal at all waves.
std::string KeepWaveLine(const std::string& wave);
std::string EqualWavesLine(const std::string& model_id, const ModelSpec& spec);
/// Indirect, direct and total effects from the fits `mediator`, `total` and `outcome`;
/// `covariance`: R's call for that of a fit `m`.
std::string MediationLines(const std::string& model_id, const ModelSpec& spec,
                           const std::string& covariance);
/// Autocorrelation of area means and of effects of areas.
std::string SpatialLines(const std::string& model_id, const ModelFrame& frame,
                         const ModelSpec& spec);

/// A text as R writes it.
std::string InR(const std::string& text);
/// c("a", "b").
std::string TextsInR(const std::vector<std::string>& texts);
/// list("a - b" = c("a" = 1, "b" = -1)).
std::string ContrastsInR(const std::vector<LinearCombination>& contrasts);
/// Lines that go on to the next where R fails, which the script's table tells.
std::string Attempt(const std::string& model_id, const std::string& what, const std::string& lines);

}  // namespace kinflow::family
