#include "stages/kinship/pairs_stage.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <memory>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/graph/process_memory.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/compare.h"
#include "stages/kinship/compared_people.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {
namespace {

/// Strips in memory: all of them if the budget allows, else those of the last reads.
class StripCache {
 public:
  StripCache(const RunContext& run, const Manifest& calls, uint32_t n_samples)
      : store_(run.store), calls_(calls), n_samples_(n_samples), strips_(StripCount(n_samples)) {
    uint64_t variants = 0;
    for (const ShardRecord& shard : calls.shards) variants += shard.rows;
    constexpr uint64_t kAtWork = 32ull << 20;  // pairs found, counts of the blocks at work
    const uint64_t rest = ProcessBytes(n_samples) + kAtWork;
    const uint64_t strip = StripBytes(variants);
    const uint64_t room = run.memory_bytes > rest ? run.memory_bytes - rest : 0;
    capacity_ = std::min<uint64_t>(room / strip, strips_.size());
    if (capacity_ < std::min<size_t>(2, strips_.size())) {
      throw Error(
          ErrorId::kMemoryBudget,
          fmt::format("the memory budget of {} is too small: comparing people by {} "
                      "variants needs at least {}",
                      FormatBytes(run.memory_bytes), variants, FormatBytes(rest + 2 * strip)))
          .Remedy("raise resources.memory (--memory), or prune more (kinship.variants)");
    }
  }

  std::shared_ptr<const Strip> Get(uint32_t s) {
    if (!strips_[s]) {
      if (held_.size() == capacity_) {
        // The strip read last: a walk over all strips, again and again, keeps most of them so.
        strips_[held_.back()].reset();
        held_.pop_back();
      }
      strips_[s] = std::make_shared<const Strip>(ReadStrip(store_, calls_, n_samples_, s));
      held_.push_back(s);
    }
    return strips_[s];
  }

 private:
  const ArtifactStore& store_;
  const Manifest& calls_;
  uint32_t n_samples_;
  std::vector<std::shared_ptr<const Strip>> strips_;
  std::vector<uint32_t> held_;
  size_t capacity_ = 0;
};

}  // namespace

std::vector<std::string> PairsStage::inputs() const {
  std::vector<std::string> inputs = {"kinship_calls"};
  if (!setup_.people_from.empty()) inputs.push_back(setup_.people_from);
  return inputs;
}

void PairsStage::Run(RunContext& run, const StageKeys& keys) const {
  const uint32_t n = setup_.n_samples, strips = StripCount(n);
  const Manifest calls = InputManifest(run.store, kCallsKind, keys, "kinship_calls");
  std::vector<uint8_t> kept(n, 1);
  if (!setup_.people_from.empty()) {
    kept = ComparedPeople(run.store, InputManifest(run.store, kQcKind, keys, setup_.people_from));
  }
  StripCache cache(run, calls, n);
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards = run.store.CommittedShards(kPairsKind, keys.self);
  const auto done = static_cast<uint32_t>(manifest.shards.size());
  run.progress.Start(id(), uint64_t{strips} * (strips + 1) / 2, "blocks of pairs");
  if (done > 0) run.log.Info("{}: resuming behind {} finished strips", id(), done);
  const PairChoice choice{setup_.options.min_kinship, kept, setup_.controls, setup_.always};
  for (uint32_t a = done; a < strips; ++a) {
    std::vector<Pair> pairs;
    PairTotals totals;
    const auto first = cache.Get(a);
    for (uint32_t b = a; b < strips; ++b) {
      run.stop.Check();
      const auto second = cache.Get(b);
      totals += CompareStrips({a, *first}, {b, *second}, n, choice, pairs);
      run.progress.Add(1);
    }
    std::sort(pairs.begin(), pairs.end(),
              [](const Pair& x, const Pair& y) { return x.samples < y.samples; });
    const auto out = run.store.BeginShard(kPairsKind, keys.self, a);
    WritePairs(out->file(), pairs, totals);
    manifest.shards.push_back(out->Commit(pairs.size()));
  }
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow::kinship
