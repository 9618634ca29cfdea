#include "stages/plates/batch_info_sink.h"

#include <algorithm>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "stages/kinship/autosomes.h"

namespace kinflow::plates {
namespace {

double RangeOf(const std::vector<double>& info) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  size_t known = 0;
  for (const double value : info) {
    if (value != value) continue;
    least = std::min(least, value);
    most = std::max(most, value);
    ++known;
  }
  return known > 1 ? most - least : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Table BatchInfoColumns(const std::vector<std::string>& batches,
                       const std::vector<InfoByBatch>& results) {
  std::vector<Table::Doubles> info(batches.size());
  Table::Doubles difference, chi2, p;
  Table::Ints df;
  for (const InfoByBatch& result : results) {
    for (size_t b = 0; b < info.size(); ++b) info[b].push_back(result.info[b]);
    difference.push_back(RangeOf(result.info));
    chi2.push_back(result.chi2);
    df.push_back(result.df == 0 ? Table::kMissingInt : int64_t{result.df});
    p.push_back(result.p);
  }
  Table table;
  for (size_t b = 0; b < info.size(); ++b) table.Add("INFO_" + batches[b], std::move(info[b]));
  table.Add("DIFFERENCE", std::move(difference));
  table.Add("CHI2", std::move(chi2));
  table.Add("DF", std::move(df));
  table.Add("P", std::move(p));
  return table;
}

BatchInfoSink::BatchInfoSink(Setup setup, ArtifactStore& store, Manifest manifest)
    : setup_(std::move(setup)),
      store_(store),
      manifest_(std::move(manifest)),
      committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

uint64_t BatchInfoSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

void BatchInfoSink::BeginShard(uint32_t) {
  variants_.Clear();
  rows_.clear();
  results_.clear();
  rows_seen_ = 0;
}

void BatchInfoSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.batch.of.size()) {
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
  results_.resize(variants_.size());
}

void BatchInfoSink::Consume(const DosageTile& tile, Range part) {
  std::vector<uint32_t> values;
  const uint32_t missing = tile.encoding.missing();
  const double units = tile.encoding.units_per_copy;
  for (uint32_t r = part.begin; r < part.end; ++r) {
    if (place_[r] < 0) continue;
    tile.Unpack(r, values);
    std::vector<DosagePowers> batches(setup_.batch.levels.size());
    for (uint32_t s = 0; s < tile.n_samples; ++s) {
      const uint32_t batch = setup_.batch.of[s];
      if (batch != Factor::kNone && values[s] != missing) batches[batch].Add(values[s] / units);
    }
    results_[static_cast<size_t>(place_[r])] = CompareInfo(batches);
  }
}

void BatchInfoSink::SealShard(uint32_t shard) {
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  out->file().WriteVariants("/variants", variants_);
  out->file().Write("/rows", std::span<const uint64_t>(rows_));
  out->file().WriteTable("/info", BatchInfoColumns(setup_.batch.levels, results_));
  const ShardRecord record = out->Commit(rows_seen_);
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void BatchInfoSink::Finish() {
  manifest_.shards = committed_;
  // Rows seen depend on the tiles, rows used do not.
  for (size_t i = 0; i < committed_.size(); ++i) {
    manifest_.shards[i].rows = store_.Open(manifest_, i).ReadVariants("/variants").size();
  }
  store_.Seal(manifest_);
}

}  // namespace kinflow::plates
