#include "pipeline/app/genotype_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "pipeline/app/accepted.h"
#include "pipeline/app/hard_calls_check.h"
#include "pipeline/app/people_lists.h"
#include "pipeline/app/score_positions.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/text.h"
#include "stages/batches/value_map.h"
#include "stages/formats/plink_files.h"
#include "stages/formats/psam.h"
#include "stages/formats/pseudoautosomal.h"
#include "stages/kinship/identity.h"
#include "stages/plates/layout.h"

namespace kinflow {
namespace {

std::string PathOr(const ConfigNode& node, const std::string& base, const char* key) {
  return node.Has(key) ? JoinPath(base, node.Text(key)) : "";
}

/// `files`: as written in the config.
GenotypeOptions OptionsOf(const LoadedConfig& config, const std::vector<std::string>& files) {
  const ConfigNode& root = config.root;
  GenotypeOptions options;
  for (const auto& file : files) options.files.push_back(JoinPath(config.base, file));
  options.field = root.Text("input.field");
  options.build = root.Text("input.build") == "auto" ? "" : root.Text("input.build");
  options.bgen = {PathOr(root, config.base, "input.sample_file"),
                  root.Text("input.bgen_ref") == "last"};
  options.units = root.Text("dosage.units");
  options.compact = root.Text("dosage.precision") == "compact";
  options.keep_calls = root.Text("dosage.phase") == "keep";
  return options;
}

/// Those that stay after all lists; an empty choice.keep = everyone. Returns how many are removed
/// by the lists of that name.
size_t ChooseFrom(GenotypeSet& set, const std::vector<const PeopleLists*>& lists) {
  const PeopleLists* first = nullptr;  // that is given; the most special one comes first
  for (const PeopleLists* list : lists) {
    if (first == nullptr && list->given()) first = list;
  }
  if (first == nullptr) return 0;
  size_t removed = 0;
  std::vector<std::string>& kept = set.options.choice.keep;
  const SampleTable& people = set.everybody();
  for (uint32_t i = 0; i < people.size(); ++i) {
    const auto removes = [&](const PeopleLists* list) { return list->Removes(people, i); };
    const auto keeps = [&](const PeopleLists* list) { return list->Keeps(people, i); };
    if (std::any_of(lists.begin(), lists.end(), removes)) {
      ++removed;
    } else if (std::all_of(lists.begin(), lists.end(), keeps)) {
      kept.push_back(people.iid(i));
    }
  }
  if (!kept.empty()) return removed;
  const std::string of_batch = set.name.empty() ? "" : " of batch " + set.name;
  throw Error(ErrorId::kNoCommonSamples,
              fmt::format("no sample{} is left after input.samples and input.remove", of_batch))
      .InFile(first->file())
      .Remedy("the lists hold one IID a line, or FID and IID, spelled as in the genotype files");
}

/// Values of all batches on one grid, as JoinedSource gives them.
DosagePlan JoinedPlan(const std::vector<GenotypeSet>& batches) {
  DosagePlan plan = batches.front().plan.dosage;
  std::vector<DosageEncoding> encodings;
  for (const GenotypeSet& batch : batches) {
    const DosagePlan& own = batch.plan.dosage;
    encodings.push_back(DosageEncoding::ForUnits(own.units, own.error_bound));
    if (!batch.hard_calls()) plan.field = own.field;
  }
  const DosageEncoding common = CommonEncoding(encodings);
  plan.units = common.units_per_copy;
  plan.error_bound = common.error_bound;
  return plan;
}

/// As --regions takes them, by build.
std::string PseudoautosomalRegions() {
  std::string text;
  for (const char* build : {"GRCh37", "GRCh38"}) {
    const Pseudoautosomal par = Pseudoautosomal::Of(build);
    text += fmt::format("{}{} X:{}-{},X:{}-{}", text.empty() ? "" : ", ", build, par.first_begin,
                        par.first_end, par.second_begin, par.second_end);
  }
  return text;
}

/// By sample, 1 = a control: copies of one person who need no ids but those of the files.
std::vector<uint8_t> ControlsOf(const LoadedConfig& config, const SampleTable& samples) {
  plates::PlateOptions plates = plates::PlateOptions::FromConfig(config.root.At("plates"));
  if (plates.file.empty()) return std::vector<uint8_t>(samples.size(), 0);
  plates.file = JoinPath(config.base, plates.file);
  return plates::ReadLayout(plates, samples).controls;
}

}  // namespace

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
        .Remedy((chrom == "XY" ? "files hold the pseudoautosomal part as positions of X: " +
                                     PseudoautosomalRegions() + "; "
                               : "") +
                "its chromosomes: " + known);
  }
}

GenotypeInput::GenotypeInput(const LoadedConfig& config) {
  if (const std::string ids = PathOr(config.root, config.base, "input.variants"); !ids.empty()) {
    selection_.ids = ReadIdList(ids);
    selection_.by_id = true;
  }
  if (const std::string ids = PathOr(config.root, config.base, "input.exclude"); !ids.empty()) {
    auto excluded = std::make_shared<ExcludedIds>(ReadIdList(ids));
    if (!excluded->empty()) selection_.excluded = std::move(excluded);
  }
  ChooseRegions(config);
  if (!config.root.TextList("input.against").empty()) {
    ProbeEarlier(config);
  } else if (config.root.At("input.batches").items().empty()) {
    GenotypeOptions options = OptionsOf(config, config.root.TextList("input.genotypes"));
    options.choice.regions = selection_.regions;
    if (selection_.by_id) {
      options.ids = std::make_shared<const std::unordered_set<std::string>>(selection_.ids);
    }
    set_ = GenotypeSet::Probe("", std::move(options));
  } else {
    ProbeBatches(config);
  }
  build_ = config.root.Text("input.build") != "auto" ? config.root.Text("input.build")
           : batches_.empty()                        ? set_.build
                                                     : CommonBuild(batches_);
  RequireRegions(Contigs(), asked_regions_);
  if (const std::string file = PathOr(config.root, config.base, "input.ids"); !file.empty()) {
    ids_ = SampleIds::Read(file);
  }
  CompareHardCalls(config);
  ChoosePeople(config);
  samples_ = batches_.empty() ? set_.samples : JoinSamples(batches_);
  choices_ = MakeChoices();
  NamePeople(config);
}

/// Headers and tables of samples alone are read.
void GenotypeInput::CompareHardCalls(const LoadedConfig& config) {
  const auto files = config.root.TextList("input.hard_calls");
  if (files.empty()) return;
  GenotypeOptions options = OptionsOf(config, files);
  options.field = "auto";
  options.bgen = {};
  std::vector<std::string> people;
  for (const GenotypeSet* set : Sets()) {
    const auto& iids = set->everybody().iids();
    people.insert(people.end(), iids.begin(), iids.end());
  }
  const GenotypeSet calls = GenotypeSet::Probe("", std::move(options));
  if (const auto& called = calls.everybody().iids(); NobodyInCommon(people, called, ids_)) {
    throw Error(
        ErrorId::kNoCommonSamples,
        fmt::format("none of the {} samples of the hard calls is among the {} genotyped ones",
                    called.size(), people.size()))
        .InFile(calls.options.files.front())
        .Field("input.hard_calls")
        .Remedy(
            "name the table that translates the ids of both to those of people (input.ids, columns "
            "ID and IID), or leave input.hard_calls out if these are other people");
  }
  const std::string differs = DifferenceOfPeople(people, calls.everybody().iids(), ids_);
  if (differs.empty()) return;
  list_warnings_.push_back(
      fmt::format("input.hard_calls ({}): {}", BaseName(calls.options.files.front()), differs));
}

void GenotypeInput::NamePeople(const LoadedConfig& config) {
  people_ = samples_;
  if (!ids_.given()) return;
  std::vector<uint8_t> controls(samples_->size(), 0);
  std::optional<Error> fault;  // of the table of plates, which is told where it is read for itself
  try {
    controls = ControlsOf(config, *samples_);
  } catch (const Error& error) {
    fault = error;
  }
  std::vector<std::string> fids, iids;
  size_t unnamed = 0;
  std::unordered_set<std::string> seen;
  for (const GenotypeSet* set : Sets()) {
    const SampleTable& files = *set->samples;
    for (uint32_t i = 0; i < files.size(); ++i) {
      const std::string& id = files.iid(i);
      const bool control = controls[iids.size()] != 0;
      const std::string& iid = control ? id : ids_.Of(id);
      unnamed += ids_.Has(id) || control ? 0 : 1;
      fids.push_back(files.fid(i) == id ? iid : files.fid(i));
      iids.push_back(iid + set->id_suffix);
      seen.insert(iids.back());
    }
  }
  if (seen.size() < iids.size()) {
    if (fault) throw *fault;  // who is a control is not known
    throw Error(ErrorId::kDuplicateSamples,
                fmt::format("{} genotyped samples are of people who have another one",
                            iids.size() - seen.size()))
        .InFile(ids_.file())
        .Field("input.ids")
        .Remedy(
            "leave all but one of each person out with input.remove, by the ids of the genotype "
            "files; repeated samples that are to be compared need IIDs of their own, and control "
            "samples, which keep the ids of the files, a yes in column control of the table of "
            "plates (plates.file)");
  }
  if (unnamed == samples_->size()) {
    throw Error(ErrorId::kNoCommonSamples, "none of the genotyped samples is in the table of ids")
        .InFile(ids_.file())
        .Field("input.ids")
        .Remedy("column ID holds the ids of the genotype files, IID those of the pedigree");
  }
  if (unnamed > 0) {
    list_warnings_.push_back(
        fmt::format("input.ids ({}): {} of {} genotyped samples are not in it and keep their ids",
                    BaseName(ids_.file()), unnamed, samples_->size()));
  }
  people_ = SampleTable::Build(std::move(fids), std::move(iids), samples_->sexes(), ids_.file());
}

void GenotypeInput::ProbeBatches(const LoadedConfig& config) {
  for (const ConfigNode& item : config.root.At("input.batches").items()) {
    GenotypeOptions options = OptionsOf(config, item.TextList("genotypes"));
    if (item.Has("field")) options.field = item.Text("field");
    if (item.Has("sample_file")) {
      options.bgen.sample_file = PathOr(item, config.base, "sample_file");
    }
    if (item.Has("bgen_ref")) options.bgen.ref_last = item.Text("bgen_ref") == "last";
    options.choice.regions = selection_.regions;
    const std::string& name = item.Text("name");
    try {
      batches_.push_back(GenotypeSet::Probe(name, std::move(options)));
    } catch (Error& error) {
      throw error.Context("batch " + name);
    }
  }
  set_.plan.dosage = JoinedPlan(batches_);
}

/// Genotypes and an earlier genotyping of the same people, as two batches.
void GenotypeInput::ProbeEarlier(const LoadedConfig& config) {
  for (const auto& [name, key] :
       {std::pair{"genotypes", "input.genotypes"}, std::pair{"earlier", "input.against"}}) {
    GenotypeOptions options = OptionsOf(config, config.root.TextList(key));
    options.choice.regions = selection_.regions;
    batches_.push_back(GenotypeSet::Probe(name, std::move(options)));
  }
  batches_.back().id_suffix = kinship::kEarlierSuffix;
  set_.plan.dosage = JoinedPlan(batches_);
}

/// The sets of files that are read.
std::vector<GenotypeSet*> GenotypeInput::Sets() {
  if (batches_.empty()) return {&set_};
  std::vector<GenotypeSet*> sets;
  for (GenotypeSet& batch : batches_) sets.push_back(&batch);
  return sets;
}

/// Those of all sets; none if one of them may hold any.
std::vector<ContigLine> GenotypeInput::Contigs() {
  std::vector<ContigLine> contigs;
  for (const GenotypeSet* set : Sets()) {
    const auto own = set->contigs();
    if (own.empty()) return {};
    contigs.insert(contigs.end(), own.begin(), own.end());
  }
  return contigs;
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

void GenotypeInput::ChoosePeople(const LoadedConfig& config) {
  const ConfigNode& input = config.root.At("input");
  const PeopleLists of_all(input, config.base, "input", ids_);
  of_all.CheckAgainst(Sets(), list_warnings_, accepted_lists_);
  withdrawn_ = of_all.Withdrawn(Sets());
  if (batches_.empty()) removed_people_ = ChooseFrom(set_, {&of_all});
  if (has_earlier()) {
    removed_people_ = ChooseFrom(batches_.front(), {&of_all});
    ChooseFrom(batches_.back(), {&of_all});
  }
  for (size_t b = 0; b < input.At("batches").items().size(); ++b) {
    const PeopleLists own(input.At("batches").items()[b], config.base,
                          "input.batches." + batches_[b].name, ids_);
    own.CheckAgainst({&batches_[b]}, list_warnings_, accepted_lists_);
    removed_people_ += ChooseFrom(batches_[b], {&own, &of_all});
  }
  for (const Error& fault : accepted_lists_) {
    if (AcceptedReason(config.root, fault.field(), ErrorName(fault.id())).empty()) throw fault;
  }
  for (GenotypeSet* set : Sets()) {
    set->samples = batches_.empty() ? planning().samples() : OpenSet(*set)->samples();
  }
}

/// The variants that are read of files: of batches by region only, as ids are those of the joined
/// variants.
VariantSelection GenotypeInput::ReadSelection() const {
  if (batches_.empty()) return selection_;
  VariantSelection read;
  read.regions = selection_.regions;
  return read;
}

std::string GenotypeInput::UnmatchedExclusions() const {
  const size_t unmatched = selection_.excluded ? selection_.excluded->Unmatched() : 0;
  if (unmatched == 0) return "";
  return fmt::format("input.exclude: {} of {} ids are those of no variant that is read", unmatched,
                     excluded_variants());
}

const GenotypeSource& GenotypeInput::planning() const {
  if (!opened_) opened_ = OpenSet(set_);
  return *opened_;
}

std::unique_ptr<GenotypeSource> GenotypeInput::Open() const {
  return opened_ ? std::move(opened_) : OpenSet(set_);
}

std::unique_ptr<GenotypeSource> GenotypeInput::OpenSet(const GenotypeSet& set) const {
  return set.Open(ReadSelection(), build_);
}

std::map<std::string, Digest> GenotypeInput::ChoicesOf(const GenotypeSet& set) const {
  return set.Choices(ReadSelection(), build_);
}

std::map<std::string, Digest> GenotypeInput::MakeChoices() const {
  if (batches_.empty()) return ChoicesOf(set_);
  return {{"samples used", samples_->digest()},
          {"variants used", HashBytes(selection_.Canonical())}};
}

std::vector<InputInfo> GenotypeInput::Inventory(const DigestOf& digest_of,
                                                const ChecksumKnown& known) const {
  if (batches_.empty()) return set_.Inventory(digest_of, known);
  std::vector<InputInfo> inputs;
  for (const GenotypeSet& batch : batches_) {
    for (InputInfo& input : batch.Inventory(digest_of, known)) inputs.push_back(std::move(input));
  }
  return inputs;
}

std::set<std::string> GenotypeInput::FilesReadWhole() const {
  std::set<std::string> paths = set_.FilesReadWhole();
  for (const GenotypeSet& batch : batches_) paths.merge(batch.FilesReadWhole());
  return paths;
}

std::string GenotypeInput::PedigreeFile() const {
  if (plan().files.empty() || !IsPlink(plan().files.front().format)) return "";
  const std::string samples = PlinkFiles::Beside(plan().files.front().path).samples;
  return PsamHasParents(samples) ? samples : "";
}

}  // namespace kinflow
