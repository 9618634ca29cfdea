#include "stages/scores/match_log.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text_writer.h"
#include "pipeline/data/table.h"
#include "stages/report/variants_disclosure.h"

namespace kinflow {
namespace {

constexpr size_t kPartRows = 65'536;
// A part ends before a column of padded strings would exceed this.
constexpr size_t kPartColumnBytes = 32ull << 20;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string_view OrNa(std::string_view text) { return text.empty() ? "NA" : text; }

void AppendCell(int64_t value, std::string& text) {
  if (value == Table::kMissingInt) {
    text += "NA";
    return;
  }
  const fmt::format_int digits(value);
  text.append(digits.data(), digits.size());
}
void AppendCell(double value, std::string& text) { text += FormatDouble(value); }
void AppendCell(std::string_view value, std::string& text) { text += value; }

}  // namespace

template <class Self, class Visit>
void MatchLogPart::ForEachColumn(Self& self, Visit visit) {
  visit("row_nr", self.row_nr_);
  visit("accession", self.accession_);
  visit("chr_name", self.chrom_);
  visit("chr_position", self.pos_);
  visit("effect_allele", self.ea_);
  visit("other_allele", self.oa_);
  visit("effect_weight", self.weight_);
  visit("effect_type", self.effect_type_);
  visit("ID", self.id_);
  visit("REF", self.ref_);
  visit("ALT", self.alt_);
  visit("matched_effect_allele", self.matched_);
  visit("match_type", self.type_);
  visit("is_multiallelic", self.multiallelic_);
  visit("ambiguous", self.ambiguous_);
  visit("match_flipped", self.flipped_);
  visit("best_match", self.best_);
  visit("exclude", self.exclude_);
  visit("duplicate_best_match", self.dup_best_);
  visit("duplicate_ID", self.dup_id_);
  visit("match_IDs", self.match_ids_);
  visit("match_status", self.status_);
  visit("dataset", self.dataset_);
  visit("reason", self.reason_);
  visit("effect_frequency", self.effect_freq_);
  visit("target_frequency", self.target_freq_);
}

bool MatchLogPart::HasRoom(const MatchLogSource& source, const ScoreLines::Entry& entry,
                           const LabelledCandidate& c) const {
  if (rows() == 0) return true;
  const VariantTable& targets = source.found.targets();
  size_t longest =
      std::max({longest_, source.score.size(), source.lines.effect_allele(entry.line).size(),
                source.lines.other_allele(entry.line).size()});
  if (c.target != LabelledCandidate::kNoTarget) {
    longest = std::max({longest, targets.ref(c.target).size(), targets.alt(c.target).size(),
                        targets.id(c.target).size()});
  }
  return rows() < kPartRows && (rows() + 1) * longest <= kPartColumnBytes;
}

void MatchLogPart::Add(const MatchLogSource& source, const ScoreLines::Entry& entry,
                       const LabelledCandidate& c) {
  const ScoreLines& lines = source.lines;
  const uint32_t line = entry.line;
  const bool matched = c.target != LabelledCandidate::kNoTarget;
  const VariantTable& targets = source.found.targets();
  const auto ea = lines.effect_allele(line), oa = lines.other_allele(line);
  const auto id = matched ? OrNa(targets.id(c.target)) : "NA";
  const auto ref = matched ? OrNa(targets.ref(c.target)) : "NA";
  const auto alt = matched ? OrNa(targets.alt(c.target)) : "NA";
  longest_ = std::max(
      {longest_, source.score.size(), ea.size(), oa.size(), id.size(), ref.size(), alt.size()});
  row_nr_.push_back(lines.row_nr(line));
  accession_.Append(source.score);
  chrom_.Append(OrNa(lines.chrom(line)));
  pos_.push_back(lines.pos(line) == 0 ? Table::kMissingInt : lines.pos(line));
  ea_.Append(ea);
  oa_.Append(OrNa(oa));
  weight_.push_back(entry.weight);
  effect_type_.Append(lines.problem(line) == RowProblem::kNonAdditive
                          ? "nonadditive"
                          : EffectName(lines.effect(line)));
  id_.Append(id);
  ref_.Append(ref);
  alt_.Append(alt);
  matched_.Append(!matched    ? "NA"
                  : c.flipped ? OnOtherStrand(ea, source.rules.strand())
                              : std::string(ea));
  type_.Append(matched ? MatchTypeName(c.type) : "NA");
  const auto label = [matched](Factor& column, bool value) {
    column.Append(!matched ? "NA" : value ? "true" : "false");
  };
  label(multiallelic_, c.multiallelic);
  label(ambiguous_, c.ambiguous);
  label(flipped_, c.flipped);
  label(best_, c.best);
  label(exclude_, c.exclude);
  label(dup_best_, c.duplicate_best);
  label(dup_id_, c.duplicate_id);
  match_ids_.Append("NA");
  status_.Append(StatusName(c.status));
  dataset_.Append(source.dataset);
  reason_.Append(ReasonOf(c, line, lines, source.found, source.rules, source.filters));
  effect_freq_.push_back(lines.effect_freq(line));
  target_freq_.push_back(matched ? source.found.effect_freq(c.target, c.type) : kNaN);
}

void AppendLog(const MatchLogSource& source, const std::vector<ScoreLines::Entry>& entries,
               std::span<const LabelledCandidate> log, std::vector<MatchLogPart>& parts) {
  if (parts.empty()) parts.emplace_back();
  for (const LabelledCandidate& c : log) {
    if (!parts.back().HasRoom(source, entries[c.entry], c)) parts.emplace_back();
    parts.back().Add(source, entries[c.entry], c);
  }
}

void MatchLogPart::WriteTo(H5Writer& file, const std::string& group) const {
  std::vector<H5Writer::NamedColumn> columns;
  ForEachColumn(*this, [&](const char* name, const auto& column) {
    using Column = std::decay_t<decltype(column)>;
    if constexpr (std::is_same_v<Column, Factor> || std::is_same_v<Column, StringColumn>) {
      columns.push_back({name, &column});
    } else {
      columns.push_back({name, std::span(column)});
    }
  });
  file.WriteColumns(group, columns);
}

MatchLogPart MatchLogPart::ReadFrom(const H5Reader& file, const std::string& group) {
  MatchLogPart part;
  ForEachColumn(part, [&](const char* name, auto& column) {
    using Column = std::decay_t<decltype(column)>;
    const std::string path = group + "/" + name;
    if constexpr (std::is_same_v<Column, Factor>) {
      column = file.ReadFactor(path);
    } else if constexpr (std::is_same_v<Column, StringColumn>) {
      column = file.ReadStrings(path);
    } else if constexpr (std::is_same_v<Column, std::vector<double>>) {
      column = file.ReadF64(path);
    } else {
      column = file.ReadI64(path);
    }
    if (column.size() != part.rows()) {
      throw Error(ErrorId::kShardDamaged, "columns of the match log have different lengths")
          .InFile(file.path())
          .Field(path);
    }
  });
  return part;
}

void MatchLogPart::HideRare(uint64_t founders) {
  for (double& f : target_freq_) {
    const double copies = std::min(f, 1 - f) * 2 * static_cast<double>(founders);
    f = copies < kMinMinorAlleleCount ? kNaN : CoarseFrequency(f, static_cast<int64_t>(founders));
  }
}

std::string MatchLogPart::Header() {
  std::string text;
  const MatchLogPart none;
  ForEachColumn(none, [&](const char* name, const auto&) {
    if (!text.empty()) text += '\t';
    text += name;
  });
  return text + '\n';
}

void MatchLogPart::AppendLines(size_t begin, size_t end, std::string& text) const {
  for (size_t r = begin; r < end; ++r) {
    ForEachColumn(*this, [&](const char*, const auto& column) {
      AppendCell(column[r], text);
      text += '\t';
    });
    text.back() = '\n';
  }
}

void WriteMatchLog(const ArtifactStore& store, const Manifest& match, const std::string& path) {
  constexpr size_t kRowsAtOnce = 4096;
  TextWriter out(path);
  out.Write(MatchLogPart::Header());
  for (size_t i = 0; i < match.shards.size(); ++i) {
    const H5Reader file = store.Open(match, i);
    const auto founders = static_cast<uint64_t>(file.AttributeInt("/", "founders"));
    for (const auto& name : file.List("/log")) {
      MatchLogPart part = MatchLogPart::ReadFrom(file, "/log/" + name);
      part.HideRare(founders);
      std::vector<std::string> texts((part.rows() + kRowsAtOnce - 1) / kRowsAtOnce);
      oneapi::tbb::parallel_for(size_t{0}, texts.size(), [&](size_t t) {
        const size_t begin = t * kRowsAtOnce, end = std::min(part.rows(), begin + kRowsAtOnce);
        part.AppendLines(begin, end, texts[t]);
      });
      for (const auto& text : texts) out.Write(text);
    }
  }
  out.Commit();
}

}  // namespace kinflow
