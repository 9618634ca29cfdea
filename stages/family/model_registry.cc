#include <algorithm>
#include <array>

#include "pipeline/base/text.h"
#include "stages/family/model.h"
#include "stages/family/models/family_reml_model.h"
#include "stages/family/models/gee_model.h"
#include "stages/family/models/group_waves_model.h"
#include "stages/family/models/groups_model.h"
#include "stages/family/models/lmm_model.h"
#include "stages/family/models/logit_model.h"
#include "stages/family/models/mediation_model.h"
#include "stages/family/models/ols_by_wave_model.h"
#include "stages/family/models/ols_model.h"
#include "stages/family/models/ordinal_model.h"
#include "stages/family/models/ptdt_model.h"
#include "stages/family/models/sem_model.h"
#include "stages/family/models/spatial_model.h"
#include "stages/family/vcov.h"

namespace kinflow::family {
namespace {

constexpr std::array<ModelEntry, 14> kEntries{
    {{"ols", "least squares; const, HC0-HC3 and CR0-CR3 standard errors", &MakeOls},
     {"ols_by_wave", "least squares at each wave, and whether effects are equal at all of them",
      &MakeOlsByWave},
     {"lmm", "linear mixed model; REML or ML, Satterthwaite degrees of freedom", &MakeLmm},
     {"family_reml",
      "population, direct and indirect effects of a score, siblings and relatives alike by REML",
      &MakeFamilyReml},
     {"logit", "logistic regression; model, HC and CR standard errors, Firth's penalty",
      &MakeLogit},
     {"ordinal", "ordinal regression, logit or probit; model, HC0, CR0 and CR1 standard errors",
      &MakeOrdinal},
     {"gee", "estimating equations with a working correlation; robust standard errors", &MakeGee},
     {"sem", "path models with factors, by full-information maximum likelihood", &MakeSem},
     {"riclpm", "random-intercept cross-lagged panel models and their variants", &MakeRiclpm},
     {"spatial", "areas: autocorrelation of their means and effects between neighbours",
      &MakeSpatial},
     {"groups", "comparison of groups by one factor: means, shares, pairs", &MakeGroups},
     {"group_waves", "groups of people over waves: cell means, changes, mixed analysis of variance",
      &MakeGroupWaves},
     {"mediation", "indirect effects through a mediator: Sobel, Aroian, delta and bootstrap errors",
      &MakeMediation},
     {"ptdt",
      "polygenic transmission disequilibrium: scores of cases and their siblings against those of "
      "their parents",
      &MakePtdt}}};

}  // namespace

std::vector<std::string> ModelSpec::Columns() const {
  auto columns = formula.Columns();
  for (const auto& name : options.Columns()) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  }
  return columns;
}

std::span<const ModelEntry> ModelEntries() { return kEntries; }

std::unique_ptr<Model> MakeModel(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& entry : kEntries) {
    if (entry.name == name) return entry.make();
    names.emplace_back(entry.name);
  }
  std::string known;
  for (const auto& n : names) known += (known.empty() ? "" : ", ") + n;
  const std::string near = NearestWord(name, names);
  throw Error(ErrorId::kConfigReference, "no model of this name")
      .Field("model")
      .Value(name)
      .Remedy((near.empty() ? "" : "did you mean " + near + "? ") + "known models: " + known);
}

std::vector<std::string> CovarianceNames() {
  std::vector<std::string> names = VcovNames();
  names.insert(names.begin(), {"model", "robust"});
  return names;
}

std::vector<std::string> CovariancesOf(const Model& model, const std::vector<std::string>& given,
                                       const Formula& formula, bool clustered,
                                       const ModelOptions& options) {
  if (!given.empty()) return given;
  if (!formula.random.empty()) return {"model"};
  return model.DefaultVcov(clustered, options);
}

std::string FormulaOfColumns(const std::vector<std::string>& columns) {
  std::string text;
  for (size_t c = 0; c < columns.size(); ++c) {
    text += (c == 0 ? "" : c == 1 ? " ~ " : " + ") + ("`" + columns[c] + "`");
  }
  return columns.size() == 1 ? text + " ~ 1" : text;
}

bool IsModelFault(ErrorId id) { return id >= ErrorId::kModelFailed && id <= ErrorId::kTooFewRows; }

}  // namespace kinflow::family
