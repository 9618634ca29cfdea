#include "stages/qc/ledger.h"

#include <algorithm>
#include <limits>

namespace kinflow {

Ledger::Ledger(const Cohort& cohort, uint64_t variants)
    : cohort_(cohort), variants_(variants), kept_(cohort.samples->size(), 1) {}

uint64_t Ledger::samples() const {
  return static_cast<uint64_t>(std::count(kept_.begin(), kept_.end(), 1));
}

void Ledger::Start() {
  Add("input", "", std::numeric_limits<double>::quiet_NaN(), variants_, samples());
}

void Ledger::RemoveVariants(const std::string& step, const std::vector<std::string>& filters,
                            const std::vector<double>& thresholds,
                            const std::vector<uint64_t>& removed) {
  for (size_t f = 0; f < filters.size(); ++f) {
    const uint64_t before = variants_;
    variants_ -= removed[f];
    Add(step, filters[f], thresholds[f], before, samples());
  }
}

void Ledger::RemoveSamples(const std::string& step, const Verdicts& verdicts) {
  for (size_t f = 0; f < verdicts.filters.size(); ++f) {
    const uint64_t before = samples();
    for (size_t s = 0; s < kept_.size(); ++s) {
      if (verdicts.code[s] == f + 1) kept_[s] = 0;
    }
    Add(step, verdicts.filters[f], verdicts.thresholds[f], variants_, before);
  }
}

void Ledger::Add(const std::string& step, const std::string& filter, double threshold,
                 uint64_t variants_in, uint64_t samples_in) {
  Row row = {step,      filter.empty() ? "NA" : filter,
             threshold, variants_in,
             variants_, samples_in,
             samples(), 0,
             0,         0,
             0,         0};
  for (size_t s = 0; s < kept_.size(); ++s) {
    if (kept_[s] == 0) continue;
    row.mothers += cohort_.roles[s] == Role::kMother;
    row.fathers += cohort_.roles[s] == Role::kFather;
    row.children += cohort_.roles[s] == Role::kChild;
  }
  const auto present = [&](uint32_t s) { return s != SampleTable::kAbsent && kept_[s] != 0; };
  for (const Trio& trio : cohort_.trios) {
    if (!present(trio.child)) continue;
    const int parents = present(trio.father) + present(trio.mother);
    row.trios += parents == 2;
    row.duos += parents == 1;
  }
  rows_.push_back(std::move(row));
}

Table Ledger::ToTable() const {
  Table table;
  const auto text = [&](const char* name, std::string Row::*field) {
    Table::Strings column;
    for (const Row& r : rows_) column.push_back(r.*field);
    table.Add(name, std::move(column));
  };
  const auto number = [&](const char* name, uint64_t Row::*field) {
    Table::Ints column;
    for (const Row& r : rows_) column.push_back(static_cast<int64_t>(r.*field));
    table.Add(name, std::move(column));
  };
  text("STEP", &Row::step);
  text("FILTER", &Row::filter);
  Table::Doubles thresholds;
  for (const Row& r : rows_) thresholds.push_back(r.threshold);
  table.Add("THRESHOLD", std::move(thresholds));
  number("VARIANTS_IN", &Row::variants_in);
  number("VARIANTS_OUT", &Row::variants_out);
  number("SAMPLES_IN", &Row::samples_in);
  number("SAMPLES_OUT", &Row::samples_out);
  number("MOTHERS", &Row::mothers);
  number("FATHERS", &Row::fathers);
  number("CHILDREN", &Row::children);
  number("TRIOS", &Row::trios);
  number("DUOS", &Row::duos);
  return table;
}

}  // namespace kinflow
