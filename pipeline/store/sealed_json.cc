#include "pipeline/store/sealed_json.h"

#include "pipeline/base/hash.h"

namespace kinflow {
namespace {

constexpr char kChecksum[] = "checksum";
constexpr int kMostLevels = 100;

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
  // What is nested deeper than any record is dropped, and the checksum does not fit then: to write
  // such a value out would take a stack frame a level.
  const auto is_shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth < kMostLevels;
  };
  nlohmann::json object = nlohmann::json::parse(text, is_shallow, false);
  if (!object.is_object() || !object.contains(kChecksum) || !object[kChecksum].is_string()) {
    return std::nullopt;
  }
  const std::string checksum = object[kChecksum].get<std::string>();
  object.erase(kChecksum);
  if (HashBytes(Dump(object, -1)).Hex() != checksum) return std::nullopt;
  return object;
}

}  // namespace kinflow
