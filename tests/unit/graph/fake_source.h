#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/philox.h"
#include "pipeline/graph/genotype_source.h"
#include "pipeline/graph/tile_sink.h"

namespace kinflow::test {

/// Variants with pseudo-random u8 dosages that depend on (row, sample) only; three records in a
/// hundred are "multi-allelic" and give two rows.
class FakeSource : public GenotypeSource {
 public:
  FakeSource(uint32_t n_samples, uint64_t n_records, uint64_t records_per_shard)
      : n_records_(n_records), per_shard_(records_per_shard) {
    std::vector<std::string> iids;
    for (uint32_t i = 0; i < n_samples; ++i) iids.push_back("s" + std::to_string(i));
    samples_ = SampleTable::Build({}, iids, {}, "fake");
    encoding_ = DosageEncoding::ForUnits(1);
  }
  struct Raw : RawBlock {
    uint64_t first = 0, count = 0;
  };

  const SampleTablePtr& samples() const override { return samples_; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return std::nullopt; }
  uint64_t input_bytes() const override { return n_records_; }
  uint64_t bytes_read() const override { return read_; }
  void Shape(const ScanShape& shape) override { shape_ = shape; }
  uint8_t FlagsGiven(uint8_t used) const override {
    return static_cast<uint8_t>((flags_given_ & used) | unasked_);
  }
  std::unique_ptr<RawBlock> NewRawBlock() const override {
    ++raw_blocks_;
    return std::make_unique<Raw>();
  }
  bool Read(RawBlock& raw) override {
    if (next_ == n_records_) return false;
    auto& r = static_cast<Raw&>(raw);
    r.block = block_++;
    r.shard = static_cast<uint32_t>(next_ / per_shard_);
    r.first = next_;
    const uint64_t shard_end = (next_ / per_shard_ + 1) * per_shard_;
    r.count = std::min<uint64_t>({shape_.tile_records, n_records_ - next_, shard_end - next_});
    next_ += r.count;
    read_ = next_;
    if (fail_read_at_ <= r.first) throw Error(ErrorId::kReadFailed, "read");
    return true;
  }
  void Decode(const RawBlock& raw, DosageTile& tile) const override {
    const auto& r = static_cast<const Raw&>(raw);
    std::this_thread::sleep_for(std::chrono::microseconds((r.first * 7919) % 200));  // reorder
    if (r.first % 2 == 1) std::this_thread::yield();
    for (uint64_t i = r.first; i < r.first + r.count; ++i) {
      for (uint64_t bad : fail_decode_at_) {
        if (i == bad) throw Error(ErrorId::kMalformed, "decode").AtRecord(bad);
      }
      for (int k = 0; k < (i % 33 == 0 ? 2 : 1); ++k) {
        tile.variants.Append("1", static_cast<uint32_t>(i + 1), ".", "A", k == 0 ? "C" : "G");
      }
    }
    tile.Shape(samples_->size(), encoding_, tile.variants.size());
    for (size_t row = 0; row < tile.rows(); ++row) {
      Philox random(tile.variants.pos(row), tile.variants.alt(row)[0]);
      for (uint32_t s = 0; s < tile.n_samples; ++s) {
        tile.Row(row)[s] = static_cast<uint8_t>(random.Below(3));
      }
    }
  }
  void SkipShards(uint32_t n) override { next_ = std::min(n_records_, n * per_shard_); }
  uint64_t RawBlockBytes(uint32_t records) const override { return records * 16; }

  uint64_t fail_read_at_ = UINT64_MAX;
  std::vector<uint64_t> fail_decode_at_;
  mutable std::atomic<int> raw_blocks_ = 0;
  uint8_t flags_given_ = 0, unasked_ = 0;

 private:
  SampleTablePtr samples_;
  DosageEncoding encoding_;
  ScanShape shape_;
  uint64_t n_records_, per_shard_, next_ = 0, block_ = 0;
  std::atomic<uint64_t> read_{0};
};

/// Sums irrational weights x dosage per sample: any change of order shows in the last bits. Shard
/// sums are "committed" to memory, as real sinks commit to files.
class SumSink : public TileSink {
 public:
  SumSink(uint32_t n_samples, Partition partition) : partition_(partition), acc_(n_samples) {}

  Partition partition() const override { return partition_; }
  uint32_t CommittedShards() const override { return static_cast<uint32_t>(committed_.size()); }
  uint64_t CommittedVariants(uint32_t shards) const override {
    uint64_t n = 0;
    for (uint32_t i = 0; i < shards; ++i) n += shard_rows_[i];
    return n;
  }
  void BeginShard(uint32_t shard) override {
    EXPECT_LE(shard, committed_.size());
    shard_ = shard;
    rows_ = 0;
    acc_.assign(acc_.size(), 0.0);
  }
  void BeginTile(const DosageTile& tile) override {
    EXPECT_EQ(tile.first_variant, next_row_);
    next_row_ += tile.rows();
    rows_ += tile.rows();
    row_sums_.assign(tile.rows(), 0);
  }
  void Consume(const DosageTile& tile, Range part) override {
    if (partition_ == Partition::kByVariants) {
      for (uint32_t r = part.begin; r < part.end; ++r) {
        for (uint32_t s = 0; s < tile.n_samples; ++s) row_sums_[r] += tile.Row(r)[s];
      }
      return;
    }
    for (size_t r = 0; r < tile.rows(); ++r) {
      const double w = 1.0 / (1.0 + std::sqrt(static_cast<double>(tile.first_variant + r)));
      for (uint32_t s = part.begin; s < part.end; ++s) acc_[s] += w * tile.Row(r)[s];
    }
  }
  void EndTile(const DosageTile&) override {
    for (double sum : row_sums_) acc_[0] += sum * 1e-3;
  }
  void SealShard(uint32_t shard) override {
    if (shard < committed_.size()) {
      EXPECT_EQ(committed_[shard], acc_);
      return;
    }
    committed_.push_back(acc_);
    shard_rows_.push_back(rows_);
    if (on_seal) on_seal(shard);
  }
  void Finish() override { finished = true; }

  std::vector<std::vector<double>> committed_;
  std::vector<uint64_t> shard_rows_;
  uint64_t next_row_ = 0;
  bool finished = false;
  std::function<void(uint32_t)> on_seal;

 private:
  Partition partition_;
  uint32_t shard_ = 0;
  uint64_t rows_ = 0;
  std::vector<double> acc_;
  std::vector<double> row_sums_;
};

}  // namespace kinflow::test
