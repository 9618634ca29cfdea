// Regions and id lists of formats that know their variants before they read them, against a full
// pass; how little of the file that takes.
#include <random>

#include "stages/formats/bgen_index.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/selected_source.h"
#include "stages/formats/sqlite_file.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

constexpr int kVariants = 3000;

/// Dosages of plink2's own invention as .bed, .pgen and .bgen with an index; four chromosomes,
/// several variants at some positions.
std::string Prefix(const std::string& plink2) {
  const std::string prefix = FolderOf(WriteText("keep", "")) + "/d";
  EXPECT_EQ(RunCommand(plink2 + " --dummy 2000 " + std::to_string(kVariants) +
                       " dosage-freq=0.4 --seed 7 --threads 1 --make-pgen --out " + prefix),
            0);
  std::string table = "#CHROM\tPOS\tID\tREF\tALT\n";
  for (int i = 0; i < kVariants; ++i) {
    table += std::to_string(1 + i / (kVariants / 4)) + "\t" + std::to_string(100 + i / 3 * 10) +
             "\tv" + std::to_string(i) + "\tA\tC\n";
  }
  WriteFileAtomically(prefix + ".pvar", table);
  EXPECT_EQ(RunCommand(plink2 + " --pfile " + prefix + " --make-bed --out " + prefix), 0);
  EXPECT_EQ(RunCommand(plink2 + " --pfile " + prefix +
                       " --export bgen-1.2 bits=8 ref-first --out " + prefix),
            0);
  BuildBgenIndex(prefix + ".bgen", 10'000);
  return prefix;
}

GenotypeOptions OptionsOf(const std::string& file, const VariantSelection& selection) {
  GenotypeOptions options = Files({file});
  options.choice.regions = selection.regions;
  if (selection.by_id) {
    options.ids = std::make_shared<const std::unordered_set<std::string>>(selection.ids);
  }
  return options;
}

std::unique_ptr<GenotypeSource> Open(const std::string& file, const VariantSelection& selection) {
  return SelectVariants(OpenGenotypes(OptionsOf(file, selection)), selection);
}

std::vector<VariantSelection> Selections(const VariantTable& all) {
  std::mt19937 random(3);
  std::vector<VariantSelection> selections(5);
  selections[0].regions = RegionSet::Parse("2:3000-3100,4:9000");
  std::vector<std::pair<std::string, Interval>> places;
  for (int i = 0; i < 20; ++i) {
    const size_t row = random() % all.size();
    places.emplace_back(all.chrom(row), Interval{all.pos(row), all.pos(row)});
  }
  selections[1].regions = RegionSet::Build(places);
  selections[2].by_id = true;
  for (int i = 0; i < 20; ++i) selections[2].ids.emplace(all.id(random() % all.size()));
  selections[2].ids.emplace("nothing");
  selections[3] = selections[2];
  selections[3].regions = RegionSet::Parse("1,3");
  selections[4] = selections[2];
  selections[4].excluded = std::make_shared<ExcludedIds>(
      std::unordered_set<std::string>{*selections[2].ids.begin(), "nothing"});
  return selections;
}

class RandomAccessChoice : public ::testing::TestWithParam<const char*> {};

TEST_P(RandomAccessChoice, GivesWhatAFullPassGives) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string file = Prefix(plink2) + GetParam();
  const Genotypes all = ReadFiles(Files({file}));
  ASSERT_EQ(all.values.size(), static_cast<size_t>(kVariants));
  const uint64_t size = StampOf(file).size;
  for (const VariantSelection& selection : Selections(all.variants)) {
    std::vector<std::vector<uint32_t>> expected;
    for (size_t i = 0; i < all.values.size(); ++i) {
      if (selection.Keeps(all.variants, i)) expected.push_back(all.values[i]);
    }
    ASSERT_GT(expected.size(), 0u);
    for (const uint32_t tile : {1u, 7u, 256u}) {
      const auto source = Open(file, selection);
      source->Shape({.tile_records = tile, .shard_genotypes = 2000 * 100});
      const Genotypes part = ReadAllTiles(*source);
      ASSERT_EQ(part.values, expected) << tile;
      // What the header and, in BGEN, the first piece take comes on top.
      EXPECT_LT(source->bytes_read(), size / 2) << tile;
    }
  }
}

TEST_P(RandomAccessChoice, DigestIsOfWhatIsRead) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string file = Prefix(plink2) + GetParam();
  VariantSelection selection;
  selection.regions = RegionSet::Parse("4:9000-9100");
  const auto inventory = [&] {
    return TakeInventory(ProbeGenotypes(OptionsOf(file, selection))).front();
  };
  const InputInfo before = inventory();
  EXPECT_GT(before.bytes_to_read, 0u);
  EXPECT_LT(before.bytes_to_read, before.bytes / 10);
  EXPECT_EQ(before.reads_all_because, "");
  EXPECT_NE(before.digest, HashFile(file));
  // A byte elsewhere is no matter; one of what is read is.
  const GenotypePlan plan = ProbeGenotypes(OptionsOf(file, selection));
  const ByteRange read = plan.files.front().ranges.back();
  std::string bytes = ReadFile(file);
  bytes[read.end + (bytes.size() - read.end) / 2] ^= 1;
  const auto write = [&] {
    WriteFileAtomically(file, bytes);
    // An index older than its file would leave nothing out.
    if (FileExists(file + ".bgi")) WriteFileAtomically(file + ".bgi", ReadFile(file + ".bgi"));
  };
  write();
  EXPECT_EQ(inventory().digest, before.digest);
  bytes[read.end - 1] ^= 1;
  write();
  EXPECT_NE(inventory().digest, before.digest);
}

TEST_P(RandomAccessChoice, DigestIsOfListedVariants) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string file = Prefix(plink2) + GetParam();
  const auto inventory = [&](const VariantSelection& selection) {
    return TakeInventory(ProbeGenotypes(OptionsOf(file, selection))).front();
  };
  VariantSelection selection;
  selection.by_id = true;
  selection.ids = {"v7", "v1500", "v2000", "nothing"};
  const InputInfo listed = inventory(selection);
  EXPECT_LT(listed.bytes_to_read, listed.bytes / 100);
  const auto ranges = ProbeGenotypes(OptionsOf(file, selection)).files.front().ranges;
  EXPECT_EQ(BytesOf(ranges), listed.bytes_to_read);
  EXPECT_EQ(listed.digest, HashRanges(file, ranges));
  VariantSelection in_region = selection;
  in_region.regions = RegionSet::Parse("3");  // v1500 and v2000
  EXPECT_LT(inventory(in_region).bytes_to_read, listed.bytes_to_read);
  selection.ids = {"v7", "v1500", "v2001"};
  EXPECT_NE(inventory(selection).digest, listed.digest);
}

INSTANTIATE_TEST_SUITE_P(Formats, RandomAccessChoice, ::testing::Values(".bed", ".pgen", ".bgen"),
                         [](const auto& name) { return std::string(name.param + 1); });

TEST(BgenChoice, IndexWithAnotherPositionIsRefused) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string file = Prefix(plink2) + ".bgen";
  KINFLOW_REQUIRE_PROGRAM(python, "python3");
  ASSERT_EQ(
      RunCommand(python + " -c \"import sqlite3; c = sqlite3.connect('" + file +
                 ".bgi'); c.execute('UPDATE Variant SET position = 77 WHERE position = 3050');"
                 " c.commit()\""),
      0);
  VariantSelection selection;
  selection.regions = RegionSet::Parse("2:77");
  const Error error = ErrorOf([&] { ReadAllTiles(*Open(file, selection)); });
  EXPECT_EQ(error.id(), ErrorId::kRecordCount);
  EXPECT_EQ(error.file(), file + ".bgi");
  EXPECT_NE(error.remedy().find("kinflow index"), std::string::npos);
}

TEST(BgenChoice, WithoutIndexAllIsRead) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string file = Prefix(plink2) + ".bgen";
  VariantSelection selection;
  selection.regions = RegionSet::Parse("2:3000-3100");
  const Genotypes with = ReadAllTiles(*Open(file, selection));
  RemoveFile(file + ".bgi");
  const auto source = Open(file, selection);
  EXPECT_EQ(ReadAllTiles(*source).values, with.values);
  EXPECT_GE(source->bytes_read(), StampOf(file).size);
  EXPECT_EQ(ProbeGenotypes(OptionsOf(file, selection)).files.front().reads_all_because, "no index");
}

TEST(MultiFileChoice, EveryFileIsTold) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string prefix = Prefix(plink2);
  for (const char* chrom : {"2", "3"}) {
    ASSERT_EQ(RunCommand(plink2 + " --pfile " + prefix + " --chr " + chrom + " --make-pgen --out " +
                         prefix + chrom),
              0);
  }
  VariantSelection selection;
  selection.regions = RegionSet::Parse("2:3000-3100,3:6000-6100");
  const Genotypes whole = ReadAllTiles(*Open(prefix + ".pgen", selection));
  GenotypeOptions options = Files({prefix + "2.pgen", prefix + "3.pgen"});
  options.choice.regions = selection.regions;
  const auto source = SelectVariants(OpenGenotypes(options), selection);
  EXPECT_EQ(ReadAllTiles(*source).values, whole.values);
  EXPECT_GT(whole.values.size(), 20u);
  EXPECT_LT(source->bytes_read(), StampOf(prefix + "2.pgen").size / 4);
}

}  // namespace
}  // namespace kinflow
