#include "stages/qc/mendel_source.h"

#include <bit>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/kernels/counts.h"
#include "stages/qc/haploid_calls.h"

namespace kinflow {
namespace {

/// Rows of a tile that are checked together.
class CheckedRows {
 public:
  CheckedRows(const MendelChecker& checker, DosageTile& tile) : checker_(checker), tile_(tile) {}

  void Add(size_t row) {
    rows_.push_back(row);
    if (rows_.size() == CallPlanes::kMaxRows) added_.push_back(std::exchange(rows_, {}));
  }
  /// Returns how many calls were set.
  uint64_t SetMissing(Inheritance how, CallPlanes& planes) {
    if (!rows_.empty()) added_.push_back(std::exchange(rows_, {}));
    uint64_t set = 0;
    for (const std::vector<size_t>& rows : added_) set += SetMissing(rows, how, planes);
    return set;
  }

 private:
  uint64_t SetMissing(const std::vector<size_t>& rows, Inheritance how, CallPlanes& planes) {
    std::vector<AlignedBuffer> doubled(rows.size()), packed(rows.size());
    std::vector<const uint8_t*> calls;
    for (size_t i = 0; i < rows.size(); ++i) {
      calls.push_back(TwoBitRow(rows[i], doubled[i], packed[i]));
    }
    uint64_t set = 0;
    for (const MendelChecker::BlamedCalls& blamed : checker_.Blamed(calls, how, planes)) {
      for (uint64_t left = blamed.rows; left != 0; left &= left - 1) {
        SetMissing(rows[static_cast<size_t>(std::countr_zero(left))], blamed.sample);
        ++set;
      }
    }
    return set;
  }
  /// The calls of a row, haploid ones doubled; in the tile itself or in one of the buffers.
  const uint8_t* TwoBitRow(size_t row, AlignedBuffer& doubled, AlignedBuffer& packed) {
    const uint8_t* calls = tile_.Row(row);
    if (AnyHaploid(tile_, row)) {
      doubled.Resize(tile_.stride_bytes);
      DoubleHaploid(tile_, row, doubled.data());
      calls = doubled.data();
    }
    if (tile_.encoding.layout == DosageEncoding::Layout::kTwoBit) return calls;
    packed.Resize((size_t{tile_.n_samples} + 255) / 256 * 64);
    PackCalls(tile_.encoding, 0, calls, tile_.n_samples, packed.data());
    return packed.data();
  }
  void SetMissing(size_t row, uint32_t sample) {
    switch (tile_.encoding.layout) {
      case DosageEncoding::Layout::kTwoBit:
        tile_.Row(row)[sample / 4] |= static_cast<uint8_t>(3u << (2 * (sample % 4)));
        break;
      case DosageEncoding::Layout::kU8:
        tile_.Row(row)[sample] = static_cast<uint8_t>(tile_.encoding.missing());
        break;
      case DosageEncoding::Layout::kU16:
        tile_.RowU16(row)[sample] = static_cast<uint16_t>(tile_.encoding.missing());
        break;
    }
    if (tile_.calls.empty()) return;
    uint8_t& flags = tile_.calls.data()[row * tile_.n_samples + sample];
    flags = static_cast<uint8_t>(flags & kCallHaploid);  // there are no haplotypes left
  }

  const MendelChecker& checker_;
  DosageTile& tile_;
  std::vector<size_t> rows_;
  std::vector<std::vector<size_t>> added_;
};

}  // namespace

MendelSource::MendelSource(std::unique_ptr<GenotypeSource> inner, MendelChecker checker)
    : ForwardingSource(std::move(inner)), checker_(std::move(checker)) {
  if (inner_->encoding().units_per_copy == 1) return;
  throw Error(ErrorId::kBadArgument, "only hard calls are set to missing for Mendel errors")
      .Remedy("read calls (field GT), or export the dosages to .bed first");
}

void MendelSource::Decode(const RawBlock& raw, DosageTile& tile) const {
  inner_->Decode(raw, tile);
  if (checker_.trios().empty()) return;
  constexpr Inheritance kAll[] = {Inheritance::kBothParents, Inheritance::kX, Inheritance::kY};
  CallPlanes planes(tile.n_samples);
  for (const Inheritance how : kAll) {
    CheckedRows rows(checker_, tile);
    for (size_t r = 0; r < tile.rows(); ++r) {
      if (checker_.InheritanceOf(tile.variants.chrom_class(r), tile.variants.pos(r)) == how) {
        rows.Add(r);
      }
    }
    calls_set_ += rows.SetMissing(how, planes);
  }
}

}  // namespace kinflow
