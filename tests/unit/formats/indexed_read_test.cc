// Regions read through an index, against a full pass and against bcftools.
#include "stages/formats/indexed_read.h"

#include <random>
#include <sstream>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/vcf_reader.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

struct Kind {
  const char* type;   // bcftools -O
  const char* index;  // bcftools index
  const char* ending;
};
constexpr Kind kKinds[] = {{"z", "-t", ".tbi"}, {"z", "-c", ".csi"}, {"b", "-c", ".csi"}};

/// Records on three contigs: mostly SNPs close together, some deserts, some deletions that reach
/// over the borders of index bins, some with END far away.
std::vector<std::string> Records(uint32_t seed, int per_contig) {
  std::mt19937 random(seed);
  std::vector<std::string> records;
  for (const char* chrom : {"chr1", "chr2", "chrX"}) {
    uint32_t pos = 1 + random() % 20'000;
    for (int i = 0; i < per_contig; ++i) {
      pos += random() % 50 == 0 ? random() % 3'000'000 : random() % 900;
      const bool deletion = random() % 20 == 0;
      const std::string ref = deletion ? std::string(2 + random() % 6000, 'A') : "A";
      const std::string info =
          random() % 200 == 0 ? "END=" + std::to_string(pos + random() % 900'000) : ".";
      std::string record = std::string(chrom) + " " + std::to_string(pos) + " v" +
                           std::to_string(records.size()) + " " + ref +
                           (i % 30 == 0 ? " C,G" : " C") + " . . " + info + " GT";
      for (int s = 0; s < 60; ++s) {
        record += " " + std::to_string(random() % 2) + "|" + std::to_string(random() % 2);
      }
      records.push_back(std::move(record));
    }
  }
  return records;
}

std::string SampleNames(int n) {
  std::string names;
  for (int i = 0; i < n; ++i) names += (i > 0 ? " S" : "S") + std::to_string(i);
  return names;
}

constexpr char kMeta[] =
    "##contig=<ID=chr1>\n##contig=<ID=chr2>\n##contig=<ID=chr9>\n##contig=<ID=chrX>\n"
    "##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n";

/// The records as an indexed file; the same without an index beside it.
struct Pair {
  std::string indexed, bare;
};

Pair Make(const std::string& bcftools, const std::vector<std::string>& records, const Kind& kind) {
  const std::string text = WriteVcf(records, SampleNames(60), kMeta), folder = FolderOf(text);
  const std::string ending = kind.type[0] == 'b' ? ".bcf" : ".vcf.gz";
  Pair files{folder + "/indexed" + ending, folder + "/bare" + ending};
  EXPECT_EQ(RunCommand(bcftools + " view -O" + kind.type + " -o " + files.indexed + " " + text +
                       " && " + bcftools + " index " + kind.index + " " + files.indexed +
                       " && cp " + files.indexed + " " + files.bare),
            0);
  return files;
}

GenotypeOptions In(const std::string& file, const RegionSetPtr& regions) {
  GenotypeOptions options = Files({file});
  options.choice.regions = regions;
  return options;
}

std::vector<std::string> Ids(const Genotypes& g) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < g.variants.size(); ++i) ids.emplace_back(g.variants.id(i));
  return ids;
}

/// Ids of records whose POS lies in the regions, as bcftools streams them (an id for each allele).
std::vector<std::string> IdsOfBcftools(const std::string& bcftools, const std::string& file,
                                       const RegionSet& regions) {
  std::string bed;
  for (const auto& [chrom, intervals] : regions.chromosomes()) {
    for (const Interval& i : intervals) {
      bed += "chr" + chrom + "\t" + std::to_string(std::max(1u, i.begin)) + "\t" +
             std::to_string(std::min(i.end, 2'000'000'000u)) + "\n";
    }
  }
  const std::string list = WriteText("targets.txt", bed), out = list + ".out";
  EXPECT_EQ(RunCommand(bcftools + " view --targets-overlap pos -T " + list + " " + file + " | " +
                       bcftools + " query -f '%ID\\t%ALT\\n' > " + out),
            0);
  std::vector<std::string> ids;
  LineReader lines(out);
  std::string_view line;
  while (lines.Next(line)) {
    const auto f = Split(line, '\t');
    for (size_t k = 0; k < Split(f[1], ',').size(); ++k) ids.emplace_back(f[0]);
  }
  return ids;
}

RegionSetPtr RandomRegions(std::mt19937& random) {
  std::vector<std::pair<std::string, Interval>> regions;
  const int n = 1 + static_cast<int>(random() % 30);
  const uint32_t longest = random() % 3 == 0 ? 400'000 : 2;
  for (int i = 0; i < n; ++i) {
    const uint32_t begin = 1 + random() % 60'000'000 / (1 + random() % 20);
    regions.emplace_back(random() % 2 == 0 ? "1" : "X",
                         Interval{begin, begin + static_cast<uint32_t>(random() % longest)});
  }
  if (random() % 5 == 0) regions.emplace_back("2", Interval{});
  return RegionSet::Build(regions);
}

/// Regions on positions that the records do have.
RegionSetPtr SomeRecords(std::mt19937& random, const VariantTable& all, int n) {
  std::vector<std::pair<std::string, Interval>> regions;
  for (int i = 0; i < n; ++i) {
    const size_t row = random() % all.size();
    regions.emplace_back(all.chrom(row), Interval{all.pos(row), all.pos(row)});
  }
  return RegionSet::Build(regions);
}

TEST(IndexedRead, GivesWhatAFullPassGives) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  std::mt19937 random(11);
  for (const Kind& kind : kKinds) {
    const Pair files = Make(bcftools, Records(3, 4000), kind);
    const Genotypes all = ReadFiles(Files({files.bare}));
    for (int round = 0; round < 12; ++round) {
      const RegionSetPtr regions =
          round % 2 == 0 ? RandomRegions(random) : SomeRecords(random, all.variants, 1 + round);
      ScanShape shape;
      shape.tile_records = 1 + static_cast<uint32_t>(random() % 300);
      shape.shard_genotypes = 60 * 50;
      const Genotypes part = ReadFiles(In(files.indexed, regions), shape);
      const Genotypes full = ReadFiles(In(files.bare, regions), shape);
      ASSERT_EQ(part.values, full.values) << regions->Canonical();
      ASSERT_EQ(part.shards, full.shards);
      ASSERT_EQ(Ids(part), Ids(full));
      ASSERT_EQ(Ids(part), IdsOfBcftools(bcftools, files.bare, *regions)) << regions->Canonical();
      if (round % 2 == 1) {
        ASSERT_GT(part.values.size(), 0u);
      }
    }
  }
}

// Position 0 is a telomere, or a variant that has no place: bcftools takes it, .bed and .pgen have
// it.
TEST(IndexedRead, PositionZeroIsAmongItsChromosome) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  std::vector<std::string> records;
  for (const char* place : {"chr1 0 a", "chr1 7 b", "chr2 0 c", "chr2 0 d", "chr2 1 e"}) {
    std::string record = std::string(place) + " A C . . . GT";
    for (int s = 0; s < 60; ++s) record += s % 3 == 0 ? " 0|1" : " 0|0";
    records.push_back(std::move(record));
  }
  for (const Kind& kind : kKinds) {
    if (*kind.type == 'b') continue;  // htslib 1.16 makes no index of a BCF with position 0
    const Pair files = Make(bcftools, records, kind);
    for (const auto& [regions, ids] :
         {std::pair<const char*, std::vector<std::string>>{"1", {"a", "b"}},
          {"2", {"c", "d", "e"}},
          {"2:1-9", {"e"}},
          {"1:7,2", {"b", "c", "d", "e"}}}) {
      for (const std::string& file : {files.indexed, files.bare}) {
        const Genotypes part = ReadFiles(In(file, RegionSet::Parse(regions)));
        EXPECT_EQ(Ids(part), ids) << kind.type << kind.index << " " << regions;
      }
    }
  }
}

TEST(IndexedRead, ReadsFewBytesForFewRecords) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const Kind& kind : kKinds) {
    const Pair files = Make(bcftools, Records(5, 12'000), kind);
    const uint64_t size = StampOf(files.indexed).size;
    const auto regions = RegionSet::Parse("1:1000000-1000500,X:2000000-2000900");
    const GenotypePlan plan = ProbeGenotypes(In(files.indexed, regions));
    EXPECT_EQ(plan.files[0].reads_all_because, "");
    const auto source = OpenGenotypes(In(files.indexed, regions), plan);
    ReadAllTiles(*source);
    EXPECT_LT(source->bytes_read(), size / 3) << kind.type << kind.index;
    EXPECT_LE(source->input_bytes(), size / 3);
    // Nothing is wanted of contigs that the file lacks, and nothing but the header is read.
    const auto none = OpenGenotypes(In(files.indexed, RegionSet::Parse("7")));
    EXPECT_EQ(ReadAllTiles(*none).values.size(), 0u);
    EXPECT_EQ(ProbeGenotypes(In(files.bare, regions)).files[0].reads_all_because, "no index");
    const auto info = TakeInventory(plan)[0];
    EXPECT_LT(info.bytes_to_read, size / 3);
    EXPECT_EQ(info.completeness, "index, of chromosomes read whole");
    EXPECT_NE(info.digest, HashFile(files.indexed));
  }
}

TEST(IndexedRead, ContigsReadWholeAreCounted) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const Kind& kind : kKinds) {
    auto records = Records(6, 2000);
    const Pair files = Make(bcftools, records, kind);
    const Genotypes part = ReadFiles(In(files.indexed, RegionSet::Parse("2,X:1-1000000")));
    EXPECT_GT(part.values.size(), 2000u);
  }
}

/// The index of a file beside another one: nothing is read, or all of it and rightly, or it is an
/// error; never a short result.
TEST(IndexedRead, AnIndexOfAnotherFileNeverShortensAResult) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const auto records = Records(8, 4000);
  std::mt19937 random(4);
  for (const Kind& kind : kKinds) {
    const Pair whole = Make(bcftools, records, kind);
    auto fewer = records;
    fewer.resize(9000);
    auto other = Records(9, 4000);
    auto without_middle = records;
    without_middle.erase(without_middle.begin() + 5000, without_middle.begin() + 6000);
    auto one_less = records;
    one_less.erase(one_less.begin() + 700);
    for (const auto& indexed : {fewer, other, without_middle, one_less}) {
      const Pair wrong = Make(bcftools, indexed, kind);
      const std::string index = ReadFile(wrong.indexed + kind.ending);
      WriteFileAtomically(whole.bare + kind.ending, index);
      for (int round = 0; round < 4; ++round) {
        const auto regions = RandomRegions(random);
        const Genotypes right = ReadFiles(In(whole.indexed, regions));
        try {
          const Genotypes read = ReadFiles(In(whole.bare, regions));
          ASSERT_EQ(read.values, right.values) << kind.type << kind.index;
        } catch (const Error& error) {
          EXPECT_EQ(error.exit_code(), ExitCode::kInput);
          EXPECT_FALSE(error.remedy().empty()) << error.Format();
        }
      }
      RemoveFile(whole.bare + kind.ending);
    }
  }
}

/// SNPs 500 bases apart from 1,000,000 on, but for those in [begin, end), a base apart from `pos`
/// on.
std::vector<std::string> Moved(size_t begin, size_t end, size_t pos) {
  std::vector<std::string> records;
  for (size_t i = 0; i < 3000; ++i) {
    const size_t at = i >= begin && i < end ? pos + i - begin : 1'000'000 + 500 * i;
    std::string record = "chr1 " + std::to_string(at) + " v" + std::to_string(i) + " A C . . . GT";
    for (size_t s = 0; s < 60; ++s) record += (i + s) % 3 == 0 ? " 0|1" : " 0|0";
    records.push_back(std::move(record));
  }
  return records;
}

/// Blocks are not compressed, so two versions of a file differ in no offset: a record that the
/// index knows on one side of the border of its bins (1,507,328) is on the other.
TEST(IndexedRead, AnIndexOfAnotherVersionWithTheSameOffsets) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const Kind& kind : kKinds) {
    const auto write = [&](const std::vector<std::string>& records) {
      const std::string text = WriteVcf(records, SampleNames(60), kMeta), folder = FolderOf(text);
      const std::string file = folder + "/stored" + (kind.type[0] == 'b' ? ".bcf" : ".vcf.gz");
      EXPECT_EQ(RunCommand(bcftools + " view --no-version -l 0 -O" + kind.type + " -o " + file +
                           " " + text + " && " + bcftools + " index -f " + kind.index + " " + file),
                0);
      return std::pair(ReadFile(file), ReadFile(file + kind.ending));
    };
    const auto indexed = write(Moved(0, 0, 0));
    const auto before = write(Moved(1010, 1015, 1'507'330));  // five come into the second region
    const auto behind = write(Moved(1015, 1020, 1'507'010));  // five into the first one
    for (const auto& [bytes, index] : {indexed, before, behind}) {
      ASSERT_EQ(bytes.size(), indexed.first.size());
      const std::string path =
          FolderOf(WriteText("keep", "")) + "/old" + (kind.type[0] == 'b' ? ".bcf" : ".vcf.gz");
      for (const char* region : {"1:1490945-1507328", "1:1507329-1600000", "1:1507329-1507340"}) {
        WriteFileAtomically(path, bytes);
        RemoveFile(path + kind.ending);
        const Genotypes right = ReadFiles(In(path, RegionSet::Parse(region)));
        WriteFileAtomically(path + kind.ending, indexed.second);
        try {
          EXPECT_EQ(ReadFiles(In(path, RegionSet::Parse(region))).values.size(),
                    right.values.size())
              << region << kind.type << kind.index;
        } catch (const Error& error) {
          EXPECT_EQ(error.id(), ErrorId::kRecordCount) << error.Format();
          EXPECT_TRUE(bytes != indexed.first);
        }
      }
    }
  }
}

/// A file that lost a block in the middle, beside its old index.
TEST(IndexedRead, DeletedBlockIsFound) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const Kind& kind : kKinds) {
    const Pair files = Make(bcftools, Records(12, 12'000), kind);
    BgzfWalk walk(files.indexed, 0);
    std::vector<BgzfWalk::Block> blocks;
    while (const auto block = walk.Next()) blocks.push_back(*block);
    ASSERT_GT(blocks.size(), 20u);
    const auto lost = blocks[blocks.size() / 2];
    const std::string bytes = ReadFile(files.indexed);
    WriteFileAtomically(files.bare,
                        bytes.substr(0, lost.offset) + bytes.substr(lost.offset + lost.packed));
    WriteFileAtomically(files.bare + kind.ending, ReadFile(files.indexed + kind.ending));
    const Error error =
        ErrorOf([&] { ReadFiles(In(files.bare, RegionSet::Parse("2:1-90000000"))); });
    EXPECT_EQ(error.exit_code(), ExitCode::kInput) << error.Format();
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(IndexedRead, OffsetThatIsNoBlockIsRefused) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const Pair files = Make(bcftools, Records(13, 4000), kKinds[0]);
  const VirtualOffset middle = (StampOf(files.indexed).size / 2) << 16;
  VcfReader reader(files.indexed, 10'000);
  reader.Restrict({{middle + (uint64_t{77} << 16), middle + (uint64_t{90'000} << 16)}});
  const Error error = ErrorOf([&] { reader.NextLineBytes(); });
  EXPECT_EQ(error.id(), ErrorId::kRecordCount);
  EXPECT_NE(error.remedy().find("bcftools index"), std::string::npos);
  // A span that ends in the middle of a line.
  BgzfWalk walk(files.indexed, 0);
  walk.Next();
  const auto block = walk.Next();
  VcfReader cut(files.indexed, 10'000);
  cut.Restrict({{block->offset << 16, (block->offset << 16) + block->length - 30}});
  EXPECT_EQ(ErrorOf([&] { cut.NextLineBytes(); }).id(), ErrorId::kRecordCount);
}

}  // namespace
}  // namespace kinflow
