#include "stages/family/groups/factor.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/family/design.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {

Factor FactorOf(const Formula& formula, size_t variable, const ModelFrame& frame,
                const std::vector<uint32_t>& rows) {
  const FormulaVariable& of = formula.variables[variable];
  if (!of.as_factor && !of.IsPlain()) {
    throw Error(ErrorId::kModelFailed, "a function of numbers makes no groups")
        .Field("formula")
        .Value(of.Label())
        .Remedy("name the column itself");
  }
  // Without an intercept the factor has a column a level.
  Formula alone = formula;
  alone.intercept = false;
  alone.random.clear();
  alone.variables = {formula.variables[variable]};
  alone.variables[0].as_factor = true;
  alone.terms = {{{0}}};
  const Design design = BuildDesign(alone, frame, rows);
  const size_t prefix = alone.variables[0].Label().size();
  Factor out;
  out.column = alone.variables[0].column;
  out.code.resize(design.n);
  for (size_t c = 0; c < design.k; ++c) {
    out.levels.push_back(design.columns[c].name.substr(prefix));
    for (size_t i = 0; i < design.n; ++i) {
      if (design.Column(c)[i] == 1) out.code[i] = static_cast<uint32_t>(c);
    }
  }
  return out;
}

Factor WaveFactorOf(const Formula& formula, size_t variable, const ModelFrame& frame,
                    const std::vector<uint32_t>& rows, const std::vector<int64_t>& people) {
  Factor out = FactorOf(formula, variable, frame, rows);
  const WaveOrder order = WaveLevels(frame, out.column, rows, people);
  const auto& in_time = order.names;
  std::vector<uint32_t> place;  // of each level
  for (const auto& level : out.levels) {
    const auto at = std::find(in_time.begin(), in_time.end(), level);
    place.push_back(static_cast<uint32_t>(at - in_time.begin()));
  }
  for (uint32_t& code : out.code) code = place[code];
  out.levels = in_time;
  out.warning = OrderWarning(out.column, order);
  return out;
}

}  // namespace kinflow::family
