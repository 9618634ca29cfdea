#include "stages/formats/variant_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/bgzf_reader.h"

namespace kinflow {
namespace {

// Little-endian fields of the TBI and CSI formats (samtools/hts-specs tabix.tex, CSIv1.tex).
class Fields {
 public:
  Fields(const char* p, size_t n, const std::string& path) : p_(p), end_(p + n), path_(path) {}
  template <class T>
  T Get() {
    T value;
    std::memcpy(&value, Take(sizeof(T)), sizeof(T));
    return value;
  }
  const char* Take(uint64_t n) {
    if (n > static_cast<uint64_t>(end_ - p_)) {
      throw Error(ErrorId::kTruncated, "the index ends too early")
          .InFile(path_)
          .Remedy("build the index again: bcftools index");
    }
    const char* at = p_;
    p_ += n;
    return at;
  }

 private:
  const char* p_;
  const char* end_;
  const std::string& path_;
};

void ReadNames(Fields& fields, uint64_t bytes, std::vector<std::string>& names) {
  const char* p = fields.Take(bytes);
  for (const char* end = p + bytes; p < end;) {
    const size_t n = strnlen(p, static_cast<size_t>(end - p));
    names.emplace_back(p, n);
    p += n + 1;
  }
}

// Positions that a bin of the binning scheme stands for (CSIv1.tex): level l has 8^l bins.
struct Binning {
  uint32_t min_shift = 14, depth = 5;
  uint32_t First(uint32_t level) const { return ((1u << (3 * level)) - 1) / 7; }
  uint32_t CountBin() const { return First(depth + 1) + 1; }
  bool Place(uint32_t number, IndexBin& bin) const {
    for (uint32_t level = 0; level <= depth; ++level) {
      if (number >= First(level + 1)) continue;
      const uint32_t shift = min_shift + 3 * (depth - level);
      bin.first = (uint64_t{number - First(level)} << shift) + 1;
      bin.last = bin.first + (uint64_t{1} << shift) - 1;
      return true;
    }
    return false;
  }
};

Error Unusable(const std::string& path, std::string_view what) {
  return Error(ErrorId::kMalformed, std::string(what))
      .InFile(path)
      .Remedy("build the index again: bcftools index -f");
}

// The chunks of all bins together hold all records: sorted, they leave no gap.
void CheckCover(std::vector<VirtualSpan>& chunks, VariantIndex& index) {
  if (chunks.empty()) return;
  std::sort(chunks.begin(), chunks.end(),
            [](const VirtualSpan& a, const VirtualSpan& b) { return a.begin < b.begin; });
  index.data = chunks.front();
  for (const VirtualSpan& chunk : chunks) {
    index.has_gaps = index.has_gaps || chunk.begin > index.data.end;
    index.data.end = std::max(index.data.end, chunk.end);
  }
}

void ReadBins(Fields& in, bool csi, const Binning& binning, VariantIndex& index) {
  const uint32_t count_bin = binning.CountBin();
  const auto refs = in.Get<uint32_t>();
  std::vector<VirtualSpan> all;
  for (uint32_t r = 0; r < refs; ++r) {
    uint64_t records = 0;
    index.bins.emplace_back();
    index.lines.emplace_back();
    for (auto bins = in.Get<uint32_t>(); bins > 0; --bins) {
      const auto bin = in.Get<uint32_t>();
      if (csi) in.Get<uint64_t>();
      const auto chunks = in.Get<uint32_t>();
      if (bin == count_bin && chunks == 2) {  // pseudo-bin: offsets, then mapped and unmapped
        in.Take(16);
        records = in.Get<uint64_t>();
        records += in.Get<uint64_t>();
        index.counts_known = true;
        continue;
      }
      if (chunks == 0) continue;
      IndexBin place;
      if (!binning.Place(bin, place)) throw Unusable(index.path, "the index has an impossible bin");
      place.span = {UINT64_MAX, 0};
      for (uint32_t c = 0; c < chunks; ++c) {
        const auto begin = in.Get<uint64_t>(), end = in.Get<uint64_t>();
        if (end < begin)
          throw Unusable(index.path, "the index has a chunk that ends before it begins");
        place.span = {std::min(place.span.begin, begin), std::max(place.span.end, end)};
        all.push_back({begin, end});
      }
      index.bins.back().push_back(place);
    }
    for (auto windows = csi ? 0u : in.Get<uint32_t>(); windows > 0; --windows) {
      index.lines.back().push_back(in.Get<uint64_t>());
    }
    index.counts.push_back(records);
  }
  CheckCover(all, index);
}

VariantIndex ReadIndex(const std::string& path) {
  BgzfReader reader(path);
  ByteBuffer bytes;
  while (reader.Append(bytes, 1 << 20)) {
    if (bytes.size() > (1ull << 30)) {
      throw Error(ErrorId::kLimitExceeded, "the index is larger than 1 GiB").InFile(path);
    }
  }
  Fields in(bytes.data(), bytes.size(), path);
  VariantIndex index;
  index.path = path;
  const char* magic = in.Take(4);
  const bool csi = std::memcmp(magic, "CSI\1", 4) == 0;
  if (!csi && std::memcmp(magic, "TBI\1", 4) != 0) {
    throw Error(ErrorId::kMalformed, "not a .tbi or .csi index")
        .InFile(path)
        .Remedy("build the index again: bcftools index");
  }
  if (csi) {
    const Binning binning{in.Get<uint32_t>(), in.Get<uint32_t>()};
    if (binning.depth > 9 || binning.min_shift > 30) {
      throw Unusable(path, "the index has an impossible binning scheme");
    }
    const auto aux = in.Get<uint32_t>();
    const char* start = in.Take(aux);
    if (aux >= 28) {
      Fields names(start, aux, path);
      names.Take(24);
      const auto length = names.Get<uint32_t>();
      ReadNames(names, length, index.names);
    }
    ReadBins(in, true, binning, index);
  } else {
    // n_ref comes before the tabix settings here, and behind them in a CSI.
    const char* refs = in.Take(4);
    in.Take(24);
    const auto length = in.Get<uint32_t>();
    ReadNames(in, length, index.names);
    const char* bins = in.Take(0);
    std::string rest(refs, 4);
    rest.append(bins, static_cast<size_t>(bytes.data() + bytes.size() - bins));
    Fields body(rest.data(), rest.size(), path);
    ReadBins(body, false, Binning{}, index);
  }
  return index;
}

}  // namespace

uint64_t VariantIndex::total() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

bool OlderThanItsFile(const std::string& index, const std::string& file) {
  return StampOf(index).mtime_ns < StampOf(file).mtime_ns;
}

std::optional<VariantIndex> FindVariantIndex(const std::string& path) {
  for (const char* ending : {".tbi", ".csi"}) {
    if (!FileExists(path + ending)) continue;
    VariantIndex index = ReadIndex(path + ending);
    const uint64_t size = StampOf(path).size;
    const uint64_t last = index.data.end >> 16;
    if (last > size) {
      throw Error(ErrorId::kRecordCount, "the index points beyond the end of its file")
          .InFile(path)
          .Field(BaseName(index.path))
          .Value(fmt::format("offset {} of {} bytes", last, size))
          .Remedy(
              "the file was cut, or the index belongs to another one: compare with the original");
    }
    return index;
  }
  return std::nullopt;
}

void CheckIndexCounts(const std::string& path,
                      const std::unordered_map<std::string, uint64_t>& read,
                      const std::vector<std::string>& contigs,
                      const std::function<bool(const std::string& contig)>& whole) {
  const auto index = FindVariantIndex(path);
  if (!index || !index->counts_known) return;
  const auto& names = index->names.empty() ? contigs : index->names;
  std::map<std::string, uint64_t> expected;
  for (size_t i = 0; i < index->counts.size(); ++i) {
    expected[i < names.size() ? names[i] : fmt::format("contig {}", i + 1)] += index->counts[i];
  }
  for (const auto& [name, count] : read) expected.try_emplace(name, 0);
  for (const auto& [name, count] : expected) {
    const auto it = read.find(name);
    const uint64_t found = it == read.end() ? 0 : it->second;
    if (found == count || (whole && !whole(name))) continue;
    throw Error(ErrorId::kRecordCount,
                fmt::format("contig {}: {} records read, the index counts {}", name, found, count))
        .InFile(path)
        .Field(BaseName(index->path))
        .Remedy(
            "the file lost records or the index is stale: compare with the original; if the "
            "file is right, build the index again (bcftools index -f)");
  }
}

}  // namespace kinflow
