#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Removes control samples: they are on the plates, and are no people of the cohort.
class ControlFilter : public SampleFilter {
 public:
  double threshold() const override { return std::numeric_limits<double>::quiet_NaN(); }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    verdict.removed = input.cohort.controls;
    verdict.value.assign(input.facts.size(), std::numeric_limits<double>::quiet_NaN());
    return verdict;
  }
};

}  // namespace

std::unique_ptr<SampleFilter> MakeControlFilter(const QcOptions& options) {
  return options.remove_controls ? std::make_unique<ControlFilter>() : nullptr;
}

}  // namespace kinflow
