#include "pipeline/base/zstd_reader.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <cstring>
#include <new>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

constexpr int kMaxWindowLog = 27;

// A window is memory: of a file that wants more than was bounded nothing is wrong but that.
Error WindowTooLarge(const std::string& file) {
  return Error(ErrorId::kLimitExceeded,
               fmt::format("the file is compressed with a window of more than {}",
                           FormatBytes(1ull << kMaxWindowLog)))
      .InFile(file)
      .Remedy(
          "compress it again without --long: zstd -dc --long=31 FILE | zstd -o NEW (or unpack it)");
}

Error Damaged(const std::string& file, const char* why) {
  return Error(ErrorId::kTruncated, fmt::format("damaged or truncated compressed file: {}", why))
      .InFile(file)
      .Remedy("copy the file again from its source");
}

}  // namespace

void ZstdReader::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdReader::ZstdReader(FileHandle file)
    : file_(std::move(file)), context_(ZSTD_createDCtx()), input_(ZSTD_DStreamInSize()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
}

size_t ZstdReader::Read(char* out, size_t size) {
  ZSTD_outBuffer written{out, size, 0};
  while (written.pos == 0 && size > 0) {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = file_.Read(input_.data(), input_.size());
    }
    // At the end of the file, what the decompressor still holds is to come.
    const bool at_end = end_ == 0;
    if (at_end && !frame_open_) return 0;
    ZSTD_inBuffer input{input_.data(), end_, begin_};
    const size_t left = ZSTD_decompressStream(context_.get(), &written, &input);
    if (ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge) {
      throw WindowTooLarge(file_.path());
    }
    if (ZSTD_isError(left) != 0) throw Damaged(file_.path(), ZSTD_getErrorName(left));
    begin_ = input.pos;
    frame_open_ = left != 0;
    if (at_end && written.pos == 0 && frame_open_) {
      throw Damaged(file_.path(), "the last frame has no end");
    }
  }
  return written.pos;
}

bool IsZstd(const FileHandle& file) {
  uint32_t magic = 0;
  return ::pread(file.fd(), &magic, 4, 0) == 4 &&
         (magic == ZSTD_MAGICNUMBER || (magic & 0xfffffff0u) == ZSTD_MAGIC_SKIPPABLE_START);
}

}  // namespace kinflow
