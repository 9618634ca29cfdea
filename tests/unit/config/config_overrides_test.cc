#include <gtest/gtest.h>

#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

TEST(ConfigOverrides, ReplaceAddAndAppend) {
  const ConfigResult r =
      Load(kGoodConfig, {"qc.variant.maf=0.2", "resources.threads=16",
                         "analyses.0.formula=a ~ b # c: d", "analyses.2.id=third", "accept=[x, y]",
                         "scales.new=3", "qc.variant.hwe_p=", "qc.variant.maf=0.25"});
  ASSERT_TRUE(r.errors.empty()) << Messages(r);
  EXPECT_EQ(r.root.Number("qc.variant.maf"), 0.25);  // the last one wins
  EXPECT_EQ(r.root.Int("qc.variant.min_count"), 10);
  EXPECT_EQ(r.root.Text("resources.threads"), "16");
  EXPECT_EQ(r.root.Text("analyses.0.formula"), "a ~ b # c: d");
  EXPECT_EQ(r.root.Text("analyses.2.id"), "third");
  EXPECT_EQ(r.root.Text("analyses.2.formula"), "y ~ x");
  EXPECT_EQ(r.root.TextList("accept"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(r.root.Int("scales.new"), 3);
  EXPECT_FALSE(r.root.Has("qc.variant.hwe_p"));
}

TEST(ConfigOverrides, SupplyRequiredKeys) {
  const ConfigResult r = Load("schema_version: 1\n", {"input.genotypes=a.bed", "analyses.0.id=m"});
  ASSERT_TRUE(r.errors.empty()) << Messages(r);
  EXPECT_EQ(r.root.Text("input.genotypes"), "a.bed");
  EXPECT_EQ(r.root.items().size(), 0u);
  EXPECT_EQ(r.root.At("analyses").items().size(), 1u);
}

TEST(ConfigOverrides, MendAValueThatIsWrongInTheFile) {
  const ConfigResult r =
      Load("schema_version: 1\ninput: {genotypes: a, field: XX}\n", {"input.field=GT"});
  EXPECT_TRUE(r.errors.empty()) << Messages(r);
}

struct Case {
  std::string set;
  ErrorId id;
  std::string field;
};

TEST(ConfigOverrides, FaultsAreThoseOfTheFile) {
  const std::vector<Case> cases = {
      {"qc.variant.maf=0.7", ErrorId::kConfigRange, "qc.variant.maf"},
      {"qc.variant.maf=0,7", ErrorId::kConfigType, "qc.variant.maf"},
      {"qc.variant.maf='0.1'", ErrorId::kConfigType, "qc.variant.maf"},
      {"qc.variant.min_count=010", ErrorId::kConfigType, "qc.variant.min_count"},
      {"qc.mid_p=yes", ErrorId::kConfigType, "qc.mid_p"},
      {"qc.variant.maff=0.1", ErrorId::kUnknownKey, "qc.variant.maff"},
      {"nonsense.a.b=1", ErrorId::kUnknownKey, "nonsense"},
      {"schema_version=2", ErrorId::kSchemaVersion, "schema_version"},
      {"analyses.7.id=x", ErrorId::kConfigReference, "analyses"},
      {"analyses.id=x", ErrorId::kConfigReference, "analyses"},
      {"qc.mid_p.deep=1", ErrorId::kConfigReference, "qc.mid_p"},
      {"accept=[a, b", ErrorId::kYamlSyntax, ""},
      {"accept=[&x a]", ErrorId::kYamlFeature, ""},
      {"scales={a: 1, a: 2}", ErrorId::kDuplicateKey, "a"},
      {"resources.country=a\tb", ErrorId::kYamlFeature, ""},
  };
  for (const Case& c : cases) {
    const ConfigResult r = Load(kGoodConfig, {c.set});
    ASSERT_FALSE(r.errors.empty()) << c.set;
    EXPECT_EQ(r.errors[0].id(), c.id) << c.set << "\n" << Messages(r);
    EXPECT_EQ(r.errors[0].field(), c.field) << c.set;
    EXPECT_EQ(r.errors[0].file(), "--set");
    EXPECT_EQ(r.errors[0].line(), 0u);
  }
}

TEST(ConfigOverrides, Golden) {
  const ConfigResult r = Load(kGoodConfig, {"qc.variant.maf=0.01x"});
  EXPECT_EQ(Messages(r),
            "--set: error[E0302] qc.variant.maf: expected a number in [0, 0.5], got \"0.01x\"\n"
            "  --set qc.variant.maf=0.01x\n"
            "  where:  field qc.variant.maf\n"
            "  value:  \"0.01x\"\n"
            "  remedy: write a decimal number such as 0.01 or 1e-6\n");
}

TEST(ConfigOverrides, MalformedArgumentsAreUsageErrors) {
  for (const std::string set : {"qc", "=1", "qc..maf=1", ".qc=1", "qc.=1", ""}) {
    const ConfigResult r = Load(kGoodConfig, {set});
    ASSERT_EQ(r.errors.size(), 1u) << set << Messages(r);
    EXPECT_EQ(r.errors[0].id(), ErrorId::kBadArgument) << set;
    EXPECT_EQ(r.errors[0].exit_code(), ExitCode::kUsage);
  }
}

}  // namespace
}  // namespace kinflow::test
