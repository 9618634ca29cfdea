#include "stages/formats/id_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

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
  std::function<std::string(const std::string&)> table;
  std::function<std::string(const SampleTable&, uint32_t)> sample;
  std::string would_match;  // behind "N would match"
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

// Characters that all ids begin with (`at_end`: end with), at most 24.
size_t CommonLength(const std::unordered_set<std::string>& ids, bool at_end) {
  std::string common;
  for (const auto& id : ids) {
    std::string text = at_end ? std::string(id.rbegin(), id.rend()) : id;
    if (text.size() > 24) text.resize(24);
    if (common.empty()) common = text;
    const auto end = std::mismatch(common.begin(), common.end(), text.begin(), text.end()).first;
    common.erase(end, common.end());
    if (common.empty()) break;
  }
  return common.size();
}

// Without what all the table's ids, or all the genotypes', have in front or behind.
void AddTrimmed(const std::unordered_set<std::string>& ids, bool of_table,
                std::vector<Reading>& readings) {
  for (const bool at_end : {false, true}) {
    for (size_t n = 1, most = CommonLength(ids, at_end); n <= most; ++n) {
      const auto trim = [n, at_end](const std::string& id) {
        return id.size() <= n ? id : at_end ? id.substr(0, id.size() - n) : id.substr(n);
      };
      const auto trim_sample = [trim](const SampleTable& samples, uint32_t i) {
        return trim(samples.iid(i));
      };
      const std::string text = fmt::format("without the {} {} of the {} (change the table's ids)",
                                           at_end ? "last" : "first",
                                           n == 1 ? "character" : fmt::format("{} characters", n),
                                           of_table ? "table's ids" : "genotype ids");
      readings.push_back(of_table ? Reading{trim, OfIid(Same), text}
                                  : Reading{Same, trim_sample, text});
    }
  }
}

// Of the ids that were not found, those that a reading finds among the samples not used yet.
uint64_t CountMatches(const std::unordered_set<std::string>& not_found, const SampleTable& samples,
                      const std::vector<uint8_t>& used, const Reading& reading) {
  std::unordered_map<std::string, uint64_t> read;
  std::unordered_set<std::string> taken;
  for (uint32_t i = 0; i < samples.size(); ++i) {
    std::string id = reading.sample(samples, i);
    if (used[i] != 0) taken.insert(id);
    ++read[std::move(id)];
  }
  uint64_t matches = 0;
  for (const auto& id : not_found) {
    const std::string as_read = reading.table(id);
    const auto it = read.find(as_read);  // an ambiguous reading is no match
    matches += it != read.end() && it->second == 1 && !taken.contains(as_read) ? 1 : 0;
  }
  return matches;
}

std::string Hint(const std::unordered_set<std::string>& not_found, const SampleTable& samples,
                 const std::vector<uint8_t>& used, bool some_found) {
  uint64_t most = 0;
  std::string best;
  auto readings = Readings();
  AddTrimmed(not_found, true, readings);
  AddTrimmed({samples.iids().begin(), samples.iids().end()}, false, readings);
  for (const auto& reading : readings) {
    const uint64_t matches = CountMatches(not_found, samples, used, reading);
    if (matches > most) {
      most = matches;
      best = reading.would_match;
    }
  }
  if (best.empty()) return "";
  return fmt::format("{}{} would match {}", Grouped(most), some_found ? " more" : "", best);
}

}  // namespace

std::string HintOnIds(const std::vector<std::string>& ids, const SampleTable& samples) {
  return Hint({ids.begin(), ids.end()}, samples, std::vector<uint8_t>(samples.size(), 0), false);
}

JoinReport JoinIds(const std::vector<std::string>& table_ids, const SampleTable& samples,
                   const std::string& file, IdForm form, uint32_t genotyped) {
  Index joined;
  if (form == IdForm::kFidIid) {
    for (uint32_t i = 0; i < samples.size(); ++i) joined.emplace(FidIid(samples, i), i);
  }
  JoinReport report;
  std::vector<uint8_t> used(samples.size(), 0);
  std::unordered_set<std::string> not_found;
  report.samples.reserve(table_ids.size());
  for (const auto& id : table_ids) {
    uint32_t sample = SampleTable::kAbsent;
    if (form == IdForm::kIid) {
      sample = samples.Find(id);
    } else if (const auto it = joined.find(id); it != joined.end()) {
      sample = it->second;
    }
    report.samples.push_back(sample);
    if (sample != SampleTable::kAbsent) {
      used[sample] = 1;
    } else {
      not_found.insert(id);
    }
  }
  genotyped = std::min(genotyped, samples.size());
  report.found = static_cast<uint64_t>(std::count(used.begin(), used.begin() + genotyped, 1));
  report.in_pedigree = static_cast<uint64_t>(std::count(used.begin() + genotyped, used.end(), 1));
  report.not_found = not_found.size();
  report.samples_without_row = genotyped - report.found;
  const uint64_t known = report.found + report.in_pedigree;
  report.summary =
      fmt::format("{} of {} phenotype ids found among {} genotype ids", Grouped(report.found),
                  Grouped(known + report.not_found), Grouped(genotyped));
  if (report.in_pedigree > 0) {
    report.summary += fmt::format(", {} only in the pedigree", Grouped(report.in_pedigree));
  }
  if (report.not_found > 0) report.hint = Hint(not_found, samples, used, known > 0);
  if (known == 0) {
    throw Error(ErrorId::kNoCommonSamples, report.summary)
        .InFile(file)
        .Remedy(report.hint.empty() ? "check that this is the right id column and that the table "
                                      "belongs to these genotypes"
                                    : report.hint);
  }
  return report;
}

}  // namespace kinflow
