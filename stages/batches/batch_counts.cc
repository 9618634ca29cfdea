#include "stages/batches/batch_counts.h"

#include <array>
#include <limits>

namespace kinflow {
namespace {

constexpr std::array<PloidyCount PloidyCounts::*, 4> kPloidies = {
    &PloidyCounts::males_on_x, &PloidyCounts::others_on_x, &PloidyCounts::on_y,
    &PloidyCounts::on_mt};

}  // namespace

PloidyCounts& PloidyCounts::operator+=(const PloidyCounts& o) {
  for (const auto member : kPloidies) {
    (this->*member).called += (o.*member).called;
    (this->*member).haploid += (o.*member).haploid;
  }
  return *this;
}

std::string PloidyName(const PloidyCount& count) {
  if (count.called == 0) return "";
  return 2 * count.haploid > count.called ? "haploid" : "diploid";
}

double BatchCounts::AltFrequency(size_t i) const {
  if (copies[i] == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(alt_units[i]) /
         (static_cast<double>(units) * static_cast<double>(copies[i]));
}

void BatchCounts::Write(H5Writer& file) const {
  file.Attribute("/", "units_per_copy", int64_t{units});
  file.Write("/alt_units", std::span<const uint64_t>(alt_units));
  file.Write("/copies", std::span<const uint64_t>(copies));
  std::vector<uint64_t> flat;
  for (const auto member : kPloidies) {
    flat.push_back((ploidy.*member).called);
    flat.push_back((ploidy.*member).haploid);
  }
  file.Write("/ploidy", std::span<const uint64_t>(flat));
}

BatchCounts BatchCounts::Read(const H5Reader& file) {
  BatchCounts counts;
  counts.units = static_cast<uint32_t>(file.AttributeInt("/", "units_per_copy"));
  counts.alt_units = file.ReadU64("/alt_units");
  counts.copies = file.ReadU64("/copies");
  const auto flat = file.ReadU64("/ploidy");
  for (size_t i = 0; i < kPloidies.size() && 2 * i + 1 < flat.size(); ++i) {
    counts.ploidy.*kPloidies[i] = {flat[2 * i], flat[2 * i + 1]};
  }
  return counts;
}

}  // namespace kinflow
