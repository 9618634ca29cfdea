#include "stages/scores/shared_lines.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>

namespace kinflow {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

SharedLines::SharedLines(const ScoreLines& lines, size_t begin, size_t end,
                         const MatchFinder& found, const MatchRules& rules)
    : lines_(lines), begin_(begin), end_(end), found_(found), rules_(rules) {
  std::vector<bool> weighed(lines.size(), false);
  for (size_t s = begin; s < end; ++s) {
    for (const auto& entry : lines.scores()[s].entries) weighed[entry.line] = true;
  }
  for (uint32_t line = 0; line < lines.size(); ++line) {
    if (weighed[line]) entries_.push_back({line, kNaN});
  }
  log_ = LabelLines(lines, entries_, found, rules);
  all_.resize(log_.size());
  std::iota(all_.begin(), all_.end(), 0u);
  std::vector<LabelledCandidate> as_one_score = log_;
  LabelDuplicates(as_one_score, all_, found.by(), rules);
  for (const uint32_t i : all_) {
    if (as_one_score[i].duplicate_id) contested_.push_back(i);
  }
}

std::vector<LabelledCandidate> SharedLines::LogOf(size_t score, const std::vector<uint32_t>& which,
                                                  std::vector<uint32_t>& from) const {
  const auto& own = lines_.scores()[score].entries;
  std::vector<LabelledCandidate> log;
  log.reserve(which.size());
  from.clear();
  std::vector<uint32_t> contested;
  auto entry = own.begin();
  auto next_contested = contested_.begin();
  for (const uint32_t i : which) {
    const uint32_t line = entries_[log_[i].entry].line;
    while (entry != own.end() && entry->line < line) ++entry;
    if (entry == own.end()) break;
    if (entry->line != line) continue;
    while (next_contested != contested_.end() && *next_contested < i) ++next_contested;
    if (next_contested != contested_.end() && *next_contested == i) {
      contested.push_back(static_cast<uint32_t>(log.size()));
    }
    log.push_back(log_[i]);
    log.back().entry = static_cast<uint32_t>(entry - own.begin());
    from.push_back(i);
  }
  LabelDuplicates(log, std::move(contested), found_.by(), rules_);
  return log;
}

ScoreMatch SharedLines::Label(size_t score) const {
  std::vector<uint32_t> from;
  return JudgeScore(lines_, score, LogOf(score, all_, from), found_, rules_);
}

std::vector<LabelledCandidate> SharedLines::Log() const {
  std::vector<LabelledCandidate> log = log_;
  if (contested_.empty()) return log;
  struct Uses {
    std::atomic<uint32_t> all{0}, duplicate{0}, excluded{0};
  };
  std::vector<Uses> uses(log.size());
  oneapi::tbb::parallel_for(begin_, end_, [&](size_t score) {
    std::vector<uint32_t> from;
    const auto own = LogOf(score, contested_, from);
    for (size_t i = 0; i < own.size(); ++i) {
      ++uses[from[i]].all;
      uses[from[i]].duplicate += own[i].duplicate_id;
      uses[from[i]].excluded += own[i].exclude;
    }
  });
  for (const uint32_t i : contested_) {
    LabelledCandidate& row = log[i];
    row.duplicate_id = uses[i].duplicate > 0;
    row.exclude = uses[i].excluded == uses[i].all;
    if (row.status != MatchStatus::kMatched) continue;
    if (row.exclude) row.status = MatchStatus::kExcluded;
    row.partly_duplicate = !row.exclude && uses[i].excluded > 0;
  }
  return log;
}

std::vector<MatchedWeight> SharedLines::Rows() const {
  std::vector<MatchedWeight> rows;
  for (const LabelledCandidate& row : log_) {
    if (row.status != MatchStatus::kMatched) continue;
    rows.push_back({found_.row(row.target), kNaN, found_.alt_freq(row.target),
                    lines_.effect(entries_[row.entry].line), EffectIsRef(row.type),
                    found_.by_ploidy(row.target), found_.on_x(row.target)});
  }
  std::sort(rows.begin(), rows.end(), BeforeOnTarget);
  const auto same = [](const MatchedWeight& a, const MatchedWeight& b) {
    return !BeforeOnTarget(a, b);
  };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
  return rows;
}

}  // namespace kinflow
