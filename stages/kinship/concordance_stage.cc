#include "stages/kinship/concordance_stage.h"

#include <fmt/format.h>

#include <numeric>

#include "pipeline/data/sites_table.h"
#include "stages/kinship/concordance_sink.h"
#include "stages/kinship/relation.h"
#include "stages/kinship/relatives_stage.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {

std::vector<std::string> ConcordanceStage::inputs() const {
  std::vector<std::string> inputs = setup_.inputs;
  inputs.emplace_back("relatives");
  if (!setup_.qc.empty()) inputs.push_back(setup_.qc);
  return inputs;
}

std::map<std::string, Digest> ConcordanceStage::files() const {
  std::map<std::string, Digest> files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  return files;
}

std::string ConcordanceStage::options() const {
  return fmt::format(R"({{"hard_call_threshold":{}}})", setup_.hard_call_threshold);
}

std::vector<PairOfSamples> ConcordanceStage::Pairs(RunContext& run, const StageKeys& keys) const {
  const Manifest relatives = InputManifest(run.store, kRelativesKind, keys, "relatives");
  const H5Reader file = run.store.Open(relatives, 0);
  std::vector<PairOfSamples> pairs;
  for (const char* name : {"/pairs", kControlPairs}) {
    if (!file.Has(name)) continue;
    const Table table = file.ReadTable(name);
    const auto &first = table.StringsOf("IID1"), &second = table.StringsOf("IID2");
    const auto& found = table.StringsOf("CLASS");
    for (size_t r = 0; r < table.rows(); ++r) {
      if (found[r] != RelationName(Relation::kDuplicate)) continue;
      pairs.push_back(
          {setup_.cohort->samples->Find(first[r]), setup_.cohort->samples->Find(second[r])});
    }
  }
  return pairs;
}

std::unique_ptr<TileSink> ConcordanceStage::OpenSink(RunContext& run, const StageKeys& keys) const {
  ConcordanceSink::Setup sink;
  sink.n_samples = setup_.cohort->samples->size();
  sink.pairs = Pairs(run, keys);
  sink.hard_call_threshold = setup_.hard_call_threshold;
  if (!setup_.qc.empty()) {
    sink.wanted = PassingRows(run.store, InputManifest(run.store, kQcKind, keys, setup_.qc));
  }
  return std::make_unique<ConcordanceSink>(std::move(sink), run.store, NewManifest(*this, keys));
}

bool ConcordanceStage::SettleWithoutScan(RunContext& run, const StageKeys& keys) const {
  if (!Pairs(run, keys).empty()) return false;
  Manifest manifest = NewManifest(*this, keys);
  const auto out = run.store.BeginShard(kConcordanceKind, keys.self, 0);
  WriteConcordanceShard(out->file(), {}, {}, {}, {});
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
  return true;
}

Disagreement DisagreementOf(const ArtifactStore& store, const Manifest& concordance) {
  Disagreement found;
  for (size_t i = 0; i < concordance.shards.size(); ++i) {
    const H5Reader file = store.Open(concordance, i);
    const std::vector<uint64_t> tally = file.ReadU64("/tally");
    found.compared += std::accumulate(tally.begin(), tally.end() - 1, uint64_t{0});
    const Table discordant = file.ReadTable("/discordant");
    const auto& deviating = discordant.IntsOf("DEVIATING");
    const auto& repeats = discordant.IntsOf("REPEATS");
    for (size_t r = 0; r < discordant.rows(); ++r) {
      const double share = static_cast<double>(deviating[r]) / static_cast<double>(repeats[r]);
      const bool often = share >= kOftenDiscordant && deviating[r] >= kLeastDiscordant;
      found.variants += often ? 1 : 0;
    }
  }
  return found;
}

Table SharedConcordance(const ArtifactStore& store, const Manifest& concordance, int64_t small) {
  DiscordanceTally tally;
  int64_t pairs = 0, people = 0;
  for (size_t i = 0; i < concordance.shards.size(); ++i) {
    const H5Reader file = store.Open(concordance, i);
    const std::vector<uint64_t> part = file.ReadU64("/tally");
    for (size_t c = 0; c < part.size(); ++c) tally.variants.at(c) += part[c];
    pairs = file.AttributeInt("/", "pairs");
    people = file.AttributeInt("/", "people");
  }
  return ConcordanceTable(tally, pairs, people, small);
}

void WriteConcordance(const ArtifactStore& store, const Manifest& concordance,
                      const std::string& path) {
  TsvWriter out(path);
  for (size_t i = 0; i < concordance.shards.size(); ++i) {
    const H5Reader file = store.Open(concordance, i);
    out.Append(WithSites(file.ReadVariants("/variants"), file.ReadTable("/discordant")));
  }
  out.Commit();
}

}  // namespace kinflow::kinship
