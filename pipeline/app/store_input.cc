#include "pipeline/app/store_input.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"
#include "stages/formats/store_source.h"

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

SampleTablePtr ReadSamples(const H5Reader& file, const std::string& folder) {
  std::vector<std::string> fid, iid;
  std::vector<Sex> sex;
  const StringColumn fids = file.ReadStrings("/samples/fid"),
                     iids = file.ReadStrings("/samples/iid");
  for (size_t i = 0; i < iids.size(); ++i) {
    fid.emplace_back(fids[i]);
    iid.emplace_back(iids[i]);
  }
  for (const uint8_t s : file.ReadU8("/samples/sex")) sex.push_back(static_cast<Sex>(s));
  return SampleTable::Build(std::move(fid), std::move(iid), std::move(sex), folder);
}

}  // namespace

std::optional<StoreInput> StoreInput::Find(const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (!IsFolder(path)) return std::nullopt;
  const auto folders = StoreFolders(path);
  if (folders.empty()) {
    throw Error(ErrorId::kUnreadableFile, "a folder without a dosage store, not a genotype file")
        .InFile(path)
        .Remedy("give genotype files, or the output folder of `kinflow load`");
  }
  if (folders.size() > 1) {
    throw Error(ErrorId::kFormatUnknown,
                fmt::format("{} dosage stores in this folder", folders.size()))
        .InFile(path)
        .Remedy("give the folder of one store: WORK/artifacts/dosage/KEY");
  }
  StoreInput input;
  const std::string manifest_path = JoinPath(folders.front(), layout::kManifestFile);
  input.manifest = Manifest::FromJson(ReadFile(manifest_path), manifest_path);
  if (input.manifest.kind != "dosage" || input.manifest.shards.empty()) {
    throw Error(ErrorId::kNotAStore, "this artifact holds no dosages").InFile(folders.front());
  }
  // WORK/artifacts/dosage/KEY
  const std::string work = FolderOf(FolderOf(FolderOf(folders.front())));
  input.store = std::make_shared<const ArtifactStore>(work);
  input.samples = ReadSamples(input.store->Open(input.manifest, 0), folders.front());
  return input;
}

std::unique_ptr<GenotypeSource> StoreInput::Open() const {
  return std::make_unique<StoreSource>(*store, manifest, samples);
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
  info.digest = manifest.ContentDigest();
  info.field = FieldName(plan.field);
  info.units = plan.units;
  info.error_bound = plan.error_bound;
  info.completeness = "checksum";
  return info;
}

}  // namespace kinflow
