#include "stages/qc/ledger.h"

#include <fmt/format.h>

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

void Ledger::RemoveSamples(const std::string& step, const Verdicts& verdicts, size_t place) {
  const uint64_t before = samples();
  for (size_t s = 0; s < kept_.size(); ++s) {
    if (verdicts.code[s] == place + 1) kept_[s] = 0;
  }
  Add(step, verdicts.filters[place], verdicts.thresholds[place], variants_, before);
}

void Ledger::Note(const std::string& step, const std::string& name, double threshold) {
  Add(step, name, threshold, variants_, samples());
}

void Ledger::SetMissing(const std::string& step, uint64_t genotypes) {
  Add(step, "missing", std::numeric_limits<double>::quiet_NaN(), variants_, samples());
  rows_.back().genotypes_set = static_cast<int64_t>(genotypes);
}

void Ledger::Add(const std::string& step, const std::string& filter, double threshold,
                 uint64_t variants_in, uint64_t samples_in) {
  LedgerRow row = LedgerRow::Of(cohort_, kept_);
  row.step = step;
  if (!filter.empty()) row.filter = filter;
  row.threshold = threshold;
  row.variants_in = static_cast<int64_t>(variants_in);
  row.variants_out = static_cast<int64_t>(variants_);
  row.samples_in = static_cast<int64_t>(samples_in);
  rows_.push_back(std::move(row));
}

std::vector<std::string> Ledger::Warnings() const {
  std::vector<std::string> lines;
  const auto large = [](int64_t in, int64_t out) {
    return static_cast<double>(in - out) > kLargeShare * static_cast<double>(in);
  };
  for (const LedgerRow& row : rows_) {
    const std::string filter =
        fmt::format("qc: filter {} of step {} removes", row.filter, row.step);
    if (large(row.variants_in, row.variants_out)) {
      lines.push_back(fmt::format("{} {} of {} variants, more than {:.0f} %", filter,
                                  row.variants_in - row.variants_out, row.variants_in,
                                  100 * kLargeShare));
    }
    // How many is for the ledger to tell, which hides small numbers of people.
    if (large(row.samples_in, row.samples_out)) {
      lines.push_back(fmt::format("{} more than {:.0f} % of the people: share/ledger.tsv", filter,
                                  100 * kLargeShare));
    }
  }
  return lines;
}

LedgerRow LedgerRow::Of(const Cohort& cohort, const std::vector<uint8_t>& kept) {
  LedgerRow row;
  row.samples_out = std::count(kept.begin(), kept.end(), uint8_t{1});
  row.mothers = row.fathers = row.children = row.trios = row.duos = 0;
  for (size_t s = 0; s < kept.size(); ++s) {
    if (kept[s] == 0) continue;
    row.mothers += cohort.roles[s] == Role::kMother ? 1 : 0;
    row.fathers += cohort.roles[s] == Role::kFather ? 1 : 0;
    row.children += cohort.roles[s] == Role::kChild ? 1 : 0;
  }
  const auto present = [&](uint32_t s) { return s != SampleTable::kAbsent && kept[s] != 0; };
  std::vector<uint8_t> in_family(kept.size(), 0);
  for (const Trio& trio : cohort.trios) {
    if (!present(trio.child)) continue;
    const int parents = (present(trio.father) ? 1 : 0) + (present(trio.mother) ? 1 : 0);
    row.trios += parents == 2 ? 1 : 0;
    row.duos += parents == 1 ? 1 : 0;
    if (parents == 0) continue;
    for (const uint32_t member : {trio.child, trio.father, trio.mother}) {
      if (present(member)) in_family[member] = 1;
    }
  }
  row.singletons = row.samples_out - std::count(in_family.begin(), in_family.end(), uint8_t{1});
  return row;
}

Table LedgerTable(const std::vector<LedgerRow>& rows) {
  Table table;
  const auto add = [&](const char* name, auto LedgerRow::*field) {
    std::vector<std::decay_t<decltype(rows.front().*field)>> column;
    for (const LedgerRow& row : rows) column.push_back(row.*field);
    table.Add(name, std::move(column));
  };
  add("STEP", &LedgerRow::step);
  add("FILTER", &LedgerRow::filter);
  add("THRESHOLD", &LedgerRow::threshold);
  add("VARIANTS_IN", &LedgerRow::variants_in);
  add("VARIANTS_OUT", &LedgerRow::variants_out);
  add("SAMPLES_IN", &LedgerRow::samples_in);
  add("SAMPLES_OUT", &LedgerRow::samples_out);
  add("MOTHERS", &LedgerRow::mothers);
  add("FATHERS", &LedgerRow::fathers);
  add("CHILDREN", &LedgerRow::children);
  add("TRIOS", &LedgerRow::trios);
  add("DUOS", &LedgerRow::duos);
  add("SINGLETONS", &LedgerRow::singletons);
  add("GENOTYPES_SET", &LedgerRow::genotypes_set);
  return table;
}

}  // namespace kinflow
