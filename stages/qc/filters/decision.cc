#include <limits>

#include "stages/qc/filters/filter.h"

namespace kinflow {
namespace {

/// Removes people whom a decisions file leaves out: duplicates, samples of somebody else.
class DecisionFilter : public SampleFilter {
 public:
  explicit DecisionFilter(const std::vector<std::string>& iids) : iids_(iids) {}
  double threshold() const override { return std::numeric_limits<double>::quiet_NaN(); }
  SampleVerdict Judge(const SampleFilterInput& input) const override {
    SampleVerdict verdict;
    verdict.removed.assign(input.facts.size(), 0);
    verdict.value.assign(input.facts.size(), std::numeric_limits<double>::quiet_NaN());
    for (const std::string& iid : iids_) {
      // A decision may outlive its sample: it is of the pedigree only then.
      const uint32_t sample = input.cohort.samples->Find(iid);
      if (sample != SampleTable::kAbsent) verdict.removed[sample] = 1;
    }
    return verdict;
  }

 private:
  std::vector<std::string> iids_;
};

std::unique_ptr<SampleFilter> Make(const std::vector<std::string>& iids) {
  return iids.empty() ? nullptr : std::make_unique<DecisionFilter>(iids);
}

}  // namespace

std::unique_ptr<SampleFilter> MakeProposedDecisionFilter(const QcOptions& options) {
  return Make(options.removed_as_proposed);
}
std::unique_ptr<SampleFilter> MakePersonDecisionFilter(const QcOptions& options) {
  return Make(options.removed_by_person);
}

}  // namespace kinflow
