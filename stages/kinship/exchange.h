#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "stages/kinship/link_graph.h"
#include "stages/qc/sample_counts.h"

namespace kinflow::kinship {

/// What is found of two samples and all others beside what the pedigree says of the other one of
/// the two: its check as it would be if they were exchanged. What the two are to each other stays.
struct ExchangeEvidence {
  size_t agree = 0;       // relations that are as expected then
  size_t unchanged = 0;   // of these, as expected without the exchange, too
  size_t contradict = 0;  // that cannot be
  size_t unclear = 0;     // first degree expected, second found, which few variants may make of it
  /// Open rejected and unexpected links that fall into place, in order, and whether some are
  /// relatives, found, of both samples.
  std::vector<size_t> explained;
  bool both_placed = false;
  /// Samples whose sex by genotype is that of the other person, of these those that are not of
  /// their own person's, and whether any is of neither.
  size_t sexes_agree = 0, sexes_resolved = 0;
  bool sexes_contradict = false;
};

/// Where few variants tell, links that chance may give, uncertain ones and those explained already
/// count for neither side, nor does a full sib for a parent or child or the reverse, unless that
/// was tested. Pairs that are not listed are unrelated.
ExchangeEvidence EvidenceOfExchange(const LinkGraph& graph, const std::vector<SampleFacts>& facts,
                                    uint32_t a, uint32_t b);

/// Two samples that may have been exchanged.
struct Exchange {
  uint32_t a, b;
  ExchangeEvidence evidence;
  std::optional<std::pair<uint32_t, uint32_t>> rival;  // explains as much of the same links

  /// What holds either way speaks for no exchange.
  int score() const {
    return static_cast<int>(evidence.agree - evidence.unchanged + evidence.sexes_resolved) -
           static_cast<int>(evidence.contradict);
  }
  /// True if nothing found tells the two apart.
  bool ExplainsTheSame(const Exchange& other) const {
    return evidence.explained == other.evidence.explained &&
           evidence.sexes_resolved == other.evidence.sexes_resolved &&
           evidence.contradict == other.evidence.contradict;
  }
};

}  // namespace kinflow::kinship
