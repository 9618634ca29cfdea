#include "stages/family/gee.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "pipeline/base/error.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 200;
constexpr double kTolerance = 1e-12;  // of coefficients in the orthonormal basis, and of alpha

// R^-1 v for one cluster whose rows stand at ascending times.
MatrixXd Decorrelate(WorkingCorrelation kind, double alpha, const std::vector<int64_t>& time,
                     const MatrixXd& v) {
  const Index n = v.rows();
  if (kind == WorkingCorrelation::kIndependence || n == 1) return v;
  if (kind == WorkingCorrelation::kExchangeable) {
    const double shrink = alpha / (1 + static_cast<double>(n - 1) * alpha);
    return (v - shrink * VectorXd::Ones(n) * v.colwise().sum()) / (1 - alpha);
  }
  // Each row given the one before: the inverse of AR(1) is tridiagonal, with gaps too.
  MatrixXd out = v;
  for (Index i = 1; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    const double r = std::pow(alpha, static_cast<double>(time[at] - time[at - 1]));
    const Eigen::RowVectorXd rest = (v.row(i) - r * v.row(i - 1)) / (1 - r * r);
    out.row(i - 1) -= r * rest;
    out.row(i) = rest;
  }
  return out;
}

/// One estimating equation over an orthonormal basis Q of the design: eta = Q g.
class GeeProblem {
 public:
  GeeProblem(const Design& design, const PivotedQr& basis, bool binomial, WorkingCorrelation kind,
             const std::vector<double>& times)
      : binomial_(binomial), kind_(kind), rows_(design.n_clusters) {
    const Eigen::Map<const MatrixXd> q(basis.q.data(), static_cast<Index>(basis.n),
                                       static_cast<Index>(basis.rank));
    for (size_t i = 0; i < design.n; ++i) rows_[design.cluster[i]].push_back(static_cast<Index>(i));
    for (auto& rows : rows_) {
      const auto earlier = [&](Index a, Index b) {
        return times[static_cast<size_t>(a)] < times[static_cast<size_t>(b)];
      };
      if (!times.empty()) std::sort(rows.begin(), rows.end(), earlier);
      Cluster cluster{MatrixXd(static_cast<Index>(rows.size()), q.cols()),
                      VectorXd(static_cast<Index>(rows.size())),
                      VectorXd::Ones(static_cast<Index>(rows.size())),
                      {}};
      for (size_t i = 0; i < rows.size(); ++i) {
        cluster.time.push_back(static_cast<int64_t>(
            times.empty() ? static_cast<double>(i) : times[static_cast<size_t>(rows[i])]));
      }
      for (size_t i = 0; i < rows.size(); ++i) {
        cluster.q.row(static_cast<Index>(i)) = q.row(rows[i]);
        const auto row = static_cast<size_t>(rows[i]);
        cluster.y(static_cast<Index>(i)) = design.y[row];
        if (!design.weight.empty()) cluster.weight(static_cast<Index>(i)) = design.weight[row];
      }
      total_ += cluster.weight.sum();
      largest_ = std::max(largest_, rows.size());
      clusters_.push_back(std::move(cluster));
    }
    for (const Cluster& cluster : clusters_) {
      const VectorXd& w = cluster.weight;
      ForPairs(cluster, [&](size_t i, size_t j, size_t lag) {
        if (lag >= lag_counts_.size()) lag_counts_.resize(lag + 1, 0.0);
        lag_counts_[lag] += w(static_cast<Index>(i)) * w(static_cast<Index>(j));
      });
    }
  }

  size_t largest() const { return largest_; }

  /// Standardised residuals and sqrt of the variance function at g, by cluster.
  struct Moments {
    std::vector<VectorXd> residual, root;
    double phi = 1, quasi = 0;
  };
  Moments At(const VectorXd& g) const {
    Moments out;
    double squares = 0;
    for (const Cluster& c : clusters_) {
      const VectorXd eta = c.q * g;
      VectorXd mean = eta, root = VectorXd::Ones(eta.size());
      if (binomial_) {
        mean = (1 + (-eta).array().exp()).inverse();
        root = (mean.array() * (1 - mean.array())).sqrt();
        out.quasi += (c.y.array() * eta.array() - (1 + eta.array().exp()).log()).sum();
      } else {
        out.quasi -= (c.y - mean).squaredNorm() / 2;
      }
      out.residual.push_back((c.y - mean).cwiseQuotient(root));
      out.root.push_back(std::move(root));
      squares += c.weight.dot(out.residual.back().cwiseAbs2());
    }
    out.phi = squares / total_;
    return out;
  }

  struct Equation {
    VectorXd score;
    MatrixXd information, meat;
  };
  /// Without phi: it cancels in the step and in the robust covariance.
  Equation EquationAt(const Moments& at, double alpha) const {
    const Index k = clusters_.front().q.cols();
    Equation out{VectorXd::Zero(k), MatrixXd::Zero(k, k), MatrixXd::Zero(k, k)};
    for (size_t c = 0; c < clusters_.size(); ++c) {
      const VectorXd root = clusters_[c].weight.cwiseSqrt();
      const MatrixXd d = root.cwiseProduct(at.root[c]).asDiagonal() * clusters_[c].q;
      const MatrixXd vd = Decorrelate(kind_, alpha, clusters_[c].time, d);
      const VectorXd u = vd.transpose() * root.cwiseProduct(at.residual[c]);
      out.score += u;
      out.information.noalias() += d.transpose() * vd;
      out.meat.noalias() += u * u.transpose();
    }
    return out;
  }

  double AlphaOf(const Moments& at, double start) const {
    if (kind_ == WorkingCorrelation::kIndependence || largest_ < 2) return 0;
    const std::vector<double> pairs = LagProducts(at);
    if (kind_ == WorkingCorrelation::kExchangeable) {
      double sum = 0, count = 0;
      for (size_t lag = 1; lag < pairs.size(); ++lag) {
        sum += pairs[lag];
        count += lag_counts_[lag];
      }
      return sum / (at.phi * count);
    }
    return SolveAr1(pairs, at.phi, start);
  }

 private:
  struct Cluster {
    MatrixXd q;
    VectorXd y, weight;
    std::vector<int64_t> time;  // ascending
  };

  // Pairs of rows with their distance in time.
  template <class Visit>
  static void ForPairs(const Cluster& cluster, const Visit& visit) {
    const auto& time = cluster.time;
    for (size_t i = 0; i < time.size(); ++i) {
      for (size_t j = i + 1; j < time.size(); ++j) {
        visit(i, j, static_cast<size_t>(time[j] - time[i]));
      }
    }
  }

  // Sums of products of weighted residuals by distance in the cluster.
  std::vector<double> LagProducts(const Moments& at) const {
    std::vector<double> sums(lag_counts_.size(), 0.0);
    for (size_t c = 0; c < clusters_.size(); ++c) {
      const VectorXd r = at.residual[c].cwiseProduct(clusters_[c].weight);
      ForPairs(clusters_[c], [&](size_t i, size_t j, size_t lag) {
        sums[lag] += r(static_cast<Index>(i)) * r(static_cast<Index>(j));
      });
    }
    return sums;
  }

  // geepack's equation over all pairs: sum d rho^d/d rho (r_j r_k / phi - rho^d) = 0, by Newton.
  double SolveAr1(const std::vector<double>& pairs, double phi, double start) const {
    // At 0 all slopes but that of distance 1 vanish.
    double rho = start == 0 && lag_counts_[1] == 0 ? 0.5 : start;
    for (int i = 0; i < 100; ++i) {
      double value = 0, information = 0;
      for (size_t lag = 1; lag < pairs.size(); ++lag) {
        const auto d = static_cast<double>(lag);
        const double slope = d * std::pow(rho, d - 1);
        value += slope * (pairs[lag] / phi - lag_counts_[lag] * std::pow(rho, d));
        information += slope * slope * lag_counts_[lag];
      }
      const double step = value / information;
      rho = std::clamp(rho + step, -0.999999, 0.999999);
      if (std::abs(step) < 1e-15) break;
    }
    return rho;
  }

  bool binomial_;
  WorkingCorrelation kind_;
  std::vector<std::vector<Index>> rows_;
  std::vector<Cluster> clusters_;
  double total_ = 0;  // of the weights
  size_t largest_ = 0;
  std::vector<double> lag_counts_;  // pairs of rows, by their weights, by distance in the cluster
};

void CheckInput(const Design& design, size_t parameters, bool binomial) {
  if (design.n_clusters < 2 || parameters >= design.n_clusters) {
    throw Error(
        ErrorId::kTooFewRows,
        fmt::format("gee: {} clusters for {} coefficients: robust standard errors need more "
                    "clusters than coefficients",
                    FewOrNumber(design.n_clusters), parameters))
        .Field("cluster")
        .Remedy("use fewer terms, or a smaller unit as cluster");
  }
  const auto [low, high] = std::minmax_element(design.y.begin(), design.y.end());
  if (*low == *high) {
    throw Error(ErrorId::kConstantOutcome,
                fmt::format("gee: the outcome has the same value in {}", AllRowsUsedText(design.n)))
        .Remedy("check the outcome's coding and what the complete-case rule left");
  }
  if (!binomial) return;
  const auto others =
      std::count_if(design.y.begin(), design.y.end(), [](double v) { return v != 0 && v != 1; });
  if (others == 0) return;
  throw Error(ErrorId::kModelFailed,
              fmt::format("gee: a binomial outcome must be 0 or 1; it is neither in {} used",
                          PartOfRowsText(static_cast<size_t>(others), design.n)))
      .Field("formula")
      .Remedy("code cases 1 and others 0, or use distribution: gaussian");
}

// Of rounding noise there is no correlation to estimate.
void CheckRest(const QrOutcome& outcome) {
  const auto squares = [](const std::vector<double>& v) {
    return Eigen::Map<const VectorXd>(v.data(), static_cast<Index>(v.size())).squaredNorm();
  };
  const double rest = squares(outcome.residuals), explained = squares(outcome.effects);
  if (rest > 1e-28 * (rest + explained)) return;
  throw Error(ErrorId::kModelFailed,
              "gee: the terms explain the outcome fully: no residual variance is left")
      .Field("formula")
      .Remedy("take out the term that holds the same values");
}

void CheckTimes(const Design& design, const std::vector<double>& times) {
  constexpr double kLongest = 1e5;  // sums are kept by distance
  const auto fail = [](const std::string& what, const char* remedy) {
    throw Error(ErrorId::kModelFailed, "gee: " + what).Field("time").Remedy(remedy);
  };
  std::set<std::pair<uint32_t, double>> seen;
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i] != std::round(times[i]) || std::abs(times[i]) > kLongest) {
      fail(fmt::format("a time is no whole number up to {:.0f}", kLongest),
           "number the waves 1, 2, ..., or count months or days");
    }
    if (!seen.emplace(design.cluster[i], times[i]).second) {
      fail("a cluster has two rows at one time",
           "take one row a cluster and time (of a mother's pregnancies one: children: "
           "one_per_mother), or use correlation: exchangeable");
    }
  }
}

void CheckCorrelation(WorkingCorrelation kind, double alpha, size_t largest) {
  const double low = kind == WorkingCorrelation::kExchangeable
                         ? -1 / std::max(1.0, static_cast<double>(largest) - 1)
                         : -0.99999;
  if (alpha > low && alpha < 0.99999) return;
  throw Error(
      ErrorId::kModelFailed,
      fmt::format("gee: the working correlation {:.4g} is not positive definite in clusters "
                  "of up to {} rows",
                  alpha, largest))
      .Field("correlation")
      .Remedy("use correlation: independence; its robust standard errors hold as well");
}

MatrixXd InBasisOfDesign(const PivotedQr& basis, const MatrixXd& v) {
  const Eigen::Map<const MatrixXd> r_inv(basis.r_inv.data(), static_cast<Index>(basis.rank),
                                         static_cast<Index>(basis.rank));
  const MatrixXd out = r_inv * v * r_inv.transpose();
  return (out + out.transpose()) / 2;
}

std::vector<double> Values(const MatrixXd& m) { return {m.data(), m.data() + m.size()}; }

struct Solution {
  VectorXd g;
  double alpha = 0;
  GeeProblem::Moments at;
  GeeProblem::Equation equation;
};

// Alternates scoring steps and moment estimates until neither moves.
Solution Solve(const GeeProblem& problem, bool binomial, WorkingCorrelation kind, VectorXd start,
               GeeFit& out) {
  Solution s;
  s.g = std::move(start);
  bool converged = false;
  for (out.iterations = 0; out.iterations < kMaxIterations && !converged; ++out.iterations) {
    s.at = problem.At(s.g);
    const double alpha = problem.AlphaOf(s.at, s.alpha);
    CheckCorrelation(kind, alpha, problem.largest());
    s.equation = problem.EquationAt(s.at, alpha);
    const Eigen::LLT<MatrixXd> llt(s.equation.information);
    if (llt.info() != Eigen::Success || !s.equation.score.allFinite()) break;
    const VectorXd step = llt.solve(s.equation.score);
    const double scale = 1 + s.g.cwiseAbs().maxCoeff();
    out.last_step = step.cwiseAbs().maxCoeff();
    converged = out.last_step < kTolerance * scale && std::abs(alpha - s.alpha) < kTolerance;
    s.alpha = alpha;
    if (!converged) s.g += step;
  }
  out.max_abs_score = s.equation.score.cwiseAbs().maxCoeff();
  if (!converged) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("gee: no convergence after {} steps: correlation {:.6g}, largest score "
                            "{:.3g}",
                            out.iterations, s.alpha, out.max_abs_score))
        .Field("formula")
        .Remedy(binomial ? "look for terms that separate the outcome (model logit names them), or "
                           "use correlation: independence"
                         : "use correlation: independence, or fewer terms");
  }
  return s;
}

}  // namespace

GeeFit FitGee(const Design& design, bool binomial, WorkingCorrelation correlation,
              const std::vector<double>& times) {
  GeeFit out;
  CheckTimes(design, times);
  const PivotedQr basis = QrOf(design);
  out.fixed = FixedByOneCluster(basis, design.cluster, design.n_clusters);
  const size_t alone = design.n_clusters < 2 ? 0 : out.fixed.combinations;
  CheckInput(design, basis.rank - alone, binomial);
  out.rank = basis.rank;
  VectorXd start = VectorXd::Zero(static_cast<Index>(basis.rank));
  if (!binomial) {
    const QrOutcome outcome = ProjectOn(basis, design.y);
    CheckRest(outcome);
    start = Eigen::Map<const VectorXd>(outcome.effects.data(), start.size());
  }
  GeeFit plain;
  const GeeProblem independent(design, basis, binomial, WorkingCorrelation::kIndependence, times);
  const Solution first =
      Solve(independent, binomial, WorkingCorrelation::kIndependence, std::move(start), plain);
  const GeeProblem problem(design, basis, binomial, correlation, times);
  const Solution last = Solve(problem, binomial, correlation, first.g, out);
  const MatrixXd bread = last.equation.information.inverse();
  const MatrixXd robust = bread * last.equation.meat * bread;
  out.alpha = last.alpha;
  out.phi = last.at.phi;
  out.largest_cluster = problem.largest();
  out.qic = -2 * last.at.quasi + 2 * (first.equation.information * robust).trace() / first.at.phi;
  if (!design.weight.empty()) out.qic = std::numeric_limits<double>::quiet_NaN();
  out.robust = Values(InBasisOfDesign(basis, robust));
  out.naive = Values(InBasisOfDesign(basis, out.phi * bread));
  const VectorXd b =
      Eigen::Map<const MatrixXd>(basis.r_inv.data(), last.g.size(), last.g.size()) * last.g;
  out.coefficients.coef.assign(design.k, std::numeric_limits<double>::quiet_NaN());
  out.coefficients.position.assign(design.k, -1);
  for (size_t i = 0; i < basis.rank; ++i) {
    out.coefficients.coef[basis.used[i]] = b(static_cast<Index>(i));
    out.coefficients.position[basis.used[i]] = static_cast<int64_t>(i);
  }
  return out;
}

}  // namespace kinflow::family
