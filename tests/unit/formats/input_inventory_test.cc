#include "stages/formats/input_inventory.h"

#include "stages/formats/checksum_file.h"
#include "stages/formats/variant_index.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

// A copy of a public file in a folder of its own, so that files can be put beside it.
std::string CopyOf(const std::string& path, const std::string& name) {
  const std::string copy = WriteText(name, ReadFile(path));
  return copy;
}

struct BgzfBlock {
  size_t begin = 0, size = 0;
};

std::vector<BgzfBlock> BlocksOf(const std::string& bytes) {
  std::vector<BgzfBlock> blocks;
  for (size_t at = 0; at < bytes.size();) {
    const auto u8 = [&](size_t i) { return static_cast<uint8_t>(bytes[at + i]); };
    const size_t size = (u8(16) | (u8(17) << 8)) + size_t{1};
    blocks.push_back({at, size});
    at += size;
  }
  return blocks;
}

TEST(RecordCounts, DeletedBlockIsFoundByTheOldIndex) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  KINFLOW_REQUIRE_DATA(path, "minimac_trios/imputed.vcf.gz");
  const std::string folder = TempFolder();
  for (const char* kind : {"vcf.gz", "bcf"}) {
    const std::string whole = folder + "/whole." + kind;
    // bcftools ends its blocks on record borders, so a lost block leaves whole records.
    ASSERT_EQ(RunCommand(bcftools + " view -O" + (kind[0] == 'v' ? "z" : "b") + " -o " + whole +
                         " " + path + " && " + bcftools + " index -f " + whole + " && " + bcftools +
                         " index -f " + (kind[0] == 'v' ? "-t " : "-c ") + whole),
              0);
    EXPECT_EQ(ReadFiles(Files({whole})).values.size(), 11450u);
    const std::string bytes = ReadFile(whole);
    const auto blocks = BlocksOf(bytes);
    ASSERT_GT(blocks.size(), 6u);
    const BgzfBlock middle = blocks[blocks.size() / 2];
    const auto cut =
        WriteText(std::string("cut.") + kind,
                  bytes.substr(0, middle.begin) + bytes.substr(middle.begin + middle.size));
    for (const char* ending : {".tbi", ".csi"}) {
      if (FileExists(whole + ending)) WriteFileAtomically(cut + ending, ReadFile(whole + ending));
    }
    const auto error = ErrorOfFiles(Files({cut}));
    EXPECT_EQ(error.exit_code(), ExitCode::kInput);
    if (kind[0] == 'b') continue;  // BCF blocks end anywhere: the record that was torn is malformed
    EXPECT_EQ(error.id(), ErrorId::kRecordCount) << error.Format();
    for (const char* ending : {".tbi", ".csi"}) RemoveFile(cut + ending);
    // Without an index nothing can find it (bcftools and plink2 do not either): the inventory says
    // so.
    const auto plan = ProbeGenotypes(Files({cut}));
    EXPECT_EQ(TakeInventory(plan)[0].completeness, "not verifiable");
    EXPECT_LT(ReadFiles(Files({cut})).values.size(), 11450u);
  }
}

// An index that counts other records than the file has, for both formats and kinds of index.
TEST(RecordCounts, StaleIndexIsRefused) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  KINFLOW_REQUIRE_DATA(path, "mendel_unit/trio-stats.vcf");
  for (const char* kind : {"z", "b"}) {
    for (const char* index : {"-t", "-c"}) {
      if (kind[0] == 'b' && index[1] == 't') continue;
      const std::string folder = TempFolder() + "/" + kind + index;
      MakeFolders(folder);
      const std::string all = folder + "/all", part = folder + "/part";
      const std::string ending = index[1] == 't' ? ".tbi" : ".csi";
      ASSERT_EQ(RunCommand(bcftools + " view -O" + kind + " -o " + all + " " + path + " && " +
                           bcftools + " view -O" + kind + " -e 'POS=309' -o " + part + " " + path +
                           " && " + bcftools + " index -f " + index + " " + part + " && mv " +
                           part + ending + " " + all + ending),
                0);
      const auto error = ErrorOfFiles(Files({all}));
      EXPECT_EQ(error.id(), ErrorId::kRecordCount) << error.Format();
      EXPECT_NE(error.message().find("14 records read, the index counts 13"), std::string::npos)
          << error.Format();
    }
  }
}

TEST(RecordCounts, IndexesAgreeWithBcftools) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  KINFLOW_REQUIRE_DATA(path, "sim500_faults/b.imputed.vcf.gz");
  const std::string folder = TempFolder();
  const std::string vcf = folder + "/i.vcf.gz", bcf = folder + "/i.bcf";
  ASSERT_EQ(RunCommand("cp " + path + " " + vcf + " && " + bcftools + " index -c -f " + vcf +
                       " && " + bcftools + " view -Ob -o " + bcf + " " + vcf + " && " + bcftools +
                       " index " + bcf),
            0);
  for (const auto& file : {path, vcf, bcf}) {
    std::string text;
    ASSERT_EQ(RunCommand("(" + bcftools + " index --nrecords " + file + " 2>/dev/null)", &text), 0);
    const auto index = FindVariantIndex(file);
    ASSERT_TRUE(index.has_value());
    EXPECT_TRUE(index->counts_known);
    EXPECT_EQ(std::to_string(index->total()) + "\n", text);
    EXPECT_EQ(ReadFiles(Files({file})).values.size(), index->total());
  }
}

TEST(Truncation, FileCutAnywhereIsRefused) {
  KINFLOW_REQUIRE_DATA(path, "minimac_trios/imputed.vcf.gz");
  const std::string bytes = ReadFile(path);
  for (const size_t n : {bytes.size() - 1, bytes.size() - 28, bytes.size() / 2, size_t{1000}}) {
    const auto error = ErrorOfFiles(Files({WriteText("cut.vcf.gz", bytes.substr(0, n))}));
    EXPECT_EQ(error.id(), ErrorId::kTruncated) << n;
    EXPECT_EQ(error.exit_code(), ExitCode::kInput);
  }
}

TEST(Inventory, ReportsIndexChecksumAndBuild) {
  KINFLOW_REQUIRE_DATA(path, "minimac_trios/imputed.vcf.gz");
  KINFLOW_REQUIRE_DATA(other, "minimac_trios/chip.vcf.gz");
  const auto copy = CopyOf(path, "i.vcf.gz");
  const auto take = [&] { return TakeInventory(ProbeGenotypes(Files({copy})))[0]; };
  auto info = take();
  EXPECT_EQ(info.completeness, "not verifiable");
  EXPECT_EQ(info.warnings.size(), 1u);
  EXPECT_EQ(info.field, "DS");
  EXPECT_EQ(info.units, 1000u);
  EXPECT_EQ(info.format, "vcf (BGZF)");
  EXPECT_EQ(info.digest, HashFile(copy));
  WriteFileAtomically(copy + ".tbi", ReadFile(other + ".tbi"));  // counts are another file's
  info = take();
  EXPECT_EQ(info.completeness, "not verifiable");
  EXPECT_FALSE(info.index_records.has_value());
  ASSERT_EQ(info.warnings.size(), 2u);
  EXPECT_NE(info.warnings[0].find("another version"), std::string::npos);
  WriteFileAtomically(copy + ".tbi", ReadFile(path + ".tbi"));
  info = take();
  EXPECT_EQ(info.completeness, "index");
  EXPECT_EQ(info.index_records, 11450u);
  const std::string md5 = ChecksumOfFile(copy, ChecksumKind::kMd5);
  WriteFileAtomically(copy + ".md5", md5 + "\n");
  EXPECT_EQ(take().checksum, "verified md5");
  EXPECT_EQ(take().completeness, "checksum");
  for (const auto& [ending, wrong] :
       {std::pair{".md5", std::string(32, '0')}, std::pair{".sha256", std::string(64, '0')}}) {
    WriteFileAtomically(copy + ending, wrong + "  " + BaseName(copy) + "\n");
    const auto error = ErrorOf([&] { take(); });
    EXPECT_EQ(error.id(), ErrorId::kChecksumMismatch);
    EXPECT_EQ(error.exit_code(), ExitCode::kInput);
    EXPECT_EQ(error.file(), copy);
    EXPECT_NE(error.value().find("00000000"), std::string::npos);
    RemoveFile(copy + ending);
  }
  EXPECT_EQ(InventoryTable({take()}).rows(), 1u);
}

TEST(Inventory, BedHasThreeFiles) {
  KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
  const auto inputs = TakeInventory(ProbeGenotypes(Files({bed})));
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].completeness, "size");
  EXPECT_EQ(inputs[0].index_records, 9088u);
  EXPECT_EQ(inputs[1].format, "bim");
  const Table table = InventoryTable(inputs);
  EXPECT_EQ(table.StringsOf("FIELD")[0], "bed");
  EXPECT_EQ(table.StringsOf("FIELD")[2], "NA");
}

}  // namespace
}  // namespace kinflow
