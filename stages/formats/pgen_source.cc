#include "stages/formats/pgen_source.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/formats/pgen_dosage.h"
#include "stages/formats/pgen_phase.h"
#include "stages/formats/shard_cutter.h"

namespace kinflow {
namespace {

// Chosen records no further apart than this are read in one go.
constexpr uint64_t kGapBytes = 256 << 10;

DosageEncoding PgenEncoding(DosageField field) {
  if (field == DosageField::kDs) return {DosageEncoding::Layout::kU16, kPgenUnits, 0};
  return {DosageEncoding::Layout::kTwoBit, 1, 0};
}

// Calls of chosen samples, four a byte.
void ChooseCalls(const uint64_t* calls, const std::vector<uint32_t>& samples, uint8_t* out) {
  for (size_t i = 0; i < samples.size(); i += 4) {
    uint32_t byte = 0;
    for (size_t k = 0; k < 4 && i + k < samples.size(); ++k) {
      byte |= CallAt(calls, samples[i + k]) << (2 * k);
    }
    out[i / 4] = static_cast<uint8_t>(byte);
  }
}

}  // namespace

struct PgenSource::Raw : RawBlock {
  uint64_t first = 0, end = 0;  // records
  uint64_t base = 0;            // record that the first one compares with, else `first`
  uint64_t base_bytes = 0;      // of it, at the front of `bytes`
  AlignedBuffer bytes;
};

PgenSource::PgenSource(const std::string& path, const DosagePlan& plan, const ReadChoice& choice,
                       const VariantOrderPtr& order)
    : path_(path),
      files_(PgenFiles::Open(path, plan.max_allele, *order)),
      choice_(SampleChoice::Make(files_.samples, choice.keep, path)),
      encoding_(PgenEncoding(plan.field)),
      field_(plan.field),
      keep_calls_(plan.keep_calls) {
  Shape(ScanShape{});
}

void PgenSource::Shape(const ScanShape& shape) {
  tile_records_ = shape.tile_records;
  ShardCutter cutter;
  cutter.Shape(shape, choice_.table->size());
  shard_begin_.clear();
  for (uint64_t record = 0; record < index().variants(); ++record) {
    const auto chrom = files_.variants.rows.chrom(files_.variants.RowOf(record));
    if (cutter.StartsShard(chrom)) shard_begin_.push_back(record);
    cutter.Add(chrom, files_.variants.Alts(record));
  }
}

bool PgenSource::SelectRows(const std::vector<uint64_t>& rows) {
  if (!std::is_sorted(rows.begin(), rows.end()) ||
      (!rows.empty() && rows.back() >= files_.variants.rows.size())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend and lie within the file")
        .InFile(path_);
  }
  chosen_.clear();
  for (const uint64_t row : rows) {
    const uint64_t record = files_.variants.RecordOf(row);
    if (chosen_.empty() || chosen_.back() != record) chosen_.push_back(record);
  }
  choose_ = true;
  return true;
}

void PgenSource::SelectWhere(VariantPredicate wanted) {
  std::vector<uint64_t> rows;
  for (uint64_t row = 0; row < files_.variants.rows.size(); ++row) {
    if (wanted(files_.variants.rows, row)) rows.push_back(row);
  }
  SelectRows(rows);
}

std::vector<ByteRange> PgenSource::ranges() const {
  std::vector<ByteRange> ranges;
  if (!choose_) return ranges;
  AddRange(ranges, 0, index().begin(0));
  uint64_t last_base = UINT64_MAX;
  for (const uint64_t record : chosen_) {
    if (const uint64_t base = index().BaseOf(record); base != last_base) {
      AddRange(ranges, index().begin(base), index().begin(base + 1));
      last_base = base;
    }
    AddRange(ranges, index().begin(record), index().begin(record + 1));
  }
  return ranges;
}

std::unique_ptr<RawBlock> PgenSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint64_t PgenSource::RawBlockBytes(uint32_t tile_records) const {
  return tile_records * (input_bytes() / index().variants() + 1) + 2 * index().largest_record();
}

uint32_t PgenSource::ShardOf(uint64_t record) const {
  const auto it = std::upper_bound(shard_begin_.begin(), shard_begin_.end(), record);
  return static_cast<uint32_t>(it - shard_begin_.begin()) - 1;
}

// End of the longest block that may begin with a record: a full tile of rows, or one record.
uint64_t PgenSource::BlockEnd(uint64_t record) const {
  const uint32_t shard = ShardOf(record);
  const uint64_t shard_end =
      shard + 1 < shard_begin_.size() ? shard_begin_[shard + 1] : index().variants();
  const uint64_t row = files_.variants.RowOf(record) + tile_records_;
  if (row >= files_.variants.RowOf(shard_end)) return shard_end;
  return std::max(record + 1, files_.variants.RecordOf(row));
}

bool PgenSource::NextRange(uint64_t& first, uint64_t& end) {
  const uint64_t skipped = skip_ < shard_begin_.size() ? shard_begin_[skip_] : index().variants();
  if (!choose_) {
    first = std::max(next_record_, skipped);
    if (first >= index().variants()) return false;
    next_record_ = end = BlockEnd(first);
    return true;
  }
  while (next_chosen_ < chosen_.size() && chosen_[next_chosen_] < skipped) ++next_chosen_;
  if (next_chosen_ == chosen_.size()) return false;
  first = chosen_[next_chosen_];
  const uint64_t limit = BlockEnd(first);
  for (end = first + 1; ++next_chosen_ < chosen_.size();) {
    const uint64_t next = chosen_[next_chosen_];
    if (next >= limit || index().begin(next) - index().begin(end) > kGapBytes) break;
    end = next + 1;
  }
  return true;
}

bool PgenSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  if (!NextRange(raw.first, raw.end)) return false;
  raw.block = next_block_++;
  raw.shard = ShardOf(raw.first);
  raw.base = index().BaseOf(raw.first);
  raw.base_bytes = raw.base < raw.first ? index().bytes(raw.base) : 0;
  const uint64_t begin = index().begin(raw.first), size = index().begin(raw.end) - begin;
  raw.bytes.Resize(raw.base_bytes + size);
  files_.file.ReadAt(raw.bytes.data(), raw.base_bytes, index().begin(raw.base));
  files_.file.ReadAt(raw.bytes.data() + raw.base_bytes, size, begin);
  bytes_read_.fetch_add(size, std::memory_order_relaxed);
  return true;
}

RecordPlace PgenSource::PlaceOf(uint64_t record) const {
  const uint64_t row = files_.variants.RowOf(record);
  return {path_, record + 1, files_.variants.rows.chrom(row), files_.variants.rows.pos(row),
          field_};
}

bool PgenSource::AnyPhase(uint64_t first, uint64_t end) const {
  for (uint64_t record = first; record < end; ++record) {
    if (HasPhase(index().type(record))) return true;
  }
  return false;
}

void PgenSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  const PvarVariants& variants = files_.variants;
  const uint64_t first_row = variants.RowOf(raw.first);
  const size_t rows = variants.RowOf(raw.end) - first_row;
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = first_row;
  tile.Shape(choice_.table->size(), encoding_, rows);
  const bool want_phase = keep_calls_ && AnyPhase(raw.first, raw.end);
  tile.calls.Resize(want_phase ? rows * tile.n_samples : 0);
  tile.variants.Clear();
  const bool dosages = encoding_.layout == DosageEncoding::Layout::kU16;
  std::vector<uint16_t> units(choice_.all || !dosages ? 0 : CallWords(index().samples()) * 32);
  PgenDecoder decoder(index().samples());
  if (raw.base < raw.first) {
    decoder.DecodeBase({{raw.bytes.data(), raw.base_bytes}, index().type(raw.base), 1},
                       PlaceOf(raw.base));
  }
  bool any_phase = false;
  const uint8_t* bytes = raw.bytes.data() + raw.base_bytes;
  for (uint64_t record = raw.first; record < raw.end; ++record) {
    const size_t row = variants.RowOf(record) - first_row;
    uint16_t* out = !dosages ? nullptr : choice_.all ? tile.RowU16(row) : units.data();
    auto* calls = dosages || !choice_.all ? nullptr : reinterpret_cast<uint64_t*>(tile.Row(row));
    decoder.Decode({{bytes, index().bytes(record)}, index().type(record), variants.Alts(record)},
                   PlaceOf(record), want_phase, out, calls);
    bytes += index().bytes(record);
    any_phase |= decoder.has_phase();
    WriteRows(decoder, record, tile, row, units);
    for (uint64_t r = variants.RowOf(record); r < variants.RowOf(record + 1); ++r) {
      tile.variants.Append(variants.rows, r);
    }
  }
  if (!any_phase) tile.calls.Resize(0);
}

// Rows of the record last decoded. Calls and dosages of one ALT allele lie in the tile already, or
// in `units` if samples are chosen.
void PgenSource::WriteRows(PgenDecoder& decoder, uint64_t record, DosageTile& tile, size_t row,
                           std::vector<uint16_t>& units) const {
  const uint32_t alts = files_.variants.Alts(record);
  const size_t used = encoding_.RowBytes(tile.n_samples);
  for (uint32_t k = 1; k <= alts; ++k, ++row) {
    uint8_t* out = tile.Row(row);
    if (encoding_.layout == DosageEncoding::Layout::kTwoBit) {
      const uint64_t* calls = decoder.CallsOf(k);
      const auto* bytes = reinterpret_cast<const uint8_t*>(calls);
      if (!choice_.all) {
        ChooseCalls(calls, choice_.source, out);
      } else if (bytes != out) {
        std::copy_n(bytes, used, out);
      }
    } else {
      if (alts > 1) {
        CallsToUnits(decoder.CallsOf(k), index().samples(),
                     choice_.all ? tile.RowU16(row) : units.data());
      }
      for (size_t i = 0; !choice_.all && i < choice_.source.size(); ++i) {
        tile.RowU16(row)[i] = units[choice_.source[i]];
      }
    }
    std::fill(out + used, out + tile.stride_bytes, uint8_t{0});
    if (tile.calls.empty()) continue;
    uint8_t* flags = tile.calls.data() + row * tile.n_samples;
    if (!decoder.has_phase()) {
      std::fill_n(flags, tile.n_samples, uint8_t{0});
      continue;
    }
    const uint8_t* from = decoder.FlagsOf(k);
    for (uint32_t i = 0; i < tile.n_samples; ++i) flags[i] = from[choice_.source[i]];
  }
}

}  // namespace kinflow
