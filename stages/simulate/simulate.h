#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/log.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {

enum class SimulateFormat { kVcf, kBcf, kBed };
enum class SimulateField { kGt, kDs, kHds, kGp };

/// What `kinflow simulate` makes. Every output byte depends on these values except `threads`.
struct SimulateOptions {
  uint64_t trios = 1000;      // pregnancies; twins add a second child to one
  uint64_t variants = 10000;  // over all chromosomes
  uint64_t seed = 1;
  std::string out;  // prefix of all files; folders are made
  SimulateFormat format = SimulateFormat::kVcf;
  unsigned chromosomes = 5;     // 1..22, equal numbers of variants, autosomes from chr1
  bool per_chromosome = false;  // OUT.chr1.vcf.gz ... instead of OUT.vcf.gz
  unsigned threads = 1;

  // Imputation (vcf, bcf).
  std::vector<SimulateField> fields = {SimulateField::kGt, SimulateField::kDs};  // FORMAT order
  double r2 = 0.9;              // mean squared correlation of true and imputed allele; 1 = truth
  double r2_spread = 0.05;      // variants get r2 +- spread (at most r2 / 2), evenly
  double typed_fraction = 0.1;  // variants that carry the truth (INFO TYPED)
  double shared_errors = 0.98;  // chance that a child's imputed haplotype is the parent's own

  // Hard calls (bed).
  double missing_rate = 0;
  double error_rate = 0;

  // PGS900001 is causal, PGS900002 null; further ones have errors of their own beside the first,
  // the general factor of them all.
  uint64_t scores = 2;

  // Families.
  double second_pregnancies = 0.1;  // share of mothers with two
  double twins = 0;                 // share of pregnancies; half of them monozygotic
  double missing_fathers = 0.05;    // not genotyped

  // Phenotype: effects on the mother's outcome per SD of the true score among founders.
  double effect_mother = 0.20;
  double effect_father = 0.05;
  double effect_child = 0.10;
  double attrition = 0.06;       // chance to leave the study before each wave after the first
  double causal_fraction = 0.3;  // of common single-nucleotide variants, in each score file
};

struct SimulateReport {
  uint64_t samples = 0, families = 0, pregnancies = 0, children = 0, variants = 0;
  double score_mean = 0, score_sd = 0;  // of PGS900001 among all founders, by truth
  std::vector<std::string> files;       // in the order they were published
};

/// Throws kBadArgument naming the option that is out of range.
void CheckOptions(const SimulateOptions& options);

/// Families with known truth, written beside each other under the prefix OUT:
///
///   OUT.vcf.gz + .tbi | OUT.bcf + .csi | OUT.bed .bim (.chrN. before the ending if per chromosome)
///   OUT.fam             genotyped people; a parent without genotypes is 0
///   OUT.pedigree.tsv    everybody: FID IID PAT MAT SEX PREGNANCY ROLE GENOTYPED
///   OUT.pheno.tsv       a pregnancy a row: preg_id m_id f_id c_id m_age c_sex parity, scl_gw17 ...
///   OUT.waves.tsv       the same outcome long: preg_id m_id wave time scl
///   OUT.bonding.tsv     bonding and symptoms after birth: preg_id m_id c_sex prenatal temperament,
///                       anger_m1 ... affection_m1 ... dep_m18 (truth: bonding.h)
///   OUT.covar.tsv       a genotyped person a row: FID IID sex age batch PC1 PC2
///   OUT.PGS900001.txt.gz (causal), OUT.PGS900002.txt.gz (null), OUT.PGS900003.txt.gz ...: PGS
///                       Catalog 2.0 files; those from the third on correlate by .7 with the first
///   OUT.pgs_true.tsv    FID IID PGS900001 PGS900002 ...: sums over true genotypes
///   OUT.variants.tsv.gz truth of each variant: expected frequency, target r2, weights
///   OUT.truth.json      options and true effects
///   OUT.areas.tsv       a mother a row: where she lives (areas.h); OUT.neighbours.tsv
///   OUT.interaction.tsv, OUT.interaction_waves.tsv: mothers with infants (interaction.h)
///
/// Outcome of pregnancy i of mother m at wave w (SD units; total variance about 1):
///
///   y_iw = b_m z_m + b_f z_f + b_c z_c + 0.10 (age_i - 30) / 5 + mu_w + u_m + e_iw
///   z    = (true PGS900001 - mean) / sd, mean and sd over all founders, genotyped or not
///   u_m ~ N(0, 0.45), one a mother; e_iw ~ N(0, 0.45); mu_w = 0.05 times the wave's number from 0
///   c is the first child of the pregnancy
///
/// How genotypes arise is told in stages/simulate/README.md. Memory does not grow with variants:
/// they are made block by block. Throws kBadArgument, kStopped and what writing files throws;
/// unfinished files are removed then.
SimulateReport Simulate(const SimulateOptions& options, Log& log, const StopSignal& stop);

}  // namespace kinflow
