#include "stages/report/variants_disclosure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stages/report/coarse_numbers.h"
#include "stages/report/small_count.h"

namespace kinflow {
namespace {

using HiddenCells = std::map<std::string, std::vector<bool>>;  // by column, by row

/// Cells that point at few people by themselves.
HiddenCells SmallCells(const Table& variants, const PeopleLeft& left, int64_t small) {
  const auto &n = variants.IntsOf("N"), &missing = variants.IntsOf("N_MISSING"),
             &errors = variants.IntsOf("MENDEL_ERRORS");
  const auto& frequency = variants.DoublesOf("MAF");
  HiddenCells hidden;
  for (size_t r = 0; r < variants.rows(); ++r) {
    const double alleles = 2.0 * static_cast<double>(n[r] - missing[r]);
    const bool rare = std::isnan(frequency[r]) || frequency[r] * alleles < kMinMinorAlleleCount;
    const bool few_errors = IsSmall(errors[r], small), few_missing = IsSmall(missing[r], small);
    const bool tells_people = IsSmall(std::abs(n[r] - left.people), small);
    for (const char* name : {"AF", "MAF", "HWE_P"}) hidden[name].push_back(rare);
    hidden["MENDEL_ERRORS"].push_back(rare || few_errors);
    hidden["REASON_VALUE"].push_back(rare || few_errors || few_missing);
    hidden["N_MISSING"].push_back(few_missing);
    hidden["MENDEL_CHECKED"].push_back(few_missing || left.few_families);
    hidden["N"].push_back(tells_people);
    hidden["CALL_RATE"].push_back(few_missing || tells_people);
  }
  return hidden;
}

void Hide(const std::vector<bool>& rows, Table::Column& column) {
  for (size_t r = 0; r < rows.size(); ++r) {
    if (!rows[r]) continue;
    if (auto* v = std::get_if<Table::Doubles>(&column)) (*v)[r] = std::nan("");
    if (auto* v = std::get_if<Table::Ints>(&column)) (*v)[r] = Table::kMissingInt;
  }
}

/// Doubles that follow from counts of people, in the rows that `coarse` tells.
void Coarsen(int64_t founders, const std::string& name, const std::vector<bool>& coarse,
             Table::Column& column) {
  auto* values = std::get_if<Table::Doubles>(&column);
  if (values == nullptr) return;
  const bool frequency = name == "AF" || name == "MAF";
  for (size_t r = 0; r < values->size(); ++r) {
    double& x = (*values)[r];
    if (coarse[r]) x = frequency ? CoarseFrequency(x, founders) : TwoDigits(x);
  }
}

}  // namespace

double CoarseFrequency(double frequency, int64_t founders) {
  const double steps =
      std::pow(10, std::floor(std::log10(static_cast<double>(std::max<int64_t>(1, founders)))));
  return std::round(frequency * steps) / steps;
}

Table SuppressVariants(const Table& variants, const PeopleLeft& left, int64_t small) {
  for (const char* name : {"N", "N_MISSING", "MAF", "MENDEL_ERRORS"}) {
    if (variants.Find(name) < 0) return variants;
  }
  HiddenCells hidden = SmallCells(variants, left, small);
  if (left.few_removed) {
    for (const char* name : {"N", "CALL_RATE", "MENDEL_CHECKED", "REASON_VALUE"}) {
      hidden[name].assign(variants.rows(), true);
    }
  }
  const std::set<std::string> counted = {"AF", "MAF", "HWE_P", "INFO_COMPUTED"};
  const std::vector<bool> coarse =
      left.few_removed ? std::vector<bool>(variants.rows(), true) : hidden["N_MISSING"];
  Table shared;
  for (size_t c = 0; c < variants.columns(); ++c) {
    const std::string& name = variants.name(c);
    // Would bound numbers that are hidden, or tell them.
    if (name == "REASONS" || name == "GENOTYPES_SET") continue;
    Table::Column column = variants.column(c);
    if (const auto rows = hidden.find(name); rows != hidden.end()) Hide(rows->second, column);
    if (counted.contains(name)) Coarsen(left.founders, name, coarse, column);
    shared.Add(name, std::move(column));
  }
  return shared;
}

}  // namespace kinflow
