#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "pipeline/base/text.h"
#include "stages/export/export_sink.h"
#include "stages/formats/genome_build.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/writers/indexed_file.h"
#include "stages/writers/vcf_header_text.h"

namespace kinflow {
namespace {

// Texts of a genotype call by its flags and its copies of ALT.
class CallText {
 public:
  CallText() {
    for (unsigned flags = 0; flags < 8; ++flags) {
      for (unsigned copies = 0; copies < 4; ++copies) texts_[flags][copies] = Text(flags, copies);
    }
  }
  const std::string& Get(uint8_t flags, uint8_t copies) const { return texts_[flags & 7][copies]; }

 private:
  static std::string Text(unsigned flags, unsigned copies) {
    if ((flags & kCallHaploid) != 0) return copies == 3 ? "." : copies == 0 ? "0" : "1";
    if ((flags & kCallAltFirst) != 0) return "1|0";  // the dosage rounds to 1
    const char separator = (flags & kCallPhased) != 0 ? '|' : '/';
    constexpr const char* kAlleles[] = {"00", "01", "11", ".."};
    const char* alleles = kAlleles[copies];
    return {alleles[0], separator, alleles[1]};
  }
  std::array<std::array<std::string, 4>, 8> texts_;
};

class VcfSink : public ExportSink {
 public:
  VcfSink(const SampleTable& samples, const DosageEncoding& encoding, const ExportOptions& options)
      : ExportSink(samples, encoding, options),
        hard_calls_(encoding.units_per_copy == 1),
        text_(encoding),
        path_(options.prefix + ".vcf.gz"),
        file_(path_) {
    file_.Write(ExportHeader(samples, options, hard_calls_, false, nullptr));
  }

 private:
  // Longest sample text: tab, GT, ':' and DS.
  static constexpr size_t kSampleRoom = 5 + DosageText::kRoom;

  size_t RecordBytes() const override { return 128 + kSampleRoom * samples_.size(); }

  void Encode(const DosageTile& tile, size_t row, const uint16_t* values,
              std::string& out) override {
    const VariantTable& v = tile.variants;
    const std::string_view ref = v.ref(row) == "." ? "N" : v.ref(row);
    fmt::format_to(std::back_inserter(out), "{}\t{}\t{}\t{}\t{}\t.\t.\t", WithoutXy(v.chrom(row)),
                   v.pos(row), v.id(row), ref, v.alt(row));
    if (std::isnan(v.info(row))) {
      out += '.';
    } else {
      fmt::format_to(std::back_inserter(out), "R2={}", v.info(row));
    }
    out += hard_calls_ ? "\tGT" : "\tGT:DS";
    const uint8_t* flags = tile.CallRow(row);
    const ChromClass chrom = v.chrom_class(row);
    const size_t head = out.size();
    out.resize(head + kSampleRoom * tile.n_samples + 1);
    char* to = &out[head];
    for (uint32_t s = 0; s < tile.n_samples; ++s) {
      const Written g = WrittenCall(chrom, s, values[s], flags == nullptr ? uint8_t{0} : flags[s]);
      const std::string& call = call_text_.Get(g.flags, g.copies);
      *to++ = '\t';
      to = std::copy(call.begin(), call.end(), to);
      if (hard_calls_) continue;
      *to++ = ':';
      to = g.half ? text_.PutHalf(to, values[s]) : text_.Put(to, values[s]);
    }
    *to++ = '\n';
    out.resize(static_cast<size_t>(to - out.data()));
  }

  void Write(const DosageTile& tile, size_t row, std::string_view record) override {
    const VariantTable& v = tile.variants;
    last_base_ = std::max(last_base_, uint64_t{v.pos(row)} + v.ref(row).size() - 1);
    file_.Write(record);
  }
  std::vector<std::string> Publish() override {
    return PublishIndexed(file_, path_,
                          last_base_ > kTabixBases ? IndexKind::kCsi : IndexKind::kTabix);
  }

  bool hard_calls_;
  DosageText text_;
  CallText call_text_;
  std::string path_;
  BgzfWriter file_;
  uint64_t last_base_ = 0;
};

}  // namespace

std::string ExportHeader(const SampleTable& samples, const ExportOptions& options, bool hard_calls,
                         bool for_bcf, std::vector<std::string>* contigs) {
  VcfHeaderText text(for_bcf);
  text.Line("##source=kinflow export");
  std::vector<ContigLine> lines = options.contigs;
  if (lines.empty()) {
    for (int c = 1; c <= 22; ++c) lines.push_back({fmt::format("{}", c), 0});
    for (const char* name : {"X", "Y", "XY", "MT"}) lines.push_back({name, 0});
  }
  for (const ContigLine& line : lines) {
    const std::string name = NormaliseChrom(line.name);
    const uint64_t length = line.length > 0 ? line.length : ChromLength(options.build, name);
    text.Contig(name + (length > 0 ? fmt::format(",length={}", length) : "") +
                (options.build.empty() ? "" : ",assembly=" + options.build));
    if (contigs != nullptr) contigs->push_back(name);
  }
  text.Info("R2,Number=1,Type=Float,Description=\"Imputation quality as the source stated it\"");
  text.Format("GT,Number=1,Type=String,Description=\"Hard call of the dosage\"");
  if (!hard_calls) {
    text.Format("DS,Number=1,Type=Float,Description=\"Copies of the ALT allele\"");
  }
  text.Columns();
  for (const auto& iid : samples.iids()) text.Sample(iid);
  return text.Finish();
}

std::unique_ptr<ExportSink> MakeVcfSink(const SampleTable& samples, const DosageEncoding& encoding,
                                        const ExportOptions& options) {
  return std::make_unique<VcfSink>(samples, encoding, options);
}

}  // namespace kinflow
