#pragma once

#include <optional>
#include <string>

#include "stages/family/sem/complete_data.h"
#include "stages/family/sem/indices.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// The two models that fit indices compare with; one a set of data and observed variables.
struct SemReferences {
  PathModel saturated_model, independence_model;
  SemMaximum saturated, independence;
  // For scaled tests: ScalingTrace() of both, and, of one group, what robust indices need.
  double scaling_trace = 0, independence_trace = 0;
  std::optional<CompleteData> complete;
};
SemReferences FitReferences(const SemData& data, const PathModel& model, bool scaled,
                            const std::string& name);

/// tr(A^-1 B), A the observed information and B that of the rows' (clusters') gradients. The
/// difference of two nested models' traces a degree of freedom is what normal theory's difference
/// of chi-squares is divided by (Satorra and Bentler 2001).
double ScalingTrace(const SemData& data, const PathModel& model, const SemMaximum& at);

/// RMSEA uses N, not N - 1; TLI is not clipped; SRMR is of all moments of the saturated model.
/// `scaling_trace`: of the model, for scaled and robust indices.
FitIndices IndicesOf(const SemData& data, const PathModel& model, const SemMaximum& at,
                     const SemReferences& references, std::optional<double> scaling_trace);

}  // namespace kinflow::family
