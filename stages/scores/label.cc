// Labels of match candidates: the rule set of the PGS Catalog calculator v2, in its order
// (best_match, duplicate_best_match, duplicate_ID, ambiguous, is_multiallelic, match_flipped), and
// where the strict rules differ from it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>
#include <tuple>

#include "pipeline/base/file.h"
#include "stages/scores/fixed_point.h"
#include "stages/scores/match.h"

namespace kinflow {
namespace {

/// The way to read the same palindromic pair on the other strand.
MatchType TurnedOver(MatchType type) {
  return static_cast<MatchType>(static_cast<unsigned>(type) ^ 3u);
}

bool Palindromic(const MatchFinder& found, uint32_t target, const MatchRules& rules) {
  return IsAmbiguous(found.targets().ref(target), found.targets().alt(target), rules.strand());
}

/// The candidate that counts: the first of the best type, on the strand that frequencies tell.
struct Choice {
  MatchType best = MatchType::kNoOaAltFlip;  // by priority
  Candidate candidate;
  StrandCall strand = StrandCall::kNotAsked;
};

Choice Choose(std::span<const Candidate> candidates, double line_freq, const MatchFinder& found,
              const MatchRules& rules) {
  Choice choice;
  for (const Candidate& c : candidates) choice.best = std::min(choice.best, c.type);
  choice.candidate = *std::find_if(candidates.begin(), candidates.end(),
                                   [&](const Candidate& c) { return c.type == choice.best; });
  Candidate& c = choice.candidate;
  if (rules.ambiguous == MatchRules::Ambiguous::kFrequency && Palindromic(found, c.target, rules)) {
    choice.strand =
        CallStrand(line_freq, found.effect_freq(c.target, c.type), rules.ambiguous_margin);
    if (choice.strand == StrandCall::kOpposite) c.type = TurnedOver(c.type);
  }
  return choice;
}

std::vector<LabelledCandidate> Candidates(const ScoreLines& lines,
                                          const std::vector<ScoreLines::Entry>& entries,
                                          const MatchFinder& found, const MatchRules& rules) {
  std::vector<LabelledCandidate> log;
  log.reserve(entries.size());
  for (uint32_t e = 0; e < entries.size(); ++e) {
    const auto candidates = found.OfLine(entries[e].line);
    if (candidates.empty()) {
      log.push_back({.entry = e});
      continue;
    }
    const Choice choice = Choose(candidates, lines.effect_freq(entries[e].line), found, rules);
    const auto n_best = std::count_if(candidates.begin(), candidates.end(),
                                      [&](const Candidate& c) { return c.type == choice.best; });
    for (const Candidate& c : candidates) {
      LabelledCandidate row{.entry = e, .target = c.target, .type = c.type};
      row.duplicate_best = c.type == choice.best && n_best > 1;
      row.best = c.type == choice.candidate.type && c.target == choice.candidate.target;
      row.multiallelic = found.targets().from_multiallelic(c.target);
      row.collides =
          row.best && n_best > 1 && (rules.set == MatchRules::Set::kStrict || row.multiallelic);
      row.ambiguous = Palindromic(found, c.target, rules);
      if (row.ambiguous && c.target == choice.candidate.target) row.strand = choice.strand;
      row.flipped = IsFlip(c.type);
      log.push_back(row);
    }
  }
  return log;
}

/// Whether a palindromic match is left out.
bool DropsAmbiguous(const LabelledCandidate& row, MatchBy by, const MatchRules& rules) {
  if (!row.ambiguous || rules.ambiguous == MatchRules::Ambiguous::kKeep) return false;
  if (rules.ambiguous == MatchRules::Ambiguous::kAuto && by == MatchBy::kId &&
      row.type >= MatchType::kNoOaRef) {
    return false;
  }
  return row.strand != StrandCall::kSame && row.strand != StrandCall::kOpposite;
}

/// Not every copy of REF is told by the dosage of one ALT allele, nor which part of a multi-allelic
/// record a line means that fits several.
bool CannotCount(const LabelledCandidate& row) {
  return row.multiallelic && (EffectIsRef(row.type) || row.collides);
}

/// Counts a matched line, and what its file says of its effect allele's frequency.
void AddMatched(ScoreMatch& match, const LabelledCandidate& row, const ScoreLines::Entry& entry,
                const ScoreLines& lines, const MatchFinder& found, const MatchRules& rules) {
  ++match.matched;
  match.ambiguous_resolved += row.strand != StrandCall::kNotAsked;
  match.weight_matched += lines.Size(entry);
  match.shared_ref += EffectIsRef(row.type) && found.shares_ref(row.target);
  const auto add = [&](double weight, EffectType effect) {
    match.weights.push_back({found.row(row.target), weight, found.alt_freq(row.target), effect,
                             EffectIsRef(row.type), found.by_ploidy(row.target),
                             found.on_x(row.target)});
  };
  if (lines.effect(entry.line) == EffectType::kNonAdditive) {
    const auto& w = lines.by_copies(entry.line);
    add(w[0], EffectType::kConstant);
    add(DecimalDifference(w[1], w[0]), EffectType::kFirstCopy);
    add(DecimalDifference(w[2], w[1]), EffectType::kSecondCopy);
  } else {
    add(entry.weight, lines.effect(entry.line));
  }
  const double difference = lines.effect_freq(entry.line) - found.effect_freq(row.target, row.type);
  if (std::isnan(difference)) return;
  ++match.freq_compared;
  match.freq_different += std::abs(difference) > rules.frequency_difference;
}

void Fail(ScoreMatch& match, ErrorId error, std::string message) {
  match.pass = false;
  match.error = error;
  match.message = std::move(message);
}

/// Sums of millions of |weights| are off by less; a share that is just reached passes.
constexpr double kSumRounding = 1e-9;

/// "90 of 100 lines are in the target, 70 used (20 ambiguous)": in brackets why lines are left out.
std::string WhatIsFound(const ScoreMatch& match, const std::vector<ScoreLines::Entry>& entries,
                        const ScoreLines& lines, const MatchFinder& found,
                        const MatchRules& rules) {
  std::map<std::string, uint64_t> left_out;
  for (const LabelledCandidate& row : match.log) {
    if (row.status != MatchStatus::kExcluded) continue;
    ++left_out[ReasonOf(row, entries[row.entry].line, lines, found, rules)];
  }
  std::string why;
  for (const auto& [reason, n] : left_out) {
    why += fmt::format("{}{} {}", why.empty() ? " (" : ", ", n, reason);
  }
  std::string text =
      fmt::format("{} of {} lines are in the target, {} used{}{}", match.matched + match.excluded,
                  match.lines, match.matched, why, why.empty() ? "" : ")");
  if (match.removed_by_qc > 0) {
    text += fmt::format("; QC removed the variants of {} more (match_log.tsv.gz: qc_...)",
                        match.removed_by_qc);
  }
  return text;
}

void Judge(ScoreMatch& match, const ScoreLines::Score& score, const MatchRules& rules) {
  match.pass = true;
  if (match.unsupported > 0 && !rules.drop_unsupported) {
    Fail(match, ErrorId::kUnsupportedEffect,
         fmt::format("{} of {} lines are of a kind that cannot be computed", match.unsupported,
                     match.lines));
    match.remedy = fmt::format("--set scores.unsupported_rows=drop scores the other {} lines",
                               match.lines - match.unsupported);
  } else if (match.lines == 0) {
    Fail(match, ErrorId::kMalformed,
         fmt::format("column {} of {} holds no weight but 0 and missing ones", score.name,
                     BaseName(score.file)));
    match.remedy =
        "take the column out, or name those that are scores: --columns effect_weight=NAME,NAME "
        "(scores.tables.columns)";
  } else if (match.matched == 0) {
    Fail(match, match.excluded > 0 ? ErrorId::kOverlapTooLow : ErrorId::kNoVariantMatched,
         "no line can be used");
  } else if (!ReachesShare(match.matched, match.lines, rules.min_overlap)) {
    Fail(match, ErrorId::kOverlapTooLow,
         fmt::format("match rate {:.3f} is below min_overlap {:g}", match.match_rate(),
                     rules.min_overlap));
  } else if (match.weight_matched <
             rules.min_weight_overlap * match.weight_total * (1 - kSumRounding)) {
    Fail(match, ErrorId::kOverlapTooLow,
         fmt::format("matched share of summed |weight| {:.3f} is below min_weight_overlap {:g}",
                     match.weight_matched / match.weight_total, rules.min_weight_overlap));
  }
}

/// What plink2 --score refuses too: ids that do not tell which variant, or which weight, is meant.
void JudgeIds(ScoreMatch& match, const ScoreLines& lines, size_t score, const MatchFinder& found,
              const MatchRules& rules) {
  const auto& entries = lines.scores()[score].entries;
  const auto id_of = [&](uint32_t entry) { return lines.id(entries[entry].line); };
  if (match.id_twice > 0) {
    const auto first = std::find_if(entries.begin(), entries.end(),
                                    [&](const auto& entry) { return found.IdTwice(entry.line); });
    Fail(match, ErrorId::kMalformed,
         fmt::format("the ids of {} lines name several variants of the genotypes, the first is {}; "
                     "{}give the variants ids of their own",
                     match.id_twice, lines.id(first->line),
                     lines.pos(first->line) == 0 ? "" : "scores.match.by: position, or "));
  } else if (match.duplicates > 0 && !rules.keep_first_match) {
    const auto first =
        std::find_if(match.log.begin(), match.log.end(),
                     [](const LabelledCandidate& row) { return row.best && row.duplicate_id; });
    Fail(match, ErrorId::kMalformed,
         fmt::format("{} lines have an id and allele that another line has too, the first is {} "
                     "{}; scores.match.duplicates: first counts the first of each",
                     match.duplicates, id_of(first->entry),
                     lines.effect_allele(entries[first->entry].line)));
  } else if (!match.pass && match.error == ErrorId::kNoVariantMatched && !entries.empty()) {
    match.message +=
        fmt::format("; lines are found by id, as {}: do the genotypes name variants so?", id_of(0));
  }
}

}  // namespace

StrandCall CallStrand(double line, double target, double margin) {
  if (std::isnan(line) || std::isnan(target)) return StrandCall::kNoFrequency;
  if (std::abs(line - 0.5) < margin || std::abs(target - 0.5) < margin || line == 0.5 ||
      target == 0.5) {
    return StrandCall::kNearHalf;
  }
  return (line < 0.5) == (target < 0.5) ? StrandCall::kSame : StrandCall::kOpposite;
}

bool ReachesShare(uint64_t part, uint64_t whole, double share) {
  constexpr uint64_t kScale = 1'000'000'000;
  const auto wanted = static_cast<uint64_t>(std::llround(share * static_cast<double>(kScale)));
  return part * kScale >= whole * wanted;  // lines are counted in 32 bits: no overflow
}

std::vector<LabelledCandidate> LabelLines(const ScoreLines& lines,
                                          const std::vector<ScoreLines::Entry>& entries,
                                          const MatchFinder& found, const MatchRules& rules) {
  std::vector<LabelledCandidate> log = Candidates(lines, entries, found, rules);
  for (LabelledCandidate& row : log) {
    if (row.target == LabelledCandidate::kNoTarget) continue;
    row.exclude = row.collides || DropsAmbiguous(row, found.by(), rules) ||
                  (row.multiallelic && !rules.keep_multiallelic) || CannotCount(row) ||
                  (row.flipped && rules.ignore_strand_flips);
    row.status = !row.best     ? MatchStatus::kNotBest
                 : row.exclude ? MatchStatus::kExcluded
                               : MatchStatus::kMatched;
  }
  return log;
}

// Counted apart for best candidates and the rest, as v2 does; but over all best candidates, for a
// variant must never be summed twice. By id, lines may weigh both alleles of one (plink2 --score).
void LabelDuplicates(std::vector<LabelledCandidate>& log, std::vector<uint32_t> among, MatchBy by,
                     const MatchRules& rules) {
  std::erase_if(among, [&](uint32_t i) { return log[i].target == LabelledCandidate::kNoTarget; });
  const auto key = [&](uint32_t i) {
    const bool of_ref = by == MatchBy::kId && EffectIsRef(log[i].type);
    return std::make_tuple(log[i].target, !log[i].best, of_ref);
  };
  std::sort(among.begin(), among.end(), [&](uint32_t a, uint32_t b) {
    return std::make_tuple(key(a), a) < std::make_tuple(key(b), b);
  });
  for (size_t begin = 0, end = 0; begin < among.size(); begin = end) {
    while (end < among.size() && key(among[end]) == key(among[begin])) ++end;
    if (end - begin < 2) continue;
    for (size_t i = begin; i < end; ++i) {
      LabelledCandidate& row = log[among[i]];
      row.duplicate_id = true;
      row.exclude = row.exclude || !rules.keep_first_match || i > begin;
      if (row.best && row.exclude) row.status = MatchStatus::kExcluded;
    }
  }
}

ScoreMatch LabelScore(const ScoreLines& lines, size_t score, const MatchFinder& found,
                      const MatchRules& rules) {
  auto log = LabelLines(lines, lines.scores()[score].entries, found, rules);
  std::vector<uint32_t> all(log.size());
  std::iota(all.begin(), all.end(), 0u);
  LabelDuplicates(log, std::move(all), found.by(), rules);
  return JudgeScore(lines, score, std::move(log), found, rules);
}

ScoreMatch JudgeScore(const ScoreLines& lines, size_t score, std::vector<LabelledCandidate> log,
                      const MatchFinder& found, const MatchRules& rules) {
  const auto& entries = lines.scores()[score].entries;
  ScoreMatch match;
  match.lines = entries.size();
  match.log = std::move(log);
  for (const LabelledCandidate& row : match.log) {
    if (!row.best) continue;
    match.ambiguous += row.ambiguous;
    match.multiallelic += row.multiallelic;
    match.duplicates += row.duplicate_id;
    const bool strict = rules.set == MatchRules::Set::kStrict;
    match.several +=
        row.duplicate_best && (strict ? row.collides : row.status == MatchStatus::kMatched);
    match.multiallelic_open += CannotCount(row);
    match.flipped += row.flipped;
  }
  for (const auto& entry : entries) {
    match.unsupported += IsUnsupported(lines.problem(entry.line));
    match.id_twice += found.IdTwice(entry.line);
    match.weight_total += lines.Size(entry);
  }
  match.weights.reserve(static_cast<size_t>(std::count_if(
      match.log.begin(), match.log.end(),
      [](const LabelledCandidate& row) { return row.status == MatchStatus::kMatched; })));
  for (const LabelledCandidate& row : match.log) {
    match.unmatched += row.status == MatchStatus::kUnmatched;
    match.removed_by_qc +=
        row.status == MatchStatus::kUnmatched && found.RemovedBy(entries[row.entry].line) != 0;
    match.excluded += row.status == MatchStatus::kExcluded;
    if (row.status != MatchStatus::kMatched) continue;
    AddMatched(match, row, entries[row.entry], lines, found, rules);
  }
  if (!std::is_sorted(match.weights.begin(), match.weights.end(), BeforeOnTarget)) {
    std::sort(match.weights.begin(), match.weights.end(), BeforeOnTarget);
  }
  Judge(match, lines.scores()[score], rules);
  if (!match.pass &&
      (match.error == ErrorId::kOverlapTooLow || match.error == ErrorId::kNoVariantMatched)) {
    match.message += ": " + WhatIsFound(match, entries, lines, found, rules);
  }
  if (found.by() == MatchBy::kId) JudgeIds(match, lines, score, found, rules);
  return match;
}

std::string ReasonOf(const LabelledCandidate& c, uint32_t line, const ScoreLines& lines,
                     const MatchFinder& found, const MatchRules& rules,
                     const std::vector<std::string>& filters) {
  switch (c.status) {
    case MatchStatus::kMatched:
      return c.partly_duplicate ? "partly_duplicate" : "matched";
    case MatchStatus::kNotBest:
      return "not_best";
    case MatchStatus::kExcluded:
      if (DropsAmbiguous(c, found.by(), rules)) {
        return c.strand == StrandCall::kNoFrequency ? "ambiguous_no_frequency"
               : c.strand == StrandCall::kNearHalf  ? "ambiguous_near_half"
                                                    : "ambiguous";
      }
      if (c.multiallelic && !rules.keep_multiallelic) return "multiallelic";
      if (c.flipped && rules.ignore_strand_flips) return "strand_flip";
      if (c.multiallelic && EffectIsRef(c.type)) return "multiallelic_ref";
      if (c.collides) return "several_variants";
      return "duplicate";
    case MatchStatus::kUnmatched:
      break;
  }
  if (lines.problem(line) != RowProblem::kNone)
    return std::string(ProblemCode(lines.problem(line)));
  const bool lost = found.by() == MatchBy::kId ? lines.id(line).empty() : lines.pos(line) == 0;
  if (lost) return found.by() == MatchBy::kId ? "no_id" : "no_position";
  if (const uint8_t by = found.RemovedBy(line); by != 0) return "qc_" + filters[by - 1];
  return found.PlaceSeen(line) ? "alleles" : "absent";
}

}  // namespace kinflow
