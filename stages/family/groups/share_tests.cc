#include "stages/family/groups/share_tests.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "pipeline/base/nan.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMaxTables = 2e7;

double LogChoose(int64_t n, int64_t k) {
  return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
         std::lgamma(static_cast<double>(n - k) + 1);
}

TestResult Chi2Test(double statistic, double df) {
  const Tail tail = UpperChi2(statistic, df);
  return {statistic, df, kNan, tail.p, tail.neg_log10};
}

// Sums probabilities of tables no likelier than the observed one, group by group.
class Tables {
 public:
  explicit Tables(const Shares& shares) : shares_(shares) {
    for (size_t g = 0; g < shares.n.size(); ++g) limit_ += Term(g, shares.hits[g]);
    limit_ += 1e-7;  // R's allowance for equal probabilities
    const int64_t hits = std::accumulate(shares.hits.begin(), shares.hits.end(), int64_t{0});
    const int64_t n = std::accumulate(shares.n.begin(), shares.n.end(), int64_t{0});
    log_total_ = LogChoose(n, hits);
    left_.assign(shares.n.size() + 1, 0);
    for (size_t g = shares.n.size(); g-- > 0;) left_[g] = left_[g + 1] + shares.n[g];
    Add(0, hits, 0);
  }
  double sum() const { return std::min(1.0, sum_); }

 private:
  double Term(size_t group, int64_t hits) const { return LogChoose(shares_.n[group], hits); }
  void Add(size_t group, int64_t hits, double log_p) {
    if (group + 1 == shares_.n.size()) {
      log_p += Term(group, hits);
      if (log_p <= limit_) sum_ += std::exp(log_p - log_total_);
      return;
    }
    const int64_t low = std::max<int64_t>(0, hits - left_[group + 1]);
    const int64_t high = std::min(hits, shares_.n[group]);
    for (int64_t k = low; k <= high; ++k) Add(group + 1, hits - k, log_p + Term(group, k));
  }

  const Shares& shares_;
  double limit_ = 0, log_total_ = 0, sum_ = 0;
  std::vector<int64_t> left_;
};

// Noncentral hypergeometric distribution of the hits in the first of two groups.
class Hypergeometric {
 public:
  Hypergeometric(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b) : x_(hits_a) {
    const int64_t hits = hits_a + hits_b;
    low_ = std::max<int64_t>(0, hits - n_b);
    for (int64_t k = low_; k <= std::min(hits, n_a); ++k) {
      log_weight_.push_back(LogChoose(n_a, k) + LogChoose(n_b, hits - k));
    }
  }
  bool AtLow() const { return x_ == low_; }
  bool AtHigh() const { return x_ == low_ + static_cast<int64_t>(log_weight_.size()) - 1; }
  int64_t x() const { return x_; }

  /// Sum over k of value(k) P(k) at log odds ratio `log_or`.
  double Expect(double log_or, const std::function<double(int64_t)>& value) const {
    double largest = -kInfinity, sum = 0, total = 0;
    const auto log_p = [&](size_t i) { return log_weight_[i] + log_or * static_cast<double>(i); };
    for (size_t i = 0; i < log_weight_.size(); ++i) largest = std::max(largest, log_p(i));
    for (size_t i = 0; i < log_weight_.size(); ++i) {
      const double p = std::exp(log_p(i) - largest);
      total += p;
      sum += p * value(low_ + static_cast<int64_t>(i));
    }
    return sum / total;
  }
  /// Log odds ratio at which an increasing function of it is `target`.
  static double Solve(const std::function<double(double)>& f, double target) {
    double low = -50, high = 50;
    for (int i = 0; i < 100; ++i) {
      const double middle = (low + high) / 2;
      (f(middle) < target ? low : high) = middle;
    }
    return (low + high) / 2;
  }

 private:
  int64_t x_, low_ = 0;
  std::vector<double> log_weight_;
};

}  // namespace

Interval WilsonInterval(int64_t hits, int64_t n, double level) {
  const double z = QuantileT(1 - (1 - level) / 2, kInfinity), m = static_cast<double>(n);
  const double p = static_cast<double>(hits) / m, scale = 1 + z * z / m;
  const double centre = (p + z * z / (2 * m)) / scale;
  const double half = z * std::sqrt(p * (1 - p) / m + z * z / (4 * m * m)) / scale;
  return {centre - half, centre + half};
}

ShareTests TestShares(const Shares& shares) {
  double hits = 0, n = 0;
  for (const int64_t v : shares.hits) hits += static_cast<double>(v);
  for (const int64_t v : shares.n) n += static_cast<double>(v);
  const double share = hits / n, df = static_cast<double>(shares.n.size()) - 1;
  double chi2 = 0, g2 = 0;
  ShareTests out;
  for (size_t g = 0; g < shares.n.size(); ++g) {
    const auto size = static_cast<double>(shares.n[g]), found = static_cast<double>(shares.hits[g]);
    for (const auto& [observed, expected] :
         {std::pair{found, size * share}, std::pair{size - found, size * (1 - share)}}) {
      chi2 += (observed - expected) * (observed - expected) / expected;
      if (observed > 0) g2 += 2 * observed * std::log(observed / expected);
    }
    out.adjusted_residuals.push_back((found - size * share) /
                                     std::sqrt(size * share * (1 - share) * (1 - size / n)));
  }
  out.pearson = Chi2Test(chi2, df);
  out.g2 = Chi2Test(hits > 0 && hits < n ? g2 : kNan, df);
  out.cramers_v = std::sqrt(chi2 / n);  // one of the two margins has two categories
  return out;
}

double FisherExact(const Shares& shares) {
  double tables = 1;
  for (size_t g = 0; g + 1 < shares.n.size(); ++g) tables *= static_cast<double>(shares.n[g]) + 1;
  return tables > kMaxTables ? kNan : Tables(shares).sum();
}

Change TestChange(int64_t entered, int64_t left) {
  const int64_t n = entered + left, fewer = std::min(entered, left);
  if (n == 0) return {Chi2Test(kNan, 1), kNan};
  const auto difference = static_cast<double>(entered - left);
  double tail = 0;
  for (int64_t k = 0; k <= fewer; ++k) {
    tail += std::exp(LogChoose(n, k) - static_cast<double>(n) * std::log(2.0));
  }
  return {Chi2Test(difference * difference / static_cast<double>(n), 1), std::min(1.0, 2 * tail)};
}

OddsRatio CompareShares(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b, double level) {
  OddsRatio out;
  const double a = static_cast<double>(hits_a), b = static_cast<double>(n_a - hits_a),
               c = static_cast<double>(hits_b), d = static_cast<double>(n_b - hits_b);
  out.log_woolf = std::log(a * d / (b * c));
  out.woolf_error = std::sqrt(1 / a + 1 / b + 1 / c + 1 / d);
  out.fisher_p = FisherExact({{hits_a, hits_b}, {n_a, n_b}});
  const Hypergeometric counts(hits_a, n_a, hits_b, n_b);
  if (counts.AtLow() && counts.AtHigh()) {  // all low or none: any odds ratio fits
    out.log_woolf = out.conditional = kNan;
    out.conditional_interval = {kNan, kNan};
    return out;
  }
  const double tail = (1 - level) / 2;
  const auto mean = [&](double log_or) {
    return counts.Expect(log_or, [](int64_t k) { return static_cast<double>(k); });
  };
  const auto at_least = [&](double log_or) {
    return counts.Expect(log_or, [&](int64_t k) { return k >= counts.x() ? 1.0 : 0.0; });
  };
  const auto above = [&](double log_or) {
    return counts.Expect(log_or, [&](int64_t k) { return k > counts.x() ? 1.0 : 0.0; });
  };
  out.conditional = counts.AtLow()    ? 0
                    : counts.AtHigh() ? kInfinity
                                      : std::exp(Hypergeometric::Solve(mean, a));
  out.conditional_interval.low =
      counts.AtLow() ? 0 : std::exp(Hypergeometric::Solve(at_least, tail));
  out.conditional_interval.high =
      counts.AtHigh() ? kInfinity : std::exp(Hypergeometric::Solve(above, 1 - tail));
  return out;
}

}  // namespace kinflow::family
