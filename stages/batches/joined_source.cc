#include "stages/batches/joined_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "pipeline/base/error.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

constexpr uint64_t kGapRows = 64;  // unwanted rows that do not end a block: their bands are read

struct OpenShard {
  explicit OpenShard(H5Reader reader)
      : file(std::move(reader)), flag_bits(StoredFlagBits(file)), dosage(file, layout::kDosage) {
    if (flag_bits != 0) calls.emplace(file, layout::kCalls);
  }
  H5Reader file;
  uint8_t flag_bits;
  DosageReader dosage;
  std::optional<DosageReader> calls;
};

/// A band of chunks; inflated by the first block that decodes it.
class Band {
 public:
  Band(std::shared_ptr<OpenShard> owner, const DosageReader& reader, size_t shard, uint64_t band)
      : owner_(std::move(owner)), reader_(reader), shard_(shard), band_(band) {
    reader_.ReadBand(band, raw_);
    for (const auto& chunk : raw_.chunks) bytes_ += chunk.size();
  }
  bool Is(const DosageReader& reader, size_t shard, uint64_t band) const {
    return &reader_ == &reader && shard_ == shard && band_ == band;
  }
  uint64_t bytes() const { return bytes_; }
  /// A row of the shard that lies in the band. Thread-safe.
  const uint8_t* Row(uint64_t row) const {
    const size_t stride = reader_.encoding().RowBytes(reader_.samples());
    std::call_once(once_, [&] {
      rows_.Resize(stride * reader_.rows_per_chunk());
      reader_.Expand(raw_, rows_.data(), stride);
      raw_ = {};
    });
    return rows_.data() + (row - band_ * reader_.rows_per_chunk()) * stride;
  }

 private:
  std::shared_ptr<OpenShard> owner_;
  const DosageReader& reader_;  // the owner's
  size_t shard_;
  uint64_t band_, bytes_ = 0;
  mutable std::once_flag once_;
  mutable DosageReader::RawBand raw_;
  mutable AlignedBuffer rows_;
};

/// A joined variant in the store of one batch.
struct StoredRow {
  std::shared_ptr<Band> dosage, calls;  // calls null: no flag of use in the shard
  uint64_t row = 0;                     // of the shard
};

std::vector<uint64_t> Starts(const std::vector<ShardRecord>& records) {
  std::vector<uint64_t> begin = {0};
  for (const ShardRecord& record : records) begin.push_back(begin.back() + record.rows);
  return begin;
}

/// The part that holds `row`.
size_t PartOf(const std::vector<uint64_t>& begin, uint64_t row) {
  return static_cast<size_t>(std::upper_bound(begin.begin(), begin.end(), row) - begin.begin()) - 1;
}

}  // namespace

/// One batch's store with random access to its rows.
struct JoinedSource::Batch {
  explicit Batch(StoreShards files) : shards(std::move(files)), begin(Starts(shards.records)) {
    for (size_t i = 0; i < shards.records.size(); ++i) {
      if (shards.records[i].rows == 0) continue;
      Open(i);
      break;
    }
    if (!current) throw Error(ErrorId::kInternal, "a batch without variants was joined");
    samples = current->dosage.samples();
    encoding = current->dosage.encoding();
  }

  void Open(size_t shard) {
    if (current && open == shard) return;
    auto next = std::make_shared<OpenShard>(shards.open(shard));
    if (next->dosage.rows() != shards.records[shard].rows ||
        (current &&
         (next->dosage.samples() != samples || !(next->dosage.encoding() == encoding)))) {
      throw Error(ErrorId::kShardDamaged, "the shard does not fit the others of its store")
          .InFile(next->file.path())
          .Remedy("run `kinflow verify` on the work folder");
    }
    current = std::move(next);
    open = shard;
  }

  StoredRow Fetch(uint64_t row, uint8_t flags, uint64_t& bytes) {
    const size_t shard = PartOf(begin, row);
    Open(shard);
    StoredRow stored;
    stored.row = row - begin[shard];
    stored.dosage = BandOf(current->dosage, stored.row, bytes);
    if ((current->flag_bits & flags) != 0)
      stored.calls = BandOf(*current->calls, stored.row, bytes);
    return stored;
  }

  std::shared_ptr<Band> BandOf(const DosageReader& reader, uint64_t row, uint64_t& bytes) {
    const uint64_t band = row / reader.rows_per_chunk();
    const auto is_it = [&](const auto& b) { return b->Is(reader, open, band); };
    const auto here = std::find_if(bands.rbegin(), bands.rend(), is_it);
    if (here != bands.rend()) return *here;
    const auto before = std::find_if(bands_before.rbegin(), bands_before.rend(), is_it);
    if (before != bands_before.rend()) {
      bands.push_back(*before);
    } else {
      bands.push_back(std::make_shared<Band>(current, reader, open, band));
      bytes += bands.back()->bytes();
    }
    return bands.back();
  }

  StoreShards shards;
  std::vector<uint64_t> begin;
  uint32_t samples = 0;
  DosageEncoding encoding;
  std::optional<ValueMap> map;
  std::shared_ptr<OpenShard> current;
  size_t open = 0;
  std::vector<std::shared_ptr<Band>> bands, bands_before;  // of this block; of the one before
};

struct JoinedSource::Raw : RawBlock {
  std::shared_ptr<const JoinPiece> piece;
  uint64_t first_row = 0;                      // in plan order
  size_t begin = 0, end = 0;                   // within the piece
  std::vector<std::vector<StoredRow>> stored;  // by batch
};

JoinedSource::JoinedSource(JoinPieceFiles pieces, std::vector<StoreShards> batches,
                           SampleTablePtr samples)
    : pieces_(std::move(pieces)), samples_(std::move(samples)) {
  piece_begin_ = {0};
  for (const uint64_t rows : pieces_.rows) piece_begin_.push_back(piece_begin_.back() + rows);
  std::vector<DosageEncoding> encodings;
  uint64_t people = 0;
  for (StoreShards& shards : batches) {
    for (const ShardRecord& record : shards.records) input_bytes_ += record.bytes;
    batches_.push_back(std::make_unique<Batch>(std::move(shards)));
    encodings.push_back(batches_.back()->encoding);
    people += batches_.back()->samples;
  }
  if (people != samples_->size()) {
    throw Error(ErrorId::kInternal, "the people of the batches are not those of the cohort");
  }
  encoding_ = CommonEncoding(encodings);
  for (const auto& batch : batches_) batch->map.emplace(batch->encoding, encoding_);
  Shape({});
}

JoinedSource::~JoinedSource() = default;

void JoinedSource::Shape(const ScanShape& shape) {
  tile_records_ = shape.tile_records;
  const uint64_t n = std::max<uint64_t>(1, samples_->size());
  const uint64_t most = std::max<uint64_t>(1, (shape.shard_genotypes + n - 1) / n);
  shard_begin_.clear();
  for (size_t p = 0; p < pieces_.rows.size(); ++p) {
    if (pieces_.rows[p] == 0) continue;
    const uint64_t begin = piece_begin_[p], end = piece_begin_[p + 1];
    const bool goes_on = !shard_begin_.empty() &&
                         pieces_.chroms[p] == pieces_.chroms[PartOf(piece_begin_, begin - 1)];
    uint64_t next = goes_on ? shard_begin_.back() + most : begin;
    for (; next < end; next += most) shard_begin_.push_back(next);
  }
  shard_begin_.push_back(piece_begin_.back());
}

bool JoinedSource::SelectRows(const std::vector<uint64_t>& rows) {
  if (!std::is_sorted(rows.begin(), rows.end()) ||
      (!rows.empty() && rows.back() >= piece_begin_.back())) {
    throw Error(ErrorId::kInternal, "chosen rows must ascend and lie within the joined variants");
  }
  rows_ = rows;
  return true;
}

std::unique_ptr<RawBlock> JoinedSource::NewRawBlock() const { return std::make_unique<Raw>(); }

uint64_t JoinedSource::RawBlockBytes(uint32_t tile_records) const {
  // Bands as stored, about half, and inflated; those at both ends belong to neighbours too. Which
  // shards have flags is known when they are opened.
  uint64_t bytes = 0;
  for (const auto& batch : batches_) {
    const auto bands = [&](const DosageEncoding& encoding) {
      const uint64_t rows = uint64_t{tile_records} + layout::ChunkRows(encoding.layout);
      return rows * encoding.RowBytes(batch->samples) * 3 / 2;
    };
    bytes += bands(batch->encoding) + bands(DosageEncoding{}) + tile_records * sizeof(StoredRow);
  }
  return bytes;
}

void JoinedSource::OpenPiece(size_t piece) {
  if (open_piece_ == piece) return;
  piece_ = std::make_shared<const JoinPiece>(pieces_.open(piece));
  open_piece_ = piece;
}

/// The first row in [row, end) that is of use; `end` if there is none.
uint64_t JoinedSource::NextWanted(uint64_t row, uint64_t end) {
  if (rows_) {
    const auto it = std::lower_bound(rows_->begin(), rows_->end(), row);
    return it == rows_->end() ? end : std::min(end, *it);
  }
  for (; wanted_ && row < end; ++row) {
    OpenPiece(PartOf(piece_begin_, row));
    if (wanted_(piece_->variants, row - piece_begin_[open_piece_])) break;
  }
  return std::min(row, end);
}

bool JoinedSource::NextSlice(uint64_t& begin, uint64_t& end) {
  const uint64_t all = piece_begin_.back();
  const uint64_t first = shard_begin_[std::min<size_t>(skip_, shard_begin_.size() - 1)];
  begin = NextWanted(std::max(next_row_, first), all);
  if (begin == all) return false;
  const size_t piece = PartOf(piece_begin_, begin);
  const uint64_t limit =
      std::min({piece_begin_[piece + 1], shard_begin_[PartOf(shard_begin_, begin) + 1],
                begin + tile_records_});
  end = limit;
  if (rows_ || wanted_) {
    end = begin + 1;
    for (uint64_t next = end; next < limit; end = next + 1, ++next) {
      next = NextWanted(next, std::min(limit, end + kGapRows));
      if (next >= std::min(limit, end + kGapRows)) break;
    }
  }
  OpenPiece(piece);
  next_row_ = end;
  return true;
}

bool JoinedSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  uint64_t begin = 0, end = 0;
  raw.stored.clear();
  if (!NextSlice(begin, end)) return false;
  raw.block = next_block_++;
  raw.shard = static_cast<uint32_t>(PartOf(shard_begin_, begin));
  raw.piece = piece_;
  raw.first_row = begin;
  raw.begin = begin - piece_begin_[open_piece_];
  raw.end = end - piece_begin_[open_piece_];
  raw.stored.resize(batches_.size());
  uint64_t bytes = 0;
  for (size_t b = 0; b < batches_.size(); ++b) {
    Batch& batch = *batches_[b];
    batch.bands_before.swap(batch.bands);
    batch.bands.clear();
    for (size_t r = raw.begin; r < raw.end; ++r) {
      raw.stored[b].push_back(batch.Fetch(piece_->rows[b][r], flags_, bytes));
    }
  }
  bytes_read_.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

void JoinedSource::DecodeRow(const Raw& raw, size_t r, DosageTile& tile) const {
  uint32_t first = 0;
  for (size_t b = 0; b < batches_.size(); ++b) {
    const Batch& batch = *batches_[b];
    const StoredRow& stored = raw.stored[b][r];
    const bool swapped = raw.piece->swapped[b][raw.begin + r] != 0;
    uint8_t* out = tile.Row(r) + encoding_.RowBytes(first);
    const uint8_t* flags = stored.calls ? stored.calls->Row(stored.row) : nullptr;
    batch.map->Apply(stored.dosage->Row(stored.row), batch.samples, swapped, flags, out);
    if (flags != nullptr) {
      uint8_t* to = tile.calls.data() + r * tile.n_samples + first;
      std::memcpy(to, flags, batch.samples);
      if (swapped) batch.map->TurnFlags(out, batch.samples, to);
    }
    first += batch.samples;
  }
  const size_t used = encoding_.RowBytes(first);
  std::fill(tile.Row(r) + used, tile.Row(r) + tile.stride_bytes, uint8_t{0});
}

void JoinedSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  const size_t rows = raw.end - raw.begin;
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.first_variant = raw.first_row;
  tile.Shape(samples_->size(), encoding_, rows);
  const auto has_calls = [](const auto& batch) {
    return std::any_of(batch.begin(), batch.end(),
                       [](const StoredRow& row) { return row.calls != nullptr; });
  };
  const bool any = std::any_of(raw.stored.begin(), raw.stored.end(), has_calls);
  tile.calls.Resize(any ? rows * tile.n_samples : 0);
  std::fill(tile.calls.data(), tile.calls.data() + tile.calls.size(), uint8_t{0});
  tile.variants.Clear();
  for (size_t r = 0; r < rows; ++r) {
    DecodeRow(raw, r, tile);
    tile.variants.Append(raw.piece->variants, raw.begin + r);
  }
  const uint8_t* flags = tile.calls.data();
  if (std::all_of(flags, flags + tile.calls.size(), [](uint8_t f) { return f == 0; })) {
    tile.calls.Resize(0);
  }
}

}  // namespace kinflow
