#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "pipeline/base/error.h"

namespace kinflow {

/// Checks over all files of an input that positions never go back within a chromosome and that no
/// chromosome comes back. One thread at a time.
class VariantOrder {
 public:
  void Check(std::string_view chrom, uint32_t pos, uint64_t record, const std::string& file) {
    const bool first_of_file = file != file_;
    if (const char* fault = Next(chrom, pos)) {
      Error error = Disorder(fault, chrom, pos, record, file);
      // Each file may well be sorted.
      if (first_of_file && !file_.empty()) {
        error.Remedy("give the files in order of position; they must not overlap");
      }
      throw error;
    }
    if (first_of_file) file_ = file;
  }

  /// Takes the next variant; what is wrong with its place, or null.
  const char* Next(std::string_view chrom, uint32_t pos) {
    const char* fault = nullptr;
    if (chrom != chrom_) {
      if (!seen_.emplace(chrom).second && !IsWithinX(chrom, pos)) {
        fault = "chromosome comes back after another one";
      }
      chrom_ = chrom;
    } else if (pos < pos_) {
      fault = "position lies before that of the record above";
    }
    pos_ = pos;
    return fault;
  }

  static Error Disorder(const char* fault, std::string_view chrom, uint32_t pos, uint64_t record,
                        const std::string& file) {
    return Error(ErrorId::kVariantOrder, fault)
        .InFile(file)
        .AtRecord(record)
        .AtPosition(chrom, pos)
        .Remedy(
            "sort the input by chromosome and position (bcftools sort; plink2 --sort-vars "
            "--make-pgen)");
  }

 private:
  /// PLINK 2 writes the pseudoautosomal ends of X as contigs of their own around it (PAR1, X,
  /// PAR2), here XY, X, XY: one run of positions.
  bool IsWithinX(std::string_view chrom, uint32_t pos) const {
    return pos >= pos_ && ((chrom == "X" && chrom_ == "XY") || (chrom == "XY" && chrom_ == "X"));
  }

  std::string file_, chrom_;  // of the variant before
  uint32_t pos_ = 0;
  std::unordered_set<std::string> seen_;
};

using VariantOrderPtr = std::shared_ptr<VariantOrder>;

}  // namespace kinflow
