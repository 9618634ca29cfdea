#include "stages/kinship/calls_sink.h"

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "pipeline/kernels/pair_counts.h"
#include "pipeline/store/committed_rows.h"
#include "stages/kinship/autosomes.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/packed_calls.h"

namespace kinflow::kinship {
CallsSink::CallsSink(Setup setup, ArtifactStore& store, Manifest manifest)
    : setup_(std::move(setup)),
      store_(store),
      manifest_(std::move(manifest)),
      committed_(store_.CommittedShards(manifest_.kind, manifest_.key)),
      row_bytes_(PackedBytes(setup_.n_samples)),
      planes_(setup_.n_samples),
      piece_(CallPlanes::Groups(setup_.n_samples) * kPieceWords * kGroupWords) {}

uint64_t CallsSink::CommittedVariants(uint32_t shards) const {
  return RowsOfShards(committed_, shards);
}

uint64_t CallsSink::MemoryBytes() const {
  constexpr uint64_t kPendingRows = 2 * 64 + 256;  // about: left over, and of a tile
  return 8 * piece_.size() + CallPlanes::MemoryBytes(setup_.n_samples) + kPendingRows * row_bytes_ +
         (setup_.wanted ? 8 * setup_.wanted->size() : 0);
}

void CallsSink::BeginShard(uint32_t shard) {
  shard_ = store_.BeginShard(manifest_.kind, manifest_.key, shard);
  variants_.Clear();
  rows_seen_ = n_pending_ = words_ = 0;
  pieces_ = 0;
}

void CallsSink::BeginTile(const DosageTile& tile) {
  if (tile.n_samples != setup_.n_samples) {
    throw Error(ErrorId::kInternal, "scan and cohort differ in the number of samples");
  }
  rows_seen_ += tile.rows();
  place_.assign(tile.rows(), -1);
  const size_t before = n_pending_;
  std::vector<uint64_t>::const_iterator next;
  if (setup_.wanted) {
    next = std::lower_bound(setup_.wanted->begin(), setup_.wanted->end(), tile.first_variant);
  }
  for (size_t r = 0; r < tile.rows(); ++r) {
    if (setup_.wanted) {
      if (next == setup_.wanted->end() || *next != tile.first_variant + r) continue;
      ++next;
    }
    if (!OnAutosome(tile.variants, r)) continue;
    place_[r] = static_cast<int64_t>(n_pending_++);
    variants_.Append(tile.variants, r);
  }
  // Room for the new rows behind those of earlier tiles.
  left_over_.Resize(before * row_bytes_);
  if (before > 0) std::memcpy(left_over_.data(), pending_.data(), before * row_bytes_);
  pending_.Resize(n_pending_ * row_bytes_);
  if (before > 0) std::memcpy(pending_.data(), left_over_.data(), before * row_bytes_);
}

void CallsSink::Consume(const DosageTile& tile, Range part) {
  for (uint32_t r = part.begin; r < part.end; ++r) {
    if (place_[r] < 0) continue;
    PackRow(tile, r, setup_.hard_call_threshold,
            pending_.data() + static_cast<size_t>(place_[r]) * row_bytes_);
  }
}

void CallsSink::AddWord(size_t first, size_t n) {
  std::vector<const uint8_t*> rows(n);
  for (size_t r = 0; r < n; ++r) rows[r] = pending_.data() + (first + r) * row_bytes_;
  planes_.Fill(rows);
  const uint64_t absent = n == CallPlanes::kMaxRows ? 0 : ~uint64_t{0} << n;
  for (uint32_t g = 0; g < CallPlanes::Groups(setup_.n_samples); ++g) {
    const uint64_t* from = planes_.Group(g);
    uint64_t* to = piece_.data() + (g * kPieceWords + words_) * kGroupWords;
    for (size_t k = 0; k < kGroupWords; ++k) to[k] = from[k] | absent;
  }
  if (++words_ == kPieceWords) WritePiece();
}

void CallsSink::EndTile(const DosageTile&) {
  const size_t whole = n_pending_ / CallPlanes::kMaxRows * CallPlanes::kMaxRows;
  for (size_t first = 0; first < whole; first += CallPlanes::kMaxRows) {
    AddWord(first, CallPlanes::kMaxRows);
  }
  n_pending_ -= whole;
  std::memmove(pending_.data(), pending_.data() + whole * row_bytes_, n_pending_ * row_bytes_);
}

void CallsSink::WritePiece() {
  std::vector<uint64_t> bits;
  for (uint32_t strip = 0; strip < StripCount(setup_.n_samples); ++strip) {
    bits.clear();
    const uint32_t first = strip * kStripGroups;
    for (uint32_t g = first; g < first + GroupsInStrip(setup_.n_samples, strip); ++g) {
      const auto from = piece_.begin() + static_cast<ptrdiff_t>(g * kPieceWords * kGroupWords);
      bits.insert(bits.end(), from, from + static_cast<ptrdiff_t>(words_ * kGroupWords));
    }
    shard_->file().Write(PiecePath(pieces_, strip), std::span<const uint64_t>(bits));
  }
  ++pieces_;
  words_ = 0;
}

void CallsSink::SealShard(uint32_t shard) {
  if (n_pending_ > 0) AddWord(0, n_pending_);
  n_pending_ = 0;
  if (words_ > 0) WritePiece();
  shard_->file().Attribute("/", "pieces", int64_t{pieces_});
  shard_->file().Attribute("/", "variants", static_cast<int64_t>(variants_.size()));
  shard_->file().WriteVariants("/variants", variants_);
  const ShardRecord record = shard_->Commit(rows_seen_);
  shard_.reset();
  if (shard < committed_.size()) {
    committed_[shard] = record;
  } else {
    committed_.push_back(record);
  }
}

void CallsSink::Finish() {
  manifest_.shards = committed_;
  // Rows seen depend on the tiles, rows used do not.
  for (size_t i = 0; i < committed_.size(); ++i) {
    const H5Reader file = store_.Open(manifest_, i);
    manifest_.shards[i].rows = static_cast<uint64_t>(file.AttributeInt("/", "variants"));
  }
  store_.Seal(manifest_);
}

}  // namespace kinflow::kinship
