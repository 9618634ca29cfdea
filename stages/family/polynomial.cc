#include "stages/family/polynomial.h"

#include <cmath>
#include <set>

#include "pipeline/base/error.h"

namespace kinflow::family {

Polynomial::Polynomial(const std::vector<double>& values, uint32_t degree) {
  const std::set<double> different(values.begin(), values.end());
  if (different.size() <= degree) {
    throw Error(ErrorId::kModelFailed, "a polynomial needs more different values than its degree")
        .Field("formula")
        .Value(std::to_string(different.size()) + " values, degree " + std::to_string(degree))
        .Remedy("lower the degree");
  }
  std::vector<double> previous(values.size(), 0.0), current(values.size(), 1.0);
  double previous_norm = 1;
  for (uint32_t k = 0; k <= degree; ++k) {
    double norm = 0, moment = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      norm += current[i] * current[i];
      moment += values[i] * current[i] * current[i];
    }
    if (k > 0) scale_.push_back(std::sqrt(norm));
    shift_.push_back(moment / norm);
    ratio_.push_back(k == 0 ? 0 : norm / previous_norm);
    for (size_t i = 0; i < values.size(); ++i) {
      const double next = (values[i] - shift_[k]) * current[i] - ratio_[k] * previous[i];
      previous[i] = current[i];
      current[i] = next;
    }
    previous_norm = norm;
  }
}

double Polynomial::At(double x, uint32_t part) const {
  double previous = 0, current = 1;
  for (uint32_t k = 0; k <= part; ++k) {
    const double next = (x - shift_[k]) * current - ratio_[k] * previous;
    previous = current;
    current = next;
  }
  return current / scale_[part];
}

}  // namespace kinflow::family
