#include "stages/scores/score_lines.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"

namespace kinflow {

void ScoreLines::Append(std::span<const ScoreLine> rows, size_t first_score, bool keep_id) {
  constexpr size_t kScoresTogether = 8, kWorthTasks = 4096;
  const auto first_line = static_cast<uint32_t>(size());
  for (const ScoreLine& row : rows) {
    AppendLine(row, keep_id);
    TakeFaults(row, first_score);
  }
  const size_t scores = scores_.size() - first_score;
  // Those of one score lie behind each other, and its weights of a row between those of others.
  const auto append = [&](size_t part) {
    const auto begin = static_cast<uint32_t>(part * kScoresTogether);
    for (uint32_t r = 0; r < rows.size(); ++r) {
      const auto& weights = rows[r].weights;
      auto at = weights.begin();
      if (begin > 0) {
        at = std::lower_bound(at, weights.end(), begin,
                              [](const auto& w, uint32_t score) { return w.first < score; });
      }
      for (; at != weights.end() && at->first < begin + kScoresTogether; ++at) {
        scores_[first_score + at->first].entries.push_back({first_line + r, at->second});
      }
    }
  };
  const size_t parts = (scores + kScoresTogether - 1) / kScoresTogether;
  if (rows.size() * scores < kWorthTasks) {
    for (size_t part = 0; part < parts; ++part) append(part);
  } else {
    oneapi::tbb::parallel_for(size_t{0}, parts, append);
  }
}

void ScoreLines::TakeFaults(const ScoreLine& row, size_t first_score) {
  for (const auto& [score, error] : row.faults) {
    auto& fault = scores_[first_score + score].fault;
    if (!fault) fault = std::make_shared<const Error>(error);
  }
}

void ScoreLines::AppendLine(const ScoreLine& row, bool keep_id) {
  if (size() >= UINT32_MAX - 1) {
    throw Error(ErrorId::kLimitExceeded, "more than 4 billion score lines at once");
  }
  uint16_t code = 0;
  if (!chrom_.empty() && chrom_names_[chrom_.back()] == row.chrom) {
    code = chrom_.back();
  } else {
    while (code < chrom_names_.size() && chrom_names_[code] != row.chrom) ++code;
    if (code == chrom_names_.size()) {
      if (chrom_names_.size() == UINT16_MAX) {
        throw Error(ErrorId::kLimitExceeded, "score file names more than 65535 chromosomes");
      }
      chrom_names_.emplace_back(row.chrom);
    }
  }
  const auto line = static_cast<uint32_t>(size());
  chrom_.push_back(code);
  row_nr_.push_back(row.row_nr);
  pos_.push_back(row.pos);
  id_.Append(keep_id ? row.id : std::string_view());
  effect_allele_.Append(row.effect_allele);
  other_allele_.Append(row.other_allele);
  effect_.push_back(row.effect);
  problem_.push_back(row.problem);
  if (row.effect == EffectType::kNonAdditive) by_copies_.emplace(line, row.by_copies);
  if (row.effect_freq == row.effect_freq) {
    effect_freq_.resize(line, std::numeric_limits<double>::quiet_NaN());
    effect_freq_.push_back(row.effect_freq);
  }
}

void ScoreLines::AddScores(const ScoreFileReader& reader, size_t first, const std::string& file,
                           const std::string& build) {
  const bool wide = reader.columns().weights.size() > 1;
  if (wide && scores_.size() == first) ++tables_;
  while (scores_.size() - first < reader.scores().size()) {
    scores_.push_back({.name = reader.scores()[scores_.size() - first],
                       .file = file,
                       .build = build,
                       .table = wide ? tables_ : kNoTable});
  }
}

double ScoreLines::Size(const Entry& entry) const {
  if (!std::isnan(entry.weight)) return std::abs(entry.weight);
  const auto found = by_copies_.find(entry.line);
  if (found == by_copies_.end()) return 0;
  const auto [least, most] = std::minmax_element(found->second.begin(), found->second.end());
  return (*most - *least) / 2;
}

void ScoreLines::Clear() { *this = ScoreLines(); }

void AppendScoreFile(ScoreFileReader& reader, const std::string& file, bool keep_ids,
                     ScoreLines& lines) {
  const size_t first = lines.scores().size();
  try {
    lines.AddScores(reader, first, file, reader.build());
    ScoreRows rows;
    while (reader.Next(rows)) {
      lines.AddScores(reader, first, file, reader.build());
      lines.Append(rows.all(), first, keep_ids);
    }
  } catch (...) {
    lines.scores().resize(first);
    throw;
  }
}

void ContinueScore(ScoreFileReader& reader, const std::string& file, bool keep_ids,
                   ScoreLines& lines) {
  if (reader.scores().size() != 1) {
    throw Error(ErrorId::kFormatUnknown, "a part of a score has one weight column")
        .InFile(file)
        .Remedy("give scores.tables no name: then every file holds scores of its own");
  }
  const size_t score = lines.scores().size() - 1;
  const auto rows = static_cast<uint32_t>(lines.scores()[score].entries.size());
  ScoreLine row;
  while (reader.Next(row)) {
    row.row_nr += rows;
    lines.Append(row, score, keep_ids);
  }
}

}  // namespace kinflow
