#include "pipeline/config/config_node.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

TEST(ConfigNode, WrongUseIsAnInternalError) {
  const ConfigNode node = Load(kGoodConfig).root;
  const auto id = [](auto&& call) {
    try {
      call();
    } catch (const Error& e) {
      return e.id();
    }
    return ErrorId::kStopped;
  };
  EXPECT_EQ(id([&] { node.At("qc.nothing"); }), ErrorId::kInternal);
  EXPECT_EQ(id([&] { node.At("analyses.9"); }), ErrorId::kInternal);
  EXPECT_EQ(id([&] { node.Text("qc.variant.maf"); }), ErrorId::kInternal);
  EXPECT_EQ(id([&] { node.Int("qc.variant.maf"); }), ErrorId::kInternal);
  EXPECT_EQ(id([&] { node.Bool("input.field"); }), ErrorId::kInternal);
  EXPECT_EQ(id([&] { node.TextList("input.field"); }), ErrorId::kInternal);
}

TEST(ConfigNode, HasMeansPresentAndNotNull) {
  const ConfigNode node = Load(kGoodConfig).root;
  EXPECT_TRUE(node.Has("pedigree.file"));
  EXPECT_TRUE(node.Has("analyses.1.weight"));
  EXPECT_FALSE(node.Has("analyses.0.weight"));
  EXPECT_FALSE(node.Has("nothing.at.all"));
}

TEST(ConfigNode, JsonOfNumbersAndTexts) {
  EXPECT_EQ(ConfigNode::OfNumber(0.1, "").ToJson(), "0.1");
  EXPECT_EQ(ConfigNode::OfNumber(1e-6, "").ToJson(), "1e-06");
  EXPECT_EQ(ConfigNode::OfNumber(3, "").ToJson(), ConfigNode::OfInt(3, "").ToJson());
  EXPECT_EQ(ConfigNode::OfText("a\"\n\xC3\xB8", "").ToJson(), "\"a\\\"\\n\xC3\xB8\"");
  EXPECT_EQ(
      ConfigNode::OfMap({{"b", ConfigNode::OfBool(true, "")}, {"a", ConfigNode::Null("")}}, "")
          .ToJson(),
      R"({"a":null,"b":true})");
}

// A default that the schema itself would refuse is found when the schema is first used.
TEST(ConfigNode, BadDefaultIsAnInternalError) {
  using namespace schema;
  EXPECT_THROW(LoadConfigText("{}", "f", Map("", "", {Int("a", "")}), {}), Error);
  EXPECT_THROW(
      LoadConfigText("{}", "f", Map("", "", {Number("a", "").Within(0, 1).Default("2")}), {}),
      Error);
}

}  // namespace
}  // namespace kinflow::test
