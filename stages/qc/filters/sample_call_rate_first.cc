#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Samples that failed. They would take good variants below their call rate.
class SampleCallRateFirstFilter : public SampleFilter {
 public:
  explicit SampleCallRateFirstFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    for (const SampleFacts& facts : input.facts) {
      verdict.value.push_back(facts.call_rate_at_best);
      verdict.removed.push_back(facts.call_rate_at_best < smallest_);
    }
    return verdict;
  }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<SampleFilter> MakeSampleCallRateFirstFilter(const QcOptions& options) {
  if (options.sample_call_rate_first <= 0) return nullptr;
  return std::make_unique<SampleCallRateFirstFilter>(options.sample_call_rate_first);
}

}  // namespace kinflow
