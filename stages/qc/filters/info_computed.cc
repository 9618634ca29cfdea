#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class InfoComputedFilter : public VariantFilter {
 public:
  explicit InfoComputedFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.info_computed; }
  bool Removes(double value) const override { return value < smallest_; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeInfoComputedFilter(const QcOptions& options) {
  if (options.info_computed <= 0) return nullptr;
  return std::make_unique<InfoComputedFilter>(options.info_computed);
}

}  // namespace kinflow
