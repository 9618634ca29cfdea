#include "stages/formats/frequency_file.h"

#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {

FrequencyFileReader::FrequencyFileReader(const std::string& path) : reader_(Rereadable(path)) {
  std::string_view line;
  while (reader_.Next(line)) {
    if (Trim(line).empty() || line.starts_with("##")) continue;
    if (line.front() == '#') line.remove_prefix(1);
    for (const auto field : SplitBlanks(line)) names_.emplace_back(field);
    break;
  }
  chrom_ = Find({"CHROM", "CHR"});
  pos_ = Find({"POS", "BP"});
  id_ = Find({"ID", "SNP"});
  ref_ = Find({"REF", "A2"});
  alt_ = Find({"ALT", "A1"});
  freq_ = Find({"ALT_FREQS", "ALT_FREQ", "AF"});
  if (freq_ < 0 && Find({"A1"}) >= 0) freq_ = Find({"MAF"});  // PLINK 1.9: of A1
  count_ = Find({"OBS_CT", "NCHROBS", "AN"});
  const char* missing = ref_ < 0                      ? "REF"
                        : alt_ < 0                    ? "ALT"
                        : freq_ < 0                   ? "ALT_FREQS"
                        : !has_positions() && id_ < 0 ? "ID"
                                                      : nullptr;
  if (missing == nullptr) return;
  throw Error(ErrorId::kColumnMissing, "table of allele frequencies lacks a column")
      .InFile(path)
      .AtLine(reader_.line_number())
      .Field(missing)
      .Remedy(
          "plink2 --freq writes such a table; the columns are CHROM POS ID REF ALT and ALT_FREQS "
          "or AF");
}

int32_t FrequencyFileReader::Find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return static_cast<int32_t>(i);
    }
  }
  return -1;
}

std::string_view FrequencyFileReader::Field(int32_t column) const {
  const std::string_view text = column < 0 ? "" : fields_[static_cast<size_t>(column)];
  return text == "." ? "" : text;
}

void FrequencyFileReader::Malformed(const char* what, int32_t column) const {
  throw Error(ErrorId::kMalformed, what)
      .InFile(reader_.path())
      .AtLine(reader_.line_number())
      .Field(names_[static_cast<size_t>(column)])
      .Value(Field(column))
      .Remedy("write the table anew, for example with plink2 --freq");
}

/// The next line, cut into its ALT alleles.
bool FrequencyFileReader::ReadRow() {
  std::string_view line;
  do {
    if (!reader_.Next(line)) return false;
  } while (Trim(line).empty());
  fields_ = SplitBlanks(line);
  if (fields_.size() != names_.size()) {
    throw Error(ErrorId::kMalformed, "row has another number of fields than the header")
        .InFile(reader_.path())
        .AtLine(reader_.line_number())
        .Remedy("write the table anew: the line is cut or joined with another");
  }
  alts_ = Split(Field(alt_), ',');
  freqs_ = Split(Field(freq_), ',');
  if (freqs_.size() != alts_.size()) Malformed("not one frequency for each ALT", freq_);
  chrom_name_ = has_positions() ? NormaliseChrom(Field(chrom_)) : "";
  position_ = 0;
  if (has_positions()) {
    const auto pos = ParseUint(Field(pos_));
    if (!pos || *pos == 0 || *pos > INT32_MAX) Malformed("position is not a whole number", pos_);
    position_ = static_cast<uint32_t>(*pos);
  }
  next_alt_ = 0;
  return true;
}

double FrequencyFileReader::Alleles() const {
  if (count_ < 0 || IsMissing(Field(count_))) return std::numeric_limits<double>::quiet_NaN();
  const auto count = ParseUint(Field(count_));
  if (!count) Malformed("number of alleles is not a whole number", count_);
  return static_cast<double>(*count);
}

bool FrequencyFileReader::Next(FrequencyRow& row) {
  while (true) {
    if (next_alt_ >= alts_.size() && !ReadRow()) return false;
    const size_t i = next_alt_++;
    if (IsMissing(freqs_[i])) continue;
    const auto freq = ParseDouble(freqs_[i]);
    if (!freq || *freq < 0 || *freq > 1) Malformed("frequency is not a number from 0 to 1", freq_);
    row = {chrom_name_, position_, Field(id_), Field(ref_),
           alts_[i],    *freq,     Alleles(),  reader_.line_number()};
    return true;
  }
}

}  // namespace kinflow
