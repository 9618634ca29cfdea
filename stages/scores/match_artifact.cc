#include "stages/scores/match_artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "pipeline/base/file.h"

namespace kinflow {
namespace {

// A log part ends before a padded string column of it would exceed this.
constexpr size_t kPartRows = 65'536;
constexpr size_t kPartColumnBytes = 32ull << 20;

std::string Bool(bool value) { return value ? "true" : "false"; }
std::string OrNa(std::string_view text) { return text.empty() ? "NA" : std::string(text); }

double Rate(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void MatchShardWriter::Add(const std::string& name, const ScoreLines& lines, size_t score,
                           const MatchFinder& found, const ScoreMatch& match,
                           const MatchRules& rules) {
  AddLog(name, lines, score, found, match, rules);
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
  s.remedy.emplace_back(match.pass ? "NA" : Describe(match.error).explanation);
  if (!match.pass) return;
  for (const MatchedWeight& w : match.weights) {
    const auto effect = static_cast<unsigned>(w.effect);
    row_.push_back(w.row);
    weight_.push_back(w.weight);
    alt_freq_.push_back(w.alt_freq);
    flags_.push_back(
        static_cast<uint8_t>((effect & 3u) | (w.effect_is_ref ? 4u : 0u) | (effect & 4u) << 1));
  }
  offset_.push_back(row_.size());
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
}

void MatchShardWriter::AddLog(const std::string& name, const ScoreLines& lines, size_t score,
                              const MatchFinder& found, const ScoreMatch& match,
                              const MatchRules& rules) {
  const auto& entries = lines.scores()[score].entries;
  for (const LabelledCandidate& c : match.log) {
    AddLogRow(name, lines, entries[c.entry], c, found, rules);
  }
}

void MatchShardWriter::AddLogRow(const std::string& name, const ScoreLines& lines,
                                 const ScoreLines::Entry& entry, const LabelledCandidate& c,
                                 const MatchFinder& found, const MatchRules& rules) {
  const uint32_t line = entry.line;
  const bool matched = c.target != LabelledCandidate::kNoTarget;
  const VariantTable& targets = found.targets();
  const auto ea = lines.effect_allele(line), oa = lines.other_allele(line);
  size_t longest = std::max({log_.longest, name.size(), ea.size(), oa.size(), size_t{16}});
  if (matched) {
    longest = std::max({longest, targets.ref(c.target).size(), targets.alt(c.target).size(),
                        targets.id(c.target).size()});
  }
  const size_t rows = log_.row_nr.size() + 1;
  if (rows > kPartRows || (rows > 1 && rows * longest > kPartColumnBytes)) FlushLog();
  LogPart& p = log_;
  p.longest = std::max(p.longest, longest);
  p.row_nr.push_back(lines.row_nr(line));
  p.accession.push_back(name);
  p.chrom.push_back(OrNa(lines.chrom(line)));
  p.pos.push_back(lines.pos(line) == 0 ? Table::kMissingInt : lines.pos(line));
  p.ea.emplace_back(ea);
  p.oa.push_back(OrNa(oa));
  p.weight.push_back(entry.weight);
  p.effect_type.emplace_back(lines.problem(line) == RowProblem::kNonAdditive
                                 ? "nonadditive"
                                 : EffectName(lines.effect(line)));
  p.id.push_back(matched ? OrNa(targets.id(c.target)) : "NA");
  p.ref.push_back(matched ? OrNa(targets.ref(c.target)) : "NA");
  p.alt.push_back(matched ? OrNa(targets.alt(c.target)) : "NA");
  p.matched.push_back(!matched    ? "NA"
                      : c.flipped ? OnOtherStrand(ea, rules.strand())
                                  : std::string(ea));
  p.type.push_back(matched ? std::string(MatchTypeName(c.type)) : "NA");
  const auto label = [&](bool value) { return matched ? Bool(value) : std::string("NA"); };
  p.multiallelic.push_back(label(c.multiallelic));
  p.ambiguous.push_back(label(c.ambiguous));
  p.flipped.push_back(label(c.flipped));
  p.best.push_back(label(c.best));
  p.exclude.push_back(label(c.exclude));
  p.dup_best.push_back(label(c.duplicate_best));
  p.dup_id.push_back(label(c.duplicate_id));
  p.status.emplace_back(StatusName(c.status));
  p.effect_freq.push_back(lines.effect_freq(line));
  p.target_freq.push_back(matched ? found.effect_freq(c.target, c.type)
                                  : std::numeric_limits<double>::quiet_NaN());
  p.reason.emplace_back(ReasonOf(c, line, lines, found, rules, filters_));
}

void MatchShardWriter::FlushLog() {
  LogPart p = std::exchange(log_, {});
  const size_t n = p.row_nr.size();
  Table t;
  t.Add("row_nr", std::move(p.row_nr));
  t.Add("accession", std::move(p.accession));
  t.Add("chr_name", std::move(p.chrom));
  t.Add("chr_position", std::move(p.pos));
  t.Add("effect_allele", std::move(p.ea));
  t.Add("other_allele", std::move(p.oa));
  t.Add("effect_weight", std::move(p.weight));
  t.Add("effect_type", std::move(p.effect_type));
  t.Add("ID", std::move(p.id));
  t.Add("REF", std::move(p.ref));
  t.Add("ALT", std::move(p.alt));
  t.Add("matched_effect_allele", std::move(p.matched));
  t.Add("match_type", std::move(p.type));
  t.Add("is_multiallelic", std::move(p.multiallelic));
  t.Add("ambiguous", std::move(p.ambiguous));
  t.Add("match_flipped", std::move(p.flipped));
  t.Add("best_match", std::move(p.best));
  t.Add("exclude", std::move(p.exclude));
  t.Add("duplicate_best_match", std::move(p.dup_best));
  t.Add("duplicate_ID", std::move(p.dup_id));
  t.Add("match_IDs", Table::Strings(n, "NA"));
  t.Add("match_status", std::move(p.status));
  t.Add("dataset", Table::Strings(n, dataset_));
  t.Add("reason", std::move(p.reason));
  t.Add("effect_frequency", std::move(p.effect_freq));
  t.Add("target_frequency", std::move(p.target_freq));
  file_.WriteTable(fmt::format("/log/{:05}", log_parts_++), t);
}

void MatchShardWriter::AddSummary(const std::string& name, const ScoreMatch& match,
                                  const ScoreLines& lines,
                                  const std::vector<ScoreLines::Entry>& entries) {
  struct Group {
    uint64_t lines = 0;
    double weight = 0;
  };
  // Every line once: as its best candidate or as unmatched.
  std::map<std::array<int, 6>, Group> counts;
  for (const LabelledCandidate& c : match.log) {
    if (c.status == MatchStatus::kNotBest) continue;
    Group& group = counts[{static_cast<int>(c.status), c.ambiguous, c.multiallelic,
                           c.duplicate_best, c.duplicate_id, c.flipped}];
    ++group.lines;
    group.weight += lines.Size(entries[c.entry]);
  }
  SummaryColumns& s = summary_;
  for (const auto& [key, group] : counts) {
    const auto status = static_cast<MatchStatus>(key[0]);
    const auto label = [&](int value) {
      return status == MatchStatus::kUnmatched ? std::string("NA") : Bool(value != 0);
    };
    s.accession.push_back(name);
    s.pass.push_back(Bool(match.pass));
    s.status.emplace_back(StatusName(status));
    s.ambiguous.push_back(label(key[1]));
    s.multiallelic.push_back(label(key[2]));
    s.dup_best.push_back(label(key[3]));
    s.dup_id.push_back(label(key[4]));
    s.flipped.push_back(label(key[5]));
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
  FlushLog();
  WriteScores();
  WriteSummary();
  file_.Write("/weights/offset", offset_);
  file_.Write("/weights/row", row_);
  file_.Write("/weights/weight", weight_);
  file_.Write("/weights/alt_freq", alt_freq_);
  file_.Write("/weights/flags", flags_);
  file_.Attribute("/", "founders", static_cast<int64_t>(founders));
}

}  // namespace kinflow
