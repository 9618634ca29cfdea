#include "stages/qc/qc_variants_stage.h"

#include <oneapi/tbb/parallel_for.h>

#include "pipeline/graph/progress.h"
#include "pipeline/graph/shards_at_once.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/qc/judge_again.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/reference_fits.h"

namespace kinflow {

std::vector<std::string> QcVariantsStage::inputs() const {
  std::vector<std::string> inputs = {setup_.counts};
  if (!setup_.before.empty()) {
    inputs.insert(inputs.end(), {setup_.before, setup_.recount});
  }
  if (const std::string stage = ReferenceFits::StageOf(setup_.options); !stage.empty()) {
    inputs.push_back(stage);
  }
  return inputs;
}

void QcVariantsStage::RunAgain(RunContext& run, const StageKeys& keys) const {
  const Manifest counts = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  const Manifest before = InputManifest(run.store, kQcVariantsKind, keys, setup_.before);
  JudgeAgain again(run.store, keys, setup_.recount, setup_.options);
  Manifest manifest = NewManifest(*this, keys);
  run.progress.Start(id(), counts.shards.size(), "shards");
  again.ForEach(
      counts, before, run.memory_bytes,
      [&](size_t shard, const JudgedShard& judged) {
        run.stop.Check();
        const auto out =
            run.store.BeginShard(kQcVariantsKind, keys.self, static_cast<uint32_t>(shard));
        judged.verdicts.Write(out->file(), "/verdicts");
        out->file().WriteTable("/facts", judged.facts);
        out->file().Write("/passing", std::span<const uint64_t>(judged.passing));
        return out->Commit(judged.variants.size());
      },
      [&](const JudgedShard&, const ShardRecord& record) {
        manifest.shards.push_back(record);
        run.progress.Add(1);
      });
  run.store.Seal(manifest);
  run.progress.Finish();
}

void QcVariantsStage::Run(RunContext& run, const StageKeys& keys) const {
  if (!setup_.before.empty()) return RunAgain(run, keys);
  const Manifest counts_manifest = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  const ReferenceFits reference(run.store, keys, setup_.options);
  const auto filters = MakeVariantFilters(setup_.options);
  Manifest manifest = NewManifest(*this, keys);
  run.progress.Start(id(), counts_manifest.shards.size(), "shards");
  manifest.shards.resize(counts_manifest.shards.size());
  const size_t at_once = ShardsAtOnce(run.memory_bytes, counts_manifest.shards, kJudgedRowBytes);
  ForEachShard(counts_manifest.shards.size(), at_once, [&](size_t shard) {
    run.stop.Check();
    const H5Reader file = run.store.Open(counts_manifest, shard);
    const VariantTable variants = file.ReadVariants("/variants");
    const VariantCounts counts = VariantCounts::Read(file);
    Verdicts verdicts = Verdicts::For(filters);
    std::vector<uint64_t> passing;
    std::vector<VariantFacts> facts(counts.size());
    oneapi::tbb::parallel_for(size_t{0}, facts.size(), [&](size_t i) {
      facts[i] = FactsOf(counts, i, variants.chrom_class(i), variants.info(i), setup_.options);
    });
    reference.SetOf(shard, facts);
    for (size_t i = 0; i < counts.size(); ++i) {
      JudgeVariant(filters, facts[i], false, verdicts);
      if (verdicts.code.back() == 0) passing.push_back(counts.rows[i]);
    }
    const auto out = run.store.BeginShard(kQcVariantsKind, keys.self, static_cast<uint32_t>(shard));
    verdicts.Write(out->file(), "/verdicts");
    out->file().Write("/passing", std::span<const uint64_t>(passing));
    manifest.shards[shard] = out->Commit(counts.size());
    run.progress.Add(1);
  });
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow
