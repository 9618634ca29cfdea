#include "stages/family/models/ordinal_model.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <map>

#include "stages/family/case_weights.h"
#include "stages/family/ordinal.h"
#include "stages/family/people.h"
#include "stages/family/regression_run.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

void DropIntercept(Design& design) {
  design.x =
      std::vector<double>(design.x.begin() + static_cast<std::ptrdiff_t>(design.n), design.x.end());
  design.columns.erase(design.columns.begin());
  --design.k;
}

// Sum of s s' over rows, or over clusters' sums, in the order of their first rows.
MatrixXd Meat(const MatrixXd& scores, const Design& design, bool clustered) {
  if (!clustered) return scores.transpose() * scores;
  MatrixXd sums = MatrixXd::Zero(design.n_clusters, scores.cols());
  for (size_t i = 0; i < design.n; ++i) {
    sums.row(design.cluster[i]) += scores.row(static_cast<Index>(i));
  }
  return sums.transpose() * sums;
}

// Which parameters one row or cluster alone fixes; `qr`: of the design with its intercept, which
// stands for all thresholds.
FixedByOne FixedOf(const PivotedQr& qr, const Design& design, const OrdinalFit& fit,
                   bool clustered) {
  const FixedByOne of_design =
      clustered ? FixedByOneCluster(qr, design.cluster, design.n_clusters) : FixedByOneRow(qr);
  const auto& position = fit.coefficients.position;
  FixedByOne out{of_design.combinations, std::vector<uint8_t>(fit.parameters, 0)};
  for (size_t i = 0; i < qr.used.size(); ++i) {
    if (of_design.columns[i] == 0) continue;
    const size_t c = qr.used[i];
    const size_t begin = c == 0 ? design.k : c - 1, end = c == 0 ? position.size() : c;
    for (size_t p = begin; p < end; ++p) {
      if (position[p] >= 0) out.columns[static_cast<size_t>(position[p])] = 1;
    }
  }
  return out;
}

Vcov CovarianceNamed(const std::string& name, const PivotedQr& qr, const Design& design,
                     const OrdinalFit& fit) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Vcov out;
  out.rank = fit.parameters;
  out.values = fit.covariance;
  out.wald_df = kInfinity;
  out.df.assign(out.rank, kInfinity);
  if (name == kModelBased) return out;
  out.type = *FindVcov(name);
  const auto m = static_cast<Index>(fit.parameters);
  if (IsClustered(out.type) && design.n_clusters < 2) {
    out.reason = "fewer than two clusters";
    out.values.assign(out.values.size(), kNa);
    return out;
  }
  const bool clustered = IsClustered(out.type);
  FixedByOne fixed = FixedOf(qr, design, fit, clustered);
  if (clustered) {
    RefuseFewClusters(design.n_clusters, fit.parameters - fixed.combinations, out);
  }
  if (!out.reason.empty()) return out;
  const Eigen::Map<const MatrixXd> bread(fit.covariance.data(), m, m);
  const Eigen::Map<const MatrixXd> scores(fit.scores.data(), static_cast<Index>(design.n), m);
  MatrixXd v = bread * Meat(scores, design, clustered) * bread;
  if (out.type == VcovType::kCr1) v *= design.n_clusters / (design.n_clusters - 1.0);
  out.values.assign(v.data(), v.data() + v.size());
  RefuseFixed(std::move(fixed.columns), clustered, out);
  return out;
}

// Equal coefficients at all thresholds: of every term at once, and of each.
void AddParallelLinesTests(const Formula& formula, bool probit, const OrdinalFit& fit,
                           RegressionFit& out) {
  const Design& design = out.design;
  const auto test = [&](const std::string& name, const std::vector<uint8_t>& columns) {
    const ParallelLines lines = TestParallelLines(design, probit, fit, columns);
    const Tail tail = UpperChi2(lines.statistic, lines.df);
    ComparisonRow row;
    row.full = "partial";
    row.added = name + " by threshold";
    AddTest(row, "LRT-parallel", {lines.statistic, lines.df, kNa, tail.p, tail.neg_log10},
            out.tests);
    if (!std::isnan(lines.statistic)) return;
    out.warnings.push_back(fmt::format(
        "LRT-parallel of {} by threshold is NA: with coefficients at each threshold the likelihood "
        "has no maximum, as where rows of a level lack a category",
        name));
  };
  test("all terms", std::vector<uint8_t>(design.k, 1));
  for (size_t t = 0; t < formula.terms.size(); ++t) {
    std::vector<uint8_t> columns;
    for (const auto& column : design.columns) columns.push_back(column.term == t);
    test(formula.TermLabel(formula.terms[t]), columns);
  }
}

// Thresholds tell the share of each category, one by the others: all of them rest on the rarest,
// and on the reference of each factor, as an intercept does.
int64_t RarestCategory(const std::vector<double>& y, const People& people) {
  std::map<double, uint32_t> categories;
  std::vector<uint32_t> category;
  for (const double value : y) {
    const auto next = static_cast<uint32_t>(categories.size());
    category.push_back(categories.emplace(value, next).first->second);
  }
  return FewestOf(people.ByCell(category, categories.size()));
}

RegressionFit FitOne(const ModelFrame& frame, const ModelSpec& spec, const Formula& formula,
                     const RowSelection& selection) {
  const bool probit = spec.options.link == "probit";
  RegressionFit out;
  out.formula = formula;
  out.selection = selection;
  out.design = BuildDesign(formula, frame, selection.rows);
  out.design.weight = CaseWeightsOf(frame, spec, selection.rows);
  const int64_t reference = out.design.columns.front().people;
  const PivotedQr qr = QrOf(out.design);
  DropIntercept(out.design);
  const OrdinalFit fit = FitOrdinal(out.design, probit);
  out.coefficients = fit.coefficients;
  out.more_terms = fit.thresholds;
  const People people(frame, spec.formula, selection.rows);
  out.more_level = FewestOf({RarestCategory(out.design.y, people), reference});
  for (const auto& name : spec.vcov) out.vcov.push_back(CovarianceNamed(name, qr, out.design, fit));
  out.log_lik = fit.log_lik;
  out.parameters = fit.parameters;
  out.exponentiate = !probit;
  const auto n = static_cast<double>(out.design.n);
  out.row.deviance = -2 * fit.log_lik;
  out.row.mcfadden = 1 - fit.log_lik / fit.log_lik_null;
  out.row.cox_snell = 1 - std::exp(2 / n * (fit.log_lik_null - fit.log_lik));
  out.row.nagelkerke = out.row.cox_snell / (1 - std::exp(2 / n * fit.log_lik_null));
  out.row.iterations = fit.iterations;
  out.row.max_abs_score = fit.max_abs_score;
  out.row.newton_step = fit.last_step;
  const std::string right = formula.Text().substr(formula.Text().find('~'));
  out.row.call =
      fmt::format("MASS::polr(factor({}) {}, data = d, Hess = TRUE, method = \"{}\"{})",
                  formula.Outcome(), right, probit ? "probit" : "logistic", WeightsArgument(spec));
  if (formula.terms == spec.formula.terms && !formula.terms.empty()) {
    AddParallelLinesTests(formula, probit, fit, out);
  }
  return out;
}

class OrdinalModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return RunRegression(frame, spec, "ordinal",
                         [&](const Formula& formula, const RowSelection& rows) {
                           return FitOne(frame, spec, formula, rows);
                         });
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "ordinal", clustered, {kModelBased, "HC0", "CR0", "CR1"});
    if (!spec.formula.intercept) {
      errors.push_back(Error(ErrorId::kConfigReference,
                             "model ordinal: the thresholds take the place of the intercept")
                           .Field("formula")
                           .Value(spec.formula.Text())
                           .Remedy("write the formula without 0 + or - 1"));
    }
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool clustered,
                                       const ModelOptions& /*options*/) const override {
    if (clustered) return {kModelBased, "CR1"};
    return {kModelBased};
  }
};

}  // namespace

std::unique_ptr<Model> MakeOrdinal() { return std::make_unique<OrdinalModel>(); }

}  // namespace kinflow::family
