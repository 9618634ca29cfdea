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
    return CheckMixed(spec, "lmm", clustered);
  }

  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {kMixedErrors};
  }
};

}  // namespace

std::unique_ptr<Model> MakeLmm() { return std::make_unique<LmmModel>(); }

}  // namespace kinflow::family
