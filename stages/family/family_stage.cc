#include "stages/family/family_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "pipeline/data/concatenate.h"
#include "stages/family/effective_tests.h"
#include "stages/family/relatives.h"
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

TrioFrameSpec FrameSpecOf(const AnalysisOptions& options, const Formula& formula,
                          const std::string& score) {
  TrioFrameSpec spec;
  spec.outcome_of = options.outcome_of;
  spec.columns = formula.Columns();
  for (const auto& names : {options.model_options.Columns(), options.table_one.Columns()}) {
    for (const auto& name : names) {
      const auto& known = spec.columns;
      if (std::find(known.begin(), known.end(), name) == known.end()) spec.columns.push_back(name);
    }
  }
  spec.groups = formula.GroupColumns();
  spec.score = score;
  spec.standardise = options.standardise;
  spec.children = options.children;
  spec.cluster = IsClustered(options, formula) ? options.cluster : ClusterBy::kNone;
  spec.cluster_column = options.cluster_column;
  spec.reference = options.reference;
  return spec;
}

// Genotyped members of the trios, each once, in the order of samples.
std::vector<uint32_t> DistinctMembers(const Cohort& cohort, const std::string& role) {
  std::set<uint32_t> people;
  for (const Trio& trio : cohort.trios) {
    const uint32_t sample = role == "mother"   ? trio.mother
                            : role == "father" ? trio.father
                                               : trio.child;
    if (sample != SampleTable::kAbsent) people.insert(sample);
  }
  return {people.begin(), people.end()};
}

// Of the members whose scores stand in the formula; nothing with one score.
EffectiveByRole EffectiveOf(const Cohort& cohort, const ScoreColumns& scores,
                            const Formula& formula, const std::vector<std::string>& names) {
  EffectiveByRole out;
  if (names.size() < 2 || !UsesPgs(formula)) return out;
  for (const char* role : {"mother", "father", "child"}) {
    const auto columns = formula.Columns();
    if (std::find(columns.begin(), columns.end(), std::string("pgs.") + role) == columns.end()) {
      continue;
    }
    const auto people = DistinctMembers(cohort, role);
    std::vector<std::vector<double>> values;
    for (const auto& name : names) {
      const auto at = std::find(scores.names.begin(), scores.names.end(), name);
      if (at == scores.names.end()) continue;  // failed: no test
      values.emplace_back();
      const auto& all = scores.values[static_cast<size_t>(at - scores.names.begin())];
      for (const uint32_t person : people) values.back().push_back(all[person]);
    }
    if (values.size() < 2) continue;
    const Eigen::MatrixXd correlation = CorrelationOf(values);
    if (correlation.size() > 0) out[role] = CountEffective(correlation);
  }
  return out;
}

Error NoRelatives(const std::string& relatedness) {
  return Error(ErrorId::kModelFailed, "no two people are relatives")
      .Field("relatedness")
      .Value(relatedness)
      .Remedy("use relatedness: none");
}

}  // namespace

FamilyResults RunAnalysis(const AnalysisOptions& options, const Cohort& cohort,
                          const PersonColumns& persons, const ScoreColumns& scores,
                          const std::vector<Relatives>& relatives) {
  const Formula formula = FormulaOf(options);
  const auto model = MakeModel(options.model);
  std::vector<std::string> names{"NA"};
  if (UsesPgs(formula)) names = options.scores.empty() ? scores.names : options.scores;
  const std::string& relatedness = options.model_options.relatedness;
  const auto declared =
      relatedness == "pedigree" ? PedigreeRelatives(cohort) : std::vector<Relatives>{};
  Results results;
  results.more = model->MoreTables();
  Table refit_frame, table_one;
  std::optional<std::pair<ModelFrame, ModelSpec>> last;  // for the coding of the script
  std::vector<ScoreScale> scales;
  std::vector<std::string> tested;
  std::optional<TrioFrames> frames;
  for (const auto& name : names) {
    try {
      if (!frames) frames.emplace(cohort, persons, scores, FrameSpecOf(options, formula, name));
      TrioFrame trio = frames->Of(name);
      if (relatedness != "none") {
        trio.frame.relatives = relatedness == "pedigree" ? declared : relatives;
        if (trio.frame.relatives.empty()) throw NoRelatives(relatedness);
      }
      const ModelSpec spec = SpecOf(options, trio.frame, name);
      const auto errors = model->Check(spec, IsClustered(options, formula));
      if (!errors.empty()) throw errors.front();
      Results fitted = model->Fit(trio.frame, spec);
      tested = fitted.tested.empty() ? std::vector{spec.plan.full().id} : fitted.tested;
      const bool describe = options.table_one.asked_for() && fitted.failures.empty();
      results.Append(std::move(fitted));
      if (describe) {
        const bool described = table_one.rows() > 0;
        table_one = Concatenate(std::move(table_one),
                                TableOne(trio.frame, spec, options.table_one, described));
      }
      if (options.refit) {
        refit_frame =
            Concatenate(std::move(refit_frame), RefitFrame(trio.frame, spec, options.model));
        last.emplace(trio.frame, spec);
      }
      for (auto& scale : trio.scales) scales.push_back(std::move(scale));
    } catch (const Error& error) {
      if (!IsModelFault(error.id())) throw;
      results.Fail({options.id, "NA", formula.response, "NA", name}, options.model, formula.Text(),
                   error);
    }
  }
  FamilyResults out;
  if (names.empty()) {
    results.Fail({options.id, "NA", formula.response}, options.model, formula.Text(),
                 Error(ErrorId::kModelFailed, "not run: no score is left, all of them failed")
                     .Remedy("see the failures of the scores"));
  }
  const EffectiveByRole effective = EffectiveOf(cohort, scores, formula, names);
  for (const auto& [role, tests] : effective) {
    results.effective[role] = tests.li_ji / static_cast<double>(tests.tests);
  }
  out.tables = MakeTables(results, options.family, tested);
  out.tables["effective_tests"] = EffectiveTestsTable(options.id, effective);
  out.individual = std::move(results.individual);
  if (last) {
    out.refit = Refit{std::move(refit_frame),
                      RefitScript(options.id, last->first, last->second, out.tables.at("models"))};
  }
  if (options.table_one.asked_for()) out.tables["table1"] = std::move(table_one);
  out.tables["scaling"] = ScalingTable(options.id, scales);
  out.warnings = MergeWarnings(results.warnings);
  out.failures = std::move(results.failures);
  return out;
}

FamilyStage::FamilyStage(AnalysisOptions options, FamilyInputs inputs)
    : options_(std::move(options)), inputs_(std::move(inputs)) {}

std::vector<std::string> FamilyStage::inputs() const {
  std::vector<std::string> ids;
  if (!inputs_.scores_stage.empty()) ids.push_back(inputs_.scores_stage);
  if (!inputs_.family_scores_stage.empty()) ids.push_back(inputs_.family_scores_stage);
  if (!inputs_.components_stage.empty()) ids.push_back(inputs_.components_stage);
  if (!inputs_.kinship_stage.empty()) ids.push_back(inputs_.kinship_stage);
  return ids;
}

void FamilyStage::Run(RunContext& run, const StageKeys& keys) const {
  ScoreColumns scores;
  if (!inputs_.scores_stage.empty()) {
    scores = inputs_.read_scores(run, keys.inputs.at(inputs_.scores_stage));
  }
  if (!inputs_.family_scores_stage.empty()) {
    inputs_.add_family_scores(run, keys.inputs.at(inputs_.family_scores_stage), scores);
  }
  std::shared_ptr<const PersonColumns> persons = inputs_.persons;
  if (!inputs_.components_stage.empty()) {
    persons = std::make_shared<const PersonColumns>(
        inputs_.with_components(run, keys.inputs.at(inputs_.components_stage)));
  }
  std::vector<Relatives> relatives;
  if (!inputs_.kinship_stage.empty()) {
    relatives = inputs_.read_relatives(run, keys.inputs.at(inputs_.kinship_stage));
  }
  const FamilyResults results = RunAnalysis(options_, *inputs_.cohort, *persons, scores, relatives);
  for (const auto& warning : results.warnings) run.log.Warn("family: {}", warning);
  std::vector<std::string> failures;
  for (const auto& failure : results.failures) {
    failures.push_back(fmt::format("[{}]: {}", ErrorName(failure.id()), failure.OneLine()));
  }
  for (const Told& told : TellOnce(failures)) {
    run.log.Error("family:{}: model failed {}{}", options_.id, failures[told.first],
                  CountText(told.count));
  }
  auto shard = run.store.BeginShard(kind(), keys.self, 0);
  for (const auto& [name, table] : results.tables) shard->file().WriteTable("/" + name, table);
  for (const auto& [name, table] : results.individual) {
    shard->file().WriteTable("/individual/" + name, table);
  }
  if (results.refit) {
    shard->file().WriteTable("/refit/frame", results.refit->frame);
    Table script;
    script.Add("script", Table::Strings{results.refit->script});
    shard->file().WriteTable("/refit/script", script);
  }
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards.push_back(shard->Commit(0));
  manifest.warnings = results.warnings;
  run.store.Seal(manifest);
}

std::vector<std::string> FamilyTableNames() {
  return {"estimates", "models", "comparisons", "contrasts", "varcomp",
          "rows",      "fit",    "groups",      "scaling",   "effective_tests"};
}

size_t CountFailed(const Table& models) {
  size_t failed = 0;
  for (const auto& status : models.StringsOf("status")) failed += status == "failed";
  return failed;
}

}  // namespace kinflow::family
