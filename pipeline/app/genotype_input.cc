#include "pipeline/app/genotype_input.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"

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

/// IIDs that stay after the keep and remove lists; empty = everyone.
std::vector<std::string> PeopleToKeep(const SampleTable& all, const std::string& keep_file,
                                      const std::string& remove_file, size_t& removed) {
  std::vector<std::string> keep;
  if (keep_file.empty() && remove_file.empty()) return keep;
  const auto wanted = keep_file.empty() ? IdSet() : ReadIdList(keep_file);
  const auto gone = remove_file.empty() ? IdSet() : ReadIdList(remove_file);
  for (uint32_t i = 0; i < all.size(); ++i) {
    if (gone.contains(all.iid(i))) {
      ++removed;
    } else if (keep_file.empty() || wanted.contains(all.iid(i))) {
      keep.push_back(all.iid(i));
    }
  }
  if (keep.empty()) {
    throw Error(ErrorId::kNoCommonSamples, "no sample is left after input.samples and input.remove")
        .InFile(keep_file.empty() ? remove_file : keep_file)
        .Remedy("the lists hold one IID a line, spelled as in the genotype files");
  }
  return keep;
}

}  // namespace

GenotypeInput::GenotypeInput(const LoadedConfig& config) : options_(OptionsOf(config)) {
  if (const std::string ids = PathOr(config, "input.variants"); !ids.empty()) {
    variant_ids_ = std::make_shared<const IdSet>(ReadIdList(ids));
  }
  if (config.root.Has("input.regions")) {
    options_.choice.regions = RegionSet::Parse(config.root.Text("input.regions"));
  }
  plan_ = ProbeGenotypes(options_);
  options_.choice.keep = PeopleToKeep(*plan_.files.front().samples, PathOr(config, "input.samples"),
                               PathOr(config, "input.remove"), removed_people_);
  build_ = options_.build;
  for (const FileFacts& file : plan_.files) {
    if (build_.empty()) build_ = file.build;
  }
  samples_ = Open()->samples();
}

std::unique_ptr<GenotypeSource> GenotypeInput::Open() const {
  return SelectIds(OpenGenotypes(options_, plan_), variant_ids_);
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
  const RegionSetPtr& regions = options_.choice.regions;
  add("variants used", (variant_ids_ ? "ids " + CanonicalIds(*variant_ids_) : std::string()) +
                           (regions ? regions->Canonical() : ""));
  return choices;
}

std::string GenotypeInput::FamFile() const {
  const std::string& bed = plan_.files.front().path;
  return is_bed() ? bed.substr(0, bed.size() - 4) + ".fam" : "";
}

}  // namespace kinflow
