#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// A source that changes what another one decodes and leaves how it is read alone. Owns the inner
/// source; thread-safety is that of GenotypeSource.
class ForwardingSource : public GenotypeSource {
 public:
  explicit ForwardingSource(std::unique_ptr<GenotypeSource> inner) : inner_(std::move(inner)) {}

  const SampleTablePtr& samples() const override { return inner_->samples(); }
  const DosageEncoding& encoding() const override { return inner_->encoding(); }
  std::optional<uint64_t> variant_count() const override { return inner_->variant_count(); }
  uint64_t input_bytes() const override { return inner_->input_bytes(); }
  uint64_t bytes_read() const override { return inner_->bytes_read(); }
  void Shape(const ScanShape& shape) override { inner_->Shape(shape); }
  bool SelectRows(const std::vector<uint64_t>& rows) override { return inner_->SelectRows(rows); }
  void SelectWhere(VariantPredicate predicate) override {
    inner_->SelectWhere(std::move(predicate));
  }
  void UseFlags(uint8_t flags) override { inner_->UseFlags(flags); }
  uint8_t FlagsGiven(uint8_t used) const override { return inner_->FlagsGiven(used); }
  std::unique_ptr<RawBlock> NewRawBlock() const override { return inner_->NewRawBlock(); }
  bool Read(RawBlock& raw) override { return inner_->Read(raw); }
  void Decode(const RawBlock& raw, DosageTile& tile) const override { inner_->Decode(raw, tile); }
  void SkipShards(uint32_t n) override { inner_->SkipShards(n); }
  std::vector<std::string> Warnings() const override { return inner_->Warnings(); }
  uint32_t LeastBlockRecords() const override { return inner_->LeastBlockRecords(); }
  uint64_t RawBlockBytes(uint32_t records) const override { return inner_->RawBlockBytes(records); }

 protected:
  std::unique_ptr<GenotypeSource> inner_;
};

}  // namespace kinflow
