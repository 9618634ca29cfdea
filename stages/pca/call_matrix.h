#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/graph/run_context.h"
#include "pipeline/kernels/call_values.h"

namespace kinflow::pca {

/// The calls of an artifact "kinship_calls" as a matrix X of people x variants, each variant
/// centred and scaled by what it is among the fitted people: (copies - 2 p) / sqrt(2 p (1 - p)), 0
/// for missing calls (Price et al. 2006). Variants that do not vary are zero and not counted.
/// Nothing but one piece of variants has to be in memory; what the budget holds is kept. Sums run
/// in the order of pieces, words and people: equal bits for any number of threads.
class CallMatrix {
 public:
  /// By sample: share of the variants with a call. One pass over the calls.
  static std::vector<double> CallRates(const RunContext& run, const Manifest& calls,
                                       uint32_t n_samples);

  /// `fitted`: by sample. Reads everything once.
  CallMatrix(const RunContext& run, const Manifest& calls, const std::vector<uint8_t>& fitted);
  /// Nobody is fitted: `frequency` of ALT by variant is that of other people; NaN = left out. Reads
  /// nothing.
  CallMatrix(const RunContext& run, const Manifest& calls, uint32_t n_samples,
             const std::vector<double>& frequency);
  ~CallMatrix();

  int64_t fitted() const { return static_cast<int64_t>(fitted_.size()); }
  /// Variants that vary.
  uint64_t variants() const { return variants_; }
  /// Sum of all eigenvalues of X X' / variants().
  double trace() const { return trace_; }

  /// X X' / variants() times `block`, a row a fitted person.
  Eigen::MatrixXd GramTimes(const Eigen::MatrixXd& block) const;

  struct Scores {
    Eigen::MatrixXd scores;  // a row a sample: X times the loadings, scaled up for missing calls
    std::vector<double> call_rate;  // of the variants that vary, by sample
  };
  /// Everybody's scores on `loadings`, a row a variant of the artifact.
  Scores ScoresOn(const Eigen::MatrixXd& loadings) const;

  struct Projection : Scores {
    Eigen::MatrixXd loadings;  // a row a variant of the artifact, in order; 0 if it does not vary
    std::vector<double> frequency;  // of ALT among the fitted, by variant; NaN = no call
  };
  /// Loadings X' `vectors`, and everybody's scores on them.
  Projection Project(const Eigen::MatrixXd& vectors) const;

 private:
  struct Piece;
  using Block = Eigen::MatrixXf;
  /// A few columns as the kernels take them (block_products.h).
  struct Narrow {
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    explicit Narrow(const Eigen::MatrixXd& matrix);
    const float* Row(size_t i) const { return rows.row(static_cast<int64_t>(i)).data(); }
    int64_t width;
    Rows rows;
  };
  /// Scores of everybody while they are summed.
  struct Sums {
    std::vector<uint32_t> people;
    Eigen::MatrixXd scores;
    std::vector<uint64_t> called;
  };

  std::shared_ptr<const Piece> Get(size_t piece) const;
  void FindPieces();
  void Standardise();
  uint64_t AllVariants() const;
  Sums NoSums(int64_t columns) const;
  void AddPiece(const Piece& piece, const Narrow& slots, Sums& sums) const;
  Scores Scaled(Sums sums) const;
  /// Slots of the piece x columns: X' of the fitted times `rows`.
  Eigen::MatrixXd ByVariant(const Piece& piece, const Narrow& rows) const;
  /// Adds X of `people` times `slots` to `sums`, a row a person.
  static void AddByPerson(const Piece& piece, const Narrow& slots, std::span<const uint32_t> people,
                          Eigen::MatrixXd& sums);

  const RunContext& run_;
  const Manifest& calls_;
  uint32_t n_samples_;
  std::vector<uint32_t> fitted_;                // samples
  std::vector<std::unique_ptr<Piece>> places_;  // every piece, without its calls
  mutable std::vector<std::shared_ptr<const Piece>> kept_;
  bool keeps_all_ = false;
  uint64_t variants_ = 0;
  double trace_ = 0;
};

}  // namespace kinflow::pca
