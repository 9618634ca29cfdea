#include "pipeline/store/artifact_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/store/layout.h"
#include "pipeline/store/remedy.h"
#include "pipeline/store/sealed_json.h"
#include "pipeline/store/shard_record.h"
#include "pipeline/store/verify.h"

namespace kinflow {
namespace {

Error ShardError(ErrorId id, std::string_view what, const std::string& path) {
  return Error(id, std::string(what)).InFile(path).Remedy(RebuildRemedy(FolderOf(path)));
}

void CheckPresent(const std::string& folder, const ShardRecord& shard) {
  const std::string path = JoinPath(folder, shard.name);
  if (!FileExists(path)) throw ShardError(ErrorId::kShardMissing, "shard is missing", path);
  const uint64_t size = StampOf(path).size;
  if (size != shard.bytes) {
    throw ShardError(ErrorId::kShardDamaged,
                     fmt::format("shard has {} bytes instead of {}", size, shard.bytes), path);
  }
}

Manifest ReadManifest(const std::string& folder) {
  const std::string path = JoinPath(folder, layout::kManifestFile);
  Manifest m = Manifest::FromJson(ReadFile(path), path);
  // A manifest copied into another artifact's folder is damage too.
  if (m.key.Hex() != BaseName(folder) || m.kind != BaseName(FolderOf(folder))) {
    throw Error(ErrorId::kManifestDamaged, "manifest belongs to another artifact")
        .InFile(path)
        .Remedy(RebuildRemedy(folder));
  }
  return m;
}

bool IsSealed(const std::string& folder) {
  return FileExists(JoinPath(folder, layout::kManifestFile));
}

// Index of "shard-00007.h5"; none for other names.
std::optional<uint32_t> IndexOf(std::string_view name) {
  constexpr std::string_view kFirst = "shard-", kLast = ".h5";
  if (!name.starts_with(kFirst) || !name.ends_with(kLast)) return std::nullopt;
  name.remove_prefix(kFirst.size());
  name.remove_suffix(kLast.size());
  const auto index = ParseUint(name);
  if (!index || *index > 99'999 || name.size() != 5) return std::nullopt;
  return static_cast<uint32_t>(*index);
}

/// The shards that an unfinished artifact has, in order.
std::vector<ShardRecord> SideRecords(const std::string& folder) {
  std::vector<ShardRecord> records;
  for (const std::string& name : ListFolder(folder)) {
    const auto index = IndexOf(name);
    const auto record = index ? ReadSideRecord(folder, *index) : std::nullopt;
    if (record) records.push_back(*record);
  }
  return records;
}

/// visit(folder) of each artifact, sealed or not, by kind and key.
void ForEachArtifact(const std::string& work,
                     const std::function<void(const std::string&)>& visit) {
  const std::string root = JoinPath(work, layout::kArtifacts);
  for (const std::string& kind : ListFolder(root)) {
    for (const std::string& key : ListFolder(JoinPath(root, kind))) {
      visit(fmt::format("{}/{}/{}", root, kind, key));
    }
  }
}

}  // namespace

// Digests found right in this process, by the version of the file they were found for.
struct ArtifactStore::Verified {
  std::mutex mutex;
  std::map<std::string, FileStamp> files;

  /// Hashes the file unless this version of it is known to be right.
  bool Fits(const std::string& path, const Digest& digest) {
    const FileStamp stamp = StampOf(path);
    {
      const std::lock_guard lock(mutex);
      const auto it = files.find(path);
      if (it != files.end() && it->second == stamp) return true;
    }
    if (HashFile(path) != digest) return false;
    const std::lock_guard lock(mutex);
    files[path] = stamp;
    return true;
  }
};

ArtifactStore::ArtifactStore(std::string work_folder)
    : work_(std::move(work_folder)), verified_(std::make_shared<Verified>()) {}

std::string ArtifactStore::FolderOf(std::string_view kind, const Digest& key) const {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  if (kind.empty() || !std::all_of(kind.begin(), kind.end(), is_plain)) {
    throw Error(ErrorId::kInternal, fmt::format("'{}' is no kind of artifact", kind));
  }
  return fmt::format("{}/{}/{}", JoinPath(work_, layout::kArtifacts), kind, key.Hex());
}

std::optional<Manifest> ArtifactStore::Find(std::string_view kind, const Digest& key) const {
  const std::string folder = FolderOf(kind, key);
  if (!IsSealed(folder)) return std::nullopt;
  Manifest m = ReadManifest(folder);
  const int64_t sealed = StampOf(JoinPath(folder, layout::kManifestFile)).mtime_ns;
  for (const ShardRecord& shard : m.shards) {
    CheckPresent(folder, shard);
    // Shards are older than their manifest; one that was touched since is hashed before it counts.
    const std::string path = JoinPath(folder, shard.name);
    if (StampOf(path).mtime_ns > sealed && !verified_->Fits(path, shard.digest)) {
      throw ShardError(ErrorId::kShardDamaged, "shard does not have its digest", path);
    }
  }
  return m;
}

std::vector<ShardRecord> ArtifactStore::CommittedShards(std::string_view kind, const Digest& key) {
  const std::string folder = FolderOf(kind, key);
  if (IsSealed(folder)) return Find(kind, key)->shards;
  std::vector<ShardRecord> records;
  for (const std::string& name : ListFolder(folder)) {
    const std::string path = JoinPath(folder, name);
    if (IsPartialName(name)) RemoveFile(path);
    const auto index = IndexOf(name);
    if (!index) continue;
    const auto record = ReadSideRecord(folder, *index);
    const bool good =
        record && StampOf(path).size == record->bytes && verified_->Fits(path, record->digest);
    if (!good) {
      RemoveFile(JoinPath(folder, SideName(*index)));
      RemoveFile(path);
    } else if (*index == records.size()) {  // names come in order: a gap ends the list
      records.push_back(*record);
    }
  }
  return records;
}

std::unique_ptr<ArtifactStore::Shard> ArtifactStore::BeginShard(std::string_view kind,
                                                                const Digest& key, uint32_t index) {
  const std::string folder = FolderOf(kind, key);
  MakeFolders(folder);
  return std::make_unique<Shard>(folder, index);
}

ShardRecord ArtifactStore::CopyShard(const Manifest& from, size_t i, std::string_view kind,
                                     const Digest& key) {
  const ShardRecord& record = from.shards.at(i);
  const std::string source = JoinPath(FolderOf(from.kind, from.key), record.name);
  CheckPresent(FolderOf(from.kind, from.key), record);
  const std::string bytes = ReadFile(source);
  if (HashBytes(bytes) != record.digest) {
    throw ShardError(ErrorId::kShardDamaged, "shard differs from the digest in its manifest",
                     source);
  }
  const std::string folder = FolderOf(kind, key);
  MakeFolders(folder);
  const std::string side = JoinPath(folder, SideName(static_cast<uint32_t>(i)));
  RemoveFile(side);  // of other bytes, from a run that was interrupted
  WriteFileAtomically(JoinPath(folder, record.name), bytes);
  WriteFileAtomically(side, SealJson(RecordToJson(record)));
  return record;
}

void ArtifactStore::Seal(const Manifest& manifest) {
  const std::string folder = FolderOf(manifest.kind, manifest.key);
  MakeFolders(folder);
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const auto record = ReadSideRecord(folder, static_cast<uint32_t>(i));
    const ShardRecord& shard = manifest.shards[i];
    if (!record || record->name != shard.name || record->digest != shard.digest) {
      throw Error(ErrorId::kInternal, "manifest lists a shard that was not committed")
          .InFile(JoinPath(folder, shard.name));
    }
    CheckPresent(folder, shard);
  }
  Manifest sealed = manifest;
  if (sealed.program.empty()) sealed.program = program_;
  WriteFileAtomically(JoinPath(folder, layout::kManifestFile), sealed.ToJson());
}

H5Reader ArtifactStore::Open(const Manifest& manifest, size_t i) const {
  const std::string folder = FolderOf(manifest.kind, manifest.key);
  const ShardRecord& shard = manifest.shards.at(i);
  CheckPresent(folder, shard);
  const std::string path = JoinPath(folder, shard.name);
  // The digest comes first: damaged bytes never reach the HDF5 library.
  if (!verified_->Fits(path, shard.digest)) {
    throw ShardError(ErrorId::kShardDamaged, "shard differs from the digest in its manifest", path);
  }
  return H5Reader(path);
}

size_t ArtifactStore::Verify(
    const std::function<void(const std::string&, const std::string&)>& report) const {
  const auto check = [&](const std::string& folder, const ShardRecord& shard) {
    const std::string path = JoinPath(folder, shard.name);
    try {
      CheckPresent(folder, shard);
      if (HashFile(path) != shard.digest) {
        report(path, "differs from its recorded digest");
      } else {
        VerifyH5File(path, VerifyDepth::kContents);
      }
    } catch (const Error& e) {
      report(path, e.message());
    }
  };
  size_t artifacts = 0;
  ForEachArtifact(work_, [&](const std::string& folder) {
    ++artifacts;
    try {
      if (IsSealed(folder)) {
        for (const ShardRecord& shard : ReadManifest(folder).shards) check(folder, shard);
        return;
      }
    } catch (const Error& e) {
      return report(JoinPath(folder, layout::kManifestFile), e.message());
    }
    for (const ShardRecord& shard : SideRecords(folder)) check(folder, shard);
  });
  return artifacts;
}

std::vector<Manifest> ArtifactStore::List() const {
  std::vector<Manifest> manifests;
  ForEachArtifact(work_, [&](const std::string& folder) {
    if (IsSealed(folder)) manifests.push_back(ReadManifest(folder));
  });
  return manifests;
}

std::vector<Manifest> ArtifactStore::Begun() const {
  std::vector<Manifest> begun;
  ForEachArtifact(work_, [&](const std::string& folder) {
    const auto key = Digest::FromHex(BaseName(folder));
    if (!key || IsSealed(folder)) return;
    Manifest& manifest = begun.emplace_back();
    manifest.kind = BaseName(kinflow::FolderOf(folder));
    manifest.key = *key;
    manifest.shards = SideRecords(folder);
  });
  return begun;
}

}  // namespace kinflow
