#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/graph/tile_sink.h"
#include "stages/export/dosage_text.h"
#include "stages/export/export.h"
#include "stages/export/hard_calls.h"
#include "stages/export/one_copy.h"

namespace kinflow {

/// What every format shares: rows of a tile are encoded in parallel and handed to the file in
/// order.
class ExportSink : public TileSink {
 public:
  Partition partition() const final { return Partition::kByVariants; }
  uint32_t CommittedShards() const final { return 0; }
  uint64_t CommittedVariants(uint32_t) const final { return 0; }
  uint64_t MemoryBytes() const override { return 3 * kBatchBytes; }  // records, BGZF in and out
  void BeginShard(uint32_t) final {}
  void Consume(const DosageTile&, Range) final {}
  void EndTile(const DosageTile& tile) final;
  void SealShard(uint32_t) final {}
  void Finish() final;
  ExportReport Report() const;

 protected:
  ExportSink(const SampleTable& samples, const DosageEncoding& encoding,
             const ExportOptions& options)
      : samples_(samples),
        options_(options),
        calls_(encoding, options.hard_call_threshold),
        one_copy_(samples, options.pedigree) {}

  /// A genotype as text formats have it: the copies of ALT among the alleles written, and whether
  /// the dosage counts those of a genotype that was written with twice as many.
  struct Written {
    uint8_t flags = 0, copies = 0;
    bool half = false;
  };
  Written WrittenCall(ChromClass chrom, uint32_t sample, uint16_t value, uint8_t flags) const {
    const Written as_is{flags, calls_.Call(value, flags), false};
    if ((flags & kCallHaploid) != 0 || as_is.copies == 1 || !one_copy_.Has(chrom, sample)) {
      return as_is;
    }
    const bool none = as_is.copies == HardCalls::kNoCall;
    return {kCallHaploid, none ? as_is.copies : static_cast<uint8_t>(as_is.copies / 2), true};
  }

  /// One record appended to `out`; `values` as RowValues gives them. Called from many threads.
  virtual void Encode(const DosageTile& tile, size_t row, const uint16_t* values,
                      std::string& out) = 0;
  /// Bytes that a record takes, about.
  virtual size_t RecordBytes() const = 0;
  /// Record of `row` of a tile, in order.
  virtual void Write(const DosageTile& tile, size_t row, std::string_view record) = 0;
  /// Closes and publishes; returns the paths.
  virtual std::vector<std::string> Publish() = 0;

  const SampleTable& samples_;
  const ExportOptions& options_;
  HardCalls calls_;
  OneCopy one_copy_;

 private:
  static constexpr size_t kBatchBytes = 16u << 20;

  void CountUncertain(const DosageTile& tile, size_t row, const uint16_t* values);

  std::vector<std::string> records_;
  uint64_t variants_ = 0;
  std::atomic<uint64_t> missing_{0}, uncertain_{0};
  std::vector<std::string> files_;
};

std::unique_ptr<ExportSink> MakeVcfSink(const SampleTable&, const DosageEncoding&,
                                        const ExportOptions&);
std::unique_ptr<ExportSink> MakeBcfSink(const SampleTable&, const DosageEncoding&,
                                        const ExportOptions&);
std::unique_ptr<ExportSink> MakeBedSink(const SampleTable&, const DosageEncoding&,
                                        const ExportOptions&);

/// Header of an exported VCF or BCF. `contigs`: names in order, normalised, for BCF's numbers.
std::string ExportHeader(const SampleTable& samples, const ExportOptions& options, bool hard_calls,
                         bool for_bcf, std::vector<std::string>* contigs);

}  // namespace kinflow
