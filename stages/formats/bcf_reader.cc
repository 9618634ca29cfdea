#include "stages/formats/bcf_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "stages/formats/record_site.h"

namespace kinflow {
namespace {

constexpr uint64_t kMaxHeader = 64ull << 20;
constexpr uint64_t kSharedFixed = 24;  // CHROM to n_fmt and n_sample; the ID follows

}  // namespace

BcfCursor::Typed BcfCursor::GetTyped() {
  const auto byte = Get<uint8_t>();
  Typed typed{static_cast<uint8_t>(byte & 15), static_cast<uint32_t>(byte >> 4)};
  if (typed.n == 15) typed.n = static_cast<uint32_t>(std::max(0, GetInt()));
  if (typed.type > 7 || typed.type == 4 || typed.type == 6) bad_ = true;
  return typed;
}

int32_t BcfCursor::GetInt() {
  const auto byte = Get<uint8_t>();
  if (byte >> 4 != 1) bad_ = true;
  switch (byte & 15) {
    case 1:
      return Get<int8_t>();
    case 2:
      return Get<int16_t>();
    case 3:
      return Get<int32_t>();
    default:
      bad_ = true;
      return 0;
  }
}

std::string_view BcfCursor::GetText() {
  const Typed typed = GetTyped();
  const char* text = Take(uint64_t{typed.n} * typed.width());
  if (text == nullptr || typed.type != 7) return {};
  return {text, strnlen(text, typed.n)};
}

void BcfCursor::SkipTyped() {
  const Typed typed = GetTyped();
  Take(uint64_t{typed.n} * typed.width());
}

std::string_view BcfRecord::Id() const {
  BcfCursor in(shared + kSharedFixed, shared_bytes - kSharedFixed);
  const std::string_view id = in.GetText();
  if (in.bad()) return {};
  return id.empty() ? "." : id;
}

BcfReader::BcfReader(const std::string& path) : path_(path), stream_(path) {
  if (!Need(9) || std::memcmp(stream_.begin(), "BCF\2", 4) != 0) {
    throw Error(ErrorId::kFormatUnknown, "not a BCF file (version 2)")
        .InFile(path)
        .Remedy(kGiveGenotypes);
  }
  uint32_t length = 0;
  std::memcpy(&length, stream_.begin() + 5, 4);
  if (length > kMaxHeader) {
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("the header is longer than {}", FormatBytes(kMaxHeader)))
        .InFile(path);
  }
  if (!Need(9 + size_t{length})) {
    throw Error(ErrorId::kTruncated, "the file ends inside its header")
        .InFile(path)
        .Remedy("copy the file again from its source");
  }
  std::string_view text(stream_.begin() + 9, length);
  text = text.substr(0, text.find('\0'));
  VcfHeaderParser parser(path);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (parser.Line(line)) break;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  header_ = parser.Finish();
  header_bytes_ = 9 + uint64_t{length};
  stream_.Take(header_bytes_);
}

bool BcfReader::Need(size_t n) {
  while (stream_.size() < n) {
    if (!stream_.More()) return false;
  }
  return true;
}

Error BcfReader::Malformed(std::string_view what) const {
  return Error(ErrorId::kMalformed, std::string(what))
      .InFile(path_)
      .AtRecord(Number())
      .Remedy("the file is damaged: copy it again from its source");
}

void BcfReader::Restrict(std::vector<VirtualSpan> spans) {
  stream_.Restrict(std::move(spans), -1);
  numbered_ = false;
}

uint64_t BcfReader::NextRecordBytes() {
  if (!Need(8)) return 0;
  uint32_t sizes[2];
  std::memcpy(sizes, stream_.begin(), sizeof sizes);
  return 8ull + sizes[0] + sizes[1];
}

bool BcfReader::Peek(BcfRecord& record, std::string_view& chrom) {
  const uint64_t bytes = NextRecordBytes();
  if (bytes == 0 && stream_.size() == 0) return false;
  const uint64_t limit =
      (256ull << 20) + 64ull * (header_.samples->size() + 16) * (header_.formats.size() + 1);
  if (bytes > limit) throw Malformed("impossible record length");
  if (bytes == 0 || !Need(bytes)) {
    throw Error(ErrorId::kTruncated, "the last record is incomplete")
        .InFile(path_)
        .AtRecord(Number())
        .Remedy("copy the file again from its source");
  }
  BcfCursor in(stream_.begin(), bytes);
  record.shared_bytes = in.Get<uint32_t>();
  record.individual_bytes = in.Get<uint32_t>();
  if (record.shared_bytes < kSharedFixed) throw Malformed("impossible record length");
  record.shared = stream_.begin() + 8;
  record.individual = record.shared + record.shared_bytes;
  record.record = Number();
  record.contig = in.Get<int32_t>();
  record.pos = int64_t{in.Get<int32_t>()} + 1;
  in.Take(8);  // rlen, QUAL
  const uint32_t alleles = in.Get<uint32_t>() >> 16;
  const auto formats = in.Get<uint32_t>();
  const uint32_t samples = formats & 0xffffff;
  record.n_format = formats >> 24;
  if (alleles == 0) throw Malformed("the record has no allele");
  if (samples != header_.samples->size()) {
    throw Malformed(
        fmt::format("the record has {} samples, the header {}", samples, header_.samples->size()));
  }
  record.n_alt = std::max(1u, alleles - 1);
  if (record.n_alt > kMaxAlternatives) throw TooManyAlleles(record.n_alt, path_, records_ + 1);
  if (record.contig < 0 || static_cast<size_t>(record.contig) >= header_.contigs.size()) {
    throw Malformed("the record names a contig that the header lacks");
  }
  chrom = header_.contigs[static_cast<size_t>(record.contig)].name;
  return true;
}

void BcfReader::Take(const BcfRecord& record) {
  ++records_;
  stream_.Take(8 + size_t{record.shared_bytes} + record.individual_bytes);
}

}  // namespace kinflow
