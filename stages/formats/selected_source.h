#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// Variant ids or IIDs as a user lists them.
using IdSet = std::unordered_set<std::string>;

/// One id a line (first field); throws kMissingFile.
IdSet ReadIdList(const std::string& path);
/// Digest over the ids in sorted order; part of keys.
std::string CanonicalIds(const IdSet& ids);

/// A source that passes on the variants with these ids only. Ids are known after decoding alone, so
/// this is a filter behind the reader; positions are chosen in front of it (ReadChoice). Shards are
/// those of the inner source. `ids` null: the inner source itself.
std::unique_ptr<GenotypeSource> SelectIds(std::unique_ptr<GenotypeSource> inner,
                                          std::shared_ptr<const IdSet> ids);

}  // namespace kinflow
