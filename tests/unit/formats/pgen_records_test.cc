// Record types of .pgen files: which ones plink2 writes for generated VCFs, each read back; and
// files written here by the format description for those that it does not write.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <set>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "tests/unit/formats/pgen_support.h"

namespace kinflow {
namespace {

using namespace test;

std::string SampleNames(uint32_t n) {
  std::string names;
  for (uint32_t s = 0; s < n; ++s) names += (s > 0 ? " I" : "I") + std::to_string(s);
  return names;
}

std::string AltColumn(uint32_t alts) {
  std::string text;
  for (uint32_t k = 0; k < alts; ++k) {
    text += (k > 0 ? "," : "");
    for (uint32_t i = 0, x = k + 1; i < 5; ++i, x /= 4) text += "ACGT"[x % 4];
  }
  return text;
}

// Variants of 1 to 40 ALT alleles; alleles behind the first rare or common; calls missing,
// unphased, phased or both.
std::string MultiallelicVcf(uint32_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto chance = [&](double p) { return static_cast<double>(random() >> 11) * 0x1p-53 < p; };
  std::vector<std::string> records;
  for (uint32_t v = 0; v < 240; ++v) {
    constexpr uint32_t kAlts[] = {2, 3, 4, 5, 6, 16, 17, 18, 40, 1};
    const uint32_t alts = kAlts[v % 10];
    const double variant = v % 3 == 0 ? 0.03 : 0.5, further = (v / 10) % 2 == 0 ? 0.01 : 0.6;
    const double phased = (v / 20) % 3 * 0.5, missing = v % 7 == 0 ? 0.2 : 0.0;
    std::string line = fmt::format("3 {} v{} TTTTT {} . . . GT", 100 + v, v, AltColumn(alts));
    for (uint32_t s = 0; s < samples; ++s) {
      if (chance(missing)) {
        line += " ./.";
        continue;
      }
      const auto allele = [&] {
        return !chance(variant) ? 0 : chance(further) ? 1 + random() % alts : 1;
      };
      const auto first = allele(), second = allele();
      line += fmt::format(" {}{}{}", first, chance(phased) ? '|' : '/', second);
    }
    records.push_back(line);
  }
  return WriteVcf(records, SampleNames(samples));
}

TEST(PgenRecords, MultiallelicCallsEqualTheirVcf) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  std::set<uint8_t> met;
  for (const uint32_t samples : {3u, 60u, 1200u}) {
    const std::string vcf = MultiallelicVcf(samples, samples);
    const std::string prefix = Plink2("--vcf " + vcf + " --make-pgen");
    GenotypeOptions text = Files({vcf});
    text.field = "GT";
    text.keep_calls = true;
    ScanShape shape;
    shape.tile_records = 50;
    const Genotypes g = ReadFiles(PgenOptions(prefix), shape), expected = ReadFiles(text, shape);
    EXPECT_EQ(g.values.size(), 24u * 112);
    ExpectSame(g, expected);
    ExpectSamePhase(g, expected);
    for (const auto& [type, count] : CountTypes(prefix + ".pgen")) met.insert(type & 0x18);
    // As dosages, and with chosen rows inside records.
    const Genotypes units = ReadFiles(PgenOptions(prefix, "DS"), shape);
    for (size_t r = 0; r < g.values.size(); ++r) {
      for (size_t s = 0; s < samples; ++s) {
        ASSERT_EQ(units.values[r][s], g.values[r][s] == kNone ? kNone : g.values[r][s] * 16384);
      }
    }
    auto source = OpenGenotypes(PgenOptions(prefix));
    ASSERT_TRUE(source->SelectRows({5, 2600}));
    source->Shape(shape);
    const auto raw = source->NewRawBlock();
    std::set<uint64_t> seen;
    while (source->Read(*raw)) {
      DosageTile tile;
      source->Decode(*raw, tile);
      for (size_t r = 0; r < tile.rows(); ++r) {
        seen.insert(tile.first_variant + r);
        for (uint32_t s = 0; s < samples; ++s) {
          const uint32_t v = tile.At(r, s);
          ASSERT_EQ(v == 3 ? kNone : v, g.values[tile.first_variant + r][s]);
        }
      }
    }
    EXPECT_TRUE(seen.contains(5) && seen.contains(2600));
    EXPECT_EQ(OpenGenotypes(PgenOptions(prefix))->variant_count(), g.values.size());
  }
  EXPECT_EQ(met, (std::set<uint8_t>{0, 8, 16, 24}));
}

// DS of few, of many or of all samples; phased and not.
std::string DosageVcf(uint32_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<std::string> records;
  for (uint32_t v = 0; v < 300; ++v) {
    constexpr double kShares[] = {0.01, 0.05, 0.5, 1.0};
    const double share = kShares[v % 4], phased = (v / 4) % 3 * 0.5;
    const double frequency = v % 5 == 0 ? 0.01 : 0.4;
    std::string line = fmt::format("3 {} v{} A C . . . GT:DS", 100 + v, v);
    for (uint32_t s = 0; s < samples; ++s) {
      const int first = uniform() < frequency, second = uniform() < frequency;
      if (uniform() < 0.02) {
        line += " ./.:.";
        continue;
      }
      double dosage = first + second;
      if (uniform() < share) dosage = std::abs(dosage - 0.4 * uniform() - 1e-4);
      line += fmt::format(" {}{}{}:{:.4f}", first, uniform() < phased ? '|' : '/', second, dosage);
    }
    records.push_back(line);
  }
  return WriteVcf(records, SampleNames(samples));
}

// `--export A-transpose`: dosages of REF.
void ExpectExport(const Genotypes& g, const std::string& pfile) {
  const std::string out = Plink2("--pfile " + pfile + " --export A-transpose");
  LineReader lines(out + ".traw");
  std::string_view line;
  ASSERT_TRUE(lines.Next(line));
  for (size_t row = 0; lines.Next(line); ++row) {
    ASSERT_LT(row, g.values.size());
    const auto fields = Split(line, '\t');
    for (size_t s = 0; s < g.values[row].size(); ++s) {
      const auto ref = ParseDouble(fields[6 + s]);
      const auto expected = ref ? static_cast<uint32_t>(std::lround((2 - *ref) * 16384)) : kNone;
      ASSERT_EQ(g.values[row][s], expected) << row << " " << s << " " << fields[6 + s];
    }
  }
}

TEST(PgenRecords, DosageTracksEqualPlink2sExport) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  std::set<uint8_t> met;
  for (const uint32_t samples : {20u, 300u, 3001u}) {
    const std::string vcf = DosageVcf(samples, samples);
    const std::string prefix = Plink2("--vcf " + vcf + " dosage=DS --make-pgen");
    const Genotypes g = ReadFiles(PgenOptions(prefix)), text = ReadFiles(Files({vcf}));
    ExpectExport(g, prefix);
    for (size_t r = 0; r < g.values.size(); ++r) {
      for (size_t s = 0; s < samples; ++s) {
        ASSERT_EQ(g.values[r][s] == kNone, text.values[r][s] == kNone);
        if (g.values[r][s] == kNone) continue;
        ASSERT_NEAR(g.Dosage(r, s), text.Dosage(r, s), 0.501 / 16384) << r << " " << s;
      }
    }
    for (const auto& [type, count] : CountTypes(prefix + ".pgen")) met.insert(type & 0xf0);
  }
  for (const uint8_t track : {0x20, 0x30, 0x60, 0x70, 0xb0, 0xe0, 0xf0}) {
    EXPECT_TRUE(met.contains(track)) << int{track};
  }
}

// A fileset written here, record by record.
struct Fileset {
  uint8_t mode = 0x10, control = 0x40;
  uint32_t samples = 5;
  std::vector<std::pair<uint8_t, std::string>> records;  // type, bytes
  std::vector<uint8_t> alts;                             // stated ones
  std::string pvar_alt = "C";

  static std::string Le(uint64_t value, int bytes) {
    return {reinterpret_cast<const char*>(&value), static_cast<size_t>(bytes)};
  }
  static std::string Units(const std::vector<uint32_t>& values) {
    std::string text;
    for (const uint32_t v : values) text += Le(v, 2);
    return text;
  }
  std::string Header() const {
    const auto n = static_cast<uint32_t>(records.size());
    const int length_bytes = (control & 3) + 1;
    std::string arrays;
    for (uint32_t i = 0; i < n; ++i) {
      if ((control & 4) != 0) {
        arrays += static_cast<char>(records[i].first);
      } else if (i % 2 == 0) {
        arrays += static_cast<char>(records[i].first);
      } else {
        arrays.back() = static_cast<char>(arrays.back() | records[i].first << 4);
      }
    }
    for (const auto& record : records) arrays += Le(record.second.size(), length_bytes);
    for (const uint8_t count : alts) arrays += static_cast<char>(count);
    const std::string flags = control >> 6 == 3 ? std::string((n + 7) / 8, '\0') : "";
    std::string head = "\x6c\x1b" + std::string(1, static_cast<char>(mode)) + Le(n, 4) +
                       Le(samples, 4) + std::string(1, static_cast<char>(control));
    if (mode != 0x10) return head + flags;
    return head + Le(head.size() + 8 + arrays.size() + flags.size(), 8) + arrays + flags;
  }
  std::string Write() const {
    std::string pgen = Header(), pvar = "#CHROM\tPOS\tID\tREF\tALT\n", psam = "#IID\tSEX\n";
    for (size_t i = 0; i < records.size(); ++i) {
      pgen += records[i].second;
      pvar += fmt::format("1\t{}\tv{}\tA\t{}\n", 100 + i, i, pvar_alt);
    }
    for (uint32_t s = 0; s < samples; ++s) psam += fmt::format("I{}\tNA\n", s);
    const std::string path = WriteText("f.pgen", pgen), prefix = path.substr(0, path.size() - 5);
    std::ofstream(prefix + ".pvar") << pvar;
    std::ofstream(prefix + ".psam") << psam;
    return prefix;
  }
};

using Row = std::vector<uint32_t>;
// Five samples: 0, 1, 2, missing, 1.
const std::string kCalls = {static_cast<char>(0b11100100), 0b01};

TEST(PgenRecords, FixedWidthDosages) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  Fileset f;
  f.mode = 3;
  f.records = {{0, kCalls + Fileset::Units({0, 16000, 32768, 65535, 20000})},
               {0, kCalls + Fileset::Units({1, 65535, 30000, 4096, 16384})}};
  Genotypes g = ReadFiles(PgenOptions(f.Write()));
  EXPECT_EQ(g.values[0], (Row{0, 16000, 32768, kNone, 20000}));
  EXPECT_EQ(g.values[1], (Row{1, 16384, 30000, 4096, 16384}));  // a missing one leaves the call
  ExpectExport(g, f.Write());
  f.control = 0xc0;  // with REF flags
  EXPECT_EQ(ReadFiles(PgenOptions(f.Write())).values, g.values);
  f.control = 0x40;
  f.mode = 4;
  f.records[0].second += Fileset::Units({0, 384, 0, 0x8000, 0xffff & (0u - 12768)});
  f.records[1].second += Fileset::Units({1, 0x8000, 2768, 4096, 0});
  EXPECT_EQ(ReadFiles(PgenOptions(f.Write())).values, g.values);
  ExpectExport(g, f.Write());
  const Genotypes calls = ReadFiles(PgenOptions(f.Write(), "GT"));
  EXPECT_EQ(calls.values[0], (Row{0, 1, 2, kNone, 1}));
}

TEST(PgenRecords, HeaderLayouts) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  Fileset f;
  f.records = {{0, kCalls},
               {2, std::string("\x00", 1)},          // as the one above
               {3, std::string("\x01\x01\x03", 3)},  // the second missing, then 0 and 2 swapped
               {4, std::string("\x01\x04\x02", 3)},  // all 0 but the fifth
               {1, std::string("\x01\x1f\x00", 3)},  // all 1
               {6, std::string("\x00", 1)},          // all 2
               {7, std::string("\x02\x00\x01\x04", 4)}};  // all missing but samples 0 and 4
  const Genotypes g = ReadFiles(PgenOptions(f.Write()));
  EXPECT_EQ(g.values[1], (Row{0, 1, 2, kNone, 1}));
  EXPECT_EQ(g.values[2], (Row{2, kNone, 0, kNone, 1}));
  EXPECT_EQ(g.values[3], (Row{0, 0, 0, 0, 2}));
  EXPECT_EQ(g.values[4], (Row{1, 1, 1, 1, 1}));
  EXPECT_EQ(g.values[5], (Row{2, 2, 2, 2, 2}));
  EXPECT_EQ(g.values[6], (Row{1, kNone, kNone, kNone, 0}));
  for (const uint8_t layout : {0, 1, 2, 3, 4, 5, 6, 7}) {
    for (const uint8_t refs : {0x00, 0x40, 0x80, 0xc0}) {
      f.control = layout | refs;
      EXPECT_EQ(ReadFiles(PgenOptions(f.Write())).values, g.values) << int{f.control};
    }
  }
  f.control = 0x54;
  f.alts.assign(f.records.size(), 1);
  EXPECT_EQ(ReadFiles(PgenOptions(f.Write())).values, g.values);
  f.alts[3] = 2;
  EXPECT_EQ(ErrorOfFiles(PgenOptions(f.Write())).record(), 4u);
  // All samples 0 in no byte at all.
  f = Fileset();
  f.records = {{0, kCalls}, {5, ""}, {0, kCalls}};
  EXPECT_EQ(ReadFiles(PgenOptions(f.Write())).values[1], (Row{0, 0, 0, 0, 0}));
}

TEST(PgenRecords, UnconditionalDosagesOfVariableWidth) {
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  Fileset f;
  f.control = 0x44;
  const std::string values = Fileset::Units({0, 16000, 32768, 65535, 20000});
  f.records = {{0x40, kCalls + values},
               {0x42, std::string("\x00", 1) + values},
               {0x20, kCalls + std::string("\x02\x01\x03", 3) + Fileset::Units({9000, 7})},
               {0x60, kCalls + std::string("\x12") + Fileset::Units({9000, 7})}};
  const Genotypes g = ReadFiles(PgenOptions(f.Write()));
  EXPECT_EQ(g.values[1], (Row{0, 16000, 32768, kNone, 20000}));
  EXPECT_EQ(g.values[3], (Row{0, 9000, 32768, kNone, 7}));
}

TEST(PgenErrors, RecordsThatDoNotFit) {
  struct Case {
    uint8_t type;
    std::string bytes;
    const char* message;
  };
  const auto bytes = [](std::initializer_list<int> list) {
    std::string text;
    for (const int b : list) text += static_cast<char>(b);
    return text;
  };
  const Case cases[] = {
      {0, bytes({0xe4}), "ends within"},
      {0, bytes({0xe4, 0x01, 0x00}), "left behind"},
      {0, bytes({0xe4, 0x05}), "unused bits"},
      {1, bytes({0x04, 0x00, 0x00}), "pair of calls"},
      {1, bytes({0x0f, 0x00, 0x00}), "pair of calls"},
      {1, bytes({0x01, 0x20, 0x00}), "unused bits"},
      {4, bytes({0x06, 0, 0, 0, 1, 1, 1, 1}), "more entries"},
      {4, bytes({0x01, 0x05, 0x02}), "too large"},
      {4, bytes({0x02, 0x03, 0x05, 0x02}), "too large"},
      {4, bytes({0x02, 0x03, 0x05, 0x00}), "ascend"},
      {4, bytes({0x01, 0x03, 0x05}), "unused bits"},
      {4, bytes({0xff, 0xff, 0xff, 0xff, 0x7f}), "too large"},
      {4, bytes({0x80}), "ends within"},
      {8, kCalls + bytes({0xff}), "one ALT allele"},
      {0x10, bytes({0x00, 0x00, 0x01}), "no heterozygous"},
      {0x10, kCalls + bytes({0x10}), "unused bits"},
      {0x10, kCalls + bytes({0x07, 0x04}), "unused bits"},
      {0x20, kCalls + bytes({0x01, 0x01, 0xff, 0xff}), "two copies"},
      {0x40, kCalls + Fileset::Units({0, 32769, 0, 0, 0}), "two copies"},
      {0x60, kCalls + bytes({0x20}), "unused bits"},
      {0x80, kCalls, "no dosages"},
      {0xc0, kCalls + Fileset::Units({0, 1, 0, 0, 0, 0, 16385, 0, 0, 0}), "out of range"},
  };
  for (const Case& c : cases) {
    Fileset f;
    f.control = 0x44;
    f.records = {{0, kCalls}, {c.type, c.bytes}};
    const Error error = ErrorOfFiles(PgenOptions(f.Write()));
    EXPECT_NE(error.message().find(c.message), std::string::npos) << error.message();
    EXPECT_EQ(error.record(), 2u) << error.message();
    EXPECT_EQ(error.exit_code(), ExitCode::kInput);
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(PgenErrors, AllelesBeyondThePvar) {
  const auto error_of = [](uint8_t type, const std::string& bytes, const char* alts) {
    Fileset f;
    f.control = 0x44;
    f.pvar_alt = alts;
    f.records = {{0, kCalls}, {type, bytes}};
    return ErrorOfFiles(PgenOptions(f.Write()));
  };
  const auto patched = [](std::initializer_list<int> list) {
    std::string text = kCalls;
    for (const int b : list) text += static_cast<char>(b);
    return text;
  };
  // Hets are samples 1 and 4, two ALTs sample 2.
  EXPECT_NE(error_of(8, patched({0x02}), "C,G").message().find("layout"), std::string::npos);
  EXPECT_NE(error_of(8, patched({0xf1, 0x01, 0x02}), "C,G").message().find("another call"),
            std::string::npos);
  EXPECT_NE(error_of(8, patched({0xf0, 0x01, 0x03}), "C,G,T,CA").message().find("beyond"),
            std::string::npos);
  EXPECT_NE(error_of(8, patched({0x0f, 0x01, 0x02}), "C,G,T").message().find("not in order"),
            std::string::npos);
  EXPECT_NE(error_of(8, patched({0x0f, 0x01, 0x0c}), "C,G,T").message().find("beyond"),
            std::string::npos);
  const Error dosages = error_of(0x20, kCalls + std::string("\0", 1), "C,G");
  EXPECT_EQ(dosages.record(), 2u);
  EXPECT_NE(dosages.remedy().find("norm"), std::string::npos);
}

}  // namespace
}  // namespace kinflow
