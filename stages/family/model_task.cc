#include "stages/family/model_task.h"

#include <exception>
#include <new>

#include "stages/family/reporting.h"

namespace kinflow::family {
namespace {

Results AllFailed(const ModelSpec& spec, const std::string& kind, const std::string& what) {
  const Error error =
      Error(ErrorId::kInternal, what).Remedy("please report this; other analyses are as they were");
  Results out;
  for (size_t i = 0; i < spec.plan.models.size(); ++i) {
    out.Fail(KeyOf(spec, i), kind, spec.formula.Keep(spec.plan.models[i].keep).Text(), error);
  }
  return out;
}

}  // namespace

Results FitAsTask(const Model& model, const ModelFrame& frame, const ModelSpec& spec,
                  const std::string& kind) {
  try {
    return model.Fit(frame, spec);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const Error& error) {
    if (error.id() != ErrorId::kInternal) throw;
    return AllFailed(spec, kind, error.OneLine());
  } catch (const std::exception& fault) {
    return AllFailed(spec, kind, fault.what());
  }
}

}  // namespace kinflow::family
