#include "stages/formats/genotype_values.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {
namespace {

// Two-decimal probabilities of a biallelic genotype can be off by 0.015 in sum.
constexpr double kSumTolerance = 0.05;
// What a number written with one decimal can be off.
constexpr double kRounding = 0.05;

/// Rounded probabilities are taken as parts of their sum, as plink2 does; those that do not sum to
/// nearly 1 are a fault, but for those that are all 0, as bcftools and qctool write a missing
/// genotype of .gen (beside a GT of 0/0).
int ProbabilityCopies(const SampleNumbers& s, uint32_t allele, double& copies) {
  double sum = 0;
  for (uint32_t i = 0; i < s.n; ++i) {
    // A value outside [0, 1] makes the result fail its range check, whatever the others are.
    if (!(s.values[i] >= -DosageGrid::kTolerance && s.values[i] <= 1 + DosageGrid::kTolerance)) {
      copies = std::isfinite(s.values[i]) ? -1.0 : s.values[i];
      return 2;
    }
    sum += s.values[i];
  }
  if (sum == 0) {
    copies = std::numeric_limits<double>::quiet_NaN();
    return s.n == s.n_alt + 1 ? 1 : 2;
  }
  if (std::fabs(sum - 1) > kSumTolerance) return -1;
  const double scale = std::fabs(sum - 1) > DosageGrid::kTolerance ? 1 / sum : 1;
  copies = 0;
  if (s.n == s.n_alt + 1) {
    copies = s.values[allele] * scale;
    return 1;
  }
  uint32_t i = 0;
  for (uint32_t b = 0; b <= s.n_alt; ++b) {
    for (uint32_t a = 0; a <= b; ++a, ++i) copies += s.values[i] * ((a == allele) + (b == allele));
  }
  copies *= scale;
  return 2;
}

// Digits behind the point.
size_t Decimals(std::string_view value) {
  const size_t point = value.find('.');
  return point == std::string_view::npos ? 0 : value.size() - point - 1;
}

Error OffGrid(const RecordPlace& place, uint32_t sample, uint32_t units, std::string_view value) {
  return Error(
             ErrorId::kOffGrid,
             fmt::format("sample {}: the dosage is no multiple of 1/{}, the grid planned from the "
                         "first records",
                         sample + 1, units))
      .InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field(FieldName(place.field))
      .Value(value)
      .Remedy(units < 10'000 && Decimals(value) <= 4
                  ? "set dosage.units to 10000, or to 16384 (rounds, by at most 3.1e-5)"
                  : "set dosage.units to 16384 (rounds, by at most 3.1e-5)");
}

}  // namespace

bool IsDosageField(std::string_view id) { return id == "DS" || id == "HDS" || id == "GP"; }

std::string_view FieldName(DosageField field) {
  switch (field) {
    case DosageField::kGt:
      return "GT";
    case DosageField::kDs:
      return "DS";
    case DosageField::kGp:
      return "GP";
    case DosageField::kHds:
      return "HDS";
    case DosageField::kHardCalls:
      return "bed";
  }
  return "";
}

std::string_view FormatName(GenotypeFormat format) {
  switch (format) {
    case GenotypeFormat::kBed:
      return "bed";
    case GenotypeFormat::kVcf:
      return "vcf";
    case GenotypeFormat::kBcf:
      return "bcf";
    case GenotypeFormat::kBgen:
      return "bgen";
    case GenotypeFormat::kPgen:
      return "pgen";
  }
  return "";
}

int ExpectedCopies(DosageField field, const SampleNumbers& s, uint32_t allele, double& copies) {
  const uint32_t a = s.n_alt;
  if (field == DosageField::kDs) {
    if (s.n != a) return 0;
    copies = s.values[allele - 1];
    return 2;
  }
  if (field == DosageField::kHds) {
    if (s.n == a) {
      copies = s.values[allele - 1];
      return 1;
    }
    if (s.n != 2 * a) return 0;
    for (uint32_t h = 2 * allele - 2; h < 2 * allele; ++h) {
      if (!(s.values[h] >= -DosageGrid::kTolerance && s.values[h] <= 1 + DosageGrid::kTolerance)) {
        copies = std::isfinite(s.values[h]) ? -1.0 : s.values[h];
        return 2;
      }
    }
    copies = s.values[2 * allele - 2] + s.values[2 * allele - 1];
    return 2;
  }
  if (s.n != a + 1 && s.n != (a + 1) * (a + 2) / 2) return 0;
  return ProbabilityCopies(s, allele, copies);
}

bool CopiesFit(DosageField field, const SampleNumbers& s, uint32_t ploidy) {
  if (s.n_alt == 1 || field == DosageField::kGp) return true;
  const uint32_t columns = s.n / s.n_alt;  // HDS: one a haplotype
  if (field == DosageField::kHds) ploidy = 1;
  for (uint32_t column = 0; column < columns; ++column) {
    double sum = 0;
    for (uint32_t i = column; i < s.n; i += columns) sum += s.values[i];
    if (sum > ploidy + kRounding * s.n_alt) return false;
  }
  return true;
}

uint8_t CalledGenotype::Flags(uint32_t allele) const {
  uint8_t flags = 0;
  if (ploidy == 1 && first >= 0) flags |= kCallHaploid;
  if (ploidy == 2 && phased) {
    flags |= kCallPhased;
    const int k = static_cast<int>(allele);
    if (first == k && second != k && second >= 0) flags |= kCallAltFirst;
    if (second == k && first != k && first >= 0) flags |= kCallAltSecond;
  }
  return flags;
}

void ShapeCalls(const DosagePlan& plan, std::string_view chrom, size_t rows, DosageTile& tile) {
  const bool wanted = plan.keep_calls || ClassOfChrom(chrom) != ChromClass::kAutosome;
  tile.calls.Resize(wanted ? rows * tile.n_samples : 0);
}

namespace {

template <class T>
uint8_t FinishRow(const T* values, uint32_t units, uint32_t n, uint8_t* flags) {
  uint8_t any = 0;
  for (uint32_t s = 0; s < n; ++s) {
    const uint32_t twice = 2u * values[s];
    const bool het = twice > units && twice < 3 * units;
    const bool told = (flags[s] & (kCallAltFirst | kCallAltSecond)) != 0;
    const auto kept = static_cast<uint8_t>(kCallHaploid | (het ? kCallAltFirst : 0) |
                                           (het && !told ? 0 : kCallPhased));
    any |= flags[s] &= kept;
  }
  return any;
}

}  // namespace

void FinishCalls(const DosagePlan& plan, bool any_flag, DosageTile& tile) {
  if (any_flag) {
    uint8_t any = 0;
    const uint32_t n = tile.n_samples, units = tile.encoding.units_per_copy;
    for (size_t r = 0; r * n < tile.calls.size(); ++r) {
      uint8_t* flags = tile.calls.data() + r * n;
      if (!plan.keep_calls) {
        for (uint32_t s = 0; s < n; ++s) any |= flags[s] &= kCallHaploid;
      } else if (tile.encoding.layout == DosageEncoding::Layout::kU8) {
        any |= FinishRow(tile.Row(r), units, n, flags);
      } else {
        any |= FinishRow(reinterpret_cast<const uint16_t*>(tile.Row(r)), units, n, flags);
      }
    }
    any_flag = any != 0;
  }
  if (!any_flag) tile.calls.Resize(0);
}

bool ParseGt(const char*& p, uint32_t n_alt, CalledGenotype& out) {
  out = {};
  if (*p == '|' || *p == '/') ++p;
  while (true) {
    int16_t allele = -1;
    if (*p == '.') {
      ++p;
    } else {
      uint32_t number = 0;
      const char* start = p;
      for (; *p >= '0' && *p <= '9' && p - start < 5; ++p) {
        number = number * 10 + static_cast<uint32_t>(*p - '0');
      }
      if (p == start || number > n_alt || number > INT16_MAX) return false;
      allele = static_cast<int16_t>(number);
    }
    (out.ploidy == 0 ? out.first : out.second) = allele;
    if (++out.ploidy > 2) return false;
    if (*p == '|' || *p == '/') {
      out.phased = *p == '|';
      ++p;
      continue;
    }
    return *p == ':' || *p == '\t';
  }
}

Error BadDosage(const RecordPlace& place, uint32_t sample, std::string_view why,
                std::string_view value) {
  Error error(ErrorId::kDosageInvalid, fmt::format("sample {}: {}", sample + 1, why));
  error.InFile(place.file)
      .AtRecord(place.record)
      .AtPosition(place.chrom, place.pos)
      .Field(FieldName(place.field))
      .Value(value);
  if (place.field == DosageField::kDs && value.find(',') != std::string_view::npos) {
    error.Remedy("write decimals with a point; a comma separates values of several alleles");
  } else {
    error.Remedy("correct the record, or choose another field with input.field");
  }
  return error;
}

Error TooManyCopies(const RecordPlace& place, uint32_t sample, std::string_view value) {
  return BadDosage(place, sample, "the ALT alleles have more copies together than a person", value)
      .Remedy("correct the record, or remove it (bcftools view -e)");
}

Error BadGrid(DosageGrid::Result result, const RecordPlace& place, uint32_t sample,
              const DosageGrid& grid, uint32_t copies, std::string_view value) {
  if (result == DosageGrid::Result::kOffGrid) return OffGrid(place, sample, grid.units(), value);
  if (result == DosageGrid::Result::kNotFinite) {
    return BadDosage(place, sample, "the dosage is not a finite number", value);
  }
  return BadDosage(place, sample,
                   fmt::format("the dosage is outside [0, {}]{}", copies,
                               copies == 1 ? " of a haploid call" : ""),
                   value);
}

}  // namespace kinflow
