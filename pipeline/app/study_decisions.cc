#include <algorithm>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "stages/formats/pedigree_table.h"
#include "stages/kinship/apply_decisions.h"
#include "stages/kinship/decisions_table.h"

namespace kinflow {

/// The people of the study: as declared, or as decided if there is a decisions file.
CohortPtr Study::DecidedCohort(Pedigree declared) {
  if (has_kinship() && !config_.At("pedigree").is_null()) {
    PedigreeOptions options = PedigreeOptionsFrom(config_.At("pedigree"));
    options.file = JoinPath(base_, options.file);
    years_.born = ReadBirthYears(options);
  }
  if (!config_.Has("kinship.decisions")) {
    return Cohort::Build(genotypes_.samples(), std::move(declared));
  }
  decisions_ = kinship::ReadDecisions(JoinPath(base_, config_.Text("kinship.decisions")));
  const SampleTablePtr samples = genotypes_.samples();
  auto decided = kinship::ApplyDecisions(decisions_, samples, declared.people());
  qc_.removed_as_proposed = decided.removed[kinship::Origin::kProposed];
  qc_.removed_by_person = decided.removed[kinship::Origin::kPerson];
  qc_.asked_for =
      qc_.asked_for || !qc_.removed_as_proposed.empty() || !qc_.removed_by_person.empty();
  decisions_ledger_ = kinship::DecisionsLedger(decisions_, samples, declared.people());
  return Cohort::Build(std::move(decided.samples),
                       Pedigree::Build(std::move(decided.people), decisions_.path));
}

/// Conflicts that were decided to stay as they are.
std::vector<std::pair<std::string, std::string>> Study::SettledConflicts() const {
  std::vector<std::pair<std::string, std::string>> settled;
  for (const auto& row : decisions_.rows) {
    if (row.decision.action == kinship::Action::kKeep) settled.push_back(row.about);
  }
  return settled;
}

/// Everything that was decided and everything that is proposed: to be read, edited and given back.
void Study::AddDecisionsProduct(std::vector<Product>& products) const {
  products.push_back({"decisions",
                      {"relatives"},
                      true,
                      OfFirst([this](const ArtifactStore& store, const Manifest& m) {
                        return kinship::AllDecisions(decisions_,
                                                     store.Open(m, 0).ReadTable("/decisions"));
                      }),
                      {}});
  if (!decisions_.path.empty()) {
    products.back().besides = digests_->DigestOf(decisions_.path).Hex();
  }
}

}  // namespace kinflow
