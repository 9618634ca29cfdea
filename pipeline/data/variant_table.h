#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/string_column.h"

namespace kinflow {

/// How a chromosome is inherited: decides ploidy, founders' HWE and Mendel rules.
enum class ChromClass : uint8_t { kAutosome, kX, kY, kMt, kOther };  // XY (PAR) counts as autosome

/// 1..22 and "XY" -> autosome, "X", "Y", "MT"; anything else -> kOther. Takes normalised names.
ChromClass ClassOfChrom(std::string_view name);

/// Biallelic variants as struct of arrays, in plan order (file order; multi-allelic records already
/// split, alternative alleles in record order). Chromosome names are normalised (NormaliseChrom).
/// Dosages count the ALT allele. Not thread-safe while being built.
class VariantTable {
 public:
  void Append(std::string_view chrom, uint32_t pos, std::string_view id, std::string_view ref,
              std::string_view alt, float info = std::numeric_limits<float>::quiet_NaN(),
              bool from_multiallelic = false);
  void Append(const VariantTable& other, size_t row);
  void Append(const VariantTable& other);
  void SetChrom(size_t row, std::string_view chrom) { chrom_[row] = ChromCode(chrom); }
  void Clear();

  size_t size() const { return pos_.size(); }
  std::string_view chrom(size_t i) const { return chrom_names_[chrom_[i]]; }
  ChromClass chrom_class(size_t i) const { return chrom_classes_[chrom_[i]]; }
  uint32_t pos(size_t i) const { return pos_[i]; }  // 1-based
  std::string_view id(size_t i) const { return id_[i]; }
  std::string_view ref(size_t i) const { return ref_[i]; }
  std::string_view alt(size_t i) const { return alt_[i]; }
  /// Imputation quality as the file states it (R2, DR2, INFO, IMP_INFO); NaN if absent.
  float info(size_t i) const { return info_[i]; }
  bool from_multiallelic(size_t i) const { return multiallelic_[i] != 0; }

  // Whole columns, for the store.
  const std::vector<uint16_t>& chrom_codes() const { return chrom_; }
  const std::vector<std::string>& chrom_names() const { return chrom_names_; }
  const std::vector<uint32_t>& positions() const { return pos_; }
  const StringColumn& ids() const { return id_; }
  const StringColumn& refs() const { return ref_; }
  const StringColumn& alts() const { return alt_; }
  const std::vector<float>& infos() const { return info_; }
  const std::vector<uint8_t>& multiallelic_flags() const { return multiallelic_; }

  size_t MemoryBytes() const;

 private:
  uint16_t ChromCode(std::string_view name);

  std::vector<uint16_t> chrom_;
  std::vector<std::string> chrom_names_;
  std::vector<ChromClass> chrom_classes_;
  std::vector<uint32_t> pos_;
  StringColumn id_, ref_, alt_;
  std::vector<float> info_;
  std::vector<uint8_t> multiallelic_;
};

}  // namespace kinflow
