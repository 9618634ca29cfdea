#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pipeline/store/artifact_store.h"

// Internal to the store (.cc files only).
namespace kinflow {

nlohmann::json RecordToJson(const ShardRecord& record);
ShardRecord RecordFromJson(const nlohmann::json& value);  // throws nlohmann::json::exception

/// "shard-00007.h5", "shard-00007.json".
std::string ShardName(uint32_t index);
std::string SideName(uint32_t index);
/// The side record of shard `index`; none if it is absent or damaged.
std::optional<ShardRecord> ReadSideRecord(const std::string& folder, uint32_t index);

}  // namespace kinflow
