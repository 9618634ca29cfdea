#include "pipeline/app/result_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/file.h"

namespace kinflow {

ResultView::ResultView(const std::string& folder) : folder_(folder) {
  const std::string path = JoinPath(folder, "run.json");
  if (!FileExists(path)) {
    throw Error(ErrorId::kMissingFile, "no run.json: this is no output folder of a run")
        .InFile(folder)
        .Remedy(
            "name the folder of output.folder or --out: kinflow explain variant|score|sample NAME "
            "DIR");
  }
  run_ = nlohmann::json::parse(ReadFile(path), nullptr, false);
  if (!run_.is_object()) {
    throw Error(ErrorId::kMalformed, "run.json cannot be read").InFile(path).Remedy("run again");
  }
}

std::optional<ResultRows> ResultView::Open(const std::string& name) const {
  const std::string path = JoinPath(folder_, name);
  if (!FileExists(path)) return std::nullopt;
  return std::optional<ResultRows>(std::in_place, path);
}

std::string ResultView::Setting(const std::string& key) const {
  const nlohmann::json* node = &run_["config"];
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('.', begin), key.size());
    const auto it = node->find(key.substr(begin, end - begin));
    if (it == node->end()) return "?";
    node = &*it;
    begin = end + 1;
  }
  return node->is_string() ? node->get<std::string>() : node->dump();
}

std::string ResultView::Thresholds(std::string_view step) const {
  std::string text;
  auto rows = Open("share/ledger.tsv");
  while (rows && rows->Next()) {
    if ((*rows)["STEP"] != step || (*rows)["THRESHOLD"] == "NA") continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", (*rows)["FILTER"], (*rows)["THRESHOLD"]);
  }
  return text;
}

Error ResultView::Unknown(const char* what) const {
  return Error(ErrorId::kBadArgument, fmt::format("the run in {} has no such {}", folder_, what));
}

std::string ValuesOf(const ResultRows& row, std::initializer_list<std::string_view> columns) {
  std::string text;
  for (const auto column : columns) {
    if (row[column].empty()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", column, row[column]);
  }
  return text;
}

std::string VerdictOf(const ResultRows& row) {
  if (row["REASON"].empty() || row["REASON"] == "NA") return std::string(row["STATUS"]);
  return fmt::format("{} by {}: value {}, threshold {}", row["STATUS"], row["REASON"],
                     row["REASON_VALUE"], row["REASON_THRESHOLD"]);
}

}  // namespace kinflow
