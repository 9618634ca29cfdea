#include "stages/formats/sample_ids.h"

#include <fmt/format.h>

#include <vector>

#include "pipeline/base/error.h"
#include "stages/formats/delimited.h"

namespace kinflow {

SampleIds SampleIds::Read(const std::string& path) {
  DelimitedReader table(path);
  const size_t id = table.Require("ID"), iid = table.Require("IID");
  const auto malformed = [&table](const std::string& what) {
    return std::move(
        Error(ErrorId::kMalformed, what).InFile(table.path()).AtLine(table.line_number()));
  };
  SampleIds ids;
  ids.file_ = path;
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    if (fields[id].empty() || fields[iid].empty()) {
      throw malformed("an id is empty")
          .Field(fields[id].empty() ? "ID" : "IID")
          .Remedy("leave out the row: a sample without one keeps the id of the genotype file");
    }
    const auto [row, is_new] = ids.people_.emplace(fields[id], fields[iid]);
    if (is_new || row->second == fields[iid]) continue;
    throw malformed("this ID was given another IID before")
        .Field("ID")
        .Remedy("keep the row that is right: a sample is of one person");
  }
  return ids;
}

const std::string& SampleIds::Of(const std::string& id) const {
  const auto person = people_.find(id);
  return person == people_.end() ? id : person->second;
}

}  // namespace kinflow
