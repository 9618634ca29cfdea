#include "stages/qc/qc_artifacts.h"

#include <fmt/format.h>

#include <limits>
#include <mutex>

#include "pipeline/base/error.h"
#include "pipeline/graph/shards_at_once.h"

namespace kinflow {

Manifest InputManifest(const ArtifactStore& store, std::string_view kind, const StageKeys& keys,
                       const std::string& stage) {
  const auto key = keys.inputs.find(stage);
  if (key != keys.inputs.end()) {
    if (auto manifest = store.Find(kind, key->second)) return *std::move(manifest);
  }
  throw Error(ErrorId::kInternal, fmt::format("the artifact of stage {} is not there", stage));
}

std::vector<uint64_t> PassingRows(const ArtifactStore& store, const Manifest& manifest) {
  std::vector<uint64_t> rows;
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const H5Reader file = store.Open(manifest, i);
    if (!file.Has("/passing")) continue;
    const std::vector<uint64_t> part = file.ReadU64("/passing");
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

std::vector<uint8_t> KeptSamples(const ArtifactStore& store, const Manifest& manifest) {
  if (manifest.shards.empty()) throw Error(ErrorId::kInternal, "an artifact of people is empty");
  return store.Open(manifest, manifest.shards.size() - 1).ReadU8("/kept");
}

SampleCounts ReadSampleCounts(const ArtifactStore& store, const Manifest& counts) {
  constexpr size_t kAtOnce = 2;  // a counter of every person each
  SampleCounts total;            // of integers: any order
  std::mutex mutex;
  ForEachShard(counts.shards.size(), kAtOnce, [&](size_t i) {
    const SampleCounts part = SampleCounts::Read(store.Open(counts, i));
    const std::lock_guard lock(mutex);
    total += part;
  });
  return total;
}

void Verdicts::Write(H5Writer& file, const std::string& group) const {
  file.Write(group + "/code", std::span<const uint8_t>(code));
  file.Write(group + "/value", std::span<const double>(value));
  Table table;
  table.Add("filter", filters);
  table.Add("threshold", thresholds);
  file.WriteTable(group + "/filters", table);
}

Verdicts Verdicts::Read(const H5Reader& file, const std::string& group) {
  Verdicts v;
  const Table table = file.ReadTable(group + "/filters");
  v.filters = table.StringsOf("filter");
  v.thresholds = table.DoublesOf("threshold");
  v.code = file.ReadU8(group + "/code");
  v.value = file.ReadF64(group + "/value");
  return v;
}

std::vector<uint64_t> Verdicts::Removed() const {
  std::vector<uint64_t> removed(filters.size());
  for (const uint8_t c : code) {
    if (c != 0) ++removed.at(c - 1u);
  }
  return removed;
}

void JudgeVariant(const std::vector<NamedFilter<VariantFilter>>& filters, const VariantFacts& facts,
                  bool samples_filtered, Verdicts& verdicts) {
  for (size_t f = 0; f < filters.size(); ++f) {
    const VariantFilter& filter = *filters[f].filter;
    if (filter.after_samples() && !samples_filtered) continue;
    const double value = filter.Value(facts);
    if (!filter.Removes(value)) continue;
    verdicts.code.push_back(static_cast<uint8_t>(f + 1));
    verdicts.value.push_back(value);
    return;
  }
  verdicts.code.push_back(0);
  verdicts.value.push_back(std::numeric_limits<double>::quiet_NaN());
}

uint32_t FiltersBeyond(const std::vector<NamedFilter<VariantFilter>>& filters,
                       const VariantFacts& facts) {
  uint32_t beyond = 0;
  for (size_t f = 0; f < filters.size(); ++f) {
    const VariantFilter& filter = *filters[f].filter;
    if (filter.Removes(filter.Value(facts))) beyond |= uint32_t{1} << f;
  }
  return beyond;
}

}  // namespace kinflow
