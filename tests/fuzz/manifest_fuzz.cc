// A JSON text as any of the store's records: manifest, side record, digest cache, lock. If it is an
// object, also with a checksum that fits, which mutations would never find.

#include "pipeline/base/file.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/digest_cache.h"
#include "pipeline/store/sealed_json.h"
#include "pipeline/store/work_lock.h"
#include "tests/fuzz/fuzz_support.h"

using namespace kinflow;
using namespace kinflow::fuzz;

namespace {

void ReadManifest(std::string_view text) {
  Manifest manifest;
  if (!Accepts([&] { manifest = Manifest::FromJson(text, "w/kind/key/manifest.json"); })) return;
  const std::string written = manifest.ToJson();
  const Manifest again = Manifest::FromJson(written, "again");
  Require(again.ToJson() == written && again.ContentDigest() == manifest.ContentDigest() &&
              again.options_json == manifest.options_json,
          "a manifest is another one when written and read");
}

// A manifest of the texts in an object, whose digests are right: what a run writes it reads.
void WriteManifest(const nlohmann::json& object) {
  const auto text = [&](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
  };
  Manifest manifest;
  manifest.stage = text("stage");
  manifest.kind = text("kind");
  manifest.key = HashBytes(object.dump());
  manifest.options_json = object.contains("options") ? object["options"].dump() : "{}";
  manifest.inputs = {{text("stage"), text("kind")}};
  manifest.shards = {{"shard-00000.h5", HashBytes("abc"), 3, 5}};
  manifest.timings = {{text("kind"), 1.5}};
  manifest.program = text("program");
  manifest.warnings = {text("key")};
  Require(Accepts([&] {
            const std::string written = manifest.ToJson();
            Require(Manifest::FromJson(written, "again").ToJson() == written, "another manifest");
          }),
          "a written manifest is refused");
}

// As shard-00000.json beside a shard of three bytes.
void ReadSideRecord(InputFolder& folder, std::string_view text) {
  const std::string work = folder.path() + "/work";
  Accepts([&] {
    ArtifactStore store(work);
    const Digest key = HashBytes("key");
    const std::string artifact = store.FolderOf("qc", key);
    MakeFolders(artifact);
    WriteFileAtomically(artifact + "/shard-00000.h5", "abc");
    WriteFileAtomically(artifact + "/shard-00000.json", text);
    const auto shards = store.CommittedShards("qc", key);
    Require(shards.size() <= 1, "too many shards");
    if (!shards.empty()) {
      Require(shards[0].bytes == 3 && shards[0].digest == HashBytes("abc"), "a shard not its own");
    }
  });
  RemoveTree(work);
}

void ReadRecords(InputFolder& folder, std::string_view text) {
  ReadManifest(text);
  folder.Write("digests.json", text);
  folder.Write("lock.json", text);
  Accepts([&] { DigestCache cache(folder.path()); });
  Accepts([&] {
    const auto lock = ReadLock(folder.path());
    Require(lock.has_value(), "a lock file is no lock");
    if (lock->readable) lock->IsDead();
  });
  ReadSideRecord(folder, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static InputFolder folder;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadRecords(folder, text);
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_object()) {
    WriteManifest(object);
    ReadRecords(folder, SealJson(std::move(object)));
  }
  folder.RequireOnlyInputs();
  return 0;
}
