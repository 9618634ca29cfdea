#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

class PlateFilter : public VariantFilter {
 public:
  explicit PlateFilter(double smallest) : smallest_(smallest) {}
  double threshold() const override { return smallest_; }
  double Value(const VariantFacts& facts) const override { return facts.plate_p; }
  bool Removes(double value) const override { return value < smallest_; }
  bool after_samples() const override { return true; }

 private:
  double smallest_;
};

}  // namespace

std::unique_ptr<VariantFilter> MakePlateFilter(const QcOptions& options) {
  if (options.plate_p <= 0) return nullptr;
  return std::make_unique<PlateFilter>(options.plate_p);
}

}  // namespace kinflow
