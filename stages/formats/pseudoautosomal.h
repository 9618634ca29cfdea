#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// The pseudoautosomal regions of X by genome build, as the Genome Reference Consortium gives them:
/// 1-based, both ends included. Their inner borders are those of plink --split-x.
struct Pseudoautosomal {
  uint32_t first_begin = 0, first_end = 0, second_begin = 0, second_end = 0;
  /// None of X for any other build.
  static Pseudoautosomal Of(const std::string& build);
  /// The same regions where they lie on Y.
  static Pseudoautosomal OfY(const std::string& build);
  bool Contains(uint32_t pos) const {
    return (pos >= first_begin && pos <= first_end) || (pos >= second_begin && pos <= second_end);
  }
};

/// A source that gives variants of X in its pseudoautosomal regions the chromosome XY, PLINK's name
/// for it: both sexes have two copies there, so they count as autosomal. As it is if the build is
/// not known.
std::unique_ptr<GenotypeSource> NamePseudoautosomal(std::unique_ptr<GenotypeSource> inner,
                                                    const std::string& build);

/// The chromosome in formats that have no XY: X for XY, any other name as it is.
inline std::string_view WithoutXy(std::string_view chrom) { return chrom == "XY" ? "X" : chrom; }

}  // namespace kinflow
