#include "pipeline/app/explain_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/app/explain_counts.h"
#include "pipeline/app/result_view.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

/// What a reason code of the match log means in this run.
std::string ReasonText(std::string_view reason, const ResultView& folder) {
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
  if (reason == "multiallelic_ref") {
    return "weighs REF of a multi-allelic record, whose copies the dosage of one ALT allele does "
           "not tell: not used";
  }
  if (reason == "strand_flip")
    return "on the other strand, not used (" + match("strand_flips") + ")";
  if (reason == "duplicate") {
    return "another line of the score is on this variant (of lines found by id: on this allele of "
           "it), not used (" +
           match("duplicates") + ")";
  }
  if (reason == "partly_duplicate") {
    return "another line of the table is on this variant: used by scores that weigh this one only "
           "(" +
           match("duplicates") + ")";
  }
  if (reason == "several_variants") {
    return "fits several variants equally, not used (" + match("rules") + ")";
  }
  if (reason == "not_best") return "another candidate of the line fits better";
  if (reason == "lifted_indel") {
    return "an insertion or deletion that lies on a reversed chain: its place is not told";
  }
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

/// The filters that a variant fails beside the one that removed it.
std::string OtherReasons(std::string_view reasons) {
  const size_t first = reasons.find(',');
  if (first == std::string_view::npos) return "";
  return fmt::format("  beyond the threshold of {} too\n", reasons.substr(first + 1));
}

/// Calls of the variant that are missing to scores and plates.
std::string CallsSet(const ResultRows& row) {
  const std::string_view calls = row["GENOTYPES_SET"];
  if (calls.empty() || calls == "NA") return "";
  return fmt::format(
      "  {} calls set to missing for Mendel errors with {} children (qc.mendel_errors)\n", calls,
      row["MENDEL_ERRORS"]);
}

/// Quality control of the variant; "" if the tables do not have it.
std::string VariantQc(const std::string& variant, const ResultView& folder) {
  std::string text;
  auto rows = folder.Open("private/variants_full.tsv.gz");
  if (!rows) rows = folder.Open("share/variants.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (!IsVariant(variant, row["ID"], row["CHROM"], row["POS"], row["REF"], row["ALT"])) continue;
    text += fmt::format(
        "variant {}:{} {} {} {}\n  quality control: {}\n{}  {}\n", row["CHROM"], row["POS"],
        row["ID"], row["REF"], row["ALT"], VerdictOf(row), OtherReasons(row["REASONS"]),
        ValuesOf(row, {"N", "CALL_RATE", "AF", "MAF", "HWE_P", "INFO", "MENDEL_ERRORS"}));
    text += CallsSet(row);
  }
  if (text.empty()) return "";
  const std::string thresholds = folder.Thresholds("variants");
  return thresholds.empty() ? text : text + "  thresholds of the run: " + thresholds + "\n";
}

/// What a status of reference_variants.tsv.gz means.
std::string ReferenceText(std::string_view status) {
  if (status == "difference") return "frequencies differ, however alleles are read";
  if (status == "exchanged") return "frequencies agree once the alleles are exchanged";
  if (status == "palindromic_turned") {
    return "A/T or C/G, frequencies agree with alleles exchanged or on the other strand";
  }
  if (status == "palindromic") return "A/T or C/G, and frequencies cannot tell the strand";
  if (status == "strand") return "the reference has the alleles of the other strand";
  if (status == "alleles") return "the reference has other alleles there";
  return std::string(status);
}

/// Founders' frequencies of the variant against those of a reference; "" if there is none. `known`:
/// the run has the variant.
std::string VariantInReference(const std::string& variant, const ResultView& folder, bool known) {
  std::string text;
  auto rows = folder.Open("private/reference_variants.tsv.gz");
  if (!rows) return "";
  while (rows->Next()) {
    const ResultRows& row = *rows;
    if (!IsVariant(variant, row["ID"], row["CHROM"], row["POS"], row["REF"], row["ALT"])) continue;
    if (!known) {
      text += fmt::format("variant {}:{} {} {} {}\n", row["CHROM"], row["POS"], row["ID"],
                          row["REF"], row["ALT"]);
    }
    text += fmt::format("  against the reference: {}: {}\n", row["SUSPECT"],
                        ReferenceText(row["SUSPECT"]));
    text += fmt::format("    alleles {}; frequency of ALT {} in founders, {} in the reference\n",
                        row["ALLELES"], row["AF"], row["REFERENCE_AF"]);
    if (row["DIFFERENCE"] == "NA") continue;
    text += fmt::format(
        "    difference {}, qc.reference.difference {}; chi-square {}, p {}, qc.reference.p {}\n",
        row["DIFFERENCE"], folder.Setting("qc.reference.difference"), row["CHI2"], row["P"],
        folder.Setting("qc.reference.p"));
  }
  if (!text.empty() || !known) return text;
  return fmt::format(
      "  against the reference: nothing suspect: absent there, or frequencies within "
      "qc.reference.difference {} or chance (qc.reference.p {})\n",
      folder.Setting("qc.reference.difference"), folder.Setting("qc.reference.p"));
}

/// Discordant calls of people found twice; "" if there are none.
std::string VariantInRepeats(const std::string& variant, const ResultView& folder) {
  std::string text;
  auto rows = folder.Open("private/concordance_variants.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (!IsVariant(variant, row["ID"], row["CHROM"], row["POS"], row["REF"], row["ALT"])) continue;
    text +=
        fmt::format("  repeated samples: {} of {} pairs discordant, {} with opposite homozygotes\n",
                    row["DISCORDANT"], row["BOTH_CALLED"], row["OPPOSITE"]);
  }
  return text;
}

/// Why batches that have the variant could not be joined over it; "" = it is not among those left
/// out.
std::string VariantOfBatches(const std::string& variant, const ResultView& folder) {
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

/// "14 (row_nr 13)": rows of data behind the header and comments, which the log counts from 0.
std::string RowText(std::string_view row_nr) {
  const auto row = ParseUint(row_nr);
  return row ? fmt::format("{} (row_nr {})", *row + 1, row_nr) : std::string(row_nr);
}

void AddLogRow(const ResultRows& row, const ResultView& folder, std::string& text) {
  text += fmt::format("score {}, row {}: effect allele {}, other {}, weight {} ({})\n",
                      row["accession"], RowText(row["row_nr"]), row["effect_allele"],
                      row["other_allele"], row["effect_weight"], row["effect_type"]);
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
  } else if (row["target_frequency"] != "NA") {
    text += fmt::format("  frequency of the effect allele in the target: {} (rounded)\n",
                        row["target_frequency"]);
  }
}

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

}  // namespace

std::string ExplainVariant(const std::string& variant, const std::string& folder) {
  const ResultView view(folder);
  const std::string quality = VariantQc(variant, view);
  std::string text = VariantOfBatches(variant, view) + quality +
                     VariantInReference(variant, view, !quality.empty());
  if (!quality.empty()) text += VariantInRepeats(variant, view);
  auto rows = view.Open("share/match_log.tsv.gz");
  while (rows && rows->Next()) {
    const ResultRows& row = *rows;
    if (IsVariant(variant, row["ID"], row["chr_name"], row["chr_position"], row["REF"],
                  row["ALT"])) {
      AddLogRow(row, view, text);
    }
  }
  if (!text.empty()) {
    return text + CountsOf(
                      [&variant](const VariantTable& v, size_t i) {
                        return IsVariant(variant, v.id(i), v.chrom(i), std::to_string(v.pos(i)),
                                         v.ref(i), v.alt(i));
                      },
                      folder);
  }
  throw view.Unknown("variant").Value(variant).Remedy(
      "write its id, CHROM:POS or CHROM:POS:REF:ALT; without quality control only variants "
      "of scores and suspects of a reference are known");
}

std::string ExplainScore(const std::string& score, const std::string& folder) {
  const ResultView view(folder);
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
    const std::string accession(row["LOG_ACCESSION"]);
    const bool shared = accession != score;  // by the scores of a wide table, without weights
    if (shared) text += fmt::format("  lines of the table {}, of all its scores:\n", accession);
    for (const auto& [reason, share] : ReasonsOf(accession, view)) {
      text += shared ? fmt::format("  {} lines: ", share.lines)
                     : fmt::format("  {} lines, |weight| {}: ", share.lines,
                                   FormatDouble(share.weight, 6));
      text += ReasonText(reason, view) + "\n";
    }
    text += fmt::format(
        "  strand flips {}, palindromes told by frequency {}\n"
        "  effect allele frequencies compared {}, differing by more than {}: {}\n",
        row["FLIPPED"], row["AMBIGUOUS_RESOLVED"], row["FREQ_COMPARED"],
        view.Setting("scores.match.frequency_difference"), row["FREQ_DIFFERENT"]);
    return text;
  }
  throw view.Unknown("score").Value(score).Remedy(
      "match_scores.tsv lists the scores of a run in its column SCORE");
}

}  // namespace kinflow
