#include "pipeline/app/genotype_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "stages/formats/pseudoautosomal.h"

namespace kinflow {
namespace {

/// Where a person stands among the people of the files of a batch, for messages.
std::string PlaceOf(const GenotypeSet& batch, const std::string& iid) {
  return fmt::format("sample {} of batch {}", batch.everybody().Find(iid) + 1, batch.name);
}

/// The first person of each batch that an earlier batch has too, and how many there are.
struct Shared {
  uint64_t people = 0;
  std::string places;
  std::string file;
};

std::string FirstFile(const GenotypeSet& set) {
  return set.plan.files.empty() ? set.options.files.front() : set.plan.files.front().path;
}

}  // namespace

std::vector<ContigLine> ContigsOf(const GenotypePlan& plan) {
  std::vector<ContigLine> contigs;
  for (const FileFacts& file : plan.files) {
    if (file.contigs.empty()) return {};
    for (const ContigLine& line : file.contigs) {
      const std::string name = NormaliseChrom(line.name);
      const auto same = [&](const ContigLine& c) { return c.name == name; };
      if (std::any_of(contigs.begin(), contigs.end(), same)) continue;
      contigs.push_back({name, line.length});
    }
  }
  return contigs;
}

std::vector<ContigLine> ContigsOf(const StoreInput& store) {
  std::vector<ContigLine> contigs;
  for (const auto& chrom : store.Chroms()) {
    const std::string name(WithoutXy(chrom));
    const auto same = [&](const ContigLine& c) { return c.name == name; };
    if (std::none_of(contigs.begin(), contigs.end(), same)) contigs.push_back({name, 0});
  }
  return contigs;
}

GenotypeSet GenotypeSet::Probe(std::string name, GenotypeOptions options) {
  GenotypeSet set;
  set.name = std::move(name);
  set.options = std::move(options);
  if (set.options.files.size() == 1) set.store = StoreInput::Find(set.options.files.front());
  if (set.store) {
    set.plan.dosage = set.store->Dosages();
    set.build = set.store->Build();
    return set;
  }
  set.plan = ProbeGenotypes(set.options);
  for (const FileFacts& file : set.plan.files) {
    if (set.build.empty()) set.build = file.build;
  }
  return set;
}

const SampleTable& GenotypeSet::everybody() const {
  return store ? *store->samples : *plan.files.front().samples;
}

bool GenotypeSet::has_random_access() const {
  return std::all_of(plan.files.begin(), plan.files.end(),
                     [](const FileFacts& file) { return IsPlink(file.format); });
}

std::unique_ptr<GenotypeSource> GenotypeSet::Open(const VariantSelection& selection,
                                                  const std::string& genome_build) const {
  auto source = store ? store->Open(options.choice.keep) : OpenGenotypes(options, plan);
  return SelectVariants(NamePseudoautosomal(std::move(source), genome_build), selection);
}

std::map<std::string, Digest> GenotypeSet::Choices(const VariantSelection& selection,
                                                   const std::string& genome_build) const {
  std::map<std::string, Digest> choices;
  const auto add = [&](const std::string& label, const std::string& value) {
    choices[label] = HashBytes(value);
  };
  add("input.field", std::string(FieldName(plan.dosage.field)));
  add("dosage.units", fmt::format("{} {}", plan.dosage.units, plan.dosage.error_bound));
  add("dosage.phase", plan.dosage.keep_calls ? "keep" : "drop");
  if (plan.dosage.bgen.ref_last) add("input.bgen_ref", "last");
  choices["samples used"] = samples->digest();
  add("variants used", selection.Canonical());
  add("genome build", genome_build);
  return choices;
}

std::vector<InputInfo> GenotypeSet::Inventory(const DigestOf& digest_of,
                                              const ChecksumKnown& known) const {
  std::vector<InputInfo> inputs = store ? std::vector{store->Describe(options.files.front())}
                                        : TakeInventory(plan, digest_of, known);
  for (InputInfo& input : inputs) input.batch = name;
  return inputs;
}

std::set<std::string> GenotypeSet::FilesReadWhole() const {
  std::set<std::string> paths;
  for (const FileFacts& file : plan.files) {
    if (file.ranges.empty()) paths.insert(file.path);
    paths.insert(file.companions.begin(), file.companions.end());
  }
  return paths;
}

SampleTablePtr JoinSamples(const std::vector<GenotypeSet>& batches) {
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  std::unordered_map<std::string, const GenotypeSet*> owners;
  Shared shared;
  for (const GenotypeSet& batch : batches) {
    const SampleTable& people = *batch.samples;
    for (uint32_t i = 0; i < people.size(); ++i) {
      const auto [owner, is_new] = owners.emplace(people.iid(i) + batch.id_suffix, &batch);
      if (!is_new && shared.people++ == 0) {
        shared.places =
            PlaceOf(*owner->second, people.iid(i)) + " and " + PlaceOf(batch, people.iid(i));
        shared.file = FirstFile(batch);
      }
      fids.push_back(people.fid(i));
      iids.push_back(people.iid(i) + batch.id_suffix);
      sexes.push_back(people.sex(i));
    }
  }
  if (shared.people > 0) {
    throw Error(ErrorId::kDuplicateSamples,
                fmt::format("{} {} in two batches: {} are the first", shared.people,
                            shared.people == 1 ? "person is" : "people are", shared.places))
        .InFile(shared.file)
        .Field("input.batches")
        .Remedy(
            "keep each person in one batch: list the ids to leave out of the other in a file "
            "and name it under `remove` of that batch");
  }
  return SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), "");
}

std::string CommonBuild(const std::vector<GenotypeSet>& batches) {
  const GenotypeSet* first = nullptr;
  for (const GenotypeSet& batch : batches) {
    if (batch.build.empty()) continue;
    if (first == nullptr) first = &batch;
    if (batch.build == first->build) continue;
    throw Error(ErrorId::kBuildMismatch,
                fmt::format("batch {} is on {}, batch {} on {}", batch.name, batch.build,
                            first->name, first->build))
        .InFile(FirstFile(batch))
        .Field("input.batches")
        .Remedy("lift one of them over (bcftools +liftover, CrossMap): positions are compared");
  }
  return first == nullptr ? "" : first->build;
}

}  // namespace kinflow
