#include "stages/family/mixed/kenward_roger.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <map>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/family/mixed/centring.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Derivatives of the rows' covariance by each variance and covariance of a block.
void AddDerivatives(const RandomBlock& block, size_t n, std::vector<MatrixXd>& out) {
  const auto rows = static_cast<Index>(n), q = static_cast<Index>(block.q());
  const Eigen::Map<const MatrixXd> z(block.z.data(), rows, q);
  std::map<std::pair<uint32_t, uint32_t>, double> related;
  for (const auto& pair : block.related) related[std::minmax(pair.a, pair.b)] = pair.r;
  MatrixXd alike(rows, rows);  // correlation of the levels
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const uint32_t a = block.level[static_cast<size_t>(i)],
                     b = block.level[static_cast<size_t>(j)];
      const auto found = related.find(std::minmax(a, b));
      alike(i, j) = alike(j, i) = a == b ? 1 : found != related.end() ? found->second : 0;
    }
  }
  for (Index c = 0; c < q; ++c) {
    for (Index r = c; r < q; ++r) {
      MatrixXd products = z.col(r) * z.col(c).transpose();
      if (r != c) products += products.transpose().eval();
      out.push_back(products.cwiseProduct(alike));
    }
  }
}

double Trace(const MatrixXd& a, const MatrixXd& b) {
  return a.cwiseProduct(b.transpose()).sum();  // of the product
}

}  // namespace

KenwardRoger::KenwardRoger(const Design& design, const RandomDesign& random, const MixedFit& fit)
    : fit_(fit) {
  if (design.n > kMaxRows) {
    throw Error(
        ErrorId::kModelFailed,
        fmt::format("{} rows: Kenward and Roger's tests are for {} at most", design.n, kMaxRows))
        .Field("df")
        .Remedy("leave df out: with so many rows Satterthwaite's tests are the same");
  }
  const auto n = static_cast<Index>(design.n), rank = static_cast<Index>(fit.rank);
  MatrixXd x(n, rank);
  for (size_t c = 0; c < design.k; ++c) {
    if (fit.position[c] < 0) continue;
    x.col(fit.position[c]) = Eigen::Map<const VectorXd>(design.Column(c), n);
  }
  std::vector<MatrixXd> g;
  // In effects about the slopes' means: with slopes far from 0 the derivatives are all but alike.
  const CentredEffects centred = CentreSlopes(random);
  for (const auto& block : centred.random.blocks) AddDerivatives(block, design.n, g);
  g.push_back(MatrixXd::Identity(n, n));
  MatrixXd v = fit.sigma * fit.sigma * g.back();
  size_t at = 0;
  for (size_t b = 0; b < centred.back.size(); ++b) {
    const MatrixXd to = centred.back[b].inverse();
    const MatrixXd covariance = to * fit.covariance[b] * to.transpose();
    for (Index c = 0; c < covariance.cols(); ++c) {
      for (Index r = c; r < covariance.rows(); ++r) v += covariance(r, c) * g[at++];
    }
  }
  const MatrixXd inverse = v.llt().solve(MatrixXd::Identity(n, n));
  const MatrixXd vx = inverse * x;
  const MatrixXd& phi = fit.vcov;
  std::vector<MatrixXd> vg, gvx;
  for (const auto& derivative : g) {
    vg.push_back(inverse * derivative);
    gvx.push_back(derivative * vx);
    p_.push_back(vx.transpose() * gvx.back());
  }
  const auto count = static_cast<Index>(g.size());
  MatrixXd information(count, count);
  std::vector<std::vector<MatrixXd>> q(g.size());
  for (size_t r = 0; r < g.size(); ++r) {
    for (size_t s = 0; s <= r; ++s) {
      q[r].push_back(gvx[r].transpose() * inverse * gvx[s]);
      const double value =
          Trace(vg[r], vg[s]) - 2 * Trace(phi, q[r][s]) + Trace(phi * p_[r], phi * p_[s]);
      information(static_cast<Index>(r), static_cast<Index>(s)) = value;
      information(static_cast<Index>(s), static_cast<Index>(r)) = value;
    }
  }
  parameters_ = 2 * information.inverse();
  MatrixXd u = MatrixXd::Zero(rank, rank);
  for (size_t r = 0; r < g.size(); ++r) {
    for (size_t s = 0; s <= r; ++s) {
      const MatrixXd term = q[r][s] - p_[r] * phi * p_[s];
      const double weight = parameters_(static_cast<Index>(r), static_cast<Index>(s));
      u += weight * (r == s ? term : MatrixXd(term + term.transpose()));
    }
  }
  adjusted_ = phi + 2 * phi * u * phi;
}

KenwardRoger::Degrees KenwardRoger::DegreesOf(const MatrixXd& l) const {
  const auto q = static_cast<double>(l.rows());
  const MatrixXd& phi = fit_.vcov;
  const MatrixXd theta = l.transpose() * (l * phi * l.transpose()).inverse() * l;
  std::vector<MatrixXd> m;  // theta phi P phi
  for (const auto& p : p_) m.push_back(theta * phi * p * phi);
  double a1 = 0, a2 = 0;
  for (size_t r = 0; r < m.size(); ++r) {
    for (size_t s = 0; s < m.size(); ++s) {
      const double weight = parameters_(static_cast<Index>(r), static_cast<Index>(s));
      a1 += weight * m[r].trace() * m[s].trace();
      a2 += weight * Trace(m[r], m[s]);
    }
  }
  const double b = (a1 + 6 * a2) / (2 * q);
  const double g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2);
  const double c = 3 * q + 2 * (1 - g), c1 = g / c, c2 = (q - g) / c, c3 = (q + 2 - g) / c;
  const double expectation = 1 / (1 - a2 / q);
  const double variance = 2 / q * (1 + c1 * b) / (std::pow(1 - c2 * b, 2) * (1 - c3 * b));
  const double rho = variance / (2 * expectation * expectation);
  const double df = 4 + (q + 2) / (q * rho - 1);
  return {df, df / (expectation * (df - 2))};
}

LinearResult KenwardRoger::Contrast(const std::vector<size_t>& columns,
                                    const std::vector<double>& weights) const {
  MatrixXd l = MatrixXd::Zero(1, static_cast<Index>(fit_.rank));
  LinearResult out{0, kNan, kNan, kNan};
  bool aliased = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    out.estimate += weights[i] * fit_.coef[columns[i]];
    const int64_t at = fit_.position[columns[i]];
    aliased = aliased || at < 0;
    if (at >= 0) l(0, at) += weights[i];
  }
  if (aliased) return out;
  out.std_error = std::sqrt((l * adjusted_ * l.transpose())(0, 0));
  out.statistic = out.estimate / out.std_error;
  out.df = DegreesOf(l).df;
  return out;
}

TestResult KenwardRoger::F(const std::vector<size_t>& columns) const {
  std::vector<std::pair<Index, double>> used;
  for (const size_t c : columns) {
    if (fit_.position[c] >= 0) used.emplace_back(fit_.position[c], fit_.coef[c]);
  }
  const auto q = static_cast<Index>(used.size());
  if (q == 0) return {kNan, 0, kNan, kNan, kNan};
  MatrixXd l = MatrixXd::Zero(q, static_cast<Index>(fit_.rank));
  VectorXd b(q);
  for (Index i = 0; i < q; ++i) {
    l(i, used[static_cast<size_t>(i)].first) = 1;
    b(i) = used[static_cast<size_t>(i)].second;
  }
  const Degrees degrees = DegreesOf(l);
  const double f = degrees.scale * b.dot((l * adjusted_ * l.transpose()).llt().solve(b)) /
                   static_cast<double>(q);
  const Tail tail = UpperF(f, static_cast<double>(q), degrees.df);
  return {f, static_cast<double>(q), degrees.df, tail.p, tail.neg_log10};
}

}  // namespace kinflow::family
