#include "stages/family/models/lmm_model.h"

#include "stages/family/mixed/mixed_run.h"

namespace kinflow::family {
namespace {

class LmmModel : public Model {
 public:
  Results Fit(const ModelFrame& frame, const ModelSpec& spec) const override {
    return RunMixed(frame, spec, "lmm");
  }

  std::vector<Error> Check(const ModelSpec& spec, bool clustered) const override {
    auto errors = CheckMixed(spec, "lmm", clustered);
    if (spec.random_tests && !spec.formula.random.empty() && !TestsRandomEffects(spec.formula)) {
      errors.push_back(NothingToTest(spec.formula));
    }
    return errors;
  }

  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kMixedErrors};
  }
};

}  // namespace

std::unique_ptr<Model> MakeLmm() { return std::make_unique<LmmModel>(); }

}  // namespace kinflow::family
