#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Internal to the store (.cc files only).
namespace kinflow {

/// Pretty text of an object, keys sorted, with a member "checksum" over all the others: a flipped
/// bit is found when it is read.
std::string SealJson(nlohmann::json object);
/// The object if its checksum fits.
std::optional<nlohmann::json> OpenSealedJson(std::string_view text);

/// A whole number that T holds. json::get() would cut fractions, wrap what is too large and take
/// true for 1. Throws json::exception.
template <class T>
T WholeNumber(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    const auto number = value.get<int64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  }
  throw nlohmann::json::other_error::create(501, "not a whole number in range", &value);
}

}  // namespace kinflow
