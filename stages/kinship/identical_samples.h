#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/kinship/conflict.h"
#include "stages/kinship/judged_pairs.h"

namespace kinflow::kinship {

/// More copies of one genotype than this are hardly a person who was sampled again: laboratories
/// put the same control on each plate.
inline constexpr uint32_t kMostCopies = 3;

/// How many samples have the genotypes of each, with itself: those that pairs found as duplicates
/// join, directly or not.
std::vector<uint32_t> IdenticalSamples(const std::vector<JudgedPair>& pairs, size_t n_samples);

/// Says of conflicts between samples of more than kMostCopies identical ones that these are likely
/// controls.
void TellLikelyControls(const std::vector<uint32_t>& identical, std::vector<Conflict>& conflicts);
/// For the log; "" if no sample has so many copies.
std::string LikelyControls(const std::vector<uint32_t>& identical);

}  // namespace kinflow::kinship
