#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/scores/adjust/ancestry_fit.h"
#include "stages/scores/adjust/ancestry_panel.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

/// Where the people of the cohort lie, and the panel they are compared with.
struct AncestryInput {
  std::vector<std::vector<double>> pcs;  // by component, by sample; NaN = unknown
  std::vector<std::string> group;        // most similar population by sample, "NA" = unknown; empty
  std::optional<AncestryPanel> panel;    // else the cohort's people of fit_on
};

/// The columns PC1 ... and group of a table with one row a sample.
AncestryInput PlacesOf(const Table& columns, const AncestryOptions& options);

/// A score against people of similar ancestry, by sample; NaN where it cannot be said.
struct AncestryScores {
  std::vector<double> percentile, z_pop;  // among the training people of the same population
  std::vector<double> z_norm1, z_norm2;   // against what principal components lead to expect
  bool settled = true;                    // the fit of z_norm2; if not, all of it is NaN
};
/// Columns of AncestryScores in tables: "PERCENTILE_POP", "Z_POP", "Z_NORM1", "Z_NORM2".
std::vector<std::pair<std::string, const std::vector<double>*>> ColumnsOf(
    const AncestryScores& scores);

/// Normalises scores by ancestry, one after the other; keeps the account of the models.
class AncestryNormaliser {
 public:
  /// Both must outlive it.
  AncestryNormaliser(const AncestryOptions& options, const AncestryInput& input,
                     const Cohort& cohort);

  /// Throws kColumnMissing as a fault of this score (the panel lacks it), and what FitAncestry
  /// throws.
  AncestryScores Of(const std::vector<double>& values, const std::string& score);

  /// SCORE MODEL TERM N ESTIMATE SD: "ols" and "mean", "log_variance" (coefficients of standardised
  /// PCs on the centred score; SD of the residuals with the intercept of ols), "nll", and
  /// "population" (mean and SD by label).
  Table Models() const;
  std::vector<std::string> warnings() const { return warnings_; }

 private:
  struct Training {
    std::vector<double> y;
    std::vector<std::vector<double>> pcs;
    std::vector<std::string> group;
  };
  Training TrainingOf(const std::vector<double>& values, const std::string& score) const;
  void Tell(const std::string& score, const AncestryFit& fit);
  /// People of populations that the training people lack, told once for all scores.
  void TellStrangers(const std::map<std::string, uint64_t>& people_by_label);

  const AncestryOptions& options_;
  const AncestryInput& input_;
  std::vector<uint32_t> fit_on_;
  std::vector<std::string> warnings_;
  struct {
    Table::Strings score, model, term;
    Table::Ints n;
    Table::Doubles estimate, sd;
  } models_;
};

}  // namespace kinflow
