#include "stages/scores/match_warnings.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

namespace kinflow {

std::vector<std::string> MatchWarnings(const std::string& name, const ScoreMatch& match,
                                       const ScoreLines& lines, size_t score, MatchBy by,
                                       const MatchRules& rules) {
  std::vector<std::string> warnings;
  if (match.unsupported > 0) {
    std::map<std::string_view, uint64_t> codes;
    for (const auto& entry : lines.scores()[score].entries) {
      if (const RowProblem p = lines.problem(entry.line); IsUnsupported(p)) {
        ++codes[ProblemCode(p)];
      }
    }
    for (const auto& [code, n] : codes) {
      warnings.push_back(fmt::format("score {}: {} lines not computed ({})", name, n, code));
    }
  }
  const bool by_id = by == MatchBy::kId, first = rules.keep_first_match;
  if (match.duplicates > 0 && (first || !by_id)) {
    warnings.push_back(fmt::format("score {}: {} lines {}; {}", name, match.duplicates,
                                   by_id ? "have an id and allele that another line has too"
                                         : "lie on a variant of another of its lines",
                                   first
                                       ? "the first of each counts (scores.match.duplicates: first)"
                                       : "none of them counts (scores.match.duplicates: drop)"));
  }
  if (match.multiallelic > 0 && !rules.keep_multiallelic) {
    warnings.push_back(
        fmt::format("score {}: {} lines lie on multi-allelic variants; none of them counts "
                    "(scores.match.multiallelic: drop)",
                    name, match.multiallelic));
  } else if (match.multiallelic_open > 0) {
    warnings.push_back(
        fmt::format("score {}: {} lines weigh REF of a multi-allelic variant, or fit several parts "
                    "of one; none of them counts (multiallelic_ref, several_variants in match_log)",
                    name, match.multiallelic_open));
  }
  if (match.several > 0) {
    const bool strict = rules.set == MatchRules::Set::kStrict;
    warnings.push_back(
        fmt::format("score {}: {} lines fit several variants equally well (duplicate_best_match "
                    "in match_log); {} (scores.match.rules)",
                    name, match.several, strict ? "none counts" : "the first counts"));
  }
  if (match.shared_ref > 0) {
    warnings.push_back(fmt::format(
        "score {}: {} lines weigh REF where several variants have it, as multi-allelic records "
        "that were split: copies of the other ALT alleles count as REF; join the records (bcftools "
        "norm -m +) to have such lines left out",
        name, match.shared_ref));
  }
  if (match.freq_different > 0) {
    warnings.push_back(
        fmt::format("score {}: the effect allele's frequency differs by more than {:g} from the "
                    "score file's in {} of {} lines",
                    name, rules.frequency_difference, match.freq_different, match.freq_compared));
  }
  return warnings;
}

}  // namespace kinflow
