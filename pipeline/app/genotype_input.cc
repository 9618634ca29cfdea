#include "pipeline/app/genotype_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipeline/app/score_positions.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

namespace kinflow {
namespace {

std::string PathOr(const LoadedConfig& config, const char* key) {
  return config.root.Has(key) ? JoinPath(config.base, config.root.Text(key)) : "";
}

GenotypeOptions OptionsOf(const LoadedConfig& config, const std::vector<std::string>& files) {
  const ConfigNode& root = config.root;
  GenotypeOptions options;
  for (const auto& file : files) options.files.push_back(JoinPath(config.base, file));
  options.field = root.Text("input.field");
  options.build = root.Text("input.build") == "auto" ? "" : root.Text("input.build");
  options.units = root.Text("dosage.units");
  options.compact = root.Text("dosage.precision") == "compact";
  options.keep_calls = root.Text("dosage.phase") == "keep";
  return options;
}

/// A sample list (none: no path) compared with the people there are.
IdSet ReadPeople(const std::string& path, const SampleTable& all, ListedPeople& counts) {
  IdSet ids = path.empty() ? IdSet() : ReadIdList(path);
  counts.listed = ids.size();
  counts.unknown =
      static_cast<size_t>(std::count_if(ids.begin(), ids.end(), [&](const std::string& iid) {
        return all.Find(iid) == SampleTable::kAbsent;
      }));
  return ids;
}

SampleTablePtr PeopleOf(const std::vector<std::string>& names,
                        const std::vector<SampleTablePtr>& tables) {
  return tables.size() == 1 ? tables.front() : JoinSamples(names, tables);
}

}  // namespace

GenotypeInput::GenotypeInput(const LoadedConfig& config) {
  if (const std::string ids = PathOr(config, "input.variants"); !ids.empty()) {
    variant_ids_ = std::make_shared<const IdSet>(ReadIdList(ids));
  }
  ReadParts(config);
  ChooseRegions(config);
  for (Part& part : parts_) {
    part.options.choice.regions = regions_;
    part.plan = ProbeGenotypes(part.options);
  }
  ChoosePeople(config);
  SettleBuild();
  const auto source = Open();
  samples_ = source->samples();
  encoding_ = source->encoding();
}

void GenotypeInput::ReadParts(const LoadedConfig& config) {
  const std::vector<std::string> files = config.root.TextList("input.genotypes");
  const auto& batches = config.root.At("input.batches").items();
  if (batches.empty()) parts_.push_back({"", OptionsOf(config, files), {}});
  std::set<std::string> names;
  for (const ConfigNode& batch : batches) {
    const std::string& name = batch.Text("name");
    if (!names.insert(name).second) {
      throw Error(ErrorId::kConfigRange, "two batches have one name")
          .Field("input.batches")
          .Value(name)
          .Remedy("give each batch its own name");
    }
    parts_.push_back({name, OptionsOf(config, batch.TextList("genotypes")), {}});
  }
}

void GenotypeInput::ChooseRegions(const LoadedConfig& config) {
  if (config.root.Has("input.regions")) {
    regions_ = RegionSet::Parse(config.root.Text("input.regions"));
  }
  if (const RegionSetPtr scored = ScorePositions(config)) {
    only_scored_ = true;
    regions_ = regions_ ? RegionSet::Intersection(*regions_, *scored) : scored;
  }
}

/// The keep and remove lists go to the readers as the IIDs to read; no lists: everyone.
void GenotypeInput::ChoosePeople(const LoadedConfig& config) {
  const std::string keep_file = PathOr(config, "input.samples"),
                    remove_file = PathOr(config, "input.remove");
  if (keep_file.empty() && remove_file.empty()) return;
  std::vector<std::string> names, keep;
  std::vector<SampleTablePtr> tables;
  for (const Part& part : parts_) {
    names.push_back(part.name);
    tables.push_back(part.plan.files.front().samples);
  }
  const SampleTablePtr all = PeopleOf(names, tables);
  const IdSet wanted = ReadPeople(keep_file, *all, keep_list_),
              gone = ReadPeople(remove_file, *all, remove_list_);
  for (const std::string& iid : all->iids()) {
    if (gone.contains(iid)) {
      ++removed_people_;
    } else if (keep_file.empty() || wanted.contains(iid)) {
      keep.push_back(iid);
    }
  }
  if (keep.empty()) {
    throw Error(ErrorId::kNoCommonSamples, "no sample is left after input.samples and input.remove")
        .InFile(keep_file.empty() ? remove_file : keep_file)
        .Remedy("the lists hold one IID a line, spelled as in the genotype files");
  }
  for (Part& part : parts_) part.options.choice.keep = keep;
}

void GenotypeInput::SettleBuild() {
  build_ = parts_.front().options.build;
  for (const Part& part : parts_) {
    for (const FileFacts& file : part.plan.files) {
      if (build_.empty()) build_ = file.build;
      if (file.build.empty() || file.build == build_) continue;
      throw Error(ErrorId::kBuildMismatch, fmt::format("batch {} is on {}, an earlier one on {}",
                                                       part.name, file.build, build_))
          .InFile(file.path)
          .Field("input.batches")
          .Value(file.build_evidence)
          .Remedy("lift one batch over, so that all are on one genome build");
    }
  }
}

bool GenotypeInput::hard_calls() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    const DosageField field = part.plan.dosage.field;
    return field == DosageField::kHardCalls || field == DosageField::kGt;
  });
}

std::unique_ptr<GenotypeSource> GenotypeInput::Open(JoinReport report) const {
  if (!is_joined()) {
    return SelectIds(OpenGenotypes(parts_.front().options, parts_.front().plan), variant_ids_);
  }
  std::vector<Batch> batches;
  for (const Part& part : parts_) {
    batches.push_back({part.name, OpenGenotypes(part.options, part.plan)});
  }
  return SelectIds(JoinBatches(std::move(batches), std::move(report)), variant_ids_);
}

std::vector<InputInfo> GenotypeInput::Inventory(const DigestOf& digest_of,
                                                const ChecksumKnown& checksum_known) const {
  std::vector<InputInfo> all;
  for (const Part& part : parts_) {
    auto files = TakeInventory(part.plan, digest_of, checksum_known);
    all.insert(all.end(), std::make_move_iterator(files.begin()),
               std::make_move_iterator(files.end()));
  }
  return all;
}

std::map<std::string, Digest> GenotypeInput::Choices() const {
  std::map<std::string, Digest> choices;
  const auto add = [&](const std::string& label, const std::string& value) {
    choices[label] = HashBytes(value);
  };
  for (const Part& part : parts_) {
    const DosagePlan& dosage = part.plan.dosage;
    const std::string of = is_joined() ? " of batch " + part.name : "";
    add("input.field" + of, std::string(FieldName(dosage.field)));
    add("dosage.units" + of, fmt::format("{} {}", dosage.units, dosage.error_bound));
    if (is_joined()) add("files" + of, std::to_string(part.plan.files.size()));
  }
  add("dosage.phase", parts_.front().plan.dosage.keep_calls ? "keep" : "drop");
  choices["samples used"] = samples_->digest();
  add("variants used", (variant_ids_ ? "ids " + CanonicalIds(*variant_ids_) : std::string()) +
                           (regions_ ? regions_->Canonical() : ""));
  return choices;
}

std::string GenotypeInput::FamFile() const {
  const std::string& bed = parts_.front().plan.files.front().path;
  return is_bed() ? bed.substr(0, bed.size() - 4) + ".fam" : "";
}

}  // namespace kinflow
