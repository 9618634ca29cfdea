#include "stages/family/mixed/centring.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr double kFarMean = 1;       // of a slope from 0, in its SDs
constexpr double kConstant = 1e-10;  // an SD beside the mean that is rounding: no slope at all

bool HasIntercept(const RandomBlock& block) {
  return std::find(block.terms.begin(), block.terms.end(), "(Intercept)") != block.terms.end();
}

// Levels of a factor lie far from 0 where most rows are of one.
bool IsIndicator(const Eigen::Map<const Eigen::ArrayXd>& z) { return ((z == 0) || (z == 1)).all(); }

}  // namespace

bool CentredEffects::AnyCentred() const {
  return std::any_of(back.begin(), back.end(), [](const MatrixXd& m) { return !m.isIdentity(0); });
}

std::optional<UncentredSlope> FarSlope(const RandomDesign& random) {
  constexpr double kFar = 3;
  for (const auto& block : random.blocks) {
    if (HasIntercept(block)) continue;
    for (size_t c = 0; c < block.q(); ++c) {
      const Eigen::Map<const Eigen::ArrayXd> z(block.z.data() + c * random.n,
                                               static_cast<Index>(random.n));
      const double mean = z.mean(), sd = std::sqrt((z - mean).square().mean());
      if (std::abs(mean) <= kFar * sd || sd <= kConstant * std::abs(mean)) continue;
      if (!IsIndicator(z)) return UncentredSlope{block.terms[c], block.term};
    }
  }
  return std::nullopt;
}

CentredEffects CentreSlopes(const RandomDesign& random) {
  CentredEffects out{random, {}};
  for (auto& block : out.random.blocks) {
    const auto q = static_cast<Index>(block.q());
    out.back.push_back(MatrixXd::Identity(q, q));
    const auto at = std::find(block.terms.begin(), block.terms.end(), "(Intercept)");
    if (at == block.terms.end()) continue;
    const Index intercept = at - block.terms.begin();
    for (Index c = 0; c < q; ++c) {
      Eigen::Map<Eigen::ArrayXd> z(block.z.data() + c * static_cast<Index>(random.n),
                                   static_cast<Index>(random.n));
      const double mean = z.mean(), sd = std::sqrt((z - mean).square().mean());
      if (c == intercept || std::abs(mean) <= kFarMean * sd) continue;
      if (sd <= kConstant * std::abs(mean)) continue;
      z -= mean;
      out.back.back()(intercept, c) = -mean;
    }
  }
  return out;
}

MatrixXd Triangle(const MatrixXd& m) {
  const Eigen::HouseholderQR<MatrixXd> qr(m.transpose());
  MatrixXd lower =
      MatrixXd(qr.matrixQR().triangularView<Eigen::Upper>()).topRows(m.rows()).transpose();
  for (Index c = 0; c < lower.cols(); ++c) {
    if (lower(c, c) < 0) lower.col(c) *= -1;
  }
  return lower;
}

}  // namespace kinflow::family
