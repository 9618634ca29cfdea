#pragma once

#include <string>
#include <string_view>

#include "pipeline/base/file.h"

namespace kinflow {

/// A BGZF file, compressed by several threads; bytes do not depend on their number. Written to a
/// partial file beside `path`. Not thread-safe.
class BgzfWriter {
 public:
  explicit BgzfWriter(const std::string& path);
  BgzfWriter(const BgzfWriter&) = delete;
  BgzfWriter& operator=(const BgzfWriter&) = delete;
  ~BgzfWriter();

  void Write(std::string_view bytes);
  /// Everything out, end-of-file block, fsync. The partial file stays until it is published.
  void Close();
  const std::string& partial() const { return partial_; }
  void Publish();

 private:
  void Compress(bool all);

  std::string path_, partial_;
  FileHandle file_;
  std::string pending_;
  bool published_ = false;
};

}  // namespace kinflow
