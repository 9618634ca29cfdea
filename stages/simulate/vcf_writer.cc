#include <fmt/format.h>

#include <array>
#include <cstring>
#include <iterator>

#include "stages/simulate/imputed_writer.h"

namespace kinflow::simulate {
namespace {

// Text of 0.000 to 2.000 by thousandths, trailing zeros cut as Minimac4 does.
class ThousandthText {
 public:
  ThousandthText() {
    for (int i = 0; i <= 2000; ++i) {
      std::string text = fmt::format("{}.{:03}", i / 1000, i % 1000);
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
      std::memcpy(entries_[i].text, text.data(), text.size());
      entries_[i].size = static_cast<uint8_t>(text.size());
    }
  }
  // Writes 8 bytes, of which the text is the first ones; returns its end.
  char* Put(char* to, unsigned thousandths) const {
    const Entry& e = entries_[thousandths];
    std::memcpy(to, e.text, 8);
    return to + e.size;
  }

 private:
  struct Entry {
    char text[8] = {};
    uint8_t size = 0;
  };
  std::array<Entry, 2001> entries_;
};

const ThousandthText& Thousandths() {
  static const ThousandthText table;
  return table;
}

char* PutGp(char* to, unsigned h0, unsigned h1) {
  const unsigned both = (h0 * h1 + 500) / 1000, none = ((1000 - h0) * (1000 - h1) + 500) / 1000;
  to = Thousandths().Put(to, none);
  *to++ = ',';
  to = Thousandths().Put(to, both + none > 1000 ? 0 : 1000 - both - none);
  *to++ = ',';
  return Thousandths().Put(to, both);
}

class VcfWriter : public ImputedWriter {
 public:
  VcfWriter(const SimulateOptions& options, const People& people, const std::string& prefix,
            const std::vector<unsigned>& chromosomes)
      : ImputedWriter(options, people, prefix + ".vcf.gz", IndexKind::kTabix) {
    file_.Write(VcfHeader(people, chromosomes, false));
  }

 private:
  // Longest sample text: tab, GT, DS, HDS, GP with their separators, and 8 bytes of slack.
  static constexpr size_t kSampleRoom = 56;

  void Encode(const VariantBlock& block, const SimVariant& v, const ImputedVariant& imputed,
              std::string& out) const override {
    const double f = imputed.frequency;
    fmt::format_to(std::back_inserter(out),
                   "{}\t{}\t{}\t{}\t{}\t.\tPASS\tAF={:.6g};MAF={:.6g};R2={:.6g};{}\t",
                   block.chromosome, v.position, v.id, v.ref, v.alt, f, std::min(f, 1 - f),
                   imputed.r2, v.typed ? "TYPED" : "IMPUTED");
    for (size_t i = 0; i < options_.fields.size(); ++i) {
      out += i == 0 ? "" : ":";
      out += FieldName(options_.fields[i]);
    }
    const size_t head = out.size();
    out.resize(head + kSampleRoom * people_.genotyped + 16);
    char* to = &out[head];
    for (uint32_t i = 0; i < people_.genotyped; ++i) {
      const unsigned h0 = imputed.dosage[0][i], h1 = imputed.dosage[1][i];
      char separator = '\t';
      for (const SimulateField field : options_.fields) {
        *to++ = separator;
        separator = ':';
        to = PutField(field, to, h0, h1);
      }
    }
    *to++ = '\n';
    out.resize(static_cast<size_t>(to - out.data()));
  }

  static char* PutField(SimulateField field, char* to, unsigned h0, unsigned h1) {
    switch (field) {
      case SimulateField::kGt:
        *to++ = h0 > 500 ? '1' : '0';
        *to++ = '|';
        *to++ = h1 > 500 ? '1' : '0';
        return to;
      case SimulateField::kDs:
        return Thousandths().Put(to, h0 + h1);
      case SimulateField::kHds:
        to = Thousandths().Put(to, h0);
        *to++ = ',';
        return Thousandths().Put(to, h1);
      case SimulateField::kGp:
        return PutGp(to, h0, h1);
    }
    return to;
  }
};

}  // namespace

std::unique_ptr<GenotypeWriter> MakeVcfWriter(const SimulateOptions& options, const People& people,
                                              const std::string& prefix,
                                              const std::vector<unsigned>& chromosomes) {
  return std::make_unique<VcfWriter>(options, people, prefix, chromosomes);
}

}  // namespace kinflow::simulate
