#include <algorithm>
#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// What the reference says of a variant. The value is how far frequencies differ, 1 where there are
/// no two to compare.
class ReferenceFilter : public VariantFilter {
 public:
  ReferenceFilter(ReferenceStatus status, double threshold)
      : status_(status), threshold_(threshold) {}
  double threshold() const override { return threshold_; }
  double Value(const VariantFacts& facts) const override {
    const ReferenceFit& fit = facts.reference;
    if (fit.status != status_) return VariantFacts::kNone;
    return std::isnan(fit.difference) ? 1 : fit.difference;
  }
  bool Removes(double value) const override { return !std::isnan(value); }

 private:
  ReferenceStatus status_;
  double threshold_;
};

bool HasThreshold(ReferenceStatus status) {
  return status == ReferenceStatus::kDifference || status == ReferenceStatus::kExchanged ||
         status == ReferenceStatus::kPalindromicTurned;
}

}  // namespace

std::unique_ptr<VariantFilter> MakeReferenceFilter(const QcOptions& options,
                                                   ReferenceStatus status) {
  const auto& removed = options.reference.remove;
  if (std::find(removed.begin(), removed.end(), ReferenceStatusName(status)) == removed.end()) {
    return nullptr;
  }
  return std::make_unique<ReferenceFilter>(
      status, HasThreshold(status) ? options.reference.limits.difference : VariantFacts::kNone);
}

}  // namespace kinflow
