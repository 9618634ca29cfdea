#include "stages/family/refit_ptdt.h"

#include <fmt/format.h>

#include <cmath>

#include "pipeline/base/number.h"
#include "stages/family/models/ptdt_model.h"
#include "stages/family/refit_lines.h"

namespace kinflow::family {

void AddFamilies(const ModelFrame& frame, const std::vector<uint32_t>& rows, Table& out) {
  const std::vector<int64_t>& codes = FamiliesOf(frame);
  Table::Ints family;
  for (const uint32_t r : rows) {
    const bool known = !codes.empty() && codes[r] >= 0;
    family.push_back(known ? codes[r] : Table::kMissingInt);
  }
  out.Add(".family", std::move(family));
}

std::string PtdtLines(const std::string& model_id, const ModelFrame& frame, const ModelSpec& spec) {
  const double beyond = spec.options.cases_beyond_sd;
  return fmt::format("  show_ptdt({}, d, d[[{}]], {}, {}, {}, {})\n", InR(model_id),
                     InR(spec.formula.response), TextsInR(TrioColumns(spec.formula, frame)),
                     std::isnan(beyond) ? "NA" : FormatDouble(beyond),
                     FormatDouble(spec.conf_level), TextsInR(spec.vcov));
}

}  // namespace kinflow::family
