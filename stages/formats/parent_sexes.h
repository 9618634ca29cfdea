#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/pedigree.h"

namespace kinflow {

/// Throws kParentSex if a father is recorded as female or a mother as male, with the line of the
/// first such parent; several are told by their numbers, since exchanged columns make all of them
/// wrong. `lines`: of each person in `file`.
void CheckParentSexes(const std::vector<Person>& people, const std::vector<uint64_t>& lines,
                      const std::string& file);

}  // namespace kinflow
