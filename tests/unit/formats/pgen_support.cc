#include "tests/unit/formats/pgen_support.h"

#include <cmath>
#include <random>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/pgen_header.h"

namespace kinflow::test {

std::string Plink2(const std::string& arguments) {
  const std::string out = TempFolder() + "/p";
  std::string text;
  EXPECT_EQ(
      RunCommand(FindProgram("plink2") + " --threads 1 " + arguments + " --out " + out, &text), 0)
      << text;
  return out;
}

GenotypeOptions PgenOptions(const std::string& prefix, const std::string& field) {
  GenotypeOptions options = Files({prefix + ".pgen"});
  options.keep_calls = true;
  options.field = field;
  return options;
}

std::map<uint8_t, uint64_t> CountTypes(const std::string& pgen) {
  const PgenIndex index = PgenIndex::Read(FileHandle::OpenRead(pgen));
  std::map<uint8_t, uint64_t> counts;
  for (uint32_t record = 0; record < index.variants(); ++record) ++counts[index.type(record)];
  return counts;
}

void ExpectSame(const Genotypes& a, const Genotypes& b, bool quality) {
  ASSERT_EQ(a.variants.size(), b.variants.size());
  EXPECT_EQ(a.shards, b.shards);
  for (size_t r = 0; r < a.variants.size(); ++r) {
    ASSERT_EQ(a.values[r], b.values[r]) << r;
    ASSERT_EQ(a.variants.chrom(r), b.variants.chrom(r));
    ASSERT_EQ(a.variants.pos(r), b.variants.pos(r));
    ASSERT_EQ(a.variants.id(r), b.variants.id(r));
    ASSERT_EQ(a.variants.ref(r), b.variants.ref(r));
    ASSERT_EQ(a.variants.alt(r), b.variants.alt(r));
    ASSERT_EQ(a.variants.from_multiallelic(r), b.variants.from_multiallelic(r));
    if (!quality) continue;
    ASSERT_EQ(std::isnan(a.variants.info(r)), std::isnan(b.variants.info(r)));
    if (!std::isnan(a.variants.info(r))) {
      ASSERT_EQ(a.variants.info(r), b.variants.info(r));
    }
  }
}

void ExpectSamePhase(const Genotypes& pgen, const Genotypes& text) {
  ASSERT_EQ(pgen.variants.size(), text.variants.size());
  size_t phased = 0, alt_first = 0;
  for (size_t r = 0; r < pgen.variants.size(); ++r) {
    for (size_t s = 0; s < pgen.values[r].size(); ++s) {
      const auto flag = [&](const Genotypes& g) {
        return g.calls[r].empty() ? 0 : g.calls[r][s] & (kCallPhased | kCallAltFirst);
      };
      if (text.values[r][s] == 1) {
        ASSERT_EQ(flag(pgen), flag(text)) << r << " " << s;
        phased += (flag(pgen) & kCallPhased) != 0;
        alt_first += (flag(pgen) & kCallAltFirst) != 0;
      } else {
        ASSERT_EQ(flag(pgen) & kCallAltFirst, 0) << r << " " << s;
      }
    }
  }
  EXPECT_GT(phased, 0u);
  EXPECT_GT(alt_first, 0u);
}

std::string WriteVariedBed(uint32_t samples, uint32_t variants, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto chance = [&](double p) { return static_cast<double>(random() >> 11) * 0x1p-53 < p; };
  std::string bed("\x6c\x1b\x01", 3), bim, fam;
  std::vector<uint8_t> row(samples), last(samples);  // copies of A1, 3 = missing
  constexpr uint8_t kCode[] = {3, 2, 0, 1};
  for (uint32_t v = 0; v < variants; ++v) {
    const uint32_t kind = v % 8;
    // Copies of A1: 0 common, 1 and 2 near copies of it, plain and exchanged, 3 nearly common calls
    // of two kinds, 4 and 5 rare, 6 nearly all two copies, 7 nearly all missing.
    const double frequency = kind == 0 ? 0.45 : kind == 3 ? 0.15 : kind == 6 ? 0.995 : 0.005;
    for (uint32_t s = 0; s < samples; ++s) {
      if ((kind == 1 || kind == 2) && !chance(0.01)) {
        row[s] = kind == 1 || last[s] == 3 ? last[s] : static_cast<uint8_t>(2 - last[s]);
      } else if (kind == 7) {
        row[s] = chance(0.02) ? static_cast<uint8_t>(random() % 3) : 3;
      } else {
        row[s] = static_cast<uint8_t>(chance(frequency) + chance(frequency));
        if (chance(0.01)) row[s] = 3;
      }
    }
    if (kind == 0) last = row;
    std::string packed((samples + 3) / 4, '\0');
    for (uint32_t s = 0; s < samples; ++s) {
      packed[s / 4] =
          static_cast<char>(static_cast<uint8_t>(packed[s / 4]) | kCode[row[s]] << (2 * (s % 4)));
    }
    bed += packed;
    bim += "1\tv" + std::to_string(v) + "\t0\t" + std::to_string(1000 + v) + "\tA\tC\n";
  }
  for (uint32_t s = 0; s < samples; ++s) {
    const std::string id = std::to_string(s);
    fam += "F" + id + "\tI" + id + "\t0\t0\t" + std::to_string(s % 3) + "\t-9\n";
  }
  const std::string path = WriteText("b.bed", bed), prefix = path.substr(0, path.size() - 4);
  std::ofstream(prefix + ".bim") << bim;
  std::ofstream(prefix + ".fam") << fam;
  return prefix;
}

}  // namespace kinflow::test
