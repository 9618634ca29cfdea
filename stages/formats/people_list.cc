#include "stages/formats/people_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

Error BadLine(const LineReader& reader, std::string what) {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(reader.path())
      .AtLine(reader.line_number())
      .Remedy("all lines hold one IID, or all hold FID and IID (plink's --keep)");
}

/// What the lines hold; no columns: not yet known.
struct Columns {
  size_t n = 0;
  bool named = false;
};

/// True of lines in front of the people.
bool IsHead(const std::vector<std::string_view>& fields, Columns& columns) {
  const bool families = fields.size() > 1 && fields[1] == "IID";
  if (families && (fields[0] == "#FID" || fields[0] == "FID")) {
    columns = {2, true};
  } else if (fields[0] == "#IID" || (fields.size() == 1 && fields[0] == "IID")) {
    columns = {1, true};
  } else {
    return fields[0].front() == '#';
  }
  return true;
}

}  // namespace

PeopleList PeopleList::Read(const std::string& path) {
  PeopleList list;
  LineReader reader(path);
  std::string_view line;
  Columns columns;
  bool head = true;
  while (reader.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.empty()) continue;
    if (head && IsHead(fields, columns)) continue;
    head = false;
    if (columns.n == 0) columns.n = fields.size();
    if (columns.n > 2) throw BadLine(reader, fmt::format("{} columns", fields.size()));
    if (columns.named ? fields.size() < columns.n : fields.size() != columns.n) {
      throw BadLine(reader, fmt::format("the line has {} columns, those before it {}",
                                        fields.size(), columns.n));
    }
    list.Add(columns.n == 2 ? fields[0] : std::string_view(), fields[columns.n - 1],
             reader.line_number());
  }
  return list;
}

void PeopleList::Add(std::string_view fid, std::string_view iid, uint64_t line) {
  lines_.emplace(iid, line);
  size_ += fids_[std::string(iid)].emplace(fid).second ? 1 : 0;
}

std::unordered_set<std::string> PeopleList::iids() const {
  std::unordered_set<std::string> iids;
  for (const auto& [iid, fids] : fids_) iids.insert(iid);
  return iids;
}

uint64_t PeopleList::LineOf(const std::string& iid, const SampleIds& names) const {
  uint64_t first = 0;
  for (const auto& [id, line] : lines_) {
    if ((id == iid || names.Of(id) == iid) && (first == 0 || line < first)) first = line;
  }
  return first;
}

/// IID and FID of the lines that name the sample.
std::vector<std::pair<std::string, std::string>> PeopleList::Matches(const SampleTable& table,
                                                                     uint32_t i,
                                                                     const SampleIds& names) const {
  std::vector<std::pair<std::string, std::string>> matches;
  const std::string &fid = table.fid(i), &id = table.iid(i);
  const bool told = fid != id && fid != "0";
  const bool any = !told && !table.has_families();
  for (const std::string& iid : {id, names.Of(id)}) {
    const auto it = fids_.find(iid);
    if (it == fids_.end()) continue;
    for (const std::string& wanted : it->second) {
      if (wanted.empty() || any || wanted == fid || (!told && wanted == "0")) {
        matches.emplace_back(iid, wanted);
      }
    }
  }
  return matches;
}

bool PeopleList::Holds(const SampleTable& table, uint32_t i, const SampleIds& names) const {
  return !Matches(table, i, names).empty();
}

bool PeopleList::OfOtherFamily(const SampleTable& table, uint32_t i, const SampleIds& names) const {
  const bool named = fids_.contains(table.iid(i)) || fids_.contains(names.Of(table.iid(i)));
  return named && !Holds(table, i, names);
}

void PeopleList::RequireIidsBehind(const std::vector<const SampleTable*>& tables,
                                   const SampleIds& names, const std::string& path) const {
  if (size_ == 0 || Unknown(tables, names) < size_) return;
  std::unordered_set<std::string> first;
  for (const auto& [iid, fids] : fids_) first.insert(fids.begin(), fids.end());
  for (const SampleTable* table : tables) {
    for (const std::string& iid : table->iids()) {
      if (!first.contains(iid) && !first.contains(names.Of(iid))) continue;
      throw Error(ErrorId::kMalformed,
                  "the list has two columns, and its first holds ids of people, the second none")
          .InFile(path)
          .Remedy("give IIDs alone, one a line, or FID and IID in this order (plink's --keep)");
    }
  }
}

size_t PeopleList::Unknown(const std::vector<const SampleTable*>& tables,
                           const SampleIds& names) const {
  std::set<std::pair<std::string, std::string>> known;
  for (const SampleTable* table : tables) {
    for (uint32_t i = 0; i < table->size(); ++i) {
      for (auto& match : Matches(*table, i, names)) known.insert(std::move(match));
    }
  }
  return size_ - known.size();
}

}  // namespace kinflow
