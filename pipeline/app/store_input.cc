#include "pipeline/app/store_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/app/run_record.h"
#include "pipeline/app/work_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"
#include "stages/batches/join_artifact.h"
#include "stages/batches/open_joined.h"

namespace kinflow {
namespace {

/// Folders of sealed dosage artifacts at or below `path`.
std::vector<std::string> StoreFolders(const std::string& path) {
  if (FileExists(JoinPath(path, layout::kManifestFile))) return {path};
  std::vector<std::string> found;
  for (const std::string& work : {path, JoinPath(path, "work")}) {
    const std::string dosages = JoinPath(JoinPath(work, layout::kArtifacts), "dosage");
    for (const auto& key : ListFolder(dosages)) {
      const std::string folder = JoinPath(dosages, key);
      if (FileExists(JoinPath(folder, layout::kManifestFile))) found.push_back(folder);
    }
  }
  return found;
}

/// Of several stores those that the folder's last run made or used, as its run.json says.
std::vector<std::string> OfLastRun(const std::string& path, const std::vector<std::string>& all) {
  std::vector<std::string> last;
  for (const auto& stage : ReadRunRecord(path, "/stages")) {
    const std::string key = stage.is_object() ? stage.value("key", std::string()) : "";
    for (const auto& folder : all) {
      if (BaseName(folder) == key) last.push_back(folder);
    }
  }
  return last;
}

/// Of those the one that the joined cohort of a run was written to, if it was.
void ChooseJoined(const std::string& path, std::vector<std::string>& folders) {
  const auto keys = RecordedKeys(path);
  const auto joined = keys.find("dosage");
  if (joined == keys.end()) return;
  const auto same = [&](const std::string& f) { return BaseName(f) == joined->second.Hex(); };
  const auto folder = std::find_if(folders.begin(), folders.end(), same);
  if (folder != folders.end()) folders = {*folder};
}

Error Inconsistent(const std::string& path) {
  return Error(ErrorId::kShardDamaged, "the columns of the sample table differ in length")
      .InFile(path)
      .Remedy("copy the store again from its source, or load the genotypes again");
}

SampleTablePtr ReadSamples(const H5Reader& file) {
  std::vector<std::string> fid, iid;
  std::vector<Sex> sex;
  const StringColumn fids = file.ReadStrings("/samples/fid"),
                     iids = file.ReadStrings("/samples/iid");
  if (fids.size() != iids.size()) throw Inconsistent(file.path());
  for (size_t i = 0; i < iids.size(); ++i) {
    fid.emplace_back(fids[i]);
    iid.emplace_back(iids[i]);
  }
  for (const uint8_t s : file.ReadU8("/samples/sex")) {
    sex.push_back(s <= 2 ? static_cast<Sex>(s) : Sex::kUnknown);
  }
  if (sex.size() != iid.size()) throw Inconsistent(file.path());
  return SampleTable::Build(std::move(fid), std::move(iid), std::move(sex), file.path());
}

/// The cohort that a run joined out of the stores of its batches; nothing if it joined none.
std::optional<StoreInput> JoinedBatches(const std::string& path, const std::string& work) {
  const auto keys = RecordedKeys(path);
  const auto key = keys.find("join");
  if (key == keys.end()) return std::nullopt;
  const auto store = std::make_shared<const ArtifactStore>(work);
  const auto join = store->Find(kJoinKind, key->second);
  if (!join) return std::nullopt;
  const std::vector<std::string> names = ReadBatchesTable(*store, *join).StringsOf("BATCH");
  StoreInput input;
  input.manifest = *join;
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  for (const std::string& name : names) {
    const Manifest batch = StoreOfBatch(*store, *join, name);
    const SampleTablePtr people = ReadSamples(store->Open(batch, 0));
    fids.insert(fids.end(), people->fids().begin(), people->fids().end());
    iids.insert(iids.end(), people->iids().begin(), people->iids().end());
    sexes.insert(sexes.end(), people->sexes().begin(), people->sexes().end());
    input.manifest.shards.insert(input.manifest.shards.end(), batch.shards.begin(),
                                 batch.shards.end());
    if (!input.shards.path.empty()) continue;
    input.shards = {store->FolderOf(batch.kind, batch.key), batch.shards,
                    [store, batch](size_t i) { return store->Open(batch, i); }};
  }
  for (size_t i = 0; i < JoinPieces(*join); ++i) {
    const std::string chrom = store->Open(*join, i).AttributeText("/", "chrom");
    const auto& known = input.joined_chroms;
    if (std::find(known.begin(), known.end(), chrom) == known.end()) {
      input.joined_chroms.push_back(chrom);
    }
  }
  input.samples = SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), path);
  input.open_joined = [store, manifest = *join, names, people = input.samples] {
    return OpenJoined(*store, manifest, names, people);
  };
  return input;
}

}  // namespace

std::optional<StoreInput> StoreInput::Find(const std::string& given) {
  if (!IsFolder(given)) return std::nullopt;
  // Whole, because folders above it have a meaning.
  std::string path = std::filesystem::absolute(given).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  auto folders = StoreFolders(path);
  const std::string elsewhere = folders.empty() ? RecordedWorkFolder(path) : "";
  // It may be that of other runs too.
  if (!elsewhere.empty()) folders = OfLastRun(path, StoreFolders(elsewhere));
  if (folders.size() > 1) {
    if (auto last = OfLastRun(path, folders); !last.empty()) folders = std::move(last);
  }
  if (folders.empty()) {
    throw Error(ErrorId::kUnreadableFile, "a folder without a dosage store, not a genotype file")
        .InFile(path)
        .Remedy(
            FileExists(JoinPath(path, "run.json"))
                ? "results of a run that kept no dosages, or whose work folder is not beside them; "
                  "give the work folder (resources.work), or the genotype files"
                : "give genotype files, or the output folder of `kinflow load`");
  }
  if (folders.size() > 1) ChooseJoined(path, folders);
  if (folders.size() > 1) {
    const std::string work = FolderOf(FolderOf(FolderOf(folders.front())));
    if (auto joined = JoinedBatches(path, work)) return joined;
    throw Error(ErrorId::kFormatUnknown,
                fmt::format("{} dosage stores in this folder", folders.size()))
        .InFile(path)
        .Remedy("give the folder of one store: WORK/artifacts/dosage/KEY");
  }
  StoreInput input;
  const std::string manifest_path = JoinPath(folders.front(), layout::kManifestFile);
  input.manifest = Manifest::FromJson(ReadFile(manifest_path), manifest_path);
  if (input.manifest.kind != "dosage" || input.manifest.shards.empty()) {
    throw Error(ErrorId::kNotAStore, "this artifact holds no dosages")
        .InFile(folders.front())
        .Remedy("give the output folder of `kinflow load`, or WORK/artifacts/dosage/KEY");
  }
  const std::string kinds = FolderOf(FolderOf(folders.front())), work = FolderOf(kinds);
  if (BaseName(kinds) != layout::kArtifacts ||
      folders.front() != fmt::format("{}/dosage/{}", kinds, input.manifest.key.Hex())) {
    throw Error(ErrorId::kNotAStore, "this artifact lies outside its work folder")
        .InFile(folders.front())
        .Remedy("put it back to WORK/artifacts/dosage/" + input.manifest.key.Hex());
  }
  const auto store = std::make_shared<const ArtifactStore>(work);
  input.shards = {
      folders.front(), input.manifest.shards,
      [store, manifest = input.manifest](size_t i) { return store->Open(manifest, i); }};
  input.samples = ReadSamples(input.shards.open(0));
  return input;
}

StoreInput StoreInput::OfShard(const std::string& path) {
  const H5Reader file(path);
  for (const char* part : {layout::kDosage, layout::kVariants, layout::kSamples}) {
    if (file.Has(part)) continue;
    throw Error(ErrorId::kNotAStore, fmt::format("not a dosage shard: it lacks {}", part))
        .InFile(path)
        .Remedy("give the output folder of `kinflow load`, or WORK/artifacts/dosage/KEY");
  }
  StoreInput input;
  input.manifest.shards = {
      {BaseName(path), {}, StampOf(path).size, DosageReader(file, layout::kDosage).rows()}};
  input.shards = {path, input.manifest.shards, [path](size_t) { return H5Reader(path); }};
  input.samples = ReadSamples(file);
  return input;
}

std::unique_ptr<GenotypeSource> StoreInput::Open(const std::vector<std::string>& keep) const {
  if (open_joined && !keep.empty()) {
    throw Error(ErrorId::kBadArgument, "the joined batches of a run are read for all people")
        .InFile(shards.path)
        .Remedy("run with --set dosage.store=always, which keeps a store of the joined cohort");
  }
  if (open_joined) return open_joined();
  return std::make_unique<StoreSource>(shards, SampleChoice::Make(samples, keep, shards.path));
}

std::vector<std::string> StoreInput::Chroms() const {
  if (open_joined) return joined_chroms;
  std::vector<std::string> chroms;
  for (size_t i = 0; i < shards.records.size(); ++i) {
    const StringColumn names = shards.open(i).ReadStrings("/variants/chrom_names");
    for (size_t c = 0; c < names.size(); ++c) {
      if (std::find(chroms.begin(), chroms.end(), names[c]) == chroms.end()) {
        chroms.emplace_back(names[c]);
      }
    }
  }
  return chroms;
}

std::string StoreInput::Build() const {
  const H5Reader file = shards.open(0);
  return file.HasAttribute("/", layout::kBuild) ? file.AttributeText("/", layout::kBuild) : "";
}

DosagePlan StoreInput::Dosages() const {
  const DosageEncoding encoding = Open()->encoding();
  DosagePlan plan;
  plan.field = encoding.units_per_copy == 1 ? DosageField::kGt : DosageField::kDs;
  plan.units = encoding.units_per_copy;
  plan.error_bound = encoding.error_bound;
  return plan;
}

InputInfo StoreInput::Describe(const std::string& path) const {
  const DosagePlan plan = Dosages();
  InputInfo info;
  info.path = path;
  info.format = "kinflow dosage store";
  for (const ShardRecord& shard : manifest.shards) info.bytes += shard.bytes;
  info.bytes_to_read = info.bytes;
  info.digest = manifest.ContentDigest();
  info.field = FieldName(plan.field);
  info.units = plan.units;
  info.error_bound = plan.error_bound;
  info.completeness = "checksum";
  return info;
}

}  // namespace kinflow
