#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class BatchFilter : public VariantFilter {
 public:
  explicit BatchFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.batch_p; }
  bool Removes(double value) const override { return value < smallest_; }
  bool after_samples() const override { return true; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeBatchFilter(const QcOptions& options) {
  if (options.batch_p <= 0) return nullptr;
  return std::make_unique<BatchFilter>(options.batch_p);
}

}  // namespace kinflow
