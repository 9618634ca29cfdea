#include "pipeline/graph/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace kinflow {
namespace {

using nlohmann::json;

constexpr size_t kShown = 40;  // characters of a value

std::string TextOf(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string Cut(const std::string& text) {
  return text.size() > kShown ? text.substr(0, kShown - 3) + "..." : text;
}

/// Two values with what differs in sight: a long common beginning is left out.
std::string Change(std::string before, std::string after) {
  if (std::max(before.size(), after.size()) > kShown) {
    const auto ends = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    const auto same = static_cast<size_t>(ends.first - before.begin());
    constexpr size_t kContext = 10;
    if (same > kContext) {
      before = "..." + before.substr(same - kContext);
      after = "..." + after.substr(same - kContext);
    }
  }
  return fmt::format("{} -> {}", Cut(before), Cut(after));
}

/// Lists by their elements: what came and what went, whatever its place.
std::string ListChange(const json& before, const json& after) {
  std::vector<json> gone(before.begin(), before.end()), come;
  for (const json& item : after) {
    const auto at = std::find(gone.begin(), gone.end(), item);
    if (at == gone.end()) {
      come.push_back(item);
    } else {
      gone.erase(at);
    }
  }
  if (come.size() == 1 && gone.size() == 1) return " " + Change(TextOf(gone[0]), TextOf(come[0]));
  std::string text;
  for (const json& item : come) text += " +" + Cut(TextOf(item));
  for (const json& item : gone) text += " -" + Cut(TextOf(item));
  return text.empty() ? " in another order" : text;
}

void Diff(const std::string& name, const json& before, const json& after,
          std::vector<std::string>& why) {
  if (before == after) return;
  if (before.is_array() && after.is_array()) {
    why.push_back(name + ":" + ListChange(before, after));
  } else if (before.is_object() && after.is_object()) {
    const auto inner = [&](const std::string& key) {
      return name.empty() ? key : name + "." + key;
    };
    for (const auto& [key, value] : after.items()) {
      if (before.contains(key)) {
        Diff(inner(key), before[key], value, why);
      } else {
        why.push_back(fmt::format("{}: now {}", inner(key), Cut(TextOf(value))));
      }
    }
    for (const auto& [key, value] : before.items()) {
      if (!after.contains(key)) why.push_back(inner(key) + ": no longer set");
    }
  } else {
    why.push_back(fmt::format("{}: {}", name, Change(TextOf(before), TextOf(after))));
  }
}

/// A choice has its value behind a colon.
bool IsChoice(const std::string& name) { return name.find(": ") != std::string::npos; }

/// What became of an input: "c.bed is new", "qc.mendel_errors: now missing"; of a choice that was
/// made otherwise ToldNew() tells "qc.hard_call_threshold: 0.2 -> 0.3".
std::string Told(const std::string& name, const char* of_input, const char* of_choice) {
  if (!IsChoice(name)) return fmt::format("{} {}", name, of_input);
  const size_t colon = name.find(": ");
  return fmt::format("{}: {} {}", name.substr(0, colon), of_choice, name.substr(colon + 2));
}

using Inputs = std::map<std::string, std::string>;

/// The label in `inputs` of the same choice made otherwise, which `beside` does not have; "" =
/// none.
std::string OtherChoice(const std::string& label, const Inputs& inputs, const Inputs& beside) {
  const size_t colon = label.find(": ");
  if (colon == std::string::npos) return "";
  const std::string choice = label.substr(0, colon + 2);
  for (auto at = inputs.lower_bound(choice); at != inputs.end() && at->first.starts_with(choice);
       ++at) {
    if (!beside.contains(at->first)) return at->first;
  }
  return "";
}

/// What is there now and was not at the last run.
std::string ToldNew(const std::string& label, const Inputs& now, const Inputs& last) {
  const std::string name = label.substr(label.find(':') + 1);
  const std::string other = OtherChoice(label, last, now);
  if (other.empty()) return Told(name, "is new", "now");
  const auto value = [](const std::string& of) { return of.substr(of.find(": ") + 2); };
  return fmt::format("{}: {} -> {}", name.substr(0, name.find(": ")), value(other), value(label));
}

}  // namespace

std::vector<std::string> OptionChanges(const std::string& before, const std::string& after) {
  std::vector<std::string> why;
  const json old_json = json::parse(before, nullptr, false),
             new_json = json::parse(after, nullptr, false);
  if (old_json.is_object() && new_json.is_object()) {
    Diff("", old_json, new_json, why);
  } else if (before != after) {
    why.emplace_back("options differ");
  }
  return why;
}

std::string ReasonAgainst(const Manifest& last, const Stage& stage, const StageKeys& keys,
                          const std::function<bool(const std::string&)>& is_cached) {
  std::vector<std::string> why;
  if (last.version != stage.version()) {
    why.push_back(fmt::format("this kinflow computes it anew (version {} -> {})", last.version,
                              stage.version()));
  }
  for (std::string& change : OptionChanges(last.options_json, stage.options())) {
    why.push_back(std::move(change));
  }
  const Manifest now = NewManifest(stage, keys);
  std::vector<std::string> inputs;  // behind choices, which they may follow from
  for (const auto& [label, digest] : now.inputs) {
    const auto it = last.inputs.find(label);
    const bool is_file = label.rfind("file:", 0) == 0;
    const std::string name = label.substr(label.find(':') + 1);
    if (it == last.inputs.end()) {
      (IsChoice(name) ? why : inputs).push_back(ToldNew(label, now.inputs, last.inputs));
    } else if (it->second != digest) {
      inputs.push_back(is_file           ? name + " changed"
                       : is_cached(name) ? "another " + name + ", which is there already"
                                         : name + " runs again");
    }
  }
  for (const auto& [label, digest] : last.inputs) {
    if (now.inputs.contains(label)) continue;
    if (!OtherChoice(label, now.inputs, last.inputs).empty()) continue;
    const std::string name = label.substr(label.find(':') + 1);
    (IsChoice(name) ? why : inputs).push_back(Told(name, "is no longer used", "no longer"));
  }
  why.insert(why.end(), inputs.begin(), inputs.end());
  if (why.empty()) return last.key == keys.self ? "its artifact was removed" : "shard size differs";
  std::string text = why.front();
  for (size_t i = 1; i < std::min<size_t>(why.size(), 4); ++i) text += "; " + why[i];
  if (why.size() > 4) text += fmt::format("; and {} more", why.size() - 4);
  return text;
}

}  // namespace kinflow
