#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "pipeline/base/error.h"
#include "stages/export/export_sink.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/writers/bcf_encoding.h"
#include "stages/writers/indexed_file.h"

namespace kinflow {
namespace {

enum Dictionary : uint8_t { kPass, kR2, kGt, kDs };

constexpr uint8_t kNoAllele = 0;  // (allele + 1) << 1 | phased

/// Both bytes of a call: the second says whether it is phased.
struct CallBytes {
  uint8_t first, second;
};

CallBytes BytesOf(uint8_t flags, uint8_t copies) {
  const auto allele = [](unsigned a) { return static_cast<uint8_t>((a + 1) << 1); };
  if ((flags & kCallHaploid) != 0) {
    return {copies == HardCalls::kNoCall ? kNoAllele : allele(copies != 0), bcf::kEndOfVector};
  }
  if ((flags & kCallAltFirst) != 0) return {allele(1), static_cast<uint8_t>(allele(0) | 1)};
  const uint8_t phased = (flags & kCallPhased) != 0 ? 1 : 0;
  if (copies == HardCalls::kNoCall) return {kNoAllele, phased};
  return {allele(copies == 2), static_cast<uint8_t>(allele(copies != 0) | phased)};
}

class BcfSink : public ExportSink {
 public:
  BcfSink(const SampleTable& samples, const DosageEncoding& encoding, const ExportOptions& options)
      : ExportSink(samples, encoding, options),
        units_(encoding.units_per_copy),
        path_(options.prefix + ".bcf"),
        file_(path_) {
    const std::string header = ExportHeader(samples, options, units_ == 1, true, &contigs_) + '\0';
    std::string start = "BCF\2\2";
    bcf::Put(start, static_cast<uint32_t>(header.size()));
    file_.Write(start + header);
  }

 private:
  size_t RecordBytes() const override { return 128 + 6 * size_t{samples_.size()}; }

  int32_t ContigOf(const VariantTable& v, size_t row) const {
    const auto it = std::find(contigs_.begin(), contigs_.end(), WithoutXy(v.chrom(row)));
    if (it != contigs_.end()) return static_cast<int32_t>(it - contigs_.begin());
    throw Error(ErrorId::kMalformed, "the header of the input names no such chromosome")
        .AtPosition(v.chrom(row), v.pos(row))
        .Remedy("export to vcf, or add a ##contig line to the input (bcftools reheader)");
  }

  void Encode(const DosageTile& tile, size_t row, const uint16_t* values,
              std::string& out) override {
    const VariantTable& v = tile.variants;
    const std::string_view ref = v.ref(row) == "." ? "N" : v.ref(row);
    const bool rated = !std::isnan(v.info(row));
    bcf::PutSite(out, {.contig = ContigOf(v, row),
                       .pos = static_cast<int32_t>(v.pos(row)) - 1,
                       .ref_bases = static_cast<uint32_t>(ref.size()),
                       .info_entries = rated ? 1u : 0u,
                       .format_entries = units_ == 1 ? 1u : 2u,
                       .samples = tile.n_samples});
    bcf::PutText(out, v.id(row));
    bcf::PutText(out, ref);
    bcf::PutText(out, v.alt(row));
    bcf::PutType(out, 0, bcf::Type::kInt8);  // no FILTER
    if (rated) {
      bcf::PutKey(out, kR2);
      bcf::PutType(out, 1, bcf::Type::kFloat);
      bcf::Put(out, v.info(row));
    }
    const size_t shared_end = out.size();
    // Scratch of a leaf function: nothing below it runs other tasks.
    static thread_local std::vector<Written> genotypes;
    genotypes.resize(tile.n_samples);
    const uint8_t* flags = tile.CallRow(row);
    for (uint32_t s = 0; s < tile.n_samples; ++s) {
      genotypes[s] =
          WrittenCall(v.chrom_class(row), s, values[s], flags == nullptr ? uint8_t{0} : flags[s]);
    }
    PutCalls(genotypes, out);
    if (units_ > 1) PutDosages(values, genotypes, out);
    bcf::PutLengths(out, shared_end);
  }

  static void PutCalls(const std::vector<Written>& genotypes, std::string& out) {
    bcf::PutKey(out, kGt);
    bcf::PutType(out, 2, bcf::Type::kInt8);
    for (const Written& g : genotypes) bcf::Put(out, BytesOf(g.flags, g.copies));
  }

  void PutDosages(const uint16_t* values, const std::vector<Written>& genotypes,
                  std::string& out) const {
    bcf::PutKey(out, kDs);
    bcf::PutType(out, 1, bcf::Type::kFloat);
    for (size_t s = 0; s < genotypes.size(); ++s) {
      const uint32_t units = genotypes[s].half ? 2 * units_ : units_;
      const auto dosage = static_cast<float>(static_cast<double>(values[s]) / units);
      bcf::Put(out, values[s] == UINT16_MAX ? bcf::kMissingFloat : std::bit_cast<uint32_t>(dosage));
    }
  }

  void Write(const DosageTile&, size_t, std::string_view record) override { file_.Write(record); }
  std::vector<std::string> Publish() override {
    return PublishIndexed(file_, path_, IndexKind::kCsi);
  }

  uint32_t units_;
  std::vector<std::string> contigs_;
  std::string path_;
  BgzfWriter file_;
};

}  // namespace

std::unique_ptr<ExportSink> MakeBcfSink(const SampleTable& samples, const DosageEncoding& encoding,
                                        const ExportOptions& options) {
  return std::make_unique<BcfSink>(samples, encoding, options);
}

}  // namespace kinflow
