#include "stages/kinship/relatives_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/found_families.h"
#include "stages/kinship/identical_samples.h"
#include "stages/kinship/judged_pairs.h"
#include "stages/kinship/kinship.h"
#include "stages/kinship/person_conflicts.h"
#include "stages/kinship/relatives_tables.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/sex_cutoffs.h"

namespace kinflow::kinship {
namespace {

GenomeSharing SharingOf(const ArtifactStore& store, const Manifest& calls) {
  GenomeSharing sharing;
  for (size_t i = 0; i < calls.shards.size(); ++i) {
    sharing.Add(store.Open(calls, i).ReadVariants("/variants"));
  }
  return sharing;
}

/// Third-degree pairs stand out only if chance seldom takes unrelated people there.
std::string TooFewVariants(const std::vector<Pair>& pairs, uint64_t variants) {
  std::vector<double> errors;
  for (const Pair& pair : pairs) {
    if (const double error = KinshipError(pair.counts); error > 0) errors.push_back(error);
  }
  if (errors.empty()) return "";
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  if (2 * *middle < kLeastThird) return "";
  return fmt::format(
      "kinship: by {} variants its standard error is {:.3f}: many pairs of third and second degree "
      "are there by chance; use more variants, or a larger kinship.min_kinship and pca.max_kinship",
      variants, *middle);
}

/// Takes the pairs with a control sample out of `pairs`.
std::vector<Pair> TakePairsOfControls(const std::vector<uint8_t>& controls,
                                      std::vector<Pair>& pairs) {
  const auto of_cohort = [&controls](const Pair& pair) {
    return controls[pair.samples.first] == 0 && controls[pair.samples.second] == 0;
  };
  const auto at = std::stable_partition(pairs.begin(), pairs.end(), of_cohort);
  std::vector<Pair> of_controls(at, pairs.end());
  pairs.erase(at, pairs.end());
  return of_controls;
}

/// Samples of the cohort with the genotypes of a control.
std::string CopiesOfControls(const std::vector<JudgedPair>& pairs,
                             const std::vector<uint8_t>& controls) {
  std::vector<uint8_t> copies(controls.size(), 0);
  for (const JudgedPair& pair : pairs) {
    if (pair.found != Relation::kDuplicate) continue;
    for (const uint32_t s : {pair.pair.samples.first, pair.pair.samples.second}) {
      if (controls[s] == 0) copies[s] = 1;
    }
  }
  const auto n = std::count(copies.begin(), copies.end(), 1);
  if (n == 0) return "";
  return fmt::format(
      "kinship: {} samples of the cohort have the genotypes of a control sample: see CLASS "
      "duplicate in private/control_pairs.tsv",
      n);
}

void Warn(const std::string& text, Manifest& manifest, Log& log) {
  if (text.empty()) return;
  manifest.warnings.push_back(text);
  log.Warn("{}", text);
}

}  // namespace

std::vector<SampleFacts> RelativesStage::FactsOfPeople(const Manifest& counts,
                                                       const ArtifactStore& store) const {
  const SampleCounts people = ReadSampleCounts(store, counts);
  std::vector<SampleFacts> facts;
  for (uint32_t s = 0; s < setup_.cohort->samples->size(); ++s) {
    facts.push_back(FactsOf(people, s, setup_.cohort->sexes[s]));
    if (setup_.cohort->controls[s] == 0) continue;
    // Of controls nothing is proposed, neither for their sex nor for their calls.
    facts.back().declared = Sex::kUnknown;
    facts.back().call_rate = std::nan("");
  }
  InferSexes(setup_.qc, facts);
  return facts;
}

/// Takes out conflicts that were decided to stay; returns them: IID1 IID2 KIND.
Table RelativesStage::TakeSettled(std::vector<Conflict>& conflicts) const {
  const SampleTable& samples = *setup_.cohort->samples;
  Table::Strings iid_1, iid_2, kind;
  std::erase_if(conflicts, [&](const Conflict& c) {
    const std::string other = OtherIid(c, samples);
    const std::string& iid = samples.iid(c.sample_1);
    const bool is_settled =
        std::any_of(setup_.settled.begin(), setup_.settled.end(),
                    [&](const About& settled) { return IsAbout(settled, iid, other, c.kind); });
    if (is_settled) {
      iid_1.push_back(iid);
      iid_2.push_back(other.empty() ? "NA" : other);
      kind.push_back(c.kind);
    }
    return is_settled;
  });
  Table table;
  table.Add("IID1", std::move(iid_1));
  table.Add("IID2", std::move(iid_2));
  table.Add("KIND", std::move(kind));
  return table;
}

std::string RelativesStage::options() const {
  return fmt::format(R"({{"min_call_rate":{},"pruned":{},"sex":{}}})", setup_.options.min_call_rate,
                     setup_.options.prunes(), setup_.qc.SexJson());
}

std::map<std::string, Digest> RelativesStage::files() const {
  std::map<std::string, Digest> files = {{"cohort", setup_.cohort->digest()}};
  Hasher hasher;
  for (const About& about : setup_.settled) {
    hasher.AddField(about.iid_1);
    hasher.AddField(about.iid_2);
    hasher.AddField(about.kind);
  }
  if (!setup_.settled.empty()) files["settled conflicts"] = hasher.Finish();
  Hasher years;
  for (const auto& [iid, year] : setup_.years.born) {
    years.AddField(iid);
    years.AddField(static_cast<uint64_t>(year));
  }
  if (!setup_.years.born.empty()) files["birth years"] = years.Finish();
  return files;
}

void RelativesStage::Run(RunContext& run, const StageKeys& keys) const {
  const Manifest calls = InputManifest(run.store, kCallsKind, keys, "kinship_calls");
  const Manifest found = InputManifest(run.store, kPairsKind, keys, "kinship");
  PairTotals totals;
  std::vector<Pair> pairs = ReadPairs(run.store, found, totals);
  const std::vector<uint8_t>& controls = setup_.cohort->controls;
  const std::vector<Pair> with_controls = TakePairsOfControls(controls, pairs);
  const std::vector<DeclaredPair> declared = DeclaredPairs(*setup_.cohort);
  const Expectations expected =
      ExpectationsOf(pairs, totals, declared, SharingOf(run.store, calls));
  const std::vector<JudgedPair> judged = JudgePairs(pairs, declared, expected);
  run.log.Info(
      "{}: {} pairs compared, {} listed; IBS0 of unrelated people {:.4f}, of parent and "
      "child {:.5f}",
      id(), totals.pairs, judged.size(), expected.unrelated_ibs0, expected.error_ibs0);
  const std::vector<SampleFacts> facts =
      FactsOfPeople(InputManifest(run.store, kCountsKind, keys, setup_.people_counts), run.store);
  const std::vector<double> chances = ChancesOf(judged, totals, expected);
  std::vector<Link> links = FindLinks(judged, chances, totals);
  if (!setup_.options.prunes()) DoubtDistant(judged, links);
  std::vector<Conflict> conflicts =
      FindConflicts(*setup_.cohort, judged, links, facts, setup_.years);
  AddPersonConflicts(
      {*setup_.cohort, judged, links, facts, setup_.years, setup_.options.min_call_rate},
      conflicts);
  const std::vector<uint32_t> identical = IdenticalSamples(judged, controls.size());
  TellLikelyControls(identical, conflicts);
  const Table settled = TakeSettled(conflicts);
  run.log.Info("{}: {} decisions proposed", id(), conflicts.size());
  Manifest manifest = NewManifest(*this, keys);
  if (totals.undefined > 0) {
    Warn(fmt::format("kinship: {} of {} pairs have no kinship: one of the two has no heterozygous "
                     "call where both are called",
                     totals.undefined, totals.pairs),
         manifest, run.log);
  }
  uint64_t variants = 0;
  for (const ShardRecord& shard : calls.shards) variants += shard.rows;
  Warn(TooFewVariants(pairs, variants), manifest, run.log);
  if (!setup_.options.prunes()) {
    Warn(
        "kinship: variants are not pruned (kinship.variants.prune_r2 is 0), so that its standard "
        "error, which holds for independent variants, is too small: nothing is proposed of pairs "
        "below first degree",
        manifest, run.log);
  }
  Warn(LikelyControls(identical), manifest, run.log);
  const std::vector<JudgedPair> judged_controls = JudgePairs(with_controls, {}, expected);
  Warn(CopiesOfControls(judged_controls, controls), manifest, run.log);
  const auto out = run.store.BeginShard(kRelativesKind, keys.self, 0);
  out->file().WriteTable("/pairs", PairsTable(judged, links, chances, *setup_.cohort->samples,
                                              expected.unrelated_ibs0));
  out->file().WriteTable("/decisions", DecisionsTable(conflicts, judged, *setup_.cohort->samples));
  out->file().WriteTable(kSettled, settled);
  if (setup_.cohort->has_controls()) {
    out->file().WriteTable(
        kControlPairs,
        PairsTable(judged_controls, {}, std::vector<double>(judged_controls.size(), std::nan("")),
                   *setup_.cohort->samples, expected.unrelated_ibs0));
  }
  if (setup_.cohort->trios.empty()) {
    out->file().WriteTable("/families", FoundFamilies({*setup_.cohort, judged, links, conflicts,
                                                       facts, setup_.years}));
  }
  manifest.shards.push_back(out->Commit(judged.size()));
  run.store.Seal(manifest);
}

}  // namespace kinflow::kinship
