#include "stages/batches/join_stage.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/graph/stop_signal.h"
#include "pipeline/store/layout.h"
#include "stages/batches/join_artifact.h"
#include "stages/batches/join_tables.h"

namespace kinflow {
namespace {

Manifest Sealed(const ArtifactStore& store, std::string_view kind, const Digest& key) {
  auto manifest = store.Find(kind, key);
  if (!manifest) throw Error(ErrorId::kInternal, "an input artifact of a join is not sealed");
  return *std::move(manifest);
}

std::shared_ptr<const BatchShard> LoadShard(const ArtifactStore& store, const Manifest& dosages,
                                            const Manifest& counts, size_t i, uint64_t first_row) {
  auto shard = std::make_shared<BatchShard>();
  shard->first_row = first_row;
  shard->variants = store.Open(dosages, i).ReadVariants(layout::kVariants);
  const BatchCounts counted = BatchCounts::Read(store.Open(counts, i));
  const size_t n = shard->variants.size();
  if (counted.copies.size() != n || counted.alt_units.size() != n) {
    throw Error(ErrorId::kInternal, "a batch's counts are not those of its store");
  }
  shard->copies = counted.copies;
  for (size_t r = 0; r < n; ++r) shard->alt_freq.push_back(counted.AltFrequency(r));
  return shard;
}

BatchTable TableOf(const std::string& name, const ArtifactStore& store, const Manifest& dosages,
                   const Manifest& counts) {
  BatchTable table;
  table.name = name;
  std::vector<uint64_t> first_rows;
  uint64_t rows = 0;
  for (size_t i = 0; i < dosages.shards.size(); ++i) {
    const StringColumn chroms = store.Open(dosages, i).ReadStrings("/variants/chrom_names");
    table.shard_chroms.emplace_back(chroms.empty() ? "" : chroms[0]);
    first_rows.push_back(rows);
    rows += dosages.shards[i].rows;
  }
  table.load = [&store, dosages, counts, first_rows](size_t i) {
    return LoadShard(store, dosages, counts, i, first_rows[i]);
  };
  return table;
}

BatchFacts FactsOf(const std::string& name, const ArtifactStore& store, const Manifest& dosages,
                   const Manifest& counts) {
  BatchFacts facts;
  facts.name = name;
  facts.samples =
      static_cast<uint32_t>(store.Open(dosages, 0).AttributeInt("/", layout::kSampleCount));
  for (size_t i = 0; i < counts.shards.size(); ++i) {
    const BatchCounts counted = BatchCounts::Read(store.Open(counts, i));
    facts.ploidy += counted.ploidy;
    facts.units = std::max(facts.units, counted.units);
  }
  return facts;
}

}  // namespace

std::vector<std::string> JoinStage::inputs() const {
  std::vector<std::string> ids;
  for (const auto& name : batches_) ids.push_back("batch:" + name);
  for (const auto& name : batches_) ids.push_back("batch_counts:" + name);
  return ids;
}

std::string JoinStage::options() const { return nlohmann::json({{"batches", batches_}}).dump(); }

void JoinStage::Run(RunContext& run, const StageKeys& keys) const {
  std::vector<BatchTable> tables;
  std::vector<BatchFacts> facts;
  for (const auto& name : batches_) {
    const Manifest dosages = Sealed(run.store, "dosage", keys.inputs.at("batch:" + name));
    const Manifest counts =
        Sealed(run.store, "batch_counts", keys.inputs.at("batch_counts:" + name));
    tables.push_back(TableOf(name, run.store, dosages, counts));
    facts.push_back(FactsOf(name, run.store, dosages, counts));
  }
  run.store.CommittedShards(kJoinKind, keys.self);  // drops what a stopped run left half-written
  Manifest manifest = NewManifest(*this, keys);
  const auto begin = [&] {
    return run.store.BeginShard(kJoinKind, keys.self,
                                static_cast<uint32_t>(manifest.shards.size()));
  };
  BatchJoin join(tables);
  JoinPiece piece;
  while (join.Next(piece)) {
    run.stop.Check();
    const auto out = begin();
    WriteJoinPiece(piece, out->file());
    manifest.shards.push_back(out->Commit(piece.variants.size()));
  }
  const Table table = MakeBatchesTable(facts, join.totals());
  const auto out = begin();
  out->file().WriteTable("/batches", table);
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
  RequireJoinable(table);
}

}  // namespace kinflow
