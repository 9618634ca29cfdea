#include "stages/family/ordinal.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "pipeline/base/number.h"
#include "stages/family/cumulative_link.h"
#include "stages/family/few_rows.h"
#include "stages/family/qr.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kMaxCategories = 50;

struct Outcome {
  std::vector<double> levels;      // ascending
  std::vector<uint32_t> category;  // of each row
  Index cuts() const { return static_cast<Index>(levels.size()) - 1; }
};

Outcome OutcomeOf(const Design& design) {
  Outcome out;
  std::vector<double>& levels = out.levels;
  levels = design.y;
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  if (levels.size() < 2) {
    throw Error(
        ErrorId::kConstantOutcome,
        fmt::format("ordinal: the outcome has the same value in {}", AllRowsUsedText(design.n)))
        .Remedy("check the outcome's coding and what the complete-case rule left");
  }
  if (levels.size() < 3 || levels.size() > kMaxCategories) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("ordinal: the outcome has {} categories in {}; 3 to {} are needed",
                            levels.size(), RowsText(design.n), kMaxCategories))
        .Field("formula")
        .Remedy(levels.size() < 3 ? "use model logit" : "join categories, or use model ols");
  }
  for (const double y : design.y) {
    const auto at = std::lower_bound(levels.begin(), levels.end(), y);
    out.category.push_back(static_cast<uint32_t>(at - levels.begin()));
  }
  return out;
}

/// Predictors in a basis in which Newton steps are well scaled, and the way back:
/// (b, zeta) = to_natural (zeta', g).
struct Basis {
  std::vector<size_t> used;  // estimable design columns
  MatrixXd x;                // orthogonal to the constant and each other, mean square 1
  MatrixXd to_natural;
};

Basis BasisOf(const Design& design, Index cuts) {
  std::vector<double> with_constant(design.n, 1.0);
  with_constant.insert(with_constant.end(), design.x.begin(), design.x.end());
  const PivotedQr qr = FactorQr(with_constant, design.n, design.k + 1);
  const auto n = static_cast<Index>(design.n), rank = static_cast<Index>(qr.rank) - 1;
  if (rank + cuts >= n) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("ordinal: no more complete rows than parameters ({})", rank + cuts))
        .Remedy("use fewer terms, or find out in the table 'rows' why rows were dropped");
  }
  Basis out;
  VectorXd mean(rank);
  for (Index i = 0; i < rank; ++i) {
    out.used.push_back(qr.used[static_cast<size_t>(i) + 1] - 1);
    mean(i) = Eigen::Map<const VectorXd>(design.Column(out.used.back()), n).mean();
  }
  const double scale = std::sqrt(static_cast<double>(n));
  out.x = scale * Eigen::Map<const MatrixXd>(qr.q.data(), n, rank + 1).rightCols(rank);
  const Eigen::Map<const MatrixXd> r_inv(qr.r_inv.data(), rank + 1, rank + 1);
  const MatrixXd to_b = r_inv.bottomRightCorner(rank, rank) * scale;
  out.to_natural = MatrixXd::Zero(rank + cuts, rank + cuts);
  out.to_natural.topRightCorner(rank, rank) = to_b;
  out.to_natural.bottomLeftCorner(cuts, cuts).setIdentity();
  out.to_natural.bottomRightCorner(cuts, rank) = VectorXd::Ones(cuts) * (mean.transpose() * to_b);
  return out;
}

// Columns whose coefficients run away, as a list of names.
std::string Runaways(const Design& design, const std::vector<size_t>& used, const VectorXd& step) {
  std::vector<double> size;
  for (size_t i = 0; i < used.size(); ++i) {
    const double* x = design.Column(used[i]);
    const auto [low, high] = std::minmax_element(x, x + design.n);
    size.push_back(std::abs(step(static_cast<Index>(i))) * (*high - *low));
  }
  std::string terms;
  for (size_t i = 0; i < used.size(); ++i) {
    if (size[i] < 0.2 * *std::max_element(size.begin(), size.end())) continue;
    terms += (terms.empty() ? "" : ", ") + design.columns[used[i]].name;
  }
  return terms;
}

// Columns that `direction` runs along; empty if it is.
std::string RunawaysAlong(const Design& design, const Basis& basis, const VectorXd& direction) {
  if (direction.size() == 0) return "";
  const VectorXd natural = basis.to_natural * direction;
  return Runaways(design, basis.used, natural.head(static_cast<Index>(basis.used.size())));
}

[[noreturn]] void ThrowSeparated(const Design& design, const Basis& basis,
                                 const VectorXd& direction, double log_lik) {
  const std::string terms = RunawaysAlong(design, basis, direction);
  throw Error(
      ErrorId::kModelFailed,
      fmt::format("ordinal: separated: along {} the log-likelihood rises without end in {}, "
                  "towards {:.10g}",
                  terms, RowsText(design.n), log_lik))
      .Field(terms)
      .Remedy("take the term out, or join rare levels and categories");
}

[[noreturn]] void ThrowNoMaximum(const Design& design, const Basis& basis,
                                 const CumulativeLink::Maximum& at) {
  const std::string terms = RunawaysAlong(design, basis, at.step);
  throw Error(ErrorId::kModelFailed,
              fmt::format("ordinal: no maximum found in {} steps over {}: log-likelihood "
                          "{:.10g}, largest score {:.3g}; {} may separate the categories",
                          at.iterations, RowsText(design.n), at.log_lik,
                          at.gradient.cwiseAbs().maxCoeff(), terms.empty() ? "a term" : terms))
      .Field(terms.empty() ? "formula" : terms)
      .Remedy("take the term out, or join rare levels and categories");
}

double NullLogLik(const Outcome& outcome, const std::vector<double>& weight) {
  std::vector<double> counts(outcome.levels.size(), 0.0);
  double all = 0, sum = 0;
  for (size_t i = 0; i < outcome.category.size(); ++i) {
    const double w = weight.empty() ? 1 : weight[i];
    counts[outcome.category[i]] += w;
    all += w;
  }
  for (const double c : counts) sum += c * std::log(c / all);
  return sum;
}

void PlaceParameters(const Design& design, const Outcome& outcome, const Basis& basis,
                     const VectorXd& theta, OrdinalFit& out) {
  const auto cuts = static_cast<size_t>(outcome.cuts());
  std::vector<double>& coef = out.coefficients.coef;
  std::vector<int64_t>& position = out.coefficients.position;
  coef.assign(design.k + cuts, kNan);
  position.assign(design.k + cuts, -1);
  const auto place = [&](size_t at, size_t parameter) {
    coef[at] = theta(static_cast<Index>(parameter));
    position[at] = static_cast<int64_t>(parameter);
  };
  for (size_t i = 0; i < basis.used.size(); ++i) place(basis.used[i], i);
  for (size_t k = 0; k < cuts; ++k) {
    place(design.k + k, basis.used.size() + k);
    out.thresholds.push_back(FormatDouble(outcome.levels[k]) + "|" +
                             FormatDouble(outcome.levels[k + 1]));
  }
}

}  // namespace

OrdinalFit FitOrdinal(const Design& design, bool probit) {
  const Outcome outcome = OutcomeOf(design);
  const Basis basis = BasisOf(design, outcome.cuts());
  const CumulativeLink link(outcome.category, static_cast<uint32_t>(outcome.levels.size()), basis.x,
                            MatrixXd(basis.x.rows(), 0), probit, design.weight);
  const VectorXd start = link.PlainStart();
  const auto at = link.Maximise(start);
  if (!at.converged) ThrowNoMaximum(design, basis, at);
  const VectorXd recession = link.Recession(start, at);
  if (recession.size() > 0) ThrowSeparated(design, basis, recession, at.log_lik);
  OrdinalFit out;
  const MatrixXd& t = basis.to_natural;
  const VectorXd theta = t * at.theta;
  PlaceParameters(design, outcome, basis, theta, out);
  out.parameters = static_cast<size_t>(theta.size());
  const MatrixXd v = t * at.information.ldlt().solve(MatrixXd(t.transpose()));
  out.covariance.assign(v.data(), v.data() + v.size());
  // Scores by theta: those by (zeta', g) times the inverse of t.
  const MatrixXd scores =
      t.transpose().partialPivLu().solve(link.Scores(at.theta).transpose()).transpose();
  out.scores.assign(scores.data(), scores.data() + scores.size());
  out.log_lik = at.log_lik;
  out.log_lik_null = NullLogLik(outcome, design.weight);
  out.iterations = at.iterations;
  out.max_abs_score = at.gradient.cwiseAbs().maxCoeff();
  out.last_step = at.last_step;
  return out;
}

ParallelLines TestParallelLines(const Design& design, bool probit, const OrdinalFit& fit,
                                const std::vector<uint8_t>& columns) {
  const Outcome outcome = OutcomeOf(design);
  const auto n = static_cast<Index>(design.n);
  const std::vector<double>& coef = fit.coefficients.coef;
  // The fit with equal coefficients, in columns about their means: a point near the maximum.
  VectorXd cuts = Eigen::Map<const VectorXd>(&coef[design.k], outcome.cuts());
  std::vector<VectorXd> same, own;
  std::vector<double> b_same, b_own;
  for (size_t c = 0; c < design.k; ++c) {
    if (fit.coefficients.position[c] < 0) continue;
    VectorXd x = Eigen::Map<const VectorXd>(design.Column(c), n);
    const double mean = x.mean();
    x.array() -= mean;
    const double scale = std::sqrt(static_cast<double>(n)) / x.norm();
    x *= scale;
    cuts.array() -= coef[c] * mean;
    (columns[c] != 0 ? own : same).push_back(std::move(x));
    (columns[c] != 0 ? b_own : b_same).push_back(coef[c] / scale);
  }
  const auto matrix = [n](const std::vector<VectorXd>& list) {
    MatrixXd out(n, static_cast<Index>(list.size()));
    for (size_t i = 0; i < list.size(); ++i) out.col(static_cast<Index>(i)) = list[i];
    return out;
  };
  const CumulativeLink link(outcome.category, static_cast<uint32_t>(outcome.levels.size()),
                            matrix(same), matrix(own), probit, design.weight);
  ParallelLines out;
  out.df = static_cast<double>(link.parameters()) - static_cast<double>(fit.parameters);
  std::vector<double> start(cuts.data(), cuts.data() + cuts.size());
  start.insert(start.end(), b_same.begin(), b_same.end());
  for (Index k = 0; k < outcome.cuts(); ++k) start.insert(start.end(), b_own.begin(), b_own.end());
  const Eigen::Map<const VectorXd> equal(start.data(), link.parameters());
  const auto at = link.Maximise(equal);
  const bool maximum = at.converged && link.Recession(equal, at).size() == 0;
  out.statistic = maximum ? std::max(0.0, 2 * (at.log_lik - fit.log_lik)) : kNan;
  return out;
}

}  // namespace kinflow::family
