#include "stages/family/sem/variance_warnings.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <cmath>

namespace kinflow::family {
namespace {

// A variable without variance has no covariances; bounds of variances alone do not see to that.
std::string OddCovariances(const PathModel& model, const SemMaximum& at, size_t variable) {
  std::string paths;
  for (const Path& path : model.paths) {
    if (path.kind != Path::kCovariance || path.to == path.from || path.parameter < 0) continue;
    if (path.to != variable && path.from != variable) continue;
    if (at.theta(path.parameter) == 0) continue;
    paths += (paths.empty() ? "" : ", ") + model.Text(path);
  }
  if (paths.empty()) return "";
  return fmt::format("; {} is not 0 beside it, which no variable can have: fix both at 0", paths);
}

constexpr double kRounding = 1e-8;  // of correlations

/// Covariances of latent variables, or of the residuals of observed ones, as the model has them.
class Correlations {
 public:
  // Variables without a variance above 0 are left out: they have been told of.
  Correlations(const PathModel& model, const SemMaximum& at, bool latent) : model_(model) {
    const auto m = static_cast<Eigen::Index>(model.variables());
    Eigen::MatrixXd s = Eigen::MatrixXd::Zero(m, m);
    for (const Path& path : model.paths) {
      if (path.kind != Path::kCovariance) continue;
      const auto to = static_cast<Eigen::Index>(path.to),
                 from = static_cast<Eigen::Index>(path.from);
      s(to, from) = s(from, to) = path.parameter < 0 ? path.value : at.theta(path.parameter);
    }
    for (Eigen::Index v = 0; v < m; ++v) {
      const bool own = static_cast<size_t>(v) >= model.observed.size();
      if (own == latent && s(v, v) > 0) variables_.push_back(v);
    }
    const Eigen::MatrixXd part = s(variables_, variables_);
    const Eigen::VectorXd scale = part.diagonal().cwiseSqrt().cwiseInverse();
    values_ = scale.asDiagonal() * part * scale.asDiagonal();
  }

  /// What is wrong with them: the pairs at fault, else the variables; empty = nothing.
  std::string Fault() const {
    if (variables_.empty()) return "";
    std::string pairs;
    for (Eigen::Index i = 0; i < values_.rows(); ++i) {
      for (Eigen::Index j = 0; j < i; ++j) {
        if (std::abs(values_(i, j)) <= 1 + kRounding) continue;
        pairs += fmt::format("{}the correlation of {} and {} is {:.4g}", pairs.empty() ? "" : ", ",
                             Name(j), Name(i), values_(i, j));
      }
    }
    if (!pairs.empty()) return pairs;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(values_);
    if (eigen.eigenvalues()(0) > -kRounding) return "";
    const Eigen::VectorXd along = eigen.eigenvectors().col(0).cwiseAbs();
    std::string names;
    for (Eigen::Index i = 0; i < along.size(); ++i) {
      if (along(i) > 0.1) names += (names.empty() ? "" : ", ") + Name(i);
    }
    return "the correlations of " + names + " are not those that variables can have";
  }

 private:
  const std::string& Name(Eigen::Index i) const {
    return model_.Name(static_cast<size_t>(variables_[static_cast<size_t>(i)]));
  }

  const PathModel& model_;
  std::vector<Eigen::Index> variables_;
  Eigen::MatrixXd values_;
};

}  // namespace

std::vector<std::string> VarianceWarnings(const PathModel& model, const SemMaximum& at) {
  std::vector<std::string> out;
  for (const Path& path : model.paths) {
    if (path.kind != Path::kCovariance || path.to != path.from || path.parameter < 0) continue;
    const double value = at.theta(path.parameter);
    if (at.IsAtBound(path.parameter)) {
      out.push_back(
          fmt::format("the variance {} is at its bound of 0: its error is NA, errors of the others "
                      "are as if it "
                      "were known to be 0, df counts it as free{}",
                      model.Text(path), OddCovariances(model, at, path.to)));
    } else if (!(value > 0)) {
      out.push_back(fmt::format(
          "the variance {} is {:.4g}: negative; the model asks for more than the data hold",
          model.Text(path), value));
    }
  }
  for (const bool latent : {true, false}) {
    const std::string fault = Correlations(model, at, latent).Fault();
    if (fault.empty()) continue;
    out.push_back(fmt::format(
        "{}: the covariance matrix of {} is not positive definite; the solution is improper, the "
        "model asks for more than the data hold",
        fault, latent ? "latent variables" : "the residuals of observed variables"));
  }
  return out;
}

}  // namespace kinflow::family
