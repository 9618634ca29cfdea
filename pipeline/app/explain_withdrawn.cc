#include "pipeline/app/explain_withdrawn.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/app/run_record.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/people_list.h"
#include "stages/formats/sample_ids.h"

namespace kinflow {
namespace {

struct List {
  std::string key, file;
};

std::vector<List> ListsOf(const nlohmann::json& input, const std::string& base) {
  std::vector<List> lists;
  const auto add = [&](const nlohmann::json& node, const std::string& key) {
    const std::string file = node.value("remove", nlohmann::json()).is_string()
                                 ? node["remove"].get<std::string>()
                                 : std::string();
    if (!file.empty()) lists.push_back({key + ".remove", JoinPath(base, file)});
  };
  add(input, "input");
  for (const auto& batch : input.value("batches", nlohmann::json::array())) {
    add(batch, "input.batches." + batch.value("name", ""));
  }
  return lists;
}

/// A list may have either id of a person.
SampleIds IdsOf(const nlohmann::json& input, const std::string& base) {
  const auto ids = input.value("ids", nlohmann::json());
  return ids.is_string() ? SampleIds::Read(JoinPath(base, ids.get<std::string>())) : SampleIds();
}

}  // namespace

std::string WithdrawnText(const std::string& iid, const std::string& output) {
  const auto input = ReadRunRecord(output, "/config/input");
  const auto base = ReadRunRecord(output, "/config", kRunFolders);
  if (!input.is_object() || !base.is_string()) return "";
  std::string text;
  try {
    const SampleIds names = IdsOf(input, base.get<std::string>());
    for (const List& list : ListsOf(input, base.get<std::string>())) {
      const uint64_t line = PeopleList::Read(list.file).LineOf(iid, names);
      if (line == 0) continue;
      text += fmt::format("person {}: withdrawn by {} ({}, line {}): nothing of them is used\n",
                          iid, list.key, BaseName(list.file), line);
    }
  } catch (const Error&) {
    // The list was moved or changed since: that the person is in no table is told all the same.
    return "";
  }
  return text;
}

}  // namespace kinflow
