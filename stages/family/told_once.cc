#include "stages/family/told_once.h"

#include <fmt/format.h>

#include <unordered_map>

namespace kinflow::family {

std::vector<Told> TellOnce(const std::vector<std::string>& texts) {
  std::vector<Told> out;
  std::unordered_map<std::string, size_t> at;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto [found, added] = at.emplace(texts[i], out.size());
    if (added) out.push_back({i, i, 0});
    out[found->second].last = i;
    ++out[found->second].count;
  }
  return out;
}

std::vector<std::string> MergeWarnings(const std::vector<std::string>& warnings) {
  std::vector<std::string> models, texts;
  for (const auto& warning : warnings) {
    // Names of models hold no blank: what stands before one is a sentence.
    const size_t end = warning.find(": ");
    const bool named = end != std::string::npos && warning.find(' ') > end;
    models.push_back(named ? warning.substr(0, end) : "");
    texts.push_back(named ? warning.substr(end) : warning);
  }
  std::vector<std::string> out;
  for (const auto& told : TellOnce(texts)) {
    const std::string more = told.count == 1             ? ""
                             : models[told.last].empty() ? fmt::format(" ({} times)", told.count)
                             : told.count == 2
                                 ? std::string(" (and one more model)")
                                 : fmt::format(" (and {} more models)", told.count - 1);
    out.push_back(models[told.last] + texts[told.last] + more);
  }
  return out;
}

std::string CountText(size_t models) {
  return models == 1 ? "" : fmt::format(" ({} models)", models);
}

}  // namespace kinflow::family
