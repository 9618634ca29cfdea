#include "stages/formats/bed_source.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "stages/formats/bed_decode.h"
#include "stages/formats/bed_files.h"
#include "stages/formats/shard_cutter.h"

namespace kinflow {
namespace {

// Chosen rows no further apart than this are read in one go.
constexpr uint64_t kGapBytes = 256 << 10;

}  // namespace

struct BedSource::Raw : RawBlock {
  uint64_t first = 0;
  uint32_t rows = 0;
  AlignedBuffer bytes;
};

BedSource::BedSource(const std::string& path, uint64_t max_allele, const ReadChoice& choice,
                     const VariantOrderPtr& order)
    : path_(path), file_(FileHandle::OpenRead(path)) {
  const SampleTablePtr all = ReadFamSamples(BedCompanion(path, ".fam"));
  file_samples_ = all->size();
  row_bytes_ = BedRowBytes(file_samples_);
  variants_ = ReadBim(BedCompanion(path, ".bim"), max_allele, *order);
  CheckBed(path, file_samples_, variants_.size());
  if (choice.regions) KeepRegions(*choice.regions);
  choice_ = SampleChoice::Make(all, choice, path);
  Shape(ScanShape{});
}

void BedSource::KeepRegions(const RegionSet& regions) {
  choose_regions_ = true;
  VariantTable kept;
  for (uint64_t row = 0; row < variants_.size(); ++row) {
    if (!regions.Contains(variants_.chrom(row), variants_.pos(row))) continue;
    kept.Append(variants_, row);
    file_row_.push_back(row);
  }
  variants_ = std::move(kept);
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

std::vector<ByteRange> BedSource::ranges() const {
  std::vector<ByteRange> ranges;
  if (!choose_regions_) return ranges;
  ranges.push_back({0, 3});
  for (const uint64_t row : file_row_) {
    const uint64_t begin = 3 + row * row_bytes_;
    if (ranges.back().end == begin) {
      ranges.back().end += row_bytes_;
    } else {
      ranges.push_back({begin, begin + row_bytes_});
    }
  }
  return ranges;
}

bool BedSource::SelectRows(const std::vector<uint64_t>& rows) {
  if (!std::is_sorted(rows.begin(), rows.end()) ||
      (!rows.empty() && rows.back() >= variants_.size())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend and lie within the file")
        .InFile(path_);
  }
  rows_ = rows;
  choose_ = true;
  return true;
}

std::unique_ptr<RawBlock> BedSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint32_t BedSource::ShardOf(uint64_t row) const {
  const auto it = std::upper_bound(shard_begin_.begin(), shard_begin_.end(), row);
  return static_cast<uint32_t>(it - shard_begin_.begin()) - 1;
}

uint64_t BedSource::SpanEnd(uint64_t row) const {
  const uint32_t shard = ShardOf(row);
  const uint64_t shard_end =
      shard + 1 < shard_begin_.size() ? shard_begin_[shard + 1] : variants_.size();
  return std::min(shard_end, row + tile_records_);
}

bool BedSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  const uint64_t skipped = skip_ < shard_begin_.size() ? shard_begin_[skip_] : variants_.size();
  uint64_t end = 0;
  if (choose_) {
    while (next_chosen_ < rows_.size() && rows_[next_chosen_] < skipped) ++next_chosen_;
    if (next_chosen_ == rows_.size()) return false;
    raw.first = rows_[next_chosen_];
    const uint64_t limit = SpanEnd(raw.first), gap = std::max<uint64_t>(1, kGapBytes / row_bytes_);
    for (end = raw.first + 1; ++next_chosen_ < rows_.size();) {
      const uint64_t next = rows_[next_chosen_];
      if (next >= limit || next - (end - 1) > gap) break;
      end = next + 1;
    }
  } else {
    raw.first = std::max(next_row_, skipped);
    if (raw.first >= variants_.size()) return false;
    next_row_ = end = SpanEnd(raw.first);
  }
  raw.rows = static_cast<uint32_t>(end - raw.first);
  raw.block = next_block_++;
  raw.shard = ShardOf(raw.first);
  ReadRows(raw);
  return true;
}

// One read for every run of rows that lie side by side in the file.
void BedSource::ReadRows(Raw& raw) {
  raw.bytes.Resize(raw.rows * row_bytes_);
  for (uint32_t begin = 0, end = 0; begin < raw.rows; begin = end) {
    const uint64_t first = FileRow(raw.first + begin);
    while (++end < raw.rows && FileRow(raw.first + end) == first + (end - begin)) {
    }
    file_.ReadAt(raw.bytes.data() + begin * row_bytes_, (end - begin) * row_bytes_,
                 3 + first * row_bytes_);
  }
  bytes_read_.fetch_add(raw.rows * row_bytes_, std::memory_order_relaxed);
}

void BedSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = raw.first;
  tile.Shape(choice_.table->size(), encoding_, raw.rows);
  tile.calls.Resize(0);
  tile.variants.Clear();
  const size_t used = encoding_.RowBytes(choice_.table->size());
  for (uint32_t r = 0; r < raw.rows; ++r) {
    const uint64_t variant = raw.first + r;
    const uint8_t* row = raw.bytes.data() + r * row_bytes_;
    if (!BedPaddingIsZero(row, file_samples_)) {
      throw Error(ErrorId::kMalformed, "the bits behind the last sample are not zero")
          .InFile(path_)
          .AtRecord(FileRow(variant) + 1)
          .AtPosition(variants_.chrom(variant), variants_.pos(variant))
          .Remedy("the .bed is damaged or its .fam belongs to another file: copy them again");
    }
    uint8_t* out = tile.Row(r);
    if (choice_.all) {
      BedToCopies(row, file_samples_, out);
    } else {
      BedToCopies(row, choice_.source, out);
    }
    std::fill(out + used, out + tile.stride_bytes, uint8_t{0});
    tile.variants.Append(variants_, variant);
  }
}

}  // namespace kinflow
