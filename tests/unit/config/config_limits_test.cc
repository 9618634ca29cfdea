#include <gtest/gtest.h>

#include <ctime>

#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

using namespace std::string_literals;

const std::string kHead = "schema_version: 1\ninput: {genotypes: a.bed}\n";

struct Case {
  const char* name;
  std::string yaml;
  ErrorId id;
  uint64_t line;
};

class ConfigRefuses : public testing::TestWithParam<Case> {};

TEST_P(ConfigRefuses, Text) {
  const ConfigResult r = Load(GetParam().yaml);
  ASSERT_FALSE(r.errors.empty());
  EXPECT_EQ(r.errors[0].id(), GetParam().id) << Messages(r);
  EXPECT_EQ(r.errors[0].line(), GetParam().line) << Messages(r);
  EXPECT_EQ(r.errors[0].exit_code(), ExitCode::kConfig);
  EXPECT_FALSE(r.errors[0].remedy().empty());
}

constexpr auto kFeature = ErrorId::kYamlFeature;

const Case kCases[] = {
    {"Anchor", kHead + "accept: &a [x]\n", kFeature, 3},
    {"AnchorOnScalar", kHead + "resources: {country: &a x}\n", kFeature, 3},
    {"Alias", kHead + "accept: &a [x]\nfiles: *a\n", kFeature, 3},
    {"UndefinedAlias", kHead + "files: *a\n", kFeature, 3},
    {"AliasToItself", kHead + "accept: &a [*a]\n", kFeature, 3},
    {"MergeKey", kHead + "qc: {<<: {mid_p: true}}\n", kFeature, 3},
    {"Tag", kHead + "accept: [!!str x]\n", kFeature, 3},
    {"TagOnMap", kHead + "qc: !!map {mid_p: true}\n", kFeature, 3},
    {"NonSpecificTag", kHead + "resources: {country: ! x}\n", kFeature, 3},
    {"TagOnNothing", kHead + "pedigree: !!null\n", kFeature, 3},
    {"TaggedKey", kHead + "!!str qc: {mid_p: true}\n", kFeature, 3},
    {"SecondDocument", kHead + "---\nschema_version: 1\n", kFeature, 3},
    {"DocumentAfterEnd", kHead + "...\nmore: 1\n", kFeature, 4},
    {"StrayBracket", "]\n" + kHead, ErrorId::kYamlSyntax, 1},
    {"StrayBracketAtEnd", kHead + "]\n", ErrorId::kYamlSyntax, 3},
    {"Glob", kHead + "files: *.txt.gz\n", kFeature, 3},
    {"Directive", "%YAML 1.2\n---\n" + kHead, kFeature, 1},
    {"ListAsKey", kHead + "? [a, b]\n: 1\n", kFeature, 3},
    {"MapAsKey", kHead + "{a: 1}: 1\n", kFeature, 3},
    {"NullKey", kHead + "~: 1\n", kFeature, 3},
    {"TabIndent", kHead + "qc:\n\tmid_p: true\n", kFeature, 4},
    {"TabInValue", kHead + "accept: [a,\tb]\n", kFeature, 3},
    {"ByteOrderMark", "\xEF\xBB\xBF" + kHead, kFeature, 1},
    {"Utf16", "\xFF\xFEs\0c\0"s, kFeature, 1},
    {"Nul", kHead + "accept: ['a\0b']\n"s, kFeature, 3},
    {"EscapedNul", kHead + "accept: [\"a\\0b\"]\n", kFeature, 3},
    {"Escape", kHead + "accept: ['\x1b[31m']\n", kFeature, 3},
    {"LoneCarriageReturn", "schema_version: 1\rinput: {genotypes: a}\n", kFeature, 1},
    {"Latin1", kHead + "accept: [\xF8re]\n", kFeature, 3},
    {"OverlongUtf8", kHead + "accept: [\xC0\xAF]\n", kFeature, 3},
    {"SurrogateUtf8", kHead + "accept: [\xED\xA0\x80]\n", kFeature, 3},
    {"CutUtf8", kHead + "accept: [\xE2\x82", kFeature, 3},
    {"TooDeep", kHead + "scales: " + std::string(40, '[') + std::string(40, ']') + "\n",
     ErrorId::kConfigLimits, 3},
    {"Unclosed", kHead + "accept: [a\n", ErrorId::kYamlSyntax, 4},
    {"UnclosedQuote", kHead + "accept: ['a\n", ErrorId::kYamlSyntax, 4},
    {"NoBlankAfterColon", "schema_version:1\n", ErrorId::kConfigType, 1},
};

INSTANTIATE_TEST_SUITE_P(All, ConfigRefuses, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ConfigLimits, DepthOf32IsAllowed) {
  using namespace schema;
  SchemaNode node = TextList("", "");
  for (int i = 0; i < 30; ++i) node = List("", "", node);
  const SchemaNode root = Map("", "", {List("a", "", node.children[0])});
  const auto load = [&](size_t depth) {
    return LoadConfigText("a: " + std::string(depth, '[') + std::string(depth, ']'), "f", root, {});
  };
  EXPECT_TRUE(load(31).errors.empty()) << Messages(load(31));  // and the map around it
  EXPECT_EQ(load(32).errors.at(0).id(), ErrorId::kConfigLimits);
}

TEST(ConfigLimits, SizeLimitIsOneMebibyte) {
  const std::string fits = kHead + "#" + std::string((1 << 20) - kHead.size() - 2, 'x') + "\n";
  ASSERT_EQ(fits.size(), size_t{1} << 20);
  EXPECT_TRUE(Load(fits).errors.empty());
  const ConfigResult r = Load(fits + "\n");
  ASSERT_EQ(r.errors.size(), 1u);
  EXPECT_EQ(r.errors[0].id(), ErrorId::kConfigLimits);
}

// Shapes that are cheap to write and dear to read: each must be refused, or read, in short time.
TEST(ConfigLimits, HostileShapesEndQuickly) {
  const size_t n = 500000;
  std::string pairs, keys, bomb = "a: &a [x]\n";
  for (int i = 0; i < 50000; ++i) {
    pairs += "a: 1\n";
    keys += "k" + std::to_string(i) + ": 1\n";
  }
  for (int i = 0; i < 12; ++i) bomb += "b" + std::to_string(i) + ": [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n";
  std::string indents;
  for (int i = 0; i < 1000; ++i) indents += std::string(i, ' ') + "- \n";
  const std::vector<std::string> shapes = {std::string(n, '['),
                                           std::string(n, '{'),
                                           std::string(n, '-'),
                                           "- " + std::string(n, '\n'),
                                           std::string(n, '"'),
                                           std::string(n, '&'),
                                           "a: " + std::string(n, 'x'),
                                           "a: [" + std::string(n, ','),
                                           "? " + std::string(n / 2, '?'),
                                           "a: '" + std::string(n, 'x'),
                                           std::string(n, ':'),
                                           pairs,
                                           keys,
                                           bomb,
                                           indents,
                                           "a: |\n" + std::string(n, ' '),
                                           std::string(n, '#'),
                                           std::string(n, '!')};
  for (const auto& shape : shapes) {
    const std::clock_t start = std::clock();  // of this process: others do not slow it down
    const ConfigResult r = Load(shape);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_FALSE(r.errors.empty());
    EXPECT_LE(r.errors.size(), 1001u);
    EXPECT_LT(seconds, 20.0) << shape.substr(0, 20);
    for (const auto& e : r.errors) EXPECT_LT(e.Format().size(), 2000u);
  }
}

}  // namespace
}  // namespace kinflow::test
