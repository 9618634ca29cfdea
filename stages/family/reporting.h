#pragma once

#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/model.h"
#include "stages/family/nested.h"
#include "stages/family/people.h"

namespace kinflow::family {

// Pieces of the result rows that every kind of model fills in the same way.

RowKey KeyOf(const ModelSpec& spec, size_t model);
/// "joint/trio/adhd", for warnings; of an analysis of several outcomes "joint/trio/scl_m6/adhd".
std::string NameOf(const RowKey& key);

/// What the coefficient of a member's score means: "total" if the formula has scores of this member
/// only, in products and functions too, else "direct" for the person whose outcome it is and
/// "indirect" for the others; "NA" for other roles, outside family designs and of a score as the
/// outcome.
std::string EffectOf(const Formula& formula, const ModelFrame& frame, const std::string& role);

/// The account of rows, with AddPeople and, of an outcome of two values, AddSides.
void AddCounts(const RowKey& key, const ModelFrame& frame, const Formula& formula,
               const RowSelection& selection, std::vector<CountRow>& out);

/// How many people the rows of a model are of, where somebody has several: without it, each row is
/// somebody.
void AddPeople(const RowKey& key, const People& people, std::vector<CountRow>& out);

/// `position` of a design column: -1 = aliased. Throws kNoEstimableTerm if no score, or in the full
/// model no term at all, can be estimated.
void CheckEstimable(const ModelSpec& spec, const ModelFrame& frame, const Formula& formula,
                    const Design& design, const std::vector<int64_t>& position);
/// Faults of a spec for kinds of models that test no coefficients: a cluster (`cluster_remedy` says
/// what to do instead), steps, contrasts.
std::vector<Error> RefuseTests(const ModelSpec& spec, const std::string& kind, bool clustered,
                               const std::string& cluster_remedy);
/// Faults of keys that mixed models alone read: df: kr, random_tests.
std::vector<Error> RefuseMixedKeys(const ModelSpec& spec, const std::string& kind);
/// A fault if a spec names covariances, for kinds of models with errors of their own.
std::vector<Error> RefuseCovariances(const ModelSpec& spec, const std::string& kind);
/// A warning a column whose position is -1.
void WarnOfAliased(const RowKey& key, const Formula& formula, const Design& design,
                   const std::vector<int64_t>& position, std::vector<std::string>& warnings);

/// A warning if errors of the covariance `vcov` are clustered and rest on fewer than 20 clusters
/// (0: the rows have none).
void WarnOfFewClusters(const RowKey& key, const std::string& vcov, size_t clusters,
                       size_t parameters, std::vector<std::string>& warnings);

/// The row of design column `c`: what it is, without its numbers.
EstimateRow CoefficientRow(const RowKey& key, const ModelSpec& spec, const ModelFrame& frame,
                           const Formula& formula, const Design& design, size_t c);

/// The row of a tested pair, without the test; `full` is the design of the larger model.
ComparisonRow PairRow(const ModelSpec& spec, const StepPlan::Pair& pair, const Design& full);
/// Columns of the larger model's design whose terms the smaller one lacks.
std::vector<size_t> AddedColumns(const ModelSpec& spec, const StepPlan::Pair& pair,
                                 const Formula& full, const Design& design);
void AddTest(ComparisonRow row, const std::string& test, const TestResult& result,
             std::vector<ComparisonRow>& out);

/// Design columns of the coefficients a contrast names. Throws kConfigReference.
std::vector<size_t> ColumnsOf(const LinearCombination& contrast, const Design& design);

/// p values and confidence limits of rows whose estimate, std_error and statistic are set. Rows in
/// turn often have the same degrees of freedom: their quantile is kept.
class Inference {
 public:
  explicit Inference(const ModelSpec& spec) : spec_(spec) {}
  const ModelSpec& spec() const { return spec_; }
  void operator()(double df, EstimateRow& row);
  void operator()(double df, ContrastRow& row);

 private:
  template <class Row>
  void Fill(double df, Row& row);
  double Quantile(double df);

  const ModelSpec& spec_;
  double df_ = kNa, quantile_ = kNa;
};

void Infer(const ModelSpec& spec, double df, EstimateRow& row);
void Infer(const ModelSpec& spec, double df, ContrastRow& row);
/// The row of a contrast of design columns `columns` of model `model`.
ContrastRow ContrastRowOf(Inference& infer, size_t model, const LinearCombination& contrast,
                          const std::string& se_type, const LinearResult& result,
                          const Design& design, const std::vector<size_t>& columns);
ContrastRow ContrastRowOf(const ModelSpec& spec, size_t model, const LinearCombination& contrast,
                          const std::string& se_type, const LinearResult& result,
                          const Design& design, const std::vector<size_t>& columns);

}  // namespace kinflow::family
