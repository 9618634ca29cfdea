#include "pipeline/app/match_reasons.h"

#include <fmt/format.h>

namespace kinflow {

std::string MatchReasonText(std::string_view reason, const ResultView& folder) {
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

}  // namespace kinflow
