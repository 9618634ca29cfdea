#include "stages/kinship/trio_dosages_sink.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/store/committed_rows.h"
#include "stages/kinship/autosomes.h"

namespace kinflow::kinship {
namespace {

void AddTrio(const std::vector<uint32_t>& values, const Trio& trio, uint32_t missing,
             uint32_t units, uint64_t& violation, uint64_t& variants) {
  const auto value = [&](uint32_t s) { return s == SampleTable::kAbsent ? missing : values[s]; };
  const uint32_t child = value(trio.child), father = value(trio.father);
  const uint32_t mother = value(trio.mother);
  if (child == missing) return;
  if (trio.complete()) {
    if (father == missing || mother == missing) return;
    violation += DosageViolation(child, father, mother, units);
  } else {
    const uint32_t parent = trio.father == SampleTable::kAbsent ? mother : father;
    if (parent == missing) return;
    violation += DosageViolation(child, parent, units);
  }
  ++variants;
}

/// Units of one allele copy where `known` are those so far; 0 = none yet.
uint32_t SameUnits(uint32_t known, uint32_t units) {
  if (known != 0 && known != units) {
    throw Error(ErrorId::kInternal, "dosages of one scan differ in their units");
  }
  return units;
}

}  // namespace

TrioDosagesSink::TrioDosagesSink(Setup setup, ArtifactStore& store, Manifest manifest)
    : setup_(std::move(setup)),
      store_(store),
      manifest_(std::move(manifest)),
      committed_(store_.CommittedShards(manifest_.kind, manifest_.key)) {}

uint64_t TrioDosagesSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

void TrioDosagesSink::BeginShard(uint32_t) {
  rows_seen_ = 0;
  units_ = 0;
  sums_ = TrioSums(setup_.trios.size());
}

void TrioDosagesSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.n_samples) {
    throw Error(ErrorId::kInternal, "scan and cohort differ in the number of samples");
  }
  rows_seen_ += tile.rows();
  const uint32_t units = tile.encoding.units_per_copy;
  units_ = SameUnits(units_, units);
}

void TrioDosagesSink::Consume(const DosageTile& tile, Range part) {
  TrioSums sums(setup_.trios.size());
  std::vector<uint32_t> values;
  const uint32_t missing = tile.encoding.missing(), units = tile.encoding.units_per_copy;
  for (uint32_t r = part.begin; r < part.end; ++r) {
    const bool wanted =
        !setup_.wanted ||
        std::binary_search(setup_.wanted->begin(), setup_.wanted->end(), tile.first_variant + r);
    if (!wanted || !OnAutosome(tile.variants, r)) continue;
    tile.Unpack(r, values);
    for (size_t t = 0; t < setup_.trios.size(); ++t) {
      AddTrio(values, setup_.trios[t].trio, missing, units, sums.violation[t], sums.variants[t]);
      AddTrio(values, setup_.trios[t].control, missing, units, sums.control_violation[t],
              sums.control_variants[t]);
    }
  }
  const std::lock_guard lock(mutex_);
  sums_ += sums;
}

void TrioDosagesSink::SealShard(uint32_t shard) {
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  const auto write = [&](const char* path, const std::vector<uint64_t>& sums) {
    out->file().Write(path, std::span<const uint64_t>(sums));
  };
  write("/violation", sums_.violation);
  write("/variants", sums_.variants);
  write("/control_violation", sums_.control_violation);
  write("/control_variants", sums_.control_variants);
  out->file().Attribute("/", "units", int64_t{units_});
  const ShardRecord record = out->Commit(rows_seen_);
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void TrioDosagesSink::Finish() {
  manifest_.shards = committed_;
  TrioSums all(setup_.trios.size());
  uint32_t units = 0;
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    TrioSums sums;
    sums.violation = file.ReadU64("/violation");
    sums.variants = file.ReadU64("/variants");
    sums.control_violation = file.ReadU64("/control_violation");
    sums.control_variants = file.ReadU64("/control_variants");
    all += sums;
    if (committed_[i].rows == 0) continue;  // had no tile, so no units
    units = SameUnits(units, static_cast<uint32_t>(file.AttributeInt("/", "units")));
  }
  const auto last = static_cast<uint32_t>(committed_.size());
  const auto out = store_.BeginShard(manifest_.kind, manifest_.key, last);
  out->file().WriteTable("/trios", TrioDosagesTable(setup_.trios, all, units, *setup_.samples));
  for (ShardRecord& shard : manifest_.shards) shard.rows = 0;  // depend on the tiles
  manifest_.shards.push_back(out->Commit(0));
  store_.Seal(manifest_);
}

}  // namespace kinflow::kinship
