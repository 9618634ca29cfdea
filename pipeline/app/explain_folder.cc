#include "pipeline/app/explain_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "pipeline/app/result_rows.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

/// The output folder of a run.
class ResultFolderView {
 public:
  explicit ResultFolderView(const std::string& folder) : folder_(folder) {
    const std::string path = JoinPath(folder, "run.json");
    if (!FileExists(path)) {
      throw Error(ErrorId::kMissingFile, "no run.json: this is no output folder of a run")
          .InFile(folder)
          .Remedy("name the folder of output.folder or --out: kinflow explain variant ID DIR");
    }
    run_ = nlohmann::json::parse(ReadFile(path), nullptr, false);
    if (!run_.is_object()) {
      throw Error(ErrorId::kMalformed, "run.json cannot be read").InFile(path).Remedy("run again");
    }
  }

  std::optional<ResultRows> Open(const std::string& name) const {
    const std::string path = JoinPath(folder_, name);
    if (!FileExists(path)) return std::nullopt;
    return std::optional<ResultRows>(std::in_place, path);
  }

  /// A value of the config that the run used: "scores.match.min_overlap"; "?" = it has none.
  std::string Setting(const std::string& key) const {
    const nlohmann::json* node = &run_["config"];
    for (size_t begin = 0; begin <= key.size();) {
      const size_t end = std::min(key.find('.', begin), key.size());
      const auto it = node->find(key.substr(begin, end - begin));
      if (it == node->end()) return "?";
      node = &*it;
      begin = end + 1;
    }
    return node->is_string() ? node->get<std::string>() : node->dump();
  }

  /// "maf 0.01, hwe_p 1e-06": filters of a step of quality control with their thresholds.
  std::string Thresholds(std::string_view step) const {
    std::string text;
    auto rows = Open("share/ledger.tsv");
    while (rows && rows->Next()) {
      if ((*rows)["STEP"] != step || (*rows)["THRESHOLD"] == "NA") continue;
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", (*rows)["FILTER"], (*rows)["THRESHOLD"]);
    }
    return text;
  }

 private:
  std::string folder_;
  nlohmann::json run_;
};

/// "CALL_RATE 0.99, MAF 0.1" of the columns that the table has.
std::string Values(const ResultRows& row, std::initializer_list<std::string_view> columns) {
  std::string text;
  for (const auto column : columns) {
    if (row[column].empty()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", column, row[column]);
  }
  return text;
}

/// "kept" or "removed by maf: 0.004, threshold 0.01".
std::string Verdict(const ResultRows& row) {
  if (row["REASON"].empty() || row["REASON"] == "NA") return std::string(row["STATUS"]);
  return fmt::format("{} by {}: value {}, threshold {}", row["STATUS"], row["REASON"],
                     row["REASON_VALUE"], row["REASON_THRESHOLD"]);
}

/// What a reason code of the match log means in this run.
std::string ReasonText(std::string_view reason, const ResultFolderView& folder) {
  const auto match = [&](const char* key) {
    return fmt::format("scores.match.{}: {}", key,
                       folder.Setting(fmt::format("scores.match.{}", key)));
  };
  if (reason == "matched") return "used";
  if (reason == "ambiguous") return "palindromic, not used (" + match("ambiguous") + ")";
  if (reason == "ambiguous_no_frequency") {
    return "palindromic, not used: a frequency of the effect allele is not known (" +
           match("ambiguous") + ")";
  }
  if (reason == "ambiguous_near_half") {
    return "palindromic, not used: a frequency is too near 1/2 to tell the strand (" +
           match("ambiguous_margin") + ")";
  }
  if (reason == "multiallelic") {
    return "from a multi-allelic record, not used (" + match("multiallelic") + ")";
  }
  if (reason == "strand_flip")
    return "on the other strand, not used (" + match("strand_flips") + ")";
  if (reason == "duplicate") {
    return "another line of the score is on this variant, not used (" + match("duplicates") + ")";
  }
  if (reason == "not_best") return "another candidate of the line fits better";
  if (reason == "alleles") return "the position is in the target, with other alleles";
  if (reason == "absent") return "the target has no variant there";
  if (reason == "no_position") return "the line has no position";
  if (reason == "no_id") return "the line has no variant id";
  if (reason.starts_with("qc_")) {
    return fmt::format("quality control removed the variant ({})", reason.substr(3));
  }
  return fmt::format("a kind of effect that cannot be computed ({}; scores.unsupported_rows: {})",
                     reason, folder.Setting("scores.unsupported_rows"));
}

/// The name under which a row of a table can be asked for.
bool IsVariant(std::string_view asked, std::string_view id, std::string_view chrom,
               std::string_view pos, std::string_view ref, std::string_view alt) {
  if (id == asked) return true;
  const std::string place = fmt::format("{}:{}", chrom, pos);
  return asked == place || asked == fmt::format("{}:{}:{}", place, ref, alt);
}

/// Quality control of the variant; "" if the tables do not have it.
std::string VariantQc(const std::string& variant, const ResultFolderView& folder) {
  std::string text;
  auto rows = folder.Open("private/variants_full.tsv.gz");
  if (!rows) rows = folder.Open("share/variants.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (!IsVariant(variant, row["ID"], row["CHROM"], row["POS"], row["REF"], row["ALT"])) continue;
    text +=
        fmt::format("variant {}:{} {} {} {}\n  quality control: {}\n  {}\n", row["CHROM"],
                    row["POS"], row["ID"], row["REF"], row["ALT"], Verdict(row),
                    Values(row, {"N", "CALL_RATE", "AF", "MAF", "HWE_P", "INFO", "MENDEL_ERRORS"}));
  }
  if (text.empty()) return "";
  const std::string thresholds = folder.Thresholds("variants");
  return thresholds.empty() ? text : text + "  thresholds of the run: " + thresholds + "\n";
}

/// Why batches that have the variant could not be joined over it; "" = it is not among those left
/// out.
std::string VariantOfBatches(const std::string& variant, const ResultFolderView& folder) {
  std::string text;
  auto rows = folder.Open("share/batches_log.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (!IsVariant(variant, row["ID"], row["CHROM"], row["POS"], row["REF"], row["ALT"])) continue;
    text += fmt::format("variant {}:{} {} {} {}\n  left out of batch {}: {} ({})\n", row["CHROM"],
                        row["POS"], row["ID"], row["REF"], row["ALT"], row["BATCH"], row["REASON"],
                        row["OTHER_BATCH"]);
  }
  return text;
}

void AddLogRow(const ResultRows& row, const ResultFolderView& folder, std::string& text) {
  text += fmt::format("score {}, line {}: effect allele {}, other {}, weight {} ({})\n",
                      row["accession"], row["row_nr"], row["effect_allele"], row["other_allele"],
                      row["effect_weight"], row["effect_type"]);
  if (row["match_type"] != "NA") {
    text += fmt::format("  against {} {} {}: {}, counted allele {}\n", row["ID"], row["REF"],
                        row["ALT"], row["match_type"], row["matched_effect_allele"]);
  }
  text += fmt::format("  {}: {}\n", row["match_status"], ReasonText(row["reason"], folder));
  if (row["effect_frequency"] != "NA") {
    text += fmt::format(
        "  frequency of the effect allele: {} in the file, {} in the target "
        "(differences above {} are reported)\n",
        row["effect_frequency"], row["target_frequency"],
        folder.Setting("scores.match.frequency_difference"));
  }
}

struct Share {
  uint64_t lines = 0;
  double weight = 0;
};

/// Lines and |weight| of a score by reason. Candidates that are not a line's best do not count.
std::map<std::string, Share> ReasonsOf(const std::string& score, const ResultFolderView& folder) {
  std::map<std::string, Share> reasons;
  auto rows = folder.Open("share/match_log.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["accession"] != score || row["match_status"] == "not_best") continue;
    Share& share = reasons[std::string(row["reason"])];
    ++share.lines;
    if (const auto weight = ParseDouble(row["effect_weight"])) share.weight += std::abs(*weight);
  }
  return reasons;
}

Error Unknown(const char* what, const std::string& folder) {
  return Error(ErrorId::kBadArgument, fmt::format("the run in {} has no such {}", folder, what));
}

}  // namespace

std::string ExplainVariant(const std::string& variant, const std::string& folder) {
  const ResultFolderView view(folder);
  std::string text = VariantOfBatches(variant, view) + VariantQc(variant, view);
  auto rows = view.Open("share/match_log.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (IsVariant(variant, row["ID"], row["chr_name"], row["chr_position"], row["REF"],
                  row["ALT"])) {
      AddLogRow(row, view, text);
    }
  }
  if (!text.empty()) return text;
  throw Unknown("variant", folder)
      .Value(variant)
      .Remedy(
          "write its id, CHROM:POS or CHROM:POS:REF:ALT; without quality control only variants "
          "of scores are known");
}

std::string ExplainScore(const std::string& score, const std::string& folder) {
  const ResultFolderView view(folder);
  auto rows = view.Open("share/match_scores.tsv");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["SCORE"] != score) continue;
    std::string text = fmt::format(
        "score {} ({}): {}\n  lines matched: {} of {}, share {}, scores.match.min_overlap {}\n"
        "  summed |weight| matched: {} of {}, share {}, scores.match.min_weight_overlap {}\n",
        score, row["FILE"], row["PASS"] == "true" ? "passed" : "failed", row["MATCHED"],
        row["LINES"], row["MATCH_RATE"], view.Setting("scores.match.min_overlap"),
        row["WEIGHT_MATCHED"], row["WEIGHT_TOTAL"], row["WEIGHT_RATE"],
        view.Setting("scores.match.min_weight_overlap"));
    if (row["PASS"] != "true") {
      text += fmt::format("  {} {}\n  remedy: {}\n", row["ERROR"], row["MESSAGE"], row["REMEDY"]);
    }
    for (const auto& [reason, share] : ReasonsOf(score, view)) {
      text += fmt::format("  {} lines, |weight| {}: {}\n", share.lines,
                          FormatDouble(share.weight, 6), ReasonText(reason, view));
    }
    text += fmt::format(
        "  strand flips {}, palindromes told by frequency {}\n"
        "  effect allele frequencies compared {}, differing by more than {}: {}\n",
        row["FLIPPED"], row["AMBIGUOUS_RESOLVED"], row["FREQ_COMPARED"],
        view.Setting("scores.match.frequency_difference"), row["FREQ_DIFFERENT"]);
    return text;
  }
  throw Unknown("score", folder)
      .Value(score)
      .Remedy("match_scores.tsv lists the scores of a run in its column SCORE");
}

std::string ExplainSample(const std::string& iid, const std::string& folder) {
  const ResultFolderView view(folder);
  std::string text;
  auto rows = view.Open("private/samples.tsv");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (row["IID"] != iid) continue;
    text += fmt::format("person {} of family {}, {}\n  quality control: {}\n  {}\n", row["IID"],
                        row["FID"], row["ROLE"], Verdict(row),
                        Values(row, {"SEX_DECLARED", "SEX_INFERRED", "X_F", "CALL_RATE", "HET_RATE",
                                     "HET_F", "N_VARIANTS", "N_MISSING", "MENDEL_ERRORS"}));
    const std::string thresholds = view.Thresholds("samples");
    if (!thresholds.empty()) text += "  thresholds of the run: " + thresholds + "\n";
  }
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
  for (const char* name : {"scores", "scores_adjusted"}) {
    auto scores = view.Open(fmt::format("private/{}.tsv", name));
    while (scores && scores->Next()) {
      if ((*scores)["IID"] != iid) continue;
      for (const auto& column : scores->columns()) {
        if (column == "FID" || column == "IID" || column == "ROLE") continue;
        text += fmt::format("  {} {}: {}\n", name, column, (*scores)[column]);
      }
    }
  }
  if (!text.empty()) return text;
  throw Unknown("person", folder)
      .Remedy(
          "write the IID as in private/samples.tsv; people removed before the run are in no "
          "table");
}

}  // namespace kinflow
