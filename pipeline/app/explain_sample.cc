#include <fmt/format.h>

#include "pipeline/app/explain_analyses.h"
#include "pipeline/app/explain_folder.h"
#include "pipeline/app/explain_withdrawn.h"
#include "pipeline/app/result_view.h"

namespace kinflow {
namespace {

std::string QualityOf(const std::string& iid, const ResultView& view) {
  std::string text;
  auto rows = view.Open("private/samples.tsv");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["IID"] != iid) continue;
    text += fmt::format("person {} of family {}, {}\n  quality control: {}\n  {}\n", row["IID"],
                        row["FID"], row["ROLE"], VerdictOf(row),
                        ValuesOf(row, {"SEX_DECLARED", "SEX_INFERRED", "X_F", "Y_CALL_RATE",
                                       "CALL_RATE", "HET_RATE", "HET_F", "ANCESTRY", "N_VARIANTS",
                                       "N_MISSING", "MENDEL_ERRORS"}));
    const std::string thresholds = view.Thresholds("samples");
    if (!thresholds.empty()) text += "  thresholds of the run: " + thresholds + "\n";
  }
  return text;
}

std::string TriosOf(const std::string& iid, const ResultView& view) {
  std::string text;
  auto families = view.Open("private/families.tsv");
  while (families && families->Next()) {
    const ResultRows& row = *families;
    if (row["CHILD"] != iid && row["FATHER"] != iid && row["MOTHER"] != iid) continue;
    text += fmt::format(
        "  trio of child {}, father {}, mother {}: {}, {} Mendel errors in {} "
        "variants\n",
        row["CHILD"], row["FATHER"], row["MOTHER"], row["STATUS"], row["MENDEL_ERRORS"],
        row["N_VARIANTS"]);
  }
  return text;
}

/// Calls that are missing to scores and plates.
std::string CallsSetOf(const std::string& iid, const ResultView& view) {
  auto rows = view.Open("private/mendel_calls.tsv");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["IID"] != iid || row["GENOTYPES_SET"] == "NA") continue;
    return fmt::format("  {} calls set to missing for Mendel errors (qc.mendel_errors)\n",
                       row["GENOTYPES_SET"]);
  }
  return "";
}

std::string RelativesOf(const std::string& iid, const ResultView& view) {
  std::string text;
  size_t by_chance = 0;
  auto pairs = view.Open("private/pairs.tsv");
  while (pairs && pairs->Next()) {
    const ResultRows& row = *pairs;
    if (row["IID1"] != iid && row["IID2"] != iid) continue;
    if (row["STATE"] == "by chance") {
      ++by_chance;
      continue;
    }
    text +=
        fmt::format("  with {}: {}, declared {}; {}\n",
                    row["IID1"] == iid ? row["IID2"] : row["IID1"], row["CLASS"], row["DECLARED"],
                    ValuesOf(row, {"STATE", "KINSHIP", "KINSHIP_SE", "P", "IBS0", "N_SNP"}));
  }
  if (by_chance > 0) {
    text += fmt::format("  {} more pairs whose kinship chance explains: private/pairs.tsv\n",
                        by_chance);
  }
  return text;
}

/// Decisions that name the person, applied or proposed.
std::string DecisionsOn(const std::string& iid, const ResultView& view) {
  std::string text;
  auto decisions = view.Open("private/decisions.tsv");
  while (decisions && decisions->Next()) {
    const ResultRows& row = *decisions;
    if (row["PERSON"] != iid && row["VALUE"] != iid && row["IID1"] != iid && row["IID2"] != iid) {
      continue;
    }
    const char* whose = row["ORIGIN"] == "person" ? "a person" : "the run";
    const bool done = row["STATUS"] == "applied" || row["STATUS"] == "proposed";
    const std::string told = done ? fmt::format("{} by {}", row["STATUS"], whose)
                                  : fmt::format("by {}, {}", whose, row["STATUS"]);
    text += fmt::format("  decision {}: {} {}{}{} ({}, confidence {})\n    evidence: {}\n", told,
                        row["DECISION"], row["PERSON"], row["VALUE"] == "NA" ? "" : ", ",
                        row["VALUE"] == "NA" ? "" : row["VALUE"], row["KIND"], row["CONFIDENCE"],
                        row["EVIDENCE"]);
  }
  return text;
}

/// Why a person has sums, but no residuals of them.
std::string DroppedText(std::string_view reason) {
  if (reason == "covariate_missing") {
    return "no adjusted score: a covariate of scores.adjust.residualise is missing";
  }
  return "no adjusted score: alone in a group of scores.adjust.residualise, whose mean the score "
         "is";
}

/// A line a column of the tables that are wide: components, scores.
std::string ColumnsOf(const std::string& iid, const ResultView& view) {
  std::string text;
  for (const char* name : {"pca", "scores", "scores_adjusted"}) {
    auto rows = view.Open(fmt::format("private/{}.tsv", name));
    while (rows && rows->Next()) {
      if ((*rows)["IID"] != iid) continue;
      for (const auto& column : rows->columns()) {
        if (column == "FID" || column == "IID" || column == "ROLE") continue;
        if (column == "DROPPED") {
          const std::string_view reason = (*rows)[column];
          if (reason != "NA") text += fmt::format("  {}: {}\n", name, DroppedText(reason));
          continue;
        }
        text += fmt::format("  {} {}: {}\n", name, column, (*rows)[column]);
      }
    }
  }
  return text;
}

/// The columns of family_scores.tsv that end with `_` and this name, without _T_ and _NT_.
std::string ParentScores(const ResultRows& row, const std::string& parent) {
  std::string text;
  for (const std::string& column : row.columns()) {
    if (!column.ends_with("_" + parent)) continue;
    const std::string score = column.substr(0, column.size() - parent.size() - 1);
    if (score.ends_with("_T") || score.ends_with("_NT")) continue;
    text += fmt::format("    {}: {}\n", score, row[column]);
  }
  return text;
}

std::string FamilyOfChild(const ResultRows& row) {
  std::string text = fmt::format(
      "  family scores ({}): mother {} {}, father {} {}\n    heterozygous at {} scored variants, "
      "in {} the origin is not known; {} genotypes that the parents cannot have passed on\n",
      row["KIND"], row["MOTHER"], row["MOTHER_STATUS"], row["FATHER"], row["FATHER_STATUS"],
      row["N_HET"], row["N_UNRESOLVED"], row["N_IMPOSSIBLE"]);
  bool scores = false;
  for (const std::string& column : row.columns()) {
    if (scores) text += fmt::format("    {}: {}\n", column, row[column]);
    scores = scores || column == "N_IMPOSSIBLE";
  }
  return text;
}

/// Family scores of a child, and those of a parent that are imputed.
std::string FamilyScoresOf(const std::string& iid, const ResultView& view) {
  std::string text;
  auto rows = view.Open("private/family_scores.tsv");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["IID"] == iid) text += FamilyOfChild(row);
    for (const char* parent : {"MOTHER", "FATHER"}) {
      if (row[parent] != iid || row[fmt::format("{}_STATUS", parent)] != "imputed") continue;
      text += fmt::format(
          "  {} of child {}, no genotypes in the scores (not read, or removed): imputed ({})\n",
          parent[0] == 'M' ? "mother" : "father", row["IID"], row["KIND"]);
      text += ParentScores(row, parent);
    }
  }
  return text;
}

}  // namespace

std::string ExplainSample(const std::string& iid, const std::string& folder) {
  const ResultView view(folder);
  std::string text = QualityOf(iid, view) + TriosOf(iid, view) + CallsSetOf(iid, view) +
                     DecisionsOn(iid, view) + RelativesOf(iid, view) + ColumnsOf(iid, view);
  if (text.empty()) text = WithdrawnText(iid, folder);
  text += FamilyScoresOf(iid, view);
  const std::string analyses = AnalysesOf(iid, folder, !text.empty());
  if (!text.empty() || !analyses.empty()) return text + analyses;
  throw view.Unknown("person").Remedy(
      "write the IID as in private/samples.tsv; people removed before the run are in no "
      "table");
}

}  // namespace kinflow
