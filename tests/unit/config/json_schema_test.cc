#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

using Json = nlohmann::json;

TEST(JsonSchema, DeclaresDialectAndVersion) {
  const Json s = Json::parse(JsonSchema(TestSchema()));
  EXPECT_EQ(s["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(s["type"], "object");
  EXPECT_EQ(s["properties"]["schema_version"]["const"], kConfigSchemaVersion);
  // `input` holds a required key and is not optional, so it is required as well.
  EXPECT_EQ(s["required"], Json::array({"schema_version", "input"}));
}

TEST(JsonSchema, KeywordsFollowTheSchema) {
  const Json p = Json::parse(JsonSchema(TestSchema()))["properties"];
  const Json maf = p["qc"]["properties"]["variant"]["properties"]["maf"];
  EXPECT_EQ(maf, Json({{"description", "minor allele frequency"},
                       {"type", "number"},
                       {"minimum", 0},
                       {"maximum", 0.5},
                       {"default", 0.01}}));
  EXPECT_EQ(p["input"]["properties"]["field"]["enum"], Json::array({"auto", "DS", "GT"}));
  EXPECT_EQ(p["pedigree"]["type"], Json::array({"object", "null"}));
  EXPECT_EQ(p["pedigree"]["required"], Json::array({"file"}));
  EXPECT_EQ(p["steps"]["default"], Json::array({"mother", "father"}));
  EXPECT_EQ(p["steps"]["type"], "array");  // `steps:` without a value is refused
  EXPECT_EQ(p["files"]["type"], Json::array({"array", "string", "number", "boolean", "null"}));
  EXPECT_EQ(p["analyses"]["items"]["required"], Json::array({"id"}));
  EXPECT_EQ(p["scales"]["additionalProperties"]["maximum"], 1000);
}

void ExpectClosed(const Json& node) {
  if (node.contains("properties")) {
    EXPECT_TRUE(node.contains("additionalProperties"));
    EXPECT_EQ(node["additionalProperties"], false);
    for (const auto& [name, child] : node["properties"].items()) {
      EXPECT_FALSE(child.value("description", "").empty()) << name;
      ExpectClosed(child);
    }
  }
  if (node.contains("items")) ExpectClosed(node["items"]);
}

TEST(JsonSchema, EveryMapIsClosedAndEveryKeyDescribed) {
  ExpectClosed(Json::parse(JsonSchema(TestSchema())));
}

// The subset of JSON Schema that is used here, so that the published schema and the reader can be
// compared on the same documents.
bool Fits(const Json& s, const Json& v) {
  const Json types = s["type"].is_array() ? s["type"] : Json::array({s["type"]});
  const auto has_type = [&](const Json& type) {
    if (type == "integer") return v.is_number_integer();
    if (type == "number") return v.is_number();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_boolean();
    if (type == "array") return v.is_array();
    return type == "null" ? v.is_null() : v.is_object();
  };
  if (!std::any_of(types.begin(), types.end(), has_type)) return false;
  if (s.contains("const") && v != s["const"]) return false;
  if (s.contains("enum") && std::find(s["enum"].begin(), s["enum"].end(), v) == s["enum"].end()) {
    return false;
  }
  if (v.is_number() && s.contains("minimum") && v < s["minimum"]) return false;
  if (v.is_number() && s.contains("maximum") && v > s["maximum"]) return false;
  if (v.is_string() && s.contains("minLength") && v.get<std::string>().empty()) return false;
  if (v.is_array()) {
    for (const auto& item : v) {
      if (!Fits(s["items"], item)) return false;
    }
  }
  if (!v.is_object()) return true;
  for (const auto& name : s.value("required", Json::array())) {
    if (!v.contains(name.get<std::string>())) return false;
  }
  for (const auto& [key, value] : v.items()) {
    const bool known = s.contains("properties") && s["properties"].contains(key);
    const Json rule = known ? s["properties"][key] : s["additionalProperties"];
    if (rule == false || !Fits(rule, value)) return false;
  }
  return true;
}

TEST(JsonSchema, AgreesWithTheReader) {
  const Json schema = Json::parse(JsonSchema(TestSchema()));
  const Json good = Json::parse(R"({"schema_version": 1, "input": {"genotypes": "a"}})");
  const std::vector<std::pair<std::string, Json>> edits = {
      {"/input/field", "DS"},
      {"/input/field", "XX"},
      {"/input/field", nullptr},
      {"/input/genotypes", ""},
      {"/input/genotypes", 5},
      {"/input/genotypes", Json::array()},
      {"/qc", nullptr},
      {"/qc", 1},
      {"/qc/mid_p", true},
      {"/qc/mid_p", "true"},
      {"/qc/mid_p", nullptr},
      {"/qc/variant/maf", 0.5},
      {"/qc/variant/maf", 0.51},
      {"/qc/variant/maf", "x"},
      {"/qc/variant/maf", nullptr},
      {"/qc/variant/hwe_p", nullptr},
      {"/qc/variant/min_count", 100},
      {"/qc/variant/min_count", 101},
      {"/qc/variant/min_count", 1.5},
      {"/qc/other", 1},
      {"/accept", nullptr},
      {"/accept", "x"},
      {"/accept", Json::array({"x", 1})},
      {"/steps", nullptr},
      {"/steps", Json::array()},
      {"/files", "x"},
      {"/files", nullptr},
      {"/files", Json::object()},
      {"/pedigree", nullptr},
      {"/pedigree", Json::object()},
      {"/analyses", Json::array({Json::object()})},
      {"/analyses", Json::array({nullptr})},
      {"/analyses", Json::array({{{"id", "a"}, {"weight", nullptr}}})},
      {"/scales/a", 5},
      {"/scales/a", -5},
      {"/scales/a", nullptr},
      {"/schema_version", 2},
      {"/schema_version", "1"},
      {"/input", nullptr},
  };
  int refused = 0;
  for (const auto& [where, value] : edits) {
    Json doc = good;
    doc[Json::json_pointer(where)] = value;
    const bool reads = Load(doc.dump()).errors.empty();
    EXPECT_EQ(Fits(schema, doc), reads) << doc.dump() << "\n" << Messages(Load(doc.dump()));
    refused += reads ? 0 : 1;
  }
  EXPECT_GT(refused, 15);
  EXPECT_LT(refused, static_cast<int>(edits.size()) - 10);
}

}  // namespace
}  // namespace kinflow::test
