// A score file as it stands, and perhaps <<<>>> a further part of its last score.

#include <algorithm>
#include <cmath>

#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/scores/line_index.h"
#include "stages/scores/score_lines.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

bool Read(const std::string& path, ScoreLines& lines) {
  return Accepts([&] {
    ScoreFileReader reader(path);
    AppendScoreFile(reader, path, true, lines);
  });
}

// Fields that read differently once they are normalised: "chrNA" is "NA", which means nothing.
bool IsStable(std::string_view chrom, std::string_view allele, std::string_view other) {
  const auto is_none = [](std::string_view text) { return text == "NA" || text == "."; };
  return NormaliseChrom(chrom) == chrom && Trim(chrom) == chrom && !is_none(chrom) &&
         chrom != "NaN" && chrom != "nan" && !is_none(allele) && !is_none(other);
}

// One score written in the form of normalised tables; "" if a row has no such form.
std::string Written(const ScoreLines& lines, const ScoreLines::Score& score) {
  std::string text =
      "accession\trow_nr\tchr_name\tchr_position\trsID\teffect_allele\tother_allele\t"
      "effect_type\teffect_weight\n";
  const auto is_plain = [](std::string_view field) {
    return std::none_of(field.begin(), field.end(), [](char c) { return c == '\t' || c == '\r'; });
  };
  for (const auto& [line, weight] : score.entries) {
    const std::string_view id = lines.id(line), chrom = lines.chrom(line);
    if (lines.problem(line) != RowProblem::kNone || !is_plain(id) || !is_plain(chrom)) return "";
    if (lines.effect(line) == EffectType::kNonAdditive) return "";  // the form has one weight
    if (!IsStable(chrom, lines.effect_allele(line), lines.other_allele(line))) return "";
    text += "s\t" + std::to_string(lines.row_nr(line)) + "\t" + std::string(chrom) + "\t" +
            (lines.pos(line) == 0 ? "" : std::to_string(lines.pos(line))) + "\t" + std::string(id) +
            "\t" + std::string(lines.effect_allele(line)) + "\t" +
            std::string(lines.other_allele(line)) + "\t" +
            std::string(EffectName(lines.effect(line))) + "\t" + FormatDouble(weight) + "\n";
  }
  return score.entries.empty() ? "" : text;
}

void CheckRoundTrip(const ScoreLines& lines, const ScoreLines::Score& score, InputFolder& folder) {
  const std::string text = Written(lines, score);
  if (text.empty()) return;
  ScoreLines again;
  Require(Read(folder.Write("again.txt", text), again), "a score is refused when written again");
  Require(again.scores().size() == 1 && again.scores()[0].entries.size() == score.entries.size(),
          "a score lost lines");
  for (size_t i = 0; i < score.entries.size(); ++i) {
    const auto &a = score.entries[i], &b = again.scores()[0].entries[i];
    Require(a.weight == b.weight && lines.chrom(a.line) == again.chrom(b.line) &&
                lines.pos(a.line) == again.pos(b.line) && lines.id(a.line) == again.id(b.line) &&
                lines.effect_allele(a.line) == again.effect_allele(b.line) &&
                lines.other_allele(a.line) == again.other_allele(b.line) &&
                lines.effect(a.line) == again.effect(b.line) &&
                lines.row_nr(a.line) == again.row_nr(b.line),
            "a score line is another one when written and read");
  }
}

// Every line that can match is found by its own place.
void CheckIndex(const ScoreLines& lines, MatchBy by) {
  const LineIndex index(lines, by);
  for (uint32_t i = 0; i < lines.size(); ++i) {
    const bool lost = by == MatchBy::kPosition ? lines.pos(i) == 0 : lines.id(i).empty();
    if (lost || lines.problem(i) != RowProblem::kNone) continue;
    uint32_t at = index.First(lines.chrom(i), lines.pos(i), lines.id(i));
    while (at != LineIndex::kNone && at != i) at = index.Next(at);
    Require(at == i, "a score line is not found by its place");
  }
}

// Chromosomes and positions alone, which choose the variants to read.
void CheckPlaces(const std::string& path, const ScoreLines& lines) {
  Accepts([&] {
    ScoreFileReader reader(path);
    ScoreLine row;
    for (uint32_t i = 0; reader.NextPlace(row); ++i) {
      Require(i < lines.size(), "more places than lines");
      if (lines.problem(i) != RowProblem::kNone) continue;
      Require(row.chrom == lines.chrom(i) && row.pos == lines.pos(i), "another place");
    }
  });
}

// A part of a score goes on behind its lines.
void ReadPart(const std::string& path, ScoreLines& lines) {
  if (lines.scores().empty()) return;
  const ScoreLines::Score& score = lines.scores().back();
  const size_t entries = score.entries.size(), before = lines.size();
  Accepts([&] {
    ScoreFileReader reader(path);
    ContinueScore(reader, path, true, lines);
    Require(score.entries.size() == entries + (lines.size() - before), "lines of a part are lost");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  folder.Clear();
  const auto parts = Parts(data, size, 2);
  const std::string path = folder.Write("x.txt", parts[0]);
  ScoreLines lines;
  if (Read(path, lines)) {
    for (const auto& score : lines.scores()) {
      for (const auto& [line, weight] : score.entries) {
        Require(line < lines.size() && !std::isinf(weight) && lines.Size({line, weight}) >= 0,
                "an impossible entry");
      }
      CheckRoundTrip(lines, score, folder);
    }
    CheckIndex(lines, MatchBy::kPosition);
    CheckIndex(lines, MatchBy::kId);
    CheckPlaces(path, lines);
    if (!parts[1].empty()) ReadPart(folder.Write("y.txt", parts[1]), lines);
  } else {
    Require(lines.scores().empty(), "a refused file left a score");
  }
  folder.RequireOnlyInputs();
  return 0;
}
