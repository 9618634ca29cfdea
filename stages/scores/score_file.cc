#include "stages/scores/score_file.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

// Rows that are parsed together, about: what fits the cache of a core.
constexpr size_t kRowsTogether = 512, kBytesTogether = 512 << 10;

}  // namespace

bool ScoreFileReader::has_positions() const {
  const ScoreColumns& columns = format_.columns;
  return columns.harmonised() || (columns.Has(ColumnRole::kChrom) && columns.Has(ColumnRole::kPos));
}

bool ScoreFileReader::has_ids() const {
  return format_.columns.Has(ColumnRole::kId) || format_.columns.Has(ColumnRole::kHmId);
}

/// The next row that is not blank.
bool ScoreFileReader::NextText(ScoreRowText& text) {
  do {
    if (rows_ == 0 && !first_row_.empty()) {
      text.text = first_row_;
    } else if (!reader_.Next(text.text)) {
      if (rows_ > 0) return false;
      throw Error(ErrorId::kMalformed, "score file has no data rows")
          .InFile(format_.path)
          .Remedy("it ends behind its header: fetch it again");
    }
  } while (Trim(text.text).empty());
  text.line = reader_.line_number();
  text.nr = rows_++;
  return true;
}

std::string ScoreFileReader::LengthWarning() const {
  const auto stated = metadata_.find("variants_number");
  const auto number = stated == metadata_.end() ? std::nullopt : ParseUint(Trim(stated->second));
  if (!number || *number == rows_) return "";
  return fmt::format("{}: its header states {} variants (variants_number), it has {} rows{}",
                     BaseName(format_.path), *number, rows_,
                     rows_ < *number ? ": if it was cut off, fetch it again" : "");
}

/// The score of a row with an accession.
void ScoreFileReader::TakeScore(ScoreLine& row) {
  if (row.accession.empty()) return;
  auto it = score_index_.find(row.accession);
  if (it == score_index_.end()) {
    scores_.emplace_back(row.accession);
    it = score_index_.emplace(row.accession, static_cast<uint32_t>(scores_.size() - 1)).first;
  }
  for (auto& [score, weight] : row.weights) score = it->second;
}

bool ScoreFileReader::Next(ScoreLine& row) {
  ScoreRowText text;
  if (!NextText(text)) return false;
  ParseScoreRow(format_, text, row);
  TakeScore(row);
  return true;
}

bool ScoreFileReader::NextPlace(ScoreLine& row) {
  ScoreRowText text;
  if (!NextText(text)) return false;
  ParseScorePlace(format_, text, row);
  return true;
}

bool ScoreFileReader::Next(ScoreRows& rows) {
  if (failure_) std::rethrow_exception(failure_);
  rows.text.clear();
  rows.of_text.clear();
  std::vector<size_t> ends;
  try {
    for (ScoreRowText text; rows.text.size() < kBytesTogether &&
                            rows.of_text.size() < kRowsTogether && NextText(text);) {
      rows.text += text.text;
      ends.push_back(rows.text.size());
      rows.of_text.push_back(text);
    }
  } catch (const Error&) {
    if (rows.of_text.empty()) throw;
    failure_ = std::current_exception();  // rows before it may be at fault
  }
  rows.size = rows.of_text.size();
  if (rows.rows.size() < rows.size) rows.rows.resize(rows.size);
  for (size_t i = 0; i < rows.size; ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    rows.of_text[i].text = std::string_view(rows.text).substr(begin, ends[i] - begin);
  }
  const auto parse = [&](size_t i) { ParseScoreRow(format_, rows.of_text[i], rows.rows[i]); };
  try {
    oneapi::tbb::parallel_for(size_t{0}, rows.size, parse);
  } catch (const Error&) {
    for (size_t i = 0; i < rows.size; ++i) parse(i);  // throws that of the first
    throw;
  }
  for (size_t i = 0; i < rows.size; ++i) TakeScore(rows.rows[i]);
  return rows.size > 0;
}

}  // namespace kinflow
