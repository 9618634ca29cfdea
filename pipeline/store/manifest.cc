#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/store/artifact_store.h"
#include "pipeline/store/remedy.h"
#include "pipeline/store/sealed_json.h"
#include "pipeline/store/shard_record.h"

namespace kinflow {
namespace {

using nlohmann::json;

constexpr int kManifestFormat = 1;

Error Damaged(const std::string& what, const std::string& path) {
  return Error(ErrorId::kManifestDamaged, what).InFile(path).Remedy(RebuildRemedy(FolderOf(path)));
}

// Options are shown as an object where that gives back exactly the same text, else as a string.
json OptionsToJson(const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_object() && parsed.dump() == text) return parsed;
  return text;
}

std::string OptionsFromJson(const json& options) {
  return options.is_string() ? options.get<std::string>() : options.dump();
}

Digest DigestFrom(const json& value) {
  const auto digest = Digest::FromHex(value.get<std::string>());
  if (!digest) throw json::other_error::create(501, "not a digest", &value);
  return *digest;
}

}  // namespace

json RecordToJson(const ShardRecord& record) {
  return {{"name", record.name},
          {"digest", record.digest.Hex()},
          {"bytes", record.bytes},
          {"rows", record.rows}};
}

ShardRecord RecordFromJson(const json& value) {
  return {value.at("name").get<std::string>(), DigestFrom(value.at("digest")),
          WholeNumber<uint64_t>(value.at("bytes")), WholeNumber<uint64_t>(value.at("rows"))};
}

Digest Manifest::ContentDigest() const {
  Hasher hasher;
  hasher.AddField(kind);
  hasher.AddField(uint64_t{version});
  hasher.AddField(key.high);
  hasher.AddField(key.low);
  for (const ShardRecord& shard : shards) {
    hasher.AddField(shard.name);
    hasher.AddField(shard.digest.high);
    hasher.AddField(shard.digest.low);
  }
  return hasher.Finish();
}

std::string Manifest::ToJson() const {
  json list = json::array();
  for (const ShardRecord& shard : shards) list.push_back(RecordToJson(shard));
  json times = json::object();
  for (const auto& [name, seconds] : timings) {
    if (std::isfinite(seconds)) times[name] = seconds;
  }
  return SealJson({{"format", kManifestFormat},
                   {"stage", stage},
                   {"kind", kind},
                   {"version", version},
                   {"key", key.Hex()},
                   {"options", OptionsToJson(options_json)},
                   {"inputs", inputs},
                   {"shards", list},
                   {"content_digest", ContentDigest().Hex()},
                   {"timings", times},
                   {"program", program},
                   {"warnings", warnings}});
}

Manifest Manifest::FromJson(std::string_view text, const std::string& path) {
  const auto object = OpenSealedJson(text);
  if (!object) throw Damaged("manifest does not fit its checksum", path);
  Manifest m;
  try {
    if (object->at("format") != kManifestFormat) {
      throw Damaged("manifest was written by another version of kinflow", path);
    }
    m.stage = object->at("stage").get<std::string>();
    m.kind = object->at("kind").get<std::string>();
    m.version = WholeNumber<uint32_t>(object->at("version"));
    m.key = DigestFrom(object->at("key"));
    m.options_json = OptionsFromJson(object->at("options"));
    m.inputs = object->at("inputs").get<std::map<std::string, std::string>>();
    for (const json& shard : object->at("shards")) m.shards.push_back(RecordFromJson(shard));
    m.timings = object->at("timings").get<std::map<std::string, double>>();
    m.program = object->at("program").get<std::string>();
    m.warnings = object->at("warnings").get<std::vector<std::string>>();
    if (DigestFrom(object->at("content_digest")) != m.ContentDigest()) {
      throw Damaged("manifest does not fit its content digest", path);
    }
  } catch (const json::exception&) {
    throw Damaged("manifest has a member missing or of the wrong type", path);
  }
  return m;
}

}  // namespace kinflow
