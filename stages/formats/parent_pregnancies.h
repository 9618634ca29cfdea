#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/pedigree.h"

namespace kinflow {

/// A pregnancy stands in the row of its child; in a parent's row it is the one that the parent was
/// born of. Throws kMalformed with the first parent's line if more parents' rows have one whose
/// children have none than children's rows have: then they were meant to be the children's. `lines`
/// are those of `people`.
void CheckParentPregnancies(const std::vector<Person>& people, const std::vector<uint64_t>& lines,
                            const std::string& file);

}  // namespace kinflow
