#include "stages/formats/store_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

// Rows [begin, end) of a dataset out of the bands that cover them; `out` has `stride` bytes a row.
void ExpandRows(const DosageReader& reader, const std::vector<DosageReader::RawBand>& bands,
                uint64_t begin, uint64_t end, uint8_t* out, size_t stride) {
  const uint64_t height = reader.rows_per_chunk();
  AlignedBuffer scratch;
  for (const auto& band : bands) {
    const uint64_t first = band.band * height;
    const uint64_t last = std::min(first + height, reader.rows());
    if (first >= begin && last <= end) {
      reader.Expand(band, out + (first - begin) * stride, stride);
      continue;
    }
    scratch.Resize((last - first) * stride);
    reader.Expand(band, scratch.data(), stride);
    const uint64_t from = std::max(begin, first), to = std::min(end, last);
    std::copy(scratch.data() + (from - first) * stride, scratch.data() + (to - first) * stride,
              out + (from - begin) * stride);
  }
}

}  // namespace

uint8_t StoredFlagBits(const H5Reader& shard) {
  if (!shard.Has(layout::kCalls)) return 0;
  if (!shard.HasAttribute(layout::kCalls, layout::kFlagBits)) return 0xff;
  return static_cast<uint8_t>(shard.AttributeInt(layout::kCalls, layout::kFlagBits));
}

struct StoreSource::Shard {
  Shard(H5Reader reader, const SampleChoice& choice, uint8_t flags)
      : file(std::move(reader)),
        dosage(file, layout::kDosage),
        variants(file.ReadVariants(layout::kVariants)),
        columns(dosage.samples()) {
    if ((StoredFlagBits(file) & flags) != 0) calls.emplace(file, layout::kCalls);
    if (choice.all || columns != choice.target.size()) return;
    dosage.SelectSamples(choice.source);
    if (calls) calls->SelectSamples(choice.source);
  }
  H5Reader file;
  DosageReader dosage;
  std::optional<DosageReader> calls;
  VariantTable variants;
  uint32_t columns;
};

struct StoreSource::Raw : RawBlock {
  std::shared_ptr<Shard> file;
  uint64_t first = 0;           // in plan order
  uint64_t begin = 0, end = 0;  // within the shard
  std::vector<DosageReader::RawBand> dosage, calls;
};

StoreSource::StoreSource(const ArtifactStore& store, Manifest manifest, SampleTablePtr samples)
    : StoreSource({store.FolderOf(manifest.kind, manifest.key), manifest.shards,
                   [&store, manifest](size_t i) { return store.Open(manifest, i); }},
                  SampleChoice::Make(std::move(samples), {}, "")) {}

StoreSource::StoreSource(StoreShards shards, SampleChoice choice)
    : shards_(std::move(shards)), choice_(std::move(choice)) {
  uint64_t rows = 0;
  size_t first = SIZE_MAX;
  for (size_t i = 0; i < shards_.records.size(); ++i) {
    if (first == SIZE_MAX && shards_.records[i].rows > 0) first = i;
    shard_begin_.push_back(rows);
    rows += shards_.records[i].rows;
    input_bytes_ += shards_.records[i].bytes;
  }
  shard_begin_.push_back(rows);
  if (rows == 0) {
    throw Error(ErrorId::kNoVariantsLeft, "the dosage store has no variant")
        .InFile(shards_.path)
        .Remedy("the selection it was made with fits nothing: load again with another one");
  }
  // Its attributes alone are read here; who reads its rows opens it again.
  encoding_ = DosageReader(shards_.open(first), layout::kDosage).encoding();
}

StoreSource::~StoreSource() = default;

void StoreSource::OpenShard(size_t shard) {
  if (open_shard_ == shard) return;
  auto next = std::make_shared<Shard>(shards_.open(shard), choice_, flags_);
  const uint64_t rows = shard_begin_[shard + 1] - shard_begin_[shard];
  if (next->dosage.rows() != rows || next->variants.size() != rows ||
      next->columns != choice_.target.size() || !(next->dosage.encoding() == encoding_)) {
    throw Error(ErrorId::kShardDamaged,
                fmt::format("the shard has {} x {} dosages, {} x {} are expected",
                            next->dosage.rows(), next->columns, rows, choice_.target.size()))
        .InFile(next->file.path())
        .Remedy("run `kinflow verify` on the work folder");
  }
  current_ = std::move(next);
  open_shard_ = shard;
}

bool StoreSource::SelectRows(const std::vector<uint64_t>& rows) {
  if (!std::is_sorted(rows.begin(), rows.end()) ||
      (!rows.empty() && rows.back() >= shard_begin_.back())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend and lie within the store");
  }
  rows_ = rows;
  choose_ = true;
  return true;
}

std::unique_ptr<RawBlock> StoreSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint32_t StoreSource::LeastBlockRecords() const {
  return std::max(layout::ChunkRows(encoding_.layout),
                  layout::ChunkRows(DosageEncoding::Layout::kU8));
}

uint64_t StoreSource::RawBlockBytes(uint32_t tile_records) const {
  // Compressed, and one band at least. Which shards have flags is known when they are opened.
  const auto bytes = [&](const DosageEncoding& encoding) {
    const uint64_t rows = std::max<uint64_t>(tile_records, layout::ChunkRows(encoding.layout));
    return rows * encoding.RowBytes(choice_.target.size()) / 2;
  };
  return bytes(encoding_) + (flags_ != 0 ? bytes(DosageEncoding{}) : 0) + (64 << 10);
}

// Blocks keep to bands of chunks, so that none is inflated twice, unless tiles are smaller.
uint64_t StoreSource::SliceEnd(uint64_t row) const {
  const uint64_t height = current_->dosage.rows_per_chunk(), band = row / height;
  const uint64_t end = tile_records_ >= height ? (band + tile_records_ / height) * height
                                               : std::min(row + tile_records_, (band + 1) * height);
  return std::min(end, current_->dosage.rows());
}

// Fills rows_ with what is wanted of the next shard that has anything.
bool StoreSource::FindWanted() {
  next_shard_ = std::max<size_t>(next_shard_, skip_);
  while (next_shard_ < shards_.records.size()) {
    const size_t shard = next_shard_++;
    if (shards_.records[shard].rows == 0) continue;
    OpenShard(shard);
    rows_.clear();
    next_chosen_ = 0;
    for (size_t r = 0; r < current_->variants.size(); ++r) {
      if (wanted_(current_->variants, r)) rows_.push_back(shard_begin_[shard] + r);
    }
    if (!rows_.empty()) return true;
  }
  return false;
}

bool StoreSource::NextSlice(uint64_t& begin, uint64_t& end) {
  uint64_t row = std::max(next_row_, shard_begin_[std::min<size_t>(skip_, shards_.records.size())]);
  if (choose_ || wanted_) {
    while (next_chosen_ < rows_.size() && rows_[next_chosen_] < row) ++next_chosen_;
    if (next_chosen_ == rows_.size() && !(wanted_ && FindWanted())) return false;
    row = rows_[next_chosen_];
  }
  if (row >= shard_begin_.back()) return false;
  const auto it = std::upper_bound(shard_begin_.begin(), shard_begin_.end(), row);
  const auto shard = static_cast<size_t>(it - shard_begin_.begin()) - 1;
  OpenShard(shard);
  const uint64_t height = current_->dosage.rows_per_chunk(), base = shard_begin_[shard];
  begin = row - base;
  if ((choose_ || wanted_) && tile_records_ >= height)
    begin = std::max(begin / height * height, next_row_ > base ? next_row_ - base : 0);
  end = SliceEnd(begin);
  if (choose_ || wanted_) {
    // Bands behind the last wanted row are left out; a band without any ends the block.
    uint64_t last = row - base;
    while (++next_chosen_ < rows_.size()) {
      const uint64_t next = rows_[next_chosen_] - base;
      if (next >= end || next / height > last / height + 1) break;
      last = next;
    }
    end = std::min(end, tile_records_ >= height ? (last / height + 1) * height : last + 1);
  }
  next_row_ = base + end;
  return true;
}

bool StoreSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  uint64_t begin = 0, end = 0;
  if (!NextSlice(begin, end)) return false;
  raw.file = current_;
  raw.begin = begin;
  raw.end = end;
  raw.first = shard_begin_[open_shard_] + begin;
  raw.block = next_block_++;
  raw.shard = static_cast<uint32_t>(open_shard_);
  const uint64_t height = current_->dosage.rows_per_chunk();
  const uint64_t first = begin / height, last = (end - 1) / height;
  raw.dosage.resize(last - first + 1);
  raw.calls.resize(current_->calls ? last - first + 1 : 0);
  uint64_t bytes = 0;
  for (uint64_t band = first; band <= last; ++band) {
    current_->dosage.ReadBand(band, raw.dosage[band - first]);
    for (const auto& chunk : raw.dosage[band - first].chunks) bytes += chunk.size();
  }
  if (current_->calls) {
    const uint64_t rows = current_->calls->rows_per_chunk();
    raw.calls.resize((end - 1) / rows - begin / rows + 1);
    for (size_t i = 0; i < raw.calls.size(); ++i) {
      current_->calls->ReadBand(begin / rows + i, raw.calls[i]);
      for (const auto& chunk : raw.calls[i].chunks) bytes += chunk.size();
    }
  }
  bytes_read_.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

void StoreSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  const uint32_t n = choice_.table->size();
  const size_t rows = raw.end - raw.begin;
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = raw.first;
  tile.Shape(n, encoding_, rows);
  ExpandRows(raw.file->dosage, raw.dosage, raw.begin, raw.end, tile.values.data(),
             tile.stride_bytes);
  const size_t used = encoding_.RowBytes(n);
  for (size_t r = 0; r < rows; ++r) {
    std::fill(tile.Row(r) + used, tile.Row(r) + tile.stride_bytes, uint8_t{0});
  }
  tile.calls.Resize(raw.file->calls ? rows * n : 0);
  if (raw.file->calls) {
    ExpandRows(*raw.file->calls, raw.calls, raw.begin, raw.end, tile.calls.data(), n);
    const uint8_t* flags = tile.calls.data();
    if (std::all_of(flags, flags + rows * n, [](uint8_t f) { return f == 0; })) {
      tile.calls.Resize(0);
    }
  }
  tile.variants.Clear();
  for (uint64_t r = raw.begin; r < raw.end; ++r) tile.variants.Append(raw.file->variants, r);
}

}  // namespace kinflow
