#pragma once

#include <cstdint>
#include <vector>

#include "stages/family/design.h"

namespace kinflow::family {

/// Indirect effects of columns of a design through one mediator: a of the regression of the
/// mediator on the design times b of the mediator in that of the outcome on both.
struct BootstrapEffect {
  double std_error = 0, low = 0, high = 0;  // NaN where too few samples could be fitted
};
struct Bootstrap {
  std::vector<BootstrapEffect> effects;  // of each column asked for
  int64_t fitted = 0;                    // samples in which all columns could be estimated
};

/// Percentile intervals over `samples` draws of rows, or of clusters if the design has them, with
/// replacement. `design`: exposures and covariates with the outcome; `mediator`: of each row.
/// Sample s depends on (seed, s) alone.
Bootstrap BootstrapIndirect(const Design& design, const std::vector<double>& mediator,
                            const std::vector<size_t>& columns, int64_t samples, uint64_t seed,
                            double conf_level);

}  // namespace kinflow::family
