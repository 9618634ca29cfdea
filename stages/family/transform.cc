#include "stages/family/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

constexpr std::array<std::pair<Transform, const char*>, 3> kTransforms{
    {{Transform::kLog, "log"}, {Transform::kExp, "exp"}, {Transform::kSqrt, "sqrt"}}};

}  // namespace

std::optional<Transform> FindTransform(std::string_view name) {
  for (const auto& [value, known] : kTransforms) {
    if (name == known) return value;
  }
  return std::nullopt;
}

std::string TransformText(Transform transform, const std::string& x, double added) {
  const std::string constant = added == 0 ? "" : " + " + FormatDouble(added);
  for (const auto& [value, name] : kTransforms) {
    if (value == transform) return fmt::format("{}({}{})", name, x, constant);
  }
  return x;
}

double Apply(Transform transform, double x, double added) {
  switch (transform) {
    case Transform::kLog:
      return std::log(x + added);
    case Transform::kExp:
      return std::exp(x + added);
    case Transform::kSqrt:
      return std::sqrt(x + added);
    case Transform::kNone:
      break;
  }
  return x;
}

// How many is not said: it may be few people.
void CheckDomain(Transform transform, const std::string& column, double added,
                 const std::vector<double>& values) {
  const bool log = transform == Transform::kLog;
  if (!log && transform != Transform::kSqrt) return;
  const auto outside = std::count_if(values.begin(), values.end(), [&](double v) {
    return log ? !(v + added > 0) : !(v + added >= 0);
  });
  if (outside == 0) return;
  throw Error(ErrorId::kModelFailed,
              fmt::format("{} is {} in {} of the {} used",
                          added == 0 ? column : column + " + " + FormatDouble(added),
                          log ? "not above 0" : "below 0", RowsText(static_cast<size_t>(outside)),
                          values.size()))
      .Field("formula")
      .Value(TransformText(transform, column, added))
      .Remedy(fmt::format("add a large enough constant, as in {}, or set these values to NA",
                          TransformText(transform, column, added + 1)));
}

}  // namespace kinflow::family
