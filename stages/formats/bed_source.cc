#include "stages/formats/bed_source.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/formats/bed_decode.h"
#include "stages/formats/bed_files.h"
#include "stages/formats/shard_cutter.h"

namespace kinflow {
namespace {

// Chosen rows no further apart than this lie in one block: as much as is read and decoded in the
// time that a block of its own takes.
constexpr uint64_t kGapBytes = 64 << 10;
// Read at once: still in the cache of the core when it is decoded.
constexpr uint64_t kReadBytes = 128 << 10;
// A gap in what is read at once costs less than a further call.
constexpr uint64_t kReadGapBytes = 16 << 10;
constexpr uint64_t kBedHeaderBytes = 3;

}  // namespace

struct BedSource::Raw : RawBlock {
  uint64_t first = 0;
  uint32_t rows = 0;
  Range chosen;  // of BedSource::rows_, if rows are chosen
};

BedSource::BedSource(const std::string& path, uint64_t max_allele, const ReadChoice& choice,
                     const VariantOrderPtr& order)
    : path_(path), file_(FileHandle::OpenRead(path)) {
  BedFiles files = BedFiles::Open(path, max_allele, *order);
  file_samples_ = files.samples->size();
  row_bytes_ = BedRowBytes(file_samples_);
  variants_ = std::move(files.variants);
  choice_ = SampleChoice::Make(files.samples, choice.keep, path);
  Shape(ScanShape{});
}

void BedSource::Shape(const ScanShape& shape) {
  tile_records_ = shape.tile_records;
  ShardCutter cutter;
  cutter.Shape(shape, choice_.table->size());
  shard_begin_.clear();
  for (uint64_t row = 0; row < variants_.size(); ++row) {
    if (cutter.StartsShard(variants_.chrom(row))) shard_begin_.push_back(row);
    cutter.Add(variants_.chrom(row), 1);
  }
}

void BedSource::ChooseRows(const std::vector<uint64_t>& rows) {
  if (!std::is_sorted(rows.begin(), rows.end()) ||
      (!rows.empty() && rows.back() >= variants_.size())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend and lie within the file")
        .InFile(path_);
  }
  rows_ = rows;
  choose_ = true;
}

bool BedSource::SelectRows(const std::vector<uint64_t>& rows) {
  ChooseRows(rows);
  only_chosen_ = false;  // rows of a tile are numbered from its first
  return true;
}

void BedSource::SelectWhere(VariantPredicate wanted) {
  std::vector<uint64_t> rows;
  for (uint64_t row = 0; row < variants_.size(); ++row) {
    if (wanted(variants_, row)) rows.push_back(row);
  }
  ChooseRows(rows);
  only_chosen_ = true;
}

std::vector<ByteRange> BedSource::ranges() const {
  std::vector<ByteRange> ranges;
  if (!choose_) return ranges;
  AddRange(ranges, 0, kBedHeaderBytes);
  for (const uint64_t row : rows_) {
    const uint64_t begin = kBedHeaderBytes + row * row_bytes_;
    AddRange(ranges, begin, begin + row_bytes_);
  }
  return ranges;
}

std::unique_ptr<RawBlock> BedSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint32_t BedSource::ShardOf(uint64_t row) const {
  const auto it = std::upper_bound(shard_begin_.begin(), shard_begin_.end(), row);
  return static_cast<uint32_t>(it - shard_begin_.begin()) - 1;
}

uint64_t BedSource::ShardEnd(uint64_t row) const {
  const uint32_t shard = ShardOf(row);
  return shard + 1 < shard_begin_.size() ? shard_begin_[shard + 1] : variants_.size();
}

bool BedSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  const uint64_t skipped = skip_ < shard_begin_.size() ? shard_begin_[skip_] : variants_.size();
  uint64_t end = 0;
  if (choose_) {
    while (next_chosen_ < rows_.size() && rows_[next_chosen_] < skipped) ++next_chosen_;
    if (next_chosen_ == rows_.size()) return false;
    raw.first = rows_[next_chosen_];
    raw.chosen.begin = static_cast<uint32_t>(next_chosen_);
    const uint64_t limit = ShardEnd(raw.first), gap = std::max<uint64_t>(1, kGapBytes / row_bytes_);
    for (end = raw.first + 1; ++next_chosen_ < rows_.size();) {
      const uint64_t next = rows_[next_chosen_];
      const uint64_t held = only_chosen_ ? next_chosen_ - raw.chosen.begin : next - raw.first;
      if (next >= limit || held >= tile_records_ || next - (end - 1) > gap) break;
      end = next + 1;
    }
    raw.chosen.end = static_cast<uint32_t>(next_chosen_);
  } else {
    raw.first = std::max(next_row_, skipped);
    if (raw.first >= variants_.size()) return false;
    next_row_ = end = std::min(ShardEnd(raw.first), raw.first + tile_records_);
  }
  raw.rows = static_cast<uint32_t>(end - raw.first);
  raw.block = next_block_++;
  raw.shard = ShardOf(raw.first);
  bytes_read_.fetch_add(raw.rows * row_bytes_, std::memory_order_relaxed);
  return true;
}

uint64_t BedSource::RowsAtOnce() const { return std::max<uint64_t>(1, kReadBytes / row_bytes_); }

void BedSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = raw.first;
  tile.Shape(choice_.table->size(), encoding_, only_chosen_ ? raw.chosen.size() : raw.rows);
  tile.calls.Resize(0);
  tile.variants.Clear();
  // Nobody looks at the rows between those that are chosen.
  const uint32_t n = choose_ ? raw.chosen.size() : raw.rows;
  const auto row = [&](uint32_t i) {
    return choose_ ? rows_[raw.chosen.begin + i] : raw.first + i;
  };
  if (only_chosen_) {
    for (uint32_t i = 0; i < n; ++i) tile.variants.Append(variants_, row(i));
  } else {
    for (uint32_t r = 0; r < raw.rows; ++r) tile.variants.Append(variants_, raw.first + r);
  }
  AlignedBuffer bytes;
  const uint64_t most = RowsAtOnce(), gap = 1 + kReadGapBytes / row_bytes_;
  for (uint32_t begin = 0, end = 0; begin < n; begin = end) {
    const uint64_t first = row(begin);
    for (end = begin + 1; end < n; ++end) {
      if (row(end) - first >= most || row(end) - row(end - 1) > gap) break;
    }
    const uint64_t size = (row(end - 1) + 1 - first) * row_bytes_;
    bytes.Resize(size);
    file_.ReadAt(bytes.data(), size, kBedHeaderBytes + first * row_bytes_);
    for (uint32_t i = begin; i < end; ++i) {
      DecodeRow(bytes.data() + (row(i) - first) * row_bytes_,
                only_chosen_ ? i : static_cast<uint32_t>(row(i) - raw.first), tile);
    }
  }
}

void BedSource::DecodeRow(const uint8_t* row, uint32_t r, DosageTile& tile) const {
  if (!BedPaddingIsZero(row, file_samples_)) {
    padded_rows_.fetch_add(1, std::memory_order_relaxed);
  }
  uint8_t* out = tile.Row(r);
  if (choice_.all) {
    BedToCopies(row, file_samples_, out);
  } else {
    BedToCopies(row, choice_.source, out);
  }
  const size_t used = encoding_.RowBytes(choice_.table->size());
  std::fill(out + used, out + tile.stride_bytes, uint8_t{0});
}

}  // namespace kinflow
