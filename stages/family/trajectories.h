#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/model.h"
#include "stages/family/nested.h"

namespace kinflow::family {

/// One predicted outcome; `prediction` has the limits.
struct TrajectoryRow {
  ContrastRow prediction;
  std::string score = "NA", group = "NA";
  double at = kNa, value = kNa;  // of the score: SDs from its mean, and there
};

/// A weighted sum of coefficients of the design's columns.
using LinearOf =
    std::function<LinearResult(const std::vector<size_t>&, const std::vector<double>&)>;

/// The outcome predicted by the fixed part of the full model at each wave, in each group, for each
/// score of a member at so many SDs from its mean over the rows; other numbers at their means, all
/// levels of other factors counting alike (emmeans' reference grid). `rows`: those of the design. A
/// column of too many waves or groups is warned of, and there are none.
std::vector<TrajectoryRow> Trajectories(const ModelSpec& spec, const ModelFrame& frame,
                                        const std::vector<uint32_t>& rows, const Design& design,
                                        const std::string& se_type, const LinearOf& linear,
                                        std::vector<std::string>& warnings);
Table TrajectoryTable(const std::vector<TrajectoryRow>& rows);

}  // namespace kinflow::family
