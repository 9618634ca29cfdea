#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class CallRateFilter : public VariantFilter {
 public:
  explicit CallRateFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.call_rate; }
  bool Removes(double value) const override { return value < smallest_; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeCallRateFilter(const QcOptions& options) {
  if (options.call_rate <= 0) return nullptr;
  return std::make_unique<CallRateFilter>(options.call_rate);
}

}  // namespace kinflow
