#include "stages/family/transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pipeline/base/error.h"

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

std::string TransformText(Transform transform, const std::string& x) {
  for (const auto& [value, name] : kTransforms) {
    if (value == transform) return fmt::format("{}({})", name, x);
  }
  return x;
}

double Apply(Transform transform, double x) {
  switch (transform) {
    case Transform::kLog:
      return std::log(x);
    case Transform::kExp:
      return std::exp(x);
    case Transform::kSqrt:
      return std::sqrt(x);
    case Transform::kNone:
      break;
  }
  return x;
}

// How many is not said: it may be few people.
void CheckDomain(Transform transform, const std::string& column,
                 const std::vector<double>& values) {
  const bool log = transform == Transform::kLog;
  if (!log && transform != Transform::kSqrt) return;
  const bool outside = std::any_of(values.begin(), values.end(),
                                   [&](double v) { return log ? !(v > 0) : !(v >= 0); });
  if (!outside) return;
  throw Error(ErrorId::kModelFailed,
              fmt::format("some values of {} are {}", column, log ? "not above 0" : "below 0"))
      .Field("formula")
      .Value(TransformText(transform, column))
      .Remedy("add a constant to the column beforehand, or set these values to NA");
}

}  // namespace kinflow::family
