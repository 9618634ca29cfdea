#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/file.h"

struct ZSTD_DCtx_s;

namespace kinflow {

/// Decompressed bytes of a Zstandard file, one frame or several; windows up to 128 MiB. Not
/// thread-safe.
class ZstdReader {
 public:
  explicit ZstdReader(FileHandle file);

  /// Up to `size` bytes; 0 at the end. Throws kTruncated (cut, damaged), kLimitExceeded (window).
  size_t Read(char* out, size_t size);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  FileHandle file_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::vector<char> input_;
  size_t begin_ = 0, end_ = 0;
  bool frame_open_ = false;
};

/// True if the file starts like a Zstandard frame; false for what cannot be read twice (pipes).
bool IsZstd(const FileHandle& file);

}  // namespace kinflow
