#pragma once

#include <string>
#include <vector>

#include "tests/unit/scores/support.h"

namespace kinflow::test {

/// With missing values; `haploid`: every third variant has haploid calls of every second sample.
Genotypes RandomGenotypes(size_t variants, uint32_t samples, uint32_t units, bool haploid = false);
/// `n` scores over about half of the variants each, all effect types, both sides.
std::vector<ScoreMatch> RandomScores(const Genotypes& g, size_t n, bool additive_only = false);
std::vector<std::string> Names(size_t n);
/// The scores with the frequencies of the genotypes.
MatchedScores MatchedTo(const Genotypes& g, const std::vector<ScoreMatch>& scores);
/// Of an artifact "scores" whose key is made of `key`.
Manifest ScoresManifest(const std::string& key);

}  // namespace kinflow::test
