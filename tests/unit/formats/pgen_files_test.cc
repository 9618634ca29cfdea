// The files of a PLINK 2 fileset: .pvar and .psam in all their forms, what does not belong
// together, and damage.
#include "stages/formats/pgen_files.h"

#include <cmath>

#include "pipeline/base/line_reader.h"
#include "stages/formats/genome_build.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/pgen_decode.h"
#include "stages/formats/psam.h"
#include "tests/unit/formats/pgen_support.h"

namespace kinflow {
namespace {

using namespace test;

PvarVariants Pvar(const std::string& text) {
  VariantOrder order;
  return ReadPvar(WriteText("x.pvar", text), 100, order);
}

TEST(Pvar, ColumnsByName) {
  const PvarVariants v = Pvar(
      "##INFO=<ID=R2,Number=1,Type=Float,Description=\"q\">\n##contig=<ID=1,length=248956422>\n"
      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tCM\n"
      "chr1\t100\trs1\tA\tC,GG\t.\tPASS\tAF=0.5,0.1;R2=0.25\t0.1\n"
      "chr1\t100\trs2\tA\t.\t.\t.\tR2=0.5\t0.1\n\n"
      "chrX\t7\t.\t0\tT\t.\t.\tTYPED\t0.1\n");
  ASSERT_EQ(v.rows.size(), 4u);
  EXPECT_EQ(v.records(), 3u);
  EXPECT_EQ(v.RowOf(1), 2u);
  EXPECT_EQ(v.RecordOf(1), 0u);
  EXPECT_EQ(v.RecordOf(3), 2u);
  EXPECT_EQ(v.Alts(0), 2u);
  EXPECT_EQ(v.Alts(2), 1u);
  EXPECT_EQ(v.rows.alt(1), "GG");
  EXPECT_EQ(v.rows.chrom(3), "X");
  EXPECT_EQ(v.rows.ref(3), ".");
  EXPECT_EQ(v.rows.info(1), 0.25f);
  EXPECT_EQ(v.rows.info(2), 0.5f);
  EXPECT_TRUE(std::isnan(v.rows.info(3)));
  EXPECT_TRUE(v.rows.from_multiallelic(0));
  EXPECT_FALSE(v.rows.from_multiallelic(2));
  std::string evidence;
  EXPECT_EQ(BuildOfContigs(v.header.contigs, evidence), "GRCh38");
}

TEST(Pvar, WithoutHeaderItIsABim) {
  const PvarVariants v = Pvar("1 rs1 0 100 A G\n1 rs2 0 200 0 T\n");
  EXPECT_EQ(v.records(), 2u);
  EXPECT_EQ(v.rows.alt(0), "A");
  EXPECT_EQ(v.rows.ref(0), "G");
  EXPECT_EQ(v.rows.alt(1), ".");
}

TEST(Pvar, GenotypesOfAVcfAreNoMatter) {
  EXPECT_EQ(Pvar("#CHROM POS ID REF ALT FORMAT P Q\nPAR1 1 a A C GT 0/0 0/1\nX 2 b A C GT 0/0\n"
                 "PAR2 3 c A C GT 0/0 0/1\n")
                .rows.chrom(2),
            "XY");
}

TEST(Pvar, Errors) {
  const auto error = [](const std::string& text) { return ErrorOf([&] { Pvar(text); }); };
  const std::string head = "#CHROM POS ID REF ALT\n";
  EXPECT_EQ(error(head).id(), ErrorId::kMalformed);
  EXPECT_EQ(error("##x=y\n1 100 rs1 A C\n").id(), ErrorId::kMalformed);
  EXPECT_EQ(error("#CHROM POS ID REF\n1 100 rs1 A\n").field(), "ALT");
  EXPECT_EQ(error("#CHROM POS POS ID REF ALT\n1 1 1 r A C\n").line(), 1u);
  EXPECT_EQ(error(head + "1 100 rs1 A C\n1 100 rs2 A\n").line(), 3u);
  EXPECT_EQ(error(head + "1 100 rs1 A C\n1 200 rs2 A C T\n").line(), 3u);
  EXPECT_EQ(error(head + "1 100 rs1 A C,G,C\n").value(), "C");
  EXPECT_EQ(error(head + "X 100 rs1 A C\n23 200 rs2 A C\n").line(), 3u);
  EXPECT_EQ(error("1 rs1 0 100 A G\n01 rs2 0 200 A T\n").line(), 2u);  // a .bim
  EXPECT_EQ(error(head + "1 1e3 rs1 A C\n").value(), "1e3");
  EXPECT_EQ(error(head + "1 -1 rs1 A C\n").line(), 2u);
  EXPECT_EQ(error(head + "1 100 rs1 A C\n1 99 rs2 A C\n").id(), ErrorId::kVariantOrder);
  EXPECT_EQ(error(head + "1 100 rs1 A " + std::string(101, 'C') + "\n").id(),
            ErrorId::kLimitExceeded);
  std::string many = "C";
  for (int k = 0; k < 254; ++k) many += ",C";
  EXPECT_EQ(error(head + "1 100 rs1 A " + many + "\n").id(), ErrorId::kLimitExceeded);
}

TEST(Psam, ColumnsByName) {
  const auto read = [](const std::string& text) {
    return ReadPsamSamples(WriteText("x.psam", text));
  };
  auto s = read("##comment\n#FID\tIID\tSID\tPAT\tMAT\tSEX\tP1\nF1 A 0 0 0 1 -9\n0 B 0 A 0 F x\n");
  ASSERT_EQ(s->size(), 2u);
  EXPECT_EQ(s->fid(0), "F1");
  EXPECT_EQ(s->fid(1), "B");
  EXPECT_EQ(s->sex(0), Sex::kMale);
  EXPECT_EQ(s->sex(1), Sex::kFemale);
  s = read("#IID\tP1\tSEX\nA\t1\tNA\nB\t2\tm\n");
  EXPECT_EQ(s->sex(0), Sex::kUnknown);
  EXPECT_EQ(s->sex(1), Sex::kMale);
  EXPECT_EQ(s->fid(1), "B");
  EXPECT_EQ(read("F A 0 0 2 -9\n")->sex(0), Sex::kFemale);  // a .fam
  EXPECT_TRUE(PsamHasParents(WriteText("x.psam", "#FID IID PAT MAT SEX\n")));
  EXPECT_FALSE(PsamHasParents(WriteText("x.psam", "#IID SEX\n")));
  EXPECT_TRUE(PsamHasParents(WriteText("x.psam", "F A 0 0 2 -9\n")));
  const auto error = [&](const std::string& text) { return ErrorOf([&] { read(text); }); };
  EXPECT_EQ(error("#IID SEX\nA 1\nB\n").line(), 3u);
  EXPECT_EQ(error("#IID SEX\nA 1\nB 2 9\n").line(), 3u);
  EXPECT_EQ(error("#IID SEX\n0 1\n").line(), 2u);
  EXPECT_EQ(error("#FID SEX\nA 1\n").id(), ErrorId::kMalformed);
  EXPECT_EQ(error("##x\n").id(), ErrorId::kMalformed);
  EXPECT_EQ(error("#IID SEX\nA 1\nA 2\n").id(), ErrorId::kDuplicateSamples);
  EXPECT_EQ(error("#IID SEX\n").id(), ErrorId::kMalformed);
}

TEST(LineReader, ZstandardFrames) {
  KINFLOW_REQUIRE_PROGRAM(zstd, "zstd");
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  const std::string plain = WriteText("x", text), packed = plain + ".zst";
  // Two frames, the second with a window beyond the decompressor's default.
  ASSERT_EQ(RunCommand("(zstd -qc " + plain + "; zstd -qc --long=27 " + plain + ") > " + packed),
            0);
  LineReader lines(packed);
  std::string_view line;
  uint64_t n = 0;
  for (; lines.Next(line); ++n) {
    ASSERT_EQ(line, "line " + std::to_string(n % 200'000 * 7919));
  }
  EXPECT_EQ(n, 400'000u);
  const std::string whole = ReadFile(packed);
  for (const size_t cut : {whole.size() - 1, whole.size() / 2, whole.size() / 4, size_t{30}}) {
    const std::string path = WriteText("cut.zst", whole.substr(0, cut));
    const Error error = ErrorOf([&] {
      LineReader reader(path);
      while (reader.Next(line)) {
      }
    });
    EXPECT_EQ(error.id(), ErrorId::kTruncated) << cut;
  }
}

// RFC 8878: magic number, a frame header with a window of 2^28 bytes, one empty last block.
TEST(LineReader, AZstandardWindowBeyondTheBoundIsNoDamage) {
  const std::string path = WriteText("wide.zst", std::string("\x28\xb5\x2f\xfd\0\x90\1\0\0", 9));
  const Error error = ErrorOf([&] {
    LineReader reader(path);
    std::string_view line;
    reader.Next(line);
  });
  EXPECT_EQ(error.id(), ErrorId::kLimitExceeded);
  EXPECT_NE(error.message().find("128.0 MiB"), std::string::npos) << error.message();
  EXPECT_NE(error.remedy().find("without --long"), std::string::npos);
}

// A small fileset: variants of three ALT alleles (a tenth of them), or dosages, which plink2 does
// not import for those.
std::string SmallFileset(bool dosages) {
  std::vector<std::string> records;
  for (int v = 0; v < 40; ++v) {
    const bool several = !dosages && v % 9 == 0, with_ds = dosages && v % 3 != 0;
    std::string line = "3 " + std::to_string(100 + v) + " v A C" + (several ? ",G,T" : "") +
                       " . . . GT" + (with_ds ? ":DS" : "");
    for (int s = 0; s < 20; ++s) {
      const int bits = (v / 2 * 7 + s * s * 5 + (s + v == 20)) % (v % 5 == 0 ? 64 : 13);
      const int first = bits % 4 == 1, second = several && bits % 5 == 1 ? 2 : bits % 7 == 1;
      line += " " + std::to_string(first) + (s % 3 == 0 ? "/" : "|") + std::to_string(second);
      if (!with_ds) continue;
      const bool exact = first + second == 2 || (v % 2 == 0 && s != 7);
      line += ":" + std::to_string(first + second) + (exact ? "" : ".2");
    }
    records.push_back(line);
  }
  std::string names = "I0";
  for (int s = 1; s < 20; ++s) names += " I" + std::to_string(s);
  return Plink2("--vcf " + WriteVcf(records, names) + (dosages ? " dosage=DS" : "") +
                " --make-pgen");
}

class PgenDamage : public testing::Test {
 protected:
  void SetUp() override {
    KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
    Use(SmallFileset(true));
  }
  void Use(const std::string& prefix) {
    prefix_ = prefix;
    bytes_ = ReadFile(prefix_ + ".pgen");
  }
  Error ErrorWith(const std::string& bytes) {
    WriteFileAtomically(prefix_ + ".pgen", bytes);
    return ErrorOfFiles(PgenOptions(prefix_));
  }

  std::string prefix_, bytes_;
};

TEST_F(PgenDamage, CutAndLengthened) {
  for (size_t size = 0; size < bytes_.size(); ++size) {
    const Error error = ErrorWith(bytes_.substr(0, size));
    EXPECT_EQ(error.exit_code(), ExitCode::kInput) << size;
    EXPECT_FALSE(error.remedy().empty()) << size;
  }
  const Error cut = ErrorWith(bytes_.substr(0, bytes_.size() - 1));
  EXPECT_EQ(cut.id(), ErrorId::kTruncated);
  EXPECT_EQ(cut.record(), 40u);
  const Error longer = ErrorWith(bytes_ + "x");
  EXPECT_EQ(longer.id(), ErrorId::kFileSize);
  EXPECT_EQ(longer.record(), 40u);
}

TEST_F(PgenDamage, EveryByteChanged) {
  size_t refused = 0, read = 0;
  for (const bool dosages : {true, false}) {
    Use(SmallFileset(dosages));
    const size_t rows = dosages ? 40 : 50;
    for (size_t at = 0; at < bytes_.size(); ++at) {
      for (const int mask : {0x01, 0x08, 0x80, 0xff}) {
        std::string damaged = bytes_;
        damaged[at] = static_cast<char>(damaged[at] ^ mask);
        std::ofstream(prefix_ + ".pgen", std::ios::binary) << damaged;
        try {
          const Genotypes g = ReadFiles(PgenOptions(prefix_));
          ASSERT_EQ(g.values.size(), rows);
          for (const auto& row : g.values) {
            for (const uint32_t v : row) {
              ASSERT_TRUE(v == kNone || v <= 2 * g.encoding.units_per_copy) << at;
            }
          }
          ++read;
        } catch (const Error& error) {
          EXPECT_EQ(error.exit_code(), ExitCode::kInput) << at << error.message();
          EXPECT_FALSE(error.remedy().empty()) << at << error.message();
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(read, 100u);
}

// The pure entry points, on bytes that come from nowhere.
TEST_F(PgenDamage, RandomRecordsOfEveryType) {
  const RecordPlace place{"none", 1, "1", 1, DosageField::kDs};
  uint64_t state = 1;
  const auto random = [&] {
    return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33;
  };
  size_t decoded = 0;
  for (const uint32_t samples : {1u, 20u, 300u}) {
    std::vector<uint16_t> units((samples + 31) / 32 * 32);
    for (int i = 0; i < 40'000; ++i) {
      std::vector<uint8_t> bytes(random() % (i % 2 == 0 ? 24 : 3 * samples));
      for (uint8_t& b : bytes)
        b = static_cast<uint8_t>(random() % 5 == 0 ? random() : random() % 4);
      PgenDecoder decoder(samples);
      const std::vector<uint8_t> base((samples + 3) / 4);
      decoder.DecodeBase({base, 0, 1}, place);
      const auto alts = static_cast<uint32_t>(1 + random() % 5);
      try {
        decoder.Decode({bytes, static_cast<uint8_t>(random()), alts}, place, true, units.data());
        ++decoded;
        for (uint32_t k = 1; k <= alts; ++k) {
          decoder.CallsOf(k);
          if (decoder.has_phase()) decoder.FlagsOf(k);
        }
      } catch (const Error& error) {
        ASSERT_EQ(error.exit_code(), ExitCode::kInput);
      }
    }
  }
  EXPECT_GT(decoded, 0u);
}

TEST_F(PgenDamage, FilesThatDoNotBelongTogether) {
  const auto error = [&](const std::string& ending, const std::string& text) {
    const std::string kept = ReadFile(prefix_ + ending);
    WriteFileAtomically(prefix_ + ending, text);
    const Error found = ErrorOfFiles(PgenOptions(prefix_));
    WriteFileAtomically(prefix_ + ending, kept);
    return found;
  };
  const std::string psam = ReadFile(prefix_ + ".psam"), pvar = ReadFile(prefix_ + ".pvar");
  Error found = error(".psam", psam + "J\tNA\n");
  EXPECT_EQ(found.id(), ErrorId::kFileSize);
  EXPECT_NE(found.message().find("20 samples"), std::string::npos);
  EXPECT_NE(found.message().find("21"), std::string::npos);
  found = error(".pvar", pvar + "3\t5000\tw\tA\tC\t.\n");
  EXPECT_EQ(found.id(), ErrorId::kFileSize);
  EXPECT_NE(found.message().find("40 variants"), std::string::npos);
  EXPECT_NE(found.message().find("41"), std::string::npos);
  RemoveFile(prefix_ + ".psam");
  EXPECT_EQ(ErrorOfFiles(PgenOptions(prefix_)).id(), ErrorId::kCompanionMissing);
  WriteFileAtomically(prefix_ + ".psam", psam);
  RemoveFile(prefix_ + ".pvar");
  EXPECT_EQ(ErrorOfFiles(PgenOptions(prefix_)).id(), ErrorId::kCompanionMissing);
}

TEST_F(PgenDamage, StorageModesThatAreNotRead) {
  for (const int mode : {0x00, 0x05, 0x11, 0x21, 0x30, 0xff}) {
    std::string other = bytes_;
    other[2] = static_cast<char>(mode);
    const Error error = ErrorWith(other);
    EXPECT_EQ(error.id(), ErrorId::kFormatUnknown) << mode;
    EXPECT_EQ(error.remedy().find("plink") != std::string::npos,
              mode == 0 || mode == 0x11 || mode == 0x21);
  }
}

TEST_F(PgenDamage, FieldsAndUnits) {
  GenotypeOptions options = PgenOptions(prefix_);
  EXPECT_EQ(ProbeGenotypes(options).dosage.field, DosageField::kDs);
  options.units = "16384";
  EXPECT_EQ(ProbeGenotypes(options).dosage.units, 16384u);
  options.units = "1000";
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kConfigRange);
  options.units = "auto";
  options.compact = true;
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kConfigRange);
  options = PgenOptions(prefix_, "HDS");
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kFieldAbsent);
  EXPECT_NE(ErrorOfFiles(options).remedy().find("set input.field to DS"), std::string::npos);
}

// One file a chromosome, one of them by chance without dosages: a field that both have.
TEST_F(PgenDamage, FilesOfOneInput) {
  const std::string calls = Plink2("--pfile " + prefix_ + " --make-pgen erase-dosage");
  const std::string folder = TempFolder();
  for (const char* ending : {".pgen", ".pvar", ".psam"}) {
    WriteFileAtomically(folder + "/chr1" + ending, ReadFile(prefix_ + ending));
    WriteFileAtomically(folder + "/chr2" + ending, ReadFile(calls + ending));
  }
  std::string pvar = ReadFile(folder + "/chr2.pvar");
  for (size_t at = 0; (at = pvar.find("\n3\t", at)) != std::string::npos; ++at) pvar[at + 1] = '4';
  WriteFileAtomically(folder + "/chr2.pvar", pvar);
  GenotypeOptions options = Files({folder + "/chr{1..2}.pgen"});
  EXPECT_EQ(ErrorOfFiles(options).id(), ErrorId::kFieldsDiffer);
  for (const char* field : {"DS", "GT"}) {
    options.field = field;
    const Genotypes g = ReadFiles(options), first = ReadFiles(PgenOptions(prefix_, field)),
                    second = ReadFiles(PgenOptions(calls, field));
    ASSERT_EQ(g.values.size(), 80u);
    for (size_t r = 0; r < 40; ++r) {
      ASSERT_EQ(g.values[r], first.values[r]);
      ASSERT_EQ(g.values[40 + r], second.values[r]);
    }
  }
}

TEST_F(PgenDamage, InventoryListsThreeFiles) {
  const auto inputs = TakeInventory(ProbeGenotypes(PgenOptions(prefix_)));
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].format, "pgen");
  EXPECT_EQ(inputs[0].field, "DS");
  EXPECT_EQ(inputs[0].units, 16384u);
  EXPECT_EQ(inputs[0].completeness, "index");
  EXPECT_EQ(inputs[0].index_records, 40u);
  EXPECT_EQ(inputs[1].format, "pvar");
  EXPECT_EQ(inputs[2].format, "psam");
}

}  // namespace
}  // namespace kinflow
