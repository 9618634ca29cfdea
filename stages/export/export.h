#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/pedigree.h"
#include "pipeline/graph/genotype_source.h"
#include "pipeline/graph/scan_executor.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

struct ExportOptions {
  std::string format;  // one of ExportFormats()
  std::string prefix;  // of the files; folders are made
  /// A dosage further than this (alleles) from a whole number is no hard call (GT, .bed).
  double hard_call_threshold = 0.1;
  std::vector<ContigLine> contigs;     // chromosomes that may come; empty: 1 to 22, X, Y, XY, MT
  std::string build;                   // "" = unknown
  const Pedigree* pedigree = nullptr;  // parents and sexes for the .fam; null = none
};

struct ExportReport {
  uint64_t variants = 0;
  uint32_t samples = 0;
  uint64_t missing = 0;    // genotypes without a dosage
  uint64_t uncertain = 0;  // those with one that gives no hard call
  std::vector<std::string> files;
};

/// "vcf", "bcf", "bed".
std::vector<std::string> ExportFormats();

/// Every file that such an export may write or replace, its index and tables included.
std::vector<std::string> ExportFiles(const ExportOptions& options);

/// Writes all of a source to files beside each other, each private (0600) and published when it is
/// whole:
///
///   vcf  PREFIX.vcf.gz (BGZF) + .tbi   GT:DS, or GT alone for hard calls; INFO R2 where known;
///                                      with bases behind 536,870,912 a .csi
///   bcf  PREFIX.bcf + .csi             the same
///   bed  PREFIX.bed .bim .fam          hard calls; A1 = ALT
///
/// GT is the hard call of the dosage: phased ('|') where the store kept the source's phase, one
/// allele for haploid genotypes, also where PLINK files write two of the same (OneCopy): DS is out
/// of one copy then. "1|0" and "0|1" tell the haplotype where the source's call was
/// heterozygous. DS is printed so that it reads back to the same integer (dosage_text.h). Memory
/// does not grow with variants; bytes do not depend on threads or block size. Throws
/// kNoVariantsLeft if the source gives no variant, and what reading and writing throw; nothing is
/// published then.
ExportReport Export(GenotypeSource& source, const ExportOptions& options, const ScanContext& scan);

}  // namespace kinflow
