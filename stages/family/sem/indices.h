#pragma once

#include <cstdint>

#include "pipeline/base/nan.h"

namespace kinflow::family {

/// Indices that rest on a chi-square; limits of 90 %.
struct ChiSquareIndices {
  double cfi = kNan, tli = kNan;
  double rmsea = kNan, rmsea_low = kNan, rmsea_high = kNan, rmsea_pvalue = kNan;
};

/// How well a structural equation model fits.
struct FitIndices {
  double chisq = kNan, df = kNan, pvalue = kNan, neg_log10_p = kNan;
  double chisq_scaled = kNan, pvalue_scaled = kNan, scaling_factor = kNan;
  double baseline_chisq = kNan, baseline_df = kNan;
  double baseline_chisq_scaled = kNan, baseline_scaling_factor = kNan;
  ChiSquareIndices plain;   // of the chi-square of normal data
  ChiSquareIndices scaled;  // of the scaled one
  ChiSquareIndices robust;  // of what the scaled one estimates in complete data
  double srmr = kNan, log_lik = kNan, log_lik_saturated = kNan, aic = kNan, bic = kNan;
  double bic_adjusted = kNan;  // sample-size adjusted: (N + 2) / 24
  int64_t parameters = 0;
};

}  // namespace kinflow::family
