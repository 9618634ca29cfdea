#include <fmt/format.h>

#include <cmath>
#include <map>

#include "pipeline/app/explain_folder.h"
#include "pipeline/app/match_reasons.h"
#include "pipeline/app/result_view.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

struct Share {
  uint64_t lines = 0;
  double weight = 0;
};

/// Lines and |weight| by reason of what the log holds under `accession`. Candidates that are not a
/// line's best do not count.
std::map<std::string, Share> ReasonsOf(const std::string& accession, const ResultView& folder) {
  std::map<std::string, Share> reasons;
  auto rows = folder.Open("share/match_log.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["accession"] != accession || row["match_status"] == "not_best") continue;
    Share& share = reasons[std::string(row["reason"])];
    ++share.lines;
    if (const auto weight = ParseDouble(row["effect_weight"])) share.weight += std::abs(*weight);
  }
  return reasons;
}

/// True if the row has values in all of these columns: what failed early has none.
bool Has(const ResultRows& row, std::initializer_list<std::string_view> columns) {
  for (const auto column : columns) {
    if (row[column].empty() || row[column] == "NA") return false;
  }
  return true;
}

std::string FaultOf(const ResultRows& row) {
  return fmt::format("  {} {}\n  remedy: {}\n", row["ERROR"], row["MESSAGE"], row["REMEDY"]);
}

std::string LostLines(const ResultRows& row, const ResultView& view) {
  if (!Has(row, {"LOG_ACCESSION"})) return "";
  const std::string accession(row["LOG_ACCESSION"]);
  const bool shared = accession != row["SCORE"];  // by the scores of a wide table, without weights
  std::string text;
  if (shared) text += fmt::format("  lines of the table {}, of all its scores:\n", accession);
  for (const auto& [reason, share] : ReasonsOf(accession, view)) {
    text += shared ? fmt::format("  {} lines: ", share.lines)
                   : fmt::format("  {} lines, |weight| {}: ", share.lines,
                                 FormatDouble(share.weight, 6));
    text += MatchReasonText(reason, view) + "\n";
  }
  return text;
}

std::string TextOfMatch(const ResultRows& row, const ResultView& view) {
  const bool passed = row["PASS"] == "true";
  std::string text =
      fmt::format("score {} ({}): {}\n", row["SCORE"], row["FILE"], passed ? "passed" : "failed");
  if (Has(row, {"MATCHED", "LINES"})) {
    text += fmt::format("  lines matched: {} of {}, share {}, scores.match.min_overlap {}\n",
                        row["MATCHED"], row["LINES"], row["MATCH_RATE"],
                        view.Setting("scores.match.min_overlap"));
  }
  if (Has(row, {"WEIGHT_MATCHED", "WEIGHT_TOTAL"})) {
    text += fmt::format(
        "  summed |weight| matched: {} of {}, share {}, scores.match.min_weight_overlap {}\n",
        row["WEIGHT_MATCHED"], row["WEIGHT_TOTAL"], row["WEIGHT_RATE"],
        view.Setting("scores.match.min_weight_overlap"));
  }
  if (!passed) text += FaultOf(row);
  text += LostLines(row, view);
  if (Has(row, {"FLIPPED", "AMBIGUOUS_RESOLVED"})) {
    text += fmt::format("  strand flips {}, palindromes told by frequency {}\n", row["FLIPPED"],
                        row["AMBIGUOUS_RESOLVED"]);
  }
  if (Has(row, {"FREQ_COMPARED", "FREQ_DIFFERENT"})) {
    text += fmt::format("  effect allele frequencies compared {}, differing by more than {}: {}\n",
                        row["FREQ_COMPARED"], view.Setting("scores.match.frequency_difference"),
                        row["FREQ_DIFFERENT"]);
  }
  return text;
}

/// All of a table of which OUT/share may have a part.
std::optional<ResultRows> OpenAll(const ResultView& view, const std::string& name) {
  auto rows = view.Open("private/" + name + "_full.tsv");
  return rows ? std::move(rows) : view.Open("share/" + name + ".tsv");
}

/// The scores that a composite is made of; "" if it is none, or failed.
std::string MadeOf(const std::string& score, const ResultView& view) {
  std::string text;
  auto rows = OpenAll(view, "composites");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["COMPOSITE"] != score) continue;
    if (text.empty()) {
      text = fmt::format("  {} of its scores among {} people ({}), share of their variance {}\n",
                         row["METHOD"], row["N"], row["FIT_ON"], row["VAR_EXPLAINED"]);
    }
    text += fmt::format("  {}: loading {}, correlation with the composite {}\n", row["SCORE"],
                        row["LOADING"], row["CORRELATION"]);
  }
  return text;
}

/// What was done to the sums of a score, or how a composite was made.
std::string TextOfAdjustment(const ResultRows& row, const ResultView& view) {
  const bool composite = row["KIND"] == "composite", failed = Has(row, {"ERROR"});
  std::string text;
  if (composite) {
    text = fmt::format("composite {}: {}\n{}", row["SCORE"], failed ? "failed" : "made",
                       MadeOf(std::string(row["SCORE"]), view));
  } else {
    text = fmt::format("score {}: {}\n", row["SCORE"],
                       failed ? "adjusting failed" : "adjusted (scores.adjust)");
  }
  if (failed) return text + FaultOf(row);
  if (Has(row, {"N", "N_DROPPED"})) {
    text += fmt::format("  {} people have it, {} with a sum do not\n", row["N"], row["N_DROPPED"]);
  }
  if (Has(row, {"R2"})) {
    text +=
        fmt::format("  {} coefficients of covariates, R2 {}\n", row["N_COEFFICIENTS"], row["R2"]);
  }
  if (Has(row, {"COLLINEAR"})) {
    text += fmt::format("  covariates that follow from the others: {}\n", row["COLLINEAR"]);
  }
  if (Has(row, {"SCALE_ON"})) {
    text += fmt::format("  scale of {} ({} people): mean {}, SD {}\n", row["SCALE_ON"],
                        row["SCALE_N"], row["MEAN"], row["SD"]);
  }
  return text;
}

}  // namespace

std::string ExplainScore(const std::string& score, const std::string& folder) {
  const ResultView view(folder);
  std::string text;
  auto matched = view.Open("share/match_scores.tsv");
  while (matched && matched->Next()) {
    if ((*matched)["SCORE"] == score) text += TextOfMatch(*matched, view);
  }
  auto adjusted = OpenAll(view, "score_adjustment");
  while (adjusted && adjusted->Next()) {
    if ((*adjusted)["SCORE"] == score) text += TextOfAdjustment(*adjusted, view);
  }
  if (!text.empty()) return text;
  throw view.Unknown("score").Value(score).Remedy(
      "match_scores.tsv, and of composites score_adjustment.tsv, list the scores of a run in their "
      "column SCORE");
}

}  // namespace kinflow
