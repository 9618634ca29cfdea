#include <algorithm>

#include "pipeline/app/study.h"
#include "pipeline/base/error.h"

namespace kinflow {

/// Variants are filtered by tests of plates and batches where there are such: what the preset asks
/// for is off without, what the config asks for is an error.
void Study::SettleFiltersOfEffects() {
  if (layout_ == nullptr && !plates_.file.empty()) return;  // which has a fault
  const auto has_factor = [this](const char* name) {
    return layout_ != nullptr &&
           std::any_of(layout_->factors.begin(), layout_->factors.end(),
                       [name](const plates::Factor& factor) { return factor.name == name; });
  };
  const auto settle = [this](const char* key, bool tested, const char* remedy, double& p) {
    if (p <= 0 || tested) return;
    if (config_.Has(key)) {
      faults_.push_back(
          Error(ErrorId::kMissingKey, "variants are to be removed by a test, but there is none")
              .Field(key)
              .Remedy(remedy));
    }
    p = 0;
  };
  settle("qc.variant.plate_p", has_factor("plate"),
         "name a table with a column of plates under plates.file, or leave the threshold out",
         qc_.plate_p);
  settle("qc.variant.batch_p", has_factor("batch"),
         "name a table with a column of batches under plates.file, or leave the threshold out",
         qc_.batch_p);
  settle("qc.variant.batch_info_p", imputed_in_ != nullptr,
         "read dosages, with batches under input.batches or in the table of plates.file, or leave "
         "the threshold out",
         qc_.batch_info_p);
}

}  // namespace kinflow
