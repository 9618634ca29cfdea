#include "stages/family/sem/variance_warnings.h"

#include <fmt/format.h>

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
  return out;
}

}  // namespace kinflow::family
