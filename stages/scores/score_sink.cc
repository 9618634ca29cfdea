#include "stages/scores/score_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/scores/block_sums.h"
#include "stages/scores/many_columns.h"

namespace kinflow {

ScoreSink::ScoreSink(ArtifactStore& store, Manifest manifest, ScoreWeights weights, Setup setup)
    : store_(store),
      manifest_(std::move(manifest)),
      weights_(std::move(weights)),
      setup_(std::move(setup)),
      plan_(weights_, setup_.people) {
  committed_ = store_.CommittedShards(manifest_.kind, manifest_.key);
  ReadCommitted();
}

/// How far the files of an earlier run reach.
void ScoreSink::ReadCommitted() {
  manifest_.shards = committed_;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    if (file.Has("/names")) {  // merged, but not sealed: made again
      committed_.resize(i);
      break;
    }
    shards_of_file_.push_back(static_cast<uint32_t>(file.AttributeInt("/", "scan_shards")));
    scan_shards_ += shards_of_file_.back();
    if (const auto units = file.AttributeInt("/", "units"); units > 0) {
      weights_.SetUnits(static_cast<uint32_t>(units));
    }
  }
}

uint64_t ScoreSink::CommittedVariants(uint32_t shards) const {
  uint64_t rows = 0;
  uint32_t reached = 0;
  for (size_t i = 0; i < committed_.size(); ++i) {
    reached += shards_of_file_[i];
    if (reached > shards) break;
    rows += committed_[i].rows;
  }
  return rows;
}

uint64_t ScoreSink::MemoryBytes() const {
  // What TilePlan keeps of one tile, which has about so many variants.
  const uint64_t tile_rows =
      std::clamp<uint64_t>((8ull << 20) / std::max(1u, setup_.n_samples), 16, 4096);
  const uint64_t plan = weights_.scores() * tile_rows * 24;
  return weights_.MemoryBytes() + plan +
         LaneSums::MemoryBytes(setup_.n_samples, weights_.scores(), weights_.variants_of_counts(),
                               weights_.counts_by_ploidy());
}

void ScoreSink::BeginShard(uint32_t shard) { skip_ = shard < scan_shards_; }

void ScoreSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.n_samples) {
    throw Error(ErrorId::kInternal, "scan and scores differ in the number of samples");
  }
  if (skip_) return;
  tile_rows_ += tile.rows();
  Allocate();
  weights_.SetUnits(tile.encoding.units_per_copy);
  plan_.Make(tile);
  rows_used_ += plan_.rows();
  // People without two copies are counted where the first of them may come.
  for (size_t b = 0; b < plan_.n_blocks(); ++b) {
    const PlannedBlock& block = plan_.block(b);
    for (const uint32_t s : block.active) {
      if (!weights_.counts(s)) continue;
      const auto& special = block.scores[s].special;
      if (std::any_of(special.begin(), special.end(),
                      [&](const SpecialWeight& w) { return block.rows[w.row].by_ploidy; })) {
        sums_.AllowFewer(weights_.count_of(s));
      }
    }
  }
}

void ScoreSink::Consume(const DosageTile& tile, Range part) {
  if (skip_ || plan_.n_blocks() == 0 || part.size() == 0) return;
  BlockSums adding(weights_, setup_.people, sums_);
  for (uint32_t group = part.begin / kLaneSamples; group * kLaneSamples < part.end; ++group) {
    for (size_t b = 0; b < plan_.n_blocks(); ++b) adding.Add(tile, plan_.block(b), group, part);
  }
}

void ScoreSink::SealShard(uint32_t) {
  if (skip_) return;
  ++new_shards_;
  if (rows_used_ * setup_.n_samples >= setup_.checkpoint_genotypes) WriteCheckpoint();
}

void ScoreSink::Allocate() {
  if (!sums_.empty()) return;
  sums_ = LaneSums(setup_.n_samples, weights_.scores(), weights_.variants_of_counts());
}

void ScoreSink::AddOffsets() {
  Allocate();
  for (size_t s = 0; s < weights_.scores(); ++s) {
    sums_.AddToAll(s, static_cast<uint64_t>(plan_.offsets()[s]));
    plan_.offsets()[s] = 0;
  }
}

void ScoreSink::WriteCheckpoint() {
  AddOffsets();
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  sums_.WriteSums(out->file());
  sums_.WriteCounts(out->file());
  out->file().Attribute("/", "scan_shards", static_cast<int64_t>(new_shards_));
  out->file().Attribute("/", "rows_used", static_cast<int64_t>(rows_used_));
  out->file().Attribute("/", "units", static_cast<int64_t>(weights_.units()));
  committed_.push_back(out->Commit(tile_rows_));
  shards_of_file_.push_back(new_shards_);
  scan_shards_ += new_shards_;
  new_shards_ = 0;
  rows_used_ = tile_rows_ = 0;
  sums_ = LaneSums();
}

void ScoreSink::Finish() {
  AddOffsets();
  uint64_t used = rows_used_;
  manifest_.shards = committed_;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    // Rows that came past depend on the tiles (a source reads what is near), those used do not.
    manifest_.shards[i].rows = static_cast<uint64_t>(file.AttributeInt("/", "rows_used"));
    used += manifest_.shards[i].rows;
    sums_.Add(file);
  }
  if (used != weights_.rows().size()) {
    throw Error(ErrorId::kInternal, fmt::format("the scan delivered {} of {} matched variants",
                                                used, weights_.rows().size()));
  }
  WriteMerged();
}

void ScoreSink::WriteMerged() {
  std::vector<std::string> names;
  std::vector<uint64_t> variants;
  std::vector<uint32_t> counts;
  for (size_t s = 0; s < weights_.scores(); ++s) {
    names.push_back(weights_.name(s));
    variants.push_back(weights_.variants(s));
    counts.push_back(weights_.count_of(s));
  }
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  out->file().Write("/names", names);
  out->file().Write("/variants", variants);
  out->file().Write("/counts", counts);
  out->file().Attribute("/", "samples", static_cast<int64_t>(setup_.n_samples));
  WriteMany(out->file(), "/sums", 0, names.size(),
            std::function<std::vector<double>(size_t)>([&](size_t s) {
              const std::vector<int64_t> sums = sums_.Sums(s);
              std::vector<double> values(sums.size());
              for (size_t i = 0; i < sums.size(); ++i) values[i] = weights_.grid(s).Value(sums[i]);
              return values;
            }));
  sums_.WriteCounts(out->file());
  manifest_.shards.push_back(out->Commit(0));
  store_.Seal(manifest_);
}

}  // namespace kinflow
