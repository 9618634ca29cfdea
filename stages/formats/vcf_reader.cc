#include "stages/formats/vcf_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "stages/formats/text_dosage.h"

namespace kinflow {
namespace {

constexpr size_t kSiteColumns = 9;
constexpr size_t kSiteBytes = 64ull << 20;
constexpr size_t kSampleBytes = 16ull << 20;  // of one sample's column

size_t LongestAllele(std::string_view alt) {
  size_t longest = 0;
  while (true) {
    const size_t comma = std::min(alt.find(','), alt.size());
    longest = std::max(longest, comma);
    if (comma == alt.size()) return longest;
    alt.remove_prefix(comma + 1);
  }
}

bool HasEmptyAllele(std::string_view alt) {
  return alt.front() == ',' || alt.back() == ',' || alt.find(",,") != std::string_view::npos;
}

}  // namespace

VcfReader::VcfReader(const std::string& path, uint64_t max_allele)
    : path_(path), stream_(path), max_allele_(max_allele) {
  ReadHeader();
  max_line_ = std::max<uint64_t>(max_line_, 64ull * (header_.samples->size() + 16) *
                                                std::max<size_t>(1, header_.formats.size()));
}

Error VcfReader::Malformed(std::string_view what) const {
  return Error(ErrorId::kMalformed, std::string(what))
      .InFile(path_)
      .AtLine(LineNumber())
      .AtRecord(Number())
      .Remedy(
          "`bcftools view` on the file shows whether others can read this record; copy the file "
          "again from its source");
}

void VcfReader::CheckLimits(size_t scanned) {
  if (scanned <= kSiteBytes) return;
  const bool long_site = std::count(stream_.begin(), stream_.begin() + kSiteBytes, '\t') <
                         static_cast<std::ptrdiff_t>(kSiteColumns);
  if (!long_site && scanned <= max_line_) return;
  throw Error(ErrorId::kLimitExceeded,
              long_site ? "the columns before the samples are longer than 64 MiB"
                        : fmt::format("a line is longer than {}", FormatBytes(max_line_)))
      .InFile(path_)
      .AtLine(LineNumber())
      .Remedy("the file is damaged, or no VCF");
}

/// Throws if one sample's column is too long.
void VcfReader::CheckSamples(size_t length) {
  // A column that long holds a whole stretch without a tab.
  constexpr size_t kStretch = kSampleBytes / 2;
  const std::string_view line(stream_.begin(), length);
  for (size_t at = 0; at + kStretch <= length; at += kStretch) {
    if (std::memchr(line.data() + at, '\t', kStretch) != nullptr) continue;
    const size_t before = line.rfind('\t', at), end = std::min(line.find('\t', at), length);
    if (before == std::string_view::npos || end - before - 1 <= kSampleBytes) continue;
    const auto tabs =
        std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), '\t');
    if (tabs < static_cast<std::ptrdiff_t>(kSiteColumns)) continue;
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("a sample's column is longer than {}", FormatBytes(kSampleBytes)))
        .InFile(path_)
        .AtLine(LineNumber())
        .AtRecord(Number())
        .Remedy("the file is damaged, or no VCF");
  }
}

bool VcfReader::FindLine(size_t& length) {
  size_t scanned = 0;
  while (true) {
    const char* hit = nullptr;
    if (stream_.size() > scanned) {  // an empty stream has no memory to look at
      hit = static_cast<const char*>(
          std::memchr(stream_.begin() + scanned, '\n', stream_.size() - scanned));
    }
    if (hit != nullptr) {
      length = static_cast<size_t>(hit - stream_.begin());
      CheckLimits(length);
      return true;
    }
    scanned = stream_.size();
    CheckLimits(scanned);
    if (!ended_ && stream_.More()) continue;
    ended_ = true;
    length = stream_.size();
    if (length > 0 && stream_.reader().container() == Container::kPlain) {
      throw Error(ErrorId::kTruncated, "the last line has no line end: the file may be cut")
          .InFile(path_)
          .Remedy("compare it with its source; if it is whole, end its last line: echo >> FILE");
    }
    return length > 0;
  }
}

void VcfReader::ReadHeader() {
  VcfHeaderParser parser(path_);
  size_t length = 0;
  bool done = false;
  if (!stream_.More() || stream_.size() < 2 || std::memcmp(stream_.begin(), "##", 2) != 0) {
    throw Error(ErrorId::kFormatUnknown, "not a VCF file: it does not start with ##fileformat=VCF")
        .InFile(path_)
        .Remedy(kGiveGenotypes);
  }
  while (!done && FindLine(length)) {
    std::string_view text(stream_.begin(), length);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    done = parser.Line(text);
    const size_t taken = std::min(length + 1, stream_.size());
    header_bytes_ += taken;
    stream_.Take(taken);
  }
  header_ = parser.Finish();
}

void VcfReader::Restrict(std::vector<VirtualSpan> spans) {
  stream_.Restrict(std::move(spans), '\n');
  ended_ = false;
  numbered_ = false;
}

uint64_t VcfReader::NextLineBytes() {
  size_t length = 0;
  return FindLine(length) ? length + 1 : 0;
}

bool VcfReader::Peek(VcfLine& line, std::string_view& chrom) {
  size_t length = 0;
  if (!FindLine(length)) return false;
  line_bytes_ = length;
  ParseHead(length, line, chrom);
  return true;
}

void VcfReader::ParseHead(size_t length, VcfLine& line, std::string_view& chrom) {
  CheckSamples(length);
  const char* p = stream_.begin();
  if (length > 0 && p[length - 1] == '\r') --length;
  const char* end = p + length;
  if (length == 0) throw Malformed("empty line").Remedy("delete the line");
  line.begin = p;
  line.end = end + 1;
  line.record = Number();
  uint32_t starts[6] = {0};
  for (int c = 1; c < 6; ++c) {
    p = static_cast<const char*>(std::memchr(p, '\t', static_cast<size_t>(end - p)));
    if (p == nullptr) {
      throw Malformed(fmt::format("the record has {} of the nine columns before the samples", c))
          .Remedy("separate columns with tabs; a cut file ends like this");
    }
    starts[c] = static_cast<uint32_t>(++p - line.begin);
  }
  chrom = line.Column(0, starts[1]);
  const std::string_view pos_text = line.Column(starts[1], starts[2]);
  const auto pos = ParseInt(pos_text);
  if (!pos) throw Malformed("the position is not a number").Field("POS").Value(pos_text);
  line.pos = *pos;
  line.id = starts[2];
  line.ref = starts[3];
  line.alt = starts[4];
  line.qual = starts[5];
  const std::string_view ref = line.Column(line.ref, line.alt),
                         alt = line.Column(line.alt, line.qual);
  line.n_alt = 1 + static_cast<uint32_t>(std::count(alt.begin(), alt.end(), ','));
  if (ref.empty() || alt.empty() || (line.n_alt > 1 && HasEmptyAllele(alt))) {
    throw Malformed("an allele is empty").AtPosition(chrom, *pos);
  }
  if (line.n_alt > kMaxAlternatives) {
    throw TooManyAlleles(line.n_alt, path_, records_ + 1).AtPosition(chrom, *pos);
  }
  if (ref.size() > max_allele_ || (alt.size() > max_allele_ && LongestAllele(alt) > max_allele_)) {
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("an allele is longer than {} bases", max_allele_))
        .InFile(path_)
        .AtRecord(Number())
        .AtPosition(chrom, *pos)
        .Field(ref.size() > max_allele_ ? "REF" : "ALT")
        .Remedy("remove the record (bcftools view -e), or raise input.max_allele");
  }
}

void VcfReader::Take(VcfLine& line) {
  char* end = stream_.begin() + (line.end - line.begin) - 1;
  *end = '\t';  // over '\r', '\n', or the slack behind a last line without an end
  ++records_;
  stream_.Take(std::min(line_bytes_ + 1, stream_.size()));
}

}  // namespace kinflow
