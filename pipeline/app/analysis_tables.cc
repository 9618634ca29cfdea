#include "pipeline/app/analysis_tables.h"

#include <fmt/format.h>

#include <utility>

#include "pipeline/data/concatenate.h"
#include "stages/report/hidden_values.h"

namespace kinflow {

Table AnalysisTable(const ArtifactStore& store, const Manifests& manifests,
                    const std::string& name) {
  Table all;
  for (const Manifest& m : manifests) {
    const H5Reader file = store.Open(m, 0);
    if (file.Has("/" + name)) all = Concatenate(std::move(all), file.ReadTable("/" + name));
  }
  return all;
}

std::string WithheldText(const std::string& name, size_t rows, int64_t small_cell, bool lasting) {
  return fmt::format("share/{}.tsv: {} row{} withheld that would tell of fewer than {} people{}",
                     name, rows, rows == 1 ? "" : "s", small_cell,
                     lasting ? fmt::format("; private/{}.tsv has all", FullName(name)) : "");
}

std::string HiddenNumbersText(int64_t small_cell, bool lasting) {
  return fmt::format(
      "share/table1.tsv: numbers are withheld (NA) that would tell of fewer than {} people, there "
      "or "
      "where share/rows.tsv says how many were left out and why{}",
      small_cell, lasting ? fmt::format("; private/{}.tsv has all", FullName("table1")) : "");
}

std::string WithheldNote(const std::string& name, size_t rows) {
  if (rows == 0) return "";
  return fmt::format("{} row{} withheld here as in share/{}.tsv; private/{}.tsv has all\n", rows,
                     rows == 1 ? " is" : "s are", name, FullName(name));
}

// Forgets what it knew of other artifacts.
Table AnalysisTables::Read(const ArtifactStore& store, const Manifests& manifests,
                           const std::string& name) {
  std::vector<Digest> keys;
  for (const Manifest& m : manifests) keys.push_back(m.key);
  if (!disclosure_ || keys != keys_) {
    keys_ = std::move(keys);
    withheld_.clear();
    partial_.clear();
    for (const char* telling : {"rows", "groups", "areas"}) {
      telling_[telling] = AnalysisTable(store, manifests, telling);
    }
    disclosure_.emplace(telling_["rows"], telling_["groups"], telling_["areas"],
                        AnalysisTable(store, manifests, "estimates"), small_cell_);
  }
  const auto known = telling_.find(name);
  if (known != telling_.end()) return known->second;
  Table table = AnalysisTable(store, manifests, name);
  if (name != "estimates") return table;
  warnings_.clear();
  return family::AdjustedAcross(table, across_, warnings_);
}

Table AnalysisTables::Shared(const ArtifactStore& store, const Manifests& manifests,
                             const std::string& name) {
  const Table full = Read(store, manifests, name);
  Table shared = disclosure_->Shared(name, full);
  withheld_[name] = full.rows() - shared.rows();
  if (withheld_[name] > 0 || HidesValues(full, shared)) partial_.insert(name);
  return shared;
}

size_t AnalysisTables::Withheld(const ArtifactStore& store, const Manifests& manifests,
                                const std::string& name) {
  Read(store, manifests, "rows");  // among the tables it holds
  if (withheld_.count(name) == 0) Shared(store, manifests, name);
  return withheld_.at(name);
}

std::vector<std::string> AnalysisTables::AcrossWarnings(const ArtifactStore& store,
                                                        const Manifests& manifests) {
  if (!across_.empty()) Read(store, manifests, "estimates");
  return warnings_;
}

Table AnalysisTables::FullIfHidden(const ArtifactStore& store, const Manifests& manifests,
                                   const std::string& name) {
  Withheld(store, manifests, name);
  return partial_.contains(name) ? Read(store, manifests, name) : Table();
}

}  // namespace kinflow
