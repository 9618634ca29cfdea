#include "stages/scores/score_tables.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text_writer.h"

namespace kinflow {

int64_t ScoreSums::Find(std::string_view name) const {
  for (size_t s = 0; s < names.size(); ++s) {
    if (names[s] == name) return static_cast<int64_t>(s);
  }
  return -1;
}

double ScoreSums::AlleleCount(size_t score, uint32_t sample) const {
  const size_t at = At(score, sample);
  double count = 2 * (static_cast<double>(variants[score]) - missing[at]);
  if (!haploid.empty()) count += haploid_missing[at] - haploid[at];
  return count;
}

double ScoreSums::Denominator(size_t score, uint32_t sample) const {
  if (!mean_imputation) return AlleleCount(score, sample);
  const double diploid = 2 * static_cast<double>(variants[score]);
  return haploid.empty() ? diploid : diploid - haploid[At(score, sample)];
}

double ScoreSums::Average(size_t score, uint32_t sample) const {
  const double denominator = Denominator(score, sample);
  return denominator > 0 ? Sum(score, sample) / denominator
                         : std::numeric_limits<double>::quiet_NaN();
}

ScoreSums ReadScoreSums(const ArtifactStore& store, const Manifest& scores) {
  if (scores.shards.empty()) throw Error(ErrorId::kShardMissing, "scores: no merged file");
  const H5Reader file = store.Open(scores, scores.shards.size() - 1);
  ScoreSums out;
  const StringColumn names = file.ReadStrings("/names");
  for (size_t i = 0; i < names.size(); ++i) out.names.emplace_back(names[i]);
  out.variants = file.ReadU64("/variants");
  out.samples = static_cast<uint32_t>(file.AttributeInt("/", "samples"));
  out.mean_imputation =
      nlohmann::json::parse(scores.options_json).value("missing", "mean") == "mean";
  const size_t rows_there = out.names.size();
  if (rows_there == 0) return out;
  out.has_union = out.names.back().empty();
  if (out.has_union) out.names.pop_back();
  const auto read = [&](std::string_view path) {
    size_t rows = 0, cols = 0;
    auto values = file.ReadMatrix(path, rows, cols);
    if (rows != rows_there || cols != out.samples) {
      throw Error(ErrorId::kShardDamaged, "score matrix of another shape").InFile(file.path());
    }
    return values;
  };
  out.sum = read("/sum");
  out.missing = read("/missing");
  if (file.Has("/haploid")) {
    out.haploid = read("/haploid");
    out.haploid_missing = read("/haploid_missing");
  }
  return out;
}

Table PeopleTable(const Cohort& cohort, const std::vector<uint8_t>& kept) {
  Table::Strings fid, iid, role;
  const std::vector<std::string> fids = cohort.FamilyIds();
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    if (!kept.empty() && kept[i] == 0) continue;
    fid.push_back(fids[i]);
    iid.push_back(cohort.samples->iid(i));
    role.emplace_back(RoleName(cohort.roles[i]));
  }
  Table table;
  table.Add("FID", std::move(fid));
  table.Add("IID", std::move(iid));
  table.Add("ROLE", std::move(role));
  return table;
}

Table ScoresTable(const ScoreSums& sums, const Cohort& cohort, const std::vector<uint8_t>& kept) {
  std::vector<uint32_t> rows;
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    if (kept.empty() || kept[i] != 0) rows.push_back(i);
  }
  Table table = PeopleTable(cohort, kept);
  for (size_t s = 0; s < sums.names.size(); ++s) {
    Table::Doubles column;
    column.reserve(rows.size());
    for (const uint32_t i : rows) column.push_back(sums.Sum(s, i));
    table.Add(sums.names[s], std::move(column));
  }
  return table;
}

void WriteSscore(const ScoreSums& sums, const Cohort& cohort, const std::vector<uint8_t>& kept,
                 const std::string& path) {
  if (!sums.has_union) throw Error(ErrorId::kInternal, "alleles over all scores were not counted");
  const size_t n = sums.names.size(), all = n;
  TextWriter out(path);
  std::string line = "#FID\tIID\tALLELE_CT\tDENOM";
  for (const char* column : {"_AVG", "_SUM"}) {
    for (const auto& name : sums.names) line += "\t" + name + column;
  }
  out.Write(line + "\n");
  const auto number = [](double v) { return std::isnan(v) ? "nan" : FormatDouble(v, 6); };
  const std::vector<std::string> fids = cohort.FamilyIds();
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    if (!kept.empty() && kept[i] == 0) continue;
    const double denominator = sums.Denominator(all, i);
    line = fids[i] + "\t" + cohort.samples->iid(i) + "\t" + FormatDouble(sums.AlleleCount(all, i)) +
           "\t" + FormatDouble(denominator);
    for (size_t s = 0; s < n; ++s) line += "\t" + number(sums.Sum(s, i) / denominator);
    for (size_t s = 0; s < n; ++s) line += "\t" + number(sums.Sum(s, i));
    out.Write(line + "\n");
  }
  out.Commit();
}

void WriteScoresDetail(const ScoreSums& sums, const Cohort& cohort,
                       const std::vector<uint8_t>& kept, const std::string& path) {
  TextWriter out(path);
  const std::vector<std::string> fids = cohort.FamilyIds();
  out.Write("FID\tIID\tSCORE\tALLELE_CT\tDENOM\tSUM\tAVG\n");
  for (size_t s = 0; s < sums.names.size(); ++s) {
    for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
      if (!kept.empty() && kept[i] == 0) continue;
      out.Write(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", fids[i], cohort.samples->iid(i),
                            sums.names[s], FormatDouble(sums.AlleleCount(s, i)),
                            FormatDouble(sums.Denominator(s, i)), FormatDouble(sums.Sum(s, i)),
                            FormatDouble(sums.Average(s, i))));
    }
  }
  out.Commit();
}

}  // namespace kinflow
