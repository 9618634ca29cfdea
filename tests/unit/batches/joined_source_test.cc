#include "stages/batches/joined_source.h"

#include <algorithm>

#include "pipeline/base/philox.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

/// A batch's store of random dosages, and the same in memory.
struct Made {
  std::unique_ptr<ArtifactStore> store;
  Manifest manifest;
  DosageEncoding encoding;
  uint32_t samples = 0;
  std::vector<std::vector<uint32_t>> values;  // kNone = missing
  std::vector<std::vector<uint8_t>> flags;    // empty: the shard has none
};

void FillRow(Made& made, DosageTile& tile, size_t r, uint8_t flag_bits, Philox& random) {
  const uint32_t units = made.encoding.units_per_copy;
  std::vector<uint32_t> row;
  std::vector<uint8_t> flags;
  for (uint32_t s = 0; s < made.samples; ++s) {
    const auto flag = static_cast<uint8_t>(random.Below(4) & flag_bits);
    const uint32_t most = (flag & kCallHaploid) != 0 ? units : 2 * units;
    const auto v = static_cast<uint32_t>(random.Below(most + 2));
    row.push_back(v > most ? kNone : v);
    const uint32_t kept = row.back() == kNone ? made.encoding.missing() : v;
    if (made.encoding.layout == DosageEncoding::Layout::kU16) {
      tile.RowU16(r)[s] = static_cast<uint16_t>(kept);
    } else {
      tile.Row(r)[s] = static_cast<uint8_t>(kept);
    }
    flags.push_back(flag);
    tile.calls.data()[r * made.samples + s] = flag;
  }
  made.values.push_back(std::move(row));
  made.flags.push_back(flag_bits != 0 ? std::move(flags) : std::vector<uint8_t>{});
}

constexpr uint8_t kBothFlags = kCallHaploid | kCallPhased;

/// Shards of so many rows each; flags of these bits in the odd ones.
Made MakeStore(uint32_t samples, const DosageEncoding& encoding, std::vector<size_t> shard_rows,
               uint64_t seed, uint8_t flag_bits) {
  Made made;
  static int count = 0;
  made.store = std::make_unique<ArtifactStore>(TempFolder() + "/j" + std::to_string(count++));
  made.encoding = encoding;
  made.samples = samples;
  made.manifest.stage = made.manifest.kind = "dosage";
  made.manifest.key = HashBytes("key");
  made.manifest.options_json = "{}";
  Philox random(seed, 1);
  for (uint32_t i = 0; i < shard_rows.size(); ++i) {
    const size_t rows = shard_rows[i];
    auto shard = made.store->BeginShard("dosage", made.manifest.key, i);
    DosageTile tile;
    tile.Shape(samples, encoding, rows);
    tile.calls.Resize(rows * samples);
    for (size_t r = 0; r < rows; ++r) {
      tile.variants.Append("1", 1, "v", "A", "C");  // never looked at here
      FillRow(made, tile, r, i % 2 == 1 ? flag_bits : uint8_t{0}, random);
    }
    DosageWriter writer(shard->file(), "/dosage", samples, encoding);
    writer.Append(tile);
    writer.Finish();
    if (i % 2 == 1) {
      DosageWriter calls(shard->file(), "/calls", samples, DosageEncoding{});
      calls.AppendBytes(tile.calls.data(), rows, samples);
      calls.Finish();
      shard->file().Attribute("/calls", "flag_bits", int64_t{flag_bits});
    }
    made.manifest.shards.push_back(shard->Commit(rows));
  }
  made.store->Seal(made.manifest);
  return made;
}

StoreShards ShardsOf(const Made& made) {
  return {"store", made.manifest.shards,
          [&made](size_t i) { return made.store->Open(made.manifest, i); }};
}

/// Three batches of different grids; pieces of two chromosomes whose rows lie anywhere in the
/// second and third store.
class JoinedSourceTest : public ::testing::Test {
 protected:
  static constexpr size_t kRows = 700, kFirstPiece = 300, kSecondPiece = 350;  // then 50

  void MakeStores(uint8_t flag_bits) {
    made_.clear();
    made_.push_back(MakeStore(11, DosageEncoding::ForUnits(1), {400, 400}, 5, flag_bits));
    made_.push_back(MakeStore(7, DosageEncoding::ForUnits(1000), {100, 1, 0, 800}, 6, flag_bits));
    made_.push_back(MakeStore(5, DosageEncoding::ForUnits(100), {1000}, 7, flag_bits));
  }

  void SetUp() override {
    MakeStores(kBothFlags);
    std::vector<std::string> iids;
    for (int i = 0; i < 23; ++i) iids.push_back("s" + std::to_string(i));
    samples_ = SampleTable::Build({}, iids, {}, "");
    Philox random(8, 2);
    for (size_t piece = 0; piece < 3; ++piece) pieces_.emplace_back();
    for (size_t r = 0; r < kRows; ++r) {
      const bool first = r < kFirstPiece, second = r < kFirstPiece + kSecondPiece;
      JoinPiece& piece = pieces_[first ? 0 : second ? 1 : 2];
      piece.chrom = second ? "1" : "X";
      piece.variants.Append(piece.chrom, static_cast<uint32_t>(r + 1), "v", "A", "C");
      piece.rows.resize(3);
      piece.swapped.resize(3);
      piece.rows[0].push_back(r + r / 10);
      // Ascending with gaps, but the chromosomes are the other way round.
      piece.rows[1].push_back(second ? r + 101 : r - 650);
      piece.rows[2].push_back(r + r / 3);
      for (size_t b = 0; b < 3; ++b) {
        piece.swapped[b].push_back(b > 0 && random.Below(3) == 0 ? 1 : 0);
      }
    }
  }

  std::unique_ptr<JoinedSource> Open() const {
    JoinPieceFiles files;
    for (const JoinPiece& piece : pieces_) {
      files.rows.push_back(piece.variants.size());
      files.chroms.push_back(piece.chrom);
    }
    files.open = [this](size_t i) { return pieces_[i]; };
    std::vector<StoreShards> stores;
    for (const Made& made : made_) stores.push_back(ShardsOf(made));
    return std::make_unique<JoinedSource>(std::move(files), std::move(stores), samples_);
  }

  const JoinPiece& PieceOf(size_t& row) const {
    size_t p = 0;
    while (row >= pieces_[p].variants.size()) row -= pieces_[p++].variants.size();
    return pieces_[p];
  }

  /// Values of a joined row in the common units of 1000.
  std::vector<uint32_t> Expected(size_t row) const {
    const JoinPiece& piece = PieceOf(row);
    std::vector<uint32_t> out;
    for (size_t b = 0; b < 3; ++b) {
      const Made& made = made_[b];
      const size_t at = piece.rows[b][row];
      for (uint32_t s = 0; s < made.samples; ++s) {
        const bool haploid = !made.flags[at].empty() && (made.flags[at][s] & kCallHaploid) != 0;
        const uint32_t v = made.values[at][s];
        const uint32_t scaled = v * (1000 / made.encoding.units_per_copy);
        const uint32_t turned = (haploid ? 1000 : 2000) - scaled;
        out.push_back(v == kNone ? kNone : piece.swapped[b][row] != 0 ? turned : scaled);
      }
    }
    return out;
  }

  std::vector<Made> made_;
  std::vector<JoinPiece> pieces_;
  SampleTablePtr samples_;
};

TEST_F(JoinedSourceTest, EveryValueForEveryTileSize) {
  for (const uint32_t tile : {1u, 16u, 100u, 4096u}) {
    const auto source = Open();
    EXPECT_EQ(source->variant_count(), kRows);
    ScanShape shape;
    shape.tile_records = tile;
    shape.shard_genotypes = 200 * 23;
    const auto g = ReadAllTiles(*source, shape);
    EXPECT_EQ(g.encoding, DosageEncoding::ForUnits(1000));
    ASSERT_EQ(g.values.size(), kRows);
    for (size_t r = 0; r < kRows; ++r) {
      ASSERT_EQ(g.variants.pos(r), r + 1);
      ASSERT_EQ(g.values[r], Expected(r)) << r;
      // Shards of 200 rows run through the two pieces of chromosome 1.
      ASSERT_EQ(g.shards[r], r < 650 ? r / 200 : 4) << r;
    }
  }
}

TEST_F(JoinedSourceTest, FlagsOfBatchesThatHaveThem) {
  const auto g = ReadAllTiles(*Open(), ScanShape{});
  size_t haploid = 0;
  for (size_t r = 0; r < kRows; ++r) {
    size_t row = r;
    const JoinPiece& piece = PieceOf(row);
    uint32_t first = 0;
    for (size_t b = 0; b < 3; ++b) {
      const auto& flags = made_[b].flags[piece.rows[b][row]];
      for (uint32_t s = 0; s < made_[b].samples; ++s) {
        const uint8_t got = g.calls[r].empty() ? 0 : g.calls[r][first + s];
        // A turned "0|1" is ALT first.
        ASSERT_EQ(got & kBothFlags, flags.empty() ? 0 : flags[s]) << r << " " << b << " " << s;
        haploid += got & kCallHaploid;
      }
      first += made_[b].samples;
    }
  }
  EXPECT_GT(haploid, 100u);
}

TEST_F(JoinedSourceTest, PhaseThatNobodyLooksAtIsNotRead) {
  MakeStores(kCallPhased);
  const auto all = Open(), few = Open();
  few->UseFlags(kCallHaploid);
  const auto phased = ReadAllTiles(*all, ScanShape{}), plain = ReadAllTiles(*few, ScanShape{});
  EXPECT_TRUE(phased.values == plain.values);
  const auto empty = [](const auto& row) { return row.empty(); };
  EXPECT_FALSE(std::all_of(phased.calls.begin(), phased.calls.end(), empty));
  EXPECT_TRUE(std::all_of(plain.calls.begin(), plain.calls.end(), empty));
  EXPECT_LT(few->bytes_read(), all->bytes_read());
}

// Copies of the other allele are those of one or of two.
TEST_F(JoinedSourceTest, FlagsOfHaploidCallsAreReadWhoeverLooksAtThem) {
  const auto source = Open();
  source->UseFlags(0);
  const auto g = ReadAllTiles(*source, ScanShape{});
  ASSERT_EQ(g.values.size(), kRows);
  for (size_t r = 0; r < kRows; ++r) ASSERT_EQ(g.values[r], Expected(r)) << r;
}

TEST_F(JoinedSourceTest, ChosenRowsAndSkippedShards) {
  const std::vector<uint64_t> wanted = {0, 3, 60, 128, 299, 300, 301, 420, 649, 650, 699};
  for (const uint32_t tile : {1u, 16u, 4096u}) {
    for (uint32_t skip = 0; skip <= 5; ++skip) {
      const auto source = Open();
      ScanShape shape;
      shape.tile_records = tile;
      shape.shard_genotypes = 200 * 23;
      source->Shape(shape);
      ASSERT_TRUE(source->SelectRows(wanted));
      source->SkipShards(skip);
      std::vector<uint64_t> seen;
      const auto raw = source->NewRawBlock();
      DosageTile out;
      while (source->Read(*raw)) {
        source->Decode(*raw, out);
        EXPECT_GE(out.shard, skip);
        EXPECT_LE(out.rows(), tile);
        for (size_t r = 0; r < out.rows(); ++r) {
          seen.push_back(out.first_variant + r);
          ASSERT_EQ(out.At(r, 22),
                    Expected(seen.back())[22] == kNone ? 65535 : Expected(seen.back())[22]);
        }
      }
      ASSERT_TRUE(std::is_sorted(seen.begin(), seen.end()));
      ASSERT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
      const uint64_t begin[] = {0, 200, 400, 600, 650, 700};
      for (const uint64_t row : wanted) {
        EXPECT_EQ(std::binary_search(seen.begin(), seen.end(), row), row >= begin[skip])
            << tile << " " << skip << " " << row;
      }
    }
  }
}

TEST_F(JoinedSourceTest, WantedVariantsWithoutTheOtherBands) {
  const auto all = Open();
  ReadAllTiles(*all, ScanShape{});
  const auto source = Open();
  source->SelectWhere([](const VariantTable& v, size_t row) {
    return v.pos(row) == 5 || v.pos(row) == 9 || v.pos(row) == 400;
  });
  const auto g = ReadAllTiles(*source, ScanShape{});
  std::vector<uint32_t> seen;
  for (size_t r = 0; r < g.variants.size(); ++r) {
    seen.push_back(g.variants.pos(r));
    ASSERT_EQ(g.values[r], Expected(g.variants.pos(r) - 1));
  }
  EXPECT_EQ(seen, (std::vector<uint32_t>{5, 6, 7, 8, 9, 400}));
  EXPECT_LT(source->bytes_read(), all->bytes_read() / 2);
}

TEST_F(JoinedSourceTest, ABandIsReadOnceWhereBlocksShareIt) {
  uint64_t least = UINT64_MAX;
  for (const uint32_t tile : {4096u, 300u, 16u, 1u}) {
    const auto source = Open();
    ScanShape shape;
    shape.tile_records = tile;
    ReadAllTiles(*source, shape);
    least = std::min(least, source->bytes_read());
    EXPECT_EQ(source->bytes_read(), least) << tile;
  }
}

TEST_F(JoinedSourceTest, ADamagedStoreIsFound) {
  const std::string file =
      made_[2].store->FolderOf("dosage", made_[2].manifest.key) + "/shard-00000.h5";
  std::string bytes = ReadFile(file);
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(file, std::ios::binary) << bytes;
  // The digest is looked at when the file is opened.
  made_[2].store = std::make_unique<ArtifactStore>(made_[2].store->work_folder());
  EXPECT_EQ(ErrorOf([&] { ReadAllTiles(*Open(), ScanShape{}); }).id(), ErrorId::kShardDamaged);
}

}  // namespace
}  // namespace kinflow
