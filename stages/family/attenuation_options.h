#pragma once

#include <array>
#include <string>

#include "pipeline/config/config_node.h"
#include "pipeline/config/schema.h"

namespace kinflow::family {

/// How well a score is measured.
struct AttenuationOptions {
  double reliability = 1;                  // share of its variance that is the score meant
  std::array<double, 3> info = {1, 1, 1};  // imputation r2 of mothers, fathers, children
  double error_correlation = 0.5;          // of the imputation errors of parent and child
  bool asked_for() const;
  std::string ToJson() const;
};
/// The key `attenuation`.
SchemaNode AttenuationSchema();
AttenuationOptions ReadAttenuation(const ConfigNode& node);

}  // namespace kinflow::family
