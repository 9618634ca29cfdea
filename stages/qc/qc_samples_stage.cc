#include "stages/qc/qc_samples_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "pipeline/graph/progress.h"
#include "stages/qc/earlier_rows.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"
#include "stages/qc/sex_cutoffs.h"

namespace kinflow {
namespace {

std::vector<SampleFacts> AllFacts(const Cohort& cohort, const SampleCounts& counts,
                                  const QcOptions& options) {
  std::vector<SampleFacts> facts;
  for (uint32_t s = 0; s < cohort.samples->size(); ++s) {
    facts.push_back(FactsOf(counts, s, cohort.sexes[s]));
  }
  InferSexes(options, facts);
  return facts;
}

Verdicts Judge(const std::vector<NamedFilter<SampleFilter>>& filters, const Cohort& cohort,
               const std::vector<SampleFacts>& facts, const SampleCounts& counts,
               const MendelChecker& mendel, const PeopleGroups& groups, Verdicts verdicts,
               std::vector<uint8_t>& kept) {
  for (size_t f = 0; f < filters.size(); ++f) {
    const SampleVerdict verdict =
        filters[f].filter->Judge({cohort, facts, counts, mendel, kept, groups});
    for (size_t s = 0; s < facts.size(); ++s) {
      if (kept[s] == 0 || verdict.removed[s] == 0) continue;
      kept[s] = 0;
      verdicts.code[s] = static_cast<uint8_t>(f + 1);
      verdicts.value[s] = verdict.value[s];
    }
  }
  return verdicts;
}

/// Before any filter of the first round: everybody passes but those whom the first look left out.
Verdicts VerdictsAtFirst(const std::vector<NamedFilter<SampleFilter>>& filters, size_t people,
                         const H5Reader* first) {
  Verdicts verdicts = Verdicts::For(filters);
  verdicts.code.assign(people, 0);
  verdicts.value.assign(people, std::numeric_limits<double>::quiet_NaN());
  if (first == nullptr) return verdicts;
  const auto filter = std::find(verdicts.filters.begin(), verdicts.filters.end(), kCallRateFirst);
  const auto code = static_cast<uint8_t>(filter - verdicts.filters.begin() + 1);
  const Verdicts looked = Verdicts::Read(*first, "/verdicts");
  for (size_t s = 0; s < people; ++s) {
    if (looked.code[s] == 0) continue;
    verdicts.code[s] = code;
    verdicts.value[s] = looked.value[s];
  }
  return verdicts;
}

/// The groups that are large enough for a spread of their own; people of the others are not judged,
/// which is told.
PeopleGroups LargeGroups(PeopleGroups groups, RunContext& run, std::string_view id,
                         Manifest& manifest) {
  constexpr size_t kLeast = 20;
  for (uint32_t g = 0; g < groups.names.size(); ++g) {
    size_t typical = 0, people = 0;
    for (size_t s = 0; s < groups.of.size(); ++s) {
      people += groups.of[s] == g;
      typical += groups.of[s] == g && groups.typical[s] != 0;
    }
    if (people == 0 || typical >= kLeast) continue;
    std::replace(groups.of.begin(), groups.of.end(), g, PeopleGroups::kNone);
    manifest.warnings.push_back(fmt::format(
        "{}: group {} has fewer than {} typical people: nobody of it is judged by heterozygosity",
        id, groups.names[g], kLeast));
    run.log.Warn("{}", manifest.warnings.back());
  }
  groups.least = kLeast;
  return groups;
}

/// What sexes were inferred by, also where nobody is removed for theirs; no rows without X. Where
/// the cut-offs are not the user's, the data's gap chose them.
Table SexThresholds(const std::vector<SampleFacts>& facts, const QcOptions& options,
                    RunContext& run, std::string_view id) {
  Table::Strings names;
  Table::Doubles values;
  const bool has_x = std::any_of(facts.begin(), facts.end(),
                                 [](const SampleFacts& f) { return !std::isnan(f.x_f); });
  if (options.sex_check != QcOptions::SexCheck::kOff && has_x) {
    const SexCutoffs cut = CutoffsOf(facts, options);
    if (cut.female_max == cut.male_min) {
      names = {kSex};
      values = {cut.female_max};
    } else {
      names = {kSexFemaleMax, kSexMaleMin};
      values = {cut.female_max, cut.male_min};
    }
    run.log.Info("{}: F on X below {:.4f} is female, above {:.4f} male ({})", id, cut.female_max,
                 cut.male_min, options.sex_cutoffs_given() ? "given" : "from the data");
  }
  Table table;
  table.Add("name", std::move(names));
  table.Add("value", std::move(values));
  return table;
}

/// Where one number tells the sexes apart, it is the threshold of who is removed for theirs.
void SetThreshold(const Table& sex_thresholds, Verdicts& verdicts) {
  for (size_t t = 0; t < sex_thresholds.rows(); ++t) {
    for (size_t f = 0; f < verdicts.filters.size(); ++f) {
      if (verdicts.filters[f] == sex_thresholds.StringsOf("name")[t]) {
        verdicts.thresholds[f] = sex_thresholds.DoublesOf("value")[t];
      }
    }
  }
}

/// The last column of the samples: whom each person was judged beside.
void AddGroups(const PeopleGroups& groups, Table& samples) {
  Table::Strings names;
  for (const uint32_t g : groups.of) {
    names.push_back(g == PeopleGroups::kNone ? "NA" : groups.names[g]);
  }
  samples.Add("ANCESTRY", std::move(names));
}

}  // namespace

std::vector<std::string> QcSamplesStage::inputs() const {
  std::vector<std::string> inputs = {setup_.counts};
  if (!setup_.groups.empty()) inputs.push_back(setup_.groups);
  if (!setup_.before.empty()) inputs.push_back(setup_.before);
  if (!setup_.first.empty()) inputs.push_back(setup_.first);
  return inputs;
}

std::map<std::string, Digest> QcSamplesStage::files() const {
  std::map<std::string, Digest> files = {{"cohort", setup_.cohort->digest()}};
  const auto add = [&files](const char* name, const std::vector<std::string>& iids) {
    Hasher hasher;
    for (const std::string& iid : iids) hasher.AddField(iid);
    if (!iids.empty()) files[name] = hasher.Finish();
  };
  add("proposed decisions", setup_.options.removed_as_proposed);
  add("decisions of a person", setup_.options.removed_by_person);
  return files;
}

std::string QcSamplesStage::options() const { return setup_.options.SamplesJson(); }

void QcSamplesStage::Run(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  const Manifest input = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  run.progress.Start(id(), cohort.samples->size(), "people");
  const auto open = [&](const std::string& stage) -> std::optional<H5Reader> {
    if (stage.empty()) return std::nullopt;
    return run.store.Open(InputManifest(run.store, kQcSamplesKind, keys, stage), 0);
  };
  const std::optional<H5Reader> before = open(setup_.before), first = open(setup_.first);
  std::vector<uint8_t> kept = before  ? before->ReadU8("/kept")
                              : first ? first->ReadU8("/kept")
                                      : std::vector<uint8_t>(cohort.samples->size(), 1);
  const MendelChecker mendel(cohort, kept, setup_.options.mendel_duos, setup_.options.mendel_rules);
  SampleCounts counts(cohort.samples->size(), mendel.trios().size(), false);
  counts += ReadSampleCounts(run.store, input);

  const std::vector<SampleFacts> facts = AllFacts(cohort, counts, setup_.options);
  const Table sex_thresholds = SexThresholds(facts, setup_.options, run, id());
  const auto filters = MakeSampleFilters(setup_.options);
  const bool apart = !setup_.groups.empty();
  const PeopleGroups groups = apart ? setup_.read_groups(run, keys.inputs.at(setup_.groups))
                                    : PeopleGroups::One(facts.size());
  Manifest manifest = NewManifest(*this, keys);
  Verdicts verdicts =
      Judge(filters, cohort, facts, counts, mendel,
            apart ? LargeGroups(groups, run, id(), manifest) : groups,
            before ? Verdicts::Read(*before, "/verdicts")
                   : VerdictsAtFirst(filters, facts.size(), first ? &*first : nullptr),
            kept);
  SetThreshold(sex_thresholds, verdicts);
  const auto out = run.store.BeginShard(kQcSamplesKind, keys.self, 0);
  out->file().Write("/kept", std::span<const uint8_t>(kept));
  verdicts.Write(out->file(), "/verdicts");
  out->file().WriteTable("/sex_thresholds", sex_thresholds);
  Table samples = MakeSamplesTable(cohort, facts, verdicts);
  if (apart) AddGroups(groups, samples);
  if (before) {
    const std::vector<uint8_t> kept_before = before->ReadU8("/kept");
    samples = WithEarlierRows(samples, before->ReadTable("/samples"),
                              [&kept_before](size_t s) { return kept_before[s] == 0; });
  }
  out->file().WriteTable("/samples", samples);
  Table families =
      before ? before->ReadTable("/families") : MakeFamiliesTable(cohort, mendel, counts, kept);
  if (first) families = WithEarlierFamilies(families, first->ReadTable("/families"));
  if (before || first) families = FamiliesOf(families, cohort, kept);
  out->file().WriteTable("/families", families);
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow
