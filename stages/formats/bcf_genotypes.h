#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/bcf_reader.h"
#include "stages/formats/genotype_values.h"
#include "stages/formats/sample_choice.h"
#include "stages/formats/vcf_genotypes.h"

namespace kinflow {

/// The sample values of one FORMAT field of one record.
struct BcfField {
  const char* data = nullptr;  // null = absent
  BcfCursor::Typed typed;      // n values a sample
  /// Values of a sample as doubles: NaN = missing; stops at the vector end. Returns how many.
  uint32_t Numbers(uint32_t sample, std::vector<double>& out) const;
  CalledGenotype Call(uint32_t sample, bool& valid, uint32_t n_alt) const;
};

/// Site text of a record, valid while its chunk is.
struct BcfSite {
  std::string_view id, ref;
  std::vector<std::string_view> alts;
  std::vector<float> quality;  // per alternative allele
};

/// Unpacks BCF records into tile rows. One object a Decode call; pure.
class BcfGenotypes {
 public:
  BcfGenotypes(const DosagePlan& plan, const SampleChoice& choice, const VcfHeader& header);

  /// Throws kMalformed, kLimitExceeded.
  void ReadSite(const BcfRecord& record, const RecordPlace& place, BcfSite& site);
  /// Fills n_alt rows. Throws kMalformed, kFieldAbsent, kDosageInvalid, kOffGrid.
  void Decode(const BcfRecord& record, const RecordPlace& place, DosageTile& tile, size_t row);
  const DecodeCounts& counts() const { return counts_; }
  bool any_flag() const { return any_flag_; }

 private:
  void FindFields(const BcfRecord& record, const RecordPlace& place);
  /// Imputation quality; walks over all fields.
  void ReadInfo(BcfCursor& in, const RecordPlace& place, uint32_t n_info, BcfSite& site);
  template <class T>
  void DecodeRows(const BcfRecord& record, const RecordPlace& place, DosageTile& tile, size_t row);
  /// Flags of all samples from two-byte calls of one ALT; false: someone's call is unusual.
  bool FastFlags(uint8_t* flags);
  /// One float a sample and one ALT: samples from `first` on whose dosage was taken.
  uint32_t FastDosages(uint32_t first, uint16_t* out) const;
  template <class T>
  bool FastDosage(uint32_t sample, T& out) const;
  /// The values of one sample in `field`; false = there are none, and nothing is written.
  template <class T>
  bool Numbers(const BcfField& field, const BcfRecord& record, const RecordPlace& place,
               uint32_t sample, size_t stride, T* out, uint8_t* flags);
  /// A sample without a value of the field: what its DS (of HDS) or GT say.
  template <class T>
  void WithoutField(const BcfRecord& record, const RecordPlace& place, uint32_t sample,
                    size_t stride, T* out, uint8_t* flags, bool beside_dot);
  /// Flags dosages in `field` beside the GT "." that are of one copy.
  void FlagBesideDot(const BcfField& field, const RecordPlace& place, uint32_t sample,
                     uint32_t n_alt, uint8_t* flags);
  CalledGenotype CallOf(const BcfField& gt, const RecordPlace& place, uint32_t sample,
                        uint32_t n_alt) const;

  const DosagePlan& plan_;
  const SampleChoice& choice_;
  const VcfHeader& header_;
  DosageGrid grid_;
  std::vector<std::string> quality_keys_;
  BcfField field_, gt_;
  BcfField ds_;                // looked for if HDS is wanted
  std::vector<int32_t> keys_;  // of the record's FORMAT
  std::vector<double> numbers_;
  std::array<uint8_t, 64> flags_of_;  // by the two bytes of a biallelic call; 255 = unusual
  DecodeCounts counts_;
  bool any_flag_ = false;
};

}  // namespace kinflow
