#include "pipeline/app/inspect_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pipeline/app/work_folder.h"
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
