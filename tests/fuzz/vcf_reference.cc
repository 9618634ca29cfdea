#include "tests/fuzz/vcf_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "pipeline/base/text.h"

namespace kinflow::fuzz {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double CallCopies(std::string_view call, size_t allele) {
  double copies = 0;
  std::string text(call);
  std::replace(text.begin(), text.end(), '|', '/');
  for (const auto part : Split(text, '/')) {
    if (part == ".") return kMissing;
    copies += std::atoi(std::string(part).c_str()) == static_cast<int>(allele);
  }
  return copies;
}

double NumberCopies(DosageField field, std::string_view list, size_t n_alt, size_t allele) {
  std::vector<double> values;
  for (const auto part : Split(list, ',')) {
    if (part == ".") return kMissing;
    values.push_back(std::strtod(std::string(part).c_str(), nullptr));
  }
  if (field == DosageField::kDs) return values[allele - 1];
  if (field == DosageField::kHds) {
    if (values.size() == n_alt) return values[allele - 1];
    return values[2 * allele - 2] + values[2 * allele - 1];
  }
  // Rounded probabilities count by their share of the sum.
  double sum = 0;
  for (const double value : values) sum += value;
  if (std::fabs(sum - 1) > 1e-6) {
    for (double& value : values) value /= sum;
  }
  if (values.size() == n_alt + 1) return values[allele];  // haploid GP
  double copies = 0;
  size_t i = 0;
  for (size_t b = 0; b <= n_alt; ++b) {
    for (size_t a = 0; a <= b; ++a, ++i) copies += values[i] * ((a == allele) + (b == allele));
  }
  return copies;
}

using Texts = std::vector<std::string_view>;

/// What a sample has of a field; "" = nothing, or missing values alone.
std::string_view ValueOf(const Texts& format, const Texts& fields, std::string_view name) {
  std::string_view value;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == name) value = i < fields.size() ? fields[i] : "";
  }
  const auto parts = Split(value, ',');
  const bool none =
      std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return part == "."; });
  return none ? "" : value;
}

/// The field, of HDS else DS, else the call.
double Copies(const Texts& format, const Texts& fields, DosageField field, size_t n_alt,
              size_t allele) {
  if (field != DosageField::kGt) {
    const auto value = ValueOf(format, fields, FieldName(field));
    if (!value.empty()) return NumberCopies(field, value, n_alt, allele);
    const auto ds = field == DosageField::kHds ? ValueOf(format, fields, "DS") : "";
    if (!ds.empty()) return NumberCopies(DosageField::kDs, ds, n_alt, allele);
  }
  const auto call = ValueOf(format, fields, "GT");
  return call.empty() ? kMissing : CallCopies(call, allele);
}

}  // namespace

std::vector<std::vector<double>> ReadVcfSlowly(std::string_view text, DosageField field) {
  std::vector<std::vector<double>> rows;
  bool body = false;
  for (auto line : Split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!body || line.empty()) {
      body = body || line.starts_with("#CHROM");
      continue;
    }
    const auto columns = Split(line, '\t');
    const auto format = Split(columns[8], ':');
    const size_t n_alt = Split(columns[4], ',').size();
    for (size_t allele = 1; allele <= n_alt; ++allele) {
      auto& row = rows.emplace_back();
      for (size_t s = 9; s < columns.size(); ++s) {
        const auto fields = Split(columns[s], ':');
        row.push_back(Copies(format, fields, field, n_alt, allele));
      }
    }
  }
  return rows;
}

}  // namespace kinflow::fuzz
