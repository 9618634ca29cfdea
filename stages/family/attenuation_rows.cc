#include "stages/family/attenuation_rows.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <set>

#include "stages/family/reporting.h"
#include "stages/family/steps.h"
#include "stages/family/table_builder.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Design columns of the members' scores; none, with the reason, if they cannot be told apart.
std::vector<size_t> ScoreColumnsOf(const Formula& formula, const ModelFrame& frame,
                                   const Design& design, const Coefficients& fit,
                                   std::string& reason) {
  std::vector<size_t> out;
  std::set<std::string> roles;
  for (size_t c = 0; c < design.k; ++c) {
    if (design.columns[c].term == DesignColumn::kIntercept) continue;
    const FormulaTerm& term = formula.terms[design.columns[c].term];
    bool product = term.variables.size() > 1, of_member = false;
    for (const uint32_t v : term.variables) {
      product = product || !formula.variables[v].IsPlain();
      of_member = of_member || IsMemberRole(frame.InfoOf(formula.variables[v].column).role);
    }
    if (!of_member || fit.position[c] < 0) continue;
    const std::string role = TermInfo(formula, term, frame).role;
    if (product || !roles.insert(role).second) {
      reason =
          product ? "a score stands in a product or a function" : "a member has several scores";
      return {};
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

ScoreMoments MomentsOf(const Design& design, const OlsFit& fit) {
  return [&](const std::vector<size_t>& columns, std::string& /*reason*/) {
    const auto n = static_cast<Index>(design.n), k = static_cast<Index>(columns.size());
    MatrixXd values(n, k), inverse(k, k);
    const auto rank = static_cast<Index>(fit.qr.rank);
    const Eigen::Map<const MatrixXd> r_inv(fit.qr.r_inv.data(), rank, rank);
    for (Index i = 0; i < k; ++i) {
      const size_t c = columns[static_cast<size_t>(i)];
      values.col(i) = Eigen::Map<const VectorXd>(design.Column(c), n);
      for (Index j = 0; j < k; ++j) {
        const size_t d = columns[static_cast<size_t>(j)];
        inverse(i, j) = r_inv.row(fit.position[c]).dot(r_inv.row(fit.position[d]));
      }
    }
    values.rowwise() -= values.colwise().mean();
    MemberScores out;
    out.covariance = values.transpose() * values / static_cast<double>(n);
    out.partial = inverse.inverse() / static_cast<double>(n);
    return std::optional(std::move(out));
  };
}

std::vector<AttenuationRow> AttenuationRows(const RowKey& key, const ModelSpec& spec,
                                            const ModelFrame& frame, const Formula& formula,
                                            const Design& design, const Coefficients& fit,
                                            const ScoreMoments& moments,
                                            const std::vector<Vcov>& vcov, std::string& reason) {
  const auto columns = ScoreColumnsOf(formula, frame, design, fit, reason);
  if (columns.empty()) return {};
  auto scores = moments(columns, reason);
  if (!scores) return {};
  for (const size_t c : columns) {
    scores->roles.push_back(TermInfo(formula, formula.terms[design.columns[c].term], frame).role);
  }
  const auto attenuation = AttenuationOf(*scores, spec.options.attenuation);
  if (!attenuation) {
    reason = "errors would be larger than what the scores vary beside the other terms";
    return {};
  }
  const auto k = static_cast<Index>(columns.size());
  const MatrixXd back = attenuation->kept.inverse();
  VectorXd b(k);
  for (Index i = 0; i < k; ++i) b(i) = fit.coef[columns[static_cast<size_t>(i)]];
  const VectorXd corrected = back * b;
  std::vector<AttenuationRow> out;
  for (size_t e = 0; e < vcov.size(); ++e) {
    const Vcov& errors = vcov[e];
    MatrixXd v(k, k);
    const auto position = [&](Index i) {
      return static_cast<size_t>(fit.position[columns[static_cast<size_t>(i)]]);
    };
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < k; ++j) v(i, j) = errors.At(position(i), position(j));
    }
    const MatrixXd corrected_v = back * v * back.transpose();
    for (Index i = 0; i < k; ++i) {
      const double df =
          spec.normal_df ? std::numeric_limits<double>::infinity() : errors.df[position(i)];
      const double quantile = spec.fixed_196 ? 1.96 : QuantileT(1 - (1 - spec.conf_level) / 2, df);
      AttenuationRow row;
      row.key = key;
      row.role = scores->roles[static_cast<size_t>(i)];
      row.term = design.columns[columns[static_cast<size_t>(i)]].name;
      row.se_type = spec.vcov[e];
      row.estimate = b(i);
      row.std_error = std::sqrt(v(i, i));
      row.kept = attenuation->kept(i, i);
      row.mixed_in = b(i) - row.kept * corrected(i);
      row.corrected = corrected(i);
      row.corrected_error = std::sqrt(corrected_v(i, i));
      row.conf_low = row.corrected - quantile * row.corrected_error;
      row.conf_high = row.corrected + quantile * row.corrected_error;
      row.true_sd = attenuation->true_sd;
      row.per_true_sd = row.corrected * row.true_sd;
      row.per_true_sd_error = row.corrected_error * row.true_sd;
      row.n = static_cast<int64_t>(design.n);
      out.push_back(std::move(row));
    }
  }
  return out;
}

void WarnOfNoCorrection(const RowKey& key, const std::string& reason,
                        std::vector<std::string>& warnings) {
  if (reason.empty()) return;
  warnings.push_back(NameOf(key) + ": not corrected for errors of scores: " + reason);
}

Table AttenuationTable(const std::vector<AttenuationRow>& rows) {
  using R = AttenuationRow;
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("role", &R::role)
      .Add("term", &R::term)
      .Add("se_type", &R::se_type)
      .Add("estimate", &R::estimate)
      .Add("std_error", &R::std_error)
      .Add("kept", &R::kept)
      .Add("mixed_in", &R::mixed_in)
      .Add("corrected", &R::corrected)
      .Add("corrected_error", &R::corrected_error)
      .Add("conf_low", &R::conf_low)
      .Add("conf_high", &R::conf_high)
      .Add("true_sd", &R::true_sd)
      .Add("per_true_sd", &R::per_true_sd)
      .Add("per_true_sd_error", &R::per_true_sd_error)
      .Add("n", &R::n)
      .Take();
}

}  // namespace kinflow::family
