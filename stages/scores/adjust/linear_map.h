#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/store/h5_file.h"
#include "stages/family/trio_frame.h"
#include "stages/scores/adjust/options.h"

namespace kinflow {

struct Composite;
struct ReferenceScale;

/// A score as a linear function of sums that is the same for everybody: offset + sum of weight x
/// sum. It holds for sums that nobody's covariates belong to: of imputed parents, and of parts.
struct LinearMap {
  std::string score;
  double offset = 0;
  std::map<std::string, double> weights;  // by the name of the sum

  /// The sum itself.
  static LinearMap Of(const std::string& sum) { return {sum, 0, {{sum, 1}}}; }
  /// `made`: those of the scores that it is made of.
  static LinearMap Of(const CompositeOptions& options, const Composite& composite,
                      const std::vector<LinearMap>& made);
  void Standardise(const ReferenceScale& scale);
};

using ScoresByChild = decltype(family::ScoreColumns::by_child);

/// Of sums by child the scores by child. Alleles passed on and not have half the offset each, so
/// that the two of a parent add up to the parent's score, and those that both parents passed on to
/// the child's. A score has the members that all its sums have.
ScoresByChild MappedByChild(const std::vector<LinearMap>& maps, const ScoresByChild& sums);

/// The table /linear, a row a score and sum: SCORE OFFSET SUM WEIGHT; nothing without maps.
void WriteLinearMaps(const std::vector<LinearMap>& maps, H5Writer& file);
std::vector<LinearMap> ReadLinearMaps(const H5Reader& file);

}  // namespace kinflow
