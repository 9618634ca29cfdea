#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/attenuation.h"
#include "stages/family/model.h"
#include "stages/family/ols.h"
#include "stages/family/vcov.h"

namespace kinflow::family {

/// A score's coefficient as it is and as it would be without errors of measurement.
struct AttenuationRow {
  RowKey key;
  std::string role = "NA", term, se_type;
  double estimate = kNa, std_error = kNa;
  double kept = kNa;      // share of the member's own effect in the estimate
  double mixed_in = kNa;  // what effects of the other members add to it
  double corrected = kNa, corrected_error = kNa, conf_low = kNa, conf_high = kNa;
  double true_sd = kNa, per_true_sd = kNa, per_true_sd_error = kNa;
  int64_t n = 0;
};

/// How the scores of design columns vary in a fitted model (without their roles); nothing, and the
/// reason, where that does not tell what errors do.
using ScoreMoments = std::function<std::optional<MemberScores>(const std::vector<size_t>& columns,
                                                               std::string& reason)>;
/// Of least squares. Refers to its arguments.
ScoreMoments MomentsOf(const Design& design, const OlsFit& fit);

/// Rows of the members' scores in a fitted model, for each of `vcov`, which are those of the spec.
/// None, and `reason` says why, if scores stand in products, several scores in one model, the
/// errors would be too large, or there are no moments.
std::vector<AttenuationRow> AttenuationRows(const RowKey& key, const ModelSpec& spec,
                                            const ModelFrame& frame, const Formula& formula,
                                            const Design& design, const Coefficients& fit,
                                            const ScoreMoments& moments,
                                            const std::vector<Vcov>& vcov, std::string& reason);
/// A warning with the reason, if there is one.
void WarnOfNoCorrection(const RowKey& key, const std::string& reason,
                        std::vector<std::string>& warnings);
Table AttenuationTable(const std::vector<AttenuationRow>& rows);

}  // namespace kinflow::family
