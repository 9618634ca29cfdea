#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

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

const char* TypeName(Type type) {
  switch (type) {
    case Type::kBool: return "boolean";
    case Type::kInt: return "integer";
    case Type::kNumber: return "number";
    case Type::kText:
    case Type::kChoice: return "string";
    case Type::kList: return "array";
    case Type::kMap:
    case Type::kFreeMap: return "object";
  }
  return "string";
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
  const bool collection =
      schema.type == Type::kList || schema.type == Type::kMap || schema.type == Type::kFreeMap;
  // A collection key without a value means an empty one, unless it is required.
  const bool null_allowed = schema.nullable || (collection && !MustBeGiven(schema));
  Json types = Json::array({TypeName(schema.type)});
  if (schema.type == Type::kList && schema.text_or_list) {
    types.push_back(TypeName(schema.children.at(0).type));
  }
  if (null_allowed) types.push_back("null");
  out["type"] = types.size() == 1 ? types[0] : types;

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
    version["const"] = kSchemaVersion;
    Json required = Json::array({"schema_version"});
    for (const auto& name : out.value("required", Json::array())) {
      if (name != "schema_version") required.push_back(name);
    }
    out["required"] = std::move(required);
  }
  return out.dump(2) + "\n";
}

}  // namespace kinflow
