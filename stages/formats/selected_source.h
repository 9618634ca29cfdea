#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include "pipeline/graph/genotype_source.h"
#include "stages/formats/excluded_ids.h"
#include "stages/formats/region_set.h"

namespace kinflow {

/// Which variants of an input are used: of a list and in regions, then but for those of another
/// list. Empty = all.
struct VariantSelection {
  std::unordered_set<std::string> ids;
  bool by_id = false;
  RegionSetPtr regions;                   // null = everywhere
  std::shared_ptr<ExcludedIds> excluded;  // null = none

  bool empty() const { return !by_id && !regions && !excluded; }
  /// Notes the id if it is the list of excluded ones that leaves the variant out.
  bool Keeps(const VariantTable& variants, size_t row) const;
  /// Over ids and regions in canonical order; part of the keys.
  std::string Canonical() const;
};

/// Variant ids, one a line; lines of `#` are skipped. Throws kMissingFile, kMalformed (more
/// columns, with the line).
std::unordered_set<std::string> ReadIdList(const std::string& path);

/// A source that passes on the selected variants only, and asks the inner one for no others. Shards
/// are those of the inner source (ReadChoice).
std::unique_ptr<GenotypeSource> SelectVariants(std::unique_ptr<GenotypeSource> inner,
                                               VariantSelection selection);

}  // namespace kinflow
