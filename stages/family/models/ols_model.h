#pragma once

#include <memory>
#include <optional>

#include "stages/family/model.h"
#include "stages/family/ols.h"

namespace kinflow::family {

/// The full model of a spec, where it could be fitted.
struct FullOls {
  RowSelection selection;
  Design design;
  OlsFit fit;
};
struct OlsOutcome {
  Results results;
  std::optional<FullOls> full;
};

/// Steps, tests and contrasts of one spec.
OlsOutcome RunOls(const ModelFrame& frame, const ModelSpec& spec);

std::unique_ptr<Model> MakeOls();

}  // namespace kinflow::family
