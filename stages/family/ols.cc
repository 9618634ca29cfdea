#include "stages/family/ols.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/family/block_sums.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Column = Eigen::Map<const Eigen::ArrayXd>;

Column ColumnAt(const double* values, size_t n) { return {values, static_cast<Index>(n)}; }

double SumOfSquaresAboutZero(const Design& design, const double* values) {
  const Column v = ColumnAt(values, design.n);
  if (design.weight.empty()) return BlockSum(v.square());
  return BlockSum(ColumnAt(design.weight.data(), design.n) * v.square());
}

// Weighted sum of squares about the mean (two passes).
double SumOfSquares(const Design& design, const double* values) {
  const Column v = ColumnAt(values, design.n);
  if (design.weight.empty()) {
    const double mean = BlockSum(v) / static_cast<double>(design.n);
    return BlockSum((v - mean).square());
  }
  const Column w = ColumnAt(design.weight.data(), design.n);
  const double mean = BlockSum(w * v) / BlockSum(w);
  return BlockSum(w * (v - mean).square());
}

// Least squares of rows times the roots of their weights is weighted least squares.
void FactorWeighted(const Design& design, OlsFit& fit) {
  std::vector<double> y = design.y;
  if (design.weight.empty()) {
    fit.qr = QrOf(design);
    fit.outcome = ProjectOn(fit.qr, std::move(y));
    return;
  }
  std::vector<double> x = design.x;
  for (size_t i = 0; i < design.n; ++i) {
    const double root = std::sqrt(design.weight[i]);
    for (size_t c = 0; c < design.k; ++c) x[c * design.n + i] *= root;
    y[i] *= root;
  }
  fit.qr = FactorQr(x, design.n, design.k);
  fit.outcome = ProjectOn(fit.qr, std::move(y));
}

void CheckInput(const Design& design) {
  const double first = design.y.front();
  if (std::all_of(design.y.begin(), design.y.end(), [&](double y) { return y == first; })) {
    throw Error(ErrorId::kConstantOutcome,
                fmt::format("the outcome has the same value in {}", AllRowsUsedText(design.n)))
        .Remedy("check the outcome's coding and what the complete-case rule left");
  }
}

}  // namespace

OlsFit FitOls(const Design& design) {
  if (design.n < 2) {
    throw Error(ErrorId::kTooFewRows, "fewer than two complete rows")
        .Remedy("check the missing codes of the model's columns, and whose variables they are");
  }
  CheckInput(design);
  OlsFit fit;
  fit.n = design.n;
  FactorWeighted(design, fit);
  const size_t rank = fit.qr.rank;
  if (rank >= design.n) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("no more complete rows than coefficients ({})", design.k))
        .Remedy("use fewer terms, or find out in the table 'rows' why rows were dropped");
  }
  fit.df_resid = design.n - rank;
  fit.coef.assign(design.k, kNan);
  fit.position.assign(design.k, -1);
  for (size_t i = 0; i < rank; ++i) {
    double b = 0;
    for (size_t j = i; j < rank; ++j) b += fit.qr.r_inv[j * rank + i] * fit.outcome.effects[j];
    fit.coef[fit.qr.used[i]] = b;
    fit.position[fit.qr.used[i]] = static_cast<int64_t>(i);
  }
  const auto n = static_cast<double>(design.n), df = static_cast<double>(fit.df_resid);
  fit.rss = BlockSum(ColumnAt(fit.residuals().data(), design.n).square());
  const double about_zero = SumOfSquaresAboutZero(design, design.y.data());
  fit.tss = design.intercept ? SumOfSquares(design, design.y.data()) : about_zero;
  fit.perfect = fit.rss <= about_zero * 1e-28;
  fit.sigma = std::sqrt(fit.rss / df);
  fit.r2 = 1 - fit.rss / fit.tss;
  const double df_int = design.intercept ? 1 : 0;
  fit.adj_r2 = 1 - (1 - fit.r2) * (n - df_int) / df;
  const double df_model = static_cast<double>(rank) - df_int;
  fit.f = df_model > 0 ? (fit.tss - fit.rss) / df_model / (fit.rss / df) : kNan;
  fit.log_lik = -n / 2 * (std::log(2 * std::numbers::pi) + std::log(fit.rss / n) + 1);
  for (const double w : design.weight) fit.log_lik += std::log(w) / 2;
  const double parameters = static_cast<double>(rank) + 1;
  fit.aic = -2 * fit.log_lik + 2 * parameters;
  fit.bic = -2 * fit.log_lik + std::log(n) * parameters;
  return fit;
}

std::vector<double> SpreadsOf(const Design& design) {
  const auto make = [&] {
    std::vector<double> out(design.k, kNan);
    for (size_t c = 0; c < design.k; ++c) {
      if (design.columns[c].term == DesignColumn::kIntercept) continue;
      out[c] = SumOfSquares(design, design.Column(c));
    }
    return out;
  };
  const bool shared = design.facts && design.weight.empty() && design.facts->AreOf(design.x);
  return shared ? design.facts->Spreads(make) : make();
}

std::vector<double> Vif(const Design& design, const OlsFit& fit,
                        const std::vector<double>& squares) {
  std::vector<double> out(design.k, kNan);
  if (!design.intercept) return out;
  const size_t rank = fit.qr.rank;
  for (size_t c = 0; c < design.k; ++c) {
    if (design.columns[c].term == DesignColumn::kIntercept || fit.position[c] < 0) continue;
    const auto i = static_cast<size_t>(fit.position[c]);
    double a = 0;  // (X'X)^-1_ii
    for (size_t j = i; j < rank; ++j) {
      a += fit.qr.r_inv[j * rank + i] * fit.qr.r_inv[j * rank + i];
    }
    out[c] = a * squares[c];
  }
  return out;
}

std::vector<double> StandardisedXy(const Design& design, const std::vector<double>& coef,
                                   const std::vector<double>& squares) {
  std::vector<double> out(design.k, kNan);
  const double ss_y = SumOfSquares(design, design.y.data());
  for (size_t c = 0; c < design.k; ++c) {
    if (design.columns[c].term == DesignColumn::kIntercept || std::isnan(coef[c])) continue;
    out[c] = coef[c] * std::sqrt(squares[c] / ss_y);
  }
  return out;
}

}  // namespace kinflow::family
