#include "stages/qc/counts_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/graph/shards_at_once.h"
#include "stages/qc/counts_sink.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/variant_counts.h"

namespace kinflow {
namespace {

/// Rows of a qc_variants artifact that did not pass, of all `counted` ones.
std::vector<uint64_t> FailedRows(const ArtifactStore& store, const Manifest& counted,
                                 const std::vector<uint64_t>& passing) {
  std::vector<uint64_t> failed;
  auto next = passing.begin();
  for (size_t i = 0; i < counted.shards.size(); ++i) {
    for (const uint64_t row : store.Open(counted, i).ReadU64("/rows")) {
      if (next != passing.end() && *next == row) {
        ++next;
      } else {
        failed.push_back(row);
      }
    }
  }
  return failed;
}

/// Of the variants that stage `id` let pass.
Manifest VariantsLeftBy(const ArtifactStore& store, const StageKeys& keys, const std::string& id) {
  return InputManifest(store, id == kQcKind ? kQcKind : kQcVariantsKind, keys, id);
}

uint64_t Rows(const Manifest& manifest) {
  uint64_t rows = 0;
  for (const ShardRecord& shard : manifest.shards) rows += shard.rows;
  return rows;
}

}  // namespace

std::vector<std::string> CountsStage::inputs() const {
  std::vector<std::string> ids = setup_.inputs;
  if (!setup_.variants_from.empty()) ids.push_back(setup_.variants_from);
  if (!setup_.samples_from.empty()) ids.push_back(setup_.samples_from);
  if (!setup_.counts_from.empty()) ids.push_back(setup_.counts_from);
  if (!setup_.counted_samples.empty() && !narrows_variants()) {
    ids.push_back(setup_.counted_samples);
  }
  return ids;
}

std::vector<uint8_t> CountsStage::PeopleOf(const std::string& stage, RunContext& run,
                                           const StageKeys& keys) const {
  std::vector<uint8_t> people(setup_.cohort->samples->size(), 1);
  if (!stage.empty()) {
    people = KeptSamples(run.store, InputManifest(run.store, kQcSamplesKind, keys, stage));
  }
  for (size_t s = 0; s < people.size(); ++s) {
    if (setup_.cohort->controls[s] != 0) people[s] = 0;
  }
  return people;
}

std::map<std::string, Digest> CountsStage::files() const {
  auto files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  if (setup_.frequencies_only) files["counts: frequencies only"] = HashBytes("yes");
  return files;
}

std::string CountsStage::scan_condition() const {
  if (setup_.counts_from.empty()) return "";
  return narrows_variants() ? fmt::format("if {} removes variants", setup_.variants_from)
                            : fmt::format("if {} removes people", setup_.samples_from);
}

std::unique_ptr<TileSink> CountsStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  CountsSink::Setup setup;
  setup.cohort = setup_.cohort;
  setup.frequencies_only = setup_.frequencies_only;
  setup.hard_call_threshold = setup_.options.hard_call_threshold;
  setup.mendel_duos = setup_.options.mendel_duos;
  setup.mendel_rules = setup_.options.mendel_rules;
  if (setup.mendel_rules == MendelRules::kHail) {
    setup.par_of_y = Pseudoautosomal::OfY(setup_.options.build);
  }
  setup.kept = PeopleOf(setup_.samples_from, run, keys);
  setup.tell_duplicates = setup_.samples_from.empty();  // else the first counts have
  if (!setup_.variants_from.empty()) {
    const Manifest m = VariantsLeftBy(run.store, keys, setup_.variants_from);
    setup.wanted = PassingRows(run.store, m);
    setup.write_variants = false;
    if (narrows_variants() && !setup_.counts_from.empty()) {
      Manifest all = InputManifest(run.store, kCountsKind, keys, setup_.counts_from);
      if (Rows(all) < 2 * setup.wanted->size()) {
        setup.wanted = FailedRows(run.store, all, *setup.wanted);
        setup.minuend = std::move(all);
      }
    }
  }
  return std::make_unique<CountsSink>(std::move(setup), run.store, run.log,
                                      NewManifest(*this, keys));
}

bool CountsStage::SettleWithoutScan(RunContext& run, const StageKeys& keys) const {
  if (setup_.counts_from.empty()) return false;
  const Manifest from = InputManifest(run.store, kCountsKind, keys, setup_.counts_from);
  if (narrows_variants()) {
    const Manifest m = VariantsLeftBy(run.store, keys, setup_.variants_from);
    if (PassingRows(run.store, m).size() != Rows(from)) return false;
  } else if (PeopleOf(setup_.samples_from, run, keys) !=
             PeopleOf(setup_.counted_samples, run, keys)) {
    return false;
  }
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards.resize(from.shards.size());
  const size_t at_once = ShardsAtOnce(run.memory_bytes, from.shards, kJudgedRowBytes);
  ForEachShard(from.shards.size(), at_once, [&](size_t i) {
    const H5Reader file = run.store.Open(from, i);
    // Of all variants the same shard; else nothing but the counts.
    if (setup_.variants_from.empty() || !file.Has("/variants")) {
      manifest.shards[i] = run.store.CopyShard(from, i, kCountsKind, keys.self);
      return;
    }
    const auto out = run.store.BeginShard(kCountsKind, keys.self, static_cast<uint32_t>(i));
    VariantCounts::Read(file).Write(out->file());
    SampleCounts::Read(file).Write(out->file());
    out->file().Attribute("/", "rows_used", file.AttributeInt("/", "rows_used"));
    manifest.shards[i] = out->Commit(from.shards[i].rows);
  });
  run.store.Seal(manifest);
  return true;
}

}  // namespace kinflow
