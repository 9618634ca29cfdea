#pragma once

#include <string>

namespace kinflow {

/// Throws kMissingFile if there is no such folder, kNotAStore if it is no work folder: what every
/// command says that is given one.
void RequireWorkFolder(const std::string& folder);

}  // namespace kinflow
