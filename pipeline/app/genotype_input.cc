#include "pipeline/app/genotype_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/app/score_positions.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/psam.h"
#include "stages/formats/pseudoautosomal.h"

namespace kinflow {
namespace {

std::string PathOr(const LoadedConfig& config, const char* key) {
  return config.root.Has(key) ? JoinPath(config.base, config.root.Text(key)) : "";
}

GenotypeOptions OptionsOf(const LoadedConfig& config) {
  const ConfigNode& root = config.root;
  GenotypeOptions options;
  for (const auto& file : root.TextList("input.genotypes")) {
    options.files.push_back(JoinPath(config.base, file));
  }
  options.field = root.Text("input.field");
  options.build = root.Text("input.build") == "auto" ? "" : root.Text("input.build");
  options.units = root.Text("dosage.units");
  options.compact = root.Text("dosage.precision") == "compact";
  options.keep_calls = root.Text("dosage.phase") == "keep";
  return options;
}

/// The ids of a list file, with a warning of those that no genotyped person has.
std::unordered_set<std::string> ListedPeople(const std::string& key, const std::string& file,
                                             const SampleTable& all,
                                             std::vector<std::string>& warnings) {
  if (file.empty()) return {};
  auto ids = ReadIdList(file);
  size_t unknown = 0;
  for (const auto& id : ids) unknown += all.Find(id) == SampleTable::kAbsent ? 1 : 0;
  if (unknown > 0) {
    warnings.push_back(fmt::format("{} ({}): {} of {} ids are not among the {} genotyped people",
                                   key, BaseName(file), unknown, ids.size(), all.size()));
  }
  return ids;
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

void RequireRegions(const std::vector<ContigLine>& contigs, const RegionSetPtr& regions) {
  if (contigs.empty() || !regions) return;
  std::string known;
  for (size_t i = 0; i < std::min<size_t>(contigs.size(), 30); ++i) {
    known += (i == 0 ? "" : " ") + contigs[i].name;
  }
  for (const auto& [chrom, intervals] : regions->chromosomes()) {
    const auto same = [&name = chrom](const ContigLine& c) { return c.name == name; };
    if (std::any_of(contigs.begin(), contigs.end(), same)) continue;
    throw Error(ErrorId::kBadArgument, "the input has no such chromosome")
        .Field("--regions")
        .Value(chrom)
        .Remedy("its chromosomes: " + known);
  }
}

GenotypeInput::GenotypeInput(const LoadedConfig& config) : options_(OptionsOf(config)) {
  if (const std::string ids = PathOr(config, "input.variants"); !ids.empty()) {
    selection_.ids = ReadIdList(ids);
    selection_.by_id = true;
  }
  ChooseRegions(config);
  if (options_.files.size() == 1) store_ = StoreInput::Find(options_.files.front());
  build_ = options_.build;
  if (store_) {
    plan_.dosage = store_->Dosages();
    if (build_.empty()) build_ = store_->Build();
    RequireRegions(ContigsOf(*store_), asked_regions_);
    ChoosePeople(config, *store_->samples);
    samples_ = planning().samples();
    return;
  }
  options_.choice.regions = selection_.regions;
  plan_ = ProbeGenotypes(options_);
  RequireRegions(ContigsOf(plan_), asked_regions_);
  ChoosePeople(config, *plan_.files.front().samples);
  for (const FileFacts& file : plan_.files) {
    if (build_.empty()) build_ = file.build;
  }
  samples_ = planning().samples();
}

void GenotypeInput::ChooseRegions(const LoadedConfig& config) {
  if (config.root.Has("input.regions")) {
    asked_regions_ = RegionSet::Parse(config.root.Text("input.regions"));
    if (asked_regions_->empty()) asked_regions_ = nullptr;
  }
  selection_.regions = asked_regions_;
  if (const RegionSetPtr scored = ScorePositions(config)) {
    only_scored_ = true;
    selection_.regions =
        asked_regions_ ? RegionSet::Intersection(*asked_regions_, *scored) : scored;
  }
}

/// Those that stay after the keep and remove lists; an empty options_.choice.keep = everyone.
void GenotypeInput::ChoosePeople(const LoadedConfig& config, const SampleTable& all) {
  const std::string keep_file = PathOr(config, "input.samples"),
                    remove_file = PathOr(config, "input.remove");
  if (keep_file.empty() && remove_file.empty()) return;
  const auto wanted = ListedPeople("input.samples", keep_file, all, list_warnings_);
  const auto gone = ListedPeople("input.remove", remove_file, all, list_warnings_);
  for (uint32_t i = 0; i < all.size(); ++i) {
    if (gone.contains(all.iid(i))) {
      ++removed_people_;
    } else if (keep_file.empty() || wanted.contains(all.iid(i))) {
      options_.choice.keep.push_back(all.iid(i));
    }
  }
  if (!options_.choice.keep.empty()) return;
  throw Error(ErrorId::kNoCommonSamples, "no sample is left after input.samples and input.remove")
      .InFile(keep_file.empty() ? remove_file : keep_file)
      .Remedy("the lists hold one IID a line, spelled as in the genotype files");
}

bool GenotypeInput::has_random_access() const {
  return std::all_of(plan_.files.begin(), plan_.files.end(),
                     [](const FileFacts& file) { return IsPlink(file.format); });
}

const GenotypeSource& GenotypeInput::planning() const {
  if (!opened_) opened_ = Open();
  return *opened_;
}

std::unique_ptr<GenotypeSource> GenotypeInput::Open() const {
  if (opened_) return std::move(opened_);
  auto source = store_ ? store_->Open(options_.choice.keep) : OpenGenotypes(options_, plan_);
  return SelectVariants(NamePseudoautosomal(std::move(source), build_), selection_);
}

std::map<std::string, Digest> GenotypeInput::Choices() const {
  std::map<std::string, Digest> choices;
  const auto add = [&](const std::string& label, const std::string& value) {
    choices[label] = HashBytes(value);
  };
  add("input.field", std::string(FieldName(plan_.dosage.field)));
  add("dosage.units", fmt::format("{} {}", plan_.dosage.units, plan_.dosage.error_bound));
  add("dosage.phase", plan_.dosage.keep_calls ? "keep" : "drop");
  choices["samples used"] = samples_->digest();
  add("variants used", selection_.Canonical());
  add("genome build", build_);
  return choices;
}

std::string GenotypeInput::PedigreeFile() const {
  if (plan_.files.empty() || !IsPlink(plan_.files.front().format)) return "";
  const std::string samples = PlinkFiles::Beside(plan_.files.front().path).samples;
  return PsamHasParents(samples) ? samples : "";
}

}  // namespace kinflow
