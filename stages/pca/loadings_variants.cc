#include "stages/pca/loadings_variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/data/alleles.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/kinship/autosomes.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::pca {
namespace {

/// Finds variants of the loadings, each once.
class LoadingsIndex {
 public:
  explicit LoadingsIndex(const VariantTable& variants)
      : variants_(variants), used_(variants.size(), 0) {
    for (uint32_t v = 0; v < variants.size(); ++v) {
      at_[Place(variants, v)].push_back(v);
    }
  }
  struct Found {
    uint32_t loading;
    bool swapped;
  };
  std::optional<Found> Take(const VariantTable& targets, size_t t) {
    const auto at = at_.find(Place(targets, t));
    if (at == at_.end()) return std::nullopt;
    const std::string ref = UpperCase(targets.ref(t)), alt = UpperCase(targets.alt(t));
    for (const uint32_t v : at->second) {
      if (used_[v] != 0) continue;
      const std::string own_ref = UpperCase(variants_.ref(v)),
                        own_alt = UpperCase(variants_.alt(v));
      const bool same = ref == own_ref && alt == own_alt;
      if (!same && (ref != own_alt || alt != own_ref)) continue;
      used_[v] = 1;
      return Found{v, !same};
    }
    return std::nullopt;
  }

 private:
  static std::string Place(const VariantTable& variants, size_t i) {
    return fmt::format("{}:{}", variants.chrom(i), variants.pos(i));
  }

  const VariantTable& variants_;
  std::vector<uint8_t> used_;
  std::unordered_map<std::string, std::vector<uint32_t>> at_;
};

}  // namespace

std::vector<std::string> LoadingsVariantsStage::inputs() const {
  std::vector<std::string> inputs = {"counts"};
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  return inputs;
}

void LoadingsVariantsStage::Run(RunContext& run, const StageKeys& keys) const {
  const Loadings loadings = ReadLoadings(setup_.options.project);
  LoadingsIndex index(loadings.variants);
  const Manifest counts = InputManifest(run.store, kCountsKind, keys, "counts");
  std::optional<std::vector<uint64_t>> passed;
  if (!setup_.qc.empty()) {
    passed = PassingRows(run.store, InputManifest(run.store, setup_.qc, keys, setup_.qc));
  }
  Manifest manifest = NewManifest(*this, keys);
  run.progress.Start(id(), counts.shards.size(), "shards");
  uint64_t found = 0;
  for (size_t shard = 0; shard < counts.shards.size(); ++shard) {
    run.stop.Check();
    const H5Reader file = run.store.Open(counts, shard);
    const VariantTable variants = file.ReadVariants("/variants");
    const std::vector<uint64_t> rows = file.ReadU64("/rows");
    std::vector<uint64_t> passing;
    std::vector<uint32_t> loading;
    std::vector<uint8_t> swapped;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!kinship::OnAutosome(variants, i)) continue;
      if (passed && !std::binary_search(passed->begin(), passed->end(), rows[i])) continue;
      const auto taken = index.Take(variants, i);
      if (!taken) continue;
      passing.push_back(rows[i]);
      loading.push_back(taken->loading);
      swapped.push_back(taken->swapped ? 1 : 0);
      const double p = loadings.frequency[taken->loading];
      found += p > 0 && p < 1 ? 1 : 0;
    }
    const auto out =
        run.store.BeginShard(kLoadingsVariantsKind, keys.self, static_cast<uint32_t>(shard));
    out->file().Write("/passing", std::span<const uint64_t>(passing));
    out->file().Write("/loading", std::span<const uint32_t>(loading));
    out->file().Write("/swapped", std::span<const uint8_t>(swapped));
    manifest.shards.push_back(out->Commit(passing.size()));
    run.progress.Add(1);
  }
  run.log.Info("pca: {} of {} variants of the loadings found", found, loadings.varying);
  const double share = static_cast<double>(found) / static_cast<double>(loadings.varying);
  if (found == 0 || share < setup_.options.min_overlap) {
    throw Error(ErrorId::kOverlapTooLow,
                fmt::format("{} of {} variants of the loadings are among the genotypes", found,
                            loadings.varying))
        .InFile(setup_.options.project)
        .Field("pca.min_overlap")
        .Remedy(
            "compare the genome builds; fit the components on variants that both have; or lower "
            "pca.min_overlap");
  }
  run.store.Seal(manifest);
  run.progress.Finish();
}

FoundLoadings FindLoadings(const ArtifactStore& store, const Manifest& variants,
                           const Loadings& loadings) {
  uint64_t n = 0;
  for (const ShardRecord& shard : variants.shards) n += shard.rows;
  FoundLoadings found;
  found.loadings.resize(static_cast<int64_t>(n), loadings.loadings.cols());
  for (size_t i = 0; i < variants.shards.size(); ++i) {
    const H5Reader file = store.Open(variants, i);
    const std::vector<uint32_t> loading = file.ReadU32("/loading");
    const std::vector<uint8_t> swapped = file.ReadU8("/swapped");
    for (size_t v = 0; v < loading.size(); ++v) {
      const double p = loadings.frequency.at(loading[v]);
      const auto row = static_cast<int64_t>(found.frequency.size());
      found.loadings.row(row) = (swapped[v] != 0 ? -1.0 : 1.0) * loadings.loadings.row(loading[v]);
      found.frequency.push_back(swapped[v] != 0 ? 1 - p : p);
    }
  }
  return found;
}

}  // namespace kinflow::pca
