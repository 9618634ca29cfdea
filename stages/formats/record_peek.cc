#include "stages/formats/record_peek.h"

#include <fmt/format.h>

#include <cstring>

#include "pipeline/base/number.h"

namespace kinflow {
namespace {

constexpr size_t kMost = 1 << 20;  // no chromosome and position are longer

}  // namespace

Error StaleIndex(const std::string& path, VirtualOffset place, std::string_view what) {
  return Error(ErrorId::kRecordCount,
               fmt::format("the index does not fit the file: {} at byte {}", what, place >> 16))
      .InFile(path)
      .Remedy("the index is of another version of the file: build it again (bcftools index -f)");
}

RecordPeek::RecordPeek(const std::string& path, const std::vector<std::string>& contigs)
    : reader_(path), contigs_(contigs) {}

std::optional<RecordSite> RecordPeek::SiteOfText(VirtualOffset place) const {
  const std::string_view text(reinterpret_cast<const char*>(bytes_.bytes().data()), bytes_.size());
  const size_t chrom = text.find('\t');
  const size_t end = chrom == std::string_view::npos ? chrom : text.find('\t', chrom + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto pos = ParseInt(text.substr(chrom + 1, end - chrom - 1));
  if (!pos) throw StaleIndex(reader_.path(), place, "no record begins");
  return RecordSite{std::string(text.substr(0, chrom)), *pos};
}

std::optional<RecordSite> RecordPeek::SiteOf(VirtualOffset place) const {
  if (contigs_.empty()) return SiteOfText(place);
  int32_t fields[4];  // lengths of the two parts, contig, position from 0
  if (bytes_.size() < sizeof fields) return std::nullopt;
  std::memcpy(fields, bytes_.bytes().data(), sizeof fields);
  if (fields[2] < 0 || static_cast<size_t>(fields[2]) >= contigs_.size()) {
    throw StaleIndex(reader_.path(), place, "no record begins");
  }
  return RecordSite{contigs_[static_cast<size_t>(fields[2])], int64_t{fields[3]} + 1};
}

RecordSite RecordPeek::At(VirtualOffset place) {
  BgzfWalk walk(reader_.path(), place >> 16);
  bytes_.Clear();
  while (const auto block = walk.Next()) {
    bytes_.Clear();
    reader_.Restrict({{place, (block->offset + block->packed) << 16}}, -1);
    while (reader_.Append(bytes_, kMaxBgzfBlock)) {
    }
    if (auto site = SiteOf(place)) return *std::move(site);
    if (bytes_.size() > kMost) break;
  }
  throw StaleIndex(reader_.path(), place, "no record begins");
}

}  // namespace kinflow
