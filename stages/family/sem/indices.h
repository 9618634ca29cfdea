#pragma once

#include <cstdint>

#include "pipeline/base/nan.h"

namespace kinflow::family {

/// How well a structural equation model fits.
struct FitIndices {
  double chisq = kNan, df = kNan, pvalue = kNan, neg_log10_p = kNan;
  double chisq_scaled = kNan, pvalue_scaled = kNan, scaling_factor = kNan;
  double baseline_chisq = kNan, baseline_df = kNan, cfi = kNan, tli = kNan;
  double rmsea = kNan, rmsea_low = kNan, rmsea_high = kNan, rmsea_pvalue = kNan;  // 90 % limits
  double srmr = kNan, log_lik = kNan, log_lik_saturated = kNan, aic = kNan, bic = kNan;
  double bic_adjusted = kNan;  // sample-size adjusted: (N + 2) / 24
  int64_t parameters = 0;
};

}  // namespace kinflow::family
