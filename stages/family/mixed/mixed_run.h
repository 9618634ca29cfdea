#pragma once

#include <functional>
#include <optional>
#include <string>

#include "stages/family/mixed/kenward_roger.h"
#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/model.h"
#include "stages/family/step_fits.h"

namespace kinflow::family {

/// One of the nested mixed models of a spec.
struct MixedStep {
  Formula formula;
  RowSelection selection;
  Design design;
  RandomDesign random;
  MixedFit fit;
  std::optional<KenwardRoger> kenward_roger;  // if asked for; REML fits only

  /// With Kenward and Roger's degrees of freedom if they are there, else Satterthwaite's.
  LinearResult Contrast(const std::vector<size_t>& columns,
                        const std::vector<double>& weights) const {
    return kenward_roger ? kenward_roger->Contrast(columns, weights)
                         : MixedContrast(fit, columns, weights);
  }
};

/// Sees the fits when all rows are written, to add rows of its own.
using AfterMixed = std::function<void(const StepFits<MixedStep>&, Results&)>;

/// The nested mixed models of a spec with their coefficients (Satterthwaite's tests), variances,
/// tests of pairs (ML) and of random effects, and contrasts. `kind`: name in the registry.
Results RunMixed(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                 const AfterMixed& after = {});

/// Tests of a model by how much -2 ln L falls with `parameters` more variances and covariances, one
/// variance at its bound without them: by chi-square, and by the mixture, which is missing if there
/// are more such `variances`. Adds copies of `row`.
void AddVarianceTest(const ComparisonRow& row, double fall, size_t parameters,
                     std::vector<ComparisonRow>& out, size_t variances = 1);

/// True if some random effect can be taken out and leave another.
bool TestsRandomEffects(const Formula& formula);
/// The fault of random_tests where there is no such effect.
Error NothingToTest(const Formula& formula);

/// Faults of a spec that need no data.
std::vector<Error> CheckMixed(const ModelSpec& spec, const std::string& kind, bool clustered);

/// The one name in ModelSpec::vcov: errors that rest on the model.
inline constexpr const char* kMixedErrors = "model";
/// What stands in its place in results if they are adjusted.
inline constexpr const char* kKenwardRoger = "kenward-roger";

}  // namespace kinflow::family
