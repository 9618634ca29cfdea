#pragma once

#include <string>

#include "stages/family/sem/indices.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// The two models that fit indices compare with; one a set of data and observed variables.
struct SemReferences {
  PathModel saturated_model, independence_model;
  SemMaximum saturated, independence;
  double scaling_trace = 0;  // tr(A^-1 B) of the saturated model, for scaled tests
};
SemReferences FitReferences(const SemData& data, const PathModel& model, bool scaled,
                            const std::string& name);

/// tr(A^-1 B), A the observed information and B that of the rows' (clusters') gradients.
double ScalingTrace(const SemData& data, const PathModel& model, const SemMaximum& at);

/// RMSEA uses N, not N - 1; TLI is not clipped; SRMR is of all moments of the saturated model.
FitIndices IndicesOf(const SemData& data, const PathModel& model, const SemMaximum& at,
                     const SemReferences& references, bool scaled);

}  // namespace kinflow::family
