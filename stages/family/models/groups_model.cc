#include "stages/family/models/groups_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/family/few_rows.h"
#include "stages/family/groups/factor.h"
#include "stages/family/groups/one_way.h"
#include "stages/family/groups/share_tests.h"
#include "stages/family/multiple_testing.h"
#include "stages/family/people.h"
#include "stages/family/regression_run.h"

namespace kinflow::family {
namespace {

/// Values of the outcome by level of the one factor; the reference level first.
struct Groups {
  std::vector<std::string> levels;
  GroupValues values;
  std::vector<uint32_t> code;  // of each row
  std::vector<double> y;
  size_t n = 0;
};

Groups GroupsOf(const Formula& formula, const ModelFrame& frame, const RowSelection& rows) {
  const Factor factor = FactorOf(formula, formula.terms[0].variables[0], frame, rows.rows);
  const Design design = BuildDesign(formula.Keep({0}), frame, rows.rows);  // the outcome alone
  Groups out;
  out.n = design.n;
  out.levels = factor.levels;
  out.code = factor.code;
  out.y = design.y;
  out.values.resize(out.levels.size());
  for (size_t i = 0; i < design.n; ++i) out.values[factor.code[i]].push_back(design.y[i]);
  return out;
}

void CheckGroups(const Groups& groups, const std::string& factor) {
  if (groups.levels.size() < 2) {
    throw Error(ErrorId::kNoEstimableTerm,
                fmt::format("groups: {} has one level in {}", factor, RowsUsedText(groups.n)))
        .Field(factor)
        .Remedy("check its coding and what the complete-case rule left");
  }
  for (const auto& values : groups.values) {
    if (values.size() >= 2) continue;
    throw Error(
        ErrorId::kTooFewRows,
        fmt::format("groups: a level of {} has fewer than two rows with an outcome", factor))
        .Field(factor)
        .Remedy("join levels, or leave the rare one out");
  }
  const double first = groups.values[0][0];
  const bool constant = std::all_of(groups.values.begin(), groups.values.end(), [&](const auto& g) {
    return std::all_of(g.begin(), g.end(), [&](double v) { return v == first; });
  });
  if (!constant) return;
  throw Error(ErrorId::kConstantOutcome, fmt::format("groups: the outcome has the same value in {}",
                                                     AllRowsUsedText(groups.n)))
      .Remedy("check the outcome's coding and what the complete-case rule left");
}

class GroupsRun {
 public:
  GroupsRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {
    key_ = KeyOf(spec, spec.plan.models.size() - 1);
    factor_ = spec.formula.TermLabel(spec.formula.terms[0]);
  }

  Results Go() {
    try {
      rows_ = SelectRows(frame_, spec_.formula.Columns());
      groups_ = GroupsOf(spec_.formula, frame_, rows_);
      CheckGroups(groups_, factor_);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.Fail(key_, "groups", spec_.formula.Text(), error);
      return std::move(out_);
    }
    AddCounts(key_, frame_, spec_.formula, rows_, out_.rows);
    AddGroups();
    AddModelRow();
    CompareMeans();
    if (!std::isnan(spec_.options.low)) CompareShares();
    return std::move(out_);
  }

 private:
  void AddGroups() {
    const People people(frame_, spec_.formula, rows_.rows);
    const auto in_group = people.ByCell(groups_.code, groups_.levels.size());
    for (size_t g = 0; g < groups_.levels.size(); ++g) {
      const auto& values = groups_.values[g];
      GroupRow row;
      row.key = key_;
      row.group = groups_.levels[g];
      row.n = static_cast<int64_t>(values.size());
      row.n_level = in_group[g];
      row.mean = MeanOf(values);
      row.sd = std::sqrt(VarianceOf(values));
      out_.groups.push_back(row);
    }
  }

  void AddModelRow() {
    ModelRow row;
    row.key = key_;
    row.model = "groups";
    row.n = static_cast<int64_t>(groups_.n);
    row.k = static_cast<int64_t>(groups_.levels.size());
    row.formula = spec_.formula.Text();
    row.call = "oneway.test(" + row.formula + ", data = d)";
    out_.models.push_back(std::move(row));
  }

  void Test(const std::string& test, const TestResult& result, double effect = kNa) {
    ComparisonRow row;
    row.key = key_;
    row.reduced = "equal";
    row.full = key_.model_id;
    row.added = factor_;
    row.delta_r2 = effect;
    row.n = static_cast<int64_t>(groups_.n);
    AddTest(row, test, result, out_.comparisons);
  }

  void CompareMeans() {
    const OneWay anova = OneWayAnova(groups_.values);
    Test("F", anova.f, anova.eta2);
    const TestResult welch = WelchTest(groups_.values);
    Test("Welch", welch);
    Test("Kruskal-Wallis", KruskalWallis(groups_.values));
    const TestResult levene = LeveneTest(groups_.values);
    Test("Levene", levene);
    const bool one_flat = !std::isnan(anova.f.statistic) && std::isnan(welch.statistic);
    WarnIfMissing(anova.f.statistic,
                  "F, Welch's and Tukey's tests are NA: the outcome does not vary within groups");
    WarnIfMissing(one_flat ? kNa : 0,
                  "Welch's test is NA: the outcome does not vary within one of the groups");
    WarnIfMissing(levene.statistic,
                  "Levene's test is NA: distances from the median do not vary within groups");
    const auto k = static_cast<double>(groups_.levels.size());
    const double quantile = StudentisedRangeQuantile(spec_.conf_level, k, anova.f.df2);
    for (size_t b = 1; b < groups_.levels.size(); ++b) {
      for (size_t a = 0; a < b; ++a) {
        const auto &x = groups_.values[b], &y = groups_.values[a];
        ContrastRow row = Pair(b, a, "Tukey");
        row.estimate = MeanOf(x) - MeanOf(y);
        row.std_error = std::sqrt(anova.mean_square_error * (1 / static_cast<double>(x.size()) +
                                                             1 / static_cast<double>(y.size())));
        row.statistic = row.estimate / row.std_error;
        row.df = anova.f.df2;
        const double range = std::abs(row.statistic) * std::sqrt(2.0);
        row.p_value = StudentisedRangeTail(range, k, row.df);
        row.neg_log10_p = -std::log10(row.p_value);
        const double half = quantile * row.std_error / std::sqrt(2.0);
        row.conf_low = row.estimate - half;
        row.conf_high = row.estimate + half;
        out_.contrasts.push_back(row);
      }
    }
  }

  void WarnIfMissing(double value, const char* what) {
    if (std::isnan(value)) out_.warnings.push_back(NameOf(key_) + ": " + what);
  }

  ContrastRow Pair(size_t a, size_t b, const char* type) const {
    ContrastRow row;
    row.key = key_;
    row.contrast = groups_.levels[a] + " - " + groups_.levels[b];
    row.se_type = type;
    row.conf_level = spec_.conf_level;
    row.n = static_cast<int64_t>(groups_.values[a].size() + groups_.values[b].size());
    return row;
  }

  void CompareShares() {
    Shares shares;
    for (const auto& values : groups_.values) {
      shares.n.push_back(static_cast<int64_t>(values.size()));
      shares.hits.push_back(std::count_if(values.begin(), values.end(),
                                          [this](double v) { return v <= spec_.options.low; }));
    }
    const ShareTests tests = TestShares(shares);
    Test("Pearson", tests.pearson, tests.cramers_v);
    Test("G2", tests.g2);
    const auto fewest = FewestBySide();
    const double p = FisherExact(shares);
    Test("Fisher", {kNa, kNa, kNa, p, -std::log10(p)});
    WarnIfMissing(tests.pearson.statistic,
                  "Pearson's and G2 tests are NA: every row is in the low category, or none");
    WarnIfMissing(p, "Fisher's test is NA: there are too many tables of these margins");
    for (size_t g = 0; g < groups_.levels.size(); ++g) {
      const Interval wilson = WilsonInterval(shares.hits[g], shares.n[g], spec_.conf_level);
      GroupRow& row = out_.groups[g];
      row.n_low = shares.hits[g];
      row.n_level = FewestOf({row.n_level, fewest[g]});
      row.share = static_cast<double>(row.n_low) / static_cast<double>(row.n);
      row.conf_low = wilson.low;
      row.conf_high = wilson.high;
      row.adjusted_residual = tests.adjusted_residuals[g];
    }
    ComparePairs(shares);
  }

  // Of each group, people of the rarer side of the share.
  std::vector<int64_t> FewestBySide() const {
    std::vector<uint32_t> cell;
    for (size_t i = 0; i < groups_.n; ++i) {
      cell.push_back(2 * groups_.code[i] + (groups_.y[i] <= spec_.options.low ? 1 : 0));
    }
    const People people(frame_, spec_.formula, rows_.rows);
    const auto sides = people.ByCell(cell, 2 * groups_.levels.size());
    std::vector<int64_t> out;
    for (size_t g = 0; g < groups_.levels.size(); ++g) {
      out.push_back(FewestOf({sides[2 * g], sides[2 * g + 1]}));
    }
    return out;
  }

  // Log odds ratios of every pair: conditional with Fisher's p, and of the counts.
  void ComparePairs(const Shares& shares) {
    std::vector<ContrastRow> fisher, woolf;
    std::vector<double> p;
    for (size_t a = 0; a < groups_.levels.size(); ++a) {
      for (size_t b = a + 1; b < groups_.levels.size(); ++b) {
        const OddsRatio odds = family::CompareShares(shares.hits[a], shares.n[a], shares.hits[b],
                                                     shares.n[b], spec_.conf_level);
        fisher.push_back(Pair(a, b, "Fisher"));
        fisher.back().estimate = std::log(odds.conditional);
        fisher.back().conf_low = std::log(odds.conditional_interval.low);
        fisher.back().conf_high = std::log(odds.conditional_interval.high);
        fisher.back().p_value = odds.fisher_p;
        fisher.back().neg_log10_p = -std::log10(odds.fisher_p);
        p.push_back(odds.fisher_p);
        ContrastRow row = Pair(a, b, "Woolf");
        if (std::isfinite(odds.woolf_error)) {
          row.estimate = odds.log_woolf;
          row.std_error = odds.woolf_error;
          row.statistic = row.estimate / row.std_error;
          Infer(spec_, std::numeric_limits<double>::infinity(), row);
        }
        woolf.push_back(row);
      }
    }
    const bool empty = std::any_of(woolf.begin(), woolf.end(),
                                   [](const auto& row) { return std::isnan(row.estimate); });
    WarnIfMissing(empty ? kNa : 0,
                  "Woolf's odds ratios are NA where a group has an empty cell; Fisher's are there");
    const auto holm = AdjustP(p, Adjust::kHolm);
    for (size_t i = 0; i < fisher.size(); ++i) fisher[i].p_holm = holm[i];
    for (auto* rows : {&fisher, &woolf}) {
      for (auto& row : *rows) out_.contrasts.push_back(std::move(row));
    }
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  RowKey key_;
  std::string factor_;
  RowSelection rows_;
  Groups groups_;
  Results out_;
};

class GroupsModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return GroupsRun(frame, spec).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "groups", true, {"const"});
    for (auto& error : RefuseTests(spec, "groups", clustered,
                                   "its tests take rows as independent; model ols has clustered "
                                   "errors")) {
      errors.push_back(std::move(error));
    }
    if (spec.formula.terms.size() != 1 || spec.formula.terms[0].variables.size() != 1) {
      errors.push_back(Error(ErrorId::kConfigReference, "model groups compares by one factor")
                           .Field("formula")
                           .Value(spec.formula.Text())
                           .Remedy("write \"y ~ group\"; model ols takes more terms"));
    }
    return errors;
  }
  bool ClustersByDefault() const override { return false; }
  bool TestsCoefficients() const override { return false; }
  bool TakesFactors() const override { return true; }
  std::string MainTable() const override { return "groups"; }
  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {"const"};
  }
};

}  // namespace

std::unique_ptr<Model> MakeGroups() { return std::make_unique<GroupsModel>(); }

}  // namespace kinflow::family
