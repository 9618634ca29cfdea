#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow::family {

/// A function of a column that a formula may name: log(x) is natural.
enum class Transform { kNone, kLog, kExp, kSqrt };

/// By its name in formulas.
std::optional<Transform> FindTransform(std::string_view name);
/// "log(x)", "log(x + 1)" with a constant added; `x` itself if there is no function.
std::string TransformText(Transform transform, const std::string& x, double added);
/// Of x + added; `x` itself if there is no function.
double Apply(Transform transform, double x, double added);
/// Throws kModelFailed if the function is not defined for one of the values.
void CheckDomain(Transform transform, const std::string& column, double added,
                 const std::vector<double>& values);

}  // namespace kinflow::family
