#include "stages/scores/score_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

/// Dosage of the effect allele as the effect type sees it. One copy is all a haploid call has.
double EffectDosage(double alt, const RowWeight& w, bool haploid) {
  const double d = !w.effect_is_ref ? alt : haploid ? 1 - alt : 2 - alt;
  if (w.effect == EffectType::kConstant) return 1;
  if (haploid) return w.effect == EffectType::kSecondCopy ? 0 : d;
  switch (w.effect) {
    case EffectType::kDominant:
    case EffectType::kFirstCopy:
      return std::min(d, 1.0);
    case EffectType::kRecessive:
    case EffectType::kSecondCopy:
      return std::max(d - 1, 0.0);
    default:
      return d;
  }
}

/// Variants of a score: a line each, whatever the number of its weights.
uint64_t VariantsOf(const std::vector<MatchedWeight>& weights) {
  return static_cast<uint64_t>(
      std::count_if(weights.begin(), weights.end(),
                    [](const MatchedWeight& w) { return CountsGenotypes(w.effect); }));
}

uint32_t Stored(const DosageTile& tile, const uint8_t* row, uint32_t sample) {
  switch (tile.encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return (row[sample / 4] >> (2 * (sample % 4))) & 3u;
    case DosageEncoding::Layout::kU8:
      return row[sample];
    case DosageEncoding::Layout::kU16:
      return reinterpret_cast<const uint16_t*>(row)[sample];
  }
  return 0;
}

template <class T>
void WriteSelected(H5Writer& file, std::string_view path, const std::vector<T>& rows,
                   const std::vector<uint32_t>& slots, uint32_t n) {
  std::vector<double> out;
  out.reserve(slots.size() * n);
  for (const uint32_t s : slots) {
    for (uint32_t i = 0; i < n; ++i) out.push_back(static_cast<double>(rows[size_t{s} * n + i]));
  }
  file.WriteMatrix(path, out, slots.size(), n);
}

}  // namespace

ScoreSink::ScoreSink(ArtifactStore& store, Manifest manifest, MatchedScores scores,
                     uint32_t n_samples, bool mean_imputation, ScoreOptions::Genotypes genotypes,
                     MalesOnX males)
    : store_(store),
      manifest_(std::move(manifest)),
      names_(std::move(scores.names)),
      n_samples_(n_samples),
      males_(std::move(males)),
      rows_(scores.weights, mean_imputation, genotypes) {
  for (const auto& weights : scores.weights) variants_.push_back(VariantsOf(weights));
  committed_ = store_.CommittedShards(manifest_.kind, manifest_.key);
  if (committed_.empty()) return;
  // A run that ended between merging and sealing left the merged file: it is no scan shard.
  manifest_.shards = committed_;
  if (store_.Open(manifest_, committed_.size() - 1).Has("/names")) committed_.pop_back();
}

uint64_t ScoreSink::CommittedVariants(uint32_t shards) const {
  uint64_t rows = 0;
  for (uint32_t i = 0; i < shards && i < committed_.size(); ++i) rows += committed_[i].rows;
  return rows;
}

uint64_t ScoreSink::MemoryBytes() const {
  return rows_.MemoryBytes() +
         names_.size() * uint64_t{n_samples_} * (sizeof(double) + sizeof(uint32_t));
}

void ScoreSink::Reset() {
  const size_t cells = names_.size() * size_t{n_samples_};
  sums_.sum.assign(cells, 0);
  sums_.missing.assign(cells, 0);
  sums_.haploid.clear();
  sums_.haploid_missing.clear();
  sum_of_.resize(names_.size());
  missing_of_.resize(names_.size());
  for (size_t s = 0; s < names_.size(); ++s) {
    sum_of_[s] = sums_.sum.data() + s * n_samples_;
    missing_of_[s] = sums_.missing.data() + s * n_samples_;
  }
  offset_.assign(names_.size(), 0);
  touched_.assign(names_.size(), 0);
  tile_rows_ = rows_used_ = 0;
}

void ScoreSink::BeginShard(uint32_t) { Reset(); }

void ScoreSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != n_samples_) {
    throw Error(ErrorId::kInternal, "scan and scores differ in the number of samples");
  }
  rows_.Plan(tile, males_, plan_);
  tile_rows_ += tile.rows();
  rows_used_ += plan_.rows.size();
  for (size_t i = 0; i < plan_.rows.size(); ++i) {
    const WeightRows::TileRow& row = plan_.rows[i];
    const auto all = rows_.All(row);
    for (const RowWeight& w : all) touched_[w.score] = 1;
    for (const RowWeight& w : all.first(plan_.plain[i].n_scores)) {
      offset_[w.score] += rows_.Offset(row.wanted, w);
    }
    if (row.haploid && sums_.haploid.empty()) {
      sums_.haploid.assign(sums_.sum.size(), 0);
      sums_.haploid_missing.assign(sums_.sum.size(), 0);
    }
  }
}

void ScoreSink::Consume(const DosageTile& tile, Range part) {
  // A score has one line a row at most, so its sum runs in row order however plain and special
  // weights alternate.
  size_t begin = 0;
  const auto flush = [&](size_t end) {
    if (end > begin) {
      AddWeightedRows(tile.encoding, std::span(plan_.plain).subspan(begin, end - begin), part,
                      sum_of_.data(), missing_of_.data());
    }
    begin = end;
  };
  for (size_t i = 0; i < plan_.rows.size(); ++i) {
    if (rows_.Special(plan_.rows[i]).empty()) continue;
    flush(i + 1);
    ConsumeSpecial(tile, part, plan_.rows[i]);
  }
  flush(plan_.rows.size());
}

void ScoreSink::ConsumeSpecial(const DosageTile& tile, Range part, const WeightRows::TileRow& row) {
  const uint8_t* values = tile.Row(row.in_tile);
  const uint8_t* calls = row.haploid ? tile.CallRow(row.in_tile) : nullptr;
  const double units = tile.encoding.units_per_copy;
  for (const RowWeight& w : rows_.Special(row)) {
    const size_t first = size_t{w.score} * n_samples_;
    double* sum = sum_of_[w.score];
    const bool counts = CountsGenotypes(w.effect);
    const double imputed[2] = {rows_.Imputed(row.wanted, w, false),
                               rows_.Imputed(row.wanted, w, true)};
    for (uint32_t s = part.begin; s < part.end; ++s) {
      const uint32_t stored = Stored(tile, values, s);
      const bool missing = stored == tile.encoding.missing();
      Ploidy call{stored / units, calls != nullptr && (calls[s] & kCallHaploid) != 0};
      if (row.on_x && males_.male[s] != 0) call = OnX(males_, call.alt, call.haploid);
      const bool haploid = call.haploid;
      const double d = missing ? imputed[haploid] : EffectDosage(call.alt, w, haploid);
      sum[s] += w.weight * (rows_.centred() ? d - imputed[haploid] : d);
      if (!counts) continue;
      missing_of_[w.score][s] += missing;
      if (haploid) {
        ++sums_.haploid[first + s];
        sums_.haploid_missing[first + s] += missing;
      }
    }
  }
}

void ScoreSink::WriteMatrices(H5Writer& file, const Sums& sums,
                              const std::vector<uint32_t>& slots) const {
  WriteSelected(file, "/sum", sums.sum, slots, n_samples_);
  WriteSelected(file, "/missing", sums.missing, slots, n_samples_);
  if (sums.haploid.empty()) return;
  WriteSelected(file, "/haploid", sums.haploid, slots, n_samples_);
  WriteSelected(file, "/haploid_missing", sums.haploid_missing, slots, n_samples_);
}

void ScoreSink::SealShard(uint32_t shard) {
  std::vector<uint32_t> slots;
  for (uint32_t s = 0; s < names_.size(); ++s) {
    if (touched_[s] == 0) continue;
    slots.push_back(s);
    for (uint32_t i = 0; i < n_samples_; ++i) sum_of_[s][i] += offset_[s];
  }
  auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  out->file().Write("/slots", slots);
  out->file().Attribute("/", "rows_used", static_cast<int64_t>(rows_used_));
  if (!slots.empty()) WriteMatrices(out->file(), sums_, slots);
  ShardRecord record = out->Commit(tile_rows_);
  if (shard < committed_.size()) {
    committed_[shard] = std::move(record);
  } else {
    committed_.push_back(std::move(record));
  }
}

void ScoreSink::AddShard(const H5Reader& file, Sums& total) const {
  const auto slots = file.ReadU32("/slots");
  if (slots.empty()) return;
  const auto add = [&](std::string_view path, auto& into) {
    size_t rows = 0, cols = 0;
    const auto part = file.ReadMatrix(path, rows, cols);
    if (rows != slots.size() || cols != n_samples_) {
      throw Error(ErrorId::kShardDamaged, "matrix of another shape").InFile(file.path());
    }
    using Value = typename std::decay_t<decltype(into)>::value_type;
    for (size_t k = 0; k < slots.size(); ++k) {
      for (size_t i = 0; i < cols; ++i) {
        into.at(size_t{slots[k]} * cols + i) += static_cast<Value>(part[k * cols + i]);
      }
    }
  };
  add("/sum", total.sum);
  add("/missing", total.missing);
  if (!file.Has("/haploid")) return;
  total.haploid.resize(total.sum.size());
  total.haploid_missing.resize(total.sum.size());
  add("/haploid", total.haploid);
  add("/haploid_missing", total.haploid_missing);
}

void ScoreSink::Finish() {
  sums_ = {};
  Sums total;
  total.sum.assign(names_.size() * size_t{n_samples_}, 0);
  total.missing.assign(total.sum.size(), 0);
  uint64_t used = 0;
  manifest_.shards = committed_;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    // How many rows came past depends on the tiles (a source reads what is near); how many were
    // used does not, so this is what the manifest says.
    manifest_.shards[i].rows = static_cast<uint64_t>(file.AttributeInt("/", "rows_used"));
    used += manifest_.shards[i].rows;
    AddShard(file, total);
  }
  if (used != rows_.rows().size()) {
    throw Error(ErrorId::kInternal, fmt::format("the scan delivered {} of {} matched variants",
                                                used, rows_.rows().size()));
  }
  std::vector<uint32_t> slots(names_.size());
  for (uint32_t s = 0; s < slots.size(); ++s) slots[s] = s;
  auto out =
      store_.BeginShard(manifest_.kind, manifest_.key, static_cast<uint32_t>(committed_.size()));
  out->file().Write("/names", names_);
  out->file().Write("/variants", variants_);
  out->file().Attribute("/", "samples", static_cast<int64_t>(n_samples_));
  if (!slots.empty()) WriteMatrices(out->file(), total, slots);
  manifest_.shards.push_back(out->Commit(0));
  store_.Seal(manifest_);
}

}  // namespace kinflow
