#include "stages/formats/bgen_unpack.h"

#include <libdeflate.h>
#include <zstd.h>

#include <cstring>

namespace kinflow {
namespace {

Error Damaged(const RecordPlace& place, std::string_view what) {
  return Error(ErrorId::kMalformed, std::string(what))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Remedy("the file is damaged: copy it again from its source and compare checksums");
}

}  // namespace

void BgenUnpacker::Free::operator()(libdeflate_decompressor* p) const {
  libdeflate_free_decompressor(p);
}
void BgenUnpacker::Free::operator()(ZSTD_DCtx_s* p) const { ZSTD_freeDCtx(p); }

BgenUnpacker::BgenUnpacker() = default;
BgenUnpacker::~BgenUnpacker() = default;

std::span<const uint8_t> BgenUnpacker::Unpack(std::span<const uint8_t> stored,
                                              const BgenHeader& header, const BgenVariant& variant,
                                              const RecordPlace& place) {
  if (header.compression == BgenHeader::Compression::kNone) return stored;
  bytes_.Clear();
  char* out = bytes_.Extend(variant.unpacked_bytes);
  bool good = false;
  if (header.compression == BgenHeader::Compression::kZlib) {
    if (!zlib_) zlib_.reset(libdeflate_alloc_decompressor());
    if (!zlib_) throw std::bad_alloc();
    // With no place for the number of bytes, another number is a failure; Adler-32 is checked.
    good = libdeflate_zlib_decompress(zlib_.get(), stored.data(), stored.size(), out,
                                      variant.unpacked_bytes, nullptr) == LIBDEFLATE_SUCCESS;
  } else {
    if (!zstd_) {
      zstd_.reset(ZSTD_createDCtx());
      if (!zstd_) throw std::bad_alloc();
      // In one piece the window is the output, whose length was checked; the limit is for frames
      // that ask for more.
      ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, 27);
    }
    good = ZSTD_decompressDCtx(zstd_.get(), out, variant.unpacked_bytes, stored.data(),
                               stored.size()) == variant.unpacked_bytes;
  }
  if (!good) throw Damaged(place, "the genotypes of the variant do not unpack");
  // Bit fields are loaded eight bytes at a time.
  std::memset(out + variant.unpacked_bytes, 0, ByteBuffer::kSlack);
  bytes_.Commit(variant.unpacked_bytes);
  return {reinterpret_cast<const uint8_t*>(out), variant.unpacked_bytes};
}

}  // namespace kinflow
