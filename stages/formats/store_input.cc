#include "stages/formats/store_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/layout.h"
#include "stages/formats/store_source.h"

namespace kinflow {
namespace {

constexpr std::string_view kHdf5Magic = "\x89HDF\r\n\x1a\n";

struct StoreFiles {
  std::string path, folder;
  std::vector<ShardRecord> records;
  Digest digest;  // of the content
  bool sealed = true;
};

Error NotAStore(const std::string& what, const std::string& path) {
  return Error(ErrorId::kNotAStore, what)
      .InFile(path)
      .Remedy("give the output folder of `kinflow load`, or WORK/artifacts/dosage/KEY");
}

Error Damaged(ErrorId id, const std::string& what, const std::string& path) {
  return Error(id, what).InFile(path).Remedy(
      "copy the store again from its source, or load the genotypes again");
}

H5Reader OpenShardFile(const StoreFiles& files, size_t i, bool whole) {
  const ShardRecord& record = files.records.at(i);
  const std::string path = JoinPath(files.folder, record.name);
  if (!FileExists(path)) throw Damaged(ErrorId::kShardMissing, "shard is missing", path);
  const uint64_t size = StampOf(path).size;
  if (files.sealed && size != record.bytes) {
    throw Damaged(ErrorId::kShardDamaged,
                  fmt::format("shard has {} bytes instead of {}", size, record.bytes), path);
  }
  if (files.sealed && whole && HashFile(path) != record.digest) {
    throw Damaged(ErrorId::kShardDamaged, "shard differs from the digest in its manifest", path);
  }
  return H5Reader(path);
}

bool IsDosageShard(const H5Reader& file) {
  return file.Has(layout::kDosage) && file.Has(layout::kVariants) && file.Has(layout::kSamples);
}

StoreFiles FilesOf(const std::string& path) {
  StoreFiles files;
  files.path = path;
  files.folder = FolderOf(path);
  char magic[8] = {};
  const size_t n = FileHandle::OpenRead(path).Read(magic, sizeof magic);
  if (std::string_view(magic, n) == kHdf5Magic) {
    const H5Reader shard(path);
    if (!IsDosageShard(shard)) {
      throw NotAStore("not a dosage shard: it lacks /dosage, /variants or /samples", path);
    }
    files.records = {
        {BaseName(path), {}, StampOf(path).size, DosageReader(shard, layout::kDosage).rows()}};
    files.sealed = false;
    return files;
  }
  const Manifest manifest = Manifest::FromJson(ReadFile(path), path);
  if (manifest.kind != "dosage") {
    throw NotAStore(fmt::format("the artifact holds {}, not dosages", manifest.kind), path);
  }
  files.records = manifest.shards;
  files.digest = manifest.ContentDigest();
  return files;
}

SampleTablePtr SamplesOf(const H5Reader& file) {
  const StringColumn fids = file.ReadStrings("/samples/fid"),
                     iids = file.ReadStrings("/samples/iid");
  std::vector<std::string> fid, iid;
  std::vector<Sex> sexes;
  for (size_t i = 0; i < iids.size(); ++i) {
    iid.emplace_back(iids[i]);
    if (i < fids.size()) fid.emplace_back(fids[i]);
  }
  for (const uint8_t s : file.ReadU8("/samples/sex")) {
    sexes.push_back(s <= 2 ? static_cast<Sex>(s) : Sex::kUnknown);
  }
  if (fid.size() != iid.size() || sexes.size() != iid.size()) {
    throw Damaged(ErrorId::kShardDamaged, "the sample table is inconsistent", file.path());
  }
  return SampleTable::Build(std::move(fid), std::move(iid), std::move(sexes), file.path());
}

DosageField FieldOf(const H5Reader& file) {
  const std::string name = file.AttributeText(layout::kDosage, layout::kField);
  for (const auto field : {DosageField::kGt, DosageField::kDs, DosageField::kGp, DosageField::kHds,
                           DosageField::kHardCalls}) {
    if (name == FieldName(field)) return field;
  }
  return DosageField::kDs;  // of a later version
}

/// Sealed dosage artifacts below WORK.
std::vector<std::string> ManifestsIn(const std::string& work) {
  std::vector<std::string> found;
  const std::string dosages = JoinPath(JoinPath(work, layout::kArtifacts), "dosage");
  for (const auto& key : ListFolder(dosages)) {
    const std::string path = JoinPath(JoinPath(dosages, key), layout::kManifestFile);
    if (FileExists(path)) found.push_back(path);
  }
  return found;
}

}  // namespace

std::string StoreManifestIn(const std::string& folder) {
  const std::string own = JoinPath(folder, layout::kManifestFile);
  if (FileExists(own)) return own;
  std::vector<std::string> found = ManifestsIn(folder);
  if (found.empty()) found = ManifestsIn(JoinPath(folder, "work"));
  if (found.empty()) throw NotAStore("the folder holds no finished dosage store", folder);
  if (found.size() > 1) {
    std::string keys;
    for (const auto& path : found) keys += (keys.empty() ? "" : ", ") + FolderOf(path);
    throw Error(ErrorId::kNotAStore,
                fmt::format("the folder holds {} dosage stores; which one?", found.size()))
        .InFile(folder)
        .Remedy("give one of " + keys);
  }
  return found.front();
}

bool SniffStore(std::string_view head) {
  return head.substr(0, 8) == kHdf5Magic || head.substr(0, 3) == "{\n ";
}

FileFacts ProbeStore(const std::string& path, const GenotypeOptions&) {
  const StoreFiles files = FilesOf(path);
  FileFacts facts;
  facts.path = path;
  facts.format = GenotypeFormat::kStore;
  facts.variants = 0;
  if (files.sealed) facts.digest = files.digest;
  for (size_t i = 0; i < files.records.size(); ++i) {
    facts.bytes += files.records[i].bytes;
    *facts.variants += files.records[i].rows;
    if (files.records[i].rows == 0) continue;
    const H5Reader file = OpenShardFile(files, i, false);
    const StringColumn chroms = file.ReadStrings("/variants/chrom_names");
    for (size_t c = 0; c < chroms.size(); ++c) {
      const auto same = [&](const ContigLine& line) { return line.name == chroms[c]; };
      if (std::any_of(facts.contigs.begin(), facts.contigs.end(), same)) continue;
      facts.contigs.push_back({std::string(chroms[c]), 0});
    }
    if (facts.samples) continue;
    facts.samples = SamplesOf(file);
    facts.fields = {FieldOf(file)};
    facts.encoding = DosageReader(file, layout::kDosage).encoding();
    facts.build = file.AttributeText("/", layout::kBuild);
    if (!facts.build.empty()) facts.build_evidence = "the store's genome_build";
    if (facts.samples->digest().Hex() != file.AttributeText("/", layout::kSamplesDigest)) {
      throw Damaged(ErrorId::kShardDamaged, "the samples do not fit their digest", file.path());
    }
  }
  if (!facts.samples) throw NotAStore("the dosage store has no variant", path);
  return facts;
}

std::unique_ptr<FileSource> OpenStore(const std::string& path, const DosagePlan& plan,
                                      const std::vector<std::string>& keep,
                                      const VariantOrderPtr& order) {
  StoreFiles files = FilesOf(path);
  const FileFacts facts = ProbeStore(path, {});
  StoreShards shards{path, files.records,
                     [files](size_t i, bool whole) { return OpenShardFile(files, i, whole); }};
  return std::make_unique<StoreSource>(
      std::move(shards), SampleChoice::Make(facts.samples, keep, path), plan.keep_calls, order);
}

}  // namespace kinflow
