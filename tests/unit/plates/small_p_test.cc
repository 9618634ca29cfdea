#include "stages/plates/small_p.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/test_data.h"

namespace kinflow::plates {
namespace {

const double kNoP = std::nan("");

Manifest Sealed(ArtifactStore& store, const char* path, const std::vector<Table>& shards,
                const Table* components = nullptr) {
  Manifest manifest;
  manifest.kind = "tests";
  manifest.key = HashBytes(path);
  for (uint32_t i = 0; i < shards.size(); ++i) {
    const auto out = store.BeginShard(manifest.kind, manifest.key, i);
    out->file().WriteTable(path, shards[i]);
    if (components != nullptr) out->file().WriteTable("/components", *components);
    manifest.shards.push_back(out->Commit(shards[i].rows()));
  }
  store.Seal(manifest);
  return manifest;
}

Table Effects(Table::Doubles plate, Table::Doubles batch) {
  Table table;
  table.Add("PLATE_P", std::move(plate));
  table.Add("BATCH_P", std::move(batch));
  return table;
}

// 0.01 over four tests that were made; 0.0025 itself is not below it.
TEST(SmallP, IsBelowOnePercentOverAllTestsThatWereMade) {
  const SmallP found = CountSmall({0.002, 0.0025, 0.003, kNoP, 1, kNoP});
  EXPECT_EQ(found.tests, 4u);
  EXPECT_EQ(found.small, 1u);
  EXPECT_EQ(CountSmall({kNoP}).small, 0u);
  EXPECT_EQ(CountSmall({}).tests, 0u);
}

TEST(SmallP, TestsOfAllShardsCount) {
  ArtifactStore store(test::TempFolder());
  const Manifest effects = Sealed(
      store, "/effects", {Effects({0.004, 0.5}, {0.004, kNoP}), Effects({1e-9, 0.5}, {0.9, kNoP})});
  const SmallPs found = SmallOfEffects(store, effects);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.at("plate").tests, 4u);  // of 0.0025
  EXPECT_EQ(found.at("plate").small, 1u);
  EXPECT_EQ(found.at("batch").tests, 2u);  // of 0.005
  EXPECT_EQ(found.at("batch").small, 1u);
}

TEST(SmallP, PlatesWithoutTheRowOfAllAndComponentsByFactor) {
  Table plates, components;
  plates.Add("FACTOR", Table::Strings{"plate", "plate", "plate", "batch"});
  plates.Add("LEVEL", Table::Strings{"all", "P1", "P2", "b1"});
  plates.Add("EDGE_P", Table::Doubles{1e-9, 0.001, 0.5, 1e-9});
  components.Add("FACTOR", Table::Strings{"plate", "plate", "batch", "batch"});
  components.Add("P", Table::Doubles{0.4, 1e-6, 0.2, 0.3});
  ArtifactStore store(test::TempFolder());
  const Manifest manifest = Sealed(store, "/plates", {plates}, &components);
  const SmallPs found = SmallOfPlates(store, manifest);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.at("edge").tests, 2u);
  EXPECT_EQ(found.at("edge").small, 1u);
  EXPECT_EQ(found.at("plate").small, 1u);
}

}  // namespace
}  // namespace kinflow::plates
