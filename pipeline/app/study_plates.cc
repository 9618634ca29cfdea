#include <fmt/format.h>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "pipeline/data/sites_table.h"
#include "stages/plates/effects_stage.h"
#include "stages/plates/plates_stage.h"
#include "stages/report/disclosure.h"

namespace kinflow {

void Study::ReadPlates() {
  plates::PlateOptions options = plates::PlateOptions::FromConfig(config_.At("plates"));
  if (options.file.empty()) return;
  options.file = JoinPath(base_, options.file);
  layout_ = std::make_shared<const plates::Layout>(plates::ReadLayout(options, *cohort_->samples));
}

/// What the laboratory left in the genotypes: one scan for variants, counts for people.
void Study::AddPlateStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (layout_ == nullptr) return;
  const Digest file = digests_->DigestOf(JoinPath(base_, config_.Text("plates.file")));
  plates::EffectsStage::Setup effects;
  effects.scan = {ScanSource()};
  effects.inputs = ScanStages();
  effects.qc = has_qc() ? "qc" : "";
  effects.cohort = cohort_;
  effects.layout = layout_;
  effects.layout_file = file;
  effects.hard_call_threshold = qc_.hard_call_threshold;
  if (!has_store_) effects.files = GenotypeFiles();
  stages.push_back(std::make_unique<plates::EffectsStage>(std::move(effects)));
  plates::PlatesStage::Setup people;
  people.people_counts = has_qc() ? "sample_counts" : "counts";
  people.components = pca_.compute ? "pca" : "";
  people.cohort = cohort_;
  people.layout = layout_;
  people.layout_file = file;
  stages.push_back(std::make_unique<plates::PlatesStage>(std::move(people)));
}

void Study::AddPlateProducts(std::vector<Product>& products) const {
  if (layout_ == nullptr) return;
  products.push_back(
      {"plate_effects.tsv.gz",
       {"plate_effects"},
       false,
       {},
       OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
         TsvWriter out(path);
         for (size_t i = 0; i < m.shards.size(); ++i) {
           const H5Reader file = store.Open(m, i);
           Table table = SitesTable(file.ReadVariants("/variants"));
           const Table effects = file.ReadTable("/effects");
           for (size_t c = 0; c < effects.columns(); ++c) {
             table.Add(effects.name(c), effects.column(c));
           }
           out.Append(table);
         }
         out.Commit();
       })});
  const auto add = [&](const char* name, const char* path, bool individual) {
    products.push_back({name,
                        {"plates"},
                        individual,
                        OfFirst([path, individual, small = small_cell_](const ArtifactStore& store,
                                                                        const Manifest& m) {
                          const Table table = store.Open(m, 0).ReadTable(path);
                          return individual ? table : SuppressSmallModels(table, small);
                        }),
                        {}});
    products.back().besides = fmt::format("small_cell {}", small_cell_);
  };
  add("plates", "/plates", false);
  add("plate_wells", "/wells", true);
  if (pca_.compute) add("plate_components", "/components", false);
}

}  // namespace kinflow
