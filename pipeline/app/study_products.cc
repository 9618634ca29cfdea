#include <fmt/format.h>

#include <algorithm>

#include "pipeline/app/analysis_tables.h"
#include "pipeline/app/study.h"
#include "pipeline/app/target_of_artifact.h"
#include "pipeline/base/file.h"
#include "stages/family/refit.h"
#include "stages/family/sem/path_diagram.h"
#include "stages/qc/qc_tables.h"
#include "stages/report/disclosure.h"
#include "stages/report/variants_disclosure.h"
#include "stages/scores/adjust/adjust.h"
#include "stages/scores/families/family_artifact.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/score_tables.h"
#include "stages/scores/variant_list.h"

namespace kinflow {
namespace {

/// A shared table of the people left, without what the ledger of QC, the second artifact if there
/// is one, hides of them.
Table BesideLedger(const ArtifactStore& store, const Manifests& m, Table table, int64_t small,
                   bool has_qc) {
  const bool few = m.size() > 1 ? FewRemoved(LedgerTable(store, m[1]), small) : has_qc;
  return few ? HideCountsOfPeople(table) : table;
}

}  // namespace

std::vector<std::string> Study::FamilyStages() const {
  std::vector<std::string> ids;
  for (const auto& analysis : analyses_) ids.push_back("family:" + analysis.id);
  return ids;
}

void Study::AddQcProducts(std::vector<Product>& products) const {
  products.push_back({"samples", {"qc"}, true, OfFirst(SamplesTable), {}});
  products.push_back({"families", {"qc"}, true, OfFirst(FamiliesTable), {}});
  products.push_back({"variants.tsv.gz",
                      {"qc"},
                      false,
                      {},
                      OfFirst([small = small_cell_](const ArtifactStore& store, const Manifest& m,
                                                    const std::string& path) {
                        const auto people = KeptSamples(store, m);
                        const Table ledger = LedgerTable(store, m);
                        const PeopleLeft left{std::count(people.begin(), people.end(), uint8_t{1}),
                                              static_cast<int64_t>(KeptFounders(store, m)),
                                              FewRemoved(ledger, small),
                                              FewFamilies(ledger, small)};
                        TsvWriter out(path);
                        for (size_t part = 0; part < VariantParts(m); ++part) {
                          out.Append(SuppressVariants(VariantsTable(store, m, part), left, small));
                        }
                        out.Commit();
                      }),
                      false,
                      "small " + std::to_string(small_cell_) + ", few removed"});
  products.back().aside = true;
  products.push_back({"variants_full.tsv.gz", {"qc"}, true, {}, OfFirst(WriteVariantsTsv)});
  products.back().aside = true;
}

/// The second artifact of a product of scores, if there is one, is QC's: who was kept.
std::vector<uint8_t> Study::Kept(const ArtifactStore& store, const Manifests& m) const {
  return m.size() > 1 ? KeptSamples(store, m[1])
                      : std::vector<uint8_t>(cohort_->samples->size(), 1);
}

void Study::AddScoreProducts(std::vector<Product>& products) const {
  products.push_back({"match_summary", {"match"}, false, OfFirst(ReadMatchSummary), {}});
  products.push_back({"match_scores", {"match"}, false, OfFirst(ReadMatchScores), {}});
  products.push_back({"match_log.tsv.gz", {"match"}, false, {}, OfFirst(WriteMatchLog)});
  products.back().aside = true;
  products.push_back({"scores", {"scores", "qc"}, true, {}, {}, true});
  products.back().columns = [this](const ArtifactStore& store, const Manifests& m) {
    return ScoresTable(std::make_shared<ScoreReader>(store, m[0]), *cohort_, Kept(store, m));
  };
  constexpr size_t kPeopleColumns = 3, kMostTextScores = 100;
  if (!scores_.text) products.back().most_text_columns = kPeopleColumns + kMostTextScores;
  if (scores_.list_variants) {
    products.push_back(
        {"scores.sscore.vars",
         {"match", has_qc() ? "qc" : "counts"},
         false,
         {},
         [this](const ArtifactStore& store, const Manifests& m, const std::string& path) {
           const auto target =
               has_qc() ? TargetOfQc(store, m.at(1)) : TargetOfCounts(store, m.at(1), 0);
           WriteVariantList(UsedRows(store, m.at(0)), *target, path);
         },
         true});
  }
  if (scores_.sscore) {
    products.push_back(
        {"scores.sscore",
         {"scores", "qc"},
         true,
         {},
         [this](const ArtifactStore& store, const Manifests& m, const std::string& path) {
           const ScoreSums sums = ReadScoreSums(store, m[0]);
           if (sums.names.empty()) return RemoveFile(path);  // none passed
           WriteSscore(sums, *cohort_, Kept(store, m), path);
         },
         true});
    products.back().if_any = true;
  }
  if (!scores_.detail) return;
  products.push_back(
      {"scores_detail.tsv.gz",
       {"scores", "qc"},
       true,
       {},
       [this](const ArtifactStore& store, const Manifests& m, const std::string& path) {
         WriteScoresDetail(ReadScoreSums(store, m[0]), *cohort_, Kept(store, m), path);
       },
       true});
  products.back().aside = true;
}

void Study::AddFamilyScoreProducts(std::vector<Product>& products) const {
  if (!has_family_scores()) return;
  products.push_back({"family_scores",
                      {"family_scores"},
                      true,
                      OfFirst([this](const ArtifactStore& store, const Manifest& m) {
                        return FamilyScoresTable(ReadFamilyScores(store, m), *cohort_);
                      }),
                      {}});
  products.push_back({"family_score_summary",
                      {"family_scores", "qc"},
                      false,
                      [this](const ArtifactStore& store, const Manifests& m) {
                        const Table table =
                            FamilyScoreSummary(ReadFamilyScores(store, m[0]), *cohort_);
                        return BesideLedger(store, m, SuppressSmallModels(table, small_cell_),
                                            small_cell_, has_qc());
                      },
                      {},
                      true});
  products.back().besides = fmt::format("small_cell {}", small_cell_);
  products.push_back({"family_score_summary_full",
                      {"family_scores"},
                      true,
                      OfFirst([this](const ArtifactStore& store, const Manifest& m) {
                        return FamilyScoreSummary(ReadFamilyScores(store, m), *cohort_);
                      }),
                      {}});
}

void Study::AddAfterScoresProducts(std::vector<Product>& products) const {
  const auto add = [&](const char* name, const char* stage, const char* path,
                       Table (*suppress)(const Table&, int64_t)) {
    const auto table = [this, path, suppress](const ArtifactStore& store, const Manifests& m) {
      return BesideLedger(store, m, suppress(store.Open(m[0], 0).ReadTable(path), small_cell_),
                          small_cell_, has_qc());
    };
    products.push_back({name, {stage, "qc"}, false, table, {}, true});
    products.back().besides = fmt::format("small_cell {}", small_cell_);
    products.push_back({fmt::format("{}_full", name),
                        {stage},
                        true,
                        OfFirst([path](const ArtifactStore& store, const Manifest& m) {
                          return store.Open(m, 0).ReadTable(path);
                        }),
                        {}});
  };
  if (has_score_checks()) add("score_checks", "score_checks", "/checks", SuppressSmallModels);
  if (!has_adjusted()) return;
  products.push_back({"scores_adjusted",
                      {"adjusted", "qc"},
                      true,
                      [this](const ArtifactStore& store, const Manifests& m) {
                        return AdjustedTable(store, m[0], *cohort_, Kept(store, m));
                      },
                      {},
                      true});
  if (scores_.adjust.ancestry.asked_for()) {
    products.push_back({"scores_ancestry",
                        {"adjusted", "qc"},
                        true,
                        [this](const ArtifactStore& store, const Manifests& m) {
                          return AncestryTable(store, m[0], *cohort_, Kept(store, m));
                        },
                        {},
                        true});
    add("ancestry_models", "adjusted", "/ancestry_models", SuppressSmallModels);
  }
  add("score_adjustment", "adjusted", "/adjustment", SuppressScoreAdjustment);
  if (scores_.adjust.composites.empty()) return;
  add("composites", "adjusted", "/composites", SuppressSmallModels);
  add("composite_components", "adjusted", "/components", SuppressSmallModels);
}

/// What analyses tell of people: predicted random effects, and what R needs to repeat the models.
void Study::AddPrivateAnalysisProducts(std::vector<Product>& products) const {
  std::vector<std::string> with_blups;
  for (const auto& analysis : analyses_) {
    const std::string stage = "family:" + analysis.id;
    if (analysis.model_options.blups) with_blups.push_back(stage);
    if (!analysis.refit) continue;
    products.push_back(
        {"refit_" + analysis.id + ".tsv",
         {stage},
         true,
         {},
         OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
           WriteTsv(AnalysisTable(store, {m}, "refit/frame"), path);
         })});
    products.push_back(
        {"refit_" + analysis.id + ".R",
         {stage},
         true,
         {},
         OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
           const Table script = AnalysisTable(store, {m}, "refit/script");
           WriteFileAtomically(path, script.rows() == 0 ? "" : script.StringsOf("script").front());
         })});
  }
  if (with_blups.empty()) return;
  products.push_back({"blups",
                      with_blups,
                      true,
                      [](const ArtifactStore& store, const Manifests& m) {
                        return AnalysisTable(store, m, "individual/blups");
                      },
                      {}});
}

std::vector<std::string> Study::AnalysisTableNames() const {
  std::vector<std::string> names = family::FamilyTableNames();
  for (const auto& analysis : analyses_) {
    for (const auto& [name, table] : family::MakeModel(analysis.model)->MoreTables()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  const auto described = [](const auto& analysis) { return analysis.table_one.asked_for(); };
  if (std::any_of(analyses_.begin(), analyses_.end(), described)) names.emplace_back("table1");
  const auto corrected = [](const auto& analysis) {
    return analysis.model_options.attenuation.asked_for();
  };
  if (std::any_of(analyses_.begin(), analyses_.end(), corrected)) {
    names.emplace_back("attenuation");
  }
  const auto predicted = [](const auto& analysis) { return analysis.trajectories.asked_for(); };
  if (std::any_of(analyses_.begin(), analyses_.end(), predicted)) {
    names.emplace_back("trajectories");
  }
  return names;
}

std::vector<Product> Study::Products() const {
  std::vector<Product> products;
  AddBatchProducts(products);
  if (has_qc()) AddQcProducts(products);
  AddMendelProducts(products);
  AddReferenceProducts(products);
  AddLedgerProducts(products);
  AddKinshipProducts(products);
  AddPcaProducts(products);
  AddPlateProducts(products);
  AddBatchInfoProducts(products);
  if (!score_files_.empty()) AddScoreProducts(products);
  AddFamilyScoreProducts(products);
  AddAfterScoresProducts(products);
  std::string across;
  for (const auto& [id, group] : family::AcrossOf(analyses_)) {
    across += fmt::format("\n{}\t{}\t{}", id, group.name, group.tests);
  }
  const std::string disclosure =
      fmt::format("small_cell {}, rules {}", small_cell_, AnalysisDisclosure::kRules);
  for (const auto& name : AnalysisTableNames()) {
    const auto add = [&](const std::string& file, bool full) {
      products.push_back(
          {file,
           FamilyStages(),
           full,
           [name, full, tables = analysis_tables_](const ArtifactStore& store, const Manifests& m) {
             return full ? tables->FullIfHidden(store, m, name) : tables->Shared(store, m, name);
           },
           {}});
      products.back().besides = disclosure + across;
      products.back().if_any = full;
    };
    add(name, false);
    add(FullName(name), true);
    if (name != "paths") continue;
    products.push_back({"paths.dot",
                        FamilyStages(),
                        false,
                        {},
                        [tables = analysis_tables_](const ArtifactStore& store, const Manifests& m,
                                                    const std::string& path) {
                          const auto text = family::PathDiagrams(tables->Shared(store, m, "paths"));
                          if (text.empty()) {
                            RemoveFile(path);
                          } else {
                            WriteFileAtomically(path, text);
                          }
                        }});
    products.back().besides = disclosure;
    products.back().if_any = true;
  }
  AddPrivateAnalysisProducts(products);
  return products;
}

void Study::TellWithheld(const Plan& plan, const ArtifactStore& store, const std::string& folder,
                         Log& log) const {
  Manifests manifests;
  for (const auto& id : FamilyStages()) {
    if (!plan.Has(id)) continue;
    if (auto m = store.Find("family", plan.at(id).keys.self)) manifests.push_back(*std::move(m));
  }
  if (manifests.empty()) return;
  for (const auto& warning : analysis_tables_->AcrossWarnings(store, manifests)) {
    log.Warn("{}", warning);
  }
  for (const auto& name : AnalysisTableNames()) {
    // It was written if anything is withheld: else the tables need not be read for this.
    if (!FileExists(JoinPath(folder, "private/" + FullName(name) + ".tsv"))) continue;
    const size_t rows = analysis_tables_->Withheld(store, manifests, name);
    if (rows > 0) {
      log.Warn("{}", WithheldText(name, rows, small_cell_, true));
    } else if (name == "table1") {
      log.Warn("{}", HiddenNumbersText(small_cell_, true));
    }
  }
}

}  // namespace kinflow
