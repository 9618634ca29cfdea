#include "pipeline/app/qc_rounds.h"

#include <fmt/format.h>

#include "stages/qc/counts_stage.h"
#include "stages/qc/qc_variants_stage.h"

namespace kinflow {
namespace {

/// Ids of the stages of a round.
struct Names {
  std::string variants, sample_counts, samples, recount;

  explicit Names(int64_t round) {
    const std::string number = round == 1 ? "" : fmt::format(":{}", round);
    variants = "qc_variants" + number;
    sample_counts = "sample_counts" + number;
    samples = "qc_samples" + number;
    recount = "recount" + number;
  }
};

CountsStage::Setup CountsOf(const QcRounds& setup) {
  CountsStage::Setup counts;
  counts.scan = setup.scan;
  counts.inputs = setup.inputs;
  counts.files = setup.files;
  counts.cohort = setup.cohort;
  counts.options = setup.options;
  return counts;
}

/// `before`: of the round before; null in the first.
void AddRound(const QcRounds& setup, const Names& names, const Names* before,
              std::vector<std::unique_ptr<Stage>>& stages) {
  const std::string kept_before = before == nullptr ? "" : before->samples;
  QcVariantsStage::Setup variants;
  variants.options = setup.options;
  variants.id = names.variants;
  if (before != nullptr) {
    variants.before = before->variants;
    variants.recount = before->recount;
  }
  stages.push_back(std::make_unique<QcVariantsStage>(std::move(variants)));

  CountsStage::Setup counts = CountsOf(setup);
  counts.id = names.sample_counts;
  counts.variants_from = names.variants;
  counts.samples_from = counts.counted_samples = kept_before;
  counts.counts_from = before == nullptr ? "counts" : before->recount;
  stages.push_back(std::make_unique<CountsStage>(std::move(counts)));

  QcSamplesStage::Setup people{.counts = names.sample_counts,
                               .cohort = setup.cohort,
                               .options = setup.options,
                               .groups = setup.groups,
                               .read_groups = setup.read_groups,
                               .id = names.samples,
                               .before = kept_before};
  stages.push_back(std::make_unique<QcSamplesStage>(std::move(people)));

  CountsStage::Setup recount = CountsOf(setup);
  recount.id = names.recount;
  recount.variants_from = names.variants;
  recount.samples_from = names.samples;
  recount.counts_from = names.sample_counts;
  recount.counted_samples = kept_before;
  stages.push_back(std::make_unique<CountsStage>(std::move(recount)));
}

}  // namespace

int64_t RoundsOf(const ConfigNode& qc, const QcOptions& options, bool hard_calls) {
  if (qc.Has("rounds")) return qc.Int("rounds");
  return options.preset == "mobapsychgen" && hard_calls ? 3 : 1;
}

void AddQcRounds(const QcRounds& setup, std::vector<std::unique_ptr<Stage>>& stages) {
  QcStage::Setup last{.rounds = {}, .cohort = setup.cohort, .options = setup.options};
  std::optional<Names> before;
  for (int64_t round = 1; round <= setup.rounds; ++round) {
    Names names(round);
    AddRound(setup, names, before ? &*before : nullptr, stages);
    last.rounds.push_back({names.variants, names.samples});
    last.recount = names.recount;
    before = std::move(names);
  }
  stages.push_back(std::make_unique<QcStage>(std::move(last)));
  if (!setup.options.mendel_missing || setup.cohort->trios.empty()) return;
  CountsStage::Setup calls = CountsOf(setup);
  calls.id = "mendel_calls";
  calls.variants_from = "qc";
  calls.samples_from = calls.counted_samples = before->samples;
  calls.counts_from = before->recount;
  stages.push_back(std::make_unique<CountsStage>(std::move(calls)));
}

}  // namespace kinflow
