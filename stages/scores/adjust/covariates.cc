#include "stages/scores/adjust/covariates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

constexpr size_t kNoRow = SIZE_MAX;
constexpr const char* kField = "scores.adjust.residualise";

bool IsMissing(double v) { return std::isnan(v); }
bool IsMissing(int64_t v) { return v == Table::kMissingInt; }
bool IsMissing(const std::string& v) { return v == "NA"; }

double MissingLike(double) { return std::numeric_limits<double>::quiet_NaN(); }
int64_t MissingLike(int64_t) { return Table::kMissingInt; }
std::string MissingLike(const std::string&) { return "NA"; }

/// Values of one column by sample: of each person's rows those that are not missing, which agree.
template <class T>
std::vector<T> BySample(const std::string& name, const char* field, const std::vector<T>& from,
                        const std::vector<uint32_t>& sample_of_row, size_t samples) {
  std::vector<T> out(samples, MissingLike(T{}));
  std::vector<size_t> row_of(samples, kNoRow);
  for (size_t r = 0; r < from.size(); ++r) {
    const uint32_t s = sample_of_row[r];
    if (s == SampleTable::kAbsent || IsMissing(from[r])) continue;
    if (row_of[s] != kNoRow && out[s] != from[r]) {
      throw Error(
          ErrorId::kMalformed,
          fmt::format("rows {} and {} of the phenotypes give one person different values of "
                      "{}: scores cannot be adjusted for it",
                      row_of[s] + 1, r + 1, name))
          .AtRecord(r + 1)
          .Field(field)
          .Remedy(
              "adjust for columns that do not change between pregnancies, and put the others "
              "into the analyses' covariates");
    }
    out[s] = from[r];
    row_of[s] = r;
  }
  return out;
}

const Table::Column& Find(const std::string& name, const char* field,
                          const family::PersonColumns& persons) {
  const int64_t at = persons.columns.Find(name);
  if (at >= 0) return persons.columns.column(static_cast<size_t>(at));
  std::vector<std::string> known;
  for (size_t c = 0; c < persons.columns.columns(); ++c) known.push_back(persons.columns.name(c));
  const std::string near = NearestWord(name, known);
  throw Error(ErrorId::kConfigReference, "scores are to be adjusted for a column that is not there")
      .Field(field)
      .Value(name)
      .Remedy(near.empty() ? "name a column of a table under phenotypes"
                           : "did you mean " + near + "?");
}

}  // namespace

family::Formula CovariateFormula(const std::vector<std::string>& terms) {
  std::string text = "`(score)` ~ 1";
  for (const auto& term : terms) text += " + " + term;
  family::Formula formula = family::ParseFormula(text);
  if (!formula.random.empty() || !formula.intercept) {
    throw Error(ErrorId::kConfigRange,
                "covariates of scores are fixed terms beside an intercept: no (1 | group), no - 1")
        .Field(kField)
        .Remedy("write plain terms: PC1, age, factor(batch)");
  }
  return formula;
}

Covariates::Covariates(const std::vector<std::string>& terms, const Cohort& cohort,
                       const family::PersonColumns& persons, const char* field)
    : formula_(CovariateFormula(terms)) {
  const size_t samples = cohort.samples->size();
  std::vector<uint32_t> sample_of_row;
  for (const auto& iid : persons.iid) sample_of_row.push_back(cohort.samples->Find(iid));
  complete_.assign(samples, 1);
  const auto numeric = formula_.NumericColumns();
  for (const auto& name : formula_.Columns()) {
    if (name == formula_.response) continue;
    const Table::Column& from = Find(name, field, persons);
    const auto mixed = persons.mixed.find(name);
    if (mixed != persons.mixed.end() &&
        std::find(numeric.begin(), numeric.end(), name) != numeric.end()) {
      throw mixed->second;
    }
    std::visit(
        [&](const auto& rows) {
          auto values = BySample(name, field, rows, sample_of_row, samples);
          for (size_t s = 0; s < samples; ++s) complete_[s] &= IsMissing(values[s]) ? 0 : 1;
          columns_.Add(name, std::move(values));
        },
        from);
  }
}

std::map<std::string, Digest> Covariates::Digests() const {
  std::map<std::string, Digest> digests;
  for (size_t c = 0; c < columns_.columns(); ++c) {
    Hasher hasher;
    std::string cell;
    for (size_t r = 0; r < columns_.rows(); ++r) {
      cell.clear();
      columns_.AppendCell(r, c, cell);
      hasher.AddField(cell);
    }
    digests["covariate " + columns_.name(c)] = hasher.Finish();
  }
  return digests;
}

}  // namespace kinflow
