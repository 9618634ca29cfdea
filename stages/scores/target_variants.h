#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/variant_table.h"

namespace kinflow {

/// The target variants that scores may use (those that passed QC), streamed in plan order. Read
/// once for each batch of scores, so memory does not grow with the target.
class TargetVariants {
 public:
  virtual ~TargetVariants() = default;

  /// The next part: variants, their rows in plan order (ascending over all parts) and the ALT
  /// frequency in founders (NaN = no founder genotyped). Clears what the arguments held. False at
  /// the end.
  virtual bool NextShard(VariantTable& variants, std::vector<uint64_t>& rows,
                         std::vector<double>& alt_freq) = 0;
  /// Back to the first part.
  virtual void Rewind() = 0;
  /// Founders behind the frequencies.
  virtual uint64_t founders() const = 0;
};

}  // namespace kinflow
