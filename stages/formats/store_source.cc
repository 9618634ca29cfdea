#include "stages/formats/store_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

constexpr char kDosage[] = "/dosage";
constexpr char kCalls[] = "/calls";
constexpr char kVariants[] = "/variants";

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

struct StoreSource::Shard {
  explicit Shard(H5Reader reader)
      : file(std::move(reader)), dosage(file, kDosage), variants(file.ReadVariants(kVariants)) {
    if (file.Has(kCalls)) calls.emplace(file, kCalls);
  }
  H5Reader file;
  DosageReader dosage;
  std::optional<DosageReader> calls;
  VariantTable variants;
};

struct StoreSource::Raw : RawBlock {
  std::shared_ptr<Shard> file;
  uint64_t first = 0;           // in plan order
  uint64_t begin = 0, end = 0;  // within the shard
  std::vector<DosageReader::RawBand> dosage, calls;
};

StoreSource::StoreSource(const ArtifactStore& store, Manifest manifest, SampleTablePtr samples)
    : store_(store), manifest_(std::move(manifest)), samples_(std::move(samples)) {
  uint64_t rows = 0;
  for (const auto& shard : manifest_.shards) {
    shard_begin_.push_back(rows);
    rows += shard.rows;
    input_bytes_ += shard.bytes;
  }
  shard_begin_.push_back(rows);
  if (manifest_.shards.empty()) {
    throw Error(ErrorId::kManifestDamaged, "the dosage store has no shard")
        .InFile(store_.FolderOf(manifest_.kind, manifest_.key))
        .Remedy("remove the folder and run again");
  }
  OpenShard(0);
  encoding_ = current_->dosage.encoding();
}

StoreSource::~StoreSource() = default;

void StoreSource::OpenShard(size_t shard) {
  if (open_shard_ == shard) return;
  auto next = std::make_shared<Shard>(store_.Open(manifest_, shard));
  const uint64_t rows = shard_begin_[shard + 1] - shard_begin_[shard];
  if (next->dosage.rows() != rows || next->variants.size() != rows ||
      next->dosage.samples() != samples_->size() ||
      (open_shard_ != SIZE_MAX && !(next->dosage.encoding() == encoding_))) {
    throw Error(ErrorId::kShardDamaged,
                fmt::format("the shard has {} x {} dosages, its manifest says {} x {}",
                            next->dosage.rows(), next->dosage.samples(), rows, samples_->size()))
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

uint64_t StoreSource::RawBlockBytes(uint32_t tile_records) const {
  // Compressed, and one band at least.
  const uint64_t rows = std::max<uint64_t>(tile_records, current_->dosage.rows_per_chunk());
  return rows * encoding_.RowBytes(samples_->size()) / 2 + (64 << 10);
}

// Blocks keep to bands of chunks, so that none is inflated twice, unless tiles are smaller.
uint64_t StoreSource::SliceEnd(uint64_t row) const {
  const uint64_t height = current_->dosage.rows_per_chunk(), band = row / height;
  const uint64_t end = tile_records_ >= height ? (band + tile_records_ / height) * height
                                               : std::min(row + tile_records_, (band + 1) * height);
  return std::min(end, current_->dosage.rows());
}

bool StoreSource::NextSlice(uint64_t& begin, uint64_t& end) {
  uint64_t row =
      std::max(next_row_, shard_begin_[std::min<size_t>(skip_, manifest_.shards.size())]);
  if (choose_) {
    while (next_chosen_ < rows_.size() && rows_[next_chosen_] < row) ++next_chosen_;
    if (next_chosen_ == rows_.size()) return false;
    row = rows_[next_chosen_];
  }
  if (row >= shard_begin_.back()) return false;
  const auto it = std::upper_bound(shard_begin_.begin(), shard_begin_.end(), row);
  const auto shard = static_cast<size_t>(it - shard_begin_.begin()) - 1;
  OpenShard(shard);
  const uint64_t height = current_->dosage.rows_per_chunk(), base = shard_begin_[shard];
  begin = row - base;
  if (choose_ && tile_records_ >= height)
    begin = std::max(begin / height * height, next_row_ > base ? next_row_ - base : 0);
  end = SliceEnd(begin);
  if (choose_) {
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
  const uint32_t n = samples_->size();
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
