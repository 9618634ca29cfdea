#include <algorithm>
#include <array>
#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Removes all members of a trio whose share of Mendel errors is too high, as PLINK --me does:
/// which of them is wrong is not known. Where one of them is removed already, by a decision or an
/// earlier filter, the errors are taken for those of that one.
class SampleMendelFilter : public SampleFilter {
 public:
  explicit SampleMendelFilter(double largest) : largest_(largest) {}
  double threshold() const override { return largest_; }

  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    verdict.removed.assign(input.facts.size(), 0);
    verdict.value.assign(input.facts.size(), std::numeric_limits<double>::quiet_NaN());
    for (size_t t = 0; t < input.mendel.trios().size(); ++t) {
      const MendelTrio& trio = input.mendel.trios()[t];
      const std::array<uint32_t, 3> people = {trio.child, trio.father, trio.mother};
      if (std::any_of(people.begin(), people.end(), [&](uint32_t person) {
            return person < input.facts.size() && input.kept[person] == 0;
          })) {
        continue;
      }
      const uint64_t checked = input.counts.mendel_variants - input.counts.trio_unchecked[t];
      if (checked == 0) continue;
      const double rate =
          static_cast<double>(input.counts.trio_errors[t]) / static_cast<double>(checked);
      for (const uint32_t person : people) {
        if (person >= input.facts.size()) continue;
        // The highest rate of a person's trios; false for NaN, the value before the first.
        if (!(verdict.value[person] >= rate)) verdict.value[person] = rate;
        if (rate > largest_) verdict.removed[person] = 1;
      }
    }
    return verdict;
  }

 private:
  double largest_;
};

}  // namespace

std::unique_ptr<SampleFilter> MakeSampleMendelFilter(const QcOptions& options) {
  if (options.sample_mendel_rate >= 1) return nullptr;
  return std::make_unique<SampleMendelFilter>(options.sample_mendel_rate);
}

}  // namespace kinflow
