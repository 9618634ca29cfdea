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

void DosageTile::Unpack(size_t r, std::vector<uint32_t>& out) const {
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      out.resize(n_samples);
      for (uint32_t s = 0; s < n_samples; ++s) out[s] = (Row(r)[s / 4] >> (2 * (s % 4))) & 3u;
      break;
    case DosageEncoding::Layout::kU8:
      out.assign(Row(r), Row(r) + n_samples);
      break;
    case DosageEncoding::Layout::kU16:
      out.assign(RowU16(r), RowU16(r) + n_samples);
      break;
  }
}

}  // namespace kinflow
