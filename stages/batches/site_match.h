#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kinflow {

/// A variant at one position as one batch has it. Views are the caller's.
struct SiteVariant {
  uint32_t batch = 0;
  std::string_view ref, alt;
};

/// Why a variant of a batch is not joined.
enum class LeftOut : uint8_t {
  kDuplicate,         // its batch has the pair of alleles twice here
  kDuplicateInOther,  // another batch has it twice
  kOtherStrand,       // another batch has the complements of the alleles
  kOtherAlleles,      // another batch has the position with other alleles
  kAbsentInOther,     // another batch lacks the position
};
inline constexpr size_t kLeftOutReasons = 5;
std::string_view LeftOutName(LeftOut reason);  // "duplicate", ...

/// Finds the variants at one position that all batches have. Alleles agree as an unordered pair;
/// strands are not guessed. Keeps its buffers; one thread.
class SiteMatcher {
 public:
  explicit SiteMatcher(uint32_t batches) : batches_(batches) {}

  struct Loss {
    uint32_t variant;  // place in the site
    LeftOut reason;
    uint32_t other;  // the first batch without a match, or the one with the duplicate
  };
  /// `site`: all variants of all batches at one position, batch after batch, each in its order.
  void Match(std::span<const SiteVariant> site);
  size_t matches() const { return found_.size() / batches_; }
  /// Place in the site of match `m` in `batch`. Matches come in the order of the first batch.
  uint32_t Place(size_t m, uint32_t batch) const { return found_[m * batches_ + batch]; }
  /// By place in the site.
  const std::vector<Loss>& losses() const { return losses_; }

 private:
  void MatchGroup(std::span<const SiteVariant> site, std::span<const uint32_t> group);
  Loss WhyLeftOut(std::span<const SiteVariant> site, uint32_t variant, uint32_t other) const;

  uint32_t batches_;
  std::vector<uint32_t> found_, order_, count_, place_;
  std::vector<Loss> losses_;
};

/// True if `b` has REF and ALT of `a` the other way round.
inline bool IsSwapped(const SiteVariant& a, const SiteVariant& b) {
  return a.ref == b.alt && a.alt == b.ref;
}

}  // namespace kinflow
