#include "pipeline/graph/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/base/error.h"
#include "pipeline/graph/latest_keys.h"

namespace kinflow {
namespace {

using nlohmann::json;

Digest KeyOf(const Stage& stage, const std::map<std::string, Digest>& inputs,
             uint64_t shard_genotypes) {
  Hasher hasher;
  hasher.AddField(stage.kind());
  hasher.AddField(uint64_t{stage.version()});
  hasher.AddField(stage.options());
  for (const auto& [id, key] : inputs) {
    hasher.AddField(id);
    hasher.AddField(key.Hex());
  }
  for (const auto& [label, digest] : stage.files()) {
    hasher.AddField(label);
    hasher.AddField(digest.Hex());
  }
  if (stage.scan()) hasher.AddField(shard_genotypes);
  return hasher.Finish();
}

std::string ShortValue(const json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

void DiffOptions(const std::string& before, const std::string& after,
                 std::vector<std::string>& why) {
  const json old_json = json::parse(before, nullptr, false),
             new_json = json::parse(after, nullptr, false);
  if (old_json.is_discarded() || new_json.is_discarded()) {
    if (before != after) why.push_back("options differ");
    return;
  }
  const json old_flat = old_json.flatten(), new_flat = new_json.flatten();
  const auto name_of = [](std::string pointer) {
    if (!pointer.empty()) pointer.erase(0, 1);
    std::replace(pointer.begin(), pointer.end(), '/', '.');
    return pointer;
  };
  for (const auto& [key, value] : new_flat.items()) {
    if (!old_flat.contains(key)) {
      why.push_back(fmt::format("{}: now {}", name_of(key), ShortValue(value)));
    } else if (old_flat[key] != value) {
      why.push_back(
          fmt::format("{}: {} -> {}", name_of(key), ShortValue(old_flat[key]), ShortValue(value)));
    }
  }
  for (const auto& [key, value] : old_flat.items()) {
    if (!new_flat.contains(key)) why.push_back(fmt::format("{}: no longer set", name_of(key)));
  }
}

/// Why the key differs from that of the last run, by comparing the two declarations.
std::string ReasonAgainst(const Manifest& last, const Stage& stage, const StageKeys& keys) {
  std::vector<std::string> why;
  if (last.version != stage.version()) {
    why.push_back(fmt::format("this kinflow computes it anew (version {} -> {})", last.version,
                              stage.version()));
  }
  DiffOptions(last.options_json, stage.options(), why);
  const Manifest now = NewManifest(stage, keys);
  for (const auto& [label, digest] : now.inputs) {
    const auto it = last.inputs.find(label);
    const bool is_file = label.rfind("file:", 0) == 0;
    const std::string name = label.substr(label.find(':') + 1);
    if (it == last.inputs.end()) {
      why.push_back(fmt::format("{} is new", name));
    } else if (it->second != digest) {
      why.push_back(is_file ? name + " changed" : name + " runs again");
    }
  }
  for (const auto& [label, digest] : last.inputs) {
    if (!now.inputs.contains(label)) {
      why.push_back(fmt::format("{} is no longer used", label.substr(label.find(':') + 1)));
    }
  }
  if (why.empty()) return last.key == keys.self ? "its artifact was removed" : "shard size differs";
  std::string text = why.front();
  for (size_t i = 1; i < std::min<size_t>(why.size(), 4); ++i) text += "; " + why[i];
  if (why.size() > 4) text += fmt::format("; and {} more", why.size() - 4);
  return text;
}

}  // namespace

Plan::Plan(std::vector<std::unique_ptr<Stage>> stages, ArtifactStore& store,
           uint64_t shard_genotypes)
    : owned_(std::move(stages)) {
  const LatestKeys latest(store.work_folder());
  std::vector<const Stage*> waiting;
  for (const auto& stage : owned_) waiting.push_back(stage.get());
  while (!waiting.empty()) {
    const auto ready = std::find_if(waiting.begin(), waiting.end(), [this](const Stage* stage) {
      const auto inputs = stage->inputs();
      return std::all_of(inputs.begin(), inputs.end(), [this](const auto& id) { return Has(id); });
    });
    if (ready == waiting.end()) {
      throw Error(ErrorId::kInternal, fmt::format("stage {} waits for a stage that is not planned",
                                                  waiting.front()->id()));
    }
    PlannedStage node;
    node.stage = *ready;
    for (const auto& id : node.stage->inputs()) node.keys.inputs[id] = at(id).keys.self;
    node.keys.self = KeyOf(*node.stage, node.keys.inputs, shard_genotypes);
    if (store.Find(node.stage->kind(), node.keys.self)) {
      node.status = StageStatus::kCached;
      node.reason = "unchanged";
    } else {
      const auto last = latest.Find(store, node.stage->id());
      node.reason = last ? ReasonAgainst(*last, *node.stage, node.keys) : "first run";
      const size_t shards = store.CommittedShards(node.stage->kind(), node.keys.self).size();
      if (shards > 0) {
        node.status = StageStatus::kResume;
        node.reason =
            fmt::format("goes on behind {} finished shard{}", shards, shards > 1 ? "s" : "");
      }
    }
    planned_.push_back(std::move(node));
    waiting.erase(ready);
  }
}

bool Plan::Has(const std::string& id) const {
  return std::any_of(planned_.begin(), planned_.end(),
                     [&](const PlannedStage& p) { return p.stage->id() == id; });
}

const PlannedStage& Plan::at(const std::string& id) const {
  for (const auto& p : planned_) {
    if (p.stage->id() == id) return p;
  }
  throw Error(ErrorId::kInternal, fmt::format("no stage {} in the plan", id));
}

std::vector<std::vector<std::string>> Plan::Passes() const {
  std::vector<std::vector<std::string>> passes;
  std::vector<std::string> done;
  const auto is_done = [&](const std::string& id) {
    return std::find(done.begin(), done.end(), id) != done.end();
  };
  const auto is_ready = [&](const PlannedStage& p) {
    const auto inputs = p.stage->inputs();
    return !is_done(p.stage->id()) && std::all_of(inputs.begin(), inputs.end(), is_done);
  };
  for (size_t guard = 0; guard < planned_.size() && done.size() < planned_.size(); ++guard) {
    for (const auto& p : planned_) {  // everything that needs no pass
      if (is_ready(p) && (p.status == StageStatus::kCached || !p.stage->scan())) {
        done.push_back(p.stage->id());
      }
    }
    const auto first = std::find_if(planned_.begin(), planned_.end(), is_ready);
    if (first == planned_.end() || !first->stage->scan() || first->status == StageStatus::kCached) {
      continue;
    }
    std::vector<std::string> pass;
    for (const auto& p : planned_) {
      if (is_ready(p) && p.status != StageStatus::kCached &&
          p.stage->scan() == first->stage->scan()) {
        pass.push_back(p.stage->id());
      }
    }
    done.insert(done.end(), pass.begin(), pass.end());
    passes.push_back(std::move(pass));
  }
  return passes;
}

}  // namespace kinflow
