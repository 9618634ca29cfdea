#include "stages/scores/shared_lines.h"

#include <algorithm>
#include <limits>

namespace kinflow {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

SharedLines::SharedLines(const ScoreLines& lines, size_t begin, size_t end,
                         const MatchFinder& found, const MatchRules& rules)
    : lines_(lines), found_(found), rules_(rules) {
  std::vector<bool> weighed(lines.size(), false);
  for (size_t s = begin; s < end; ++s) {
    for (const auto& entry : lines.scores()[s].entries) weighed[entry.line] = true;
  }
  for (uint32_t line = 0; line < lines.size(); ++line) {
    if (weighed[line]) entries_.push_back({line, kNaN});
  }
  log_ = LabelEntries(lines, entries_, found, rules);
  duplicates_ = std::any_of(log_.begin(), log_.end(),
                            [](const LabelledCandidate& row) { return row.duplicate_id; });
}

ScoreMatch SharedLines::Label(size_t score) const {
  if (duplicates_) return LabelScore(lines_, score, found_, rules_);
  const auto& own = lines_.scores()[score].entries;
  std::vector<LabelledCandidate> log;
  log.reserve(log_.size());
  uint32_t e = 0;
  for (const LabelledCandidate& row : log_) {
    const uint32_t line = entries_[row.entry].line;
    while (e < own.size() && own[e].line < line) ++e;
    if (e == own.size()) break;
    if (own[e].line != line) continue;
    log.push_back(row);
    log.back().entry = e;
  }
  return JudgeScore(lines_, score, std::move(log), found_, rules_);
}

std::vector<MatchedWeight> SharedLines::Rows() const {
  std::vector<MatchedWeight> rows;
  if (duplicates_) return rows;
  for (const LabelledCandidate& row : log_) {
    if (row.status != MatchStatus::kMatched) continue;
    rows.push_back({found_.row(row.target), kNaN, found_.alt_freq(row.target),
                    lines_.effect(entries_[row.entry].line), EffectIsRef(row.type),
                    found_.by_ploidy(row.target)});
  }
  std::sort(rows.begin(), rows.end(),
            [](const MatchedWeight& a, const MatchedWeight& b) { return a.row < b.row; });
  return rows;
}

}  // namespace kinflow
