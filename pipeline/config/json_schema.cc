#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/base/number.h"
#include "pipeline/config/config_loader.h"
#include "pipeline/config/validator.h"

namespace kinflow {
namespace {

using Json = nlohmann::ordered_json;
using Type = SchemaNode::Type;

Json FromConfig(const ConfigNode& node) { return Json::parse(node.ToJson()); }

// A whole bound is written without a fraction.
Json Bound(double value) { return Json::parse(FormatDouble(value)); }

// JSON types of the values that the reader takes. A text key takes any scalar as it is written.
std::vector<std::string> JsonTypes(const SchemaNode& schema) {
  switch (schema.type) {
    case Type::kBool:
      return {"boolean"};
    case Type::kInt:
      return {"integer"};
    case Type::kNumber:
      return {"number"};
    case Type::kText:
      return {"string", "number", "boolean"};
    case Type::kChoice:
      return {"string"};
    case Type::kMap:
    case Type::kFreeMap:
      return {"object"};
    case Type::kList: {
      std::vector<std::string> types = {"array"};
      if (!schema.text_or_list) return types;
      for (auto& type : JsonTypes(schema.children.at(0))) types.push_back(std::move(type));
      return types;
    }
  }
  return {};
}

Json Describe(const SchemaNode& schema);

void DescribeMap(const SchemaNode& schema, Json& out) {
  Json properties = Json::object(), required = Json::array();
  for (const SchemaNode& child : schema.children) {
    properties[child.name] = Describe(child);
    if (MustBeGiven(child)) required.push_back(child.name);
  }
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  if (!required.empty()) out["required"] = std::move(required);
}

Json Describe(const SchemaNode& schema) {
  Json out = Json::object();
  if (!schema.help.empty()) out["description"] = schema.help;
  std::vector<std::string> types = JsonTypes(schema);
  const bool null_allowed = schema.nullable || (TakesEmpty(schema) && !MustBeGiven(schema));
  if (null_allowed) types.push_back("null");
  out["type"] = types.size() == 1 ? Json(types[0]) : Json(types);

  if (schema.type == Type::kChoice) {
    out["enum"] = schema.choices;
    if (null_allowed) out["enum"].push_back(nullptr);
  }
  if (schema.type == Type::kText && schema.required) out["minLength"] = 1;
  if (std::isfinite(schema.minimum)) out["minimum"] = Bound(schema.minimum);
  if (std::isfinite(schema.maximum)) out["maximum"] = Bound(schema.maximum);
  if (schema.type == Type::kList) {
    out["items"] = Describe(schema.children.at(0));
    if (schema.required) out["minItems"] = 1;
  }
  if (schema.type == Type::kMap) DescribeMap(schema, out);
  if (schema.type == Type::kFreeMap) {
    out["additionalProperties"] = Describe(schema.children.at(0));
  }
  const bool scalar_or_list = schema.type != Type::kMap && schema.type != Type::kFreeMap;
  if (scalar_or_list && !schema.name.empty() && !MustBeGiven(schema)) {
    out["default"] = FromConfig(DefaultOf(schema));
  }
  return out;
}

}  // namespace

std::string JsonSchema(const SchemaNode& schema) {
  Json out = Json::object();
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["title"] = "kinflow config";
  const Json root = Describe(schema);
  for (const auto& [key, value] : root.items()) out[key] = value;
  out["type"] = "object";
  if (out["properties"].contains("schema_version")) {
    Json& version = out["properties"]["schema_version"];
    for (const char* key : {"minimum", "maximum", "default"}) version.erase(key);
    version["const"] = kConfigSchemaVersion;
    Json required = Json::array({"schema_version"});
    for (const auto& name : out.value("required", Json::array())) {
      if (name != "schema_version") required.push_back(name);
    }
    out["required"] = std::move(required);
  }
  return out.dump(2) + "\n";
}

}  // namespace kinflow
