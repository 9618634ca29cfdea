#include "stages/kinship/trio_dosages_sink.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "tests/support/test_data.h"

namespace kinflow::kinship {
namespace {

const Digest kKey = HashBytes("key");

TrioDosagesSink Sink(ArtifactStore& store) {
  TrioDosagesSink::Setup setup;
  setup.samples = SampleTable::Build({}, {"F0", "M0", "C0", "F1", "M1", "C1"}, {}, "");
  setup.n_samples = 6;
  const Trio first{2, 0, 1, 0}, second{5, 3, 4, 0};
  setup.trios = {{first, {2, 3, 4, 0}}, {second, {5, 0, 1, 0}}};
  Manifest manifest;
  manifest.stage = manifest.kind = "trio_dosages";
  manifest.key = kKey;
  return TrioDosagesSink(std::move(setup), store, std::move(manifest));
}

/// One variant, at which the first child has one allele too many.
void AddTile(TrioDosagesSink& sink, uint32_t shard, uint32_t units) {
  DosageTile tile;
  tile.shard = shard;
  tile.variants.Append("1", 100, "v", "A", "C");
  tile.Shape(6, DosageEncoding::ForUnits(units), 1);
  for (uint32_t s = 0; s < 6; ++s) {
    const auto value = static_cast<uint16_t>(s == 2 ? units : 0);
    if (tile.encoding.layout == DosageEncoding::Layout::kU16) {
      tile.RowU16(0)[s] = value;
    } else {
      tile.Row(0)[s] = static_cast<uint8_t>(value);
    }
  }
  sink.BeginShard(shard);
  sink.BeginTile(tile);
  sink.Consume(tile, {0, 1});
  sink.SealShard(shard);
}

TEST(TrioDosagesSink, AShardWithoutVariantsHasNoUnits) {
  ArtifactStore store{test::TempFolder()};
  {
    TrioDosagesSink sink = Sink(store);
    AddTile(sink, 0, 1000);
  }
  TrioDosagesSink resumed = Sink(store);
  EXPECT_EQ(resumed.CommittedShards(), 1u);
  resumed.BeginShard(1);
  resumed.SealShard(1);
  resumed.Finish();
  const auto sealed = store.Find("trio_dosages", kKey);
  ASSERT_TRUE(sealed);
  const Table table = store.Open(*sealed, 2).ReadTable("/trios");
  EXPECT_EQ(table.DoublesOf("VIOLATION"), (Table::Doubles{1, 0}));
}

TEST(TrioDosagesSink, UnitsOfShardsMustBeTheSame) {
  ArtifactStore store{test::TempFolder()};
  TrioDosagesSink sink = Sink(store);
  AddTile(sink, 0, 1000);
  AddTile(sink, 1, 100);
  EXPECT_THROW(sink.Finish(), Error);
}

}  // namespace
}  // namespace kinflow::kinship
