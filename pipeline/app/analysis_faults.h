#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/config/config_node.h"

namespace kinflow {

/// A fault of a part of the config with its place: where the value stands, inside the key that the
/// fault's field names behind `prefix` if there.
Error Placed(Error fault, const ConfigNode& part, const std::string& prefix);

/// Faults of the config's analyses: one that several have is told once.
class AnalysisFaults {
 public:
  /// `fault` of analysis `id`; `placed` gives it its place in the config.
  void Add(const std::string& id, const Error& fault, const std::function<Error()>& placed);
  /// In the order of their first analyses; the remedy names the others.
  std::vector<Error> Take();

 private:
  struct Entry {
    ErrorId id;
    std::string message, value, key;  // what makes faults the same
    Error first;
    std::vector<std::string> also;  // further analyses
  };
  std::vector<Entry> entries_;
};

}  // namespace kinflow
