#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/variant_table.h"
#include "stages/batches/site_match.h"

namespace kinflow {

/// Variants of one shard of a batch's store.
struct BatchShard {
  uint64_t first_row = 0;  // within the batch
  VariantTable variants;
  std::vector<double> alt_freq;  // among the people with a call; NaN = none
  std::vector<uint64_t> copies;  // alleles of these people
};

/// A batch as the join sees it: shards in plan order, loaded one at a time.
struct BatchTable {
  std::string name;
  std::vector<std::string> shard_chroms;  // of each shard's first variant; "" = an empty shard
  std::function<std::shared_ptr<const BatchShard>(size_t shard)> load;
};

/// Chromosomes by name without XY, in the order of the first batch; those it lacks follow in the
/// order of the other batches.
std::vector<std::string> ChromosomesOf(const std::vector<BatchTable>& batches);

/// Walks the variants of one chromosome in all batches, position by position. Holds the shards that
/// it stands in: one of each batch, two where X and its pseudoautosomal part are apart.
class ChromosomeSites {
 public:
  /// `batches` must outlive it.
  ChromosomeSites(const std::vector<BatchTable>& batches, const std::string& chrom);
  ~ChromosomeSites();

  /// Variants of the next position, batch after batch; false at the end. Throws kVariantOrder if a
  /// batch goes back.
  bool Next();
  const std::vector<SiteVariant>& variants() const { return variants_; }
  /// Where variant `i` of the site lies.
  const BatchShard& shard(size_t i) const { return *places_[i].shard; }
  size_t row(size_t i) const { return places_[i].row; }

 private:
  struct Cursor;
  struct Place {
    std::shared_ptr<const BatchShard> shard;
    size_t row;
  };

  std::vector<Cursor> cursors_;  // by batch
  std::vector<SiteVariant> variants_;
  std::vector<Place> places_;
};

}  // namespace kinflow
