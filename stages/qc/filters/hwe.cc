#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class HweFilter : public VariantFilter {
 public:
  explicit HweFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.hwe_p; }
  bool Removes(double value) const override { return value < smallest_; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeHweFilter(const QcOptions& options) {
  if (options.hwe_p <= 0) return nullptr;
  return std::make_unique<HweFilter>(options.hwe_p);
}

}  // namespace kinflow
