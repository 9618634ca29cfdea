#include <gtest/gtest.h>

#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

const std::string kHead = "schema_version: 1\ninput: {genotypes: a.bed}\n";

struct Case {
  const char* name;
  std::string yaml;  // behind kHead, so it begins on line 3
  std::string golden;
};

class ConfigErrors : public testing::TestWithParam<Case> {};

TEST_P(ConfigErrors, Golden) {
  const ConfigResult r = Load(kHead + GetParam().yaml);
  EXPECT_EQ(Messages(r), GetParam().golden);
  for (const auto& error : r.errors) EXPECT_EQ(error.exit_code(), ExitCode::kConfig);
}

const Case kCases[] = {
    {"NotANumber", "qc:\n  variant:\n    maf: 0.01x\n",
     "run.yaml:5:10: error[E0302] qc.variant.maf: expected a number in [0, 0.5], got \"0.01x\"\n"
     "  5 |     maf: 0.01x\n"
     "    |          ^\n"
     "  where:  field qc.variant.maf\n"
     "  value:  \"0.01x\"\n"
     "  remedy: write a decimal number such as 0.01 or 1e-6\n"},
    {"OutOfRange", "qc: {variant: {maf: 0.6}}\n",
     "run.yaml:3:21: error[E0303] qc.variant.maf: expected a number in [0, 0.5], got \"0.6\"\n"
     "  3 | qc: {variant: {maf: 0.6}}\n"
     "    |                     ^\n"
     "  where:  field qc.variant.maf\n"
     "  value:  \"0.6\"\n"
     "  remedy: choose a value within these bounds\n"},
    {"QuotedNumber", "qc: {variant: {maf: \"0.1\"}}\n",
     "run.yaml:3:21: error[E0302] qc.variant.maf: expected a number in [0, 0.5], got \"0.1\"\n"
     "  3 | qc: {variant: {maf: \"0.1\"}}\n"
     "    |                     ^\n"
     "  where:  field qc.variant.maf\n"
     "  value:  \"0.1\"\n"
     "  remedy: delete the quotes: in quotes it is a text\n"},
    {"LeadingZero", "qc: {variant: {min_count: 010}}\n",
     "run.yaml:3:27: error[E0302] qc.variant.min_count: expected a whole number in [1, 100], got "
     "\"010\"\n"
     "  3 | qc: {variant: {min_count: 010}}\n"
     "    |                           ^\n"
     "  where:  field qc.variant.min_count\n"
     "  value:  \"010\"\n"
     "  remedy: numbers have no leading zeros (some readers take them as octal): write 10\n"},
    {"BoolWord", "qc:\n  mid_p: NO\n",
     "run.yaml:4:10: error[E0302] qc.mid_p: expected true or false, got \"NO\"\n"
     "  4 |   mid_p: NO\n"
     "    |          ^\n"
     "  where:  field qc.mid_p\n"
     "  value:  \"NO\"\n"
     "  remedy: write false\n"},
    {"UnknownKey", "qc:\n  variant:\n    min_cuont: 3\n",
     "run.yaml:5:5: error[E0312] qc.variant.min_cuont: unknown key; did you mean 'min_count'?\n"
     "  5 |     min_cuont: 3\n"
     "    |     ^\n"
     "  where:  field qc.variant.min_cuont\n"
     "  remedy: write min_count (alleles)\n"},
    {"KeyOfAnotherPlace", "qc: {maf: 0.1}\n",
     "run.yaml:3:6: error[E0312] qc.maf: unknown key\n"
     "  3 | qc: {maf: 0.1}\n"
     "    |      ^\n"
     "  where:  field qc.maf\n"
     "  remedy: a key of this name belongs at qc.variant.maf\n"},
    {"DuplicateKey", "qc:\n  mid_p: true\n  mid_p: true\n",
     "run.yaml:5:3: error[E0311] qc.mid_p: key given twice, first at line 4, column 3\n"
     "  5 |   mid_p: true\n"
     "    |   ^\n"
     "  where:  field qc.mid_p\n"
     "  remedy: delete one of the two\n"},
    {"DuplicateTopKey", "input: {genotypes: b.bed}\n",
     "run.yaml:3:1: error[E0311] input: key given twice, first at line 2, column 1\n"
     "  3 | input: {genotypes: b.bed}\n"
     "    | ^\n"
     "  where:  field input\n"
     "  remedy: delete one of the two\n"},
    {"MissingKeyInListItem", "analyses:\n  - {id: a}\n  - {weight: 1}\n",
     "run.yaml:5:5: error[E0313] analyses[1].id: required key is missing; expected a text\n"
     "  5 |   - {weight: 1}\n"
     "    |     ^\n"
     "  where:  field analyses[1].id\n"
     "  remedy: add it: name of the model\n"},
    {"NoValue", "qc:\n  variant:\n    maf:\n    min_count: 3\n",
     "run.yaml:5:5: error[E0302] qc.variant.maf: has no value; expected a number in [0, 0.5]\n"
     "  5 |     maf:\n"
     "    |     ^\n"
     "  where:  field qc.variant.maf\n"
     "  remedy: write a value, or delete the key to use its default\n"},
    {"ListForMap", "qc: [1]\n",
     "run.yaml:3:5: error[E0302] qc: expected a mapping of keys to values, got a list\n"
     "  3 | qc: [1]\n"
     "    |     ^\n"
     "  where:  field qc\n"
     "  remedy: `kinflow schema` prints the form of every key\n"},
    {"ScalarForList", "accept: everything\n",
     "run.yaml:3:9: error[E0302] accept: expected a list, got \"everything\"\n"
     "  3 | accept: everything\n"
     "    |         ^\n"
     "  where:  field accept\n"
     "  value:  \"everything\"\n"
     "  remedy: write [a, b] or one '- item' a line\n"},
    {"NonAsciiColumnsCountCharacters", "scales: {\"åøæ\": 1, \"b\": x}\n",
     "run.yaml:3:25: error[E0302] scales.b: expected a whole number in [0, 1000], got \"x\"\n"
     "  3 | scales: {\"åøæ\": 1, \"b\": x}\n"
     "    |                         ^\n"
     "  where:  field scales.b\n"
     "  value:  \"x\"\n"
     "  remedy: write a whole number in decimal digits\n"},
    {"SyntaxError", "qc: {variant: [1, 2}\n",
     "run.yaml:3:20: error[E0301] not valid YAML: illegal flow end\n"
     "  3 | qc: {variant: [1, 2}\n"
     "    |                    ^\n"
     "  remedy: check indentation, colons, quotes and brackets here and on the line above\n"},
};

INSTANTIATE_TEST_SUITE_P(All, ConfigErrors, testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ConfigErrorList, AllFaultsInFileOrder) {
  const ConfigResult r = Load(
      "schema_version: 2\n"
      "qc:\n"
      "  mid_p: yes\n"
      "  mid_p: no\n"
      "  variant: {maf: 1, min_count: 1.5}\n"
      "files: !!str a\n"
      "typo: 1\n"
      "analyses: [{}]\n");
  std::vector<std::pair<ErrorId, uint64_t>> got;
  for (const auto& e : r.errors) got.emplace_back(e.id(), e.line());
  const std::vector<std::pair<ErrorId, uint64_t>> expected = {
      {ErrorId::kMissingKey, 1},   {ErrorId::kSchemaVersion, 1}, {ErrorId::kConfigType, 3},
      {ErrorId::kDuplicateKey, 4}, {ErrorId::kConfigRange, 5},   {ErrorId::kConfigType, 5},
      {ErrorId::kYamlFeature, 6},  {ErrorId::kUnknownKey, 7},    {ErrorId::kMissingKey, 8},
  };
  EXPECT_EQ(got, expected) << Messages(r);
}

TEST(ConfigErrorList, SchemaVersion) {
  const auto id_of = [](const std::string& line) {
    const ConfigResult r = Load(line + "input: {genotypes: a}\n");
    return r.errors.size() == 1 ? r.errors[0].Format().substr(0, 90) : Messages(r);
  };
  EXPECT_NE(id_of("").find("error[E0304] schema_version: missing"), std::string::npos);
  for (const std::string bad : {"2", "0", "1.0", "01", "'1'", "one", "true", "[1]", ""}) {
    EXPECT_NE(id_of("schema_version: " + bad + "\n").find("error[E0304] schema_version"),
              std::string::npos)
        << bad << " " << id_of("schema_version: " + bad + "\n");
  }
}

TEST(ConfigErrorList, EmptyFilesMissEverything) {
  for (const std::string text : {"", "\n\n", "# only a comment\n", "---\n", "{}\n"}) {
    const ConfigResult r = Load(text);
    ASSERT_EQ(r.errors.size(), 2u) << text << Messages(r);
    EXPECT_EQ(r.errors[0].id(), ErrorId::kSchemaVersion);
    EXPECT_EQ(r.errors[1].id(), ErrorId::kMissingKey);
    EXPECT_EQ(r.errors[1].field(), "input.genotypes");
  }
  EXPECT_EQ(Load("just words\n").errors.at(0).id(), ErrorId::kConfigType);
  EXPECT_EQ(Load("- a\n- b\n").errors.at(0).id(), ErrorId::kConfigType);
}

TEST(ConfigErrorList, NumbersNotInDecimalForm) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0x1A", "write a decimal number such as 0.01 or 1e-6"},
      {".inf", "write a decimal number such as 0.01 or 1e-6"},
      {".nan", "write a decimal number such as 0.01 or 1e-6"},
      {"nan", "write a decimal number such as 0.01 or 1e-6"},
      {"inf", "write a decimal number such as 0.01 or 1e-6"},
      {"+0.1", "write it without the plus sign"},
      {"1_0", "write it without separators: 10"},
      {"1%", "write a fraction, not a percentage"},
      {"00.1", "numbers have no leading zeros (some readers take them as octal): write 0.1"},
      {"1e999", "write a decimal number such as 0.01 or 1e-6"},
  };
  for (const auto& [text, remedy] : cases) {
    const ConfigResult r = Load(kHead + "qc: {variant: {maf: " + text + "}}\n");
    ASSERT_EQ(r.errors.size(), 1u) << text;
    EXPECT_EQ(r.errors[0].id(), ErrorId::kConfigType) << text;
    EXPECT_EQ(r.errors[0].value(), text);
    EXPECT_EQ(r.errors[0].remedy(), remedy) << text;
  }
  const ConfigResult comma = Load(kHead + "qc:\n  variant:\n    maf: 0,05\n");
  ASSERT_EQ(comma.errors.size(), 1u);
  EXPECT_EQ(comma.errors[0].remedy(), "write decimals with a point: 0.05");
  const ConfigResult fraction = Load(kHead + "qc: {variant: {min_count: 5.0}}\n");
  ASSERT_EQ(fraction.errors.size(), 1u);
  EXPECT_EQ(fraction.errors[0].remedy(), "write 5");
}

TEST(ConfigErrorList, IntegerOverflowIsARange) {
  const ConfigResult r = Load(kHead + "scales: {a: 99999999999999999999, b: -1, c: 1001}\n");
  ASSERT_EQ(r.errors.size(), 3u) << Messages(r);
  for (const auto& e : r.errors) EXPECT_EQ(e.id(), ErrorId::kConfigRange);
}

}  // namespace
}  // namespace kinflow::test
