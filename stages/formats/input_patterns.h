#pragma once

#include <string>
#include <vector>

namespace kinflow {

/// Paths of one or several patterns, in order. `@` stands for 1 ... 22, X, Y, XY, MT; `{1..22}` for
/// a range of numbers; `{1,2,X}` for a list. Of `@` the files that exist are taken; of
/// braces all must exist: throws kMissingFile. None: kNoFileMatches. A path without pattern, or one
/// that exists as written, is kept as it is.
std::vector<std::string> ExpandInputs(const std::vector<std::string>& patterns);

}  // namespace kinflow
