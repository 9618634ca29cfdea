#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/zstd_reader.h"

namespace kinflow {

/// Lines of a text file, plain, gzip, BGZF or Zstandard (told by content). Line ends \n and \r\n;
/// a UTF-8 byte order mark is passed over. Keeps line numbers for messages. Not thread-safe.
/// Throws kMissingFile, kUnreadableFile, kTruncated (a compressed stream without its end, or
/// damaged), kLimitExceeded (a line over `max_line`), kMalformed (NUL; packed by bzip2, xz or zip).
class LineReader {
 public:
  explicit LineReader(std::string path, uint64_t max_line = 256ull << 20);

  /// The next line without its end, valid until the next call; false at the end of the file.
  bool Next(std::string_view& line);
  uint64_t line_number() const { return line_number_; }  // of the last line returned, 1-based
  const std::string& path() const { return path_; }
  /// False once the file has ended without a line end: it may have been cut.
  bool last_line_ended() const { return last_line_ended_; }

 private:
  bool Fill();
  void RefusePacked() const;
  size_t ReadBytes(char* out, size_t size);

  struct Close {
    void operator()(gzFile_s* f) const { gzclose_r(f); }
  };
  std::string path_;
  uint64_t max_line_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::unique_ptr<ZstdReader> zstd_;  // instead of file_
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
  uint64_t line_number_ = 0;
  bool at_end_ = false, last_line_ended_ = true;
};

/// For tables whose programs always end the last line. Throws kTruncated if it has no end.
void RequireLineEnd(const LineReader& reader);

}  // namespace kinflow
