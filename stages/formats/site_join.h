#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// What became of one batch's variants in a join.
struct BatchTally {
  std::string name;
  uint64_t samples = 0;
  uint64_t variants = 0;     // = common + only_here + conflict
  uint64_t common = 0;       // in every batch: used
  uint64_t only_here = 0;    // some batch has nothing at the position
  uint64_t swapped = 0;      // of the common ones: REF and ALT of the first batch exchanged
  uint64_t palindromic = 0;  // of the swapped ones: A/T or C/G, which a strand flip looks like too
  uint64_t conflict = 0;     // every batch has the position, not with these alleles (or twice)
};

/// One variant of one batch at a position.
struct BatchSite {
  std::string_view ref, alt;
  bool from_multiallelic = false;
};

/// A variant that all batches have: which of each batch's sites, and whether its copies of ALT are
/// copies of the first batch's REF.
struct JoinedSite {
  struct Part {
    uint32_t site = 0;
    bool swapped = false;
  };
  std::vector<Part> parts;  // one a batch
};

/// Pairs the variants of all batches at one position by their alleles. Rules:
///
/// * REF and ALT equal: the same variant. Exact pairs go before swapped ones.
/// * REF and ALT exchanged: the same variant with other copies counted, if `may_swap` (not where
///   people can be haploid: the copies of the other allele are unknown) and that batch's record has
///   one alternative allele (2 - copies counts all others together).
/// * Alleles of the other strand are other alleles: strands are not guessed.
/// * A batch that has the same alleles twice cannot be paired: both are conflicts.
///
/// `sites`: one list a batch. Adds to `tallies` (one a batch). Order of the result: first batch's.
std::vector<JoinedSite> JoinSites(const std::vector<std::vector<BatchSite>>& sites, bool may_swap,
                                  std::vector<BatchTally>& tallies);

}  // namespace kinflow
