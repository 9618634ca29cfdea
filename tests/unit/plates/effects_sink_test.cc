#include "stages/plates/effects_sink.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "stages/plates/findings.h"
#include "tests/support/test_data.h"

namespace kinflow::plates {
namespace {

TEST(EffectsSink, RareVariantsAreNotTested) {
  constexpr uint32_t kPeople = 40;
  EffectsSink::Setup setup;
  Factor plate;
  plate.name = "plate";
  plate.levels = {"P1", "P2"};
  for (uint32_t s = 0; s < kPeople; ++s) plate.of.push_back(s % 2);
  setup.factors = {plate};
  setup.stratum.assign(kPeople, 1);
  Manifest manifest;
  manifest.stage = manifest.kind = "plate_effects";
  manifest.key = HashBytes("key");
  ArtifactStore store{test::TempFolder()};
  EffectsSink sink(std::move(setup), store, manifest);

  // Copies of ALT, of 80: the rarer allele has 19, 20, 19 and 20.
  const uint32_t copies[] = {19, 20, 61, 60};
  DosageTile tile;
  for (size_t r = 0; r < 4; ++r)
    tile.variants.Append("1", static_cast<uint32_t>(r + 1), "v", "A", "C");
  tile.Shape(kPeople, DosageEncoding::ForUnits(1), 4);
  for (size_t r = 0; r < 4; ++r) {
    for (uint32_t s = 0; s < kPeople; ++s) {
      tile.Row(r)[s] = static_cast<uint8_t>((s < copies[r]) + (kPeople + s < copies[r]));
    }
  }
  tile.first_variant = 10;
  sink.BeginShard(0);
  sink.BeginTile(tile);
  sink.Consume(tile, {0, 4});
  sink.SealShard(0);
  sink.Finish();
  const Table effects =
      store.Open(*store.Find("plate_effects", manifest.key), 0).ReadTable("/effects");
  EXPECT_EQ(effects.IntsOf("PLATE_DF"),
            (Table::Ints{Table::kMissingInt, 1, Table::kMissingInt, 1}));
  for (size_t r = 0; r < 4; ++r) {
    EXPECT_EQ(std::isnan(effects.DoublesOf("PLATE_CHI2")[r]), r % 2 == 0) << r;
    EXPECT_EQ(std::isnan(effects.DoublesOf("PLATE_P")[r]), r % 2 == 0) << r;
  }

  // Filters find them by the place of the variant; nothing is known of others.
  const VariantFindings findings = FindingsOfEffects();
  EXPECT_EQ(findings.stage, "plate_effects");
  const std::vector<uint64_t> rows = {8, 10, 11, 12, 13, 14};
  std::vector<VariantFacts> facts(rows.size());
  findings.set(store, manifest.key, 0, rows, facts);
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool tested = rows[i] == 11 || rows[i] == 13;
    EXPECT_EQ(std::isnan(facts[i].plate_p), !tested) << i;
    EXPECT_TRUE(std::isnan(facts[i].batch_p));
    if (!tested) continue;
    EXPECT_EQ(facts[i].plate_p, effects.DoublesOf("PLATE_P")[rows[i] - 10]);
  }
  std::vector<VariantFacts> behind(1);
  findings.set(store, manifest.key, 1, {20}, behind);
  EXPECT_TRUE(std::isnan(behind[0].plate_p));
  EXPECT_THROW(findings.set(store, manifest.key, 0, {10, 12}, facts), Error);
}

TEST(WithoutSmallCells, CountsByStratum) {
  Factor factor;
  factor.levels = {"P1", "P2"};
  factor.of = {0, 0, 0, 0, 1, 1, 1, Factor::kNone};
  const std::vector<uint8_t> stratum = {1, 1, 1, 2, 2, 2, EffectsSink::kOut, 1};
  const Factor shown = WithoutSmallCells(factor, stratum, 2);
  EXPECT_EQ((std::vector<uint32_t>{shown.of.begin(), shown.of.begin() + 6}),
            (std::vector<uint32_t>{0, 0, 0, Factor::kNone, 1, 1}));
}

}  // namespace
}  // namespace kinflow::plates
