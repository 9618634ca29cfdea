#include <fmt/format.h>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "stages/qc/genotype_errors_stage.h"
#include "stages/qc/mendel.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"
#include "stages/report/disclosure.h"
#include "stages/report/mendel_disclosure.h"
#include "stages/report/multiqc.h"

namespace kinflow {

bool Study::checks_mendel() const {
  const std::vector<uint8_t> everybody(cohort_->samples->size(), 1);
  return has_qc() &&
         !MendelChecker(*cohort_, everybody, qc_.mendel_duos, qc_.mendel_rules).trios().empty();
}

/// Batches first: of several groupings the first is shared.
std::vector<ChildGroups> Study::ChildGroupings() const {
  std::vector<ChildGroups> groupings;
  if (layout_ != nullptr) {
    for (auto factor = layout_->factors.rbegin(); factor != layout_->factors.rend(); ++factor) {
      groupings.push_back({factor->name, factor->levels, factor->of});
    }
  }
  if (!has_batches() || (!groupings.empty() && groupings.front().factor == "batch")) {
    return groupings;
  }
  ChildGroups batches{.factor = "batch", .levels = BatchNames(), .of = {}};
  uint32_t number = 0;
  for (const GenotypeSet& set : genotypes_.batches()) {
    batches.of.insert(batches.of.end(), set.samples->size(), number++);
  }
  groupings.insert(groupings.begin(), std::move(batches));
  return groupings;
}

/// Mendel errors of families and the rate of errors of genotypes behind them.
void Study::AddMendelStage(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!checks_mendel()) return;
  GenotypeErrorsStage::Setup setup;
  setup.cohort = cohort_;
  setup.options = qc_;
  setup.groups = ChildGroupings();
  Hasher hasher;
  for (const ChildGroups& groups : setup.groups) {
    hasher.AddField(groups.factor);
    for (const std::string& level : groups.levels) hasher.AddField(level);
    for (const uint32_t level : groups.of) hasher.AddField(uint64_t{level});
  }
  if (!setup.groups.empty()) setup.files["plates and batches"] = hasher.Finish();
  stages.push_back(std::make_unique<GenotypeErrorsStage>(std::move(setup)));
}

void Study::AddMendelProducts(std::vector<Product>& products) const {
  if (!checks_mendel()) return;
  AddMendelCallsProduct(products);
  const auto read = [](const ArtifactStore& store, const Manifests& m) {
    return store.Open(m.front(), 0).ReadTable("/errors");
  };
  products.push_back({"mendel_errors_full", {"genotype_errors"}, true, read, {}});
  const auto shared = [read, small = small_cell_](const ArtifactStore& store, const Manifests& m) {
    // Without the ledger it is not known what it hides.
    const bool few = m.size() < 2 || FewRemoved(LedgerTable(store, m[1]), small);
    return SuppressMendelErrors(read(store, m), few, small);
  };
  const std::string besides = fmt::format("small_cell {}", small_cell_);
  products.push_back(
      {"mendel_errors", {"genotype_errors", "qc"}, false, shared, {}, true, besides});
  const auto section = [shared](const ArtifactStore& store, const Manifests& m,
                                const std::string& path) {
    WriteFileAtomically(path, MultiqcMendelSection(shared(store, m)));
  };
  products.push_back(
      {"mendel_errors_mqc.json", {"genotype_errors", "qc"}, false, {}, section, true, besides});
}

/// How many calls of each person are missing to scores and plates.
void Study::AddMendelCallsProduct(std::vector<Product>& products) const {
  if (!qc_.mendel_missing || cohort_->trios.empty()) return;
  const auto of_people = [this](const ArtifactStore& store, const Manifests& m) {
    const std::vector<uint8_t> kept = Kept(store, m);
    const SampleCounts counts = ReadSampleCounts(store, m.front());
    Table::Ints calls;
    for (size_t s = 0; s < kept.size(); ++s) {
      calls.push_back(kept[s] != 0 ? int64_t{counts.mendel_blamed.at(s)} : Table::kMissingInt);
    }
    Table table;
    table.Add("FID", cohort_->FamilyIds());
    table.Add("IID", cohort_->samples->iids());
    table.Add("GENOTYPES_SET", std::move(calls));
    return table;
  };
  products.push_back({"mendel_calls", {"mendel_calls", "qc"}, true, of_people, {}, true});
}

}  // namespace kinflow
