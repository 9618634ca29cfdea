#include "stages/kinship/ld_pruner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "pipeline/kernels/call_products.h"

namespace kinflow::kinship {
namespace {

constexpr double kEpsilon = 1e-12;  // frequencies and correlations that differ less are equal

double MajorFrequency(const uint8_t* calls, size_t bytes) {
  const CallProducts self = MultiplyCalls(calls, calls, bytes);
  if (self.n == 0) return 1;
  const double alt = (2.0 * self.alt_a + (self.n - self.hom_a)) / (2.0 * self.n);
  return std::max(alt, 1 - alt);
}

}  // namespace

void LdPruner::Add(uint64_t row, std::string_view chrom, uint32_t pos, const uint8_t* calls) {
  if (chrom != chrom_) {
    Finish();
    chrom_ = chrom;
  }
  while (!window_variants_.empty() && pos > window_variants_.front().pos &&
         pos - window_variants_.front().pos > window_) {
    Compare(window_variants_.size());
    PopFirst();
  }
  Variant variant;
  variant.row = row;
  variant.pos = pos;
  variant.unchecked = seen_ + 1;
  if (!spare_.empty()) {
    variant.calls = std::move(spare_.back());
    spare_.pop_back();
  }
  variant.calls.Resize(row_bytes_);
  std::memcpy(variant.calls.data(), calls, row_bytes_);
  variant.major_freq = MajorFrequency(calls, row_bytes_);
  window_variants_.push_back(std::move(variant));
  ++seen_;
  held_ += row_bytes_;
  peak_bytes_ = std::max(peak_bytes_, held_);
}

bool LdPruner::Correlated(const Variant& a, const Variant& b) const {
  const auto r2 = MultiplyCalls(a.calls.data(), b.calls.data(), row_bytes_).correlation();
  return r2.covariance_squared >= max_r2_ * (1 + kEpsilon) * r2.variances;
}

void LdPruner::Compare(size_t size) {
  const size_t base = number_of_first();
  for (bool dropped_any = true; dropped_any;) {
    dropped_any = false;
    for (size_t i = 0; i < size; ++i) {
      Variant& a = window_variants_[i];
      if (a.dropped) continue;
      for (size_t j = std::max(a.unchecked, base) - base; j < size; ++j) {
        Variant& b = window_variants_[j];
        a.unchecked = base + j + 1;
        if (b.dropped || !Correlated(a, b)) continue;
        (a.major_freq > b.major_freq * (1 + kEpsilon) ? a : b).dropped = true;
        dropped_any = true;
        break;
      }
    }
  }
}

void LdPruner::PopFirst() {
  Variant& first = window_variants_.front();
  if (!first.dropped) kept_.push_back(first.row);
  spare_.push_back(std::move(first.calls));
  window_variants_.pop_front();
  held_ -= row_bytes_;
}

void LdPruner::Finish() {
  if (!window_variants_.empty()) Compare(window_variants_.size());
  while (!window_variants_.empty()) PopFirst();
}

}  // namespace kinflow::kinship
