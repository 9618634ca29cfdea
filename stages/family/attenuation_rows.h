#pragma once

#include <optional>
#include <string>
#include <vector>

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

/// Rows of the members' scores in a fitted model, for each of `vcov`. None, and `reason` says why,
/// if scores stand in products, several scores in one model, or the errors would be too large.
std::vector<AttenuationRow> AttenuationRows(const RowKey& key, const ModelSpec& spec,
                                            const ModelFrame& frame, const Formula& formula,
                                            const Design& design, const OlsFit& fit,
                                            const std::vector<Vcov>& vcov, std::string& reason);
Table AttenuationTable(const std::vector<AttenuationRow>& rows);

}  // namespace kinflow::family
