#pragma once

#include <cstdint>
#include <vector>

namespace kinflow::family {

/// Orthogonal polynomials of degrees 1 to `degree` over given values: R's poly(x, degree), with
/// the same signs (leading coefficients above zero). Models give the values of the rows they use,
/// where R's lm() gives those of rows that it drops later, too.
class Polynomial {
 public:
  Polynomial() = default;
  /// Throws kModelFailed if the values are not more different ones than the degree.
  Polynomial(const std::vector<double>& values, uint32_t degree);

  uint32_t degree() const { return static_cast<uint32_t>(scale_.size()); }
  /// Of degree `part` + 1 at a value.
  double At(double x, uint32_t part) const;

 private:
  // p_0 = 1, p_(k+1) = (x - shift_k) p_k - ratio_k p_(k-1); scale_: the norms of p_1, p_2, ...
  std::vector<double> shift_, ratio_, scale_;
};

}  // namespace kinflow::family
