#include <htslib/vcf.h>

#include <algorithm>
#include <cstring>

#include "stages/simulate/imputed_writer.h"

namespace kinflow::simulate {
namespace {

// BCF 2.2 (VCF specification, section 6). Little-endian machines only, as all of kinflow.
enum TypeCode : uint8_t { kInt8 = 1, kFloat = 5, kText = 7 };

template <class T>
void Put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void PutType(std::string& out, size_t count, TypeCode type) {
  if (count < 15) {
    Put<uint8_t>(out, static_cast<uint8_t>(count << 4 | type));
  } else {  // names of at most 127 characters
    Put<uint8_t>(out, static_cast<uint8_t>(15 << 4 | type));
    Put<uint8_t>(out, 1 << 4 | kInt8);
    Put<uint8_t>(out, static_cast<uint8_t>(count));
  }
}

void PutText(std::string& out, std::string_view text) {
  PutType(out, text.size(), kText);
  out += text;
}

void PutKey(std::string& out, uint8_t key) {
  PutType(out, 1, kInt8);
  Put<uint8_t>(out, key);
}

enum Dictionary : uint8_t { kPass, kAf, kMaf, kR2, kImputed, kTyped, kGt, kDs, kHds, kGp };

void PutInfo(std::string& out, Dictionary key, double value) {
  PutKey(out, key);
  PutType(out, 1, kFloat);
  Put(out, static_cast<float>(value));
}

float Part(unsigned thousandths) { return static_cast<float>(thousandths) / 1000.0f; }

class BcfWriter : public ImputedWriter {
 public:
  BcfWriter(const SimulateOptions& options, const People& people, const std::string& prefix,
            const std::vector<unsigned>& chromosomes)
      : ImputedWriter(options, people, prefix + ".bcf", ".csi"), chromosomes_(chromosomes) {
    const std::string header = VcfHeader(people, chromosomes, true) + '\0';
    std::string start = "BCF\2\2";
    Put(start, static_cast<uint32_t>(header.size()));
    file_.Write(start + header);
  }

 private:
  void Encode(const VariantBlock& block, const SimVariant& v, const ImputedVariant& imputed,
              std::string& out) const override {
    Put<uint32_t>(out, 0);  // lengths of the shared and the sample part, filled in below
    Put<uint32_t>(out, 0);
    const auto contig = std::find(chromosomes_.begin(), chromosomes_.end(), block.chromosome);
    Put<int32_t>(out, static_cast<int32_t>(contig - chromosomes_.begin()));
    Put<int32_t>(out, v.position - 1);
    Put<int32_t>(out, static_cast<int32_t>(v.ref.size()));
    Put<uint32_t>(out, 0x7F800001);     // QUAL missing
    Put<uint32_t>(out, 2u << 16 | 4u);  // alleles, INFO entries
    Put<uint32_t>(out, static_cast<uint32_t>(options_.fields.size()) << 24 | people_.genotyped);
    PutText(out, v.id);
    PutText(out, v.ref);
    PutText(out, v.alt);
    PutKey(out, kPass);
    PutInfo(out, kAf, imputed.frequency);
    PutInfo(out, kMaf, std::min(imputed.frequency, 1 - imputed.frequency));
    PutInfo(out, kR2, imputed.r2);
    PutKey(out, v.typed ? kTyped : kImputed);
    Put<uint8_t>(out, 0);  // a flag has no value
    const auto shared = static_cast<uint32_t>(out.size() - 8);
    for (const SimulateField field : options_.fields) PutField(field, imputed, out);
    const auto individual = static_cast<uint32_t>(out.size() - 8 - shared);
    std::memcpy(&out[0], &shared, 4);
    std::memcpy(&out[4], &individual, 4);
  }

  void PutField(SimulateField field, const ImputedVariant& imputed, std::string& out) const {
    const auto& h0 = imputed.dosage[0];
    const auto& h1 = imputed.dosage[1];
    const uint32_t n = people_.genotyped;
    switch (field) {
      case SimulateField::kGt:
        PutKey(out, kGt);
        PutType(out, 2, kInt8);
        for (uint32_t i = 0; i < n; ++i) {
          Put<uint8_t>(out, h0[i] > 500 ? 4 : 2);
          Put<uint8_t>(out, h1[i] > 500 ? 5 : 3);  // phased
        }
        break;
      case SimulateField::kDs:
        PutKey(out, kDs);
        PutType(out, 1, kFloat);
        for (uint32_t i = 0; i < n; ++i) Put(out, Part(h0[i] + h1[i]));
        break;
      case SimulateField::kHds:
        PutKey(out, kHds);
        PutType(out, 2, kFloat);
        for (uint32_t i = 0; i < n; ++i) {
          Put(out, Part(h0[i]));
          Put(out, Part(h1[i]));
        }
        break;
      case SimulateField::kGp:
        PutKey(out, kGp);
        PutType(out, 3, kFloat);
        for (uint32_t i = 0; i < n; ++i) {
          const float p0 = Part(h0[i]), p1 = Part(h1[i]);
          Put(out, (1 - p0) * (1 - p1));
          Put(out, p0 * (1 - p1) + p1 * (1 - p0));
          Put(out, p0 * p1);
        }
        break;
    }
  }

  int BuildIndex(const std::string& data, const std::string& index) const override {
    return bcf_index_build3(data.c_str(), index.c_str(), 14, 0);
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
