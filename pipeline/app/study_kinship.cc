#include <fmt/format.h>

#include "pipeline/app/study.h"
#include "pipeline/data/sites_table.h"
#include "stages/kinship/calls_stage.h"
#include "stages/kinship/concordance_stage.h"
#include "stages/kinship/identity.h"
#include "stages/kinship/identity_stage.h"
#include "stages/kinship/kinship_sums.h"
#include "stages/kinship/pairs_stage.h"
#include "stages/kinship/prune_stage.h"
#include "stages/kinship/relation.h"
#include "stages/kinship/relatives_stage.h"
#include "stages/kinship/trio_dosages.h"
#include "stages/kinship/trio_dosages_stage.h"
#include "stages/kinship/variants_stage.h"
#include "stages/qc/counts_stage.h"
#include "stages/qc/qc_variants_stage.h"

namespace kinflow {
namespace {

/// A trio is told from strangers by the trios of other families.
bool HasTrioDosages(const Cohort& cohort) {
  const std::vector<uint8_t> everybody(cohort.samples->size(), 1);
  return !kinship::ControlledTrios(cohort, everybody).empty();
}

/// Not where relatives are looked for only to fit components.
bool ComparesRepeats(const ConfigNode& config) {
  return config.Bool("kinship.compute") && config.Bool("kinship.concordance");
}

}  // namespace

/// Who is related to whom: the variants to compare by, their calls in one scan, all pairs, and what
/// the pairs are to each other.
void Study::AddKinshipStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!has_kinship()) return;
  const std::string qc = has_qc() ? "qc" : "";
  stages.push_back(std::make_unique<kinship::VariantsStage>(
      kinship::VariantsStage::Setup{.qc = qc, .build = genotypes_.build(), .options = kinship_}));
  const auto files = has_store_ ? std::map<std::string, Digest>{} : GenotypeFiles();
  if (kinship_.prunes()) {
    stages.push_back(
        std::make_unique<kinship::PruneStage>(kinship::PruneStage::Setup{.scan = {ScanSource()},
                                                                         .inputs = ScanStages(),
                                                                         .cohort = cohort_,
                                                                         .options = kinship_,
                                                                         .files = files}));
  }
  const uint32_t people = cohort_->samples->size();
  // Both artifacts of variants have the name of their stage as kind.
  const std::string_view chosen = kinship_.prunes() ? kinship::kPruneKind : kinship::kVariantsKind;
  stages.push_back(std::make_unique<kinship::CallsStage>(
      kinship::CallsStage::Setup{.scan = {ScanSource()},
                                 .inputs = ScanStages(),
                                 .variants_from = std::string(chosen),
                                 .n_samples = people,
                                 .options = kinship_,
                                 .files = files}));
  kinship::PairsStage::Setup pairs;
  pairs.n_samples = people;
  pairs.controls = cohort_->controls;
  pairs.people_from = qc;
  for (const auto& declared : kinship::DeclaredPairs(*cohort_)) {
    pairs.always.push_back(declared.samples);
  }
  if (genotypes_.has_earlier()) pairs.always = kinship::PairsById(*cohort_->samples);
  pairs.options = kinship_;
  pairs.files = {{"cohort", cohort_->digest()}};
  stages.push_back(std::make_unique<kinship::PairsStage>(std::move(pairs)));
  if (genotypes_.has_earlier()) {  // everybody is there twice: no pedigree is checked
    stages.push_back(std::make_unique<kinship::IdentityStage>(cohort_->samples));
    return;
  }
  stages.push_back(std::make_unique<kinship::RelativesStage>(kinship::RelativesStage::Setup{
      cohort_, AddCountsOfPeople(stages), kinship_, qc_, years_, SettledConflicts()}));
  if (ComparesRepeats(config_)) {
    stages.push_back(std::make_unique<kinship::ConcordanceStage>(
        kinship::ConcordanceStage::Setup{.scan = {ScanSource()},
                                         .inputs = ScanStages(),
                                         .qc = qc,
                                         .cohort = cohort_,
                                         .hard_call_threshold = kinship_.hard_call_threshold,
                                         .files = files}));
  }
  if (HasTrioDosages(*cohort_)) {
    kinship::TrioDosagesStage::Setup trios{{ScanSource()}, ScanStages(), qc, cohort_, files};
    stages.push_back(std::make_unique<kinship::TrioDosagesStage>(std::move(trios)));
  }
}

/// The counts that people are judged by: of variants that passed QC, else of those with calls
/// enough to compare people by, so that nobody has few calls for what is wrong with variants.
std::string Study::AddCountsOfPeople(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (has_qc()) return "sample_counts";
  if (kinship_.call_rate <= 0) return "counts";
  QcVariantsStage::Setup variants;
  variants.options.call_rate = kinship_.call_rate;
  variants.id = "called_variants";
  stages.push_back(std::make_unique<QcVariantsStage>(std::move(variants)));
  CountsStage::Setup counts;
  counts.id = "called_counts";
  counts.scan = {ScanSource()};
  counts.inputs = ScanStages();
  counts.variants_from = "called_variants";
  counts.counts_from = "counts";
  counts.cohort = WithoutTrios();
  counts.options = qc_;
  counts.files = FilesOfScan();
  stages.push_back(std::make_unique<CountsStage>(std::move(counts)));
  return "called_counts";
}

void Study::AddKinshipProducts(std::vector<Product>& products) const {
  if (!has_kinship()) return;
  const auto add = [&products](const char* name, const char* stage, const char* path) {
    const auto table = [path](const ArtifactStore& store, const Manifest& m) {
      return store.Open(m, m.shards.size() - 1).ReadTable(path);
    };
    products.push_back({name, {stage}, true, OfFirst(table), {}});
  };
  if (genotypes_.has_earlier()) {
    add("identity", "identity", "/identity");
  } else {
    add("pairs", "relatives", "/pairs");
    products.push_back(
        {"kinship_people",
         {"relatives"},
         true,
         OfFirst([max = kinship_.max_sum_kinship](const ArtifactStore& store, const Manifest& m) {
           return kinship::PeopleWithSums(store.Open(m, 0).ReadTable("/pairs"), max);
         }),
         {}});
    products.back().besides = fmt::format("max_sum_kinship {}", kinship_.max_sum_kinship);
    if (cohort_->trios.empty()) add("proposed_pedigree", "relatives", "/families");
    AddDecisionsProduct(products);
    if (ComparesRepeats(config_)) {
      products.push_back(
          {"concordance",
           {"concordance"},
           false,
           OfFirst([small = small_cell_](const ArtifactStore& store, const Manifest& m) {
             return kinship::SharedConcordance(store, m, small);
           }),
           {}});
      products.back().besides = fmt::format("small_cell {}", small_cell_);
      products.push_back({"concordance_variants.tsv.gz",
                          {"concordance"},
                          true,
                          {},
                          OfFirst(kinship::WriteConcordance)});
    }
    if (cohort_->has_controls()) add("control_pairs", "relatives", kinship::kControlPairs);
    if (HasTrioDosages(*cohort_)) add("trio_dosages", "trio_dosages", "/trios");
  }
  products.push_back(
      {"kinship_variants.tsv.gz",
       {"kinship_calls"},
       false,
       {},
       OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
         TsvWriter out(path);
         for (size_t i = 0; i < m.shards.size(); ++i) {
           out.Append(SitesTable(store.Open(m, i).ReadVariants("/variants")));
         }
         out.Commit();
       })});
}

}  // namespace kinflow
