#include "stages/formats/text_dosage.h"

#include <cmath>

#include "pipeline/base/number.h"

namespace kinflow {

DosageGrid::DosageGrid(uint32_t units, double error_bound)
    : units_(units),
      places_(units == 10       ? 1
              : units == 100    ? 2
              : units == 1000   ? 3
              : units == 10'000 ? 4
                                : 0),
      exact_(error_bound == 0) {}

DosageGrid::Result DosageGrid::ToUnits(double x, uint32_t copies, uint32_t& out) const {
  if (!std::isfinite(x)) return Result::kNotFinite;
  if (x < -kTolerance || x > copies + kTolerance) return Result::kOutOfRange;
  const double scaled = x < 0 ? 0.0 : x * units_;
  const auto nearest = static_cast<uint32_t>(scaled + 0.5);
  out = nearest > copies * units_ ? copies * units_ : nearest;
  if (exact_ && std::fabs(scaled - nearest) > kTolerance * units_) return Result::kOffGrid;
  return Result::kOk;
}

bool ParseDosageText(std::string_view token, double& out) {
  const auto value = ParseDouble(token);
  if (value) out = *value;
  return value.has_value();
}

}  // namespace kinflow
