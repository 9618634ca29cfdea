#include "stages/pca/pca_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/pairs.h"
#include "stages/pca/block_lanczos.h"
#include "stages/pca/call_matrix.h"
#include "stages/pca/outliers.h"
#include "stages/pca/shrinkage.h"
#include "stages/pca/unrelated.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::pca {
namespace {

// More columns than components make the last ones converge.
constexpr uint32_t kExtraColumns = 10;
// People with a smaller share of calls are projected, not fitted.
constexpr double kLeastCallRate = 0.5;
// A smaller share of the first eigenvalue is rounding: the people fitted span no more components.
constexpr double kLeastEigenvalue = 1e-6;

void CheckSizes(const RunContext& run, const CallMatrix& matrix, const LanczosOptions& options) {
  if (matrix.fitted() < 3 || matrix.variants() < 2) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("principal components of {} unrelated founders by {} variants",
                            matrix.fitted(), matrix.variants()))
        .Remedy("give more people, or compare by more variants (kinship.variants, --prune 0)");
  }
  const uint64_t needed = uint64_t{8} * static_cast<uint64_t>(matrix.fitted()) * options.block *
                          (options.most_products + 4);
  if (needed > run.memory_bytes / 2) {
    throw Error(
        ErrorId::kMemoryBudget,
        fmt::format("{} components of {} people take up to {}, the budget is {}", options.wanted,
                    matrix.fitted(), FormatBytes(needed), FormatBytes(run.memory_bytes)))
        .Remedy("raise --memory, or ask for fewer pca.components or pca.max_passes");
  }
}

void DropNull(Eigenpairs& pairs) {
  int64_t k = pairs.values.size();
  while (k > 1 && pairs.values[k - 1] < kLeastEigenvalue * pairs.values[0]) --k;
  pairs.values = pairs.values.head(k).eval();
  pairs.errors = pairs.errors.head(k).eval();
  pairs.vectors = pairs.vectors.leftCols(k).eval();
}

/// The vectors' sign is arbitrary: the largest loading is made positive.
void FixSigns(const CallMatrix::Projection& projection, Eigen::MatrixXd& scores,
              Eigen::MatrixXd& loadings) {
  for (int64_t k = 0; k < loadings.cols(); ++k) {
    int64_t largest = 0;
    projection.loadings.col(k).cwiseAbs().maxCoeff(&largest);
    if (projection.loadings(largest, k) >= 0) continue;
    scores.col(k) *= -1;
    loadings.col(k) *= -1;
  }
}

Table Eigenvalues(const Eigenpairs& pairs, double trace, const Eigen::VectorXd& shrinkage) {
  Table table;
  Table::Ints number(static_cast<size_t>(pairs.values.size()));
  std::iota(number.begin(), number.end(), 1);
  Table::Doubles value(pairs.values.begin(), pairs.values.end()), share, error;
  for (int64_t k = 0; k < pairs.values.size(); ++k) {
    share.push_back(pairs.values[k] / trace);
    error.push_back(pairs.errors[k] / pairs.values[k]);
  }
  table.Add("PC", std::move(number));
  table.Add("EIGENVALUE", std::move(value));
  table.Add("VARIANCE_SHARE", std::move(share));
  table.Add("ERROR", std::move(error));
  table.Add("SHRINKAGE", Table::Doubles(shrinkage.begin(), shrinkage.end()));
  return table;
}

VariantTable VariantsOf(const ArtifactStore& store, const Manifest& calls) {
  VariantTable all;
  for (size_t i = 0; i < calls.shards.size(); ++i) {
    const VariantTable part = store.Open(calls, i).ReadVariants("/variants");
    for (size_t v = 0; v < part.size(); ++v) all.Append(part, v);
  }
  return all;
}

}  // namespace

std::vector<std::string> PcaStage::inputs() const {
  std::vector<std::string> inputs = {"kinship_calls", "kinship"};
  if (!setup_.people_from.empty()) inputs.push_back(setup_.people_from);
  return inputs;
}

std::map<std::string, Digest> PcaStage::files() const {
  return {{"cohort", setup_.cohort->digest()}};
}

std::vector<uint8_t> PcaStage::Kept(const RunContext& run, const StageKeys& keys) const {
  if (setup_.people_from.empty()) return std::vector<uint8_t>(setup_.cohort->samples->size(), 1);
  return KeptSamples(run.store, InputManifest(run.store, kQcKind, keys, setup_.people_from));
}

void PcaStage::Run(RunContext& run, const StageKeys& keys) const {
  const Manifest calls = InputManifest(run.store, kinship::kCallsKind, keys, "kinship_calls");
  kinship::PairTotals totals;
  const auto pairs = kinship::ReadPairs(
      run.store, InputManifest(run.store, kinship::kPairsKind, keys, "kinship"), totals);
  std::vector<uint8_t> fitting = Kept(run, keys);
  const auto rates =
      CallMatrix::CallRates(run, calls, static_cast<uint32_t>(setup_.cohort->samples->size()));
  for (size_t s = 0; s < rates.size(); ++s) {
    if (rates[s] < kLeastCallRate) fitting[s] = 0;
  }
  const std::vector<uint8_t> fitted =
      UnrelatedFounders(*setup_.cohort, fitting, pairs, setup_.options.max_kinship);
  const CallMatrix matrix(run, calls, fitted);
  LanczosOptions options;
  options.wanted =
      static_cast<uint32_t>(std::clamp<int64_t>(matrix.fitted() - 1, 1, setup_.options.components));
  options.block = options.wanted + kExtraColumns;
  options.most_products = setup_.options.max_passes;
  options.tolerance = setup_.options.tolerance;
  CheckSizes(run, matrix, options);
  run.progress.Start(id(), 0, "passes over the calls");
  const auto product = [&](const Eigen::MatrixXd& block) {
    run.progress.Add(1);
    return matrix.GramTimes(block);
  };
  Eigenpairs found = LargestEigenpairs(matrix.fitted(), product, options);
  Manifest manifest = NewManifest(*this, keys);
  DropNull(found);
  if (found.values.size() < setup_.options.components) {
    manifest.warnings.push_back(fmt::format("pca: {} founders have {} components, not {}",
                                            matrix.fitted(), found.values.size(),
                                            setup_.options.components));
    run.log.Warn("{}", manifest.warnings.back());
  }
  if ((found.errors.array() > options.tolerance * found.values.array()).any()) {
    manifest.warnings.push_back(
        fmt::format("principal components did not converge in {} passes: see ERROR in "
                    "pca_eigenvalues.tsv, or raise pca.max_passes",
                    found.products));
    run.log.Warn("{}", manifest.warnings.back());
  }
  // X' u / variants / lambda: scores on these are u for whoever was fitted.
  auto projection = matrix.Project(found.vectors);
  const auto m = static_cast<double>(matrix.variants());
  Eigen::MatrixXd loadings = projection.loadings, scores = projection.scores;
  for (int64_t k = 0; k < found.values.size(); ++k) {
    loadings.col(k) /= m * found.values[k];
    scores.col(k) /= m * found.values[k];
  }
  for (int64_t s = 0, row = 0; s < scores.rows(); ++s) {
    if (fitted[static_cast<size_t>(s)] != 0) scores.row(s) = found.vectors.row(row++);
  }
  FixSigns(projection, scores, loadings);
  auto shard = run.store.BeginShard(kPcaKind, keys.self, 0);
  H5Writer& file = shard->file();
  file.WriteTable("/eigenvalues",
                  Eigenvalues(found, matrix.trace(), Shrinkage(found, matrix.trace(), product)));
  WriteMatrix(file, "/scores", scores);
  WriteMatrix(file, "/loadings", loadings);
  file.Write("/fitted", std::span<const uint8_t>(fitted));
  file.Write("/call_rate", std::span<const double>(projection.call_rate));
  file.Write("/frequency", std::span<const double>(projection.frequency));
  file.WriteVariants("/variants", VariantsOf(run.store, calls));
  file.Attribute("/", "variants", static_cast<int64_t>(matrix.variants()));
  file.Attribute("/", "fitted", matrix.fitted());
  file.Attribute("/", "passes", int64_t{found.products});
  const auto founders = static_cast<int64_t>(
      std::count(setup_.cohort->founders.begin(), setup_.cohort->founders.end(), uint8_t{1}));
  run.log.Info("pca: {} of {} founders, {} variants, {} passes", matrix.fitted(), founders,
               matrix.variants(), found.products);
  if (5 * matrix.fitted() < 4 * founders) {
    manifest.warnings.push_back(
        fmt::format("pca: {} of {} founders are fitted, the others are related, or look so by "
                    "chance, or were removed by QC",
                    matrix.fitted(), founders));
    run.log.Warn("{}", manifest.warnings.back());
  }
  manifest.shards.push_back(shard->Commit(0));
  run.store.Seal(manifest);
  run.progress.Finish();
}

void WriteMatrix(H5Writer& file, const char* path, const Eigen::MatrixXd& matrix) {
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = matrix;
  file.WriteMatrix(path, {rows.data(), static_cast<size_t>(rows.size())},
                   static_cast<size_t>(rows.rows()), static_cast<size_t>(rows.cols()));
}

Table PcaTable(const ArtifactStore& store, const Manifest& pca, const Cohort& cohort,
               const std::vector<uint8_t>& kept, double outlier_sd) {
  const H5Reader file = store.Open(pca, 0);
  size_t rows = 0, columns = 0;
  const std::vector<double> scores = file.ReadMatrix("/scores", rows, columns);
  const std::vector<uint8_t> fitted = file.ReadU8("/fitted");
  const std::vector<double> rates = file.ReadF64("/call_rate");
  const bool any_fitted = std::find(fitted.begin(), fitted.end(), 1) != fitted.end();
  const std::vector<double> far =
      DistancesInSd(scores, columns, any_fitted ? fitted : kept,
                    outlier_sd > 0 ? outlier_sd : std::numeric_limits<double>::infinity());
  const std::vector<std::string> families = cohort.FamilyIds();
  Table::Strings fid, iid, is_fitted, outlier;
  std::vector<Table::Doubles> values(columns);
  Table::Doubles call_rate, distance;
  for (uint32_t s = 0; s < rows; ++s) {
    if (kept[s] == 0) continue;
    fid.push_back(families[s]);
    iid.push_back(cohort.samples->iid(s));
    call_rate.push_back(rates[s]);
    is_fitted.emplace_back(fitted[s] != 0 ? "yes" : "no");
    distance.push_back(far[s]);
    const bool judged = outlier_sd > 0 && !std::isnan(far[s]);
    outlier.emplace_back(!judged ? "NA" : far[s] > outlier_sd ? "yes" : "no");
    for (size_t k = 0; k < columns; ++k) values[k].push_back(scores[s * columns + k]);
  }
  Table table;
  table.Add("FID", std::move(fid));
  table.Add("IID", std::move(iid));
  for (size_t k = 0; k < columns; ++k) table.Add(fmt::format("PC{}", k + 1), std::move(values[k]));
  table.Add("FITTED", std::move(is_fitted));
  table.Add("CALL_RATE", std::move(call_rate));
  table.Add("DISTANCE_SD", std::move(distance));
  table.Add("OUTLIER", std::move(outlier));
  return table;
}

Table EigenvaluesTable(const ArtifactStore& store, const Manifest& pca) {
  return store.Open(pca, 0).ReadTable("/eigenvalues");
}

}  // namespace kinflow::pca
