#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class InfoFilter : public VariantFilter {
 public:
  explicit InfoFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.info; }
  bool Removes(double value) const override { return value < smallest_; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakeInfoFilter(const QcOptions& options) {
  if (options.info <= 0) return nullptr;
  return std::make_unique<InfoFilter>(options.info);
}

}  // namespace kinflow
