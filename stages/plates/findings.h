#pragma once

#include "stages/qc/variant_findings.h"

namespace kinflow::plates {

/// What "plate_effects" and "batch_info" tell of variants, for filters of quality control.
VariantFindings FindingsOfEffects();
VariantFindings FindingsOfBatchInfo();

}  // namespace kinflow::plates
