#include "stages/formats/batch_source.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <exception>
#include <limits>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "stages/formats/batch_reader.h"
#include "stages/formats/regrid.h"
#include "stages/formats/shard_cutter.h"

namespace kinflow {
namespace {

constexpr size_t kAhead = 2;        // tiles of a batch that are decoded together
constexpr size_t kTilesABlock = 4;  // of a batch, kept alive by one block of joined variants
constexpr size_t kMaxAtPosition = 10'000;

class BatchSource : public GenotypeSource {
 public:
  BatchSource(std::vector<Batch> batches, JoinReport report) : report_(std::move(report)) {
    std::vector<std::string> names;
    std::vector<SampleTablePtr> tables;
    std::vector<DosageEncoding> encodings;
    for (Batch& batch : batches) {
      names.push_back(batch.name);
      tables.push_back(batch.source->samples());
      encodings.push_back(batch.source->encoding());
      readers_.emplace_back(batch.name, std::move(batch.source));
    }
    samples_ = JoinSamples(names, tables);
    encoding_ = JoinEncodings(encodings);
    for (size_t b = 0; b < readers_.size(); ++b) {
      regrid_.emplace_back(encodings[b], encoding_);
      tallies_.push_back({names[b], tables[b]->size()});
    }
    Shape(ScanShape{});
  }

  const SampleTablePtr& samples() const override { return samples_; }
  const DosageEncoding& encoding() const override { return encoding_; }
  std::optional<uint64_t> variant_count() const override { return std::nullopt; }
  uint64_t input_bytes() const override {
    uint64_t sum = 0;
    for (const auto& reader : readers_) sum += reader.source().input_bytes();
    return sum;
  }
  uint64_t bytes_read() const override {
    uint64_t sum = 0;
    for (const auto& reader : readers_) sum += reader.source().bytes_read();
    return sum;
  }
  void Shape(const ScanShape& shape) override {
    cutter_.Shape(shape, samples_->size());
    ScanShape inner;  // shards of a batch mean nothing here
    inner.tile_records = shape.tile_records;
    for (auto& reader : readers_) reader.Shape(inner);
  }
  std::unique_ptr<RawBlock> NewRawBlock() const override { return std::make_unique<Raw>(); }
  bool Read(RawBlock& raw) override;
  void Decode(const RawBlock& raw, DosageTile& tile) const override;
  void SkipShards(uint32_t n) override { skip_ = n; }
  uint64_t RawBlockBytes(uint32_t tile_records) const override {
    uint64_t bytes = 0;
    for (const auto& reader : readers_) {
      const GenotypeSource& s = reader.source();
      const uint64_t tile = tile_records * (s.encoding().RowBytes(s.samples()->size()) + 128);
      bytes += (kTilesABlock + kAhead) * tile + s.RawBlockBytes(tile_records);
    }
    return bytes;
  }

 private:
  /// A variant that all batches have.
  struct JoinedRow {
    std::vector<BatchReader::Row> rows;  // one a batch
    std::vector<uint8_t> swapped;
  };
  struct Raw : RawBlock {
    std::vector<JoinedRow> rows;
    size_t tiles = 0;  // of one batch that the rows keep alive, at most
    void Add(JoinedRow row);
  };

  bool Refill();
  bool JoinNext();
  bool IsFull(const Raw& raw) const;

  JoinReport report_;
  std::vector<BatchReader> readers_;
  SampleTablePtr samples_;
  DosageEncoding encoding_;
  std::vector<Regrid> regrid_;
  std::vector<BatchTally> tallies_;
  ShardCutter cutter_;
  std::deque<JoinedRow> pending_;  // of the position joined last
  uint32_t skip_ = 0;
  uint64_t next_block_ = 0;
  bool finished_ = false;
};

/// Decodes ahead in every batch that has run dry; false if all have ended.
bool BatchSource::Refill() {
  struct Job {
    BatchReader* reader;
    size_t block;
  };
  while (std::any_of(readers_.begin(), readers_.end(), [](const BatchReader& reader) {
    return reader.tiles() == 0 && !reader.ended();
  })) {
    std::vector<Job> jobs;
    for (auto& reader : readers_) {
      reader.Fetch(kAhead);
      for (size_t i = 0; i < reader.waiting(); ++i) jobs.push_back({&reader, i});
    }
    std::vector<std::exception_ptr> faults(jobs.size());
    // Isolated: a thread that waits here must not pick up a tile of the scan.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(size_t{0}, jobs.size(), [&](size_t j) {
        try {
          jobs[j].reader->Decode(jobs[j].block);
        } catch (...) {
          faults[j] = std::current_exception();
        }
      });
    });
    for (const auto& fault : faults) {
      if (fault) std::rethrow_exception(fault);  // of the first batch, its first block
    }
    for (auto& reader : readers_) reader.Accept();
  }
  return std::any_of(readers_.begin(), readers_.end(),
                     [](const BatchReader& reader) { return !reader.ended(); });
}

/// Joins what all batches have at the lowest position that is left; false at the end of all.
bool BatchSource::JoinNext() {
  if (!Refill()) return false;
  const BatchReader* lowest = nullptr;
  const auto before = [](const BatchReader& a, const BatchReader& b) {
    return a.rank() != b.rank() ? a.rank() < b.rank() : a.pos() < b.pos();
  };
  for (const auto& reader : readers_) {
    if (reader.ended()) continue;
    if (lowest == nullptr || before(reader, *lowest)) lowest = &reader;
  }
  const std::string chrom(lowest->chrom());
  const uint32_t pos = lowest->pos();
  std::vector<std::vector<BatchReader::Row>> rows(readers_.size());
  std::vector<std::vector<BatchSite>> sites(readers_.size());
  for (size_t b = 0; b < readers_.size(); ++b) {
    BatchReader& reader = readers_[b];
    while (!reader.ended() && reader.pos() == pos && reader.chrom() == chrom) {
      rows[b].push_back(reader.Take());
      if (rows[b].size() > kMaxAtPosition) {
        throw Error(ErrorId::kLimitExceeded,
                    fmt::format("batch {}: more than {} variants at one position", reader.name(),
                                kMaxAtPosition))
            .AtPosition(chrom, pos)
            .Remedy("remove them (bcftools view -T ^FILE)");
      }
      if (reader.tiles() == 0) Refill();
    }
    for (const auto& r : rows[b]) {
      const VariantTable& v = r.tile->variants;
      sites[b].push_back({v.ref(r.row), v.alt(r.row), v.from_multiallelic(r.row)});
    }
  }
  const bool may_swap = ClassOfChrom(chrom) == ChromClass::kAutosome;
  for (const JoinedSite& site : JoinSites(sites, may_swap, tallies_)) {
    JoinedRow joined;
    for (size_t b = 0; b < readers_.size(); ++b) {
      joined.rows.push_back(rows[b][site.parts[b].site]);
      joined.swapped.push_back(site.parts[b].swapped ? 1 : 0);
    }
    pending_.push_back(std::move(joined));
  }
  return true;
}

void BatchSource::Raw::Add(JoinedRow row) {
  bool new_tile = rows.empty();
  for (size_t b = 0; !new_tile && b < row.rows.size(); ++b) {
    new_tile = row.rows[b].tile != rows.back().rows[b].tile;
  }
  tiles += new_tile ? 1 : 0;
  rows.push_back(std::move(row));
}

// Joined variants may lie far apart: a block keeps few tiles alive.
bool BatchSource::IsFull(const Raw& raw) const {
  return raw.rows.size() >= cutter_.tile_records() || raw.tiles >= kTilesABlock;
}

bool BatchSource::Read(RawBlock& block) {
  auto& raw = static_cast<Raw&>(block);
  raw.rows.clear();
  raw.tiles = 0;
  raw.shard = std::max(1u, cutter_.shards()) - 1;
  // Positions without a common variant, or of shards to skip: now and then an empty block lets the
  // scan look up.
  for (size_t idle = 0; idle < size_t{64} << 10;) {
    if (pending_.empty()) {
      ++idle;
      if (JoinNext()) continue;
      if (raw.rows.empty() && !finished_) {
        finished_ = true;
        if (report_) report_(tallies_);
      }
      if (raw.rows.empty()) return false;
      break;
    }
    const auto& first = pending_.front().rows.front();
    const std::string_view chrom = first.tile->variants.chrom(first.row);
    if (!raw.rows.empty() && (cutter_.StartsShard(chrom) || IsFull(raw))) break;
    const uint32_t shard = cutter_.Add(chrom, 1);
    if (shard >= skip_) {
      raw.shard = shard;
      raw.Add(std::move(pending_.front()));
    }
    pending_.pop_front();
  }
  raw.block = next_block_++;
  return true;
}

void BatchSource::Decode(const RawBlock& block, DosageTile& tile) const {
  const auto& raw = static_cast<const Raw&>(block);
  tile.block = raw.block;
  tile.shard = raw.shard;
  tile.Shape(samples_->size(), encoding_, raw.rows.size());
  tile.variants.Clear();
  const bool flags = std::any_of(raw.rows.begin(), raw.rows.end(), [](const JoinedRow& joined) {
    return std::any_of(joined.rows.begin(), joined.rows.end(),
                       [](const BatchReader::Row& r) { return !r.tile->calls.empty(); });
  });
  tile.calls.Resize(flags ? raw.rows.size() * samples_->size() : 0);
  const size_t used = encoding_.RowBytes(samples_->size());
  for (size_t i = 0; i < raw.rows.size(); ++i) {
    const JoinedRow& joined = raw.rows[i];
    uint32_t column = 0;
    float quality = std::numeric_limits<float>::quiet_NaN();
    bool multiallelic = false;
    for (size_t b = 0; b < joined.rows.size(); ++b) {
      const DosageTile& from = *joined.rows[b].tile;
      const uint32_t row = joined.rows[b].row;
      regrid_[b].Put(from, row, joined.swapped[b] != 0, tile.Row(i), column);
      if (flags) {
        uint8_t* out = tile.calls.data() + i * samples_->size() + column;
        const uint8_t* in = from.CallRow(row);
        const uint8_t kept = joined.swapped[b] != 0 ? uint8_t{kCallHaploid} : uint8_t{0xff};
        for (uint32_t s = 0; s < from.n_samples; ++s) out[s] = in == nullptr ? 0 : in[s] & kept;
      }
      quality = std::fmin(quality, from.variants.info(row));
      multiallelic = multiallelic || from.variants.from_multiallelic(row);
      column += from.n_samples;
    }
    std::fill(tile.Row(i) + used, tile.Row(i) + tile.stride_bytes, uint8_t{0});
    const auto& first = joined.rows.front();
    const VariantTable& v = first.tile->variants;
    tile.variants.Append(v.chrom(first.row), v.pos(first.row), v.id(first.row), v.ref(first.row),
                         v.alt(first.row), quality, multiallelic);
  }
}

}  // namespace

SampleTablePtr JoinSamples(const std::vector<std::string>& names,
                           const std::vector<SampleTablePtr>& tables) {
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  std::unordered_map<std::string_view, std::pair<size_t, uint32_t>> seen;
  for (size_t b = 0; b < tables.size(); ++b) {
    for (uint32_t i = 0; i < tables[b]->size(); ++i) {
      const auto [it, is_new] = seen.emplace(tables[b]->iid(i), std::make_pair(b, i));
      if (!is_new) {
        const auto [other, row] = it->second;
        throw Error(ErrorId::kDuplicateSamples,
                    fmt::format("sample {} of batch {} is also sample {} of batch {}", i + 1,
                                names[b], row + 1, names[other]))
            .Field("input.batches")
            .Remedy(
                "leave the person out of one batch's files (bcftools view -S ^FILE), or rename one "
                "(bcftools reheader -s) if they are different people");
      }
      fids.push_back(tables[b]->fid(i));
      iids.push_back(tables[b]->iid(i));
      sexes.push_back(tables[b]->sex(i));
    }
  }
  return SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), "input.batches");
}

Table BatchTable(const std::vector<BatchTally>& tallies) {
  Table::Strings name;
  std::vector<Table::Ints> columns(7);
  for (const BatchTally& t : tallies) {
    name.push_back(t.name);
    const uint64_t values[] = {t.samples, t.variants,    t.common,  t.only_here,
                               t.swapped, t.palindromic, t.conflict};
    for (size_t c = 0; c < columns.size(); ++c) {
      columns[c].push_back(static_cast<int64_t>(values[c]));
    }
  }
  Table table;
  table.Add("BATCH", std::move(name));
  const char* names[] = {"SAMPLES", "VARIANTS",    "COMMON",  "ONLY_HERE",
                         "SWAPPED", "PALINDROMIC", "CONFLICT"};
  for (size_t c = 0; c < columns.size(); ++c) table.Add(names[c], std::move(columns[c]));
  return table;
}

std::unique_ptr<GenotypeSource> JoinBatches(std::vector<Batch> batches, JoinReport report) {
  return std::make_unique<BatchSource>(std::move(batches), std::move(report));
}

}  // namespace kinflow
