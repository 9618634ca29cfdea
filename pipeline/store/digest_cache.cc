#include "pipeline/store/digest_cache.h"

#include <algorithm>
#include <chrono>

#include "pipeline/base/error.h"
#include "pipeline/store/sealed_json.h"

namespace kinflow {
namespace {

using nlohmann::json;

// A file changed so recently may change again within the resolution of its times; its digest is
// right now, but the stamp would not show the change.
constexpr int64_t kSettledNs = 2'000'000'000;

// Seconds of reading, which a run that is killed may have to repeat.
constexpr uint64_t kSaveAfterBytes = uint64_t{4} << 30;

bool IsSettled(const FileStamp& stamp) {
  const int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  return now - std::max(stamp.mtime_ns, stamp.ctime_ns) >= kSettledNs;
}

}  // namespace

DigestCache::DigestCache(const std::string& work_folder, bool save)
    : path_(JoinPath(work_folder, "digests.json")), save_(save) {
  if (!FileExists(path_)) return;
  const auto object = OpenSealedJson(ReadFile(path_));
  if (!object) return;
  try {
    for (const json& e : object->at("files")) {
      const FileStamp stamp{
          WholeNumber<uint64_t>(e.at("device")), WholeNumber<uint64_t>(e.at("inode")),
          WholeNumber<uint64_t>(e.at("size")), WholeNumber<int64_t>(e.at("mtime_ns")),
          WholeNumber<int64_t>(e.at("ctime_ns"))};
      const auto digest = Digest::FromHex(e.at("digest").get<std::string>());
      if (digest) entries_[{stamp.device, stamp.inode}] = {stamp, *digest};
    }
  } catch (const json::exception&) {
    entries_.clear();
  }
}

Digest DigestCache::DigestOf(const std::string& path) {
  const FileStamp before = StampOf(path);
  {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find({before.device, before.inode});
    if (it != entries_.end() && it->second.stamp == before) return it->second.digest;
  }
  const Digest digest = HashFile(path);
  if (StampOf(path) != before) {
    throw Error(ErrorId::kReadFailed, "file changed while it was read")
        .InFile(path)
        .Remedy("wait until it is complete, then run again");
  }
  const std::lock_guard lock(mutex_);
  ++files_read_;
  if (IsSettled(before)) {
    entries_[{before.device, before.inode}] = {before, digest};
    unsaved_ = true;
    unsaved_bytes_ += before.size;
    if (unsaved_bytes_ >= kSaveAfterBytes) SaveLocked();
  }
  return digest;
}

void DigestCache::ReadAhead(const std::string& path) {
  try {
    if (IsSettled(StampOf(path))) DigestOf(path);
  } catch (const Error&) {
  }
}

DigestCache::~DigestCache() {
  try {
    Save();
  } catch (const std::exception&) {
  }
}

void DigestCache::Save() {
  const std::lock_guard lock(mutex_);
  SaveLocked();
}

size_t DigestCache::files_read() const {
  const std::lock_guard lock(mutex_);
  return files_read_;
}

void DigestCache::SaveLocked() {
  if (!save_ || !unsaved_) return;
  json files = json::array();
  for (const auto& [id, entry] : entries_) {
    files.push_back({{"device", entry.stamp.device},
                     {"inode", entry.stamp.inode},
                     {"size", entry.stamp.size},
                     {"mtime_ns", entry.stamp.mtime_ns},
                     {"ctime_ns", entry.stamp.ctime_ns},
                     {"digest", entry.digest.Hex()}});
  }
  MakeFolders(FolderOf(path_));
  WriteFileAtomically(path_, SealJson({{"files", files}}));
  unsaved_ = false;
  unsaved_bytes_ = 0;
}

}  // namespace kinflow
