#pragma once

#include <string>

namespace kinflow {

/// The lists of people to remove, of the run whose output folder this is, that name a person of
/// whom no table has a row: a line each with key, file and line. As the lists are now; "" = none
/// does, or they cannot be read any more.
std::string WithdrawnText(const std::string& iid, const std::string& output);

}  // namespace kinflow
