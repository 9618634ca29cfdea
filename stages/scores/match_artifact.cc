#include "stages/scores/match_artifact.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/scores/many_columns.h"

namespace kinflow {
namespace {

// Lines of the log that one thread makes, and how often so many wait to be written.
constexpr size_t kLogPiece = 32'768, kPiecesTogether = 4;

using ScoreLog = MatchShardWriter::ScoreLog;

/// Logs cut where a piece is full.
std::vector<std::vector<ScoreLog>> PiecesOf(const std::vector<ScoreLog>& logs) {
  std::vector<std::vector<ScoreLog>> pieces;
  size_t room = 0;
  for (const ScoreLog& log : logs) {
    for (size_t begin = 0, n = 0; begin < log.lines.size(); begin += n, room -= n) {
      if (room == 0) {
        pieces.emplace_back();
        room = kLogPiece;
      }
      n = std::min(room, log.lines.size() - begin);
      pieces.back().push_back({log.accession, log.entries, log.lines.subspan(begin, n)});
    }
  }
  return pieces;
}

std::string Bool(bool value) { return value ? "true" : "false"; }
std::string OrNa(std::string_view text) { return text.empty() ? "NA" : std::string(text); }

double Rate(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void MatchShardWriter::Add(const ScoreLines& lines, size_t score, const ScoreMatch& match,
                           const std::string& accession) {
  const std::string& name = lines.scores()[score].name;
  AddSummary(name, match, lines, lines.scores()[score].entries);
  ScoreColumns& s = scores_;
  s.name.push_back(name);
  s.file.push_back(BaseName(lines.scores()[score].file));
  s.build.push_back(OrNa(lines.scores()[score].build));
  const auto add = [](Table::Ints& column, uint64_t n) {
    column.push_back(static_cast<int64_t>(n));
  };
  add(s.lines, match.lines);
  add(s.matched, match.matched);
  add(s.excluded, match.excluded);
  add(s.unmatched, match.unmatched);
  add(s.ambiguous, match.ambiguous);
  add(s.multiallelic, match.multiallelic);
  add(s.duplicate, match.duplicates);
  add(s.flipped, match.flipped);
  add(s.unsupported, match.unsupported);
  add(s.removed_by_qc, match.removed_by_qc);
  add(s.resolved, match.ambiguous_resolved);
  add(s.freq_compared, match.freq_compared);
  add(s.freq_different, match.freq_different);
  s.match_rate.push_back(match.match_rate());
  s.weight_total.push_back(match.weight_total);
  s.weight_matched.push_back(match.weight_matched);
  s.weight_rate.push_back(Rate(match.weight_matched, match.weight_total));
  s.pass.push_back(Bool(match.pass));
  s.error.push_back(match.pass ? "NA" : ErrorName(match.error));
  s.message.push_back(match.pass ? "NA" : match.message);
  s.remedy.emplace_back(match.pass             ? "NA"
                        : match.remedy.empty() ? Describe(match.error).explanation
                                               : match.remedy);
  s.log.push_back(accession);
  if (match.pass) AddWeights(match.weights);
}

void MatchShardWriter::ShareRows(std::vector<MatchedWeight> rows) {
  shared_ = std::move(rows);
  if (!shared_.empty()) AddBlock(shared_);
}

void MatchShardWriter::AddBlock(const std::vector<MatchedWeight>& rows) {
  for (const MatchedWeight& w : rows) {
    const auto effect = static_cast<unsigned>(w.effect);
    row_.push_back(w.row);
    alt_freq_.push_back(w.alt_freq);
    flags_.push_back(static_cast<uint8_t>((effect & 3u) | (w.effect_is_ref ? 4u : 0u) |
                                          (effect & 4u) << 1 | (w.by_ploidy ? 16u : 0u) |
                                          (w.on_x ? 32u : 0u)));
  }
  offset_.push_back(row_.size());
}

void MatchShardWriter::AddWeights(const std::vector<MatchedWeight>& weights) {
  std::vector<double>& column = weights_.emplace_back();
  if (shared_.empty()) {
    AddBlock(weights);
    for (const MatchedWeight& w : weights) column.push_back(w.weight);
  } else {
    column.assign(shared_.size(), std::numeric_limits<double>::quiet_NaN());
    size_t at = 0;
    for (const MatchedWeight& w : weights) {
      while (at < shared_.size() && BeforeOnTarget(shared_[at], w)) ++at;
      if (at == shared_.size() || BeforeOnTarget(w, shared_[at])) {
        throw Error(ErrorId::kInternal, "a weight of a wide table lies on none of its variants");
      }
      column[at] = w.weight;
    }
  }
  block_.push_back(static_cast<uint32_t>(offset_.size() - 2));
  if (weights_.size() == kColumnsTogether) FlushWeights();
}

void MatchShardWriter::FlushWeights() {
  WriteMany(file_, "/weights/score", weights_written_, weights_.size(),
            std::function<std::vector<double>(size_t)>(
                [&](size_t i) { return std::move(weights_[i - weights_written_]); }));
  weights_written_ += weights_.size();
  weights_.clear();
}

void MatchShardWriter::Add(const ScoreFailure& failure) {
  ScoreColumns& s = scores_;
  s.name.push_back(failure.name);
  s.file.push_back(BaseName(failure.file));
  s.build.push_back("NA");
  for (Table::Ints* column : {&s.lines, &s.matched, &s.excluded, &s.unmatched, &s.ambiguous,
                              &s.multiallelic, &s.duplicate, &s.flipped, &s.unsupported,
                              &s.removed_by_qc, &s.resolved, &s.freq_compared, &s.freq_different}) {
    column->push_back(Table::kMissingInt);
  }
  for (Table::Doubles* column :
       {&s.match_rate, &s.weight_total, &s.weight_matched, &s.weight_rate}) {
    column->push_back(std::numeric_limits<double>::quiet_NaN());
  }
  s.pass.push_back(Bool(false));
  s.error.push_back(ErrorName(failure.error.id()));
  s.message.push_back(failure.error.OneLine());
  s.remedy.push_back(failure.error.Advice());
  s.log.emplace_back("NA");
}

void MatchShardWriter::AddLogs(const std::vector<ScoreLog>& logs, const ScoreLines& lines,
                               const MatchFinder& found, const MatchRules& rules) {
  const std::vector<std::vector<ScoreLog>> pieces = PiecesOf(logs);
  for (size_t first = 0; first < pieces.size(); first += kPiecesTogether) {
    std::vector<std::vector<MatchLogPart>> parts(std::min(kPiecesTogether, pieces.size() - first));
    oneapi::tbb::parallel_for(size_t{0}, parts.size(), [&](size_t i) {
      for (const ScoreLog& log : pieces[first + i]) {
        AppendLog({log.accession, dataset_, lines, found, rules, filters_}, log.entries, log.lines,
                  parts[i]);
      }
    });
    for (const auto& of_piece : parts) {
      for (const MatchLogPart& part : of_piece) WriteLog(part);
    }
  }
}

void MatchShardWriter::WriteLog(const MatchLogPart& part) {
  part.WriteTo(file_, fmt::format("/log/{:05}", log_parts_++));
}

void MatchShardWriter::AddSummary(const std::string& name, const ScoreMatch& match,
                                  const ScoreLines& lines,
                                  const std::vector<ScoreLines::Entry>& entries) {
  struct Group {
    uint64_t lines = 0;
    double weight = 0;
  };
  // Every line once: as its best candidate or as unmatched. Index: the status, then a bit a label.
  std::array<Group, 4 * 32> counts;
  for (const LabelledCandidate& c : match.log) {
    if (c.status == MatchStatus::kNotBest) continue;
    unsigned key = static_cast<unsigned>(c.status);
    for (const bool value :
         {c.ambiguous, c.multiallelic, c.duplicate_best, c.duplicate_id, c.flipped}) {
      key = key << 1 | (value ? 1 : 0);
    }
    ++counts[key].lines;
    counts[key].weight += lines.Size(entries[c.entry]);
  }
  SummaryColumns& s = summary_;
  for (unsigned key = 0; key < counts.size(); ++key) {
    const Group& group = counts[key];
    if (group.lines == 0) continue;
    const auto status = static_cast<MatchStatus>(key >> 5);
    const auto label = [&](unsigned nth) {
      return status == MatchStatus::kUnmatched ? std::string("NA") : Bool(key >> (5 - nth) & 1);
    };
    s.accession.push_back(name);
    s.pass.push_back(Bool(match.pass));
    s.status.emplace_back(StatusName(status));
    s.ambiguous.push_back(label(1));
    s.multiallelic.push_back(label(2));
    s.dup_best.push_back(label(3));
    s.dup_id.push_back(label(4));
    s.flipped.push_back(label(5));
    s.count.push_back(static_cast<int64_t>(group.lines));
    s.percent.push_back(100.0 * static_cast<double>(group.lines) /
                        static_cast<double>(match.lines));
    s.weight_percent.push_back(100.0 * Rate(group.weight, match.weight_total));
  }
}

void MatchShardWriter::WriteScores() {
  ScoreColumns& s = scores_;
  Table t;
  t.Add("SCORE", std::move(s.name));
  t.Add("FILE", std::move(s.file));
  t.Add("BUILD", std::move(s.build));
  t.Add("LINES", std::move(s.lines));
  t.Add("MATCHED", std::move(s.matched));
  t.Add("EXCLUDED", std::move(s.excluded));
  t.Add("UNMATCHED", std::move(s.unmatched));
  t.Add("AMBIGUOUS", std::move(s.ambiguous));
  t.Add("MULTIALLELIC", std::move(s.multiallelic));
  t.Add("DUPLICATE", std::move(s.duplicate));
  t.Add("FLIPPED", std::move(s.flipped));
  t.Add("UNSUPPORTED", std::move(s.unsupported));
  t.Add("REMOVED_BY_QC", std::move(s.removed_by_qc));
  t.Add("MATCH_RATE", std::move(s.match_rate));
  t.Add("WEIGHT_TOTAL", std::move(s.weight_total));
  t.Add("WEIGHT_MATCHED", std::move(s.weight_matched));
  t.Add("WEIGHT_RATE", std::move(s.weight_rate));
  t.Add("PASS", std::move(s.pass));
  t.Add("ERROR", std::move(s.error));
  t.Add("MESSAGE", std::move(s.message));
  t.Add("REMEDY", std::move(s.remedy));
  t.Add("AMBIGUOUS_RESOLVED", std::move(s.resolved));
  t.Add("FREQ_COMPARED", std::move(s.freq_compared));
  t.Add("FREQ_DIFFERENT", std::move(s.freq_different));
  t.Add("LOG_ACCESSION", std::move(s.log));
  file_.WriteTable("/scores", t);
}

void MatchShardWriter::WriteSummary() {
  SummaryColumns& s = summary_;
  const size_t n = s.count.size();
  Table t;
  t.Add("dataset", Table::Strings(n, dataset_));
  t.Add("accession", std::move(s.accession));
  t.Add("score_pass", std::move(s.pass));
  t.Add("match_status", std::move(s.status));
  t.Add("ambiguous", std::move(s.ambiguous));
  t.Add("is_multiallelic", std::move(s.multiallelic));
  t.Add("duplicate_best_match", std::move(s.dup_best));
  t.Add("duplicate_ID", std::move(s.dup_id));
  t.Add("match_flipped", std::move(s.flipped));
  t.Add("match_IDs", Table::Strings(n, "NA"));
  t.Add("count", std::move(s.count));
  t.Add("percent", std::move(s.percent));
  t.Add("weight_percent", std::move(s.weight_percent));
  file_.WriteTable("/summary", t);
}

void MatchShardWriter::Finish(uint64_t founders) {
  if (log_parts_ == 0) WriteLog({});
  FlushWeights();
  WriteScores();
  WriteSummary();
  file_.Write("/weights/offset", offset_);
  file_.Write("/weights/row", row_);
  file_.Write("/weights/alt_freq", alt_freq_);
  file_.Write("/weights/flags", flags_);
  file_.Write("/weights/block", block_);
  file_.Attribute("/", "founders", static_cast<int64_t>(founders));
}

}  // namespace kinflow
