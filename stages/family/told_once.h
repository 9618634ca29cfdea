#pragma once

#include <string>
#include <vector>

namespace kinflow::family {

/// A text that several models gave.
struct Told {
  size_t first = 0, last = 0;  // indices of the equal texts
  size_t count = 0;
};

/// Equal texts told once, in the order of their first appearance.
std::vector<Told> TellOnce(const std::vector<std::string>& texts);

/// "joint/trio/adhd: text" of many models as "joint/trio/adhd: text (and 10 more models)", by the
/// last of them: steps end with the full model.
std::vector<std::string> MergeWarnings(const std::vector<std::string>& warnings);

/// " (11 models)", "" for one.
std::string CountText(size_t models);

}  // namespace kinflow::family
