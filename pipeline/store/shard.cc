#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/sealed_json.h"
#include "pipeline/store/shard_record.h"
#include "pipeline/store/verify.h"

namespace kinflow {

std::string ShardName(uint32_t index) { return fmt::format("shard-{:05}.h5", index); }
std::string SideName(uint32_t index) { return fmt::format("shard-{:05}.json", index); }

std::optional<ShardRecord> ReadSideRecord(const std::string& folder, uint32_t index) {
  const std::string path = JoinPath(folder, SideName(index));
  if (!FileExists(path)) return std::nullopt;
  const auto object = OpenSealedJson(ReadFile(path));
  if (!object) return std::nullopt;
  try {
    ShardRecord record = RecordFromJson(*object);
    if (record.name != ShardName(index)) return std::nullopt;
    return record;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

struct ArtifactStore::Shard::Impl {
  std::string folder, partial;
  uint32_t index;
  std::unique_ptr<H5Writer> file;
  bool committed = false;
};

ArtifactStore::Shard::Shard(std::string folder, uint32_t index) : impl_(std::make_unique<Impl>()) {
  impl_->folder = std::move(folder);
  impl_->index = index;
  impl_->partial = PartialName(JoinPath(impl_->folder, ShardName(index)));
  impl_->file = std::make_unique<H5Writer>(impl_->partial);
}

ArtifactStore::Shard::~Shard() {
  if (impl_->committed) return;
  impl_->file.reset();
  ::unlink(impl_->partial.c_str());
}

H5Writer& ArtifactStore::Shard::file() { return *impl_->file; }

ShardRecord ArtifactStore::Shard::Commit(uint64_t rows) {
  impl_->file->Close();
  // The disk may have been full for one write only: nothing is published that does not read back.
  VerifyH5File(impl_->partial, VerifyDepth::kChecksums);
  ShardRecord record{ShardName(impl_->index), HashFile(impl_->partial),
                     StampOf(impl_->partial).size, rows};
  const std::string side = JoinPath(impl_->folder, SideName(impl_->index));
  const auto old = ReadSideRecord(impl_->folder, impl_->index);
  // A record of other bytes must not lie beside the new file, not even for a moment.
  const bool again = old && old->digest == record.digest;
  if (!again) RemoveFile(side);
  const std::string path = JoinPath(impl_->folder, record.name);
  PublishFile(impl_->partial, path);
  impl_->committed = true;
  try {
    WriteFileAtomically(side, SealJson(RecordToJson(record)));
  } catch (...) {
    if (!again) ::unlink(path.c_str());  // without its record it only takes space
    throw;
  }
  return record;
}

}  // namespace kinflow
