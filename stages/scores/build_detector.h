#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Tells the genome build of variants by common SNPs whose positions are known in both builds.
class BuildDetector {
 public:
  /// `chrom` as NormaliseChrom gives it; alleles in any order and on any strand, `other` may be "".
  void Add(std::string_view chrom, uint32_t pos, std::string_view allele, std::string_view other);
  /// "GRCh37" or "GRCh38" if three SNPs or more lie at its positions and at most a tenth as many at
  /// those of the other; else "".
  std::string Build() const;
  /// "41 of 67 common SNPs": at the positions of Build().
  std::string Evidence() const;

 private:
  uint64_t hits37_ = 0, hits38_ = 0;
};

void AddVariants(const VariantTable& variants, BuildDetector& found);

/// Throws kBuildMismatch if the genotypes lie on another build than `declared` ("" = undeclared).
void CheckGenotypeBuild(const BuildDetector& found, const std::string& declared);

/// A score whose positions are not those of the build its file declares, or of the build of the
/// genotypes; "" = undeclared.
std::optional<Error> FaultOfBuild(const BuildDetector& found, const std::string& declared,
                                  const std::string& genotypes, const std::string& file);

}  // namespace kinflow
