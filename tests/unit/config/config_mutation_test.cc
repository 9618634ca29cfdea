#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/base/philox.h"
#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

// Every key of the schema is there and has the schema's type and range.
void ExpectFits(const SchemaNode& schema, const ConfigNode& node) {
  using Type = SchemaNode::Type;
  using Kind = ConfigNode::Kind;
  if (node.is_null()) {
    EXPECT_TRUE(schema.nullable) << schema.name;
    return;
  }
  switch (schema.type) {
    case Type::kBool:
      EXPECT_EQ(node.kind(), Kind::kBool);
      break;
    case Type::kInt:
      EXPECT_EQ(node.kind(), Kind::kInt);
      break;
    case Type::kNumber:
      EXPECT_EQ(node.kind(), Kind::kNumber);
      break;
    case Type::kText:
      EXPECT_EQ(node.kind(), Kind::kText);
      break;
    case Type::kChoice:
      EXPECT_EQ(std::count(schema.choices.begin(), schema.choices.end(), node.Text("")), 1);
      break;
    case Type::kList:
      ASSERT_EQ(node.kind(), Kind::kList);
      for (const auto& item : node.items()) ExpectFits(schema.children[0], item);
      break;
    case Type::kFreeMap:
      ASSERT_EQ(node.kind(), Kind::kMap);
      for (const auto& [key, value] : node.members()) ExpectFits(schema.children[0], value);
      break;
    case Type::kMap:
      ASSERT_EQ(node.kind(), Kind::kMap);
      ASSERT_EQ(node.members().size(), schema.children.size());
      for (const auto& child : schema.children) ExpectFits(child, node.At(child.name));
      break;
  }
  if (schema.type == Type::kInt || schema.type == Type::kNumber) {
    EXPECT_GE(node.Number(""), schema.minimum) << schema.name;
    EXPECT_LE(node.Number(""), schema.maximum) << schema.name;
  }
}

std::string Mutate(std::string text, Philox& random) {
  static const std::string kBytes = "{}[]:,-#&*!|>'\"%@`?~<= \n\t\r\\0123456789.eExabyn_/";
  const auto edits = 1 + random.Below(4);
  for (uint64_t e = 0; e < edits && !text.empty(); ++e) {
    const size_t at = random.Below(text.size());
    const char c = random.Below(8) == 0 ? static_cast<char>(random.Below(256))
                                        : kBytes[random.Below(kBytes.size())];
    switch (random.Below(5)) {
      case 0:
        text[at] = c;
        break;
      case 1:
        text.insert(at, 1, c);
        break;
      case 2:
        text.erase(at, 1 + random.Below(4));
        break;
      case 3:
        text.insert(random.Below(text.size()), text.substr(at, random.Below(30)));
        break;
      default:
        text.resize(at + 1);
        break;
    }
  }
  return text;
}

// Damaged configs are refused or read right, never half read: what is accepted has every type as
// declared, and its canonical JSON (which is YAML too) reads back to the same values.
TEST(ConfigMutation, DamagedConfigsAreRefusedOrReadRight) {
  constexpr uint64_t kSeed = 20240229;
  constexpr int kRounds = 8000;
  const SchemaNode schema = TestSchema();
  int accepted = 0;
  for (int i = 0; i < kRounds; ++i) {
    Philox random(kSeed, static_cast<uint64_t>(i));
    const std::string text = Mutate(kGoodConfig, random);
    const ConfigResult r = LoadConfigText(text, "f.yaml", schema, {});
    if (!r.errors.empty()) {
      for (const auto& e : r.errors) EXPECT_EQ(e.exit_code(), ExitCode::kConfig);
      continue;
    }
    ++accepted;
    ExpectFits(schema, r.root);
    const std::string json = r.root.ToJson();
    if (json.find('\x7f') != std::string::npos) continue;  // an escape may write what text may not
    const ConfigResult again = LoadConfigText(json, "f.json", schema, {});
    ASSERT_TRUE(again.errors.empty()) << "round " << i << "\n" << text << Messages(again);
    ASSERT_EQ(again.root.ToJson(), json) << "round " << i << "\n" << text;
    if (HasFailure()) FAIL() << "round " << i << " of seed " << kSeed << "\n" << text;
  }
  // Both branches must have been walked, else the test shows nothing.
  EXPECT_GT(accepted, kRounds / 20);
  EXPECT_LT(accepted, kRounds * 9 / 10);
}

TEST(ConfigMutation, DamagedOverrides) {
  const std::vector<std::string> good = {"qc.variant.maf=0.2", "accept=[a, \"b\"]",
                                         "analyses.0.id=m", "scales={a: 1}"};
  for (int i = 0; i < 4000; ++i) {
    Philox random(7, static_cast<uint64_t>(i));
    const std::string set = Mutate(good[random.Below(good.size())], random);
    const ConfigResult r = Load(kGoodConfig, {set});
    if (r.errors.empty()) ExpectFits(TestSchema(), r.root);
    for (const auto& e : r.errors) EXPECT_EQ(e.file(), "--set") << set << e.Format();
  }
}

}  // namespace
}  // namespace kinflow::test
