#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "pipeline/base/text_writer.h"
#include "stages/export/export_sink.h"

namespace kinflow {
namespace {

// PLINK 1: 00 two A1, 10 one, 11 none, 01 missing; A1 is ALT.
constexpr std::array<uint8_t, 4> kCodes = {3, 2, 0, 1};  // by copies of ALT, 3 = no call

std::string_view Allele(std::string_view text) { return text == "." ? "0" : text; }

/// Fam line: parents and a sex that the genotypes lack come from the pedigree.
std::string FamLine(const SampleTable& samples, uint32_t i, const Pedigree* pedigree) {
  Person person;
  const int64_t at = pedigree == nullptr ? -1 : pedigree->Find(samples.iid(i));
  if (at >= 0) person = pedigree->people()[static_cast<size_t>(at)];
  const auto or_zero = [](const std::string& id) { return id.empty() ? "0" : id; };
  return fmt::format("{}\t{}\t{}\t{}\t{}\t-9\n", person.fid.empty() ? samples.fid(i) : person.fid,
                     samples.iid(i), or_zero(person.father), or_zero(person.mother),
                     static_cast<int>(SexOf(samples, i, pedigree)));
}

class BedSink : public ExportSink {
 public:
  BedSink(const SampleTable& samples, const DosageEncoding& encoding, const ExportOptions& options)
      : ExportSink(samples, encoding, options),
        path_(options.prefix + ".bed"),
        partial_(PartialName(path_)),
        bed_(FileHandle::CreateNew(partial_)),
        bim_(options.prefix + ".bim") {
    bed_.Write({"\x6c\x1b\x01", 3});
  }
  ~BedSink() override {
    if (!published_) ::unlink(partial_.c_str());
  }

 private:
  size_t RecordBytes() const override { return 64 + samples_.size() / 4; }

  void Encode(const DosageTile& tile, size_t row, const uint16_t* values,
              std::string& out) override {
    const uint8_t* flags = tile.CallRow(row);
    out.assign((size_t{tile.n_samples} + 3) / 4, '\0');
    for (uint32_t s = 0; s < tile.n_samples; ++s) {
      const bool haploid = flags != nullptr && (flags[s] & kCallHaploid) != 0;
      // PLINK writes a haploid genotype as the homozygote.
      const uint8_t copies =
          haploid ? static_cast<uint8_t>(values[s] == UINT16_MAX ? HardCalls::kNoCall
                                                                 : 2 * calls_.Haploid(values[s]))
                  : calls_.Diploid(values[s]);
      out[s / 4] =
          static_cast<char>(static_cast<uint8_t>(out[s / 4]) | kCodes[copies] << (2 * (s % 4)));
    }
  }

  void Write(const DosageTile& tile, size_t row, std::string_view record) override {
    const VariantTable& v = tile.variants;
    bed_.Write(record);
    bim_.Write(fmt::format("{}\t{}\t0\t{}\t{}\t{}\n", v.chrom(row), v.id(row), v.pos(row),
                           Allele(v.alt(row)), Allele(v.ref(row))));
  }

  std::vector<std::string> Publish() override {
    const std::string fam_path = options_.prefix + ".fam", bim_path = options_.prefix + ".bim";
    TextWriter fam(fam_path);
    for (uint32_t i = 0; i < samples_.size(); ++i) {
      fam.Write(FamLine(samples_, i, options_.pedigree));
    }
    bed_.Sync();
    bed_.Close();
    fam.Commit();
    bim_.Commit();
    PublishFile(partial_, path_);
    published_ = true;
    return {path_, bim_path, fam_path};
  }

  std::string path_, partial_;
  FileHandle bed_;
  TextWriter bim_;
  bool published_ = false;
};

}  // namespace

std::unique_ptr<ExportSink> MakeBedSink(const SampleTable& samples, const DosageEncoding& encoding,
                                        const ExportOptions& options) {
  return std::make_unique<BedSink>(samples, encoding, options);
}

}  // namespace kinflow
