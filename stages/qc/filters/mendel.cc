#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// PLINK --me: trios with an error over trios that could be checked.
class MendelFilter : public VariantFilter {
 public:
  explicit MendelFilter(double largest) : largest_(largest) {}
  double threshold() const override { return largest_; }
  double Value(const VariantFacts& facts) const override { return facts.mendel_rate; }
  bool Removes(double value) const override { return value > largest_; }
  bool after_samples() const override { return true; }

 private:
  double largest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeMendelFilter(const QcOptions& options) {
  if (options.mendel_rate >= 1) return nullptr;
  return std::make_unique<MendelFilter>(options.mendel_rate);
}

}  // namespace kinflow
