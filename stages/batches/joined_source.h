#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/graph/genotype_source.h"
#include "stages/batches/join_pieces.h"
#include "stages/batches/value_map.h"
#include "stages/formats/store_source.h"

namespace kinflow {

/// The pieces of a join (join_artifact.h).
struct JoinPieceFiles {
  std::vector<uint64_t> rows;  // joined variants of each piece
  std::vector<std::string> chroms;
  std::function<JoinPiece(size_t i)> open;
};

/// Stores of several batches as one source: their people one batch after the other, the variants
/// that all have. Rows lie anywhere in the stores: a block fetches the bands of chunks that hold
/// its rows, each read once and inflated once while neighbouring blocks share it. Shards end with
/// chromosomes and with the number of genotypes of ScanShape, as those of one file do.
class JoinedSource : public GenotypeSource {
 public:
  /// `samples`: of all batches, in their order.
  JoinedSource(JoinPieceFiles pieces, std::vector<StoreShards> batches, SampleTablePtr samples);
  ~JoinedSource() override;

  const SampleTablePtr& samples() const override { return samples_; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return piece_begin_.back(); }
  uint64_t input_bytes() const override { return input_bytes_; }
  uint64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  void Shape(const ScanShape& shape) override;
  bool SelectRows(const std::vector<uint64_t>& rows) override;
  void SelectWhere(VariantPredicate wanted) override { wanted_ = std::move(wanted); }
  /// Flags of haploid calls are always read: they decide what the other allele's dosage is.
  void UseFlags(uint8_t flags) override { flags_ = static_cast<uint8_t>(flags | kCallHaploid); }
  /// Of any used, as whole bytes are stored. Shards tell whether they have flags when they are
  /// opened, after all of their bytes were checked: the plan takes it that they have.
  uint8_t FlagsGiven(uint8_t) const override { return 0xff; }
  std::unique_ptr<RawBlock> NewRawBlock() const override;
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  uint64_t RawBlockBytes(uint32_t tile_records) const override;

 private:
  struct Raw;
  struct Batch;
  void OpenPiece(size_t piece);
  bool NextSlice(uint64_t& begin, uint64_t& end);
  uint64_t NextWanted(uint64_t row, uint64_t end);
  void DecodeRow(const Raw& raw, size_t r, DosageTile& tile) const;

  JoinPieceFiles pieces_;
  std::vector<std::unique_ptr<Batch>> batches_;
  SampleTablePtr samples_;
  DosageEncoding encoding_;
  std::vector<uint64_t> piece_begin_;  // first row of each piece, then the total
  std::vector<uint64_t> shard_begin_;  // the same of shards
  std::shared_ptr<const JoinPiece> piece_;
  size_t open_piece_ = SIZE_MAX;
  std::optional<std::vector<uint64_t>> rows_;
  VariantPredicate wanted_;
  uint32_t tile_records_ = 256;
  uint8_t flags_ = 0xff;
  uint32_t skip_ = 0;
  uint64_t next_row_ = 0, next_block_ = 0;
  uint64_t input_bytes_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
};

}  // namespace kinflow
