#pragma once

#include <string>

namespace kinflow {

/// "kinflow 0.1.0 (commit abc1234)".
std::string VersionLine();
/// Version line, compiler, run-time library versions and instruction sets, several lines.
std::string VersionReport();

}  // namespace kinflow
