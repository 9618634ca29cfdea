#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipeline/app/kept_scores.h"
#include "pipeline/app/qc_rounds.h"
#include "pipeline/app/sealed_inputs.h"
#include "pipeline/app/study.h"
#include "pipeline/app/target_of_artifact.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "stages/dosage/dosage_stage.h"
#include "stages/family/relatives.h"
#include "stages/formats/store_source.h"
#include "stages/pca/projection_stage.h"
#include "stages/plates/findings.h"
#include "stages/qc/counts_stage.h"
#include "stages/qc/mendel_source.h"
#include "stages/qc/qc_tables.h"
#include "stages/scores/adjust/adjusted_stage.h"
#include "stages/scores/checks/check_stage.h"
#include "stages/scores/families/family_artifact.h"
#include "stages/scores/families/family_score_stage.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/score_stage.h"
#include "stages/scores/score_tables.h"

namespace kinflow {
namespace {

/// People whom QC kept before the lines of "match" were matched.
std::vector<uint8_t> KeptBefore(const ArtifactStore& store, const Digest& match_key,
                                size_t samples) {
  const auto qc_key = InputKey(Sealed(store, "match", match_key), "qc");
  return qc_key ? KeptSamples(store, Sealed(store, "qc", *qc_key))
                : std::vector<uint8_t>(samples, 1);
}

/// Keeps the stages that `targets` need, directly or not.
std::vector<std::unique_ptr<Stage>> Needed(std::vector<std::unique_ptr<Stage>> stages,
                                           const std::vector<std::string>& targets) {
  if (targets.empty()) return stages;
  std::set<std::string> needed;
  for (const auto& stage : stages) {
    const std::string id = stage->id();
    for (const auto& target : targets) {
      if (id == target || id.rfind(target + ":", 0) == 0) needed.insert(id);
    }
  }
  if (needed.empty()) {
    std::string known;
    std::vector<std::string> names;
    for (const auto& stage : stages) {
      known += (known.empty() ? "" : ", ") + stage->id();
      names.push_back(stage->id().substr(0, stage->id().find(':')));
    }
    const std::string near = NearestWord(targets.front(), names);
    throw Error(ErrorId::kBadArgument, "this run has no such stage")
        .Value(targets.front())
        .Remedy((near.empty() ? "" : "did you mean " + near + "? ") + "one of: " + known);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& stage : stages) {
      if (!needed.contains(stage->id())) continue;
      for (const auto& input : stage->inputs()) grew |= needed.insert(input).second;
    }
  }
  std::erase_if(stages, [&](const auto& stage) { return !needed.contains(stage->id()); });
  return stages;
}

}  // namespace

std::map<std::string, Digest> Study::WithFiles(std::map<std::string, Digest> choices,
                                               const std::string& batch) const {
  size_t number = 0;
  for (const InputInfo& input : inventory_) {
    if (input.batch != batch) continue;
    const char* parts = input.bytes_to_read < input.bytes ? "parts of " : "";
    choices[fmt::format("genotypes {} ({}{})", ++number, parts, BaseName(input.path))] =
        input.digest;
  }
  return choices;
}

std::map<std::string, Digest> Study::GenotypeFiles() const {
  return WithFiles(genotypes_.Choices(), "");
}

std::map<std::string, Digest> Study::FilesOfScan() const {
  return has_store_ ? std::map<std::string, Digest>{} : GenotypeFiles();
}

/// QC tells which calls are missing.
std::vector<std::string> Study::StagesBehindQc() const {
  auto stages = ScanStages();
  if (qc_.mendel_missing) stages.emplace_back("qc");
  return stages;
}

std::map<std::string, Digest> Study::FilesBehindQc() const {
  auto files = FilesOfScan();
  if (!qc_.mendel_missing) return files;
  const Digest made = HashBytes("made");
  files["qc.mendel_errors: missing"] = made;
  // Which calls are blamed; each by its own name, so that a reason to run again names it.
  for (const std::string& choice : qc_.CountsChoices()) files[choice] = made;
  return files;
}

std::vector<std::string> Study::InputStages() const {
  return has_batches() ? std::vector<std::string>{"join"} : std::vector<std::string>{};
}

std::vector<std::string> Study::ScanStages() const {
  return has_store_ ? std::vector<std::string>{"dosage"} : InputStages();
}

std::pair<std::string, std::string> Study::StagesOfLastRound() const {
  const QcStage::Round last = LastRound(RoundsOf(config_.At("qc"), qc_, genotypes_.hard_calls()));
  return {last.variants, last.samples};
}

/// Mendel checks would cost most of a scan that counts.
CohortPtr Study::WithoutTrios() const {
  auto without = std::make_shared<Cohort>(*cohort_);
  without->trios.clear();
  return without;
}

void Study::AddQcStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  const auto files = GenotypeFiles();
  if (!has_qc()) {
    // The key tells them apart from those of QC: the digest of a cohort does not cover its trios.
    auto with_choice = files;
    with_choice["quality control: off"] = HashBytes("off");
    const bool frequencies_only = !has_kinship() && !has_plates();
    stages.push_back(
        std::make_unique<CountsStage>(CountsStage::Setup{.id = "counts",
                                                         .scan = {"input"},
                                                         .inputs = InputStages(),
                                                         .cohort = WithoutTrios(),
                                                         .options = qc_,
                                                         .files = with_choice,
                                                         .frequencies_only = frequencies_only}));
    AddReferenceStage(stages);
    return;
  }
  stages.push_back(std::make_unique<CountsStage>(CountsStage::Setup{.id = "counts",
                                                                    .scan = {"input"},
                                                                    .inputs = InputStages(),
                                                                    .cohort = cohort_,
                                                                    .options = qc_,
                                                                    .files = files}));
  AddReferenceStage(stages);
  QcRounds rounds;
  rounds.rounds = RoundsOf(config_.At("qc"), qc_, genotypes_.hard_calls());
  rounds.scan = {ScanSource()};
  rounds.inputs = ScanStages();
  rounds.files = FilesOfScan();
  rounds.cohort = cohort_;
  rounds.options = qc_;
  if (qc_.het_by_ancestry) {
    rounds.groups = "pca";
    rounds.read_groups = [](RunContext& run, const Digest& key) {
      return pca::AncestryGroups(run.store, Sealed(run.store, "pca", key));
    };
  }
  if (filters_by_plates()) rounds.findings.push_back(plates::FindingsOfEffects());
  if (qc_.batch_info_p > 0) rounds.findings.push_back(plates::FindingsOfBatchInfo());
  AddQcRounds(rounds, stages);
  AddMendelStage(stages);
}

void Study::AddScoreStages(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (score_files_.empty()) return;
  MatchStage::Setup match;
  match.options = scores_;
  for (const auto& file : score_files_) {
    match.files.push_back({file.path, digests_->DigestOf(file.path), file.reading, file.continues});
  }
  if (!scores_.frequencies.empty()) {
    match.frequencies = {scores_.frequencies, digests_->DigestOf(scores_.frequencies)};
  }
  match.build = genotypes_.build();
  if (config_.Has("scores.liftover.chain")) {
    const std::string chain = JoinPath(base_, config_.Text("scores.liftover.chain"));
    match.chain = {chain, digests_->DigestOf(chain)};
    match.min_lifted = config_.Number("scores.liftover.min_share");
  }
  match.inputs = {has_qc() ? "qc" : "counts"};
  const uint64_t founders =
      static_cast<uint64_t>(std::count(cohort_->founders.begin(), cohort_->founders.end(), 1));
  match.open_target = [qc = has_qc(), founders](RunContext& run, const StageKeys& keys) {
    return qc ? TargetOfQc(run.store, Sealed(run.store, "qc", keys.inputs.at("qc")))
              : TargetOfCounts(run.store, Sealed(run.store, "counts", keys.inputs.at("counts")),
                               founders);
  };
  stages.push_back(std::make_unique<MatchStage>(std::move(match)));
  ScoreStage::Setup score;
  score.options = scores_;
  score.scan_stages = StagesBehindQc();
  score.source = {SourceBehindQc()};
  score.n_samples = cohort_->samples->size();
  score.sex = cohort_->sexes;
  score.input_files = FilesBehindQc();
  score.read_kept = [samples = cohort_->samples->size()](RunContext& run, const Digest& key) {
    return KeptBefore(run.store, key, samples);
  };
  stages.push_back(std::make_unique<ScoreStage>(std::move(score)));
}

std::function<family::ScoreColumns(RunContext&, const Digest&)> Study::ScoresReader() const {
  return [adjusted = has_adjusted()](RunContext& run, const Digest& key) {
    return adjusted ? ReadAdjusted(run.store, Sealed(run.store, "adjusted", key))
                    : ScoresOfKept(run.store, key);
  };
}

/// What the analyses of a run use of scores, read once for all of them.
std::function<std::shared_ptr<const family::AnalysisScores>(RunContext&, const StageKeys&)>
Study::AnalysisScoresReader() const {
  auto known = std::make_shared<std::shared_ptr<const family::AnalysisScores>>();
  return [this, known, read = ScoresReader()](RunContext& run, const StageKeys& keys) {
    if (*known) return *known;
    family::ScoreColumns columns;
    if (!score_files_.empty()) columns = read(run, keys.inputs.at(FinalScores()));
    if (has_family_scores()) {
      const Digest& key = keys.inputs.at("family_scores");
      kinflow::AddFamilyScores(ReadFamilyScores(run.store, Sealed(run.store, "family_scores", key)),
                               scores_.families, cohort_->samples->size(), columns);
      if (has_adjusted()) {
        const Manifest adjusted = Sealed(run.store, "adjusted", keys.inputs.at("adjusted"));
        columns.by_child =
            MappedByChild(ReadLinearMaps(run.store.Open(adjusted, 0)), columns.by_child);
      }
    }
    *known = std::make_shared<const family::AnalysisScores>(std::move(columns));
    return *known;
  };
}

void Study::AddFamilyScores(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (!has_family_scores()) return;
  FamilyScoreStage::Setup setup;
  setup.options = scores_.families;
  setup.cohort = cohort_;
  setup.scan_stages = StagesBehindQc();
  setup.source = {SourceBehindQc()};
  setup.input_files = FilesBehindQc();
  setup.read_kept = [samples = cohort_->samples->size()](RunContext& run, const Digest& match) {
    return KeptBefore(run.store, match, samples);
  };
  stages.push_back(std::make_unique<FamilyScoreStage>(std::move(setup)));
}

/// What follows the sums: how they are adjusted, and how they behave in families.
void Study::AddAfterScores(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (has_adjusted()) {
    AdjustedStage::Setup setup;
    setup.options = scores_.adjust;
    setup.covariates = covariates_;
    setup.places = places_;
    setup.ancestry = ancestry_;
    const std::string& panel = scores_.adjust.ancestry.reference;
    if (!panel.empty()) setup.panel = digests_->DigestOf(JoinPath(base_, panel));
    if (UsesComponents(scores_.adjust.ToJson()) ||
        (scores_.adjust.ancestry.asked_for() && !own_components_.empty())) {
      setup.components_stage = "pca";
      setup.with_components = [this](RunContext& run, const Digest& key) {
        return AdjustInputsOf(WithComponents(run, key));
      };
    }
    setup.cohort = cohort_;
    setup.read_scores = [](RunContext& run, const Digest& key) {
      return ScoresOfKept(run.store, key);
    };
    stages.push_back(std::make_unique<AdjustedStage>(std::move(setup)));
  }
  if (has_score_checks()) {
    ScoreCheckStage::Setup setup{cohort_, FinalScores(), {}};
    setup.open_scores = [adjusted = has_adjusted()](RunContext& run, const Digest& key) {
      if (adjusted) {
        const auto all = std::make_shared<const family::ScoreColumns>(
            ReadAdjusted(run.store, Sealed(run.store, "adjusted", key)));
        return CheckedScores{all->names, [all](size_t score) { return all->values[score]; }};
      }
      const auto kept = std::make_shared<const KeptScores>(run.store, key);
      return CheckedScores{kept->names(), [kept](size_t score) { return kept->Of(score); }};
    };
    stages.push_back(std::make_unique<ScoreCheckStage>(std::move(setup)));
  }
}

std::vector<std::unique_ptr<Stage>> Study::Stages(const std::vector<std::string>& targets) const {
  std::vector<std::unique_ptr<Stage>> stages;
  AddBatchStages(stages);
  if (has_store_) {
    DosageStage::Setup dosage;
    dosage.inputs = InputStages();
    dosage.files = GenotypeFiles();
    dosage.samples = genotypes_.samples();
    dosage.field = FieldName(genotypes_.plan().dosage.field);
    dosage.build = genotypes_.build();
    dosage.fault_of_none = FaultOfNoVariantRead();
    stages.push_back(std::make_unique<DosageStage>(std::move(dosage)));
  }
  AddQcStages(stages);
  AddKinshipStages(stages);
  AddPcaStages(stages);
  AddPlateStages(stages);
  AddBatchInfoStage(stages);
  AddScoreStages(stages);
  AddFamilyScores(stages);
  AddAfterScores(stages);
  const auto read_scores = AnalysisScoresReader();
  for (const auto& analysis : analyses_) {
    family::FamilyInputs inputs;
    inputs.cohort = cohort_;
    inputs.persons = persons_;
    inputs.files = phenotype_files_;
    if (const auto file = neighbour_files_.find(analysis.id); file != neighbour_files_.end()) {
      inputs.files["neighbours"] = file->second;
    }
    inputs.scores_stage = score_files_.empty() ? "" : FinalScores();
    if (has_family_scores()) inputs.family_scores_stage = "family_scores";
    inputs.read_scores = read_scores;
    if (UsesComponents(analysis.ToJson())) {
      inputs.components_stage = "pca";
      inputs.with_components = [this](RunContext& run, const Digest& key) {
        return WithComponents(run, key);
      };
    }
    if (analysis.model_options.relatedness == "genotypes") {
      inputs.kinship_stage = "kinship";
      inputs.read_relatives = [](RunContext& run, const Digest& key) {
        kinship::PairTotals totals;
        return family::GenotypeRelatives(
            kinship::ReadPairs(run.store, Sealed(run.store, "kinship", key), totals));
      };
    }
    stages.push_back(std::make_unique<family::FamilyStage>(analysis, std::move(inputs)));
  }
  return Needed(std::move(stages), targets);
}

std::unique_ptr<GenotypeSource> Study::OpenScan(const ScanRequest& scan, const Plan& plan,
                                                const ArtifactStore& store) const {
  for (const GenotypeSet& batch : genotypes_.batches()) {
    if (scan.source == "batch:" + batch.name) return genotypes_.OpenSet(batch);
  }
  // The store holds the same values in the same shards as the input, so even a scan of the input
  // may be served from it: the input is decoded once.
  if (plan.Has("dosage")) {
    if (auto sealed = store.Find("dosage", plan.at("dosage").keys.self)) {
      return std::make_unique<StoreSource>(store, *std::move(sealed), cohort_->samples);
    }
  }
  return has_batches() ? OpenJoin(plan, store) : genotypes_.Open();
}

SourceFactory Study::Sources(const Plan& plan, const ArtifactStore& store) const {
  return [this, &plan, &store](const ScanRequest& scan) -> std::unique_ptr<GenotypeSource> {
    auto source = OpenScan(scan, plan, store);
    if (!qc_.mendel_missing || scan.source != SourceBehindQc()) return source;
    const auto kept = KeptSamples(store, Sealed(store, "qc", plan.at("qc").keys.self));
    return std::make_unique<MendelSource>(
        std::move(source), MendelChecker(*cohort_, kept, qc_.mendel_duos, qc_.mendel_rules,
                                         Pseudoautosomal::OfY(genotypes_.build())));
  };
}

}  // namespace kinflow
