#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/text.h"
#include "stages/formats/bgen_decode.h"
#include "stages/formats/bgen_index.h"
#include "stages/formats/bgen_reader.h"
#include "stages/formats/bgen_unpack.h"
#include "stages/formats/genotype_probe.h"

namespace kinflow {
namespace {

/// Bits a probability, from and to, over the first variants.
struct BitRange {
  uint32_t least = 32, most = 1;
  void Add(uint32_t bits) {
    least = std::min(least, bits);
    most = std::max(most, bits);
  }
  std::string Text() const {
    return least == most ? fmt::format("{} bit", most) : fmt::format("{} to {} bit", least, most);
  }
  /// Units that keep `most` bits, or the grid that finer ones are rounded to.
  uint32_t Units() const { return most <= 15 ? (1u << most) - 1 : kRoundedUnits; }
};

BitRange ProbeBits(BgenReader& reader, uint64_t& records) {
  BitRange range;
  BgenVariant variant;
  BgenUnpacker unpacker;
  ByteBuffer bytes;
  const BgenHeader& header = reader.header();
  for (uint64_t unpacked = 0; records < kProbeRecords && unpacked < kProbeBytes; ++records) {
    if (!reader.Peek(variant)) break;
    const std::string chrom = NormaliseChrom(variant.chrom);
    const RecordPlace place{reader.path(), records + 1, chrom, variant.pos, DosageField::kGp};
    const uint64_t genotypes = variant.header_bytes;
    unpacked += variant.unpacked_bytes;
    bytes.Clear();
    reader.Take(variant, bytes);
    // The texts of `variant` are gone, its numbers stay.
    const BgenGenotypes g = ParseBgenGenotypes(
        unpacker.Unpack(bytes.bytes().subspan(genotypes), header, variant, place), header, variant,
        place);
    range.Add(g.bits);
  }
  return range;
}

}  // namespace

FileFacts ProbeBgen(const std::string& path, const GenotypeOptions& options) {
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kBgen;
  BgenReader reader(path, options.max_allele);
  const BgenHeader& header = reader.header();
  facts.bytes = reader.file_bytes();
  facts.samples = reader.ReadSamples(options.bgen);
  facts.records = header.variants;
  facts.fields = {DosageField::kGp};
  if (const std::string sample = reader.SampleFile(options.bgen); !sample.empty()) {
    facts.companions.push_back(sample);
  }
  if (const auto index = CheckBgenIndex(path, header)) {
    facts.index = index->path;
    facts.variants = index->rows;
  }
  std::string bits = "16 bit";
  facts.units = kRoundedUnits;
  if (header.layout == 2) {
    const BitRange range = ProbeBits(reader, facts.probed_records);
    bits = range.Text();
    facts.units = range.Units();
  }
  facts.detail =
      fmt::format("{} ({}, {}, {} allele as REF)", header.version(), header.compression_name(),
                  bits, options.bgen.ref_last ? "last" : "first");
  return facts;
}

}  // namespace kinflow
