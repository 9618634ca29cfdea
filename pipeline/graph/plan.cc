#include "pipeline/graph/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/graph/latest_keys.h"
#include "pipeline/graph/reason.h"

namespace kinflow {
namespace {

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

}  // namespace

Plan::Plan(std::vector<std::unique_ptr<Stage>> stages, ArtifactStore& store,
           uint64_t shard_genotypes, std::string run_name,
           const std::map<std::string, Digest>& last_keys)
    : owned_(std::move(stages)), run_name_(std::move(run_name)) {
  const LatestKeys latest(store.work_folder(), run_name_);
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
      auto last = latest.Find(store, node.stage->id());
      const auto other = last_keys.find(node.stage->id());
      if (!last && other != last_keys.end()) last = store.Find(node.stage->kind(), other->second);
      const auto is_cached = [this](const std::string& id) {
        return Has(id) && at(id).status == StageStatus::kCached;
      };
      node.reason = last ? ReasonAgainst(*last, *node.stage, node.keys, is_cached) : "first run";
      const size_t shards = store.CommittedShards(node.stage->kind(), node.keys.self).size();
      if (shards > 0) {
        node.status = StageStatus::kResume;
        node.reason =
            fmt::format("goes on behind {} finished shard{}", shards, shards > 1 ? "s" : "");
      }
    }
    node.last_seconds = latest.Seconds(node.stage->id());
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
