// Lists of ids over VCF and BCF: what a full pass gives of them, without a look at the genotypes of
// other records.
#include <fmt/format.h>

#include "stages/formats/selected_source.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

constexpr int kRecords = 120;

/// Records on two chromosomes, some of two ALT alleles or without id; the first one after the good
/// `probed` ones has a dosage of `last`.
std::string Write(const std::string& last) {
  std::vector<std::string> records;
  for (int i = 0; i < kRecords; ++i) {
    const bool two = i % 7 == 3;
    const auto value = [&](int s) {
      const std::string one = fmt::format("{:.3f}", (i * 13 + s * 71) % 1000 / 1000.0);
      return two ? one + ",0.1" : one;
    };
    records.push_back(fmt::format("{} {} {} A {} . . . DS {} {} {}", i < 70 ? 1 : 2, i + 1,
                                  i % 11 == 5 ? "." : fmt::format("v{}", i), two ? "C,G" : "C",
                                  value(0), value(1), i == kRecords - 2 ? last : value(2)));
  }
  return WriteVcf(records, "A B C", "##contig=<ID=1>\n##contig=<ID=2>\n");
}

std::string Bcf(const std::string& bcftools, const std::string& vcf) {
  EXPECT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  return vcf + ".bcf";
}

VariantSelection Listed(std::initializer_list<int> numbers) {
  VariantSelection selection;
  selection.by_id = true;
  for (const int number : numbers) selection.ids.insert(fmt::format("v{}", number));
  return selection;
}

VariantSelection Without(VariantSelection selection, std::initializer_list<int> numbers) {
  selection.excluded = std::make_shared<ExcludedIds>(Listed(numbers).ids);
  return selection;
}

/// Probed by a good file, as the probe reads all of so small ones.
std::unique_ptr<GenotypeSource> Open(const std::string& file, const std::string& probed,
                                     const VariantSelection& selection) {
  GenotypeOptions options = Files({probed});
  options.choice.regions = selection.regions;
  GenotypePlan plan = ProbeGenotypes(options);
  plan.files[0].path = file;
  return SelectVariants(OpenGenotypes(options, plan), selection);
}

TEST(ListedRecords, AreThoseOfAFullPass) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string vcf = Write("0.5");
  for (const std::string& file : {vcf, Bcf(bcftools, vcf)}) {
    for (VariantSelection selection :
         {Listed({0, 3, 10, 17, 69, 70, 71, 99, 119}), Listed({500}),
          Without(Listed({0, 3, 10, 17, 70, 99}), {3, 70, 71}), Without({}, {3, 18, 70, 500})}) {
      for (const char* regions : {"", "1:5-60,2"}) {
        if (*regions != 0) selection.regions = RegionSet::Parse(regions);
        ScanShape shape;
        shape.shard_genotypes = 3 * 10;
        GenotypeOptions options = Files({file});
        options.choice.regions = selection.regions;
        const Genotypes all = ReadFiles(options, shape);
        for (const uint32_t tile : {1u, 4u, 256u}) {
          for (const uint32_t skip : {0u, 2u}) {
            shape.tile_records = tile;
            const auto source = Open(file, file, selection);
            source->SkipShards(skip);
            const Genotypes part = ReadAllTiles(*source, shape);
            size_t next = 0;
            for (size_t row = 0; row < all.values.size(); ++row) {
              if (!selection.Keeps(all.variants, row) || all.shards[row] < skip) continue;
              ASSERT_LT(next, part.values.size());
              EXPECT_EQ(part.values[next], all.values[row]);
              EXPECT_EQ(part.variants.alt(next), all.variants.alt(row));
              EXPECT_EQ(part.shards[next], all.shards[row]);
              ++next;
            }
            EXPECT_EQ(next, part.values.size());
          }
        }
      }
    }
  }
}

TEST(ListedRecords, OthersAreNotDecoded) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string good = Write("0.5"), bad = Write("7");
  const int last = kRecords - 2;
  for (const bool bcf : {false, true}) {
    const std::string file = bcf ? Bcf(bcftools, bad) : bad,
                      probed = bcf ? Bcf(bcftools, good) : good;
    EXPECT_EQ(ReadAllTiles(*Open(file, probed, Listed({2, last - 1}))).values.size(), 2u);
    const Error error = ErrorOf([&] { ReadAllTiles(*Open(file, probed, Listed({2, last}))); });
    EXPECT_EQ(error.id(), ErrorId::kDosageInvalid);
    EXPECT_EQ(error.record(), static_cast<uint64_t>(last) + 1);
    const auto without = [&](const std::string& path) {
      return ReadAllTiles(*Open(path, probed, Without({}, {last}))).values;
    };
    EXPECT_EQ(without(file), without(probed));
  }
}

TEST(ListedRecords, ExcludedIdsThatNoVariantHasAreCounted) {
  const std::string vcf = Write("0.5");
  // v16 has no id in the file, v500 no record; v2 is none of those that are listed.
  const VariantSelection all = Without({}, {2, 16, 17, 500}),
                         some = Without(Listed({3, 17}), {2, 17});
  for (const auto& [selection, unmatched] : {std::pair(all, 2u), std::pair(some, 1u)}) {
    EXPECT_NE(selection.Canonical(), VariantSelection().Canonical());
    const auto resumed = Open(vcf, vcf, selection);
    resumed->SkipShards(1);
    ScanShape shape;
    shape.shard_genotypes = 3 * 10;
    ReadAllTiles(*resumed, shape);
    EXPECT_EQ(selection.excluded->Unmatched(), 0u);  // not all has been read
    ReadAllTiles(*Open(vcf, vcf, selection));
    EXPECT_EQ(selection.excluded->Unmatched(), unmatched);
  }
  EXPECT_NE(all.Canonical(), Without({}, {2}).Canonical());
  EXPECT_NE(some.Canonical(), Listed({3, 17}).Canonical());
}

}  // namespace
}  // namespace kinflow
