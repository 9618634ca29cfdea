#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/variant_table.h"

namespace kinflow {

/// A part of the target, in plan order. All vectors have the length of `variants`.
struct TargetShard {
  VariantTable variants;
  std::vector<uint64_t> rows;    // in plan order, ascending over all parts
  std::vector<double> alt_freq;  // of ALT in founders; NaN = no founder genotyped
  std::vector<uint8_t>
      removed_by;  // 0 = scores may use it, else 1 + place in TargetVariants::filters
};

/// The target variants and whether scores may use them (passed QC), streamed in plan order. Read
/// once for each batch of scores, so memory does not grow with the target.
class TargetVariants {
 public:
  virtual ~TargetVariants() = default;

  /// The next part in place of what `shard` held. False at the end.
  virtual bool NextShard(TargetShard& shard) = 0;
  /// Back to the first part.
  virtual void Rewind() = 0;
  /// Names of the QC filters that removed variants.
  virtual std::vector<std::string> filters() const { return {}; }
  /// Founders behind the frequencies.
  virtual uint64_t founders() const = 0;
};

}  // namespace kinflow
