#include "pipeline/base/line_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {

namespace {

/// Of a file that begins like this: what packed it, where that is not read, and what unpacks it.
struct Packer {
  std::string_view name, unpack;
};
Packer PackerOf(std::string_view start) {
  using namespace std::string_view_literals;
  if (start.starts_with("BZh") && start.size() > 4 && start.substr(4).starts_with("1AY&SY")) {
    return {"bzip2", "bunzip2"};
  }
  if (start.starts_with("\3757zXZ\0"sv)) return {"xz", "unxz"};
  if (start.starts_with("PK\3\4")) return {"zip", "unzip; of a spreadsheet save a text with tabs"};
  return {};
}

}  // namespace

LineReader::LineReader(std::string path, uint64_t max_line)
    : path_(std::move(path)), max_line_(max_line), buffer_(1 << 17) {
  FileHandle handle = FileHandle::OpenRead(path_);
  if (IsZstd(handle)) {
    zstd_ = std::make_unique<ZstdReader>(std::move(handle));
    return;
  }
  const int fd = ::dup(handle.fd());
  if (fd < 0) throw SystemError(errno, ErrorId::kUnreadableFile, "open for reading", path_);
  file_.reset(gzdopen(fd, "rb"));
  if (!file_) {
    ::close(fd);
    throw Error(ErrorId::kOutOfMemory, "no memory for a file buffer").InFile(path_);
  }
  gzbuffer(file_.get(), 1 << 17);
}

size_t LineReader::ReadBytes(char* out, size_t size) {
  if (zstd_) return zstd_->Read(out, size);
  const int n = gzread(file_.get(), out, static_cast<unsigned>(std::min<size_t>(size, 1u << 30)));
  int code = Z_OK;
  const char* text = gzerror(file_.get(), &code);
  if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    // zlib puts its own name of the file, "<fd:5>: ", in front.
    const char* colon = std::strstr(text, ": ");
    throw Error(ErrorId::kTruncated, fmt::format("damaged or truncated compressed file: {}",
                                                 colon == nullptr ? text : colon + 2))
        .InFile(path_)
        .AtLine(line_number_ + 1)
        .Remedy("copy the file again from its source");
  }
  return static_cast<size_t>(n);
}

bool LineReader::Fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (buffer_.size() > max_line_) {
      throw Error(ErrorId::kLimitExceeded, fmt::format("line longer than {} bytes", max_line_))
          .InFile(path_)
          .AtLine(line_number_ + 1);
    }
    buffer_.resize(buffer_.size() * 2);
  }
  const bool is_first = line_number_ == 0 && end_ == 0;
  const size_t n = ReadBytes(buffer_.data() + end_, buffer_.size() - end_);
  if (n == 0) at_end_ = true;
  end_ += n;
  if (is_first) RefusePacked();
  return n > 0;
}

void LineReader::RefusePacked() const {
  const Packer packer = PackerOf({buffer_.data(), end_});
  if (packer.name.empty()) return;
  throw Error(ErrorId::kMalformed,
              fmt::format("a file packed by {}, which is not read", packer.name))
      .InFile(path_)
      .Remedy(fmt::format("unpack it first ({}), or pack it by gzip", packer.unpack));
}

bool LineReader::Next(std::string_view& line) {
  size_t scanned = 0;
  while (true) {
    const char* start = buffer_.data() + begin_;
    const auto* newline =
        static_cast<const char*>(std::memchr(start + scanned, '\n', end_ - begin_ - scanned));
    if (newline != nullptr) {
      line = {start, static_cast<size_t>(newline - start)};
      begin_ += line.size() + 1;
      break;
    }
    scanned = end_ - begin_;
    if (!Fill()) {
      if (begin_ == end_) return false;
      last_line_ended_ = false;
      line = {buffer_.data() + begin_, end_ - begin_};
      begin_ = end_;
      break;
    }
  }
  ++line_number_;
  // Spreadsheets begin UTF-8 with a byte order mark, which would be part of the first id.
  if (line_number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.find('\0') != std::string_view::npos) {
    throw Error(ErrorId::kMalformed, "NUL byte in a text file")
        .InFile(path_)
        .AtLine(line_number_)
        .Remedy(
            "the file is damaged or no text in UTF-8 (spreadsheets also write UTF-16): save it as "
            "UTF-8, or copy it again from its source");
  }
  return true;
}

void RequireLineEnd(const LineReader& reader) {
  if (reader.last_line_ended()) return;
  throw Error(ErrorId::kTruncated, "the last line has no end: the file may have been cut")
      .InFile(reader.path())
      .AtLine(reader.line_number())
      .Remedy(fmt::format("copy it again from its source; if it is whole, end it: echo >> {}",
                          BaseName(reader.path())));
}

}  // namespace kinflow
