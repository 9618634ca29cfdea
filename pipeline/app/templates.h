#pragma once

#include <span>
#include <string_view>

namespace kinflow {

/// A config that `kinflow init` writes.
struct ConfigTemplate {
  std::string_view name, text;
};

std::span<const ConfigTemplate> Templates();
/// "" if there is none of this name.
std::string_view FindTemplate(std::string_view name);

}  // namespace kinflow
