#include "pipeline/app/qc_rounds.h"

#include <fmt/format.h>

#include "stages/qc/counts_stage.h"
#include "stages/qc/qc_first_stage.h"
#include "stages/qc/qc_variants_stage.h"

namespace kinflow {
namespace {

constexpr const char* kFirst = "qc_first";

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

/// What the rounds start from.
struct Start {
  std::string counts = "counts";
  std::string first = {};  // stage of the first look at people
};

/// People whose sample failed are left out before variants are judged, if the options ask for it:
/// without them everything is counted again, which takes a scan only if there are such people.
Start AddFirstLook(const QcRounds& setup, std::vector<std::unique_ptr<Stage>>& stages) {
  if (setup.options.sample_call_rate_first <= 0) return {};
  stages.push_back(std::make_unique<QcFirstStage>(
      QcFirstStage::Setup{"counts", setup.cohort, setup.options, kFirst}));
  CountsStage::Setup recount = CountsOf(setup);
  recount.id = "first_recount";
  recount.samples_from = kFirst;
  recount.counts_from = "counts";
  stages.push_back(std::make_unique<CountsStage>(std::move(recount)));
  return {"first_recount", kFirst};
}

/// `before`: of the round before; null in the first.
void AddRound(const QcRounds& setup, const Start& start, const Names& names, const Names* before,
              std::vector<std::unique_ptr<Stage>>& stages) {
  const std::string kept_before = before == nullptr ? start.first : before->samples;
  QcVariantsStage::Setup variants;
  variants.counts = start.counts;
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
  counts.counts_from = before == nullptr ? start.counts : before->recount;
  stages.push_back(std::make_unique<CountsStage>(std::move(counts)));

  QcSamplesStage::Setup people{.counts = names.sample_counts,
                               .cohort = setup.cohort,
                               .options = setup.options,
                               .groups = setup.groups,
                               .read_groups = setup.read_groups,
                               .id = names.samples,
                               .before = before == nullptr ? "" : kept_before,
                               .first = before == nullptr ? start.first : ""};
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

QcStage::Round LastRound(int64_t rounds) {
  const Names names(rounds);
  return {names.variants, names.samples};
}

void AddQcRounds(const QcRounds& setup, std::vector<std::unique_ptr<Stage>>& stages) {
  const Start start = AddFirstLook(setup, stages);
  QcStage::Setup last{.counts = start.counts,
                      .rounds = {},
                      .first = start.first,
                      .cohort = setup.cohort,
                      .options = setup.options,
                      .findings = setup.findings};
  std::optional<Names> before;
  for (int64_t round = 1; round <= setup.rounds; ++round) {
    Names names(round);
    AddRound(setup, start, names, before ? &*before : nullptr, stages);
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
