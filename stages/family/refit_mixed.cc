#include "stages/family/refit_mixed.h"

#include <fmt/format.h>

#include "stages/family/refit_lines.h"

namespace kinflow::family {
namespace {

// lmerTest's name for the degrees of freedom; with those of the normal distribution it has no test.
std::string DegreesInR(const ModelSpec& spec) {
  if (spec.normal_df) return "NULL";
  return spec.kenward_roger ? "\"Kenward-Roger\"" : "\"Satterthwaite\"";
}

}  // namespace

std::string MixedFitLines(const std::string& model_id, const std::string& call) {
  return fmt::format(
      "  calls[[{0}]] <- quote({1})\n"
      "  fits[[{0}]] <- m <- fit_mixed(calls[[{0}]], d)\n",
      InR(model_id), call);
}

std::string MixedLines(const std::string& model_id, const std::string& type, bool has_contrasts,
                       const ModelSpec& spec) {
  const std::string what = fmt::format("{}, m, \"{}\"", InR(model_id), type);
  std::string out = fmt::format("  show_mixed({}, {})\n", what, DegreesInR(spec));
  if (has_contrasts) {
    out += fmt::format("  show_mixed_contrasts({}, {}, {})\n", what, ContrastsInR(spec.contrasts),
                       DegreesInR(spec));
  }
  return out;
}

std::string MixedTestsLine(const ModelSpec& spec) {
  return fmt::format("  show_mixed_tests(fits, calls, d, {})\n", DegreesInR(spec));
}

}  // namespace kinflow::family
