#include "stages/scores/adjust/residuals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/family/design.h"

namespace kinflow {
namespace {

// R's lm.influence: leverages above 1 - 10 eps are 1.
constexpr double kWholeLeverage = 1 - 10 * std::numeric_limits<double>::epsilon();

/// y - Q Q'y; Q is orthonormal to rounding.
std::vector<double> Project(const family::PivotedQr& qr, std::vector<double> y) {
  for (size_t c = 0; c < qr.rank; ++c) {
    const double* q = qr.q.data() + c * qr.n;
    double effect = 0;
    for (size_t i = 0; i < qr.n; ++i) effect += q[i] * y[i];
    for (size_t i = 0; i < qr.n; ++i) y[i] -= q[i] * effect;
  }
  return y;
}

double SumOfSquares(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return sum;
}

std::string Among(const std::string& group) {
  return group.empty() ? "" : " among the people of role " + group;
}

}  // namespace

Residualiser::Residualiser(const ResidualOptions& options, const Covariates& covariates,
                           const Cohort& cohort)
    : options_(options), covariates_(covariates), cohort_(cohort) {}

std::vector<Residualiser::Group> Residualiser::GroupsOf(const std::vector<uint32_t>& rows) const {
  std::vector<Group> groups;
  if (!options_.by_role) {
    groups.push_back({"", rows, {}, {}, {}});
    return groups;
  }
  for (const Role role : {Role::kMother, Role::kFather, Role::kChild, Role::kOther}) {
    Group group{RoleName(role), {}, {}, {}, {}};
    for (const uint32_t r : rows) {
      if (cohort_.roles[r] == role) group.rows.push_back(r);
    }
    if (!group.rows.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

void Residualiser::Factor(Group& group) const {
  const size_t n = group.rows.size();
  family::ModelFrame frame;
  frame.columns = covariates_.columns();
  frame.columns.Add(covariates_.formula().response, Table::Doubles(frame.columns.rows(), 0.0));
  family::Design design = family::BuildDesign(covariates_.formula(), frame, group.rows);
  const size_t k = design.k;
  group.qr = family::FactorQr(design.x, n, k);
  if (group.qr.rank >= n) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("{} people with score and covariates{} for {} coefficients", n,
                            Among(group.name), group.qr.rank))
        .Field("scores.adjust.residualise")
        .Remedy(group.name.empty() ? "adjust for fewer covariates"
                                   : "adjust for fewer covariates, or over everybody (by: all)");
  }
  group.leverage.assign(n, 0);
  for (size_t c = 0; c < group.qr.rank; ++c) {
    const double* q = group.qr.q.data() + c * n;
    for (size_t i = 0; i < n; ++i) group.leverage[i] += q[i] * q[i];
  }
  const auto& used = group.qr.used;
  for (size_t c = 0; c < k; ++c) {
    if (!std::binary_search(used.begin(), used.end(), c)) {
      group.collinear.push_back(design.columns[c].name);
    }
  }
}

void Residualiser::AddGroup(const Group& group, const std::vector<double>& values,
                            const std::string& score, Residuals& out, double& rss,
                            double& tss) const {
  const size_t n = group.rows.size();
  std::vector<double> y;
  double mean = 0;
  for (const uint32_t r : group.rows) y.push_back(values[r]);
  for (const double v : y) mean += v / static_cast<double>(n);
  for (double& v : y) v -= mean;  // the model has an intercept: nothing changes but rounding
  const double squares = SumOfSquares(y);
  const std::vector<double> e = Project(group.qr, std::move(y));
  const double left = SumOfSquares(e);
  const double noise = 1e-26 * mean * mean * static_cast<double>(n);
  if (squares <= noise || left <= noise || left <= 1e-24 * squares) {
    throw Error(ErrorId::kNoEstimableTerm,
                squares <= noise
                    ? fmt::format("score {} has the same value for all {} people{}", score, n,
                                  Among(group.name))
                    : fmt::format("the covariates explain score {} wholly{}: nothing is left of it",
                                  score, Among(group.name)))
        .Field("scores.adjust.residualise")
        .Remedy("look at the score's match summary and at the covariates");
  }
  rss += left;
  tss += squares;
  const double s = std::sqrt(left / static_cast<double>(n - group.qr.rank));
  for (size_t i = 0; i < n; ++i) {
    // Whom the covariates fit alone has no residual of their own: it is 0 whatever the score.
    const double h = group.leverage[i];
    double value = h >= kWholeLeverage ? kNan : e[i];
    if (options_.studentise) value /= s * std::sqrt(1 - h);
    out.values[group.rows[i]] = value;
    out.n += std::isnan(value) ? 0 : 1;
  }
  out.n_coefficients += static_cast<int64_t>(group.qr.rank);
  for (const auto& column : group.collinear) {
    if (std::find(out.collinear.begin(), out.collinear.end(), column) == out.collinear.end()) {
      out.collinear.push_back(column);
    }
  }
}

Residuals Residualiser::Of(const std::vector<double>& values, const std::string& score) {
  std::vector<uint32_t> rows;
  int64_t scored = 0;
  for (uint32_t s = 0; s < values.size(); ++s) {
    if (std::isnan(values[s])) continue;
    ++scored;
    if (covariates_.complete()[s] != 0) rows.push_back(s);
  }
  if (rows.empty()) {
    throw Error(ErrorId::kAllMissing,
                fmt::format("of {} people with score {} nobody has all covariates", scored, score))
        .Field("scores.adjust.residualise")
        .Remedy("check the id column of the covariates' table, and their missing codes");
  }
  if (rows != rows_) {
    std::vector<Group> groups = GroupsOf(rows);
    for (Group& group : groups) Factor(group);
    groups_ = std::move(groups);
    rows_ = std::move(rows);
  }
  Residuals out;
  out.values.assign(values.size(), kNan);
  double rss = 0, tss = 0;
  for (const Group& group : groups_) AddGroup(group, values, score, out, rss, tss);
  out.n_dropped = scored - out.n;
  out.r2 = 1 - rss / tss;
  return out;
}

}  // namespace kinflow
