#include "stages/formats/bgen_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "stages/formats/oxford_sample.h"

namespace kinflow {
BgenReader::BgenReader(const std::string& path, uint64_t max_allele)
    : file_(FileHandle::OpenRead(path)), file_bytes_(file_.Size()), max_allele_(max_allele) {
  ReadHead();
}

void BgenReader::ReadHead() {
  uint64_t needed = 0;
  std::span<const uint8_t> head = Window(0);
  while ((needed = ParseBgenHeader(head, file_bytes_, path(), header_)) > head.size()) {
    head = Window(needed);
  }
  if (header_.has_ids) ids_ = ParseBgenIds(head, header_, path());
  Seek(header_.first_variant, 0);
}

std::string BgenReader::SampleFile(const BgenReading& reading) const {
  return reading.sample_file.empty() ? FindOxfordSample(path()) : reading.sample_file;
}

SampleTablePtr BgenReader::ReadSamples(const BgenReading& reading) const {
  return JoinOxfordSamples(path(), header_.samples, ids_, SampleFile(reading));
}

/// The file from offset_ on, at least `bytes` of it or up to its end.
std::span<const uint8_t> BgenReader::Window(uint64_t bytes) {
  const uint64_t left = file_bytes_ - offset_;
  bytes = std::min(bytes, left);
  uint64_t begin = offset_ - window_begin_;
  if (offset_ < window_begin_ || begin > window_.size() || window_.size() - begin < bytes ||
      window_.empty()) {
    // What is there already is not read again.
    const bool overlap = offset_ >= window_begin_ && begin < window_.size();
    const uint64_t kept = overlap ? window_.size() - begin : 0;
    if (kept > 0) std::memmove(window_.data(), window_.data() + begin, kept);
    const uint64_t size = std::min(left, std::max(bytes, piece_bytes_));
    window_.resize(size);
    if (size > kept) file_.ReadAt(window_.data() + kept, size - kept, offset_ + kept);
    bytes_read_.fetch_add(size - kept, std::memory_order_relaxed);
    window_begin_ = offset_;
    begin = 0;
  }
  return {window_.data() + begin, window_.size() - begin};
}

uint64_t BgenReader::variant_bytes() const {
  return (file_bytes_ - header_.first_variant) / std::max(1u, header_.variants);
}

void BgenReader::CheckEnd() const {
  if (record_ == header_.variants && offset_ == file_bytes_) return;
  throw Error(ErrorId::kRecordCount,
              record_ < header_.variants
                  ? fmt::format("the file ends after {} variants, its header counts {}", record_,
                                header_.variants)
                  : fmt::format("{} bytes follow the last of the {} variants in the header",
                                file_bytes_ - offset_, header_.variants))
      .InFile(path())
      .AtRecord(record_)
      .Remedy("the file was cut, or put together by hand: copy it again, or write it anew");
}

bool BgenReader::Peek(BgenVariant& variant) {
  if (offset_ == file_bytes_ || record_ == header_.variants) {
    CheckEnd();
    return false;
  }
  const RecordPlace place{path(), record_ + 1, {}, 0, DosageField::kGp};
  const uint64_t left = file_bytes_ - offset_;
  std::span<const uint8_t> bytes = Window(0);
  uint64_t needed = 0;
  while ((needed = ParseBgenVariant(bytes, header_, max_allele_, place, variant)) > bytes.size() &&
         needed <= left) {
    bytes = Window(needed);
  }
  if (needed > left || variant.bytes() > left) {
    throw Error(ErrorId::kTruncated, "the file ends inside a variant")
        .InFile(path())
        .AtRecord(record_ + 1)
        .Remedy("copy the file again from its source and compare checksums");
  }
  return true;
}

void BgenReader::Skip(const BgenVariant& variant) {
  offset_ += variant.bytes();
  ++record_;
}

void BgenReader::Take(const BgenVariant& variant, ByteBuffer& out) {
  const uint64_t bytes = variant.bytes();
  char* to = out.Extend(bytes);
  // Long genotypes do not go through the window.
  const std::span<const uint8_t> here = Window(0);
  const uint64_t first = std::min<uint64_t>(bytes, here.size());
  std::memcpy(to, here.data(), first);
  if (bytes > first) {
    file_.ReadAt(to + first, bytes - first, offset_ + first);
    bytes_read_.fetch_add(bytes - first, std::memory_order_relaxed);
  }
  out.Commit(bytes);
  Skip(variant);
}

void BgenReader::Seek(uint64_t offset, uint64_t variants_before, uint64_t piece_bytes) {
  piece_bytes_ = piece_bytes;
  offset_ = offset;
  record_ = variants_before;
}

}  // namespace kinflow
