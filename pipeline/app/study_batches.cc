#include <fmt/format.h>

#include "pipeline/app/study.h"
#include "stages/batches/batch_counts_stage.h"
#include "stages/batches/join_artifact.h"
#include "stages/batches/join_stage.h"
#include "stages/batches/join_tables.h"
#include "stages/batches/open_joined.h"
#include "stages/dosage/dosage_stage.h"
#include "stages/scores/score_check.h"

namespace kinflow {

std::vector<std::string> Study::BatchNames() const {
  std::vector<std::string> names;
  for (const GenotypeSet& batch : genotypes_.batches()) names.push_back(batch.name);
  return names;
}

/// A store and counts for each batch, then the join of them. The key of a store is that of the same
/// files read alone, so a batch that was loaded before is not loaded again.
void Study::AddBatchStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!has_batches()) return;
  auto sex = cohort_->sexes.begin();
  for (const GenotypeSet& batch : genotypes_.batches()) {
    DosageStage::Setup load;
    load.id = load.source = "batch:" + batch.name;
    load.files = WithFiles(genotypes_.ChoicesOf(batch), batch.name);
    load.samples = batch.samples;
    load.field = FieldName(batch.plan.dosage.field);
    load.build = genotypes_.build();
    load.fault_of_none = FaultOfNoVariantRead();
    BatchCountsStage::Setup counts;
    counts.batch = batch.name;
    counts.files = load.files;
    const auto end = sex + batch.samples->size();
    counts.sexes.assign(sex, end);
    sex = end;
    stages.push_back(std::make_unique<DosageStage>(std::move(load)));
    stages.push_back(std::make_unique<BatchCountsStage>(std::move(counts)));
  }
  stages.push_back(std::make_unique<JoinStage>(BatchNames()));
}

std::function<Error()> Study::FaultOfNoVariantRead() const {
  if (!genotypes_.only_scored()) return nullptr;
  return [this] { return FaultOfNoVariant(score_files_, genotypes_.build(), scores_.names); };
}

std::unique_ptr<GenotypeSource> Study::OpenJoin(const Plan& plan,
                                                const ArtifactStore& store) const {
  const auto join = store.Find(kJoinKind, plan.at("join").keys.self);
  if (!join) throw Error(ErrorId::kInternal, "the batches have not been joined");
  VariantSelection by_id = genotypes_.selection();
  by_id.regions = nullptr;  // no others were read
  return SelectVariants(OpenJoined(store, *join, BatchNames(), cohort_->samples), by_id);
}

void Study::AddBatchProducts(std::vector<Product>& products) const {
  if (!has_batches()) return;
  products.push_back({"batches",
                      {"join"},
                      false,
                      OfFirst([small = small_cell_](const ArtifactStore& store, const Manifest& m) {
                        return SuppressBatches(ReadBatchesTable(store, m), small);
                      }),
                      {},
                      false,
                      fmt::format("small_cell {}", small_cell_)});
  products.push_back({"batches_log.tsv.gz", {"join"}, false, {}, OfFirst(WriteBatchesLog)});
  products.push_back(
      {"batch_frequencies.tsv.gz", {"join"}, true, {}, OfFirst(WriteBatchFrequencies)});
}

std::vector<Table> Study::BatchLedgers(const ArtifactStore& store, const Manifests& m) const {
  if (m.size() < 2) return {};
  return BatchesLedger(ReadBatchesTable(store, m[1]));
}

void Study::TellBatches(const Plan& plan, const ArtifactStore& store, Log& log) const {
  if (!plan.Has("join")) return;
  const auto join = store.Find(kJoinKind, plan.at("join").keys.self);
  if (!join) return;
  const JoinRemarks remarks = RemarksOn(ReadBatchesTable(store, *join));
  for (const auto& line : remarks.lines) log.Info("{}", line);
  for (const auto& warning : remarks.warnings) log.Warn("{}", warning);
}

}  // namespace kinflow
