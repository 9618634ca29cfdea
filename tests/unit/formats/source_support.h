#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/graph/genotype_source.h"
#include "stages/formats/genotype_registry.h"
#include "tests/support/test_data.h"

namespace kinflow::test {

/// All of a source in memory, values as units whatever the layout.
struct Genotypes {
  std::vector<std::vector<uint32_t>> values;  // UINT32_MAX = missing
  std::vector<std::vector<uint8_t>> calls;    // empty row = the tile had none
  VariantTable variants;
  std::vector<uint32_t> shards;          // of each variant
  std::vector<uint64_t> first_variants;  // of each tile
  size_t tiles = 0;
  DosageEncoding encoding;
  double Dosage(size_t row, size_t sample) const {
    return static_cast<double>(values[row][sample]) / encoding.units_per_copy;
  }
};

inline constexpr uint32_t kNone = UINT32_MAX;

/// Reads every block first and decodes them last to first, as a parallel run might: a block must
/// not depend on what is read after it.
inline Genotypes ReadAllTiles(GenotypeSource& source, const ScanShape& shape = {}) {
  source.Shape(shape);
  std::vector<std::unique_ptr<RawBlock>> blocks;
  while (true) {
    auto raw = source.NewRawBlock();
    if (!source.Read(*raw)) break;
    EXPECT_EQ(raw->block, blocks.size());
    blocks.push_back(std::move(raw));
  }
  std::vector<DosageTile> tiles(blocks.size());
  for (size_t i = blocks.size(); i-- > 0;) source.Decode(*blocks[i], tiles[i]);
  Genotypes out;
  out.encoding = source.encoding();
  out.tiles = tiles.size();
  for (const auto& tile : tiles) {
    out.first_variants.push_back(tile.first_variant);
    for (size_t r = 0; r < tile.rows(); ++r) {
      std::vector<uint32_t> row;
      for (uint32_t s = 0; s < tile.n_samples; ++s) {
        const uint32_t v = tile.At(r, s);
        row.push_back(v == tile.encoding.missing() ? kNone : v);
      }
      out.values.push_back(std::move(row));
      const uint8_t* calls = tile.CallRow(r);
      out.calls.emplace_back(calls, calls == nullptr ? nullptr : calls + tile.n_samples);
      out.variants.Append(tile.variants, r);
      out.shards.push_back(tile.shard);
    }
  }
  return out;
}

/// What the memory plan counts of a row is what the largest tile of these records holds of it.
inline void ExpectPlannedTiles(GenotypeSource& source, uint8_t used) {
  source.UseFlags(used);
  source.Shape({});
  uint64_t most = 0;
  DosageTile tile;
  for (auto raw = source.NewRawBlock(); source.Read(*raw);) {
    source.Decode(*raw, tile);
    most = std::max<uint64_t>(most, (tile.values.size() + tile.calls.size()) / tile.rows());
  }
  EXPECT_EQ(most, TileRowBytes(source, used)) << unsigned{used};
}

inline GenotypeOptions Files(std::vector<std::string> files) {
  GenotypeOptions options;
  options.files = std::move(files);
  return options;
}

inline Genotypes ReadFiles(const GenotypeOptions& options, const ScanShape& shape = {}) {
  return ReadAllTiles(*OpenGenotypes(options), shape);
}

inline std::string WriteText(const std::string& name, const std::string& text) {
  static int count = 0;
  const std::string folder = TempFolder() + "/" + std::to_string(count++);
  MakeFolders(folder);
  const std::string path = folder + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

/// A VCF text from data lines whose columns are separated by blanks here.
inline std::string VcfText(const std::vector<std::string>& records,
                           const std::string& samples = "A B C", const std::string& meta = "") {
  std::string text = "##fileformat=VCFv4.2\n" + meta +
                     "##INFO=<ID=R2,Number=1,Type=Float,Description=\"q\">\n"
                     "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
                     "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n"
                     "##FORMAT=<ID=HDS,Number=.,Type=Float,Description=\"h\">\n"
                     "##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"p\">\n"
                     "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT " +
                     samples + "\n";
  for (const auto& record : records) text += record + "\n";
  const size_t body = text.find("#CHROM");
  for (size_t i = body; i < text.size(); ++i) {
    if (text[i] == ' ') text[i] = '\t';
  }
  return text;
}

inline std::string WriteVcf(const std::vector<std::string>& records,
                            const std::string& samples = "A B C", const std::string& meta = "") {
  return WriteText("x.vcf", VcfText(records, samples, meta));
}

/// The Error that `body` throws; fails the test if there is none.
inline Error ErrorOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(ErrorId::kInternal, "none");
}

inline Error ErrorOfFiles(const GenotypeOptions& options) {
  return ErrorOf([&] { ReadFiles(options); });
}

}  // namespace kinflow::test
