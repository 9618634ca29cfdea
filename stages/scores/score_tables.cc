#include "stages/scores/score_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text_writer.h"
#include "stages/scores/lane_sums.h"
#include "stages/scores/many_columns.h"

namespace kinflow {

int64_t ScoreSums::Find(std::string_view name) const {
  for (size_t s = 0; s < names.size(); ++s) {
    if (names[s] == name) return static_cast<int64_t>(s);
  }
  return -1;
}

double ScoreSums::AlleleCount(size_t score, uint32_t sample) const {
  const size_t at = CountAt(score, sample);
  double count = 2 * (static_cast<double>(variants[score]) - missing[at]);
  if (!fewer.empty()) count += static_cast<double>(fewer_missing[at]) - fewer[at];
  return count;
}

double ScoreSums::Denominator(size_t score, uint32_t sample) const {
  if (!mean_imputation) return AlleleCount(score, sample);
  const double diploid = 2 * static_cast<double>(variants[score]);
  return fewer.empty() ? diploid : diploid - fewer[CountAt(score, sample)];
}

double ScoreSums::Average(size_t score, uint32_t sample) const {
  const double denominator = Denominator(score, sample);
  return denominator > 0 ? Sum(score, sample) / denominator
                         : std::numeric_limits<double>::quiet_NaN();
}

namespace {

H5Reader OpenMerged(const ArtifactStore& store, const Manifest& scores) {
  if (scores.shards.empty()) throw Error(ErrorId::kShardMissing, "scores: no merged file");
  return store.Open(scores, scores.shards.size() - 1);
}

template <class T>
std::vector<T> CheckedColumn(const H5Reader& file, std::vector<T> column, uint32_t samples) {
  if (column.size() != samples) {
    throw Error(ErrorId::kShardDamaged, "sums of another number of people").InFile(file.path());
  }
  return column;
}

/// Columns of WriteMany, one behind the other.
template <class T, class Read>
std::vector<T> ReadMany(const H5Reader& file, std::string_view group, size_t columns,
                        uint32_t samples, const Read& read, bool some_absent = false) {
  std::vector<T> out(columns * samples, 0);
  for (size_t c = 0; c < columns; ++c) {
    const std::string path = PathOfMany(group, c);
    if (some_absent && !file.Has(path)) continue;  // nothing but zeros
    const auto column = CheckedColumn(file, read(path), samples);
    std::transform(column.begin(), column.end(), out.begin() + static_cast<ptrdiff_t>(c * samples),
                   [](auto v) { return static_cast<T>(v); });
  }
  return out;
}

}  // namespace

ScoreReader::ScoreReader(const ArtifactStore& store, const Manifest& scores)
    : file_(OpenMerged(store, scores)) {
  const StringColumn names = file_.ReadStrings("/names");
  for (size_t i = 0; i < names.size(); ++i) names_.emplace_back(names[i]);
  if (!names_.empty() && names_.back().empty()) names_.pop_back();
  samples_ = static_cast<uint32_t>(file_.AttributeInt("/", "samples"));
}

std::vector<double> ScoreReader::Sums(size_t score) const {
  return CheckedColumn(file_, file_.ReadF64(PathOfMany("/sums", score)), samples_);
}

ScoreSums ReadScoreSums(const ArtifactStore& store, const Manifest& scores) {
  const H5Reader file = OpenMerged(store, scores);
  ScoreSums out;
  const StringColumn names = file.ReadStrings("/names");
  for (size_t i = 0; i < names.size(); ++i) out.names.emplace_back(names[i]);
  out.variants = file.ReadU64("/variants");
  out.counts = file.ReadU32("/counts");
  out.samples = static_cast<uint32_t>(file.AttributeInt("/", "samples"));
  out.mean_imputation =
      nlohmann::json::parse(scores.options_json).value("missing", "mean") == "mean";
  const size_t scores_there = out.names.size();
  if (scores_there == 0) return out;
  const auto numbers = [&](const std::string& path) { return file.ReadF64(path); };
  const auto integers = [&](const std::string& path) { return file.ReadI64(path); };
  const size_t counts = 1 + *std::max_element(out.counts.begin(), out.counts.end());
  out.sum = ReadMany<double>(file, "/sums", scores_there, out.samples, numbers);
  out.missing = ReadMany<uint32_t>(file, "/missing", counts, out.samples, integers);
  if (file.Has("/fewer")) {
    out.fewer = ReadMany<uint32_t>(file, "/fewer", counts, out.samples, integers, true);
    out.fewer_missing =
        ReadMany<uint32_t>(file, "/fewer_missing", counts, out.samples, integers, true);
  }
  out.has_union = out.names.back().empty();
  if (out.has_union) out.names.pop_back();
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

ColumnTable ScoresTable(std::shared_ptr<const ScoreReader> scores, const Cohort& cohort,
                        std::vector<uint8_t> kept) {
  const Table people = PeopleTable(cohort, kept);
  ColumnTable table;
  table.rows = people.rows();
  for (size_t c = 0; c < people.columns(); ++c) table.names.push_back(people.name(c));
  for (const auto& name : scores->names()) table.names.push_back(name);
  table.make = [scores, people, kept = std::move(kept)](size_t c) -> Table::Column {
    if (c < people.columns()) return people.column(c);
    Table::Doubles column = scores->Sums(c - people.columns());
    if (kept.empty()) return column;
    size_t n = 0;
    for (size_t i = 0; i < column.size(); ++i) {
      if (kept[i] != 0) column[n++] = column[i];
    }
    column.resize(n);
    return column;
  };
  return table;
}

void WriteSscore(const ScoreSums& sums, const Cohort& cohort, const std::vector<uint8_t>& kept,
                 const std::string& path) {
  if (!sums.has_union) throw Error(ErrorId::kInternal, "alleles over all scores were not counted");
  const size_t n = sums.names.size(), all = n;
  TextWriter out(path);
  std::string line = "#FID\tIID\tALLELE_CT\tDENOM\tNAMED_ALLELE_DOSAGE_SUM";
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
           "\t" + FormatDouble(denominator) + "\t" +
           FormatDouble(std::round(sums.Sum(all, i) * 1000) / 1000);
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
