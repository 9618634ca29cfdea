#include "stages/formats/multi_file_source.h"

#include <algorithm>
#include <numeric>

#include "pipeline/base/error.h"

namespace kinflow {

struct MultiFileSource::Raw : RawBlock {
  std::shared_ptr<FileSource> owner;  // the file this block is of
  std::unique_ptr<RawBlock> inner;
  uint64_t first_row = 0;
};

MultiFileSource::MultiFileSource(std::vector<Part> parts) : parts_(std::move(parts)) { Open(0); }

void MultiFileSource::Open(size_t part) {
  std::shared_ptr<FileSource> next = parts_[part].open();
  if (part == 0) {
    samples_ = next->samples();
    encoding_ = next->encoding();
  } else if (next->samples()->iids() != samples_->iids() || !(next->encoding() == encoding_)) {
    throw Error(ErrorId::kInternal, "the files of one input differ in samples or encoding");
  }
  if (part > 0) {
    shard_base_ += current_->shards_begun();
    bytes_base_ += current_->bytes_read();
  }
  current_ = std::move(next);
  opened_.push_back(current_);
  part_ = part;
  configured_ = false;
}

uint64_t MultiFileSource::FirstRow(size_t part) const {
  uint64_t row = 0;
  for (size_t i = 0; i < part; ++i) row += parts_[i].variants.value_or(0);
  return row;
}

void MultiFileSource::Configure() {
  configured_ = true;
  current_->Shape(shape_);
  current_->UseFlags(flags_);
  current_->SkipShards(skip_ > shard_base_ ? skip_ - shard_base_ : 0);
  if (wanted_) current_->SelectWhere(wanted_);
  if (!rows_) return;
  const uint64_t begin = FirstRow(part_), end = FirstRow(part_ + 1);
  std::vector<uint64_t> mine;
  const auto from = std::lower_bound(rows_->begin(), rows_->end(), begin);
  for (auto it = from; it != rows_->end() && *it < end; ++it) mine.push_back(*it - begin);
  current_->SelectRows(mine);
}

std::optional<uint64_t> MultiFileSource::variant_count() const {
  const bool known = std::all_of(parts_.begin(), parts_.end(),
                                 [](const Part& part) { return part.variants.has_value(); });
  return known ? std::optional<uint64_t>(FirstRow(parts_.size())) : std::nullopt;
}

uint64_t MultiFileSource::input_bytes() const {
  return std::accumulate(parts_.begin(), parts_.end(), uint64_t{0},
                         [](uint64_t sum, const Part& part) { return sum + part.bytes; });
}

void MultiFileSource::Shape(const ScanShape& shape) { shape_ = shape; }

void MultiFileSource::UseFlags(uint8_t flags) {
  flags_ = flags;
  current_->UseFlags(flags);  // it answers for the others in the memory plan
}

void MultiFileSource::SkipShards(uint32_t n) { skip_ = n; }

bool MultiFileSource::SelectRows(const std::vector<uint64_t>& rows) {
  // Files with known variant counts can choose rows (.bed); text cannot.
  if (!variant_count()) return false;
  rows_ = rows;
  return true;
}

std::unique_ptr<RawBlock> MultiFileSource::NewRawBlock() const { return std::make_unique<Raw>(); }

bool MultiFileSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  while (true) {
    if (!configured_) Configure();
    if (raw.owner != current_) {
      raw.inner = current_->NewRawBlock();
      raw.owner = current_;
    }
    const bool more = current_->Read(*raw.inner);
    bytes_read_.store(bytes_base_ + current_->bytes_read(), std::memory_order_relaxed);
    if (more) break;
    if (part_ + 1 == parts_.size()) return false;
    Open(part_ + 1);
  }
  raw.block = next_block_++;
  raw.shard = shard_base_ + raw.inner->shard;
  raw.first_row = FirstRow(part_);
  return true;
}

void MultiFileSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  raw.owner->Decode(*raw.inner, tile);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant += raw.first_row;
}

uint64_t MultiFileSource::RawBlockBytes(uint32_t tile_records) const {
  return current_->RawBlockBytes(tile_records);
}

DecodeCounts MultiFileSource::counts() const {
  DecodeCounts sum;
  for (const auto& source : opened_) sum.Add(source->counts());
  return sum;
}

}  // namespace kinflow
