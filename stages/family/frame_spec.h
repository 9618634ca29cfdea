#pragma once

#include <vector>

#include "stages/family/analysis.h"
#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// The frame that the models of `formulas` stand in: those of outcomes of one analysis, alike but
/// for them.
TrioFrameSpec FrameSpecOf(const AnalysisOptions& options,
                          const std::vector<const Formula*>& formulas);

}  // namespace kinflow::family
