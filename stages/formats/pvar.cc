#include "stages/formats/pvar.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <string_view>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/bed_files.h"
#include "stages/formats/chrom_names.h"
#include "stages/formats/pgen_alleles.h"
#include "stages/formats/record_alleles.h"
#include "stages/formats/record_site.h"
#include "stages/formats/tab_fields.h"

namespace kinflow {
namespace {

constexpr size_t kAbsent = SIZE_MAX;
constexpr uint64_t kMaxLine = 64ull << 20;

// Which column holds what.
struct Columns {
  size_t pos = kAbsent, id = kAbsent, ref = kAbsent, alt = kAbsent, info = kAbsent, count = 0;
  bool genotypes = false;  // of a VCF, behind these: no matter here
  bool tabs = false;       // between the columns
};

class PvarReader {
 public:
  PvarReader(const std::string& path, uint64_t max_allele, VariantOrder& order)
      : in_(path, kMaxLine), max_allele_(max_allele), order_(order) {}

  PvarVariants Read() {
    ReadHeader();
    std::string_view line;
    while (in_.Next(line)) {
      const auto fields = SplitBlanks(line);
      if (!fields.empty()) Record(line, fields);
    }
    RequireLineEnd(in_);
    if (variants_.rows.size() == 0) {
      throw Error(ErrorId::kMalformed, "the .pvar has no variants")
          .InFile(in_.path())
          .Remedy("copy the .pgen, .pvar and .psam together again");
    }
    return std::move(variants_);
  }

 private:
  Error BadLine(std::string what) const {
    return Error(ErrorId::kMalformed, std::move(what))
        .InFile(in_.path())
        .AtLine(in_.line_number())
        .Remedy("correct this line, or copy the .pgen, .pvar and .psam together again");
  }
  void ReadHeader();
  void ColumnLine(std::string_view line);
  void Record(std::string_view line, const std::vector<std::string_view>& fields);

  LineReader in_;
  uint64_t max_allele_;
  AlleleNormaliser normalise_;
  VariantOrder& order_;
  Columns columns_;
  std::vector<std::string> quality_keys_;
  ChromNames chroms_;
  PvarVariants variants_;
};

void PvarReader::ReadHeader() {
  VcfHeaderParser parser(in_.path());
  std::string_view line;
  bool first = true;
  while (in_.Next(line) && line.starts_with('#')) {
    if (line.starts_with("#CHROM")) {
      variants_.header = parser.TakeMeta();
      quality_keys_ = variants_.header.QualityKeys();
      return ColumnLine(line);
    }
    // plink2 leaves ##fileformat out.
    if (first && !line.starts_with("##fileformat")) parser.Line("##fileformat=VCFv4.3");
    first = false;
    if (line.starts_with("##")) parser.Line(line);
  }
  throw BadLine("the header has no #CHROM line")
      .Remedy("the last header line of a .pvar names its columns: #CHROM POS ID REF ALT");
}

void PvarReader::ColumnLine(std::string_view line) {
  const auto names = SplitBlanks(line);
  columns_.tabs = line.find('\t') != std::string_view::npos;
  const std::array<std::pair<std::string_view, size_t*>, 5> known = {{{"POS", &columns_.pos},
                                                                      {"ID", &columns_.id},
                                                                      {"REF", &columns_.ref},
                                                                      {"ALT", &columns_.alt},
                                                                      {"INFO", &columns_.info}}};
  const auto format = std::find(names.begin(), names.end(), "FORMAT");
  columns_.genotypes = format != names.end();
  columns_.count = static_cast<size_t>(format - names.begin());
  for (size_t c = 1; c < columns_.count; ++c) {
    for (const auto& [name, at] : known) {
      if (names[c] != name) continue;
      if (*at != kAbsent) throw BadLine(fmt::format("two columns {}", name));
      *at = c;
    }
  }
  for (const auto& [name, at] : known) {
    if (*at == kAbsent && name != "INFO") {
      throw BadLine(fmt::format("the header has no {} column", name))
          .Field(name)
          .Remedy("the columns of a .pvar are #CHROM POS ID REF ALT and more");
    }
  }
}

void PvarReader::Record(std::string_view line, const std::vector<std::string_view>& fields) {
  // Between tabs there may be blanks, in INFO for one.
  const bool wider =
      columns_.tabs ? TabFields(line) > columns_.count : fields.size() > columns_.count;
  if (fields.size() < columns_.count || (wider && !columns_.genotypes)) {
    throw BadLine(fmt::format("{} columns, the header has {}", fields.size(), columns_.count))
        .Remedy("give every line the columns of the #CHROM line");
  }
  const auto pos = ParseInt(fields[columns_.pos]);
  if (!pos || *pos < 0 || *pos > INT32_MAX) {
    throw BadLine("the position is no number from 0 to 2147483647")
        .Field("POS")
        .Value(fields[columns_.pos])
        .Remedy("correct the position");
  }
  if (auto fault = chroms_.Take(fields[0])) {
    throw std::move(*fault).InFile(in_.path()).AtLine(in_.line_number());
  }
  const std::string& chrom = chroms_.chrom();
  const auto position = static_cast<uint32_t>(*pos);
  order_.Check(chrom, position, variants_.records() + 1, in_.path());
  const auto alts = Split(fields[columns_.alt], ',');
  if (alts.size() > kPgenMaxAlts) {
    throw Error(ErrorId::kLimitExceeded, fmt::format("more than {} ALT alleles", kPgenMaxAlts))
        .InFile(in_.path())
        .AtLine(in_.line_number());
  }
  const std::string_view ref = fields[columns_.ref];
  const std::string_view info =
      columns_.info == kAbsent ? std::string_view() : fields[columns_.info];
  for (uint32_t k = 0; k < alts.size(); ++k) {
    if (std::max(ref.size(), alts[k].size()) > max_allele_) {
      throw Error(ErrorId::kLimitExceeded,
                  fmt::format("an allele is longer than {} bases", max_allele_))
          .InFile(in_.path())
          .AtLine(in_.line_number());
    }
    const auto alleles =
        normalise_(ref == "0" ? "." : ref, alts[k] == "0" ? "." : alts[k], alts.size() > 1);
    if (auto fault = NameFault(fields[columns_.id], alleles)) {
      throw std::move(*fault).InFile(in_.path()).AtLine(in_.line_number());
    }
    variants_.rows.Append(chrom, position, fields[columns_.id], alleles.ref, alleles.alt,
                          QualityOf(info, quality_keys_, k + 1), alts.size() > 1);
  }
  if (auto fault = RepeatedAlt(variants_.rows, variants_.rows.size() - alts.size())) {
    throw std::move(*fault).InFile(in_.path()).AtLine(in_.line_number());
  }
  variants_.AddRecord(static_cast<uint32_t>(alts.size()));
}

bool HasHeader(const std::string& path) {
  LineReader in(path);
  std::string_view line;
  return in.Next(line) && line.starts_with('#');
}

}  // namespace

void PvarVariants::AddRecord(uint32_t alts) {
  if (first_row_.empty()) {
    if (alts == 1) return;
    first_row_.resize(rows.size() - alts + 1);
    std::iota(first_row_.begin(), first_row_.end(), uint64_t{0});
  }
  first_row_.push_back(rows.size());
}

PvarVariants ReadPvar(const std::string& path, uint64_t max_allele, VariantOrder& order) {
  if (HasHeader(path)) return PvarReader(path, max_allele, order).Read();
  PvarVariants variants;
  variants.rows = ReadBim(path, max_allele, order);
  return variants;
}

}  // namespace kinflow
