#include "stages/formats/id_join.h"

#include <fmt/format.h>

#include <functional>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

using Index = std::unordered_map<std::string, uint32_t>;

std::string Grouped(uint64_t n) {
  std::string digits = std::to_string(n);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Upper(const std::string& id) {
  std::string out = id;
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string WithoutZeros(const std::string& id) {
  const size_t first = id.find_first_not_of('0');
  return first == std::string::npos ? id : id.substr(first);
}

std::string AfterFirst(const std::string& id, char mark) {
  const size_t at = id.find(mark);
  return at == std::string::npos ? id : id.substr(at + 1);
}

std::string BeforeLast(const std::string& id, char mark) {
  const size_t at = id.rfind(mark);
  return at == std::string::npos || at == 0 ? id : id.substr(0, at);
}

std::string WithoutLetters(const std::string& id) {
  const size_t first = id.find_first_of("0123456789");
  return first == std::string::npos ? id : id.substr(first);
}

std::string WithoutFraction(const std::string& id) {
  return id.ends_with(".0") ? id.substr(0, id.size() - 2) : id;
}

std::string Same(const std::string& id) { return id; }

std::string FidIid(const SampleTable& samples, uint32_t i) {
  return samples.fid(i) + "_" + samples.iid(i);
}

// Another way to read the ids of both sides.
struct Reading {
  std::string (*table)(const std::string&);
  std::function<std::string(const SampleTable&, uint32_t)> sample;
  const char* would_match;  // behind "N would match"
};

std::function<std::string(const SampleTable&, uint32_t)> OfIid(
    std::string (*f)(const std::string&)) {
  return [f](const SampleTable& samples, uint32_t i) { return f(samples.iid(i)); };
}

// In order of preference: where two match equally many, the first is named.
std::vector<Reading> Readings() {
  return {
      {Same, FidIid, "if they are FID and IID joined by '_' (set id_form: fid_iid for this table)"},
      {Same, OfIid([](const std::string& id) { return AfterFirst(id, '_'); }),
       "if you join FID_IID with '_' (set family_id: to the table's column of family ids)"},
      {Upper, OfIid(Upper), "without regard to upper and lower case (change the table's ids)"},
      {WithoutFraction, OfIid(Same),
       "without the '.0' that spreadsheets add (write the id column as text)"},
      {WithoutZeros, OfIid(WithoutZeros), "without leading zeros (write the id column as text)"},
      {[](const std::string& id) { return AfterFirst(id, '_'); }, OfIid(Same),
       "without what stands before the first '_' in the table (change the table's ids)"},
      {[](const std::string& id) { return BeforeLast(id, '_'); }, OfIid(Same),
       "without what stands behind the last '_' in the table (change the table's ids)"},
      {Same, OfIid([](const std::string& id) { return BeforeLast(id, '_'); }),
       "without what stands behind the last '_' in the genotype ids (change the table's ids)"},
      {WithoutLetters, OfIid(WithoutLetters),
       "without the letters in front of the digits (change the table's ids)"},
  };
}

uint64_t CountMatches(const std::vector<std::string>& table_ids, const SampleTable& samples,
                      const Reading& reading) {
  std::unordered_map<std::string, uint64_t> read;
  for (uint32_t i = 0; i < samples.size(); ++i) ++read[reading.sample(samples, i)];
  uint64_t matches = 0;
  for (const auto& id : table_ids) {
    const auto it = read.find(reading.table(id));
    matches += it != read.end() && it->second == 1 ? 1 : 0;  // an ambiguous reading is no match
  }
  return matches;
}

std::string Hint(const std::vector<std::string>& table_ids, const SampleTable& samples,
                 uint64_t found) {
  uint64_t most = found;
  const char* best = nullptr;
  const auto readings = Readings();
  for (const auto& reading : readings) {
    const uint64_t matches = CountMatches(table_ids, samples, reading);
    if (matches > most) {
      most = matches;
      best = reading.would_match;
    }
  }
  return best == nullptr ? "" : fmt::format("{} would match {}", Grouped(most), best);
}

}  // namespace

JoinReport JoinIds(const std::vector<std::string>& table_ids, const SampleTable& samples,
                   const std::string& file, IdForm form, const std::string& what) {
  Index joined;
  if (form == IdForm::kFidIid) {
    for (uint32_t i = 0; i < samples.size(); ++i) joined.emplace(FidIid(samples, i), i);
  }
  JoinReport report;
  std::vector<uint8_t> used(samples.size(), 0);
  report.samples.reserve(table_ids.size());
  for (const auto& id : table_ids) {
    uint32_t sample = SampleTable::kAbsent;
    if (form == IdForm::kIid) {
      sample = samples.Find(id);
    } else if (const auto it = joined.find(id); it != joined.end()) {
      sample = it->second;
    }
    report.samples.push_back(sample);
    report.found += sample != SampleTable::kAbsent ? 1 : 0;
    if (sample != SampleTable::kAbsent) used[sample] = 1;
  }
  report.not_found = table_ids.size() - report.found;
  for (const uint8_t u : used) report.samples_without_row += u == 0 ? 1 : 0;
  report.summary = fmt::format("{} of {} {} ids found among {} genotype ids", Grouped(report.found),
                               Grouped(table_ids.size()), what, Grouped(samples.size()));
  if (report.found * 2 < table_ids.size()) report.hint = Hint(table_ids, samples, report.found);
  if (report.found == 0) {
    throw Error(ErrorId::kNoCommonSamples, report.summary)
        .InFile(file)
        .Remedy(report.hint.empty() ? "check that this is the right id column and that the table "
                                      "belongs to these genotypes"
                                    : report.hint);
  }
  return report;
}

}  // namespace kinflow
