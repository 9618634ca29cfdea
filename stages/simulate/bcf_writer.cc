#include <algorithm>

#include "stages/simulate/imputed_writer.h"
#include "stages/writers/bcf_encoding.h"

namespace kinflow::simulate {
namespace {

using bcf::Put;
using bcf::PutKey;
using bcf::PutText;
using bcf::PutType;
using bcf::Type;

enum Dictionary : uint8_t { kPass, kAf, kMaf, kR2, kImputed, kTyped, kGt, kDs, kHds, kGp };

void PutInfo(std::string& out, Dictionary key, double value) {
  PutKey(out, key);
  PutType(out, 1, Type::kFloat);
  Put(out, static_cast<float>(value));
}

float Part(unsigned thousandths) { return static_cast<float>(thousandths) / 1000.0f; }

class BcfWriter : public ImputedWriter {
 public:
  BcfWriter(const SimulateOptions& options, const People& people, const std::string& prefix,
            const std::vector<unsigned>& chromosomes)
      : ImputedWriter(options, people, prefix + ".bcf", IndexKind::kCsi),
        chromosomes_(chromosomes) {
    const std::string header = VcfHeader(people, chromosomes, true) + '\0';
    std::string start = "BCF\2\2";
    Put(start, static_cast<uint32_t>(header.size()));
    file_.Write(start + header);
  }

 private:
  void Encode(const VariantBlock& block, const SimVariant& v, const ImputedVariant& imputed,
              std::string& out) const override {
    const auto contig = std::find(chromosomes_.begin(), chromosomes_.end(), block.chromosome);
    bcf::PutSite(out, {.contig = static_cast<int32_t>(contig - chromosomes_.begin()),
                       .pos = v.position - 1,
                       .ref_bases = static_cast<uint32_t>(v.ref.size()),
                       .info_entries = 4,
                       .format_entries = static_cast<uint32_t>(options_.fields.size()),
                       .samples = people_.genotyped});
    PutText(out, v.id);
    PutText(out, v.ref);
    PutText(out, v.alt);
    PutKey(out, kPass);
    PutInfo(out, kAf, imputed.frequency);
    PutInfo(out, kMaf, std::min(imputed.frequency, 1 - imputed.frequency));
    PutInfo(out, kR2, imputed.r2);
    PutKey(out, v.typed ? kTyped : kImputed);
    Put<uint8_t>(out, 0);  // a flag has no value
    const size_t shared_end = out.size();
    for (const SimulateField field : options_.fields) PutField(field, imputed, out);
    bcf::PutLengths(out, shared_end);
  }

  void PutField(SimulateField field, const ImputedVariant& imputed, std::string& out) const {
    const auto& h0 = imputed.dosage[0];
    const auto& h1 = imputed.dosage[1];
    const uint32_t n = people_.genotyped;
    switch (field) {
      case SimulateField::kGt:
        PutKey(out, kGt);
        PutType(out, 2, Type::kInt8);
        for (uint32_t i = 0; i < n; ++i) {
          Put<uint8_t>(out, h0[i] > 500 ? 4 : 2);
          Put<uint8_t>(out, h1[i] > 500 ? 5 : 3);  // phased
        }
        break;
      case SimulateField::kDs:
        PutKey(out, kDs);
        PutType(out, 1, Type::kFloat);
        for (uint32_t i = 0; i < n; ++i) Put(out, Part(h0[i] + h1[i]));
        break;
      case SimulateField::kHds:
        PutKey(out, kHds);
        PutType(out, 2, Type::kFloat);
        for (uint32_t i = 0; i < n; ++i) {
          Put(out, Part(h0[i]));
          Put(out, Part(h1[i]));
        }
        break;
      case SimulateField::kGp:
        PutKey(out, kGp);
        PutType(out, 3, Type::kFloat);
        for (uint32_t i = 0; i < n; ++i) {
          const float p0 = Part(h0[i]), p1 = Part(h1[i]);
          Put(out, (1 - p0) * (1 - p1));
          Put(out, p0 * (1 - p1) + p1 * (1 - p0));
          Put(out, p0 * p1);
        }
        break;
    }
  }

  std::vector<unsigned> chromosomes_;
};

}  // namespace

std::unique_ptr<GenotypeWriter> MakeBcfWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix,
                                              const std::vector<unsigned>& chromosomes) {
  return std::make_unique<BcfWriter>(options, people, prefix, chromosomes);
}

}  // namespace kinflow::simulate
