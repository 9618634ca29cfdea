#include "pipeline/store/sealed_json.h"

#include "pipeline/base/hash.h"

namespace kinflow {
namespace {

constexpr char kChecksum[] = "checksum";

std::string Dump(const nlohmann::json& object, int indent) {
  // Bytes that are not UTF-8 (a path, say) are replaced instead of throwing.
  return object.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string SealJson(nlohmann::json object) {
  object.erase(kChecksum);
  // Through text once: what is sealed is what a reader will see.
  object = nlohmann::json::parse(Dump(object, -1));
  object[kChecksum] = HashBytes(Dump(object, -1)).Hex();
  return Dump(object, 2) + "\n";
}

std::optional<nlohmann::json> OpenSealedJson(std::string_view text) {
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains(kChecksum) || !object[kChecksum].is_string()) {
    return std::nullopt;
  }
  const std::string checksum = object[kChecksum].get<std::string>();
  object.erase(kChecksum);
  if (HashBytes(Dump(object, -1)).Hex() != checksum) return std::nullopt;
  return object;
}

}  // namespace kinflow
