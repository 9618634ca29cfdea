#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class SampleCallRateFilter : public SampleFilter {
 public:
  SampleCallRateFilter(double SampleFacts::*rate, double smallest)
      : rate_(rate), smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    for (const SampleFacts& facts : input.facts) {
      verdict.value.push_back(facts.*rate_);
      verdict.removed.push_back(facts.*rate_ < smallest_);
    }
    return verdict;
  }

 private:
  double SampleFacts::*rate_;
  double smallest_;
};

std::unique_ptr<SampleFilter> MakeCallRateFilter(double SampleFacts::*rate, double smallest) {
  return smallest > 0 ? std::make_unique<SampleCallRateFilter>(rate, smallest) : nullptr;
}

}  // namespace

// Samples that failed: they would take good variants below their call rate.
std::unique_ptr<SampleFilter> MakeSampleCallRateFirstFilter(const QcOptions& options) {
  return MakeCallRateFilter(&SampleFacts::call_rate_at_best, options.sample_call_rate_first);
}

std::unique_ptr<SampleFilter> MakeSampleCallRateFilter(const QcOptions& options) {
  return MakeCallRateFilter(&SampleFacts::call_rate, options.sample_call_rate);
}

}  // namespace kinflow
