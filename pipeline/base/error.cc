#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "pipeline/base/utf8.h"

namespace kinflow {
namespace {

// U+0080 to U+009F, of which a terminal may obey some.
bool IsC1Control(std::string_view text, size_t at) {
  if (at + 1 >= text.size() || text[at] != '\xc2') return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next < 0xa0;
}

// Control characters and bytes that are not UTF-8 are escaped: what a broken file names goes to
// terminals and into JSON. Line ends stay where `lines` says so.
std::string Printable(std::string_view text, bool lines = false) {
  std::string out;
  size_t bad = FindInvalidUtf8(text);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto u = static_cast<unsigned char>(text[i]);
    const bool control = u == 0x7f || (u < 0x20 && !(lines && u == '\n')) || IsC1Control(text, i) ||
                         (i > 0 && IsC1Control(text, i - 1));
    if (control || i == bad) {
      out += fmt::format("\\x{:02x}", u);
    } else {
      out += text[i];
    }
    if (i == bad) {
      bad = FindInvalidUtf8(text.substr(i + 1));
      if (bad != std::string_view::npos) bad += i + 1;
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
  return out + Advice();
}

std::string Error::Advice() const {
  return remedy_.empty() ? std::string(Describe(id_).explanation) : remedy_;
}

std::string Error::OneLine() const {
  std::string where = file_.substr(file_.rfind('/') + 1);
  const auto add = [&where](const std::string& part) {
    if (!where.empty()) where += ", ";
    where += part;
  };
  if (line_ > 0) where += fmt::format("{}line {}", where.empty() ? "" : " ", line_);
  if (record_ > 0 && line_ == 0) add(fmt::format("record {}", record_));
  if (!position_.empty()) add("position " + position_);
  if (!field_.empty()) add("field " + field_);
  if (!value_.empty()) add(fmt::format("value '{}'", value_));
  return where.empty() ? message_ : fmt::format("{} ({})", message_, where);
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
