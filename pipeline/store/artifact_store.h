#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/hash.h"
#include "pipeline/store/h5_file.h"

namespace kinflow {

/// One published file of an artifact.
struct ShardRecord {
  std::string name;  // "shard-00000.h5"
  Digest digest;     // of the file's bytes
  uint64_t bytes = 0;
  uint64_t rows = 0;  // variants (scans) or 0
};

/// What an artifact is and what it was made from. Serialised to manifest.json; `timings` and
/// `program` stay outside the digest.
struct Manifest {
  std::string stage;     // instance, "family:joint"
  std::string kind;      // folder under artifacts/
  uint32_t version = 0;  // of the stage's results
  Digest key;
  std::string options_json;                   // canonical effective options (sorted keys)
  std::map<std::string, std::string> inputs;  // upstream stage -> key, input label -> digest
  std::vector<ShardRecord> shards;
  std::map<std::string, double> timings;  // seconds, bytes; not part of the digest
  std::string program;                    // version, commit, SIMD target
  std::vector<std::string> warnings;

  /// Over kind, version, key and all shard digests: equal iff the results are equal.
  Digest ContentDigest() const;
  std::string ToJson() const;
  static Manifest FromJson(std::string_view json, const std::string& path);  // kManifestDamaged
};

/// WORK/artifacts/<kind>/<key>/{shard-NNNNN.h5, shard-NNNNN.json, manifest.json}. A shard counts
/// once its .json lies beside it (written after fsync and read-back of the .h5); the artifact
/// counts once its manifest lies there. Thread-safe for different artifacts.
class ArtifactStore {
 public:
  /// Creates nothing: folders are made by the first that writes (kFolderNotWritable).
  explicit ArtifactStore(std::string work_folder);

  const std::string& work_folder() const { return work_; }
  /// Written into the manifests sealed from now on (version and commit). Before any thread starts.
  void SetProgram(std::string program) { program_ = std::move(program); }
  std::string FolderOf(std::string_view kind, const Digest& key) const;

  /// The manifest of a sealed artifact. Shards are checked to exist with the right size; contents
  /// are verified on first opening.
  std::optional<Manifest> Find(std::string_view kind, const Digest& key) const;
  /// Committed shards 0, 1, ... of an artifact without gap; partial files are removed.
  std::vector<ShardRecord> CommittedShards(std::string_view kind, const Digest& key);

  /// Begins shard `index`; fill file(), then Commit(). Dropping it removes the partial file.
  class Shard {
   public:
    Shard(std::string folder, uint32_t index);
    ~Shard();
    H5Writer& file();
    /// Close, fsync, read back (every chunk's checksum), rename, write the side record.
    ShardRecord Commit(uint64_t rows);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };
  std::unique_ptr<Shard> BeginShard(std::string_view kind, const Digest& key, uint32_t index);
  /// Commits a copy of the bytes of a sealed artifact's shard `i` as shard `i` of another one.
  ShardRecord CopyShard(const Manifest& from, size_t i, std::string_view kind, const Digest& key);
  void Seal(const Manifest& manifest);

  /// Opens shard `i` of a sealed artifact after checking its whole-file digest once per process.
  /// Throws kShardDamaged / kShardMissing with the command that rebuilds it.
  H5Reader Open(const Manifest& manifest, size_t i) const;

  /// Checks every artifact: digests and every HDF5 chunk. Calls `report(path, problem)` for each
  /// fault; returns the number of artifacts looked at.
  size_t Verify(const std::function<void(const std::string&, const std::string&)>& report) const;
  /// Manifests of all sealed artifacts, for `plan`, `status`, `inspect`.
  std::vector<Manifest> List() const;
  /// Artifacts that are begun and not sealed, with kind, key and all shards that are committed,
  /// unread, also behind gaps. Not all stages go on from them: some start over.
  std::vector<Manifest> Begun() const;

 private:
  std::string work_, program_;
  struct Verified;
  std::shared_ptr<Verified> verified_;
};

}  // namespace kinflow
