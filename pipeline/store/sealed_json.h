#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Internal to the store (.cc files only).
namespace kinflow {

/// Pretty text of an object, keys sorted, with a member "checksum" over all the others: a flipped
/// bit is found when it is read.
std::string SealJson(nlohmann::json object);
/// The object if its checksum fits.
std::optional<nlohmann::json> OpenSealedJson(std::string_view text);

}  // namespace kinflow
