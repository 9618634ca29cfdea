#include "stages/formats/genotype_registry.h"

#include "stages/formats/genotype_probe.h"
#include "stages/formats/input_patterns.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

std::string Folder() {
  static int count = 0;
  const std::string folder = TempFolder() + "/r" + std::to_string(count++);
  MakeFolders(folder);
  return folder;
}

std::string Put(const std::string& folder, const std::string& name,
                const std::vector<std::string>& records, const std::string& samples = "A B C") {
  WriteFileAtomically(folder + "/" + name, VcfText(records, samples));
  return folder + "/" + name;
}

TEST(ExpandInputs, PatternsTakeTheFilesThatExistInChromosomeOrder) {
  const auto f = Folder();
  for (const char* name : {"chr1.vcf", "chr2.vcf", "chr10.vcf", "chrX.vcf", "chr30.vcf"}) {
    Put(f, name, {});
  }
  const auto p = [&](const char* name) { return f + "/" + name; };
  EXPECT_EQ(
      ExpandInputs({f + "/chr@.vcf"}),
      (std::vector<std::string>{p("chr1.vcf"), p("chr2.vcf"), p("chr10.vcf"), p("chrX.vcf")}));
  EXPECT_EQ(ExpandInputs({f + "/chr{1..2}.vcf"}),
            (std::vector<std::string>{p("chr1.vcf"), p("chr2.vcf")}));
  const Error missing = ErrorOf([&] { ExpandInputs({f + "/chr{1..10}.vcf"}); });
  EXPECT_EQ(missing.id(), ErrorId::kMissingFile);
  EXPECT_EQ(missing.value(), "chr3.vcf, chr4.vcf, chr5.vcf, chr6.vcf, chr7.vcf and 2 more");
  EXPECT_EQ(ExpandInputs({f + "/chr{X,2}.vcf"}),
            (std::vector<std::string>{p("chrX.vcf"), p("chr2.vcf")}));
  EXPECT_EQ(ExpandInputs({f + "/plain.vcf"}), (std::vector<std::string>{p("plain.vcf")}));
  EXPECT_EQ(ErrorOf([&] { ExpandInputs({f + "/none{1..22}.vcf"}); }).id(), ErrorId::kNoFileMatches);
  EXPECT_EQ(ErrorOf([&] { ExpandInputs({}); }).id(), ErrorId::kNoFileMatches);
}

TEST(MultiFile, FilesFollowOneAnotherWithNewShards) {
  const auto f = Folder();
  Put(f, "chr1.vcf", {"1 1 a A C . . . GT:DS 0/0:0 0/1:0.1 1/1:2", "1 2 b A C . . . DS 0 1 2"});
  Put(f, "chr2.vcf", {"1 3 c A C . . . DS 0 0.25 2", "2 1 d A C . . . DS 0 0.5 2"});
  Put(f, "chrX.vcf", {"X 1 e A C . . . DS 0 0.0001 2"});
  const auto g = ReadFiles(Files({f + "/chr@.vcf"}));
  EXPECT_EQ(g.encoding.units_per_copy, 10'000u);  // the last file needs it
  ASSERT_EQ(g.values.size(), 5u);
  EXPECT_EQ(g.shards, (std::vector<uint32_t>{0, 0, 1, 2, 3}));
  EXPECT_EQ(g.variants.id(4), "e");
  EXPECT_EQ(g.values[4][1], 1u);
  for (uint32_t skip = 0; skip < 5; ++skip) {
    auto source = OpenGenotypes(Files({f + "/chr@.vcf"}));
    source->SkipShards(skip);
    const auto rest = ReadAllTiles(*source);
    const size_t first = skip < 2 ? 2 * skip : skip + 1;
    ASSERT_EQ(rest.values.size(), g.values.size() - std::min<size_t>(first, 5)) << skip;
    EXPECT_TRUE(std::equal(rest.shards.begin(), rest.shards.end(), g.shards.begin() + first));
  }
}

TEST(MultiFile, DifferencesBetweenFilesAreRefused) {
  const auto f = Folder();
  const auto one = Put(f, "a.vcf", {"1 1 . A C . . . DS 0 0 0"});
  const auto order = Put(f, "b.vcf", {"2 1 . A C . . . DS 0 0 0"}, "A CANARY B");
  const auto more = Put(f, "c.vcf", {"2 1 . A C . . . DS 0 0 0 0"}, "A B C D");
  const auto gt = Put(f, "d.vcf", {"2 1 . A C . . . GT 0/0 0/0 0/0"});
  const auto back = Put(f, "e.vcf", {"1 1 . A C . . . DS 0 0 0", "2 1 . A C . . . DS 0 0 0"});
  auto error = ErrorOfFiles(Files({one, order}));
  EXPECT_EQ(error.id(), ErrorId::kSamplesDiffer);
  EXPECT_NE(error.message().find("sample 2 "), std::string::npos);
  EXPECT_EQ(error.file(), order);
  EXPECT_EQ(error.Format().find("CANARY"), std::string::npos);
  EXPECT_EQ(ErrorOfFiles(Files({one, more})).id(), ErrorId::kSamplesDiffer);
  error = ErrorOfFiles(Files({one, gt}));
  EXPECT_EQ(error.id(), ErrorId::kFieldsDiffer);
  EXPECT_EQ(error.file(), gt);
  // Each of them is sorted; in one file sorting is the remedy.
  error = ErrorOfFiles(Files({back, one}));
  EXPECT_EQ(error.id(), ErrorId::kVariantOrder);
  EXPECT_EQ(error.remedy().find("sort"), std::string::npos);
  EXPECT_NE(error.remedy().find("files in order of position"), std::string::npos);
  const auto late = Put(f, "f.vcf", {"1 9 . A C . . . DS 0 0 0", "1 20 . A C . . . DS 0 0 0"});
  const auto overlaps = Put(f, "g.vcf", {"1 15 . A C . . . DS 0 0 0"});
  error = ErrorOfFiles(Files({late, overlaps}));
  EXPECT_EQ(error.file(), overlaps);
  EXPECT_NE(error.remedy().find("must not overlap"), std::string::npos);
  const auto unsorted = Put(f, "h.vcf", {"1 9 . A C . . . DS 0 0 0", "1 5 . A C . . . DS 0 0 0"});
  EXPECT_NE(ErrorOfFiles(Files({one, unsorted})).remedy().find("bcftools sort"), std::string::npos);
  EXPECT_EQ(ErrorOfFiles(Files({one, back, one})).id(), ErrorId::kConfigRange);
}

TEST(MultiFile, BedFilesOfChromosomesEqualTheWhole) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  KINFLOW_REQUIRE_DATA(bed, "hapmap_trios/hapmap279.bed");
  const auto f = Folder();
  const std::string prefix = bed.substr(0, bed.size() - 4);
  for (const char* chr : {"1", "2", "X"}) {
    ASSERT_EQ(RunCommand(plink2 + " --bfile " + prefix + " --chr " + chr + " --make-bed --out " +
                         f + "/chr" + chr + " > /dev/null 2>&1"),
              0);
  }
  ASSERT_EQ(RunCommand(plink2 + " --bfile " + prefix + " --chr 1,2,X --make-bed --out " + f +
                       "/all > /dev/null 2>&1"),
            0);
  const auto whole = ReadFiles(Files({f + "/all.bed"})),
             parts = ReadFiles(Files({f + "/chr@.bed"}));
  EXPECT_TRUE(whole.values == parts.values);
  EXPECT_EQ(whole.shards, parts.shards);
  EXPECT_EQ(whole.first_variants, parts.first_variants);
  auto source = OpenGenotypes(Files({f + "/chr@.bed"}));
  const uint64_t last = whole.values.size() - 1;
  ASSERT_TRUE(source->SelectRows({3, last}));
  const auto chosen = ReadAllTiles(*source);
  EXPECT_EQ(chosen.first_variants, (std::vector<uint64_t>{3, last}));
  EXPECT_EQ(chosen.values[1], whole.values[last]);
}

TEST(Field, AutoPrefersDsThenHdsThenGpThenGt) {
  const auto field = [](const std::string& record) {
    return ProbeGenotypes(Files({WriteVcf({record})})).dosage.field;
  };
  EXPECT_EQ(field("1 1 . A C . . . GT:GP:HDS:DS 0/0:1,0,0:0,0:0 . ."), DosageField::kDs);
  EXPECT_EQ(field("1 1 . A C . . . GT:GP:HDS 0/0:1,0,0:0,0 . ."), DosageField::kHds);
  EXPECT_EQ(field("1 1 . A C . . . GT:GP 0/0:1,0,0 . ."), DosageField::kGp);
  EXPECT_EQ(field("1 1 . A C . . . GT 0/0 . ."), DosageField::kGt);
}

TEST(Field, AskedForButAbsent) {
  auto options = Files({WriteVcf({"1 1 . A C . . . GT:GP 0/0:1,0,0 . ."})});
  options.field = "DS";
  const auto error = ErrorOfFiles(options);
  EXPECT_EQ(error.id(), ErrorId::kFieldAbsent);
  EXPECT_EQ(error.field(), "DS");
  EXPECT_NE(error.remedy().find("GP"), std::string::npos);
  // Only some records have it, and others nothing that tells as much.
  options = Files({WriteVcf(
      {"1 1 . A C . . . GP:DS 1,0,0:0 1,0,0:0 1,0,0:0", "1 2 . A C . . . XX 0/0 0/0 0/0"})});
  for (const char* wanted : {"DS", "auto"}) {
    options.field = wanted;
    const auto some = ErrorOfFiles(options);
    EXPECT_EQ(some.id(), ErrorId::kFieldAbsent);
    EXPECT_NE(some.remedy().find("GT"), std::string::npos);
  }
}

// plink2 --export vcf vcf-dosage=DS leaves DS out of records whose dosages are all calls.
TEST(Field, SomeRecordsHaveCallsInstead) {
  const std::vector<std::string> records = {"1 1 . A C . . . GT:DS 0/1:0.9 0/0:0 0/0:0",
                                            "1 2 . A C . . . GT 0/1 1/1 ./."};
  auto options = Files({WriteVcf(records)});
  for (const char* wanted : {"DS", "auto"}) {
    options.field = wanted;
    EXPECT_EQ(ProbeGenotypes(options).dosage.field, DosageField::kDs);
    auto source = OpenGenotypes(options);
    const auto g = ReadAllTiles(*source);
    EXPECT_EQ(g.values[0], (std::vector<uint32_t>{900, 0, 0}));
    EXPECT_EQ(g.values[1], (std::vector<uint32_t>{1000, 2000, kNone}));
    const auto warnings = source->Warnings();
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings[0].find("2 genotypes have no dosage: their GT was taken"), 0u);
  }
  options.field = "GT";
  EXPECT_EQ(ProbeGenotypes(options).dosage.field, DosageField::kGt);
  // Dosages that stand in all records come first.
  options.files = {WriteVcf({"1 1 . A C . . . GT:DS:GP 0/1:1:0,1,0 0/0:0:1,0,0 0/0:0:1,0,0",
                             "1 2 . A C . . . GT:GP 0/1:0,1,0 1/1:0,0,1 ./.:."})};
  options.field = "auto";
  EXPECT_EQ(ProbeGenotypes(options).dosage.field, DosageField::kGp);
}

/// `calls` records with GT alone, then `dosages` with DS too, as VCF and BCF.
std::vector<std::string> LateDosages(size_t calls, size_t dosages, const std::string& bcftools) {
  std::vector<std::string> records;
  for (size_t r = 1; r <= calls + dosages; ++r) {
    records.push_back("1 " + std::to_string(r) + " . A C . . . " +
                      (r <= calls ? "GT 0/0 0/1 1/1" : "GT:DS 0/0:0.1 0/1:0.9 1/1:1.8"));
  }
  const std::string vcf = WriteVcf(records, "A B C", "##contig=<ID=1>\n");
  EXPECT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  return {vcf, vcf + ".bcf"};
}

TEST(Field, DeclaredDosagesAreLookedForBehindTheFirstRecords) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const auto& file : LateDosages(kProbeRecords + 500, 1, bcftools)) {
    const auto options = Files({file});
    EXPECT_EQ(ProbeGenotypes(options).dosage.field, DosageField::kDs) << file;
    const auto g = ReadFiles(options);
    EXPECT_EQ(g.values.front(), (std::vector<uint32_t>{0, 1000, 2000})) << file;
    EXPECT_EQ(g.values.back(), (std::vector<uint32_t>{100, 900, 1800})) << file;
  }
}

TEST(Field, DosagesThatAreNotReadAreTold) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  for (const auto& file : LateDosages(kProbeDeclared * kProbeRecords, 3, bcftools)) {
    auto options = Files({file});
    for (const char* field : {"auto", "GT"}) {
      options.field = field;
      const auto source = OpenGenotypes(options);
      EXPECT_EQ(ReadAllTiles(*source).values.back(), (std::vector<uint32_t>{0, 1, 2}));
      const auto warnings = source->Warnings();
      if (options.field == "GT") {  // as asked
        EXPECT_TRUE(warnings.empty()) << file;
        continue;
      }
      ASSERT_EQ(warnings.size(), 1u) << file;
      EXPECT_EQ(warnings[0].find("3 records have dosages in a field"), 0u) << file;
    }
  }
}

TEST(Field, DeclaredDosagesBehindAllThatIsLookedAtAreReadByName) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const size_t calls = kProbeDeclared * kProbeRecords;
  for (const auto& file : LateDosages(calls, 3, bcftools)) {
    auto options = Files({file});
    options.field = "DS";
    const auto source = OpenGenotypes(options);
    const auto g = ReadAllTiles(*source);
    ASSERT_EQ(g.values.size(), calls + 3);
    EXPECT_EQ(g.encoding.units_per_copy, 10'000u) << file;  // what none of the first values tells
    EXPECT_EQ(g.values.front(), (std::vector<uint32_t>{0, 10'000, 20'000})) << file;
    EXPECT_EQ(g.values.back(), (std::vector<uint32_t>{1000, 9000, 18'000})) << file;
    const auto warnings = source->Warnings();
    ASSERT_EQ(warnings.size(), 1u) << file;
    EXPECT_EQ(warnings[0].find(std::to_string(3 * calls) + " genotypes have no dosage"), 0u)
        << warnings[0];
    options.field = "GP";  // declared as well: nothing tells that there is none
    EXPECT_EQ(ReadFiles(options).values.back(), (std::vector<uint32_t>{0, 10'000, 20'000}));
  }
}

TEST(Field, WhatAFileOfSeveralLacksHasARemedyThatWorks) {
  const std::string dosages = WriteVcf({"1 1 . A C . . . GT:DS 0/1:0.9 0/0:0 1/1:2"});
  const std::string calls = WriteVcf({"2 1 . A C . . . GT 0/1 0/0 1/1"});
  const std::string alone = WriteVcf({"2 1 . A C . . . GP 0,1,0 1,0,0 0,0,1"});
  for (const char* field : {"DS", "auto"}) {
    auto options = Files({dosages, calls});
    options.field = field;
    auto error = ErrorOfFiles(options);
    EXPECT_EQ(error.id(), options.field == "DS" ? ErrorId::kFieldAbsent : ErrorId::kFieldsDiffer);
    EXPECT_EQ(error.file(), calls);
    EXPECT_EQ(error.remedy().find("set input.field to GT, "), 0u) << error.remedy();
    EXPECT_EQ(error.remedy().find("auto"), std::string::npos) << error.remedy();
    options.field = "GT";
    EXPECT_EQ(ReadFiles(options).values[0], (std::vector<uint32_t>{1, 0, 2}));
    options = Files({dosages, alone});
    options.field = field;
    error = ErrorOfFiles(options);
    EXPECT_EQ(error.file(), alone);
    EXPECT_NE(error.remedy().find("no field that all files have"), std::string::npos);
  }
}

TEST(Field, DosagesInsteadOfHaplotypeDosagesAreTold) {
  KINFLOW_REQUIRE_PROGRAM(bcftools, "bcftools");
  const std::string vcf =
      WriteVcf({"1 1 . A C . . . GT:DS:HDS 0|1:0.9:0,0.9 0|0:0.1:. 0|1:0.7:0,0.7",
                "1 2 . A C . . . GT:DS 0|1:0.9 0|0:. ./.:."},
               "A B C", "##contig=<ID=1>\n");
  ASSERT_EQ(RunCommand(bcftools + " view -Ob -o " + vcf + ".bcf " + vcf), 0);
  for (const std::string& file : {vcf, vcf + ".bcf"}) {
    auto options = Files({file});
    options.field = "HDS";
    const auto source = OpenGenotypes(options);
    const auto g = ReadAllTiles(*source);
    EXPECT_EQ(g.values[0], (std::vector<uint32_t>{900, 100, 700})) << file;
    EXPECT_EQ(g.values[1], (std::vector<uint32_t>{900, 0, kNone})) << file;
    const DecodeCounts counts = dynamic_cast<FileSource&>(*source).counts();
    EXPECT_EQ(counts.from_ds, 2u) << file;
    EXPECT_EQ(counts.from_calls, 1u) << file;
    const auto warnings = source->Warnings();
    ASSERT_EQ(warnings.size(), 2u) << file;
    EXPECT_EQ(warnings[1].find("2 genotypes have no HDS: their DS was taken"), 0u) << file;
  }
}

TEST(Units, SmallestGridThatFits) {
  const auto units = [](const std::string& values, const std::string& field = "DS") {
    const auto plan =
        ProbeGenotypes(Files({WriteVcf({"1 1 . A C . . . " + field + " " + values})}));
    return std::make_pair(plan.dosage.units, plan.dosage.error_bound);
  };
  using Pair = std::pair<uint32_t, double>;
  EXPECT_EQ(units("0 1 2"), Pair(1000, 0));
  EXPECT_EQ(units("0 0.5 1.999"), Pair(1000, 0));
  EXPECT_EQ(units("0 0.5001 1.999"), Pair(10'000, 0));
  EXPECT_EQ(units("0.00392157 0.784314 2"), Pair(255, 0));
  EXPECT_EQ(units("0.123456 0.5 0"), Pair(16'384, 0.5 / 16'384));
  EXPECT_EQ(units("0.5,0.25,0.25 1,0,0 0,0,1", "GP"), Pair(1000, 0.0005));
  EXPECT_EQ(units("0/1 1/1 ./.", "GT"), Pair(1, 0));
  auto options = Files({WriteVcf({"1 1 . A C . . . DS 0 0.25 2"})});
  options.compact = true;
  auto g = ReadFiles(options);
  EXPECT_EQ(g.encoding, DosageEncoding::ForUnits(127, 0.5 / 127));
  EXPECT_EQ(g.encoding.layout, DosageEncoding::Layout::kU8);
  EXPECT_EQ(g.values[0], (std::vector<uint32_t>{0, 32, 254}));
  options.compact = false;
  options.units = "0";
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kConfigRange);
}

TEST(Build, ContigLengthsAgainstTheStatedBuild) {
  auto options = Files({WriteVcf({"20 1 . A C . . . GT 0/0 . ."}, "A B C",
                                 "##contig=<ID=chr20,length=64444167>\n")});
  EXPECT_EQ(ProbeGenotypes(options).files[0].build, "GRCh38");
  options.build = "GRCh38";
  EXPECT_EQ(ReadFiles(options).values.size(), 1u);
  options.build = "GRCh37";
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kBuildMismatch);
}

TEST(Registry, EveryEntryIsComplete) {
  for (const auto& format : GenotypeFormats()) {
    EXPECT_FALSE(format.name.empty());
    EXPECT_FALSE(format.extensions.empty());
    EXPECT_NE(format.sniff, nullptr);
    EXPECT_NE(format.open, nullptr);
    EXPECT_NE(format.probe, nullptr);
    EXPECT_EQ(FormatName(format.format), format.name);
    EXPECT_FALSE(format.sniff("some text"));
  }
}

}  // namespace
}  // namespace kinflow
