#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class MafFilter : public VariantFilter {
 public:
  explicit MafFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.maf; }
  bool Removes(double value) const override { return value < smallest_; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeMafFilter(const QcOptions& options) {
  if (options.maf <= 0) return nullptr;
  return std::make_unique<MafFilter>(options.maf);
}

}  // namespace kinflow
