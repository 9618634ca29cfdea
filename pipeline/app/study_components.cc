#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "pipeline/app/study.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/kinship/calls_stage.h"
#include "stages/pca/loadings.h"
#include "stages/pca/loadings_variants.h"
#include "stages/pca/pca_stage.h"
#include "stages/pca/projection_stage.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/scores/adjust/ancestry_panel.h"

namespace kinflow {

/// Components are as many as the loadings have, if people are projected on some.
void Study::SettlePca() {
  pca_ = pca::PcaOptions::FromConfig(config_.At("pca"));
  if (!pca_.reference.empty()) pca_.reference = JoinPath(base_, pca_.reference);
  if (!pca_.projects()) return;
  pca_.project = JoinPath(base_, pca_.project);
  pca_.components = std::min(pca_.components, pca::LoadingsComponents(pca_.project));
}

/// Principal components of those who are not related, or everybody on those of other people.
void Study::AddPcaStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!pca_.compute) return;
  const std::string qc = has_qc() ? "qc" : "";
  if (!pca_.projects()) {
    stages.push_back(std::make_unique<pca::PcaStage>(pca::PcaStage::Setup{cohort_, qc, pca_}));
    return;
  }
  const Digest loadings = digests_->DigestOf(pca_.project);
  // Where people are filtered by their ancestry, it is told before they are.
  stages.push_back(std::make_unique<pca::LoadingsVariantsStage>(
      pca::LoadingsVariantsStage::Setup{qc_.het_by_ancestry ? "qc_variants" : qc, loadings, pca_}));
  kinship::CallsStage::Setup calls;
  calls.id = "pca_calls";
  calls.scan = {ScanSource()};
  calls.inputs = ScanStages();
  calls.variants_from = std::string(pca::kLoadingsVariantsKind);
  calls.n_samples = cohort_->samples->size();
  calls.options = kinship_;
  if (!has_store_) calls.files = GenotypeFiles();
  stages.push_back(std::make_unique<kinship::CallsStage>(std::move(calls)));
  pca::ProjectionStage::Setup projection{cohort_, pca_, loadings, std::nullopt};
  if (!pca_.reference.empty()) projection.reference = digests_->DigestOf(pca_.reference);
  stages.push_back(std::make_unique<pca::ProjectionStage>(std::move(projection)));
}

void Study::AddPcaProducts(std::vector<Product>& products) const {
  if (!pca_.compute) return;
  products.push_back({"pca",
                      {"pca", "qc"},
                      true,
                      [this](const ArtifactStore& store, const Manifests& m) {
                        return pca::PcaTable(store, m[0], *cohort_, Kept(store, m),
                                             pca_.outlier_sd);
                      },
                      {},
                      true,
                      fmt::format("outlier_sd {:g}", pca_.outlier_sd)});
  products.push_back({"pca_eigenvalues", {"pca"}, false, OfFirst(pca::EigenvaluesTable), {}});
  if (!pca_.projects()) {
    products.push_back({"pca_loadings.h5", {"pca"}, true, {}, OfFirst(pca::WriteLoadings)});
  }
  if (pca_.reference.empty()) return;
  products.push_back({"pca_ancestry",
                      {"pca", "qc"},
                      true,
                      [this](const ArtifactStore& store, const Manifests& m) {
                        return pca::AncestryTable(store, m[0], *cohort_, Kept(store, m));
                      },
                      {},
                      true});
}

void Study::CheckPca() {
  if (qc_.het_by_ancestry && pca_.reference.empty()) {
    faults_.push_back(Error(ErrorId::kMissingKey,
                            "people are to be judged within their ancestry, but nothing tells it")
                          .Field("qc.sample.het_within")
                          .Remedy("name the loadings of a reference under pca.project and its "
                                  "groups under pca.reference.file"));
  }
  if (pca_.projects() && !pca_.reference.empty()) {
    try {
      ReadAncestryPanel(pca_.reference, std::min(pca_.reference_components, pca_.components),
                        pca_.group, {}, "pca.reference.file");
    } catch (const Error& fault) {
      faults_.push_back(fault);
    }
  }
  if (!pca_.compute || pca_.projects() || kinship_.min_kinship <= pca_.max_kinship) return;
  faults_.push_back(
      Error(ErrorId::kConfigRange, "relatives that are not listed would be fitted")
          .Field("kinship.min_kinship")
          .Value(fmt::format("{:g}, pca.max_kinship {:g}", kinship_.min_kinship, pca_.max_kinship))
          .Remedy("lower kinship.min_kinship (--min-kinship) to pca.max_kinship (--max-kinship)"));
}

/// Names of the principal components that the run computes; they stand among the columns of
/// phenotypes from the start, and get their values when they are known.
std::vector<std::string> Study::ComponentNames() const {
  std::vector<std::string> names;
  for (uint32_t k = 1; pca_.compute && k <= pca_.components; ++k) {
    names.push_back(fmt::format("PC{}", k));
  }
  return names;
}

/// True if options (JSON) name a component of this run. A longer name that holds one only makes a
/// stage wait for the components.
bool Study::UsesComponents(const std::string& options) const {
  return std::any_of(own_components_.begin(), own_components_.end(), [&](const std::string& name) {
    return options.find(name) != std::string::npos;
  });
}

/// What scores are adjusted by, of these columns.
AdjustInputs Study::AdjustInputsOf(const family::PersonColumns& persons) const {
  AdjustInputs inputs;
  const AdjustOptions& adjust = scores_.adjust;
  if (!adjust.residuals.terms.empty()) {
    inputs.covariates =
        std::make_shared<const Covariates>(adjust.residuals.terms, *cohort_, persons);
  }
  if (ancestry_ == nullptr) return inputs;
  auto ancestry =
      std::make_shared<AncestryInput>(PlacesOf(AncestryPlaces(persons).columns(), adjust.ancestry));
  ancestry->panel = ancestry_->panel;
  inputs.ancestry = std::move(ancestry);
  return inputs;
}

/// The columns of the phenotype tables with the components that were computed.
family::PersonColumns Study::WithComponents(const RunContext& run, const Digest& pca_key) const {
  const auto manifest = run.store.Find(pca::kPcaKind, pca_key);
  if (!manifest) throw Error(ErrorId::kInternal, "the components are not sealed");
  size_t samples = 0, components = 0;
  const std::vector<double> scores =
      run.store.Open(*manifest, 0).ReadMatrix("/scores", samples, components);
  family::PersonColumns persons = *persons_;
  Table columns;
  for (size_t c = 0; c < persons_->columns.columns(); ++c) {
    const std::string& name = persons_->columns.name(c);
    const auto own = std::find(own_components_.begin(), own_components_.end(), name);
    if (own == own_components_.end()) {
      columns.Add(name, persons_->columns.column(c));
      continue;
    }
    const auto k = static_cast<size_t>(own - own_components_.begin());
    Table::Doubles values(persons.iid.size(), std::numeric_limits<double>::quiet_NaN());
    for (size_t row = 0; row < values.size() && k < components; ++row) {
      const uint32_t sample = cohort_->samples->Find(persons.iid[row]);
      if (sample != SampleTable::kAbsent) values[row] = scores[sample * components + k];
    }
    columns.Add(name, std::move(values));
  }
  persons.columns = std::move(columns);
  return persons;
}

/// Advice where a component is named that is nowhere to be found.
void Study::HintAtComponents(Error& fault) const {
  const std::string& name = fault.value();
  const bool component = name.size() > 2 && name.starts_with("PC") &&
                         name.find_first_not_of("0123456789", 2) == std::string::npos;
  if (fault.id() != ErrorId::kConfigReference || !component) return;
  // A column that is there is wrong for another reason, as in a step whose covariates lack it.
  if (persons_ && persons_->columns.Find(name) >= 0) return;
  fault.Remedy(pca_.compute
                   ? fmt::format("pca.components is {}: raise it", pca_.components)
                   : fmt::format("set pca.compute: true to use the components of this run, or name "
                                 "the table that has {} under phenotypes",
                                 name));
}

}  // namespace kinflow
