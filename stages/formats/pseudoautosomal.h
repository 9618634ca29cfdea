#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// The pseudoautosomal regions of X by genome build, as the Genome Reference Consortium gives them
/// (the same borders as plink --split-x): up to and from these positions, both included.
struct Pseudoautosomal {
  uint32_t first_end = 0, second_begin = UINT32_MAX;
  /// None of X for any other build.
  static Pseudoautosomal Of(const std::string& build);
  bool Contains(uint32_t pos) const { return pos <= first_end || pos >= second_begin; }
};

/// A source that gives variants of X in its pseudoautosomal regions the chromosome XY, PLINK's name
/// for it: both sexes have two copies there, so they count as autosomal. As it is if the build is
/// not known.
std::unique_ptr<GenotypeSource> NamePseudoautosomal(std::unique_ptr<GenotypeSource> inner,
                                                    const std::string& build);

/// The chromosome in formats that have no XY: X for XY, any other name as it is.
inline std::string_view WithoutXy(std::string_view chrom) { return chrom == "XY" ? "X" : chrom; }

}  // namespace kinflow
