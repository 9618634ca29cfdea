#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stages/batches/batch_sites.h"

namespace kinflow {

/// Frequencies of one allele in two groups that lie further apart than chance and ancestry explain:
/// strands of A/T and C/G variants, or a batch effect.
inline constexpr double kLargeFrequencyGap = 0.2;

/// A run of joined variants of one chromosome and of what was left out among them.
struct JoinPiece {
  std::string chrom;
  VariantTable variants;                      // as joined (README.md)
  std::vector<std::vector<uint64_t>> rows;    // by batch: row in the batch
  std::vector<std::vector<uint8_t>> swapped;  // by batch: 1 = REF and ALT are turned
  std::vector<std::vector<double>> alt_freq;  // by batch, of the joined ALT
  VariantTable left_out;
  std::vector<uint32_t> left_out_of;  // the batch that has it
  std::vector<uint8_t> reason;        // LeftOut
  std::vector<uint32_t> other;        // SiteMatcher::Loss::other
};

/// What became of the variants of one batch.
struct BatchTotals {
  uint64_t variants = 0, common = 0, swapped = 0;
  uint64_t swapped_palindromes = 0;  // of those: strands and alleles cannot be told apart
  uint64_t frequency_differs = 0;    // from that of the other batches, by kLargeFrequencyGap
  std::array<uint64_t, kLeftOutReasons> left_out{};
};

/// Joins batches piece by piece, in the order of the first batch. A function of the tables alone.
class BatchJoin {
 public:
  static constexpr size_t kPieceRows = size_t{1} << 18;  // joined and left out; results do not
                                                         // depend on it

  /// `batches` must outlive it; two at least.
  explicit BatchJoin(const std::vector<BatchTable>& batches, size_t piece_rows = kPieceRows);
  /// The next piece, or false at the end.
  bool Next(JoinPiece& piece);
  /// By batch; whole behind the last piece.
  const std::vector<BatchTotals>& totals() const { return totals_; }

 private:
  void Join(JoinPiece& piece);
  void Append(size_t match, JoinPiece& piece);
  void CountFrequencies(size_t match, const JoinPiece& piece);

  const std::vector<BatchTable>& batches_;
  size_t piece_rows_;
  std::vector<std::string> chroms_;
  size_t next_chrom_ = 0;
  std::unique_ptr<ChromosomeSites> sites_;
  SiteMatcher matcher_;
  std::vector<BatchTotals> totals_;
};

}  // namespace kinflow
