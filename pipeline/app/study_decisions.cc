#include <algorithm>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "stages/formats/pedigree_table.h"
#include "stages/kinship/apply_decisions.h"
#include "stages/kinship/decisions_table.h"
#include "stages/kinship/found_families.h"
#include "stages/kinship/outdated_decisions.h"
#include "stages/kinship/relatives_stage.h"
#include "stages/qc/qc_tables.h"

namespace kinflow {
namespace {

using Ids = std::unordered_set<std::string>;

/// Parents whom genotypes tell, and no sex says which of them is the father.
void TellParentsWithoutSex(const H5Reader& relatives, Log& log) {
  if (!relatives.Has("/families")) return;
  const Table families = relatives.ReadTable("/families");
  const auto& either = families.StringsOf(kinship::kEitherParent);
  const auto open = std::count_if(either.begin(), either.end(),
                                  [](const std::string& parents) { return parents != "NA"; });
  if (open == 0) return;
  log.Warn(
      "kinship: parents found by genotypes have no sex, so that nobody can be named father or "
      "mother "
      "of {} people: their parents are in column {} of private/proposed_pedigree.tsv; give sexes "
      "in "
      "the .fam or the pedigree",
      open, kinship::kEitherParent);
}

/// True if a decision is about people who withdrew. What was found out about others with their help
/// is not: that a sample is to be removed, being another's, or who somebody's parent is not.
/// Exchanges stay: the genotypes of the other person lie under their id.
bool IsAbout(const Ids& withdrawn, const kinship::DecidedRow& row) {
  const bool person = withdrawn.contains(row.decision.person);
  switch (row.decision.action) {
    case kinship::Action::kExchange:
      return false;
    case kinship::Action::kRemove:
    case kinship::Action::kSetFather:
    case kinship::Action::kSetMother:
    case kinship::Action::kSetSex:
      return person;
    default:
      return person || withdrawn.contains(row.decision.value) ||
             withdrawn.contains(row.about.iid_1) || withdrawn.contains(row.about.iid_2);
  }
}

/// The row without the ids of people who withdrew; such a parent is unknown. True if it had any.
bool Forget(const Ids& withdrawn, kinship::DecidedRow& row) {
  if (row.decision.action == kinship::Action::kExchange) return false;
  bool any = false;
  for (std::string* id : {&row.decision.value, &row.about.iid_1, &row.about.iid_2}) {
    if (!withdrawn.contains(*id)) continue;
    for (auto& [column, text] : row.cells) {
      if (column != "PERSON" && text.find(*id) != std::string::npos) text = "NA";
    }
    id->clear();
    any = true;
  }
  return any;
}

}  // namespace

/// Control samples by place in the genotypes, which decisions do not change; empty: none declared.
std::vector<uint8_t> Study::Controls() const {
  return layout_ == nullptr ? std::vector<uint8_t>() : layout_->controls;
}

/// The people of the study: as declared, or as decided if there is a decisions file.
CohortPtr Study::DecidedCohort(Pedigree declared, Log& log) {
  const std::vector<uint8_t> controls = Controls();
  qc_.remove_controls = std::find(controls.begin(), controls.end(), 1) != controls.end();
  qc_.asked_for = qc_.asked_for || qc_.remove_controls;
  if (has_kinship() && !config_.At("pedigree").is_null()) {
    PedigreeOptions options = PedigreeOptionsFrom(config_.At("pedigree"));
    options.file = JoinPath(base_, options.file);
    years_.born = ReadBirthYears(options);
  }
  if (!config_.Has("kinship.decisions")) {
    return Cohort::Build(genotypes_.people(), std::move(declared), controls);
  }
  decisions_ = kinship::ReadDecisions(JoinPath(base_, config_.Text("kinship.decisions")));
  const Ids& withdrawn = genotypes_.withdrawn();
  bool left_out =
      std::erase_if(decisions_.rows, [&](const auto& row) { return IsAbout(withdrawn, row); }) > 0;
  for (kinship::DecidedRow& row : decisions_.rows) left_out |= Forget(withdrawn, row);
  if (left_out) {
    log.Warn(
        "{}: decisions about people of input.remove are left out; where they were to be made a "
        "parent, the parent is unknown",
        BaseName(decisions_.path));
  }
  const SampleTablePtr samples = genotypes_.people();
  const size_t rows = decisions_.rows.size();
  if (const size_t n = kinship::SetAsideAbsent(*samples, declared.people(), decisions_); n > 0) {
    log.Warn(
        "{}: {} of {} decisions are about people who are neither genotyped nor in the pedigree any "
        "more: they are left out (STATUS absent in decisions.tsv), and where such people were to "
        "be made a parent, the parent is unknown",
        BaseName(decisions_.path), n, rows);
  }
  auto faults = kinship::FaultsOfPeople(decisions_, samples, declared.people());
  if (!faults.empty()) {
    faults_.insert(faults_.end(), faults.begin(), faults.end());
    return Cohort::Build(samples, std::move(declared), controls);
  }
  kinship::MarkNeedless(*samples, declared.people(), decisions_);
  auto decided = kinship::ApplyDecisions(decisions_, samples, declared.people());
  qc_.removed_as_proposed = decided.removed[kinship::Origin::kProposed];
  qc_.removed_by_person = decided.removed[kinship::Origin::kPerson];
  qc_.asked_for =
      qc_.asked_for || !qc_.removed_as_proposed.empty() || !qc_.removed_by_person.empty();
  decisions_ledger_ = kinship::DecisionsLedger(decisions_, samples, declared.people());
  const std::string applied = kinship::AppliedByAction(decisions_, small_cell_);
  log.Info("{}: decisions applied: {}", BaseName(decisions_.path),
           applied.empty() ? "none" : applied);
  return Cohort::Build(std::move(decided.samples),
                       Pedigree::Build(std::move(decided.people), decisions_.path), controls);
}

/// Conflicts that were decided to stay as they are.
std::vector<kinship::About> Study::SettledConflicts() const {
  std::vector<kinship::About> settled;
  for (const auto& row : decisions_.rows) {
    if (row.decision.action == kinship::Action::kKeep) settled.push_back(row.about);
  }
  return settled;
}

/// The rows of the ledger that follow those of QC: who was to be kept and was not.
Table Study::OverruledDecisions(const ArtifactStore& store, const Manifest& qc) const {
  if (decisions_.path.empty()) return {};
  return kinship::OverruledLedger(decisions_, RemovedPeople(store, qc));
}

/// Everything that was decided and everything that is proposed: to be read, edited and given back.
/// Of the artifacts of relatives and, if there is one, QC.
Table Study::DecisionsTable(const ArtifactStore& store, const Manifests& m) const {
  const auto relatives = store.Open(m.front(), 0);
  const Table settled = relatives.ReadTable(kinship::kSettled);
  return kinship::AllDecisions(decisions_, relatives.ReadTable("/decisions"),
                               m.size() > 1 ? RemovedPeople(store, m[1]) : kinship::RemovedBy(),
                               &settled);
}

void Study::TellDecisions(const Plan& plan, const ArtifactStore& store, Log& log) const {
  if (!plan.Has("relatives")) return;
  const auto relatives = store.Find("relatives", plan.at("relatives").keys.self);
  if (!relatives) return;
  TellParentsWithoutSex(store.Open(*relatives, 0), log);
  const kinship::OpenDecisions open = kinship::CountOpen(DecisionsTable(store, {*relatives}));
  if (open.proposed == 0) return;
  log.Warn(
      "kinship: genotypes and pedigree disagree; decisions proposed: {}, of high confidence: {}. "
      "None of them was applied: look at private/decisions.tsv, edit it and give it back as "
      "kinship.decisions (--decisions)",
      open.proposed, open.high);
}

void Study::AddDecisionsProduct(std::vector<Product>& products) const {
  const std::string given =
      decisions_.path.empty() ? "" : digests_->DigestOf(decisions_.path).Hex();
  products.push_back(
      {"decisions",
       {"relatives", "qc"},
       true,
       [this](const ArtifactStore& store, const Manifests& m) { return DecisionsTable(store, m); },
       {},
       true,
       given});
}

}  // namespace kinflow
