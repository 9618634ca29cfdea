// Keys that a kind of model would ignore are refused.
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "stages/family/fit.h"

namespace kinflow::family::test {
namespace {

// 30 groups of 4 rows, a row a wave, two rows a smaller group.
Table Data() {
  Table::Doubles y, x, wave, cut;
  Table::Strings group, pair, row, sex;
  for (int r = 0; r < 120; ++r) {
    x.push_back(std::sin(r * 1.3));
    y.push_back(.3 * x.back() + std::sin(r * 2.1) + std::sin((r / 4) * 1.1));
    cut.push_back(y.back() > 0 ? 1 : 0);
    wave.push_back(1 + r % 4);
    group.push_back("g" + std::to_string(r / 4));
    pair.push_back("p" + std::to_string(r / 2));
    row.push_back("r" + std::to_string(r));
    sex.push_back((r / 4) % 2 == 0 ? "a" : "b");
  }
  Table out;
  for (const char* name : {"g.child", "g.mother", "g.father"}) {
    out.Add(name, x);
    for (double& v : x) v = std::cos(9 * v);
  }
  out.Add("y", y);
  out.Add("cut", cut);
  out.Add("x", x);
  out.Add("wave", wave);
  out.Add("group", group);
  out.Add("pair", pair);
  out.Add("row", row);
  out.Add("sex", sex);
  return out;
}

// The field that is refused, "" = none.
std::string Refused(const FitOptions& options) {
  try {
    FitColumns(Data(), options);
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kConfigReference) << error.Format();
    return error.field();
  }
  return "";
}

FitOptions Options(const std::string& model, const std::string& formula) {
  FitOptions options;
  options.model = model;
  options.formula = formula;
  if (model == "gee") options.cluster = "group";
  if (model == "family_reml") options.outcome_of = "child";
  if (model == "spatial") {
    auto list = std::make_shared<NeighbourList>();
    for (int i = 0; i < 29; ++i) {
      list->pairs.push_back({"g" + std::to_string(i), "g" + std::to_string(i + 1)});
    }
    options.model_options.neighbours = list;
    options.person = "row";  // each row somebody else
  }
  return options;
}

TEST(UnusedKeys, KenwardRogerAndTestsOfRandomEffects) {
  const std::pair<const char*, const char*> models[] = {
      {"group_waves", "y ~ sex * factor(wave) + (1 | group)"},
      {"spatial", "y ~ 1 + (1 | group)"},
      {"ols", "y ~ x"},
      {"gee", "y ~ x"},
      {"logit", "cut ~ x"},
      {"ordinal", "cut ~ x"}};
  for (const auto& [model, formula] : models) {
    FitOptions options = Options(model, formula);
    EXPECT_EQ(Refused(options), "") << model;
    options.random_tests = true;
    EXPECT_EQ(Refused(options), "random_tests") << model;
    options.random_tests = false;
    options.kenward_roger = true;
    EXPECT_EQ(Refused(options), "df") << model;
  }
  FitOptions options = Options("logit", "cut ~ x + (1 | group)");
  options.random_tests = true;
  EXPECT_EQ(Refused(options), "");
  options.kenward_roger = true;
  EXPECT_EQ(Refused(options), "df");
}

TEST(UnusedKeys, CovariancesOfModelsWithErrorsOfTheirOwn) {
  for (const auto& [model, formula] :
       {std::pair{"group_waves", "y ~ sex * factor(wave) + (1 | group)"},
        std::pair{"spatial", "y ~ 1 + (1 | group)"}, std::pair{"lmm", "y ~ x + (1 | group)"}}) {
    FitOptions options = Options(model, formula);
    options.vcov = {"HC3"};
    EXPECT_EQ(Refused(options), "vcov") << model;
  }
}

TEST(UnusedKeys, TestsOfTheOnlyRandomEffect) {
  const std::string trio = "y ~ g.child + g.mother + g.father";
  for (const auto& [one, two] : {std::pair{Options("lmm", "y ~ x + (1 | group)"),
                                           Options("lmm", "y ~ x + (1 | group/pair)")},
                                 std::pair{Options("family_reml", trio + " + (1 | group)"),
                                           Options("family_reml", trio + " + (1 | group/pair)")}}) {
    FitOptions options = one;
    options.random_tests = true;
    EXPECT_EQ(Refused(options), "random_tests") << options.model;
    options = two;
    options.random_tests = true;
    EXPECT_EQ(Refused(options), "") << options.model;
  }
}

TEST(UnusedKeys, AssortmentWithoutHeritability) {
  FitOptions plain = Options("family_reml", "y ~ g.child + g.mother + g.father + (1 | group)");
  FitOptions options = plain;
  options.model_options.assortment.h2f_se = .1;
  EXPECT_EQ(Refused(options), "h2f_se");
  options = plain;
  options.model_options.assortment.rk = .1;
  EXPECT_EQ(Refused(options), "rk");
  options = plain;
  options.model_options.assortment.h2f = .5;
  options.model_options.assortment.rk_se = .1;
  EXPECT_EQ(Refused(options), "rk_se");
  options.model_options.assortment.rk = .1;
  options.model_options.assortment.h2f_se = .1;
  EXPECT_EQ(Refused(options), "");
}

}  // namespace
}  // namespace kinflow::family::test
