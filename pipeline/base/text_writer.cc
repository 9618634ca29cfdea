#include "pipeline/base/text_writer.h"

#include <libdeflate.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

// Each flush is one gzip member; concatenated members are one legal gzip file.
constexpr size_t kFlushBytes = 1 << 20;

std::vector<char> GzipMember(const std::string& text) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  const std::unique_ptr<libdeflate_compressor, Free> compressor(libdeflate_alloc_compressor(4));
  if (!compressor) throw Error(ErrorId::kOutOfMemory, "no memory for a compressor");
  std::vector<char> out(libdeflate_gzip_compress_bound(compressor.get(), text.size()));
  const size_t n =
      libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(), out.size());
  out.resize(n);
  return out;
}

}  // namespace

TextWriter::TextWriter(std::string path)
    : path_(std::move(path)),
      partial_(PartialName(path_)),
      file_(FileHandle::CreateNew(partial_)),
      gzip_(path_.ends_with(".gz")) {}

TextWriter::~TextWriter() {
  if (!committed_) ::unlink(partial_.c_str());
}

void TextWriter::Write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kFlushBytes) Flush();
}

void TextWriter::Flush() {
  if (gzip_) {
    const std::vector<char> member = GzipMember(buffer_);
    file_.Write({member.data(), member.size()});
  } else {
    file_.Write(buffer_);
  }
  buffer_.clear();
}

void TextWriter::Commit() {
  Flush();
  file_.Sync();
  file_.Close();
  PublishFile(partial_, path_);
  committed_ = true;
}

}  // namespace kinflow
