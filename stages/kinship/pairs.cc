#include "stages/kinship/pairs.h"

#include <algorithm>

namespace kinflow::kinship {
namespace {

constexpr struct {
  const char* name;
  uint32_t PairCounts::*member;
} kCounts[] = {{"/pairs/het_het", &PairCounts::het_het},
               {"/pairs/ibs0", &PairCounts::ibs0},
               {"/pairs/hom_hom", &PairCounts::hom_hom},
               {"/pairs/het_hom", &PairCounts::het_hom},
               {"/pairs/hom_het", &PairCounts::hom_het}};

constexpr struct {
  const char* name;
  uint64_t PairTotals::*member;
} kTotals[] = {{"pairs", &PairTotals::pairs},
               {"undefined", &PairTotals::undefined},
               {"unrelated_n", &PairTotals::unrelated_n},
               {"unrelated_ibs0", &PairTotals::unrelated_ibs0}};

}  // namespace

PairTotals& PairTotals::operator+=(const PairTotals& other) {
  for (const auto& total : kTotals) this->*total.member += other.*total.member;
  return *this;
}

void WritePairs(H5Writer& file, const std::vector<Pair>& pairs, const PairTotals& totals) {
  std::vector<uint32_t> column(pairs.size());
  const auto write = [&](const char* name, auto value) {
    std::transform(pairs.begin(), pairs.end(), column.begin(), value);
    file.Write(name, std::span<const uint32_t>(column));
  };
  write("/pairs/sample_1", [](const Pair& p) { return p.samples.first; });
  write("/pairs/sample_2", [](const Pair& p) { return p.samples.second; });
  for (const auto& count : kCounts) {
    write(count.name, [&](const Pair& p) { return p.counts.*count.member; });
  }
  for (const auto& total : kTotals) {
    file.Attribute("/pairs", total.name, static_cast<int64_t>(totals.*total.member));
  }
}

std::vector<Pair> ReadPairs(const ArtifactStore& store, const Manifest& manifest,
                            PairTotals& totals) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const H5Reader file = store.Open(manifest, i);
    const std::vector<uint32_t> first = file.ReadU32("/pairs/sample_1");
    const std::vector<uint32_t> second = file.ReadU32("/pairs/sample_2");
    const size_t begin = pairs.size();
    for (size_t k = 0; k < first.size(); ++k) pairs.push_back({{first[k], second[k]}, {}});
    for (const auto& count : kCounts) {
      const std::vector<uint32_t> column = file.ReadU32(count.name);
      for (size_t k = 0; k < column.size(); ++k) pairs[begin + k].counts.*count.member = column[k];
    }
    PairTotals part;
    for (const auto& total : kTotals) {
      part.*total.member = static_cast<uint64_t>(file.AttributeInt("/pairs", total.name));
    }
    totals += part;
  }
  return pairs;
}

}  // namespace kinflow::kinship
