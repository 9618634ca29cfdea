#include "stages/pca/projection_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/pca/call_matrix.h"
#include "stages/pca/loadings_variants.h"
#include "stages/pca/nearest_group.h"
#include "stages/pca/pca_stage.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/scores/adjust/ancestry_panel.h"

namespace kinflow::pca {
namespace {

/// Where strangers would lie had they been fitted. Components that are not told from chance stay.
void CorrectShrinkage(const Table& eigenvalues, Eigen::MatrixXd& scores) {
  const auto& shrinkage = eigenvalues.DoublesOf("SHRINKAGE");
  for (int64_t k = 0; k < scores.cols(); ++k) {
    const double factor = shrinkage[static_cast<size_t>(k)];
    if (factor > 0) scores.col(k) /= factor;
  }
}

Table FirstRows(const Table& table, size_t n) {
  Table first;
  for (size_t c = 0; c < table.columns(); ++c) {
    Table::Column column = table.column(c);
    std::visit([n](auto& values) { values.resize(n); }, column);
    first.Add(table.name(c), std::move(column));
  }
  return first;
}

constexpr const char* kInReference = "IN_REFERENCE";

/// Who of the reference each sample is, by id; UINT32_MAX = none.
std::vector<uint32_t> InReference(const SampleTable& samples,
                                  const std::vector<std::string>& iids) {
  std::vector<uint32_t> own(samples.size(), UINT32_MAX);
  for (size_t i = 0; i < iids.size(); ++i) {
    const uint32_t sample = samples.Find(iids[i]);
    if (sample != SampleTable::kAbsent) own[sample] = static_cast<uint32_t>(i);
  }
  return own;
}

Table Ancestry(const PcaOptions& options, const SampleTable& samples,
               const Eigen::MatrixXd& scores) {
  const size_t used =
      std::min<size_t>(options.reference_components, static_cast<size_t>(scores.cols()));
  AncestryPanel panel =
      ReadAncestryPanel(options.reference, used, options.group, {}, "pca.reference.file");
  std::vector<std::vector<double>> pcs;
  for (size_t k = 0; k < used; ++k) {
    const auto column = scores.col(static_cast<int64_t>(k));
    pcs.emplace_back(column.begin(), column.end());
  }
  const std::vector<uint32_t> own = InReference(samples, panel.iid);
  const NearestGroups found =
      FindNearestGroups({std::move(panel.pcs), std::move(panel.group)}, pcs, own);
  Table::Strings group, confident, in_reference;
  Table::Doubles probability;
  for (size_t s = 0; s < found.nearest.size(); ++s) {
    const uint32_t nearest = found.nearest[s];
    const bool known = nearest != UINT32_MAX;
    group.push_back(known ? found.groups[nearest] : "NA");
    probability.push_back(known ? found.probability[nearest][s]
                                : std::numeric_limits<double>::quiet_NaN());
    const bool sure =
        probability.back() >= options.min_probability && found.distance_p[s] >= kLeastDistanceP;
    confident.emplace_back(!known ? "NA" : sure ? "yes" : "no");
    in_reference.emplace_back(own[s] == UINT32_MAX ? "no" : "yes");
  }
  Table table;
  table.Add("GROUP", std::move(group));
  table.Add("PROBABILITY", std::move(probability));
  table.Add("DISTANCE_P", found.distance_p);
  table.Add("CONFIDENT", std::move(confident));
  table.Add(kInReference, std::move(in_reference));
  for (size_t g = 0; g < found.groups.size(); ++g) {
    table.Add("P_" + found.groups[g], found.probability[g]);
  }
  return table;
}

/// That people are their own reference, which they hardly should be.
void TellOfReference(const Table& ancestry, const PcaOptions& options, RunContext& run,
                     Manifest& manifest) {
  const auto& in_reference = ancestry.StringsOf(kInReference);
  if (std::find(in_reference.begin(), in_reference.end(), "yes") == in_reference.end()) return;
  manifest.warnings.push_back(fmt::format(
      "pca: people of the cohort have ids of the reference (IN_REFERENCE in "
      "private/pca_ancestry.tsv): each is judged by the others of its group{}",
      options.correct_shrinkage ? "; if its components were fitted on them, their own places are "
                                  "right without correction (pca.correct_shrinkage: false)"
                                : ""));
  run.log.Warn("{}", manifest.warnings.back());
}

}  // namespace

std::map<std::string, Digest> ProjectionStage::files() const {
  std::map<std::string, Digest> files = {{"cohort", setup_.cohort->digest()},
                                         {"loadings", setup_.loadings}};
  if (setup_.reference) files["reference"] = *setup_.reference;
  return files;
}

void ProjectionStage::Run(RunContext& run, const StageKeys& keys) const {
  const PcaOptions& options = setup_.options;
  const Manifest variants = InputManifest(run.store, kLoadingsVariantsKind, keys, "pca_variants");
  const Manifest calls = InputManifest(run.store, kinship::kCallsKind, keys, "pca_calls");
  const Loadings loadings = ReadLoadings(options.project);
  const FoundLoadings found = FindLoadings(run.store, variants, loadings);
  const uint32_t samples = setup_.cohort->samples->size();
  run.progress.Start(id(), 0, "passes over the calls");
  const CallMatrix matrix(run, calls, samples, found.frequency);
  auto projected = matrix.ScoresOn(found.loadings.leftCols(options.components));
  // Variants of the loadings that are not here count as missing in everybody.
  projected.scores *=
      static_cast<double>(loadings.varying) / static_cast<double>(matrix.variants());
  const Table eigenvalues = FirstRows(loadings.eigenvalues, options.components);
  Manifest manifest = NewManifest(*this, keys);
  if (options.correct_shrinkage) {
    CorrectShrinkage(eigenvalues, projected.scores);
    const auto& shrinkage = eigenvalues.DoublesOf("SHRINKAGE");
    const auto by_chance = std::count_if(shrinkage.begin(), shrinkage.end(),
                                         [](double factor) { return !(factor > 0); });
    if (by_chance > 0) {
      manifest.warnings.push_back(
          fmt::format("pca: {} of {} components do not stand out from chance among the people they "
                      "were fitted on: they say little of others",
                      by_chance, options.components));
      run.log.Warn("{}", manifest.warnings.back());
    }
  }
  auto shard = run.store.BeginShard(kPcaKind, keys.self, 0);
  H5Writer& file = shard->file();
  file.WriteTable("/eigenvalues", eigenvalues);
  WriteMatrix(file, "/scores", projected.scores);
  file.Write("/fitted", std::span<const uint8_t>(std::vector<uint8_t>(samples, 0)));
  file.Write("/call_rate", std::span<const double>(projected.call_rate));
  if (setup_.reference) {
    const Table ancestry = Ancestry(options, *setup_.cohort->samples, projected.scores);
    TellOfReference(ancestry, options, run, manifest);
    file.WriteTable("/ancestry", ancestry);
  }
  file.Attribute("/", "variants", static_cast<int64_t>(matrix.variants()));
  file.Attribute("/", "fitted", int64_t{0});
  manifest.shards.push_back(shard->Commit(0));
  run.store.Seal(manifest);
  run.progress.Finish();
}

PeopleGroups AncestryGroups(const ArtifactStore& store, const Manifest& pca) {
  const Table ancestry = store.Open(pca, 0).ReadTable("/ancestry");
  const auto& nearest = ancestry.StringsOf("GROUP");
  const auto& confident = ancestry.StringsOf("CONFIDENT");
  std::map<std::string, uint32_t> places;
  PeopleGroups groups;
  for (size_t s = 0; s < nearest.size(); ++s) {
    groups.typical.push_back(confident[s] == "yes" ? 1 : 0);
    if (confident[s] == "NA") {
      groups.of.push_back(PeopleGroups::kNone);
      continue;
    }
    const auto [at, added] = places.emplace(nearest[s], static_cast<uint32_t>(groups.names.size()));
    if (added) groups.names.push_back(nearest[s]);
    groups.of.push_back(at->second);
  }
  return groups;
}

Table AncestryTable(const ArtifactStore& store, const Manifest& pca, const Cohort& cohort,
                    const std::vector<uint8_t>& kept) {
  const Table all = store.Open(pca, 0).ReadTable("/ancestry");
  Table everybody, table;
  everybody.Add("FID", cohort.FamilyIds());
  everybody.Add("IID", cohort.samples->iids());
  for (size_t c = 0; c < all.columns(); ++c) everybody.Add(all.name(c), all.column(c));
  for (size_t c = 0; c < everybody.columns(); ++c) {
    const auto chosen = [&kept](const auto& from) -> Table::Column {
      std::decay_t<decltype(from)> to;
      for (size_t s = 0; s < from.size(); ++s) {
        if (kept[s] != 0) to.push_back(from[s]);
      }
      return to;
    };
    table.Add(everybody.name(c), std::visit(chosen, everybody.column(c)));
  }
  return table;
}

}  // namespace kinflow::pca
