#include "stages/formats/store_source.h"

#include <algorithm>

#include "pipeline/base/philox.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

constexpr uint32_t kSamples = 37;

struct Made {
  std::unique_ptr<ArtifactStore> store;
  Manifest manifest;
  SampleTablePtr samples;
  std::vector<std::vector<uint32_t>> values;
  std::vector<std::vector<uint8_t>> calls;
};

// Three shards of 300, 1 and 700 variants with random dosages; calls only in the last.
Made MakeStore(const DosageEncoding& encoding, uint8_t flag_bits = 7) {
  Made made;
  static int count = 0;
  made.store = std::make_unique<ArtifactStore>(TempFolder() + "/w" + std::to_string(count++));
  std::vector<std::string> iids;
  for (uint32_t s = 0; s < kSamples; ++s) iids.push_back("s" + std::to_string(s));
  made.samples = SampleTable::Build({}, iids, {}, "");
  made.manifest.stage = made.manifest.kind = "dosage";
  made.manifest.key = HashBytes("key");
  made.manifest.options_json = "{}";
  Philox random(5, 1);
  uint32_t shard_index = 0, pos = 0;
  for (const size_t rows : {300u, 1u, 700u}) {
    auto shard = made.store->BeginShard("dosage", made.manifest.key, shard_index);
    DosageTile tile;
    tile.Shape(kSamples, encoding, rows);
    tile.calls.Resize(rows * kSamples);
    for (size_t r = 0; r < rows; ++r) {
      ++pos;
      tile.variants.Append("1", pos, "rs" + std::to_string(pos), "A", "C", 0.5f);
      std::vector<uint32_t> row;
      std::vector<uint8_t> flags;
      for (uint32_t s = 0; s < kSamples; ++s) {
        const auto v = static_cast<uint32_t>(random.Below(2 * encoding.units_per_copy + 2));
        row.push_back(v > 2 * encoding.units_per_copy ? kNone : v);
        const uint32_t kept = row.back() == kNone ? encoding.missing() : v;
        if (encoding.layout == DosageEncoding::Layout::kU16) {
          tile.RowU16(r)[s] = static_cast<uint16_t>(kept);
        } else {
          tile.Row(r)[s] = static_cast<uint8_t>(kept);
        }
        flags.push_back(static_cast<uint8_t>(random.Below(5) & flag_bits));
        tile.calls.data()[r * kSamples + s] = flags.back();
      }
      made.values.push_back(row);
      made.calls.push_back(shard_index == 2 ? flags : std::vector<uint8_t>{});
    }
    shard->file().WriteVariants("/variants", tile.variants);
    DosageWriter writer(shard->file(), "/dosage", kSamples, encoding);
    writer.Append(tile);
    writer.Finish();
    if (shard_index == 2) {
      DosageWriter calls(shard->file(), "/calls", kSamples, DosageEncoding{});
      calls.AppendBytes(tile.calls.data(), rows, kSamples);
      calls.Finish();
      shard->file().Attribute("/calls", "flag_bits", int64_t{flag_bits});
    }
    made.manifest.shards.push_back(shard->Commit(rows));
    ++shard_index;
  }
  made.store->Seal(made.manifest);
  return made;
}

TEST(StoreSource, GivesBackWhatWasWrittenForEveryTileSize) {
  for (const uint32_t units : {100u, 1000u}) {
    const Made made = MakeStore(DosageEncoding::ForUnits(units));
    for (const uint32_t tile : {16u, 100u, 128u, 300u, 4096u}) {
      StoreSource source(*made.store, made.manifest, made.samples);
      EXPECT_EQ(source.variant_count(), 1001u);
      ScanShape shape;
      shape.tile_records = tile;
      const auto g = ReadAllTiles(source, shape);
      EXPECT_EQ(g.encoding, DosageEncoding::ForUnits(units));
      EXPECT_TRUE(g.values == made.values) << tile;
      EXPECT_TRUE(g.calls == made.calls) << tile;
      EXPECT_EQ(std::count(g.shards.begin(), g.shards.end(), 0u), 300);
      EXPECT_EQ(std::count(g.shards.begin(), g.shards.end(), 1u), 1);
      for (size_t r = 0; r < g.variants.size(); ++r) ASSERT_EQ(g.variants.pos(r), r + 1);
    }
  }
}

// Chunks hold 128 rows of dosages and 256 of flags.
TEST(StoreSource, BlocksOfTheSizeItAsksForReadEachChunkOnce) {
  const Made made = MakeStore(DosageEncoding::ForUnits(1000));
  const auto bytes_with = [&](uint32_t tile) {
    StoreSource source(*made.store, made.manifest, made.samples);
    ReadAllTiles(source, {.tile_records = tile});
    return source.bytes_read();
  };
  StoreSource source(*made.store, made.manifest, made.samples);
  const uint64_t once = bytes_with(4096);
  EXPECT_LT(once, source.input_bytes());
  EXPECT_EQ(bytes_with(source.LeastBlockRecords()), once);
  EXPECT_GT(bytes_with(32), 3 * once);
}

TEST(StoreSource, FlagsThatNobodyLooksAtAreNotRead) {
  const auto read = [](const Made& made, uint8_t used) {
    StoreSource source(*made.store, made.manifest, made.samples);
    source.UseFlags(used);
    const Genotypes g = ReadAllTiles(source);
    EXPECT_TRUE(g.values == made.values);
    return std::pair{g.calls, source.bytes_read()};
  };
  const Made phased = MakeStore(DosageEncoding::ForUnits(1000), kCallPhased | kCallAltFirst);
  const auto [none, few_bytes] = read(phased, kCallHaploid);
  const auto [all, bytes] = read(phased, 0xff);
  for (const auto& row : none) ASSERT_TRUE(row.empty());
  EXPECT_TRUE(all == phased.calls);
  EXPECT_LT(few_bytes, bytes);
  StoreSource planned(*phased.store, phased.manifest, phased.samples);
  const uint64_t with_flags = planned.RawBlockBytes(512);
  planned.UseFlags(0);
  EXPECT_EQ(planned.FlagsGiven(0), 0);
  EXPECT_LT(planned.RawBlockBytes(512), with_flags);
  const Made haploid = MakeStore(DosageEncoding::ForUnits(1000));
  EXPECT_TRUE(read(haploid, kCallHaploid).first == haploid.calls);
}

TEST(StoreSource, TilesAreAsLargeAsPlanned) {
  const Made made = MakeStore(DosageEncoding::ForUnits(1000));
  for (const uint8_t used : {uint8_t{0}, uint8_t{kCallHaploid}, uint8_t{0xff}}) {
    StoreSource source(*made.store, made.manifest, made.samples);
    ExpectPlannedTiles(source, used);
  }
}

TEST(StoreSource, ChosenRowsAndSkippedShards) {
  const Made made = MakeStore(DosageEncoding::ForUnits(1000));
  const std::vector<uint64_t> wanted = {0, 5, 127, 128, 299, 300, 301, 302, 640, 1000};
  for (const uint32_t tile : {16u, 128u, 4096u}) {
    for (uint32_t skip = 0; skip <= 3; ++skip) {
      StoreSource source(*made.store, made.manifest, made.samples);
      ScanShape shape;
      shape.tile_records = tile;
      source.Shape(shape);
      ASSERT_TRUE(source.SelectRows(wanted));
      source.SkipShards(skip);
      std::vector<uint64_t> seen;
      auto raw = source.NewRawBlock();
      DosageTile out;
      while (source.Read(*raw)) {
        source.Decode(*raw, out);
        EXPECT_GE(out.shard, skip);
        for (size_t r = 0; r < out.rows(); ++r) {
          const uint64_t row = out.first_variant + r;
          seen.push_back(row);
          ASSERT_EQ(out.variants.pos(r), row + 1);
          const uint32_t v = out.At(r, 7);
          ASSERT_EQ(v == 65535 ? kNone : v, made.values[row][7]);
        }
      }
      ASSERT_TRUE(std::is_sorted(seen.begin(), seen.end()));
      ASSERT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
      const uint64_t begin[] = {0, 300, 301, 1001};
      for (const uint64_t row : wanted) {
        EXPECT_EQ(std::binary_search(seen.begin(), seen.end(), row), row >= begin[skip])
            << tile << " " << skip << " " << row;
      }
    }
  }
}

StoreShards ShardsOf(const Made& made) {
  return {"store", made.manifest.shards,
          [&made](size_t i) { return made.store->Open(made.manifest, i); }};
}

TEST(StoreSource, ChosenPeopleOnly) {
  const Made made = MakeStore(DosageEncoding::ForUnits(1000));
  const std::vector<uint32_t> chosen = {1, 7, kSamples - 1};
  std::vector<std::string> keep = {"nobody"};
  for (const uint32_t s : chosen) keep.push_back(made.samples->iid(s));
  StoreSource source(ShardsOf(made), SampleChoice::Make(made.samples, keep, "store"));
  ASSERT_EQ(source.samples()->size(), chosen.size());
  EXPECT_EQ(source.samples()->iid(1), made.samples->iid(7));
  const auto g = ReadAllTiles(source, ScanShape{});
  ASSERT_EQ(g.values.size(), made.values.size());
  for (size_t r = 0; r < g.values.size(); ++r) {
    for (size_t k = 0; k < chosen.size(); ++k) {
      ASSERT_EQ(g.values[r][k], made.values[r][chosen[k]]) << r << " " << k;
      if (!g.calls[r].empty()) {
        ASSERT_EQ(g.calls[r][k], made.calls[r][chosen[k]]);
      }
    }
  }
}

TEST(StoreSource, WantedVariantsWithoutTheOtherBands) {
  const Made made = MakeStore(DosageEncoding::ForUnits(1000));
  StoreSource all(*made.store, made.manifest, made.samples);
  ReadAllTiles(all, ScanShape{});
  for (const uint32_t tile : {16u, 128u, 4096u}) {
    StoreSource source(ShardsOf(made), SampleChoice::Make(made.samples, {}, ""));
    source.SelectWhere([](const VariantTable& v, size_t row) {
      return v.pos(row) == 301 || (v.pos(row) >= 600 && v.pos(row) < 610);
    });
    ScanShape shape;
    shape.tile_records = tile;
    const auto g = ReadAllTiles(source, shape);
    std::vector<uint32_t> seen;
    for (size_t r = 0; r < g.variants.size(); ++r) {
      seen.push_back(g.variants.pos(r));
      ASSERT_EQ(g.values[r], made.values[g.variants.pos(r) - 1]);
    }
    ASSERT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    for (uint32_t pos = 600; pos < 610; ++pos) {
      EXPECT_EQ(std::count(seen.begin(), seen.end(), pos), 1) << tile;
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 301u), 1) << tile;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1u), 0) << tile;
    EXPECT_LT(source.bytes_read(), all.bytes_read() / 2) << tile;
  }
}

}  // namespace
}  // namespace kinflow
