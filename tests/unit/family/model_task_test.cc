// A fault of the program in one model fails this model alone, and out of memory the run.
#include "stages/family/model_task.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>

#include "pipeline/base/error.h"

namespace kinflow::family::test {
namespace {

class Throwing : public Model {
 public:
  explicit Throwing(std::function<void()> act) : act_(std::move(act)) {}
  Results Fit(const ModelFrame& /*frame*/, const ModelSpec& /*spec*/) const override {
    act_();
    return {};
  }
  std::vector<Error> Check(const ModelSpec& /*spec*/, bool /*clustered*/) const override {
    return {};
  }
  std::vector<std::string> DefaultVcov(bool /*clustered*/,
                                       const ModelOptions& /*options*/) const override {
    return {};
  }

 private:
  std::function<void()> act_;
};

Results FitThat(const std::function<void()>& act) {
  ModelFrame frame;
  ModelSpec spec;
  spec.analysis_id = "joint";
  spec.formula = ParseFormula("y ~ x");
  spec.plan = PlanSteps(spec.formula, frame, {});
  return FitAsTask(Throwing(act), frame, spec, "ols");
}

TEST(ModelTask, FaultsOfTheProgramFailTheModel) {
  const std::function<void()> faults[] = {
      [] { throw std::overflow_error("quantile: overflow"); },
      [] { throw Error(ErrorId::kInternal, "quantile: overflow"); }};
  for (const auto& fault : faults) {
    const Results results = FitThat(fault);
    ASSERT_EQ(results.models.size(), 1u);
    EXPECT_EQ(results.models[0].status, "failed");
    EXPECT_EQ(results.models[0].error_id, "E7001");
    EXPECT_EQ(results.models[0].message, "quantile: overflow");
    EXPECT_EQ(results.models[0].model, "ols");
    EXPECT_EQ(results.models[0].key.analysis_id, "joint");
    ASSERT_EQ(results.failures.size(), 1u);
    EXPECT_EQ(results.failures[0].exit_code(), ExitCode::kInternal);
  }
  EXPECT_TRUE(FitThat([] {}).failures.empty());
}

TEST(ModelTask, OtherFaultsGoOn) {
  EXPECT_THROW(FitThat([] { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_THROW(FitThat([] { throw Error(ErrorId::kConfigReference, "no such column"); }), Error);
}

}  // namespace
}  // namespace kinflow::family::test
