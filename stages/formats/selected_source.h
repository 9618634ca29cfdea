#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// Which variants of an input are used: by id list and by region. Empty = all.
struct VariantSelection {
  struct Region {
    std::string chrom;                     // normalised
    uint32_t begin = 1, end = UINT32_MAX;  // inclusive, 1-based
  };
  std::unordered_set<std::string> ids;
  bool by_id = false;
  std::vector<Region> regions;

  bool empty() const { return !by_id && regions.empty(); }
  bool Keeps(const VariantTable& variants, size_t row) const;
  /// Over ids and regions in canonical order; part of the keys.
  std::string Canonical() const;
};

/// "1:1000-2000,X,chr2:500" -> regions; throws kConfigRange with the faulty part.
std::vector<VariantSelection::Region> ParseRegions(std::string_view text);
/// One id a line (first field); throws kMissingFile.
std::unordered_set<std::string> ReadIdList(const std::string& path);

/// A source that passes on the selected variants only. Shards are those of the inner source, so a
/// selection never moves shard borders of what it keeps.
std::unique_ptr<GenotypeSource> SelectVariants(std::unique_ptr<GenotypeSource> inner,
                                               VariantSelection selection);

}  // namespace kinflow
