#include "stages/qc/options.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"
#include "pipeline/config/config_loader.h"

namespace kinflow {
namespace {

QcOptions Load(const std::string& yaml, bool hard_calls) {
  const SchemaNode root = schema::Map("", "", {QcSchema()});
  const ConfigResult result = LoadConfigText(yaml, "test.yaml", root, {});
  if (!result.errors.empty()) throw result.errors.front();
  return QcOptions::FromConfig(result.root.At("qc"), hard_calls);
}

TEST(QcOptions, PresetFollowsTheKindOfInput) {
  EXPECT_EQ(Load("qc: {}\n", true).preset, "array");
  EXPECT_EQ(Load("qc: {}\n", false).preset, "imputed");
  EXPECT_EQ(Load("qc: {preset: mobapsychgen}\n", true).preset, "mobapsychgen");
}

TEST(QcOptions, MobapsychgenHasTheThresholdsOfTheReferencePipeline) {
  const QcOptions array = Load("qc: {preset: mobapsychgen}\n", true);
  EXPECT_EQ(array.info, 0);
  EXPECT_EQ(array.maf, 0.005);
  EXPECT_EQ(array.call_rate, 0.98);
  EXPECT_EQ(array.sample_call_rate, 0.98);
  EXPECT_FALSE(array.hwe_midp);
  EXPECT_TRUE(Load("qc: {preset: mobapsychgen, variant: {hwe_midp: true}}\n", true).hwe_midp);
  EXPECT_TRUE(Load("qc: {}\n", true).hwe_midp);
  const QcOptions o = Load("qc: {preset: mobapsychgen}\n", false);
  EXPECT_FALSE(o.hwe_midp);
  EXPECT_EQ(o.info, 0.8);
  EXPECT_EQ(o.maf, 0.01);
  EXPECT_EQ(o.call_rate, 0.95);
  EXPECT_EQ(o.sample_call_rate, 0.98);
  EXPECT_EQ(o.hwe_p, 1e-6);
  EXPECT_EQ(o.het_sd, 3);
  EXPECT_EQ(o.mendel_rate, 0.01);
  EXPECT_EQ(o.sample_mendel_rate, 0.05);
  EXPECT_EQ(o.sex_check, QcOptions::SexCheck::kRemove);
  EXPECT_EQ(o.sex_female_max, 0.5);
  EXPECT_EQ(o.sex_male_min, 0.5);
}

TEST(QcOptions, MobapsychgenRemovesByPlatesAndBatches) {
  const QcOptions array = Load("qc: {preset: mobapsychgen}\n", true);
  EXPECT_EQ(array.plate_p, 0.001);
  EXPECT_EQ(array.batch_p, 0.001);
  const QcOptions release = Load("qc: {preset: mobapsychgen}\n", false);
  EXPECT_EQ(release.plate_p, 0);
  EXPECT_EQ(release.batch_p, 5e-8);
  for (const QcOptions& o : {array, release, Load("qc: {}\n", true)}) EXPECT_EQ(o.batch_info_p, 0);
  const QcOptions usual = Load("qc: {}\n", true);
  EXPECT_EQ(usual.plate_p, 0);
  EXPECT_EQ(usual.batch_p, 0);
  EXPECT_EQ(usual.VariantsJson().find("plate_p"), std::string::npos);
  EXPECT_NE(array.VariantsJson().find("plate_p"), std::string::npos);
  const QcOptions given = Load("qc: {preset: none, variant: {batch_info_p: 1e-8}}\n", false);
  EXPECT_EQ(given.batch_info_p, 1e-8);
  EXPECT_TRUE(given.asked_for);
}

TEST(QcOptions, FailedSamplesGoFirstButForMobapsychgen) {
  const auto first = [](const std::string& yaml) {
    return Load(yaml, true).sample_call_rate_first;
  };
  EXPECT_EQ(first("qc: {}\n"), 0.9);
  EXPECT_EQ(Load("qc: {}\n", false).sample_call_rate_first, 0.9);
  EXPECT_EQ(first("qc: {preset: mobapsychgen}\n"), 0);
  EXPECT_EQ(first("qc: {preset: none}\n"), 0);
  EXPECT_EQ(first("qc: {preset: mobapsychgen, sample: {call_rate_first: 0.8}}\n"), 0.8);
  // Nobody is below it who passes the filter behind it, unless both are given.
  EXPECT_EQ(first("qc: {sample: {call_rate: 0.5}}\n"), 0.5);
  EXPECT_EQ(first("qc: {sample: {call_rate: 0}}\n"), 0);
  EXPECT_EQ(first("qc: {sample: {call_rate: 0, call_rate_first: 0.8}}\n"), 0.8);
}

TEST(QcOptions, OnlyHardCallsAreSetToMissingForMendelErrors) {
  EXPECT_TRUE(Load("qc: {preset: mobapsychgen}\n", true).mendel_missing);
  EXPECT_FALSE(Load("qc: {preset: mobapsychgen, mendel_errors: count}\n", true).mendel_missing);
  EXPECT_FALSE(Load("qc: {preset: mobapsychgen}\n", false).mendel_missing);
  EXPECT_FALSE(Load("qc: {}\n", true).mendel_missing);
  const QcOptions alone = Load("qc: {preset: none, mendel_errors: missing}\n", true);
  EXPECT_TRUE(alone.mendel_missing && alone.asked_for);
  EXPECT_THROW(Load("qc: {mendel_errors: missing}\n", false), Error);
}

TEST(QcOptions, ChoicesOfMendelChecksAreNamedUnlessTheyAreTheDefaults) {
  EXPECT_EQ(Load("qc: {mendel_errors: missing}\n", true).CountsChoices(),
            std::vector<std::string>());
  QcOptions hail =
      Load("qc: {mendel_rules: hail, mendel_duos: false, hard_call_threshold: 0.2}\n", true);
  hail.build = "GRCh37";
  EXPECT_EQ(hail.CountsChoices(),
            (std::vector<std::string>{"qc.hard_call_threshold: 0.2", "qc.mendel_duos: false",
                                      "qc.mendel_rules: hail GRCh37"}));
}

TEST(QcOptions, GivenValuesReplaceThoseOfThePreset) {
  const QcOptions o = Load(
      "qc: {preset: array, variant: {maf: 0.02, hwe_x: all}, sample: {sex_check: off}}\n", true);
  EXPECT_EQ(o.maf, 0.02);
  EXPECT_EQ(o.hwe_x, QcOptions::HweX::kAll);
  EXPECT_EQ(o.sex_check, QcOptions::SexCheck::kOff);
  EXPECT_EQ(o.call_rate, 0.98);
}

TEST(QcOptions, RefusesThresholdsOutOfRange) {
  for (const char* yaml : {"qc: {variant: {maf: 0.6}}\n", "qc: {variant: {call_rate: 98}}\n",
                           "qc: {hard_call_threshold: 0.5}\n", "qc: {sample: {het_sd: -1}}\n"}) {
    try {
      Load(yaml, true);
      ADD_FAILURE() << yaml;
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kConfigRange) << yaml;
      EXPECT_EQ(e.exit_code(), ExitCode::kConfig);
    }
  }
}

TEST(QcOptions, RefusesSexThresholdsThatCross) {
  try {
    Load("qc: {sample: {sex_female_max: 0.9}}\n", true);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kConfigRange);
    EXPECT_FALSE(e.remedy().empty());
  }
}

TEST(QcOptions, KeysHoldOnlyWhatAStageDependsOn) {
  QcOptions a = QcOptions::FromPreset("array"), b = a;
  b.maf = 0.02;
  EXPECT_EQ(a.CountsJson(), b.CountsJson());
  EXPECT_EQ(a.SamplesJson(), b.SamplesJson());
  EXPECT_NE(a.VariantsJson(), b.VariantsJson());
  b.hard_call_threshold = 0.2;
  EXPECT_NE(a.CountsJson(), b.CountsJson());
}

}  // namespace
}  // namespace kinflow
