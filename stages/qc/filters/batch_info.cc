#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class BatchInfoFilter : public VariantFilter {
 public:
  explicit BatchInfoFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.batch_info_p; }
  bool Removes(double value) const override { return value < smallest_; }
  bool after_samples() const override { return true; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeBatchInfoFilter(const QcOptions& options) {
  if (options.batch_info_p <= 0) return nullptr;
  return std::make_unique<BatchInfoFilter>(options.batch_info_p);
}

}  // namespace kinflow
