#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/graph/plan.h"

namespace kinflow {
namespace {

const char* StatusName(StageStatus status) {
  switch (status) {
    case StageStatus::kCached:
      return "cached";
    case StageStatus::kResume:
      return "resume";
    case StageStatus::kRun:
      return "run";
  }
  return "run";
}

/// Why a pass cannot be part of an earlier one: results that its stages need and that are not there
/// yet. "" = it needs none.
std::string WaitsFor(const Plan& plan, const std::vector<std::string>& pass) {
  std::set<std::string> needed;
  for (const std::string& id : pass) {
    for (const std::string& input : plan.at(id).stage->inputs()) {
      if (plan.at(input).status != StageStatus::kCached) needed.insert(input);
    }
  }
  for (const std::string& id : pass) needed.erase(id);
  return needed.empty() ? "" : fmt::format("; it waits for {}", fmt::join(needed, ", "));
}

/// When a pass is needed at all, if not always: each stage of it tells.
std::string NeededIf(const Plan& plan, const std::vector<std::string>& pass) {
  std::vector<std::string> conditions;
  for (const std::string& id : pass) {
    conditions.push_back(plan.at(id).stage->scan_condition());
    if (conditions.back().empty()) return "";
  }
  return fmt::format("; needed {}", fmt::join(conditions, " or "));
}

}  // namespace

std::string Plan::ToText() const {
  std::string out = fmt::format("{:<22} {:<8} {}\n", "stage", "will", "because");
  for (const auto& p : planned_) {
    out += fmt::format("{:<22} {:<8} {}\n", p.stage->id(), StatusName(p.status), p.reason);
  }
  const auto passes = Passes();
  if (passes.empty()) {
    out += "passes over the genotypes: none\n";
  } else {
    // A stage may find that its counts follow from those of earlier ones.
    out += fmt::format("passes over the genotypes: {}{}\n", passes.size() > 1 ? "at most " : "",
                       passes.size());
    for (size_t i = 0; i < passes.size(); ++i) {
      const auto source = at(passes[i].front()).stage->scan()->source;
      out += fmt::format("  {}. {}: {}{}{}\n", i + 1, source, fmt::join(passes[i], ", "),
                         WaitsFor(*this, passes[i]), NeededIf(*this, passes[i]));
    }
  }
  return out;
}

std::string Plan::ToJson() const {
  nlohmann::ordered_json root;
  root["stages"] = nlohmann::ordered_json::array();
  for (const auto& p : planned_) {
    root["stages"].push_back({{"id", p.stage->id()},
                              {"kind", p.stage->kind()},
                              {"key", p.keys.self.Hex()},
                              {"status", StatusName(p.status)},
                              {"reason", p.reason},
                              {"inputs", p.stage->inputs()}});
  }
  root["passes"] = Passes();
  return root.dump(1) + "\n";
}

std::string Plan::ToDot() const {
  std::string out = "digraph kinflow {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const auto& p : planned_) {
    const bool cached = p.status == StageStatus::kCached;
    out += fmt::format("  \"{}\" [style={}];\n", p.stage->id(), cached ? "dashed" : "solid");
    for (const auto& input : p.stage->inputs()) {
      out += fmt::format("  \"{}\" -> \"{}\";\n", input, p.stage->id());
    }
  }
  return out + "}\n";
}

}  // namespace kinflow
