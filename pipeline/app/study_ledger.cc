#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "pipeline/data/concatenate.h"
#include "stages/qc/ledger.h"
#include "stages/qc/qc_tables.h"
#include "stages/qc/sex_cutoffs.h"
#include "stages/report/disclosure.h"
#include "stages/report/multiqc.h"

namespace kinflow {

/// What changed the people before anything was counted: those who withdrew, and decisions.
Table Study::LedgerBeforeQc() const {
  Table before;
  if (genotypes_.removed_people() > 0) {
    LedgerRow all, left;
    all.step = left.step = "withdrawn";
    left.filter = "input.remove";
    left.samples_out = cohort_->samples->size();
    all.samples_out = left.samples_out + static_cast<int64_t>(genotypes_.removed_people());
    before = LedgerTable({all, left});
  }
  if (decisions_ledger_.rows() > 0) before = Concatenate(std::move(before), decisions_ledger_);
  return before;
}

/// All rows in the order of the steps; `shared`: without small counts.
Table Study::LedgerOf(const ArtifactStore& store, const Manifests& m, bool shared) const {
  const auto shown = [&](const Table& rows) {
    return shared ? SuppressLedger(rows, small_cell_) : rows;
  };
  Table qc;
  if (has_qc()) qc = LedgerTable(store, m.front());
  if (shared && qc.rows() > 0 && !qc_.sex_cutoffs_given()) qc = WithoutNarrowCutoffs(qc);
  Table all;
  const Table before = LedgerBeforeQc();
  if (before.rows() > 0) all = shared ? SuppressLedgerBefore(before, qc, small_cell_) : before;
  for (const Table& row : BatchLedgers(store, m)) all = Concatenate(std::move(all), shown(row));
  if (qc.rows() > 0) {
    all = Concatenate(std::move(all), shown(qc));
    const Table overruled = OverruledDecisions(store, m.front());
    if (overruled.rows() > 0) all = Concatenate(std::move(all), shown(overruled));
  }
  for (const Table& rows : phenotype_ledgers_) all = Concatenate(std::move(all), shown(rows));
  return all;
}

void Study::TellQc(const Plan& plan, const ArtifactStore& store, Log& log) const {
  if (!has_qc() || !plan.Has("qc")) return;
  const auto qc = store.Find("qc", plan.at("qc").keys.self);
  if (!qc) return;
  const Table ledger = LedgerTable(store, *qc);
  const auto ends = [&ledger](const char* in, const char* out) {
    return std::pair{ledger.IntsOf(in).front(), ledger.IntsOf(out).back()};
  };
  const auto variants = ends("VARIANTS_IN", "VARIANTS_OUT");
  const auto people = ends("SAMPLES_IN", "SAMPLES_OUT");
  const int64_t removed = people.first - people.second;
  const std::string left = removed > 0 && removed < small_cell_
                               ? fmt::format("all but fewer than {}", small_cell_)
                               : fmt::format("{}", people.second);
  log.Info(
      "quality control keeps {} of {} variants and {} of {} people; share/ledger.tsv has the "
      "filters, share/variants.tsv.gz and private/samples.tsv each one's reason",
      variants.second, variants.first, left, people.first);
}

void Study::AddLedgerProducts(std::vector<Product>& products) const {
  const bool decided = decisions_ledger_.rows() > 0;
  const bool withdrawn = genotypes_.removed_people() > 0;
  if (!has_qc() && phenotype_ledgers_.empty() && !has_batches() && !decided && !withdrawn) return;
  std::string besides = fmt::format("small_cell {}", small_cell_);
  if (withdrawn) besides += fmt::format("\nwithdrawn {}", genotypes_.removed_people());
  if (decided) besides += "\ndecisions " + digests_->DigestOf(decisions_.path).Hex();
  for (const Table& rows : phenotype_ledgers_) {
    besides += fmt::format("\n{} {} {}", rows.Cell(0, 0), rows.IntsOf("SAMPLES_IN")[1],
                           rows.IntsOf("SAMPLES_OUT")[1]);
  }
  const char* first = has_qc() ? "qc" : "counts";
  for (const bool shared : {false, true}) {
    const auto table = [this, shared](const ArtifactStore& store, const Manifests& m) {
      return LedgerOf(store, m, shared);
    };
    products.push_back(
        {shared ? "ledger" : "ledger_full", {first, "join"}, !shared, table, {}, true, besides});
  }
  const auto section = [this](const ArtifactStore& store, const Manifests& m,
                              const std::string& path) {
    WriteFileAtomically(path, MultiqcSection(LedgerOf(store, m, true)));
  };
  products.push_back({"ledger_mqc.json", {first, "join"}, false, {}, section, true, besides});
}

}  // namespace kinflow
