#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/file_source.h"
#include "stages/formats/format_columns.h"
#include "stages/formats/genotype_values.h"
#include "stages/formats/sample_choice.h"
#include "stages/formats/vcf_reader.h"

namespace kinflow {

/// Parses the sample columns of VCF lines into tile rows. One object a Decode call; pure.
class VcfGenotypes {
 public:
  VcfGenotypes(const DosagePlan& plan, const SampleChoice& choice);

  /// Fills `n_alt` rows from `row` on. Throws kMalformed, kFieldAbsent, kDosageInvalid, kOffGrid.
  void Decode(const VcfLine& line, const RecordPlace& place, DosageTile& tile, size_t row);
  const DecodeCounts& counts() const { return counts_; }
  bool any_flag() const { return any_flag_; }
  /// Offset of the INFO column in the line last decoded, and its text.
  std::string_view info() const { return info_; }
  /// Finds the columns between ALT and the samples; called by Decode.
  const char* ParseSiteTail(const VcfLine& line, const RecordPlace& place);

 private:
  /// `quick(p, s)` takes columns that it can from sample s on and returns the next; `parse` any
  /// one.
  template <class Quick, class Parse>
  void ForEachSample(const char* p, const VcfLine& line, const RecordPlace& place, Quick quick,
                     Parse parse);
  template <class T>
  void DecodeRows(const char* p, const VcfLine& line, const RecordPlace& place, DosageTile& tile,
                  size_t row);
  template <class T>
  const char* Dosage(const char* p, uint32_t column, uint32_t copies, const RecordPlace& place,
                     T& out);
  /// Where the rows of one record go; rows are one alternative allele apart.
  template <class T>
  struct Rows {
    T* out;
    uint8_t* calls;          // null = not kept
    size_t stride, samples;  // between rows of out and of calls
    uint32_t n_alt;
  };
  /// One sample column: `s` its number in the file, `t` its place in the rows.
  template <class T>
  const char* Column(const char* p, uint32_t s, uint32_t t, const RecordPlace& place,
                     const Rows<T>& rows);
  template <class T>
  const char* Call(const char* p, uint32_t column, const RecordPlace& place, const Rows<T>& rows,
                   T* out, uint8_t* flags);
  template <class T>
  const char* Numbers(const char* p, uint32_t column, const RecordPlace& place, const Rows<T>& rows,
                      T* out, uint8_t* flags);
  /// A sample whose column, from p on, has no value of the field: what its DS (of HDS) or GT say.
  template <class T>
  void WithoutField(const char* p, uint32_t column, const RecordPlace& place, const Rows<T>& rows,
                    T* out, uint8_t* flags, bool beside_dot);
  /// Writes the flags of the GT beside a dosage; returns the largest legal dosage, 0: the GT is
  /// ".".
  template <class T>
  uint32_t FlagsBeside(const char* p, uint32_t column, const RecordPlace& place,
                       const Rows<T>& rows, uint8_t* flags);
  /// That of the dosages at p beside such a GT; flags those of one copy.
  template <class T>
  uint32_t CopiesBesideDot(const char* p, const RecordPlace& place, const Rows<T>& rows,
                           uint8_t* flags);
  CalledGenotype CallBeside(const char* p, uint32_t column, const RecordPlace& place,
                            uint32_t n_alt);
  const char* SkipTo(const char* p, int index, bool& found);

  const DosagePlan& plan_;
  const SampleChoice& choice_;
  DosageGrid grid_;
  FormatColumns format_;
  std::string_view info_;
  std::vector<double> numbers_;
  DecodeCounts counts_;
  bool any_flag_ = false;
};

}  // namespace kinflow
