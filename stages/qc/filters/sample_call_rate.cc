#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class SampleCallRateFilter : public SampleFilter {
 public:
  explicit SampleCallRateFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    for (const SampleFacts& facts : input.facts) {
      verdict.value.push_back(facts.call_rate);
      verdict.removed.push_back(facts.call_rate < smallest_);
    }
    return verdict;
  }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<SampleFilter> MakeSampleCallRateFilter(const QcOptions& options) {
  if (options.sample_call_rate <= 0) return nullptr;
  return std::make_unique<SampleCallRateFilter>(options.sample_call_rate);
}

}  // namespace kinflow
