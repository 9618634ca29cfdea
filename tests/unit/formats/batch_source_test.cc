#include "stages/formats/batch_source.h"

#include <cmath>
#include <map>
#include <random>

#include "stages/formats/regrid.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

using Row = std::vector<uint32_t>;

struct Joined {
  Genotypes genotypes;
  std::vector<BatchTally> tallies;
  std::vector<std::string> people;
};

Joined Join(const std::vector<std::vector<std::string>>& files, const ScanShape& shape = {},
            uint32_t skip = 0) {
  std::vector<Batch> batches;
  for (const auto& f : files) {
    batches.push_back({"b" + std::to_string(batches.size() + 1), OpenGenotypes(Files(f))});
  }
  Joined out;
  const auto source = JoinBatches(std::move(batches), [&](const auto& t) { out.tallies = t; });
  source->SkipShards(skip);
  out.people = source->samples()->iids();
  out.genotypes = ReadAllTiles(*source, shape);
  return out;
}

std::string Site(const Genotypes& g, size_t i) {
  return std::string(g.variants.chrom(i)) + ":" + std::to_string(g.variants.pos(i)) + ":" +
         std::string(g.variants.ref(i)) + ":" + std::string(g.variants.alt(i));
}

void ExpectTally(const BatchTally& t, uint64_t variants, uint64_t common, uint64_t only_here,
                 uint64_t swapped, uint64_t palindromic, uint64_t conflict) {
  EXPECT_EQ(t.variants, variants) << t.name;
  EXPECT_EQ(t.common, common) << t.name;
  EXPECT_EQ(t.only_here, only_here) << t.name;
  EXPECT_EQ(t.swapped, swapped) << t.name;
  EXPECT_EQ(t.palindromic, palindromic) << t.name;
  EXPECT_EQ(t.conflict, conflict) << t.name;
}

TEST(BatchSource, PairsVariantsByAlleles) {
  const auto a =
      WriteVcf({"1 10 same A C . . . GT 0/0 0/1 1/1", "1 20 only A C . . . GT 0/0 0/0 0/0",
                "1 30 swap A C . . . GT 0/0 0/1 ./.", "1 40 pali A T . . . GT 0/0 0/1 1/1",
                "1 50 strand A C . . . GT 0/0 0/0 0/0", "1 60 multi A C,G . . . GT 0/1 1/2 2/2",
                "2 10 next A C . . . GT 1/1 1/1 1/1"});
  const auto b = WriteVcf(
      {"1 10 x A C . . . GT 0/1 1/1", "1 15 y A C . . . GT 0/0 0/0", "1 30 z C A . . . GT 0/1 0/0",
       "1 40 p T A . . . GT 0/1 ./.", "1 50 s T G . . . GT 0/0 0/0", "1 60 g A G . . . GT 0/1 1/1",
       "2 10 n A C . . . GT 0/0 0/1"},
      "D E");
  const Joined j = Join({{a}, {b}});
  EXPECT_EQ(j.people, (std::vector<std::string>{"A", "B", "C", "D", "E"}));
  const Genotypes& g = j.genotypes;
  ASSERT_EQ(g.values.size(), 5u);
  EXPECT_EQ(Site(g, 1), "1:30:A:C");
  EXPECT_EQ(g.variants.id(1), "swap");
  EXPECT_EQ(g.values[0], (Row{0, 1, 2, 1, 2}));
  EXPECT_EQ(g.values[1], (Row{0, 1, kNone, 1, 2}));
  EXPECT_EQ(g.values[2], (Row{0, 1, 2, 1, kNone}));
  EXPECT_EQ(Site(g, 3), "1:60:A:G");
  EXPECT_TRUE(g.variants.from_multiallelic(3));
  EXPECT_EQ(g.values[3], (Row{0, 1, 2, 1, 2}));
  EXPECT_EQ(g.values[4], (Row{2, 2, 2, 0, 1}));
  EXPECT_EQ(g.shards, (std::vector<uint32_t>{0, 0, 0, 0, 1}));
  ExpectTally(j.tallies[0], 8, 5, 1, 0, 0, 2);  // 60 A/C and 50: other alleles there
  ExpectTally(j.tallies[1], 7, 5, 1, 2, 1, 1);
}

TEST(BatchSource, WhatCannotBePairedIsDropped) {
  // Twice the same alleles; exact pairs before swapped ones; a swap onto one of several
  // alternatives; a swap where people can be haploid.
  const auto a = WriteVcf({"1 1 . A C . . . GT 0/0 0/0 0/0", "1 1 . A C . . . GT 1/1 1/1 1/1",
                           "1 2 . A G . . . GT 0/1 0/1 0/1", "1 2 . G A . . . GT 0/0 0/0 0/0",
                           "1 3 . C A . . . GT 0/0 0/0 0/0", "X 9 . A C . . . GT 0/0 0/0 0/0"});
  const auto b = WriteVcf({"1 1 . A C . . . GT 0/0", "1 2 . G A . . . GT 1/1",
                           "1 3 . A C,G . . . GT 1/2", "X 9 . C A . . . GT 0/0"},
                          "D");
  const Joined j = Join({{a}, {b}});
  ASSERT_EQ(j.genotypes.values.size(), 1u);
  EXPECT_EQ(Site(j.genotypes, 0), "1:2:G:A");
  EXPECT_EQ(j.genotypes.values[0], (Row{0, 0, 0, 2}));
  ExpectTally(j.tallies[0], 6, 1, 0, 0, 0, 5);
  ExpectTally(j.tallies[1], 5, 1, 0, 0, 0, 4);
}

TEST(BatchSource, GridsAreJoinedWithoutLossWhereOneExists) {
  using E = DosageEncoding;
  EXPECT_EQ(JoinEncodings({E::ForUnits(1000), E::ForUnits(10'000)}), E::ForUnits(10'000));
  EXPECT_EQ(JoinEncodings({{E::Layout::kTwoBit, 1, 0}, E::ForUnits(255)}), E::ForUnits(255));
  EXPECT_EQ(JoinEncodings({{E::Layout::kTwoBit, 1, 0}, {E::Layout::kTwoBit, 1, 0}}),
            E::ForUnits(1));
  EXPECT_EQ(JoinEncodings({E::ForUnits(1000), E::ForUnits(255)}), E::ForUnits(16384, 0.5 / 16384));
  EXPECT_EQ(JoinEncodings({E::ForUnits(16384, 0.5 / 16384), E::ForUnits(1)}),
            E::ForUnits(16384, 0.5 / 16384));
  EXPECT_EQ(JoinEncodings({E::ForUnits(16384, 0.5 / 16384), E::ForUnits(1000)}),
            E::ForUnits(16384, 0.5 / 16384));
  // Every value of the coarser grid, both ways round.
  for (const auto& [from, to] : {std::pair{255u, 16384u}, {1000u, 10'000u}, {1u, 127u}}) {
    const E source = E::ForUnits(from), target = E::ForUnits(to, 0.5 / to);
    DosageTile tile;
    const uint32_t n = 2 * from + 2;
    tile.Shape(n, source, 1);
    for (uint32_t v = 0; v < n; ++v) {
      const uint32_t value = v == n - 1 ? source.missing() : v;
      if (source.layout == E::Layout::kU16) {
        reinterpret_cast<uint16_t*>(tile.Row(0))[v] = static_cast<uint16_t>(value);
      } else {
        tile.Row(0)[v] = static_cast<uint8_t>(value);
      }
    }
    for (const bool swapped : {false, true}) {
      DosageTile out;
      out.Shape(n, target, 1);
      Regrid(source, target).Put(tile, 0, swapped, out.Row(0), 0);
      for (uint32_t v = 0; v + 1 < n; ++v) {
        const double dosage = static_cast<double>(v) / from;
        EXPECT_NEAR(static_cast<double>(out.At(0, v)) / to, swapped ? 2 - dosage : dosage,
                    0.5 / to + 1e-12);
      }
      EXPECT_EQ(out.At(0, n - 1), target.missing());
    }
  }
}

TEST(BatchSource, DosagesOfDifferentFieldsMeetOnOneGrid) {
  const auto a = WriteVcf({"1 10 . A C . . . DS 0.123 1 2"});
  const auto b = WriteVcf({"1 10 . C A . . . GT 0/1 0/0"}, "D E");
  const Joined j = Join({{a}, {b}});
  EXPECT_EQ(j.genotypes.encoding.units_per_copy, 1000u);
  EXPECT_EQ(j.genotypes.values[0], (Row{123, 1000, 2000, 1000, 2000}));
}

TEST(BatchSource, APersonInTwoBatchesIsRefused) {
  const auto a = WriteVcf({"1 10 . A C . . . GT 0/0 0/0 0/0"}, "A B CANARY");
  const auto b = WriteVcf({"1 10 . A C . . . GT 0/0 0/0"}, "D CANARY");
  const Error error = ErrorOf([&] { Join({{a}, {b}}); });
  EXPECT_EQ(error.id(), ErrorId::kDuplicateSamples);
  EXPECT_EQ(error.message(), "sample 2 of batch b2 is also sample 3 of batch b1");
  EXPECT_EQ(error.Format().find("CANARY"), std::string::npos);
  EXPECT_FALSE(error.remedy().empty());
}

TEST(BatchSource, ChromosomesOutOfOrderAreRefused) {
  const auto a = WriteVcf({"10 1 . A C . . . GT 0/0 0/0 0/0", "2 1 . A C . . . GT 0/0 0/0 0/0"});
  const auto b = WriteVcf({"2 1 . A C . . . GT 0/0", "10 1 . A C . . . GT 0/0"}, "D");
  const Error error = ErrorOf([&] { Join({{b}, {a}}); });
  EXPECT_EQ(error.id(), ErrorId::kVariantOrder);
  EXPECT_FALSE(error.remedy().empty());
}

/// Random batches against a join over maps; the same for every tile size and every resume point.
TEST(BatchSource, AgreesWithAJoinInMemory) {
  std::mt19937 random(21);
  using Site = std::tuple<int, uint32_t, std::string>;
  std::vector<std::map<Site, std::vector<int>>> truth(3);
  std::vector<std::vector<std::string>> files;
  for (int b = 0; b < 3; ++b) {
    std::string names;
    for (int s = 0; s <= b; ++s)
      names += (s > 0 ? " " : "") + std::string("p") + std::to_string(b) + std::to_string(s);
    files.emplace_back();
    for (int chrom = 1; chrom <= 3; ++chrom) {
      std::vector<std::string> records;
      for (uint32_t pos = 1; pos < 400; ++pos) {
        for (const char* alleles : {"A C", "A G"}) {
          if (random() % 3 == 0) continue;
          std::vector<int> values;
          std::string record =
              std::to_string(chrom) + " " + std::to_string(pos) + " . " + alleles + " . . . GT";
          for (int s = 0; s <= b; ++s) {
            values.push_back(static_cast<int>(random() % 3));
            record += values.back() == 0 ? " 0/0" : values.back() == 1 ? " 0/1" : " 1/1";
          }
          records.push_back(record);
          truth[static_cast<size_t>(b)][{chrom, pos, alleles}] = values;
        }
      }
      files.back().push_back(WriteVcf(records, names));
    }
  }
  std::vector<Row> expected;
  for (const auto& [site, values] : truth[0]) {
    Row row;
    bool common = true;
    for (const auto& batch : truth) {
      const auto it = batch.find(site);
      common = common && it != batch.end();
      if (common) row.insert(row.end(), it->second.begin(), it->second.end());
    }
    if (common) expected.push_back(row);
  }
  ASSERT_GT(expected.size(), 300u);
  for (const uint32_t records : {1u, 7u, 256u}) {
    ScanShape shape;
    shape.tile_records = records;
    shape.shard_genotypes = 300;
    const Joined whole = Join(files, shape);
    ASSERT_EQ(whole.genotypes.values, expected) << records;
    for (const uint32_t skip : {1u, 4u}) {
      const Joined rest = Join(files, shape, skip);
      const auto first = static_cast<size_t>(
          std::lower_bound(whole.genotypes.shards.begin(), whole.genotypes.shards.end(), skip) -
          whole.genotypes.shards.begin());
      ASSERT_EQ(rest.genotypes.values,
                std::vector<Row>(expected.begin() + static_cast<long>(first), expected.end()));
      EXPECT_EQ(rest.tallies[0].common, expected.size());
    }
  }
}

}  // namespace
}  // namespace kinflow
