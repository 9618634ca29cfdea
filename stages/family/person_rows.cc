#include "stages/family/person_rows.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "pipeline/base/error.h"
#include "stages/family/frame_spec.h"
#include "stages/family/trio_rows.h"

namespace kinflow::family {
namespace {

/// What the person is in the trio of `child`; "" = nobody.
std::string RoleIn(const Person& child, const std::string& iid) {
  if (child.iid == iid) return "child";
  if (child.mother == iid) return "mother";
  return child.father == iid ? "father" : "";
}

/// The rows of one outcome.
class OutcomeRowsOfPerson {
 public:
  OutcomeRowsOfPerson(const AnalysisOptions& options, const Cohort& cohort,
                      const PersonColumns& persons, const AnalysisScores& scores,
                      const std::string& iid)
      : cohort_(cohort),
        persons_(persons),
        iid_(iid),
        formula_(FormulaOf(options)),
        frames_(cohort, persons, scores.columns(), FrameSpecOf(options, {&formula_}),
                [this](const TrioRowsSpec& asked) { return Rows(asked); }) {
    columns_ = formula_.Columns();
    for (auto& name : options.model_options.Columns()) columns_.push_back(std::move(name));
    if (!MakeModel(options.model)->PathColumns(options.model_options).empty()) columns_.clear();
    if (UsesPgs(formula_))
      names_ = options.scores.empty() ? scores.columns().names : options.scores;
  }

  void AddTo(std::vector<PersonRow>& out) {
    for (const auto& name : names_) {
      std::optional<TrioFrame> trio;
      std::string failure;
      try {
        trio = frames_.Of(name);
      } catch (const Error& error) {
        if (!IsModelFault(error.id())) throw;
        failure = "the models failed: " + error.message();
      }
      if (rows_ == nullptr) continue;
      for (size_t r = 0; r < rows_->trios().size(); ++r) {
        const Person& child = rows_->Child(r);
        const std::string role = RoleIn(child, iid_);
        if (role.empty()) continue;
        out.push_back({formula_.Outcome(), name, child.iid, role, rows_->Wave(r),
                       trio ? WhyDropped(trio->frame, columns_, r) : failure});
      }
      AddLeftOut(name, out);
    }
  }

 private:
  std::shared_ptr<const TrioRows> Rows(const TrioRowsSpec& asked) {
    asked_ = asked;
    rows_ = std::make_shared<const TrioRows>(cohort_, persons_, asked);
    without_waves_.reset();
    return rows_;
  }

  /// Those there were if no wave were needed: of all people, so made once, for the first who asks.
  const TrioRows& RowsWithoutWaves() {
    if (!without_waves_) {
      const TrioRowsSpec spec{asked_.outcome_of, asked_.children, false};
      without_waves_ = std::make_unique<const TrioRows>(cohort_, persons_, spec);
    }
    return *without_waves_;
  }

  static bool Has(const TrioRows& rows, const Trio& trio) {
    return std::any_of(rows.trios().begin(), rows.trios().end(),
                       [&trio](const Trio& other) { return other.person == trio.person; });
  }

  /// Children without a row: by the rule on children, or for want of a wave.
  void AddLeftOut(const std::string& score, std::vector<PersonRow>& out) {
    for (const Trio& trio : cohort_.trios) {
      const Person& child = cohort_.pedigree.people()[trio.person];
      const std::string role = RoleIn(child, iid_);
      if (role.empty() || Has(*rows_, trio)) continue;
      const bool chosen = asked_.by_wave && Has(RowsWithoutWaves(), trio);
      out.push_back({formula_.Outcome(), score, child.iid, role, "",
                     chosen ? asked_.outcome_of + " without a wave in the phenotypes"
                            : LeftOutReason(asked_.children)});
    }
  }

  const Cohort& cohort_;
  const PersonColumns& persons_;
  const std::string& iid_;
  const Formula formula_;
  TrioRowsSpec asked_;
  std::shared_ptr<const TrioRows> rows_;  // from the first frame on
  std::unique_ptr<const TrioRows> without_waves_;
  TrioFrames frames_;
  std::vector<std::string> columns_;      // that a row must have
  std::vector<std::string> names_{"NA"};  // of the scores
};

}  // namespace

std::vector<PersonRow> RowsOfPerson(const AnalysisOptions& options, const Cohort& cohort,
                                    const PersonColumns& persons, const AnalysisScores& scores,
                                    const std::string& iid) {
  std::vector<PersonRow> out;
  for (const AnalysisOptions& one : ByOutcome(options)) {
    OutcomeRowsOfPerson(one, cohort, persons, scores, iid).AddTo(out);
  }
  return out;
}

}  // namespace kinflow::family
