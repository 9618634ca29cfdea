#include "stages/scores/adjust/adjust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "pipeline/base/error.h"
#include "stages/family/model.h"
#include "stages/scores/adjust/composite.h"
#include "stages/scores/adjust/residuals.h"
#include "stages/scores/adjust/tables.h"
#include "stages/scores/score_tables.h"

namespace kinflow {
namespace {

class Adjuster {
 public:
  Adjuster(const AdjustOptions& options, const Covariates* covariates, const Cohort& cohort,
           const AncestryInput* ancestry)
      : options_(options),
        covariates_(covariates),
        cohort_(cohort),
        scale_on_(SamplesOf(cohort, options.scale_on)) {
    if (ancestry != nullptr) normaliser_.emplace(options.ancestry, *ancestry, cohort);
    if (covariates == nullptr) return;
    residualiser_.emplace(options.residuals, *covariates, cohort);
    out_.dropped.assign(cohort.samples->size(), "NA");
  }

  AdjustedScores Go(const family::ScoreColumns& sums) {
    for (size_t i = 0; i < sums.names.size(); ++i) {
      Try({sums.names[i], "score"}, [&](ScoreAccount& account) {
        std::vector<double> values = sums.values[i];
        if (normaliser_) values = Normalise(sums.values[i], account.score);
        account.map = LinearMap::Of(account.score);
        return residualiser_ ? TakeOut(values, account) : values;
      });
    }
    for (const CompositeOptions& composite : options_.composites) {
      Try({composite.name, "composite"}, [&](ScoreAccount& account) {
        Composite fitted = FitComposite(composite, made_, cohort_);
        tables_.Add(composite, fitted);
        account.map = LinearMap::Of(composite, fitted, maps_);
        Append(fitted.warnings);
        return std::move(fitted.values);
      });
    }
    Scale();
    if (residualiser_) Append(CovariateWarnings(accounts_));
    if (normaliser_) {
      Append(normaliser_->warnings());
      out_.ancestry_models = normaliser_->Models();
    }
    out_.scores.failed = sums.failed;
    for (const ScoreAccount& account : accounts_) {
      if (account.fault) out_.scores.failed.push_back(account.score);
    }
    out_.adjustment = AdjustmentTable(accounts_, options_);
    out_.composites = tables_.Loadings();
    out_.components = tables_.Components();
    return std::move(out_);
  }

 private:
  /// Makes one more column; a fault of it is kept in its account.
  void Try(ScoreAccount account,
           const std::function<std::vector<double>(ScoreAccount&)>& make_values) {
    try {
      std::vector<double> values = make_values(account);
      account.n = std::count_if(values.begin(), values.end(), [](double v) { return v == v; });
      made_.names.push_back(account.score);
      made_.values.push_back(std::move(values));
      maps_.push_back(account.map);
    } catch (const Error& error) {
      if (!family::IsModelFault(error.id())) throw;
      account.fault = error;
    }
    accounts_.push_back(std::move(account));
  }

  /// The column that analyses take; `sums` themselves with use: none.
  std::vector<double> Normalise(const std::vector<double>& sums, const std::string& score) {
    AncestryScores scores = normaliser_->Of(sums, score);
    const bool settled = scores.settled;
    using Use = AncestryOptions::Use;
    const Use use = options_.ancestry.use;
    std::vector<double> values = use == Use::kZPop     ? scores.z_pop
                                 : use == Use::kZNorm1 ? scores.z_norm1
                                 : use == Use::kZNorm2 ? scores.z_norm2
                                                       : sums;
    out_.ancestry_names.push_back(score);
    out_.ancestry.push_back(std::move(scores));
    if (use == Use::kZNorm2 && !settled) {
      throw Error(ErrorId::kModelFailed,
                  fmt::format("score {}: the variance by principal components did not settle, so "
                              "there is no Z_NORM2 to use",
                              score))
          .Field("scores.adjust.ancestry.use")
          .Remedy("use: z_norm1, fewer principal components, or more people to fit on");
    }
    return values;
  }

  std::vector<double> TakeOut(const std::vector<double>& sums, ScoreAccount& account) {
    Residuals residuals = residualiser_->Of(sums, account.score);
    for (size_t i = 0; i < sums.size(); ++i) {
      if (std::isnan(sums[i]) || !std::isnan(residuals.values[i])) continue;
      out_.dropped[i] = covariates_->complete()[i] != 0 ? "alone_in_group" : "covariate_missing";
    }
    account.n_dropped = residuals.n_dropped;
    account.n_coefficients = residuals.n_coefficients;
    account.r2 = residuals.r2;
    account.collinear = std::move(residuals.collinear);
    return std::move(residuals.values);
  }

  /// One mean and SD for everybody, whatever their role. Composites were made before it.
  void Scale() {
    size_t column = 0;
    for (ScoreAccount& account : accounts_) {
      if (account.fault) continue;
      std::vector<double> values = std::move(made_.values[column++]);
      if (options_.standardise) {
        try {
          account.scale = ScaleAmong(values, scale_on_, account.score, options_.scale_on);
        } catch (const Error& error) {
          account.fault = error;
          continue;
        }
        for (double& v : values) v = (v - account.scale.mean) / account.scale.sd;
        account.map.Standardise(account.scale);
      }
      if (options_.percentiles) out_.percentiles.push_back(Percentiles(values, scale_on_));
      out_.scores.names.push_back(account.score);
      out_.scores.values.push_back(std::move(values));
      if (options_.is_linear()) out_.maps.push_back(std::move(account.map));
    }
  }

  void Append(const std::vector<std::string>& warnings) {
    out_.warnings.insert(out_.warnings.end(), warnings.begin(), warnings.end());
  }

  const AdjustOptions& options_;
  const Covariates* covariates_;
  const Cohort& cohort_;
  std::vector<uint32_t> scale_on_;
  std::optional<AncestryNormaliser> normaliser_;
  std::optional<Residualiser> residualiser_;
  family::ScoreColumns made_;    // residuals and composites, not yet standardised
  std::vector<LinearMap> maps_;  // of them
  std::vector<ScoreAccount> accounts_;
  CompositeTables tables_;
  AdjustedScores out_;
};

std::vector<double> Flat(const std::vector<std::vector<double>>& rows, size_t columns) {
  std::vector<double> out;
  out.reserve(rows.size() * columns);
  for (const auto& row : rows) out.insert(out.end(), row.begin(), row.end());
  return out;
}

std::vector<std::vector<double>> ReadRows(const H5Reader& file, std::string_view path,
                                          size_t scores) {
  size_t rows = 0, columns = 0;
  const std::vector<double> flat = file.ReadMatrix(path, rows, columns);
  if (rows != scores) {
    throw Error(ErrorId::kShardDamaged, "score matrix of another shape").InFile(file.path());
  }
  std::vector<std::vector<double>> out;
  for (size_t r = 0; r < rows; ++r) {
    const double* row = flat.data() + r * columns;
    out.emplace_back(row, row + columns);
  }
  return out;
}

std::vector<std::string> ReadNames(const H5Reader& file, std::string_view path = "/names") {
  std::vector<std::string> names;
  if (!file.Has(path)) return names;
  const StringColumn column = file.ReadStrings(path);
  for (size_t i = 0; i < column.size(); ++i) names.emplace_back(column[i]);
  return names;
}

}  // namespace

AdjustedScores Adjust(const AdjustOptions& options, const Covariates* covariates,
                      const Cohort& cohort, const family::ScoreColumns& sums,
                      const AncestryInput* ancestry) {
  return Adjuster(options, covariates, cohort, ancestry).Go(sums);
}

void WriteAdjusted(const AdjustedScores& adjusted, size_t samples, H5Writer& file) {
  const auto& scores = adjusted.scores;
  if (!scores.names.empty()) {
    file.Write("/names", scores.names);
    file.WriteMatrix("/values", Flat(scores.values, samples), scores.names.size(), samples);
    if (!adjusted.percentiles.empty()) {
      file.WriteMatrix("/percentiles", Flat(adjusted.percentiles, samples), scores.names.size(),
                       samples);
    }
  }
  if (!adjusted.dropped.empty()) file.Write("/dropped", adjusted.dropped);
  if (!adjusted.ancestry_names.empty()) {
    file.Write("/ancestry/names", adjusted.ancestry_names);
    for (size_t c = 0; c < ColumnsOf(adjusted.ancestry.front()).size(); ++c) {
      std::vector<std::vector<double>> rows;
      for (const auto& of : adjusted.ancestry) rows.push_back(*ColumnsOf(of)[c].second);
      const std::string path = "/ancestry/" + ColumnsOf(adjusted.ancestry.front())[c].first;
      file.WriteMatrix(path, Flat(rows, samples), rows.size(), samples);
    }
  }
  if (adjusted.ancestry_models.columns() > 0) {
    file.WriteTable("/ancestry_models", adjusted.ancestry_models);
  }
  if (!scores.failed.empty()) file.Write("/failed", scores.failed);
  file.WriteTable("/adjustment", adjusted.adjustment);
  file.WriteTable("/composites", adjusted.composites);
  file.WriteTable("/components", adjusted.components);
  WriteLinearMaps(adjusted.maps, file);
}

family::ScoreColumns ReadAdjusted(const ArtifactStore& store, const Manifest& adjusted) {
  const H5Reader file = store.Open(adjusted, 0);
  family::ScoreColumns scores;
  scores.names = ReadNames(file);
  scores.failed = ReadNames(file, "/failed");
  if (!scores.names.empty()) scores.values = ReadRows(file, "/values", scores.names.size());
  return scores;
}

Table AdjustedTable(const ArtifactStore& store, const Manifest& adjusted, const Cohort& cohort,
                    const std::vector<uint8_t>& kept) {
  const H5Reader file = store.Open(adjusted, 0);
  const std::vector<std::string> names = ReadNames(file);
  Table table = PeopleTable(cohort, kept);
  if (file.Has("/dropped")) {
    const std::vector<std::string> dropped = ReadNames(file, "/dropped");
    Table::Strings of_kept;
    for (size_t i = 0; i < dropped.size(); ++i) {
      if (kept[i] != 0) of_kept.push_back(dropped[i]);
    }
    table.Add("DROPPED", std::move(of_kept));
  }
  if (names.empty()) return table;
  const auto values = ReadRows(file, "/values", names.size());
  std::vector<std::vector<double>> percentiles;
  if (file.Has("/percentiles")) percentiles = ReadRows(file, "/percentiles", names.size());
  for (size_t s = 0; s < names.size(); ++s) {
    table.Add(names[s], OfKept(values[s], kept));
    if (!percentiles.empty()) {
      table.Add(names[s] + "_PERCENTILE", OfKept(percentiles[s], kept));
    }
  }
  return table;
}

Table AncestryTable(const ArtifactStore& store, const Manifest& adjusted, const Cohort& cohort,
                    const std::vector<uint8_t>& kept) {
  const H5Reader file = store.Open(adjusted, 0);
  const std::vector<std::string> names = ReadNames(file, "/ancestry/names");
  Table table = PeopleTable(cohort, kept);
  std::vector<std::pair<std::string, std::vector<std::vector<double>>>> columns;
  for (const auto& [name, unused] : ColumnsOf({})) {
    if (!names.empty())
      columns.emplace_back(name, ReadRows(file, "/ancestry/" + name, names.size()));
  }
  for (size_t s = 0; s < names.size(); ++s) {
    for (const auto& [name, rows] : columns) {
      table.Add(names[s] + "_" + name, OfKept(rows[s], kept));
    }
  }
  return table;
}

}  // namespace kinflow
