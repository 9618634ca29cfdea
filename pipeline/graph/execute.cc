#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "pipeline/base/buffer_memory.h"
#include "pipeline/base/error.h"
#include "pipeline/graph/latest_keys.h"
#include "pipeline/graph/plan.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/scan_executor.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Walks the plan: at each step one table-level stage, or one scan shared by all ready stages that
/// ask for it.
class Execution {
 public:
  Execution(const Plan& plan, RunContext& run, const SourceFactory& open)
      : plan_(plan), run_(run), open_(open), latest_(run.store.work_folder(), plan.run_name()) {}

  std::vector<StageOutcome> Run() {
    for (const auto& p : plan_.stages()) {
      if (p.status == StageStatus::kCached) {
        Record(p, "cached", "", ExitCode::kOk, 0);
        latest_.Remember(p.stage->id(), p.stage->kind(), p.keys.self);
      }
    }
    while (const PlannedStage* next = NextReady()) {
      run_.stop.Check();
      if (next->stage->scan()) {
        RunPass(*next);
      } else {
        RunAlone(*next);
      }
    }
    latest_.Save();
    return TakeOutcomes();
  }

  std::vector<StageOutcome> TakeOutcomes() {
    SortByPlan();
    return std::move(outcomes_);
  }

 private:
  /// The first stage in plan order whose inputs are done; stages behind a failure become "skipped".
  const PlannedStage* NextReady() {
    for (const auto& p : plan_.stages()) {
      if (ended_.contains(p.stage->id())) continue;
      const auto inputs = p.stage->inputs();
      const auto broken = std::find_if(inputs.begin(), inputs.end(),
                                       [this](const auto& id) { return broken_.contains(id); });
      if (broken != inputs.end()) {
        broken_.insert(p.stage->id());
        Record(p, "skipped", fmt::format("{} failed", *broken), ExitCode::kInput, 0);
        continue;
      }
      if (std::all_of(inputs.begin(), inputs.end(),
                      [this](const auto& id) { return ended_.contains(id); })) {
        return &p;
      }
    }
    return nullptr;
  }

  void RunAlone(const PlannedStage& p) {
    run_.log.Info("{}: {}", p.stage->id(), p.reason);
    run_.progress.Start(p.stage->id(), 0, "rows");
    const auto start = Clock::now();
    try {
      oneapi::tbb::task_arena arena(static_cast<int>(run_.threads));
      arena.execute([&] { p.stage->Run(run_, p.keys); });
      Done(p, SecondsSince(start));
    } catch (const Error& e) {
      Failed(p, e, SecondsSince(start));
    }
    run_.progress.Finish();
  }

  void RunPass(const PlannedStage& first) {
    std::vector<const PlannedStage*> members;
    for (const auto& p : plan_.stages()) {
      const auto inputs = p.stage->inputs();
      const bool ready = !ended_.contains(p.stage->id()) &&
                         std::all_of(inputs.begin(), inputs.end(), [this](const auto& id) {
                           return ended_.contains(id) && !broken_.contains(id);
                         });
      if (ready && p.stage->scan() == first.stage->scan()) members.push_back(&p);
    }
    std::erase_if(members, [this](const PlannedStage* p) { return Settle(*p); });
    if (members.empty()) return;
    std::string names;
    for (const auto* p : members) {
      names += (names.empty() ? "" : "+") + p->stage->id();
      run_.log.Info("{}: {}", p->stage->id(), p->reason);
    }
    const auto start = Clock::now();
    try {
      std::vector<std::unique_ptr<TileSink>> sinks;
      for (const auto* p : members) sinks.push_back(p->stage->OpenSink(run_, p->keys));
      while (!members.empty()) {
        const ScanResult result = ScanOnce(*first.stage->scan(), names, sinks);
        const double seconds = SecondsSince(start);
        run_.log.Info("{}: {} variants in {} shards, {:.2f} s", names, result.variants,
                      result.shards, seconds);
        EndFinished(members, sinks, seconds);
      }
    } catch (const Error& e) {
      for (const auto* p : members) Failed(*p, e, SecondsSince(start));
    }
    run_.progress.Finish();
  }

  ScanResult ScanOnce(const ScanRequest& request, const std::string& names,
                      const std::vector<std::unique_ptr<TileSink>>& sinks) {
    std::vector<TileSink*> borrowed;
    uint64_t all = 0;
    for (const auto& sink : sinks) {
      borrowed.push_back(sink.get());
      all += sink->MemoryBytes();
    }
    for (TileSink* sink : borrowed) {
      const uint64_t before = sink->MemoryBytes(), others = all - before;
      sink->FitMemory(run_.memory_bytes > others ? run_.memory_bytes - others : 0);
      all = others + sink->MemoryBytes();
    }
    const auto source = open_(request);
    for (TileSink* sink : borrowed) sink->UseEncoding(source->encoding());
    run_.progress.Start(names, source->input_bytes(), "bytes");
    return RunScan(*source, borrowed, run_);
  }

  /// Stages whose sinks want no further scan are done, and their memory is free.
  void EndFinished(std::vector<const PlannedStage*>& members,
                   std::vector<std::unique_ptr<TileSink>>& sinks, double seconds) {
    for (size_t i = 0; i < members.size();) {
      if (sinks[i]->WantsAnotherScan()) {
        ++i;
        continue;
      }
      const PlannedStage* done = members[i];
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(i));
      sinks.erase(sinks.begin() + static_cast<std::ptrdiff_t>(i));
      Done(*done, seconds);
    }
  }

  /// True if the stage has ended, well or not, without a scan.
  bool Settle(const PlannedStage& p) {
    const auto start = Clock::now();
    try {
      if (!p.stage->SettleWithoutScan(run_, p.keys)) return false;
      run_.log.Info("{}: follows from its inputs, no scan", p.stage->id());
      Done(p, SecondsSince(start));
    } catch (const Error& e) {
      Failed(p, e, SecondsSince(start));
    }
    return true;
  }

  void Done(const PlannedStage& p, double seconds) {
    ReturnFreedMemory();
    latest_.Remember(p.stage->id(), p.stage->kind(), p.keys.self, seconds);
    latest_.Save();
    Record(p, "done", "", ExitCode::kOk, seconds);
  }

  void Failed(const PlannedStage& p, const Error& e, double seconds) {
    const bool others_may_go_on = e.exit_code() == ExitCode::kInput;
    if (!others_may_go_on) {
      Record(p, e.id() == ErrorId::kStopped ? "stopped" : "failed", e.Format(), e.exit_code(),
             seconds);
      try {
        latest_.Save();
      } catch (const Error&) {  // on a full disk the first error counts
      }
      throw;
    }
    broken_.insert(p.stage->id());
    Record(p, "failed", e.Format(), e.exit_code(), seconds);
  }

  void Record(const PlannedStage& p, std::string status, std::string error, ExitCode code,
              double seconds) {
    ended_.insert(p.stage->id());
    outcomes_.push_back({p.stage->id(), std::move(status), std::move(error), code, seconds});
  }

  void SortByPlan() {
    std::map<std::string, size_t> order;
    for (size_t i = 0; i < plan_.stages().size(); ++i) order[plan_.stages()[i].stage->id()] = i;
    std::sort(outcomes_.begin(), outcomes_.end(),
              [&](const auto& a, const auto& b) { return order[a.id] < order[b.id]; });
  }

  const Plan& plan_;
  RunContext& run_;
  const SourceFactory& open_;
  LatestKeys latest_;
  std::set<std::string> ended_, broken_;
  std::vector<StageOutcome> outcomes_;
};

}  // namespace

std::vector<StageOutcome> Execute(const Plan& plan, RunContext& run, const SourceFactory& open,
                                  std::vector<StageOutcome>* until_error) {
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          run.threads);
  Execution execution(plan, run, open);
  try {
    return execution.Run();
  } catch (const Error&) {
    if (until_error != nullptr) *until_error = execution.TakeOutcomes();
    throw;
  }
}

}  // namespace kinflow
