#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Removes people whose X says the other sex than the one declared. An ambiguous coefficient, an
/// undeclared sex or data without X remove nobody.
class SexFilter : public SampleFilter {
 public:
  // May be two, and may come from the data: QcSamplesStage sets it.
  double threshold() const override { return std::numeric_limits<double>::quiet_NaN(); }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    for (const SampleFacts& facts : input.facts) {
      const bool known = facts.declared != Sex::kUnknown && facts.inferred != Sex::kUnknown;
      verdict.value.push_back(facts.x_f);
      verdict.removed.push_back(known && facts.declared != facts.inferred);
    }
    return verdict;
  }
};

}  // namespace

std::unique_ptr<SampleFilter> MakeSexFilter(const QcOptions& options) {
  if (options.sex_check != QcOptions::SexCheck::kRemove) return nullptr;
  return std::make_unique<SexFilter>();
}

}  // namespace kinflow
