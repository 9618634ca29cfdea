#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

using TilePtr = std::shared_ptr<const DosageTile>;

/// Where a chromosome stands in the order that batches are merged in: 1-22 by number, X, Y, XY, MT,
/// then others by name.
struct ChromRank {
  uint32_t number = 0;
  std::string name;  // others only
  auto operator<=>(const ChromRank&) const = default;
};
ChromRank RankOf(std::string_view chrom);

/// The decoded variants of one batch in order, a few tiles ahead. Serial, but for Decode.
class BatchReader {
 public:
  /// A decoded variant; the tile stays alive with it.
  struct Row {
    TilePtr tile;
    uint32_t row = 0;
  };

  BatchReader(std::string name, std::unique_ptr<GenotypeSource> source);

  GenotypeSource& source() { return *source_; }
  const GenotypeSource& source() const { return *source_; }
  const std::string& name() const { return name_; }
  void Shape(const ScanShape& shape);

  /// Reads blocks until `ahead` are waiting or decoded; Decode turns a waiting one into a tile.
  void Fetch(size_t ahead);
  size_t waiting() const { return waiting_.size(); }
  void Decode(size_t i);
  /// Takes what Decode has done. Throws kVariantOrder.
  void Accept();

  /// Decoded tiles that hold a variant not taken yet.
  size_t tiles() const { return tiles_.size(); }
  /// Nothing more will come.
  bool ended() const { return ended_ && waiting_.empty() && tiles_.empty(); }
  /// The next variant; there must be a tile.
  std::string_view chrom() const { return tiles_.front()->variants.chrom(row_); }
  const ChromRank& rank() const { return rank_; }
  uint32_t pos() const { return tiles_.front()->variants.pos(row_); }
  Row Take();

 private:
  struct Waiting {
    std::unique_ptr<RawBlock> raw;
    std::shared_ptr<DosageTile> tile;
  };
  void EnterRow();

  std::string name_;
  std::unique_ptr<GenotypeSource> source_;
  std::vector<std::unique_ptr<RawBlock>> spare_;
  std::vector<Waiting> waiting_;
  std::deque<TilePtr> tiles_;
  uint32_t row_ = 0;
  std::string chrom_;
  ChromRank rank_;
  uint64_t variants_ = 0;
  bool ended_ = false;
};

}  // namespace kinflow
