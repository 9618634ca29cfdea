#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "pipeline/app/study.h"
#include "pipeline/base/file.h"
#include "pipeline/data/sites_table.h"
#include "stages/plates/effects_stage.h"
#include "stages/plates/plate_parts.h"
#include "stages/plates/plates_stage.h"
#include "stages/plates/shared_plates.h"
#include "stages/report/disclosure.h"

namespace kinflow {

/// Wells belong to the genotypes, which decisions may give to other people of the cohort: samples
/// are found by the names that the genotypes have themselves.
void Study::ReadPlates(Log& log) {
  plates_ = plates::PlateOptions::FromConfig(config_.At("plates"));
  if (plates_.file.empty()) return;
  plates_.file = JoinPath(base_, plates_.file);
  const SampleTable& samples = *genotypes_.samples();
  layout_ = std::make_shared<const plates::Layout>(plates::ReadLayout(plates_, samples));
  const std::string file = BaseName(plates_.file);
  log.Info("{}: {} of {} plate ids found among {} genotype ids", file, layout_->matched,
           layout_->matched + layout_->unmatched, samples.size());
  if (layout_->unmatched > 0) {
    log.Warn("{}: {} ids are not in the genotypes; their rows are not used", file,
             layout_->unmatched);
  }
  if (layout_->matched < samples.size()) {
    log.Warn("{}: {} of {} genotyped samples have no row; they are in no plate or batch", file,
             samples.size() - layout_->matched, samples.size());
  }
  const auto controls = std::count(layout_->controls.begin(), layout_->controls.end(), 1);
  if (controls > 0) {
    log.Info("{}: {} of {} samples are controls, no people of the cohort", file, controls,
             samples.size());
  }
  const auto parts = plates::PartsOfPlates(*layout_, std::vector<uint8_t>(samples.size(), 1));
  const auto several = std::count_if(parts.begin(), parts.end(),
                                     [](const auto& plate) { return plate.batches > 1; });
  if (several > 0) {
    log.Warn(
        "{}: {} of {} plates hold samples of several batches: each is told as one plate, which "
        "cannot be told from its batches",
        file, several, parts.size());
  }
}

/// What the laboratory left in the genotypes: one scan for variants, counts for people.
void Study::AddPlateStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!has_plates()) return;
  const Digest file = digests_->DigestOf(plates_.file);
  plates::EffectsStage::Setup effects;
  // Quality control that filters by the tests waits for them.
  const bool before_qc = filters_by_plates();
  effects.scan = {before_qc ? ScanSource() : SourceBehindQc()};
  effects.inputs = ScanStages();
  effects.qc = has_qc() ? "qc" : "";
  if (before_qc) std::tie(effects.qc, effects.people) = StagesOfLastRound();
  effects.cohort = cohort_;
  effects.layout = layout_;
  effects.layout_file = file;
  effects.layout_columns = plates_.ColumnsJson();
  effects.small_cell = small_cell_;
  effects.hard_call_threshold = qc_.hard_call_threshold;
  effects.files = before_qc ? FilesOfScan() : FilesBehindQc();
  stages.push_back(std::make_unique<plates::EffectsStage>(std::move(effects)));
  plates::PlatesStage::Setup people;
  people.people_counts = has_qc() ? "sample_counts" : "counts";
  people.components = pca_.compute ? "pca" : "";
  people.cohort = cohort_;
  people.layout = layout_;
  people.layout_file = file;
  people.layout_columns = plates_.ColumnsJson();
  stages.push_back(std::make_unique<plates::PlatesStage>(std::move(people)));
}

void Study::AddPlateProducts(std::vector<Product>& products) const {
  if (!has_plates()) return;
  products.push_back(
      {"plate_effects.tsv.gz",
       {"plate_effects"},
       true,
       {},
       OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
         TsvWriter out(path);
         for (size_t i = 0; i < m.shards.size(); ++i) {
           const H5Reader file = store.Open(m, i);
           out.Append(WithSites(file.ReadVariants("/variants"), file.ReadTable("/effects")));
         }
         out.Commit();
       })});
  const auto add = [&](const char* name, const char* path,
                       Table (*suppress)(const Table&, int64_t)) {
    products.push_back({name,
                        {"plates"},
                        suppress == nullptr,
                        OfFirst([path, suppress, small = small_cell_](const ArtifactStore& store,
                                                                      const Manifest& m) {
                          const Table table = store.Open(m, 0).ReadTable(path);
                          return suppress == nullptr ? table : suppress(table, small);
                        }),
                        {}});
    products.back().besides = fmt::format("small_cell {}", small_cell_);
  };
  add("plates", "/plates", plates::SharedPlates);
  add("plate_wells", "/wells", nullptr);
  if (pca_.compute) add("plate_components", "/components", SuppressSmallModels);
}

}  // namespace kinflow
