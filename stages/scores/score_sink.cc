#include "stages/scores/score_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/scores/batch_sums.h"
#include "stages/scores/block_sums.h"
#include "stages/scores/many_columns.h"

namespace kinflow {
namespace {

using Values = std::function<std::vector<double>(size_t)>;

std::vector<double> AsNumbers(const FixedPoint& grid, const std::vector<int64_t>& sums) {
  std::vector<double> values(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) values[i] = grid.Value(sums[i]);
  return values;
}

}  // namespace

ScoreSink::ScoreSink(ArtifactStore& store, Manifest manifest, ScoreWeights weights, Setup setup)
    : store_(store),
      manifest_(std::move(manifest)),
      weights_(std::move(weights)),
      setup_(std::move(setup)),
      plan_(weights_, setup_.people) {
  ReadCommitted();
}

uint32_t ScoreSink::batches() const {
  if (setup_.batch_samples == 0) return 1;
  return std::max(1u, (setup_.n_samples + setup_.batch_samples - 1) / setup_.batch_samples);
}

Range ScoreSink::People(uint32_t batch) const {
  if (setup_.batch_samples == 0) return {0, setup_.n_samples};
  const uint32_t begin = batch * setup_.batch_samples;
  return {begin, std::min(setup_.n_samples, begin + setup_.batch_samples)};
}

/// How far the files of an earlier run reach.
void ScoreSink::ReadCommitted() {
  committed_ = store_.CommittedShards(manifest_.kind, manifest_.key);
  manifest_.shards = committed_;
  used_of_file_.clear();
  shards_of_file_.clear();
  ends_.clear();
  batch_ = scan_shards_ = 0;
  batch_file_ = 0;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    // Merged, but not sealed, or of batches of another size: made again.
    const bool made_again = file.Has("/names") || file.AttributeInt("/", "batch_samples") !=
                                                      int64_t{setup_.batch_samples};
    const bool ends = !made_again && file.AttributeInt("/", "ends_batch") != 0;
    // Behind the last batch only the merge is left: the batch ends once more before it.
    if (made_again || (ends && batch_ + 1 == batches())) {
      committed_.resize(i);
      break;
    }
    used_of_file_.push_back(static_cast<uint64_t>(file.AttributeInt("/", "rows_used")));
    if (const auto units = file.AttributeInt("/", "units"); units > 0) {
      weights_.SetUnits(static_cast<uint32_t>(units));
    }
    if (ends) {
      ends_.push_back(i);
      StartBatch();
      continue;
    }
    shards_of_file_.push_back(static_cast<uint32_t>(file.AttributeInt("/", "scan_shards")));
    scan_shards_ += shards_of_file_.back();
  }
}

void ScoreSink::StartBatch() {
  ++batch_;
  batch_file_ = ends_.back() + 1;
  shards_of_file_.clear();
  scan_shards_ = 0;
}

uint64_t ScoreSink::CommittedVariants(uint32_t shards) const {
  uint64_t rows = 0;
  uint32_t reached = 0;
  for (size_t i = 0; i < shards_of_file_.size(); ++i) {
    reached += shards_of_file_[i];
    if (reached > shards) break;
    rows += committed_[batch_file_ + i].rows;
  }
  return rows;
}

namespace {

/// What a sink holds besides the sums: weights, and TilePlan's view of one tile, which has about so
/// many variants.
uint64_t FixedBytes(const ScoreWeights& weights, uint32_t n_samples) {
  const uint64_t tile_rows =
      std::min<uint64_t>(std::clamp<uint64_t>((8ull << 20) / std::max(1u, n_samples), 16, 4096),
                         weights.rows().size());
  return weights.MemoryBytes() + weights.scores() * tile_rows * 24;
}

uint64_t SumBytes(const ScoreWeights& weights, uint32_t samples) {
  return LaneSums::MemoryBytes(samples, weights.scores(), weights.variants_of_counts(),
                               weights.counts_by_ploidy());
}

}  // namespace

uint64_t ScoreSink::MemoryBytes() const {
  return FixedBytes(weights_, setup_.n_samples) + SumBytes(weights_, People(0).size());
}

/// A quarter of the budget is left for blocks of genotypes.
bool ScoreSink::Fits(uint32_t batch_samples, uint64_t bytes) const {
  constexpr uint64_t kProcess = 64ull << 20;
  const uint32_t people = batch_samples == 0 ? setup_.n_samples : batch_samples;
  return kProcess + bytes / 4 + FixedBytes(weights_, setup_.n_samples) +
             SumBytes(weights_, people) <=
         bytes;
}

uint32_t ScoreSink::BatchFor(uint64_t bytes) const {
  constexpr uint32_t kMostBatches = 64;  // below that a scan costs more than memory
  const uint32_t groups = (setup_.n_samples + kLaneSamples - 1) / kLaneSamples;
  for (uint32_t batches = 2; batches <= std::min(groups, kMostBatches); ++batches) {
    const uint32_t batch = (groups + batches - 1) / batches * kLaneSamples;
    if (Fits(batch, bytes)) return batch;
  }
  return (groups + kMostBatches - 1) / kMostBatches * kLaneSamples;
}

void ScoreSink::FitMemory(uint64_t bytes) {
  if (fitted_) return;
  fitted_ = true;
  const auto files = store_.CommittedShards(manifest_.kind, manifest_.key);
  uint32_t batch = Fits(0, bytes) ? 0 : BatchFor(bytes);
  if (!files.empty()) {
    manifest_.shards = files;
    const H5Reader first = store_.Open(manifest_, 0);
    const auto begun = first.Has("/names")
                           ? batch
                           : static_cast<uint32_t>(first.AttributeInt("/", "batch_samples"));
    if (begun != batch && Fits(begun, bytes)) {
      batch = begun;
    } else if (begun != batch && setup_.log != nullptr) {
      setup_.log->Warn("scores: what an earlier run with more memory has summed is summed again");
    }
  }
  setup_.batch_samples = batch;
  ReadCommitted();
  if (batches() > 1 && setup_.log != nullptr) {
    setup_.log->Info("scores: memory holds the sums of {} of {} people: {} scans", batch,
                     setup_.n_samples, batches());
  }
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
  if (weights_.rules().standardised()) RequireVariance(tile);
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

/// A variant that no founder has in two forms, but others do, cannot be standardised. Whoever QC
/// removed has no score.
void ScoreSink::RequireVariance(const DosageTile& tile) const {
  for (size_t b = 0; b < plan_.n_blocks(); ++b) {
    for (const PlannedRow& row : plan_.block(b).rows) {
      const double f = weights_.alt_freq(row.index);
      if (f != 0 && f != 1) continue;
      const auto expected = static_cast<uint32_t>(2 * f) * tile.encoding.units_per_copy;
      for (uint32_t s = 0; s < tile.n_samples; ++s) {
        if (!setup_.kept.empty() && setup_.kept[s] == 0) continue;
        const uint32_t value = tile.At(row.in_tile, s);
        if (value == expected || value == tile.encoding.missing()) continue;
        throw Error(ErrorId::kUnsupportedEffect,
                    "a variant has one allele in all founders, but others in the rest: it has no "
                    "variance to standardise by")
            .Field("scores.genotypes")
            .Value(fmt::format("{}:{} {}", tile.variants.chrom(row.in_tile),
                               tile.variants.pos(row.in_tile), tile.variants.id(row.in_tile)))
            .Remedy("leave it out (qc.variant.maf), or choose centre or as_is");
      }
    }
  }
}

void ScoreSink::RequireNoneMissing() const {
  uint64_t genotypes = 0;
  for (size_t c = 0; c < weights_.variants_of_counts().size(); ++c) {
    for (const int64_t n : sums_.Missing(c)) genotypes += static_cast<uint64_t>(n);
  }
  if (genotypes == 0) return;
  throw Error(ErrorId::kDosageInvalid,
              fmt::format("{} genotypes that scores use are missing", genotypes))
      .Field("scores.missing")
      .Value("refuse")
      .Remedy("scores.missing: mean imputes them from founders' frequencies, none leaves them out");
}

void ScoreSink::Consume(const DosageTile& tile, Range part) {
  const Range people = Samples(tile.n_samples);
  part = {std::max(part.begin, people.begin), std::min(part.end, people.end)};
  if (skip_ || plan_.n_blocks() == 0 || part.begin >= part.end) return;
  BlockSums adding(weights_, setup_.people, sums_);
  // Sums of a few groups and the weights of a block fit the cache of a core together.
  constexpr uint32_t kGroupsTogether = 8;
  const uint32_t end = (part.end + kLaneSamples - 1) / kLaneSamples;
  for (uint32_t first = part.begin / kLaneSamples; first < end; first += kGroupsTogether) {
    for (size_t b = 0; b < plan_.n_blocks(); ++b) {
      for (uint32_t group = first; group < std::min(end, first + kGroupsTogether); ++group) {
        adding.Add(tile, plan_.block(b), group, part);
      }
    }
  }
}

void ScoreSink::SealShard(uint32_t) {
  if (skip_) return;
  ++new_shards_;
  if (rows_used_ * People(batch_).size() >= setup_.checkpoint_genotypes) WriteFile(false);
}

void ScoreSink::Allocate() {
  if (!sums_.empty()) return;
  sums_ = LaneSums(People(batch_), weights_.scores(), weights_.variants_of_counts());
}

void ScoreSink::AddOffsets() {
  Allocate();
  for (size_t s = 0; s < weights_.scores(); ++s) {
    sums_.AddToAll(s, static_cast<uint64_t>(plan_.offsets()[s]));
    plan_.offsets()[s] = 0;
  }
}

void ScoreSink::WriteFile(bool ends_batch) {
  AddOffsets();
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  sums_.WriteSums(out->file());
  sums_.WriteCounts(out->file());
  const auto attribute = [&](std::string_view name, uint64_t value) {
    out->file().Attribute("/", name, static_cast<int64_t>(value));
  };
  attribute("scan_shards", new_shards_);
  attribute("rows_used", rows_used_);
  attribute("units", weights_.units());
  attribute("batch_samples", setup_.batch_samples);
  attribute("ends_batch", ends_batch ? 1 : 0);
  committed_.push_back(out->Commit(tile_rows_));
  used_of_file_.push_back(rows_used_);
  shards_of_file_.push_back(new_shards_);
  scan_shards_ += new_shards_;
  new_shards_ = 0;
  rows_used_ = tile_rows_ = 0;
  sums_ = LaneSums();
}

void ScoreSink::Finish() {
  AddOffsets();
  manifest_.shards = committed_;
  for (size_t i = batch_file_; i < committed_.size(); ++i) {
    sums_.Add(store_.Open(manifest_, i));
    rows_used_ += used_of_file_[i];
  }
  if (rows_used_ != weights_.rows().size()) {
    throw Error(ErrorId::kInternal, fmt::format("the scan delivered {} of {} matched variants",
                                                rows_used_, weights_.rows().size()));
  }
  if (weights_.rules().refuse_missing) RequireNoneMissing();
  if (batches() == 1) {
    ++batch_;
    return WriteMerged();
  }
  WriteFile(true);
  ends_.push_back(committed_.size() - 1);
  StartBatch();
  if (batch_ == batches()) WriteMerged();
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
  manifest_.shards = committed_;
  // Rows that came past depend on the tiles (a source reads what is near), those used do not.
  for (size_t i = 0; i < committed_.size(); ++i) manifest_.shards[i].rows = used_of_file_[i];
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  out->file().Write("/names", names);
  out->file().Write("/variants", variants);
  out->file().Write("/counts", counts);
  out->file().Attribute("/", "samples", static_cast<int64_t>(setup_.n_samples));
  if (batches() == 1) {
    WriteMany(out->file(), "/sums", 0, weights_.scores(),
              Values([&](size_t s) { return AsNumbers(weights_.grid(s), sums_.Sums(s)); }));
    sums_.WriteCounts(out->file());
  } else {
    WriteColumnsOfBatches(out->file());
  }
  manifest_.shards.push_back(out->Commit(0));
  store_.Seal(manifest_);
}

/// Some columns at a time: those of all people need not fit memory.
void ScoreSink::WriteColumnsOfBatches(H5Writer& out) {
  constexpr size_t kRoundBytes = 16 << 20;
  std::vector<uint32_t> people;
  for (uint32_t b = 0; b < batches(); ++b) people.push_back(People(b).size());
  const BatchSums sums([this](size_t b) { return store_.Open(manifest_, ends_[b]); },
                       std::move(people));
  const size_t a_column = std::max<size_t>(1, setup_.n_samples) * sizeof(int64_t);
  const size_t tables = std::max<size_t>(1, kRoundBytes / a_column / kColumnsTogether);
  const size_t round = tables * kColumnsTogether;
  const auto write = [&](std::string_view group, size_t columns, const auto& made_of) {
    for (size_t first = 0; first < columns; first += round) {
      const size_t n = std::min(round, columns - first);
      const auto loaded = sums.Columns(group, first, n);
      WriteMany(out, group, first, n, made_of(loaded, first));
    }
  };
  write("/sums", weights_.scores(), [&](const auto& loaded, size_t first) {
    return Values([&loaded, first, this](size_t s) {
      return AsNumbers(weights_.grid(s), loaded[s - first]);
    });
  });
  for (const char* group : {"/missing", "/fewer", "/fewer_missing"}) {
    write(group, weights_.variants_of_counts().size(), [](const auto& loaded, size_t first) {
      return std::function<std::vector<int64_t>(size_t)>(
          [&loaded, first](size_t c) { return loaded[c - first]; });
    });
  }
}

}  // namespace kinflow
