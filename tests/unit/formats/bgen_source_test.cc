// The contract of sources on BGEN, and the parsers on bytes in memory. Values of every mode are
// compared with those of an independent writer in tests/cli/bgen_test.py.
#include "stages/formats/bgen_source.h"

#include <algorithm>

#include "pipeline/base/philox.h"
#include "stages/formats/bgen_decode.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

/// Little-endian text.
class Bytes {
 public:
  template <class T>
  Bytes& Put(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& Text(const std::string& text) {
    Put(static_cast<uint16_t>(text.size()));
    text_ += text;
    return *this;
  }
  Bytes& Raw(const std::string& text) {
    text_ += text;
    return *this;
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

constexpr uint32_t kPeople = 5;

/// One variant, 8 bits, not compressed; every fifth has two ALTs. Values differ everywhere.
std::string Record(const std::string& chrom, uint32_t number) {
  const uint16_t alleles = number % 5 == 4 ? 3 : 2;
  Bytes out;
  out.Text("id").Text("r" + std::to_string(number)).Text(chrom).Put(1000 + number).Put(alleles);
  for (uint16_t a = 0; a < alleles; ++a) out.Put(uint32_t{1}).Raw(std::string(1, "ACG"[a]));
  const uint32_t values = alleles == 2 ? 2 : 5;
  Bytes block;
  block.Put(kPeople).Put(alleles).Put(uint8_t{2}).Put(uint8_t{2}).Raw(std::string(kPeople, '\2'));
  block.Put(uint8_t{0}).Put(uint8_t{8});
  for (uint32_t s = 0; s < kPeople; ++s) {
    for (uint32_t v = 0; v < values; ++v) {
      block.Put(static_cast<uint8_t>((number * 7 + s * 5 + v) % 50));
    }
  }
  out.Put(static_cast<uint32_t>(block.str().size())).Raw(block.str());
  return out.str();
}

std::string File(const std::vector<std::string>& chroms) {
  Bytes ids;
  for (uint32_t s = 0; s < kPeople; ++s) ids.Text("P" + std::to_string(s));
  const auto id_bytes = static_cast<uint32_t>(8 + ids.str().size());
  Bytes out;
  out.Put(20 + id_bytes).Put(uint32_t{20}).Put(static_cast<uint32_t>(chroms.size())).Put(kPeople);
  out.Raw("bgen").Put(2u << 2 | 1u << 31).Put(id_bytes).Put(kPeople).Raw(ids.str());
  for (uint32_t i = 0; i < chroms.size(); ++i) out.Raw(Record(chroms[i], i));
  return out.str();
}

std::string WriteFile() {
  std::vector<std::string> chroms(40, "01");
  std::fill(chroms.begin() + 25, chroms.end(), "02");
  return WriteText("x.bgen", File(chroms));
}

std::unique_ptr<GenotypeSource> Open(const std::string& path) {
  return OpenGenotypes(Files({path}));
}

TEST(BgenSource, TilesAndShardsDoNotChangeValues) {
  const std::string path = WriteFile();
  const Genotypes whole = ReadAllTiles(*Open(path));
  EXPECT_EQ(whole.values.size(), 48u);
  EXPECT_EQ(whole.encoding, DosageEncoding::ForUnits(255));
  EXPECT_EQ(whole.variants.chrom(0), "1");
  EXPECT_EQ(whole.variants.chrom(47), "2");
  EXPECT_TRUE(whole.variants.from_multiallelic(4));
  EXPECT_EQ(whole.variants.alt(5), "G");
  EXPECT_EQ(whole.shards.back(), 1u);
  for (const uint32_t records : {1u, 3u, 7u, 100u}) {
    ScanShape shape;
    shape.tile_records = records;
    const Genotypes g = ReadAllTiles(*Open(path), shape);
    EXPECT_EQ(g.values, whole.values);
    EXPECT_EQ(g.shards, whole.shards);
  }
}

TEST(BgenSource, TwoNamesOfOneChromosome) {
  const std::string path = WriteText("x.bgen", File({"1", "1", "01"}));
  const Error error = ErrorOf([&] { ReadAllTiles(*Open(path)); });
  EXPECT_EQ(error.id(), ErrorId::kMalformed);
  EXPECT_EQ(error.record(), 3u);
}

TEST(BgenSource, SkippedShardsLeaveTheRestAsItWas) {
  const std::string path = WriteFile();
  ScanShape shape;
  shape.shard_genotypes = 10 * kPeople;
  const Genotypes whole = ReadAllTiles(*Open(path), shape);
  ASSERT_GT(whole.shards.back(), 3u);
  for (uint32_t skip = 1; skip <= whole.shards.back() + 1; ++skip) {
    auto source = Open(path);
    source->SkipShards(skip);
    const Genotypes rest = ReadAllTiles(*source, shape);
    const auto first = static_cast<size_t>(
        std::lower_bound(whole.shards.begin(), whole.shards.end(), skip) - whole.shards.begin());
    ASSERT_EQ(rest.values.size(), whole.values.size() - first);
    for (size_t r = 0; r < rest.values.size(); ++r) {
      EXPECT_EQ(rest.values[r], whole.values[first + r]);
      EXPECT_EQ(rest.shards[r], whole.shards[first + r]);
    }
  }
}

TEST(BgenSource, ChosenRowsComeFromTheIndex) {
  const std::string path = WriteFile();
  EXPECT_FALSE(Open(path)->SelectRows({1}));
  EXPECT_EQ(BuildBgenIndex(path, 100), 40u);
  ScanShape shape;
  shape.tile_records = 4;
  shape.shard_genotypes = 10 * kPeople;
  const Genotypes whole = ReadAllTiles(*Open(path), shape);
  ASSERT_EQ(Open(path)->variant_count(), whole.values.size());
  Philox random(3, 1);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<uint64_t> rows;
    for (uint64_t r = 0; r < whole.values.size(); ++r) {
      if (random.Below(4) < static_cast<uint64_t>(trial % 4)) rows.push_back(r);
    }
    auto source = Open(path);
    const auto skip = static_cast<uint32_t>(trial % 3);
    source->SkipShards(skip);
    ASSERT_TRUE(source->SelectRows(rows));
    source->Shape(shape);
    const auto raw = source->NewRawBlock();
    DosageTile tile;
    std::vector<uint64_t> seen;
    while (source->Read(*raw)) {
      source->Decode(*raw, tile);
      for (size_t r = 0; r < tile.rows(); ++r) {
        const uint64_t row = tile.first_variant + r;
        EXPECT_EQ(tile.shard, whole.shards[row]);
        EXPECT_EQ(tile.variants.id(r), whole.variants.id(row));
        for (uint32_t s = 0; s < kPeople; ++s) EXPECT_EQ(tile.At(r, s), whole.values[row][s]);
        seen.push_back(row);
      }
    }
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    for (const uint64_t row : rows) {
      EXPECT_EQ(std::binary_search(seen.begin(), seen.end(), row), whole.shards[row] >= skip);
    }
    EXPECT_LE(seen.size(), rows.size() * 2);  // the other ALT of a variant comes along
  }
}

TEST(BgenSource, EntriesNextToRegionsAreCompared) {
  const std::string path = WriteFile();
  BuildBgenIndex(path, 100);
  const BgenIndex index = ReadBgenIndex(path, BgenReader(path, 100).header());
  const auto around = [&](const char* regions) {
    return EntriesAround(index, *RegionSet::Parse(regions));
  };
  // Chromosome 1 holds entries 0 to 24 at 1000 to 1024, chromosome 2 the others.
  EXPECT_EQ(around("7"), (std::vector<size_t>{0, 24, 25, 39}));
  EXPECT_EQ(around("1:1005-1007"), (std::vector<size_t>{0, 4, 8, 24, 25, 39}));
  EXPECT_EQ(around("1:1-1003,1:1020-2000,2"), (std::vector<size_t>{0, 4, 19, 24, 25, 39}));
}

TEST(BgenSource, ChosenRowsReadOnlyTheirBytes) {
  std::vector<std::string> chroms(20'000, "1");
  const std::string path = WriteText("large.bgen", File(chroms));
  BuildBgenIndex(path, 100);
  auto source = Open(path);
  source->Shape({});
  const uint64_t before = source->bytes_read();
  ASSERT_TRUE(source->SelectRows({500, 12'000}));
  const auto raw = source->NewRawBlock();
  ASSERT_TRUE(source->Read(*raw));
  ASSERT_TRUE(source->Read(*raw));
  EXPECT_FALSE(source->Read(*raw));
  EXPECT_LT(source->bytes_read() - before, 1000u);
}

TEST(BgenSource, SomeSamples) {
  const std::string path = WriteFile();
  const Genotypes whole = ReadAllTiles(*Open(path));
  GenotypeOptions options = Files({path});
  options.choice.keep = {"P3", "P1"};
  const Genotypes some = ReadFiles(options);
  ASSERT_EQ(some.values.size(), whole.values.size());
  for (size_t r = 0; r < some.values.size(); ++r) {
    EXPECT_EQ(some.values[r], (std::vector<uint32_t>{whole.values[r][1], whole.values[r][3]}));
  }
}

TEST(BgenSource, HaploidCallsAreFlagged) {
  Bytes record, block;
  record.Text("").Text("r").Text("0X").Put(1u).Put(uint16_t{2});
  record.Put(1u).Raw("A").Put(1u).Raw("C");
  // Diploid, haploid, haploid and missing, diploid and missing, haploid.
  block.Put(kPeople).Put(uint16_t{2}).Put(uint8_t{1}).Put(uint8_t{2});
  block.Raw("\x02\x01\x81\x82\x01").Put(uint8_t{0}).Put(uint8_t{8});
  for (const uint8_t value : {0, 255, 55, 0, 0, 0, 255}) block.Put(value);
  record.Put(static_cast<uint32_t>(block.str().size())).Raw(block.str());
  const std::string head = File({}).replace(8, 1, "\1");
  GenotypeOptions options = Files({WriteText("x.bgen", head + record.str())});
  options.keep_calls = true;
  const Genotypes g = ReadFiles(options);
  EXPECT_EQ(g.values[0], (std::vector<uint32_t>{255, 200, kNone, kNone, 0}));
  EXPECT_EQ(g.calls[0], (std::vector<uint8_t>{0, kCallHaploid, kCallHaploid, 0, kCallHaploid}));
  EXPECT_EQ(g.variants.chrom(0), "X");
}

TEST(BgenSource, PhaseIsLeftOutWhereNobodyLooksAtIt) {
  Bytes record, block;
  record.Text("").Text("r").Text("1").Put(1u).Put(uint16_t{2});
  record.Put(1u).Raw("A").Put(1u).Raw("C");
  block.Put(kPeople).Put(uint16_t{2}).Put(uint8_t{2}).Put(uint8_t{2});
  block.Raw("\x02\x02\x02\x02\x02").Put(uint8_t{1}).Put(uint8_t{8});
  for (const uint8_t a : {255, 0, 0, 255, 255, 255, 0, 0, 255, 255}) block.Put(a);
  record.Put(static_cast<uint32_t>(block.str().size())).Raw(block.str());
  const std::string head = File({}).replace(8, 1, "\1");
  GenotypeOptions options = Files({WriteText("phased.bgen", head + record.str())});
  options.keep_calls = true;
  const Genotypes all = ReadFiles(options);
  EXPECT_EQ(all.values[0], (std::vector<uint32_t>{255, 255, 0, 510, 0}));
  EXPECT_EQ(all.calls[0],
            (std::vector<uint8_t>{kCallPhased, kCallPhased | kCallAltFirst, 0, 0, 0}));
  const auto source = OpenGenotypes(options);
  source->UseFlags(kCallHaploid);
  const Genotypes without_phase = ReadAllTiles(*source);
  EXPECT_EQ(without_phase.values, all.values);
  EXPECT_TRUE(without_phase.calls[0].empty());
}

std::span<const uint8_t> Span(const std::string& text, size_t n) {
  return {reinterpret_cast<const uint8_t*>(text.data()), n};
}

TEST(BgenParsers, AskForBytesUntilTheyAreThere) {
  const std::string file = File({"1", "1"});
  BgenHeader header;
  size_t have = 0;
  for (uint64_t needed = 0;
       (needed = ParseBgenHeader(Span(file, have), file.size(), "f", header)) > have;) {
    have = needed;
  }
  EXPECT_EQ(header.variants, 2u);
  EXPECT_EQ(header.samples, kPeople);
  EXPECT_EQ(ParseBgenIds(Span(file, have), header, "f").size(), kPeople);
  const std::string record = file.substr(have);
  const RecordPlace place{"f", 1};
  BgenVariant variant;
  size_t n = 0;
  for (int calls = 0; calls < 100; ++calls) {
    const uint64_t needed = ParseBgenVariant(Span(record, n), header, 100, place, variant);
    if (needed <= n) break;
    ASSERT_LE(needed, record.size());
    n = needed;
  }
  EXPECT_EQ(variant.header_bytes, n);
  EXPECT_EQ(variant.bytes(), Record("1", 0).size());
  EXPECT_EQ(variant.alleles, (std::vector<std::string_view>{"A", "C"}));
}

/// Errors are legal, anything else is not: what a fuzzer does, in small.
TEST(BgenParsers, DamagedBytesAreErrors) {
  const std::string good = File({"1", "1", "1", "1", "1"});
  Philox random(11, 2);
  size_t refused = 0;
  for (int trial = 0; trial < 600; ++trial) {
    std::string bad = good;
    for (uint64_t flips = random.Below(3) + 1; flips > 0; --flips) {
      bad[random.Below(bad.size())] = static_cast<char>(random.Below(256));
    }
    if (trial % 3 == 0) bad.resize(random.Below(bad.size()));
    const std::string path = WriteText("bad.bgen", bad);
    try {
      BgenSource source(path, {DosageField::kGp, false, 255, 0, true}, {},
                        std::make_shared<VariantOrder>());
      ReadAllTiles(source);
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.exit_code(), ExitCode::kInput) << error.Format();
    }
    RemoveTree(FolderOf(path));
  }
  EXPECT_GT(refused, 200u);
}

}  // namespace
}  // namespace kinflow
