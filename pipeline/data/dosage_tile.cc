#include "pipeline/data/dosage_tile.h"

namespace kinflow {

uint32_t DosageTile::At(size_t r, uint32_t sample) const {
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return (Row(r)[sample / 4] >> (2 * (sample % 4))) & 3u;
    case DosageEncoding::Layout::kU8:
      return Row(r)[sample];
    case DosageEncoding::Layout::kU16:
      return RowU16(r)[sample];
  }
  return 0;
}

}  // namespace kinflow
