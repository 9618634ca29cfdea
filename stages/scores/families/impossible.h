#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/scores/families/family_units.h"

namespace kinflow {

/// The least number of impossible genotypes that stands out among children of one kind of family.
///
/// Chance: counts are Poisson of one rate, at most the median + ln 2 (Choi 1994, Proc AMS 121,
/// 245), which swapped samples hardly move while they are few. The number is the least beyond three
/// times that rate whose tail probability is below .01 / `tests`: of a cohort without any swap one
/// in a hundred is told of a child, or fewer. Rates differ somewhat between people, for which the
/// factor three is there. `counts` is not empty.
uint32_t ImpossibleLimit(std::vector<uint32_t> counts, size_t tests);

/// A line a kind of family that has children beyond its limit, with their number; nobody is named.
std::vector<std::string> ImpossibleWarnings(const std::vector<FamilyKind>& kinds,
                                            const std::vector<uint32_t>& impossible);

}  // namespace kinflow
