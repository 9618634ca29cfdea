// Clustered errors of few clusters: told, and NA where clusters are no more than parameters.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stages/family/fit.h"

namespace kinflow::family::test {
namespace {

constexpr size_t kRows = 240;

Table Data() {
  Table::Doubles x, z, y, two, three;
  for (size_t i = 0; i < kRows; ++i) {
    const auto v = static_cast<double>(i);
    x.push_back(std::sin(1.3 * v));
    z.push_back(std::cos(2.9 * v));
    const double latent = x.back() - z.back() + 2 * std::sin(7.7 * v);
    y.push_back(latent);
    two.push_back(latent > 0 ? 1 : 0);
    three.push_back(latent > 1 ? 2 : latent > -1 ? 1 : 0);
  }
  Table table;
  table.Add("x", x);
  table.Add("z", z);
  table.Add("y", y);
  table.Add("two", two);
  table.Add("three", three);
  for (const size_t groups : {3, 12, 60}) {
    Table::Doubles column;
    for (size_t i = 0; i < kRows; ++i) column.push_back(static_cast<double>(i % groups));
    table.Add("g" + std::to_string(groups), column);
  }
  return table;
}

FitResult Fit(const std::string& model, const std::string& cluster) {
  FitOptions options;
  options.model = model;
  options.cluster = cluster;
  options.vcov = {model == "gee" || model == "sem" ? "robust" : "CR1"};
  if (model == "sem") {
    options.model_options.paths = {"y ~ x + z"};
  } else {
    options.formula = (model == "logit" ? "two" : model == "ordinal" ? "three" : "y");
    options.formula += " ~ x + z";
  }
  return FitColumns(Data(), options);
}

bool Warned(const FitResult& fit, const std::string& text) {
  return std::any_of(fit.warnings.begin(), fit.warnings.end(), [&](const std::string& warning) {
    return warning.find(text) != std::string::npos;
  });
}

size_t MissingErrors(const FitResult& fit, const char* column) {
  const auto& values = fit.tables.at("estimates").DoublesOf(column);
  return static_cast<size_t>(
      std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }));
}

TEST(FewClusters, NoMoreThanParametersGiveNoErrors) {
  for (const std::string model : {"ols", "logit", "ordinal", "sem"}) {
    const FitResult fit = Fit(model, "g3");
    ASSERT_TRUE(fit.failures.empty()) << model;
    EXPECT_TRUE(Warned(fit, "3 clusters for ")) << model;
    EXPECT_TRUE(Warned(fit, "not to be trusted")) << model;
    EXPECT_EQ(MissingErrors(fit, "std_error"), fit.tables.at("estimates").rows()) << model;
    EXPECT_EQ(MissingErrors(fit, "p_value"), fit.tables.at("estimates").rows()) << model;
    EXPECT_EQ(MissingErrors(fit, "estimate"), 0u) << model;
  }
  EXPECT_EQ(Fit("gee", "g3").failures.size(), 1u);
}

TEST(FewClusters, FewerThanTwentyAreTold) {
  for (const std::string model : {"ols", "logit", "ordinal", "sem", "gee"}) {
    const FitResult fit = Fit(model, "g12");
    EXPECT_TRUE(Warned(fit, "rest on 12 clusters for ")) << model;
    EXPECT_EQ(MissingErrors(fit, "std_error"), 0u) << model;
    EXPECT_TRUE(Fit(model, "g60").warnings.empty()) << model;
  }
}

}  // namespace
}  // namespace kinflow::family::test
