#include "stages/plates/plates_stage.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "pipeline/graph/progress.h"
#include "stages/pca/pca_stage.h"
#include "stages/plates/group_tests.h"
#include "stages/plates/plate_parts.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::plates {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
/// The least wells at the edge and inside that the normal approximation is for.
constexpr size_t kLeastWells = 5;

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return values.empty() ? kNone : sum / static_cast<double>(values.size());
}

/// Rows of plates.tsv.
struct PlateRows {
  Table::Strings factor, level;
  Table::Ints n, n_edge, n_inner, batches, smallest_part;
  Table::Doubles rate, edge, inner, p;

  template <class Chosen>
  void Add(const std::string& of, const std::string& name, const Layout& layout,
           const std::vector<double>& call_rate, Chosen chosen) {
    std::vector<double> all, on_edge, inside;
    for (size_t s = 0; s < call_rate.size(); ++s) {
      if (!chosen(s) || std::isnan(call_rate[s])) continue;
      all.push_back(call_rate[s]);
      if (!layout.wells[s].known) continue;
      (layout.wells[s].on_edge ? on_edge : inside).push_back(call_rate[s]);
    }
    const bool enough = on_edge.size() >= kLeastWells && inside.size() >= kLeastWells;
    factor.push_back(of);
    level.push_back(name);
    n.push_back(static_cast<int64_t>(all.size()));
    n_edge.push_back(static_cast<int64_t>(on_edge.size()));
    n_inner.push_back(static_cast<int64_t>(inside.size()));
    rate.push_back(Mean(all));
    edge.push_back(Mean(on_edge));
    inner.push_back(Mean(inside));
    p.push_back(enough ? RankSum(on_edge, inside).p : kNone);
    batches.push_back(Table::kMissingInt);
    smallest_part.push_back(Table::kMissingInt);
  }
  /// Of the row added last.
  void AddParts(const PlateParts& parts) {
    batches.back() = parts.batches;
    if (parts.batches > 1) smallest_part.back() = parts.smallest;
  }
};

}  // namespace

Table PlatesTable(const Layout& layout, const std::vector<double>& call_rate) {
  PlateRows rows;
  std::vector<uint8_t> counted;
  for (const double rate : call_rate) counted.push_back(std::isnan(rate) ? 0 : 1);
  const std::vector<PlateParts> parts = PartsOfPlates(layout, counted);
  for (const Factor& factor : layout.factors) {
    rows.Add(factor.name, "all", layout, call_rate,
             [&](size_t s) { return factor.of[s] != Factor::kNone; });
    for (uint32_t level = 0; level < factor.levels.size(); ++level) {
      rows.Add(factor.name, factor.levels[level], layout, call_rate,
               [&](size_t s) { return factor.of[s] == level; });
      if (factor.name == "plate" && !parts.empty()) rows.AddParts(parts[level]);
    }
  }
  Table table;
  table.Add("FACTOR", std::move(rows.factor));
  table.Add("LEVEL", std::move(rows.level));
  table.Add("N", std::move(rows.n));
  table.Add("CALL_RATE", std::move(rows.rate));
  table.Add("N_EDGE", std::move(rows.n_edge));
  table.Add("CALL_RATE_EDGE", std::move(rows.edge));
  table.Add("N_INNER", std::move(rows.n_inner));
  table.Add("CALL_RATE_INNER", std::move(rows.inner));
  table.Add("EDGE_P", std::move(rows.p));
  table.Add("BATCHES", std::move(rows.batches));
  table.Add("SMALLEST_PART", std::move(rows.smallest_part));
  return table;
}

Table WellsTable(const Layout& layout, const std::vector<double>& call_rate,
                 const SampleTable& samples) {
  Table::Strings plate, well, edge, iid;
  Table::Ints row, column;
  Table::Doubles rate;
  const Factor& plates = layout.factors.front();
  for (uint32_t s = 0; plates.name == "plate" && s < samples.size(); ++s) {
    const Well& at = layout.wells[s];
    if (!at.known || plates.of[s] == Factor::kNone) continue;
    plate.push_back(plates.levels[plates.of[s]]);
    well.push_back(fmt::format("{}{:02}", static_cast<char>('A' + at.row), at.column + 1));
    row.push_back(at.row + 1);
    column.push_back(at.column + 1);
    edge.emplace_back(at.on_edge ? "yes" : "no");
    iid.push_back(samples.iid(s));
    rate.push_back(call_rate[s]);
  }
  Table table;
  table.Add("PLATE", std::move(plate));
  table.Add("WELL", std::move(well));
  table.Add("ROW", std::move(row));
  table.Add("COLUMN", std::move(column));
  table.Add("EDGE", std::move(edge));
  table.Add("IID", std::move(iid));
  table.Add("CALL_RATE", std::move(rate));
  return table;
}

Table ComponentsTable(const Layout& layout, const std::vector<double>& scores, size_t components,
                      const std::vector<uint8_t>& founders) {
  Table::Strings name;
  Table::Ints pc, n, levels;
  Table::Doubles f, df1, df2, p;
  for (const Factor& factor : layout.factors) {
    std::vector<uint32_t> level = factor.of;
    for (size_t s = 0; s < level.size(); ++s) {
      if (founders[s] == 0) level[s] = Factor::kNone;
    }
    for (size_t k = 0; k < components; ++k) {
      std::vector<double> values;
      for (size_t s = 0; s < level.size(); ++s) values.push_back(scores[s * components + k]);
      const AnovaResult result = Anova(values, level, Factor::kNone);
      name.push_back(factor.name);
      pc.push_back(static_cast<int64_t>(k + 1));
      n.push_back(static_cast<int64_t>(result.n));
      levels.push_back(result.levels);
      f.push_back(result.f);
      df1.push_back(result.df1);
      df2.push_back(result.df2);
      p.push_back(result.p);
    }
  }
  Table table;
  table.Add("FACTOR", std::move(name));
  table.Add("PC", std::move(pc));
  table.Add("N", std::move(n));
  table.Add("LEVELS", std::move(levels));
  table.Add("F", std::move(f));
  table.Add("DF1", std::move(df1));
  table.Add("DF2", std::move(df2));
  table.Add("P", std::move(p));
  return table;
}

std::vector<std::string> PlatesStage::inputs() const {
  std::vector<std::string> inputs = {setup_.people_counts};
  if (!setup_.components.empty()) inputs.push_back(setup_.components);
  return inputs;
}

std::map<std::string, Digest> PlatesStage::files() const {
  return {{"cohort", setup_.cohort->digest()}, {"plates", setup_.layout_file}};
}

void PlatesStage::Run(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  const SampleCounts counts = ReadSampleCounts(
      run.store, InputManifest(run.store, kCountsKind, keys, setup_.people_counts));
  std::vector<double> call_rate;
  for (uint32_t s = 0; s < cohort.samples->size(); ++s) {
    call_rate.push_back(FactsOf(counts, s, cohort.sexes[s]).call_rate);
  }
  Manifest manifest = NewManifest(*this, keys);
  const auto out = run.store.BeginShard(kPlatesKind, keys.self, 0);
  out->file().WriteTable("/plates", PlatesTable(*setup_.layout, call_rate));
  out->file().WriteTable("/wells", WellsTable(*setup_.layout, call_rate, *cohort.samples));
  size_t components = 0;
  std::vector<double> scores;
  if (!setup_.components.empty()) {
    size_t samples = 0;
    const Manifest pca = InputManifest(run.store, pca::kPcaKind, keys, setup_.components);
    scores = run.store.Open(pca, 0).ReadMatrix("/scores", samples, components);
  }
  if (components > 0) {
    out->file().WriteTable("/components",
                           ComponentsTable(*setup_.layout, scores, components, cohort.founders));
  }
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
}

}  // namespace kinflow::plates
