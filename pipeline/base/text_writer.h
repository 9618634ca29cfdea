#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/file.h"

namespace kinflow {

/// Text output, plain or gzip (name ends in .gz; deterministic bytes: no time, no name in the
/// header), written to a partial file and published by Commit(). Without Commit() the partial file
/// is removed. Not thread-safe.
class TextWriter {
 public:
  explicit TextWriter(std::string path);
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter();

  void Write(std::string_view text);
  /// Flush, fsync, rename. Nothing may follow.
  void Commit();

 private:
  void WriteFull();

  std::string path_, partial_;
  FileHandle file_;
  std::string buffer_;
  std::vector<std::string> full_;
  bool gzip_;
  bool committed_ = false;
};

}  // namespace kinflow
