#include "stages/family/analysis_run.h"

#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <set>
#include <utility>

#include "pipeline/data/concatenate.h"
#include "stages/family/default_time.h"
#include "stages/family/frame_spec.h"
#include "stages/family/lost_levels.h"
#include "stages/family/model_task.h"
#include "stages/family/negative_control.h"
#include "stages/family/relatives.h"
#include "stages/family/score_keys_check.h"
#include "stages/family/table_one.h"
#include "stages/family/told_once.h"

namespace kinflow::family {
namespace {

Table ScalingTable(const std::string& analysis, const std::vector<ScoreScale>& scales) {
  Table::Strings ids, scores, members;
  Table::Doubles means, sds;
  Table::Ints counts;
  for (const auto& scale : scales) {
    ids.push_back(analysis);
    scores.push_back(scale.score);
    members.push_back(scale.member);
    means.push_back(scale.mean);
    sds.push_back(scale.sd);
    counts.push_back(scale.n);
  }
  Table table;
  table.Add("analysis_id", std::move(ids));
  table.Add("pgs", std::move(scores));
  table.Add("role", std::move(members));
  table.Add("mean", std::move(means));
  table.Add("sd", std::move(sds));
  table.Add("n", std::move(counts));
  return table;
}

/// The models of one outcome: its options and formula.
struct OfOutcome {
  OfOutcome(const AnalysisOptions& one, const PersonColumns& persons)
      : options(one), formula(FormulaOf(one)), has_default_time(false) {
    const std::string time = DefaultTime(options, formula, persons);
    if (time.empty()) return;
    options.model_options.time = time;
    has_default_time = true;
  }
  AnalysisOptions options;
  Formula formula;
  bool has_default_time;
};

// Of the members whose scores stand in the formula; nothing with one score.
EffectiveByRole EffectiveOf(const Cohort& cohort, const AnalysisScores& scores,
                            const Formula& formula, const std::vector<std::string>& names) {
  EffectiveByRole out;
  if (names.size() < 2 || !UsesPgs(formula)) return out;
  const auto columns = formula.Columns();
  for (const char* role : {"mother", "father", "child"}) {
    if (std::find(columns.begin(), columns.end(), std::string("pgs.") + role) == columns.end()) {
      continue;
    }
    if (const auto effective = scores.Effective(cohort, role, names)) out[role] = *effective;
  }
  return out;
}

/// The models of one outcome and score.
struct OfPair {
  const OfOutcome* of = nullptr;
  Results results;
  std::optional<ModelSpec> spec;  // none: the score has failed
};

/// Outcomes that stand in one frame a score, so that they share designs.
struct Block {
  std::vector<const OfOutcome*> outcomes;
  std::optional<TrioFrames> frames;       // from its first score to its last
  size_t added = 0;                       // scores
  std::vector<std::vector<OfPair>> done;  // of each outcome by scores, until they can be added
};

/// The models of one block and score.
struct OfScore {
  Block* block = nullptr;
  std::string name;
  std::optional<TrioFrame> trio;  // none: the score has failed
  std::vector<OfPair> pairs;      // of the block's outcomes
  std::exception_ptr fault;       // of the analysis, not of the score
};

class AnalysisRun {
 public:
  AnalysisRun(const AnalysisOptions& options, const Cohort& cohort, const PersonColumns& persons,
              const AnalysisScores& scores, const std::vector<Relatives>& relatives,
              TrioRowsOf rows_of)
      : options_(options),
        cohort_(cohort),
        persons_(persons),
        scores_(scores),
        rows_of_(std::move(rows_of)),
        model_(MakeModel(options.model)) {
    for (const auto& one : ByOutcome(options)) outcomes_.emplace_back(one, persons);
    if (UsesPgs(formula())) {
      names_ = options.scores.empty() ? scores.columns().names : options.scores;
    }
    const std::string& relatedness = options.model_options.relatedness;
    if (relatedness == "pedigree") declared_ = PedigreeRelatives(cohort);
    relatives_ = relatedness == "pedigree" ? &declared_ : &relatives;
    results_.more = model_->MoreTables();
  }

  FamilyResults Go() {
    EffectiveByRole effective;
    oneapi::tbb::parallel_invoke(
        [&] { FitAll(); }, [&] { effective = EffectiveOf(cohort_, scores_, formula(), names_); });
    for (const OfOutcome& outcome : outcomes_) {
      if (!names_.empty()) break;
      results_.Fail({options_.id, "NA", outcome.formula.Outcome()}, options_.model,
                    outcome.formula.Text(),
                    Error(ErrorId::kModelFailed, "not run: no score is left, all of them failed")
                        .Remedy("see the failures of the scores"));
    }
    for (const auto& [role, tests] : effective) {
      results_.effective[role] = tests.li_ji / static_cast<double>(tests.tests);
    }
    FamilyResults out;
    out.tables = MakeTables(results_, options_.family, tested_, AdjustedHere(),
                            FamilyTerms(options_.family_terms, formula()));
    std::vector<std::string> controls = options_.negative_control;
    for (const OfOutcome& outcome : outcomes_) {
      controls = NegativeControls(std::move(controls), outcome.formula);
    }
    out.tables["estimates"] =
        WithNegativeControl(out.tables["estimates"], controls, results_.warnings);
    out.tables["effective_tests"] = EffectiveTestsTable(options_.id, effective);
    out.individual = std::move(results_.individual);
    if (last_) {
      out.refit = Refit{std::move(refit_frame_), RefitScript(options_.id, last_->first,
                                                             last_->second, out.tables["models"])};
    }
    if (options_.table_one.asked_for()) out.tables["table1"] = std::move(table_one_);
    out.tables["scaling"] = ScalingTable(options_.id, scales_);
    out.warnings = MergeWarnings(results_.warnings);
    out.failures = std::move(results_.failures);
    return out;
  }

 private:
  // Right sides are alike.
  const Formula& formula() const { return outcomes_.front().formula; }

  // Families of several analyses have their number of tests together.
  size_t AdjustedHere() const {
    return options_.family_across.empty() ? static_cast<size_t>(options_.family_tests) : 0;
  }

  // Outcomes in the frame of one score: many, if there are still enough frames for all threads. Of
  // one alone, what is told of the frame itself (Table 1, refit) is in the order of the results.
  size_t OutcomesTogether() const {
    constexpr size_t kMost = 16, kFrames = 32;
    if (options_.refit || options_.table_one.asked_for()) return 1;
    return std::clamp<size_t>(outcomes_.size() * names_.size() / kFrames, 1, kMost);
  }

  bool IsByWave(const OfOutcome& outcome) const {
    std::string name = outcome.formula.response;
    if (persons_.columns.Find(name) < 0) name = name.substr(0, name.rfind('.'));  // scl.mother
    return persons_.by_wave.contains(name);
  }

  // An outcome by wave asks for other rows than one that holds for all waves.
  std::deque<Block> Blocks() const {
    std::deque<Block> blocks;
    const size_t most = OutcomesTogether();
    bool by_wave = false;
    for (const OfOutcome& outcome : outcomes_) {
      const bool own = most > 1 && IsByWave(outcome);
      if (blocks.empty() || blocks.back().outcomes.size() == most || own != by_wave) {
        blocks.emplace_back();
      }
      blocks.back().outcomes.push_back(&outcome);
      by_wave = own;
    }
    for (Block& block : blocks) block.done.resize(block.outcomes.size());
    return blocks;
  }

  // Blocks and scores side by side, their results in the order of outcomes, then scores. Each
  // holds copies of its rows, so that there are never many of them.
  void FitAll() {
    namespace tbb = oneapi::tbb;
    constexpr int kAtOnce = 8;
    const auto at_once =
        static_cast<size_t>(std::min(kAtOnce, tbb::this_task_arena::max_concurrency()));
    using Item = std::shared_ptr<OfScore>;
    std::deque<Block> blocks = Blocks();
    size_t next = 0;
    const auto take = [&](tbb::flow_control& flow) -> Item {
      if (next == blocks.size() * names_.size()) {
        flow.stop();
        return nullptr;
      }
      const size_t at = next++;
      return std::make_shared<OfScore>(
          OfScore{&blocks[at / names_.size()], names_[at % names_.size()], {}, {}, {}});
    };
    const auto fit = [this](const Item& item) {
      try {
        Fit(*item);
      } catch (...) {
        item->fault = std::current_exception();
      }
      return item;
    };
    std::exception_ptr fault;  // of the first score that has one; none leaves a filter
    const auto add = [&](const Item& item) {
      try {
        if (item->fault) std::rethrow_exception(item->fault);
        if (!fault) Add(*item);
      } catch (...) {
        if (!fault) fault = std::current_exception();
      }
      // In order: its other scores have been fitted before.
      if (++item->block->added == names_.size()) item->block->frames.reset();
    };
    tbb::parallel_pipeline(
        at_once, tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, take) &
                     tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, fit) &
                     tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, add));
    if (fault) std::rethrow_exception(fault);
  }

  void Fit(OfScore& out) {
    for (const OfOutcome* outcome : out.block->outcomes) out.pairs.push_back({outcome, {}, {}});
    try {
      TrioFrame trio = Frames(*out.block).Of(out.name);
      if (options_.model_options.relatedness != "none") {
        if (relatives_->empty()) {
          throw Error(ErrorId::kModelFailed, "no two people are relatives")
              .Field("relatedness")
              .Value(options_.model_options.relatedness)
              .Remedy("use relatedness: none");
        }
        trio.frame.relatives = *relatives_;
      }
      if (out.pairs.size() > 1) trio.frame.designs.Keep();
      out.trio = std::move(trio);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      for (OfPair& pair : out.pairs) Fail(out.name, error, pair);
      return;
    }
    for (OfPair& pair : out.pairs) FitPair(out.name, out.trio->frame, pair);
  }

  void FitPair(const std::string& score, const ModelFrame& frame, OfPair& out) const {
    try {
      ModelSpec spec = SpecOf(out.of->options, frame, score);
      const auto errors = model_->Check(spec, IsClustered(options_, out.of->formula));
      if (!errors.empty()) throw errors.front();
      std::vector<std::string> of_time;
      if (out.of->has_default_time) SettleDefaultTime(frame, spec, of_time);
      out.results = FitAsTask(*model_, frame, spec, options_.model);
      for (auto& warning : of_time) out.results.warnings.push_back(std::move(warning));
      for (auto& warning : LostLevels(frame, spec, model_->TakesFactors())) {
        out.results.warnings.push_back(std::move(warning));
      }
      out.spec = std::move(spec);
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      Fail(score, error, out);
    }
  }

  void Fail(const std::string& score, const Error& error, OfPair& out) const {
    out.results = {};
    out.results.Fail({options_.id, "NA", out.of->formula.Outcome(), "NA", score}, options_.model,
                     out.of->formula.Text(), error);
  }

  TrioFrames& Frames(Block& block) {
    const std::lock_guard lock(making_frames_);
    if (!block.frames) {
      std::vector<const Formula*> formulas;
      for (const OfOutcome* outcome : block.outcomes) formulas.push_back(&outcome->formula);
      block.frames.emplace(cohort_, persons_, scores_.columns(),
                           FrameSpecOf(block.outcomes.front()->options, formulas), rows_of_);
    }
    return *block.frames;
  }

  void Add(OfScore& score) {
    for (OfPair& pair : score.pairs) {
      if (!pair.spec) continue;
      if (score.trio->without_wave > 0) {
        pair.results.rows.push_back(
            {{options_.id, "NA", pair.of->formula.Outcome(), "NA", score.name},
             "n_without_wave",
             "NA",
             static_cast<int64_t>(score.trio->without_wave)});
      }
      AddScales(score.trio->scales);
    }
    Block& block = *score.block;
    for (size_t i = 0; i < score.pairs.size(); ++i) {
      if (score.pairs.size() == 1) AddFrame(score);
      block.done[i].push_back(std::move(score.pairs[i]));
    }
    const bool last = block.added + 1 == names_.size();
    if (!last && block.outcomes.size() > 1) return;
    for (auto& pairs : block.done) {
      for (OfPair& pair : pairs) AddResults(pair);
      pairs.clear();
    }
  }

  void AddResults(OfPair& pair) {
    if (pair.spec) {
      tested_ = pair.results.tested.empty() ? std::vector{pair.spec->plan.full().id}
                                            : pair.results.tested;
    }
    results_.Append(std::move(pair.results));
  }

  // What the tables of the analysis tell of the frame of one outcome and score.
  void AddFrame(OfScore& score) {
    const OfPair& pair = score.pairs.front();
    if (!pair.spec) return;
    if (options_.table_one.asked_for() && pair.results.failures.empty()) {
      const bool described = table_one_.rows() > 0;
      table_one_ = Concatenate(std::move(table_one_), TableOne(score.trio->frame, *pair.spec,
                                                               options_.table_one, described));
    }
    if (!options_.refit) return;
    try {
      refit_frame_ = Concatenate(std::move(refit_frame_),
                                 RefitFrame(score.trio->frame, *pair.spec, options_.model));
    } catch (const Error& error) {  // no complete row: the fit has failed, which is told
      if (!IsModelFault(error.id())) throw;
      return;
    }
    last_.emplace(std::move(score.trio->frame), *pair.spec);
  }

  // They rest on the people of the trios, whatever the outcome.
  void AddScales(const std::vector<ScoreScale>& scales) {
    for (const auto& scale : scales) {
      if (scaled_.emplace(scale.score, scale.member).second) scales_.push_back(scale);
    }
  }

  const AnalysisOptions& options_;
  const Cohort& cohort_;
  const PersonColumns& persons_;
  const AnalysisScores& scores_;
  const TrioRowsOf rows_of_;
  const std::unique_ptr<Model> model_;
  std::deque<OfOutcome> outcomes_;
  std::vector<std::string> names_{"NA"};  // of the scores
  std::vector<Relatives> declared_;
  const std::vector<Relatives>* relatives_ = nullptr;
  std::mutex making_frames_;
  Results results_;
  std::vector<std::string> tested_;
  std::vector<ScoreScale> scales_;
  std::set<std::pair<std::string, std::string>> scaled_;  // scores and members of `scales_`
  Table refit_frame_, table_one_;
  std::optional<std::pair<ModelFrame, ModelSpec>> last_;  // for the coding of the script
};

}  // namespace

FamilyResults RunAnalysis(const AnalysisOptions& options, const Cohort& cohort,
                          const PersonColumns& persons, const AnalysisScores& scores,
                          const std::vector<Relatives>& relatives, const TrioRowsOf& rows_of) {
  return AnalysisRun(options, cohort, persons, scores, relatives, rows_of).Go();
}

}  // namespace kinflow::family
