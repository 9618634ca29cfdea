#include <algorithm>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "stages/formats/pedigree_table.h"
#include "stages/kinship/apply_decisions.h"
#include "stages/kinship/decisions_table.h"

namespace kinflow {
namespace {

/// Drops decisions about people who withdrew, which nothing depends on any more. Exchanges stay:
/// the genotypes of the other person lie under their id. True if there were any.
bool DropWithdrawn(const std::unordered_set<std::string>& withdrawn,
                   std::vector<kinship::DecidedRow>& rows) {
  return std::erase_if(rows, [&](const kinship::DecidedRow& row) {
           if (row.decision.action == kinship::Action::kExchange) return false;
           return withdrawn.contains(row.decision.person) ||
                  withdrawn.contains(row.decision.value) || withdrawn.contains(row.about.iid_1) ||
                  withdrawn.contains(row.about.iid_2);
         }) > 0;
}

}  // namespace

/// The people of the study: as declared, or as decided if there is a decisions file.
CohortPtr Study::DecidedCohort(Pedigree declared, Log& log) {
  if (has_kinship() && !config_.At("pedigree").is_null()) {
    PedigreeOptions options = PedigreeOptionsFrom(config_.At("pedigree"));
    options.file = JoinPath(base_, options.file);
    years_.born = ReadBirthYears(options);
  }
  if (!config_.Has("kinship.decisions")) {
    return Cohort::Build(genotypes_.samples(), std::move(declared));
  }
  decisions_ = kinship::ReadDecisions(JoinPath(base_, config_.Text("kinship.decisions")));
  if (DropWithdrawn(genotypes_.withdrawn(), decisions_.rows)) {
    log.Warn("{}: decisions about people of input.remove are left out", BaseName(decisions_.path));
  }
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
std::vector<kinship::About> Study::SettledConflicts() const {
  std::vector<kinship::About> settled;
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
