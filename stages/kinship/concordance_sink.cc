#include "stages/kinship/concordance_sink.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "stages/kinship/packed_calls.h"

namespace kinflow::kinship {
namespace {

Table RowsOf(const std::vector<RepeatedCalls>& counts) {
  const auto column = [&counts](uint32_t RepeatedCalls::*member) {
    Table::Ints values;
    for (const RepeatedCalls& c : counts) values.push_back(c.*member);
    return values;
  };
  Table::Doubles share;
  for (const RepeatedCalls& c : counts) share.push_back(c.Discordance());
  Table table;
  table.Add("BOTH_CALLED", column(&RepeatedCalls::both));
  table.Add("ONE_CALLED", column(&RepeatedCalls::one));
  table.Add("DISCORDANT", column(&RepeatedCalls::discordant));
  table.Add("OPPOSITE", column(&RepeatedCalls::opposite));
  table.Add("DISCORDANCE", std::move(share));
  table.Add("REPEATS", column(&RepeatedCalls::repeats));
  table.Add("DEVIATING", column(&RepeatedCalls::deviating));
  return table;
}

}  // namespace

void WriteConcordanceShard(H5Writer& file, const VariantTable& discordant,
                           const std::vector<RepeatedCalls>& counts, const DiscordanceTally& tally,
                           const std::vector<PairOfSamples>& pairs) {
  file.WriteVariants("/variants", discordant);
  file.WriteTable("/discordant", RowsOf(counts));
  file.Write("/tally", std::span<const uint64_t>(tally.variants));
  file.Attribute("/", "pairs", static_cast<int64_t>(pairs.size()));
  file.Attribute("/", "people", static_cast<int64_t>(PeopleOf(pairs).size()));
}

ConcordanceSink::ConcordanceSink(Setup setup, ArtifactStore& store, Manifest manifest)
    : setup_(std::move(setup)),
      people_(PeopleOf(setup_.pairs)),
      store_(store),
      manifest_(std::move(manifest)),
      committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

uint64_t ConcordanceSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

void ConcordanceSink::BeginShard(uint32_t) {
  rows_seen_ = 0;
  discordant_.Clear();
  discordant_counts_.clear();
  tally_ = {};
}

void ConcordanceSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.n_samples) {
    throw Error(ErrorId::kInternal, "scan and cohort differ in the number of samples");
  }
  rows_seen_ += tile.rows();
  used_.assign(tile.rows(), 1);
  counts_.assign(tile.rows(), {});
  for (size_t r = 0; setup_.wanted && r < tile.rows(); ++r) {
    used_[r] =
        std::binary_search(setup_.wanted->begin(), setup_.wanted->end(), tile.first_variant + r);
  }
}

void ConcordanceSink::Consume(const DosageTile& tile, Range part) {
  AlignedBuffer calls;
  calls.Resize(PackedBytes(tile.n_samples));
  for (uint32_t r = part.begin; r < part.end; ++r) {
    if (used_[r] == 0) continue;
    PackRow(tile, r, setup_.hard_call_threshold, calls.data());
    counts_[r] = CompareCalls(calls.data(), setup_.pairs, people_);
  }
}

void ConcordanceSink::EndTile(const DosageTile& tile) {
  for (size_t r = 0; r < tile.rows(); ++r) {
    if (used_[r] == 0) continue;
    tally_.Add(counts_[r]);
    if (counts_[r].discordant == 0) continue;
    discordant_.Append(tile.variants, r);
    discordant_counts_.push_back(counts_[r]);
  }
}

void ConcordanceSink::SealShard(uint32_t shard) {
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  WriteConcordanceShard(out->file(), discordant_, discordant_counts_, tally_, setup_.pairs);
  const ShardRecord record = out->Commit(rows_seen_);
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void ConcordanceSink::Finish() {
  manifest_.shards = committed_;
  for (ShardRecord& shard : manifest_.shards) shard.rows = 0;  // depend on the tiles
  store_.Seal(manifest_);
}

}  // namespace kinflow::kinship
