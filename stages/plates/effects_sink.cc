#include "stages/plates/effects_sink.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "stages/kinship/autosomes.h"
#include "stages/kinship/packed_calls.h"
#include "stages/report/variants_disclosure.h"

namespace kinflow::plates {
namespace {

/// Copies of the rarer allele.
double MinorAlleles(std::span<const AlleleCounts> strata) {
  double alt = 0, all = 0;
  for (const AlleleCounts& counts : strata) {
    for (const double n : counts.alt) alt += n;
    for (const double n : counts.all) all += n;
  }
  return std::min(alt, all - alt);
}

}  // namespace

Factor WithoutSmallCells(Factor factor, const std::vector<uint8_t>& stratum, int64_t small) {
  std::map<std::pair<uint32_t, uint8_t>, int64_t> people;
  for (size_t s = 0; s < stratum.size(); ++s) ++people[{factor.of[s], stratum[s]}];
  for (size_t s = 0; s < stratum.size(); ++s) {
    if (people[{factor.of[s], stratum[s]}] < small) factor.of[s] = Factor::kNone;
  }
  return factor;
}

EffectsSink::EffectsSink(Setup setup, ArtifactStore& store, Manifest manifest)
    : setup_(std::move(setup)),
      store_(store),
      manifest_(std::move(manifest)),
      committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

uint64_t EffectsSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

void EffectsSink::BeginShard(uint32_t) {
  variants_.Clear();
  rows_.clear();
  rows_seen_ = 0;
  results_.assign(setup_.factors.size(), {});
}

void EffectsSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.stratum.size()) {
    throw Error(ErrorId::kInternal, "scan and cohort differ in the number of samples");
  }
  rows_seen_ += tile.rows();
  place_.assign(tile.rows(), -1);
  for (size_t r = 0; r < tile.rows(); ++r) {
    const bool wanted =
        !setup_.wanted ||
        std::binary_search(setup_.wanted->begin(), setup_.wanted->end(), tile.first_variant + r);
    if (!wanted || !kinship::OnAutosome(tile.variants, r)) continue;
    place_[r] = static_cast<int64_t>(variants_.size());
    variants_.Append(tile.variants, r);
    rows_.push_back(tile.first_variant + r);
  }
  for (auto& results : results_) results.resize(variants_.size());
}

CmhResult EffectsSink::Test(const uint8_t* calls, const Factor& factor) const {
  constexpr uint32_t kMissing = 3;
  std::array<AlleleCounts, 3> strata;
  for (AlleleCounts& counts : strata) {
    counts.alt.assign(factor.levels.size(), 0);
    counts.all.assign(factor.levels.size(), 0);
  }
  for (size_t s = 0; s < setup_.stratum.size(); ++s) {
    const uint32_t level = factor.of[s];
    const uint32_t call = (calls[s / 4] >> (2 * (s % 4))) & 3u;
    if (setup_.stratum[s] == kOut || level == Factor::kNone || call == kMissing) continue;
    AlleleCounts& counts = strata[setup_.stratum[s]];
    counts.alt[level] += call;
    counts.all[level] += 2;
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (MinorAlleles(strata) < kMinMinorAlleleCount) return {kNone, 0, kNone};
  return CmhTest(strata);
}

void EffectsSink::Consume(const DosageTile& tile, Range part) {
  AlignedBuffer calls;
  calls.Resize(kinship::PackedBytes(tile.n_samples));
  for (uint32_t r = part.begin; r < part.end; ++r) {
    if (place_[r] < 0) continue;
    kinship::PackRow(tile, r, setup_.hard_call_threshold, calls.data());
    for (size_t f = 0; f < setup_.factors.size(); ++f) {
      results_[f][static_cast<size_t>(place_[r])] = Test(calls.data(), setup_.factors[f]);
    }
  }
}

void EffectsSink::SealShard(uint32_t shard) {
  Table table;
  for (size_t f = 0; f < setup_.factors.size(); ++f) {
    std::string name = setup_.factors[f].name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    Table::Doubles chi2, p;
    Table::Ints df;
    for (const CmhResult& result : results_[f]) {
      chi2.push_back(result.chi2);
      df.push_back(result.df == 0 ? Table::kMissingInt : int64_t{result.df});
      p.push_back(result.p);
    }
    table.Add(name + "_CHI2", std::move(chi2));
    table.Add(name + "_DF", std::move(df));
    table.Add(name + "_P", std::move(p));
  }
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  out->file().WriteVariants("/variants", variants_);
  out->file().Write("/rows", std::span<const uint64_t>(rows_));
  out->file().WriteTable("/effects", table);
  const ShardRecord record = out->Commit(rows_seen_);
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void EffectsSink::Finish() {
  manifest_.shards = committed_;
  // Rows seen depend on the tiles, rows used do not.
  for (size_t i = 0; i < committed_.size(); ++i) {
    manifest_.shards[i].rows = store_.Open(manifest_, i).ReadVariants("/variants").size();
  }
  store_.Seal(manifest_);
}

}  // namespace kinflow::plates
