#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// Cuts a stream of variants into shards and blocks (ScanShape): a shard ends at a chromosome's end
/// and with the record whose genotypes reach the limit; a block ends with its shard or when it is
/// full. Shards do not depend on the block size.
class ShardCutter {
 public:
  void Shape(const ScanShape& shape, uint32_t samples) {
    shape_ = shape;
    samples_ = samples;
  }
  /// True if a record of `variants` variants on `chrom` starts a new shard.
  bool StartsShard(std::string_view chrom) const {
    return shards_ == 0 || genotypes_ >= shape_.shard_genotypes || chrom != chrom_;
  }
  /// Takes the record; returns its shard.
  uint32_t Add(std::string_view chrom, uint64_t variants) {
    if (StartsShard(chrom)) {
      ++shards_;
      genotypes_ = 0;
      if (chrom_ != chrom) chrom_ = chrom;
    }
    genotypes_ += variants * samples_;
    return shards_ - 1;
  }
  uint32_t shards() const { return shards_; }
  uint32_t tile_records() const { return shape_.tile_records; }

 private:
  ScanShape shape_;
  uint32_t samples_ = 0;
  uint32_t shards_ = 0;
  uint64_t genotypes_ = 0;
  std::string chrom_;
};

}  // namespace kinflow
