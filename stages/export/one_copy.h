#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/pedigree.h"
#include "pipeline/data/sample_table.h"
#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Who has one copy of a chromosome. PLINK files (and some VCFs) write it as two of the same
/// allele; VCF and BCF write one, as plink2 --export vcf does: of X outside the pseudoautosomal
/// part for males, of Y and MT for everybody. A heterozygote stays as it is: it has two, whatever
/// the reason.
class OneCopy {
 public:
  /// Sexes: those of the pedigree, else of the samples.
  OneCopy(const SampleTable& samples, const Pedigree* pedigree);
  bool Has(ChromClass chrom, uint32_t sample) const {
    return chrom == ChromClass::kY || chrom == ChromClass::kMt ||
           (chrom == ChromClass::kX && male_[sample] != 0);
  }

 private:
  std::vector<uint8_t> male_;
};

/// Sex of a sample, by the pedigree if it tells one.
Sex SexOf(const SampleTable& samples, uint32_t sample, const Pedigree* pedigree);

}  // namespace kinflow
