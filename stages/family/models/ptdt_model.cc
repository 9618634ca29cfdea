#include "stages/family/models/ptdt_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "stages/family/few_rows.h"
#include "stages/family/groups/one_way.h"
#include "stages/family/groups/transmission.h"
#include "stages/family/outcome_sides.h"
#include "stages/family/people.h"
#include "stages/family/regression_run.h"

namespace kinflow::family {
namespace {

constexpr std::array<const char*, 3> kMembers = {"child", "mother", "father"};
constexpr const char* kClustered = "CR1";

/// Index into formula.variables of each member's score, in the order of kMembers.
using TrioScores = std::array<size_t, 3>;

std::optional<TrioScores> TrioScoresOf(const Formula& formula, const ModelFrame& roles) {
  TrioScores out{};
  std::set<std::string> pgs;
  if (formula.terms.size() != kMembers.size()) return std::nullopt;
  for (size_t m = 0; m < kMembers.size(); ++m) {
    const auto has_role = [&](const FormulaTerm& term) {
      return term.variables.size() == 1 && formula.variables[term.variables[0]].IsPlain() &&
             roles.InfoOf(formula.variables[term.variables[0]].column).role == kMembers[m];
    };
    const auto term = std::find_if(formula.terms.begin(), formula.terms.end(), has_role);
    if (term == formula.terms.end()) return std::nullopt;
    out[m] = term->variables[0];
    pgs.insert(roles.InfoOf(formula.variables[out[m]].column).pgs);
  }
  return pgs.size() == 1 ? std::optional(out) : std::nullopt;
}

/// Children by what they are; siblings are among those who are no cases.
struct Groups {
  std::vector<uint32_t> cases, siblings, others;
};

class PtdtRun {
 public:
  PtdtRun(const ModelFrame& frame, const ModelSpec& spec) : frame_(frame), spec_(spec) {
    key_ = KeyOf(spec, spec.plan.models.size() - 1);
  }

  Results Go() {
    try {
      if (auto fault = FaultOfTrioScores(spec_.formula, frame_)) throw std::move(*fault);
      rows_ = SelectRows(frame_, spec_.Columns());
      RequireOneRowAChild();
      FindCases();
      FindDeviations();
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      out_.Fail(key_, "ptdt", spec_.formula.Text(), error);
      return std::move(out_);
    }
    AddRows();
    for (const auto& vcov : spec_.vcov) AddTests(vcov);
    return std::move(out_);
  }

 private:
  std::vector<double> Values(const std::string& column) const {
    return NumbersOf(frame_, column, "formula", rows_.rows);
  }

  void RequireOneRowAChild() const {
    if (frame_.person.empty()) return;
    std::set<int64_t> seen;
    for (const uint32_t r : rows_.rows) {
      if (frame_.person[r] < 0 || seen.insert(frame_.person[r]).second) continue;
      throw Error(ErrorId::kModelFailed, "ptdt: a child has several rows")
          .Field(spec_.formula.response)
          .Remedy("name an outcome of one wave, or one over all of them");
    }
  }

  void FindCases() {
    const auto y = Values(spec_.formula.response);
    const double beyond = spec_.options.cases_beyond_sd;
    double limit = *std::max_element(y.begin(), y.end());
    if (!std::isnan(beyond)) {
      limit = MeanOf(y) + beyond * (y.size() < 2 ? kNa : std::sqrt(VarianceOf(y)));
    } else if (std::set<double>(y.begin(), y.end()).size() > 2) {
      throw Error(ErrorId::kModelFailed, "ptdt: the outcome has more than two values")
          .Field(spec_.formula.response)
          .Remedy(
              "set cases_beyond_sd: 2 (in kinflow fit --set cases_beyond_sd=2), which makes cases "
              "of "
              "those 2 SD above the mean");
    }
    std::set<int64_t> mothers;
    const auto& families = FamiliesOf(frame_);
    for (uint32_t i = 0; i < y.size(); ++i) {
      const bool is_case = beyond < 0 ? y[i] <= limit : y[i] >= limit;
      (is_case ? groups_.cases : groups_.others).push_back(i);
      if (is_case && !families.empty()) mothers.insert(families[rows_.rows[i]]);
    }
    for (const uint32_t i : groups_.others) {
      if (families.empty() || families[rows_.rows[i]] < 0) continue;
      if (mothers.count(families[rows_.rows[i]]) != 0) groups_.siblings.push_back(i);
    }
    if (groups_.cases.size() >= 2) return;
    throw Error(ErrorId::kTooFewRows,
                "ptdt: fewer than two children with an outcome and all scores are cases")
        .Field(spec_.formula.response)
        .Remedy(
            "check the outcome's coding (cases have the larger value), and what the complete-case "
            "rule left");
  }

  void FindDeviations() {
    const auto columns = TrioColumns(spec_.formula, frame_);
    std::array<std::vector<double>, 3> values;
    for (size_t m = 0; m < kMembers.size(); ++m) {
      values[m] = Values(columns[m]);
    }
    // Children of one mother whose father has another score are of another couple.
    std::map<std::pair<int64_t, double>, int64_t> codes;
    std::vector<int64_t> couple;
    const auto& mothers = FamiliesOf(frame_);
    for (size_t i = 0; i < rows_.rows.size(); ++i) {
      const int64_t mother = mothers.empty() ? -1 : mothers[rows_.rows[i]];
      const auto next = static_cast<int64_t>(couple.size());
      couple.push_back(
          mother < 0 ? next : codes.emplace(std::pair(mother, values[2][i]), next).first->second);
    }
    deviations_ = TransmissionDeviations(values[0], values[1], values[2], couple);
  }

  void AddRows() {
    AddCounts(key_, frame_, spec_.formula, rows_, out_.rows);
    const People people(frame_, spec_.formula, rows_.rows);
    people_.clear();
    for (const auto* group : {&groups_.cases, &groups_.siblings, &groups_.others}) {
      std::vector<uint32_t> cell(rows_.rows.size(), People::kNoCell);
      for (const uint32_t i : *group) cell[i] = 0;
      people_.push_back(people.ByCell(cell, 1)[0]);
    }
    if (!std::isnan(spec_.options.cases_beyond_sd)) {
      const OutcomeSides sides{static_cast<int64_t>(groups_.cases.size()), people_[0], people_[2]};
      AddSides(key_, sides, people, out_.rows);
    }
    if (!frame_.cluster.empty()) cluster_ = ClustersOf(frame_, rows_.rows);
    if (FamiliesOf(frame_).empty()) {
      out_.warnings.push_back(NameOf(key_) +
                              ": whose children they are is not known: siblings of cases are not "
                              "told apart, and each child counts as of another couple; name the "
                              "column of mothers (cluster)");
    }
    ModelRow row;
    row.key = key_;
    row.model = "ptdt";
    row.n = static_cast<int64_t>(rows_.rows.size());
    if (cluster_.n > 0) row.n_clusters = cluster_.n;
    row.k = 1;
    row.formula = spec_.formula.Text();
    out_.models.push_back(std::move(row));
  }

  void AddTests(const std::string& vcov) {
    const bool clustered = vcov == kClustered;
    const std::vector<uint32_t>& cluster = cluster_.codes;
    const auto mean = [&](const std::vector<uint32_t>& rows) {
      return clustered ? ClusteredMean(deviations_, rows, cluster) : MeanOfRows(deviations_, rows);
    };
    const auto difference = [&](const std::vector<uint32_t>& rows) {
      return clustered ? ClusteredDifference(deviations_, groups_.cases, rows, cluster)
                       : DifferenceOfMeans(deviations_, groups_.cases, rows);
    };
    AddMean("cases", mean(groups_.cases), vcov, people_[0]);
    AddMean("siblings of cases", mean(groups_.siblings), vcov, people_[1]);
    AddMean("not cases", mean(groups_.others), vcov, people_[2]);
    AddDifference("cases - siblings of cases", difference(groups_.siblings), vcov, people_[1]);
    AddDifference("cases - not cases", difference(groups_.others), vcov, people_[2]);
  }

  void AddMean(const char* term, const MeanTest& test, const std::string& vcov, int64_t people) {
    EstimateRow row;
    row.key = key_;
    row.term = term;
    // One test a score: the others are there to compare with.
    const bool is_test = row.term == "cases";
    row.predictor = is_test ? "pgs.child - (pgs.mother + pgs.father) / 2" : "NA";
    row.role = is_test ? "child" : "NA";
    row.effect = is_test ? "transmission" : "NA";
    row.se_type = vcov;
    row.conf_level = spec_.conf_level;
    row.n = test.rows;
    if (test.clusters > 0) row.n_clusters = test.clusters;
    row.n_level = people;
    if (test.rows < 2) {
      row.reason = "fewer than two children";
    } else {
      row.std_type = "parents";  // SDs of the mean of the parents
      Fill(test, row);
      if (is_test && test.clusters > 0) {
        WarnOfFewClusters(key_, vcov, static_cast<size_t>(test.clusters), 1, out_.warnings);
      }
    }
    out_.estimates.push_back(std::move(row));
  }

  void AddDifference(const char* contrast, const MeanTest& test, const std::string& vcov,
                     int64_t people) {
    if (std::isnan(test.estimate)) return;
    ContrastRow row;
    row.key = key_;
    row.contrast = contrast;
    row.se_type = vcov;
    row.conf_level = spec_.conf_level;
    row.n = test.rows;
    row.n_level = FewestOf({people, people_[0]});
    Fill(test, row);
    out_.contrasts.push_back(std::move(row));
  }

  template <class Row>
  void Fill(const MeanTest& test, Row& row) const {
    row.estimate = test.estimate;
    row.std_error = test.std_error;
    row.statistic = test.estimate / test.std_error;
    Infer(spec_, test.df, row);
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  RowKey key_;
  RowSelection rows_;
  Groups groups_;
  std::vector<double> deviations_;
  RowCodes cluster_;
  std::vector<int64_t> people_;  // of cases, siblings, others
  Results out_;
};

class PtdtModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return PtdtRun(frame, spec).Go();
  }
  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckRegression(spec, "ptdt", clustered, {"const", kClustered});
    for (auto& error : RefuseTests(spec, "ptdt", false, "")) errors.push_back(std::move(error));
    return errors;
  }
  bool TestsCoefficients() const override { return false; }
  bool TakesImputedParents() const override { return false; }
  std::vector<std::string> DefaultVcov(bool clustered,
                                       const ModelOptions& /*options*/) const override {
    if (clustered) return {kClustered, "const"};
    return {"const"};
  }
};

}  // namespace

std::optional<Error> FaultOfTrioScores(const Formula& formula, const ModelFrame& roles) {
  if (TrioScoresOf(formula, roles)) return std::nullopt;
  return Error(ErrorId::kModelFailed,
               "model ptdt is of the scores of child, mother and father alone")
      .Field("formula")
      .Value(formula.Text())
      .Remedy(
          "write \"outcome ~ pgs.child + pgs.mother + pgs.father\" (or the name of a score for "
          "pgs); "
          "of a run, scores.adjust adjusts scores, for components say");
}

std::vector<std::string> TrioColumns(const Formula& formula, const ModelFrame& roles) {
  const TrioScores scores = TrioScoresOf(formula, roles).value();
  std::vector<std::string> columns;
  for (const size_t variable : scores) {
    columns.push_back(formula.variables[variable].column);
  }
  return columns;
}

const std::vector<int64_t>& FamiliesOf(const ModelFrame& frame) {
  return frame.mother.empty() ? frame.cluster : frame.mother;
}

std::unique_ptr<Model> MakePtdt() { return std::make_unique<PtdtModel>(); }

}  // namespace kinflow::family
