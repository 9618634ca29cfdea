#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace kinflow {
namespace {

// Bytes of the well-formed UTF-8 character that `text` starts with; 0 if it starts with none.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// Control characters and bytes that are not UTF-8 are escaped: what a broken file names goes to
// terminals and into JSON. Line ends stay where `lines` says so.
std::string Printable(std::string_view text, bool lines = false) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto u = static_cast<unsigned char>(text[i]);
    const size_t length = CharacterLength(text.substr(i));
    if (length == 0 || (u < 0x20 && !(lines && u == '\n')) || u == 0x7f) {
      out += fmt::format("\\x{:02x}", u);
      ++i;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
  return out;
}

std::string Shortened(std::string_view text) {
  constexpr size_t kLimit = 60;
  return Printable(text.substr(0, kLimit)) + (text.size() > kLimit ? "..." : "");
}

}  // namespace

Error::Error(ErrorId id, std::string what) : id_(id), message_(Printable(what, true)) {}

Error& Error::InFile(std::string_view file) & {
  file_ = file;
  return *this;
}
Error& Error::AtLine(uint64_t line, uint64_t column) & {
  line_ = line;
  column_ = column;
  return *this;
}
Error& Error::AtRecord(uint64_t record) & {
  record_ = record;
  return *this;
}
Error& Error::AtPosition(std::string_view chrom, int64_t pos) & {
  position_ = fmt::format("{}:{}", Shortened(chrom), pos);
  return *this;
}
Error& Error::Field(std::string_view field) & {
  field_ = Printable(field);
  return *this;
}
Error& Error::Value(std::string_view value) & {
  value_ = Shortened(value);
  return *this;
}
Error& Error::Remedy(std::string_view remedy) & {
  remedy_ = Printable(remedy, true);
  return *this;
}
Error& Error::Context(std::string_view frame) & {
  context_.push_back(Printable(frame, true));
  return *this;
}

std::string Error::Format() const {
  std::string out;
  if (!file_.empty()) {
    out += file_;
    if (line_ > 0) out += fmt::format(":{}", line_);
    if (line_ > 0 && column_ > 0) out += fmt::format(":{}", column_);
    out += ": ";
  }
  out += fmt::format("error[{}] {}", ErrorName(id_), message_);
  if (record_ > 0 || !position_.empty() || !field_.empty()) {
    out += "\n  where:  ";
    std::string sep;
    if (record_ > 0) {
      out += fmt::format("record {}", record_);
      sep = ", ";
    }
    if (!position_.empty()) {
      out += fmt::format("{}position {}", sep, position_);
      sep = ", ";
    }
    if (!field_.empty()) out += fmt::format("{}field {}", sep, field_);
  }
  if (!value_.empty()) out += fmt::format("\n  value:  \"{}\"", value_);
  for (const auto& frame : context_) out += "\n  while:  " + frame;
  out += "\n  remedy: ";
  out += remedy_.empty() ? Describe(id_).explanation : std::string_view(remedy_);
  return out;
}

Error SystemError(int errno_value, ErrorId io_id, std::string_view doing, std::string_view path) {
  ErrorId id = io_id;
  std::string remedy = "check the file system, then run the same command again";
  if (errno_value == ENOSPC || errno_value == EDQUOT) {
    id = ErrorId::kDiskFull;
    remedy = "free space (or raise the quota) on this file system, then run the same command again";
  } else if (errno_value == EFBIG) {
    id = ErrorId::kFileSizeLimit;
    remedy = "raise the file size limit (ulimit -f), then run the same command again";
  } else if (errno_value == ENOMEM) {
    id = ErrorId::kOutOfMemory;
    remedy = "give the run more memory";
  } else if (errno_value == EROFS || errno_value == EACCES || errno_value == EPERM) {
    if (io_id != ErrorId::kUnreadableFile && io_id != ErrorId::kReadFailed) {
      id = ErrorId::kFolderNotWritable;
    }
    remedy = "check the permissions";
  }
  return Error(id, fmt::format("cannot {}: {}", doing, std::strerror(errno_value)))
      .InFile(path)
      .Remedy(remedy);
}

}  // namespace kinflow
