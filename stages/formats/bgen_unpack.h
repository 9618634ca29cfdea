#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "stages/formats/bgen_header.h"
#include "stages/formats/bgzf_reader.h"

struct libdeflate_decompressor;
struct ZSTD_DCtx_s;

namespace kinflow {

/// Decompresses the genotype data of variants. One object a thread.
class BgenUnpacker {
 public:
  BgenUnpacker();
  ~BgenUnpacker();

  /// The `variant.unpacked_bytes` bytes behind `stored`, valid until the next call; readable to
  /// ByteBuffer::kSlack behind the end. `stored` holds variant.stored_bytes, with the same slack if
  /// they are not compressed. Throws kMalformed: damaged, or of another length.
  std::span<const uint8_t> Unpack(std::span<const uint8_t> stored, const BgenHeader& header,
                                  const BgenVariant& variant, const RecordPlace& place);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* p) const;
    void operator()(ZSTD_DCtx_s* p) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> zlib_;
  std::unique_ptr<ZSTD_DCtx_s, Free> zstd_;
  ByteBuffer bytes_;
};

}  // namespace kinflow
