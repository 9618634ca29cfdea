#include "pipeline/app/explain_folder.h"

#include <fmt/format.h>

#include "pipeline/app/explain_counts.h"
#include "pipeline/app/match_reasons.h"
#include "pipeline/app/result_view.h"
#include "pipeline/base/number.h"

namespace kinflow {
namespace {

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
  text += fmt::format("  {}: {}\n", row["match_status"], MatchReasonText(row["reason"], folder));
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

}  // namespace kinflow
