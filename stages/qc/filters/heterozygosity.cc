#include <cmath>
#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Distance of the autosomal heterozygosity rate from the mean of the people kept so far, in their
/// standard deviations: too high = contaminated, too low = inbred or badly called.
class HeterozygosityFilter : public SampleFilter {
 public:
  explicit HeterozygosityFilter(double largest) : largest_(largest) {}
  double threshold() const override { return largest_; }

  SampleVerdict Judge(const SampleFilterInput& input) const override {
    const auto counts = [&](size_t s) {
      return input.kept[s] != 0 && !std::isnan(input.facts[s].het_rate);
    };
    double n = 0, sum = 0, squares = 0;
    for (size_t s = 0; s < input.facts.size(); ++s) {
      if (!counts(s)) continue;
      ++n;
      sum += input.facts[s].het_rate;
    }
    const double mean = n > 0 ? sum / n : 0;
    for (size_t s = 0; s < input.facts.size(); ++s) {
      if (!counts(s)) continue;
      const double d = input.facts[s].het_rate - mean;
      squares += d * d;
    }
    const double sd = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
    SampleVerdict verdict;
    for (const SampleFacts& facts : input.facts) {
      const double z =
          sd > 0 ? (facts.het_rate - mean) / sd : std::numeric_limits<double>::quiet_NaN();
      verdict.value.push_back(z);
      verdict.removed.push_back(std::abs(z) > largest_);
    }
    return verdict;
  }

 private:
  double largest_;
};

}  // namespace

std::unique_ptr<SampleFilter> MakeHeterozygosityFilter(const QcOptions& options) {
  if (options.het_sd <= 0) return nullptr;
  return std::make_unique<HeterozygosityFilter>(options.het_sd);
}

}  // namespace kinflow
