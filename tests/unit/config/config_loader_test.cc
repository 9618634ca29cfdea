#include "pipeline/config/config_loader.h"

#include <gtest/gtest.h>

#include "pipeline/base/file.h"
#include "tests/support/test_data.h"
#include "tests/unit/config/test_schema.h"

namespace kinflow::test {
namespace {

const std::string kMinimal = "schema_version: 1\ninput: {genotypes: a.bed}\n";

TEST(ConfigLoader, ReadsEveryType) {
  const ConfigResult r = Load(kGoodConfig);
  ASSERT_TRUE(r.errors.empty()) << Messages(r);
  EXPECT_EQ(r.root.Text("input.genotypes"), "chr@.vcf.gz");
  EXPECT_FALSE(r.root.Bool("qc.mid_p"));
  EXPECT_DOUBLE_EQ(r.root.Number("qc.variant.maf"), 0.005);
  EXPECT_EQ(r.root.Int("qc.variant.min_count"), 10);
  EXPECT_EQ(r.root.TextList("accept"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(r.root.TextList("files"), std::vector<std::string>{"weights.txt"});
  EXPECT_EQ(r.root.Text("analyses.0.formula"), "y ~ time + (1 | m_id)");
  EXPECT_EQ(r.root.Number("analyses.1.weight"), -2);
  EXPECT_EQ(r.root.Int("scales.scl"), 8);
}

TEST(ConfigLoader, FillsInDefaults) {
  const ConfigResult r = Load(kMinimal);
  ASSERT_TRUE(r.errors.empty()) << Messages(r);
  EXPECT_EQ(r.root.ToJson(),
            R"({"accept":[],"analyses":[],"files":[],"input":{"field":"auto","genotypes":"a.bed"},)"
            R"("pedigree":null,"qc":{"mid_p":true,"variant":{"hwe_p":null,"maf":0.01,)"
            R"("min_count":5}},"resources":{"country":"NO","threads":"auto"},"scales":{},)"
            R"("schema_version":1,"steps":["mother","father"]})");
}

TEST(ConfigLoader, EmptyCollectionsEqualAbsentOnes) {
  const ConfigResult absent = Load(kMinimal);
  const ConfigResult empty =
      Load(kMinimal + "qc:\naccept:\nanalyses:\nscales:\npedigree:\nresources: {}\n");
  ASSERT_TRUE(empty.errors.empty()) << Messages(empty);
  EXPECT_EQ(empty.root.ToJson(), absent.root.ToJson());
}

TEST(ConfigLoader, TextKeysTakeScalarsAsWritten) {
  for (const std::string word : {"NO", "no", "yes", "on", "true", "010", "1e3", "0x10", "1_000",
                                 "12:30:45", ".inf", ".nan", "2024-01-01"}) {
    const ConfigResult r = Load(kMinimal + "resources: {country: " + word + "}\n");
    ASSERT_TRUE(r.errors.empty()) << Messages(r);
    EXPECT_EQ(r.root.Text("resources.country"), word);
  }
}

TEST(ConfigLoader, OriginsNameFilePlaceOrDefault) {
  const ConfigResult r = Load(kGoodConfig, {"resources.threads=4"});
  ASSERT_TRUE(r.errors.empty()) << Messages(r);
  EXPECT_EQ(r.root.At("qc.variant.maf").origin(), "run.yaml:7:18");
  EXPECT_EQ(r.root.At("resources.threads").origin(), "--set");
  EXPECT_EQ(r.root.At("resources.country").origin(), "default");
}

TEST(ConfigLoader, EqualValuesGiveEqualJsonHoweverWritten) {
  const std::string base = "schema_version: 1\ninput: {genotypes: a.bed}\n";
  const std::string a = Load(base + "qc: {variant: {maf: 0.010, hwe_p: 1e-6}}\n").root.ToJson();
  const std::string b =
      Load(
          "qc:\r\n  variant:\r\n    hwe_p: 0.000001\r\n    maf: 1e-2\r\ninput:\r\n"
          "  genotypes: \"a.bed\"\r\nschema_version: 1\r\n")
          .root.ToJson();
  EXPECT_EQ(a, b);
  EXPECT_EQ(Load(base + "qc: {variant: {maf: -0}}\n").root.ToJson(),
            Load(base + "qc: {variant: {maf: 0.0}}\n").root.ToJson());
}

TEST(ConfigLoader, ResultJsonLeavesOutWhatDoesNotAffectResults) {
  const auto json = [](const std::string& threads, const std::string& country) {
    const ConfigResult r =
        Load(kMinimal + "resources: {threads: " + threads + ", country: " + country + "}\n");
    return ResultJson(r.root, TestSchema());
  };
  EXPECT_EQ(json("1", "NO"), json("8", "NO"));
  EXPECT_NE(json("1", "NO"), json("1", "SE"));
  EXPECT_EQ(json("1", "NO").find("threads"), std::string::npos);
}

TEST(ConfigLoader, TemplateLoadsToTheDefaults) {
  std::string text = DefaultsYaml(TestSchema());
  EXPECT_NE(text.find("# minor allele frequency: a number in [0, 0.5]\n"), std::string::npos);
  EXPECT_NE(text.find("# id:\n"), std::string::npos);

  // The one required key has no value: the template says so instead of guessing.
  const ConfigResult unfilled = Load(text);
  ASSERT_EQ(unfilled.errors.size(), 1u) << Messages(unfilled);
  EXPECT_EQ(unfilled.errors[0].field(), "input.genotypes");

  const std::string key = "  genotypes:";
  text.replace(text.find(key), key.size(), key + " a.bed");
  const ConfigResult filled = Load(text);
  ASSERT_TRUE(filled.errors.empty()) << Messages(filled);
  EXPECT_EQ(filled.root.ToJson(), Load(kMinimal).root.ToJson());
}

TEST(ConfigLoader, ReadsAFileAndReportsAMissingOne) {
  const std::string path = JoinPath(TempFolder(), "run.yaml");
  WriteFileAtomically(path, kGoodConfig);
  const ConfigResult good = LoadConfig(path, TestSchema(), {});
  ASSERT_TRUE(good.errors.empty()) << Messages(good);
  EXPECT_EQ(good.root.ToJson(), Load(kGoodConfig).root.ToJson());

  const ConfigResult missing = LoadConfig(path + ".none", TestSchema(), {});
  ASSERT_EQ(missing.errors.size(), 1u);
  EXPECT_EQ(missing.errors[0].id(), ErrorId::kConfigUnreadable);
  EXPECT_EQ(missing.errors[0].file(), path + ".none");
  EXPECT_EQ(missing.errors[0].exit_code(), ExitCode::kConfig);
  EXPECT_EQ(LoadConfig(FolderOf(path), TestSchema(), {}).errors.size(), 1u);
}

TEST(ConfigLoader, FaultsSpoilTheirKeysAlone) {
  std::vector<Error> errors;
  EXPECT_FALSE(HasErrorIn(errors, "phenotypes[1]"));
  errors.push_back(Error(ErrorId::kConfigType, "somewhere"));  // of no key
  errors.push_back(Error(ErrorId::kConfigType, "wrong").Field("phenotypes[1].layout"));
  for (const char* path :
       {"phenotypes", "phenotypes[1]", "phenotypes[1].layout", "phenotypes[1].layout.below"}) {
    EXPECT_TRUE(HasErrorIn(errors, path)) << path;
  }
  for (const char* path : {"phenotypes[0]", "phenotypes[10]", "phenotypes[1].lay", "pheno", "qc"}) {
    EXPECT_FALSE(HasErrorIn(errors, path)) << path;
  }
}

}  // namespace
}  // namespace kinflow::test
