#include "pipeline/app/run_pedigree.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/app/run_record.h"
#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "pipeline/config/config_loader.h"

namespace kinflow {
namespace {

namespace fs = std::filesystem;

/// Paths of a config start from its folder, as that of the output does, which may have moved with
/// it; else the run's record has that folder. "" = not to be told.
std::string PlaceOf(const std::string& file, const std::string& output) {
  const fs::path path = file;
  if (path.is_absolute()) return file;
  const auto own = ReadRunRecord(output, "/config/output/folder");
  const fs::path beside =
      own.is_string() ? path.lexically_relative(own.get<std::string>()) : fs::path();
  std::string moved = beside.empty() ? "" : (output / beside).string();
  if (!moved.empty() && FileExists(moved)) return moved;
  const auto config = ReadRunRecord(output, "/config", kRunFolders);
  return config.is_string() ? JoinPath(config.get<std::string>(), file) : moved;
}

bool HeldThis(const std::string& output, const std::string& file) {
  const auto inputs = ReadRunRecord(output, "/inputs");
  const std::string name = BaseName(file), digest = HashFile(file).Hex();
  return std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) {
    return input.is_object() && input.value("file", "") == name &&
           input.value("xxh3_128", "") == digest;
  });
}

}  // namespace

RunPedigree PedigreeOfRun(const std::vector<std::string>& paths) {
  RunPedigree out;
  if (paths.size() != 1) return out;
  const std::string& output = paths.front();
  const auto pedigree = ReadRunRecord(output, "/config/pedigree");
  if (!pedigree.is_object() || !pedigree.contains("file")) return out;
  const auto read =
      LoadConfigText(pedigree.dump(), JoinPath(output, kRunJson), PedigreeSchema(), {});
  if (!read.errors.empty()) return out;
  PedigreeOptions options = PedigreeOptionsFrom(read.root);
  out.name = BaseName(options.file);
  options.file = PlaceOf(options.file, output);
  if (ReadRunRecord(output, "/config/input/ids").is_string()) {
    out.why_not = "knows people by other ids than the genotypes (input.ids)";
  } else if (options.file.empty()) {
    out.why_not = "has a path that starts from a folder which the run's record does not tell";
  } else if (!FileExists(options.file)) {
    out.why_not = "is not where the run has read it";
  } else if (!HeldThis(output, options.file)) {
    out.why_not = "has changed since the run";
  } else {
    out.options = std::move(options);
  }
  return out;
}

}  // namespace kinflow
