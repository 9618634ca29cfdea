#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/store/h5_file.h"

namespace kinflow {

/// Genotypes with a call where people may have one allele copy, and how many of them have one.
struct PloidyCount {
  uint64_t called = 0, haploid = 0;
};

/// How a batch writes the genotypes of people with one copy.
struct PloidyCounts {
  PloidyCount males_on_x, others_on_x, on_y, on_mt;  // others: of unknown sex
  PloidyCounts& operator+=(const PloidyCounts& o);
};

/// "haploid" or "diploid", as most of the genotypes are written; "" = none.
std::string PloidyName(const PloidyCount& count);

/// What is counted of one shard of a batch: ALT copies among called copies of each variant, in
/// stored units, and ploidy.
struct BatchCounts {
  uint32_t units = 1;
  std::vector<uint64_t> alt_units, copies;  // by row of the shard
  PloidyCounts ploidy;

  /// ALT frequency of row `i`; NaN without a call.
  double AltFrequency(size_t i) const;
  void Write(H5Writer& file) const;
  static BatchCounts Read(const H5Reader& file);
};

}  // namespace kinflow
