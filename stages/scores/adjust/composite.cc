#include "stages/scores/adjust/composite.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

using Members = std::vector<const std::vector<double>*>;

Members MembersOf(const CompositeOptions& options, const family::ScoreColumns& scores) {
  Members members;
  for (const auto& name : options.of) {
    const auto at = std::find(scores.names.begin(), scores.names.end(), name);
    if (at == scores.names.end()) {
      throw Error(ErrorId::kModelFailed, fmt::format("score {}, which composite {} is made of, is "
                                                     "not among those computed",
                                                     name, options.name))
          .Field("scores.adjust.composites")
          .Value(name)
          .Remedy("see in match_scores.tsv and score_adjustment.tsv whether it failed");
    }
    members.push_back(&scores.values[static_cast<size_t>(at - scores.names.begin())]);
  }
  return members;
}

bool HasAll(const Members& members, uint32_t sample) {
  return std::none_of(members.begin(), members.end(),
                      [sample](const auto* values) { return std::isnan((*values)[sample]); });
}

Eigen::MatrixXd Correlations(const Members& members, const std::vector<uint32_t>& people,
                             const std::vector<ReferenceScale>& scales) {
  const auto k = static_cast<Eigen::Index>(members.size());
  Eigen::MatrixXd out(k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    const auto a = static_cast<size_t>(i);
    for (Eigen::Index j = 0; j < i; ++j) {
      const auto b = static_cast<size_t>(j);
      double sum = 0;
      for (const uint32_t s : people) {
        sum += ((*members[a])[s] - scales[a].mean) * ((*members[b])[s] - scales[b].mean);
      }
      out(i, j) = out(j, i) =
          sum / scales[a].sd / scales[b].sd / static_cast<double>(people.size() - 1);
    }
    out(i, i) = 1;
  }
  return out;
}

/// Loadings of equal sign and size may sum to zero; rounding must not choose then.
double SignOf(const Eigen::VectorXd& loadings) {
  const double sum = loadings.sum();
  if (std::abs(sum) > 1e-8) return sum > 0 ? 1 : -1;
  for (const double v : loadings) {
    if (std::abs(v) > 1e-8) return v > 0 ? 1 : -1;
  }
  return 1;
}

void Warn(const CompositeOptions& options, Composite& out) {
  std::string against;
  for (size_t i = 0; i < out.loadings.size(); ++i) {
    if (out.loadings[i] < 0) against += (against.empty() ? "" : ", ") + options.of[i];
  }
  if (!against.empty()) {
    out.warnings.push_back(fmt::format(
        "composite {}: negative loadings of {}; are their effect alleles coded the other way?",
        options.name, against));
  }
  if (out.eigenvalues.size() > 1 &&
      out.eigenvalues[0] - out.eigenvalues[1] < 1e-6 * out.eigenvalues[0]) {
    out.warnings.push_back(
        fmt::format("composite {}: its first two components explain the same share of variance, so "
                    "that neither is the first; the scores hardly correlate",
                    options.name));
  }
}

}  // namespace

Composite FitComposite(const CompositeOptions& options, const family::ScoreColumns& scores,
                       const Cohort& cohort) {
  const Members members = MembersOf(options, scores);
  std::vector<uint32_t> people = SamplesOf(cohort, options.fit_on);
  std::erase_if(people, [&](uint32_t s) { return !HasAll(members, s); });
  if (people.size() <= members.size()) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("composite {}: {} people ({}) have all of its {} scores", options.name,
                            people.size(), FitOnName(options.fit_on), members.size()))
        .Field("scores.adjust.composites")
        .Remedy("fit it on more people (fit_on: all), or make it of fewer scores");
  }
  Composite out;
  out.n = static_cast<int64_t>(people.size());
  for (size_t i = 0; i < members.size(); ++i) {
    out.scales.push_back(ScaleAmong(*members[i], people, options.of[i], options.fit_on));
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Correlations(members, people, out.scales));
  const Eigen::Index last = solver.eigenvalues().size() - 1;  // ascending
  for (Eigen::Index i = last; i >= 0; --i) {
    out.eigenvalues.push_back(std::max(0.0, solver.eigenvalues()(i)));
  }
  const Eigen::VectorXd loadings =
      solver.eigenvectors().col(last) * SignOf(solver.eigenvectors().col(last));
  out.loadings.assign(loadings.data(), loadings.data() + loadings.size());
  out.values.assign(cohort.samples->size(), std::numeric_limits<double>::quiet_NaN());
  const double sd = std::sqrt(out.eigenvalues[0]);
  for (uint32_t s = 0; s < out.values.size(); ++s) {
    if (!HasAll(members, s)) continue;
    double sum = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      sum += out.loadings[i] * ((*members[i])[s] - out.scales[i].mean) / out.scales[i].sd;
    }
    out.values[s] = sum / sd;
  }
  Warn(options, out);
  return out;
}

}  // namespace kinflow
