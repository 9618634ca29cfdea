#include "stages/family/refit_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kinflow::family {
namespace {

// Kinds whose tables `estimates` R's packages repeat by one call a model.
constexpr std::array<const char*, 8> kWithScript{"ols",     "lmm", "family_reml", "logit",
                                                 "ordinal", "gee", "sem",         "riclpm"};

}  // namespace

std::vector<Error> CheckRefit(bool refit, const std::string& kind) {
  if (!refit || std::find(kWithScript.begin(), kWithScript.end(), kind) != kWithScript.end()) {
    return {};
  }
  return {Error(ErrorId::kConfigReference, fmt::format("model {} has no script for R", kind))
              .Field("refit")
              .Value(kind)
              .Remedy(fmt::format("take refit out; models with a script are {}",
                                  fmt::join(kWithScript, ", ")))};
}

}  // namespace kinflow::family
