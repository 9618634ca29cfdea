#include <fmt/format.h>

#include <nlohmann/json.hpp>

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
    out += fmt::format("passes over the genotypes: {}\n", passes.size());
    for (size_t i = 0; i < passes.size(); ++i) {
      const auto source = at(passes[i].front()).stage->scan()->source;
      out += fmt::format("  {}. {}: {}\n", i + 1, source, fmt::join(passes[i], ", "));
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
