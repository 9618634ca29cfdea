#include "pipeline/app/analysis_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kinflow {
namespace {

/// The text of `node` that is `value`, or else holds it; null = none.
const ConfigNode* FindText(const ConfigNode& node, const std::string& value, bool whole) {
  if (node.kind() == ConfigNode::Kind::kText) {
    const std::string& text = node.Text("");
    return (whole ? text == value : text.find(value) != std::string::npos) ? &node : nullptr;
  }
  for (const ConfigNode& item : node.items()) {
    if (const ConfigNode* found = FindText(item, value, whole)) return found;
  }
  for (const auto& [key, member] : node.members()) {
    if (const ConfigNode* found = FindText(member, value, whole)) return found;
  }
  return nullptr;
}

}  // namespace

Error Placed(Error fault, const ConfigNode& part, const std::string& prefix) {
  if (!fault.file().empty()) return fault;
  const std::string key =
      fault.field().rfind(prefix, 0) == 0 ? fault.field().substr(prefix.size()) : std::string();
  const auto member = part.members().find(key);
  const ConfigNode* place = member == part.members().end() ? &part : &member->second;
  for (const bool whole : {true, false}) {
    if (fault.value().empty()) break;
    if (const ConfigNode* found = FindText(*place, fault.value(), whole)) {
      place = found;
      break;
    }
  }
  return std::move(fault.InFile(place->origin()));
}

void AnalysisFaults::Add(const std::string& id, const Error& fault,
                         const std::function<Error()>& placed) {
  const std::string prefix = "analyses." + id;
  const bool named = fault.field().rfind(prefix, 0) == 0;
  const std::string key = named ? fault.field().substr(prefix.size()) : fault.field();
  const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
    return other.id == fault.id() && other.message == fault.message() &&
           other.value == fault.value() && other.key == key;
  });
  if (same != entries_.end()) {
    same->also.push_back(id);
    return;
  }
  entries_.push_back({fault.id(), fault.message(), fault.value(), key, placed(), {}});
}

std::vector<Error> AnalysisFaults::Take() {
  std::vector<Error> out;
  for (Entry& entry : entries_) {
    const auto& also = entry.also;
    if (!also.empty()) {
      entry.first.Remedy(fmt::format("{} (the same in {} more analys{}s: {})", entry.first.Advice(),
                                     also.size(), also.size() == 1 ? "i" : "e",
                                     fmt::join(also, ", ")));
    }
    out.push_back(std::move(entry.first));
  }
  entries_.clear();
  return out;
}

}  // namespace kinflow
