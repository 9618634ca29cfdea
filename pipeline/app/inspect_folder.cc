#include "pipeline/app/inspect_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "pipeline/app/run_record.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/layout.h"

namespace kinflow {
namespace {

void ListArtifacts(const std::string& work) {
  fmt::print("{:<24} {:>7}  {}\n", "stage", "shards", "look at it with");
  for (const Manifest& m : ArtifactStore(work).List()) {
    fmt::print("{:<24} {:>7}  kinflow inspect {}/{}/{}/{}\n", m.stage, m.shards.size(), work,
               layout::kArtifacts, m.kind, m.key.Hex());
  }
}

/// Tables of a part of an output folder, each once: the HDF5 file where there is one.
std::vector<std::string> TablesOf(const std::string& folder) {
  std::vector<std::string> names = ListFolder(folder), tables;
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    const std::string stem = name.substr(0, name.find('.'));
    const bool twice = name.ends_with(".tsv") &&
                       std::find(names.begin(), names.end(), stem + ".h5") != names.end();
    if (!twice) tables.push_back(name);
  }
  return tables;
}

/// Artifacts of a work folder; of an output folder those of its last run.
std::vector<Manifest> ArtifactsOf(const std::string& folder) {
  const std::string work = FindWorkFolder(folder);
  if (work.empty()) return {};
  std::vector<Manifest> all = ArtifactStore(work).List();
  const auto keys = RecordedKeys(folder);
  if (keys.empty()) return all;
  std::erase_if(all, [&keys](const Manifest& m) {
    return std::none_of(keys.begin(), keys.end(),
                        [&m](const auto& stage) { return stage.second == m.key; });
  });
  return all;
}

}  // namespace

std::string ResultTable(const std::string& folder, const std::string& name) {
  if (name.find('/') != std::string::npos) return "";
  for (const char* part : {"share", "private"}) {
    for (const char* end : {".h5", ".tsv", ".tsv.gz"}) {
      std::string path = JoinPath(JoinPath(folder, part), name + end);
      if (FileExists(path)) return path;
    }
  }
  return "";
}

std::string ArtifactNamed(const std::string& folder, const std::string& name) {
  const std::vector<Manifest> all = ArtifactsOf(folder);
  std::vector<Manifest> named;
  const auto keep = [&](auto is_named) {
    if (named.empty()) std::copy_if(all.begin(), all.end(), std::back_inserter(named), is_named);
  };
  keep([&name](const Manifest& m) { return m.stage == name; });
  keep([&name](const Manifest& m) { return m.kind == name; });
  if (named.empty()) return "";
  const std::string kinds = JoinPath(FindWorkFolder(folder), layout::kArtifacts);
  const auto folder_of = [&kinds](const Manifest& m) {
    return JoinPath(JoinPath(kinds, m.kind), m.key.Hex());
  };
  if (named.size() == 1) return folder_of(named.front());
  std::string list;
  for (const Manifest& m : named) list += fmt::format("\n    {:<24} {}", m.stage, folder_of(m));
  throw Error(ErrorId::kBadArgument, fmt::format("{} artifacts of this name", named.size()))
      .InFile(folder)
      .Field("--table")
      .Value(name)
      .Remedy("give the output folder of the run, or one of these folders:" + list);
}

std::string NamesIn(const std::string& folder) {
  std::set<std::string> tables, artifacts;
  for (const char* part : {"share", "private"}) {
    for (const auto& file : ListFolder(JoinPath(folder, part))) {
      const std::string stem = file.substr(0, file.find('.'));
      if (!ResultTable(folder, stem).empty()) tables.insert(stem);
    }
  }
  for (const Manifest& m : ArtifactsOf(folder)) artifacts.insert(m.stage);
  std::string text;
  if (!tables.empty()) text = fmt::format("tables {}", fmt::join(tables, ", "));
  if (artifacts.empty()) return text;
  return fmt::format("{}{}artifacts {}", text, text.empty() ? "" : "; ",
                     fmt::join(artifacts, ", "));
}

bool ListResults(const std::string& folder) {
  if (IsFolder(JoinPath(folder, layout::kArtifacts))) {
    ListArtifacts(folder);
    return true;
  }
  std::string text;
  bool any = false;
  for (const char* part : {"share", "private"}) {
    const std::string path = JoinPath(folder, part);
    if (!IsFolder(path)) continue;
    for (const auto& table : TablesOf(path)) {
      any = any || table != "inputs.tsv";
      text += fmt::format("{:<32} kinflow inspect {}\n", fmt::format("{}/{}", part, table),
                          JoinPath(path, table));
    }
  }
  if (!any) return false;
  fmt::print("{:<32} {}\n{}", "table", "look at it with", text);
  if (const std::string work = FindWorkFolder(folder); !work.empty()) {
    fmt::print("{:<32} kinflow inspect {}\n", "artifacts", work);
  }
  return true;
}

}  // namespace kinflow
