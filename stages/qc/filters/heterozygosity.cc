#include <cmath>
#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Mean and spread of one group.
struct Spread {
  double n = 0, mean = 0, sd = 0;
};

/// Distance of the autosomal heterozygosity rate from the mean of the person's group, of those kept
/// so far, in their standard deviations: too high = contaminated, too low = inbred or badly called.
class HeterozygosityFilter : public SampleFilter {
 public:
  explicit HeterozygosityFilter(double largest) : largest_(largest) {}
  double threshold() const override { return largest_; }

  SampleVerdict Judge(const SampleFilterInput& input) const override {
    std::vector<Spread> spreads;
    for (uint32_t g = 0; g < input.groups.names.size(); ++g) {
      spreads.push_back(SpreadOf(input, g));
    }
    SampleVerdict verdict;
    for (size_t s = 0; s < input.facts.size(); ++s) {
      const uint32_t g = input.groups.of[s];
      const Spread spread = g == PeopleGroups::kNone ? Spread() : spreads[g];
      const double z = spread.sd > 0 ? (input.facts[s].het_rate - spread.mean) / spread.sd
                                     : std::numeric_limits<double>::quiet_NaN();
      verdict.value.push_back(z);
      verdict.removed.push_back(std::abs(z) > largest_);
    }
    return verdict;
  }

 private:
  static Spread SpreadOf(const SampleFilterInput& input, uint32_t group) {
    const auto counts = [&](size_t s) {
      return input.kept[s] != 0 && input.groups.of[s] == group && input.groups.typical[s] != 0 &&
             !std::isnan(input.facts[s].het_rate);
    };
    Spread spread;
    double sum = 0, squares = 0;
    for (size_t s = 0; s < input.facts.size(); ++s) {
      if (!counts(s)) continue;
      ++spread.n;
      sum += input.facts[s].het_rate;
    }
    if (spread.n < static_cast<double>(input.groups.least)) return {};
    spread.mean = sum / spread.n;
    for (size_t s = 0; s < input.facts.size(); ++s) {
      if (!counts(s)) continue;
      const double d = input.facts[s].het_rate - spread.mean;
      squares += d * d;
    }
    spread.sd = std::sqrt(squares / (spread.n - 1));
    return spread;
  }

  double largest_;
};

}  // namespace

std::unique_ptr<SampleFilter> MakeHeterozygosityFilter(const QcOptions& options) {
  if (options.het_sd <= 0) return nullptr;
  return std::make_unique<HeterozygosityFilter>(options.het_sd);
}

}  // namespace kinflow
