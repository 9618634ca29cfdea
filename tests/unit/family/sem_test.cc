// Path models: syntax, answers known in closed form, and faults.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "stages/family/fit.h"
#include "stages/family/sem/chi_bar_square.h"
#include "stages/family/sem/path_diagram.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/sem_fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// A factor with four indicators, a mediator, and an outcome; values from a fixed generator.
Table Data(size_t n = 300) {
  std::mt19937_64 random(7);
  const auto normal = [&random] {  // Irwin-Hall: the same bits everywhere
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) * 0x1p-53;
    return sum;
  };
  Table::Doubles x, m, y, flat(n, 2.0), empty(n, std::nan(""));
  std::vector<Table::Doubles> items(4);
  for (size_t i = 0; i < n; ++i) {
    x.push_back(normal());
    m.push_back(0.5 * x.back() + normal());
    y.push_back(0.4 * m.back() + 0.2 * x.back() + normal());
    const double f = normal();
    for (size_t k = 0; k < 4; ++k) {
      items[k].push_back((0.6 + 0.2 * static_cast<double>(k)) * f + 0.7 * normal());
    }
  }
  Table table;
  table.Add("x", x);
  table.Add("m", m);
  table.Add("y", y);
  for (size_t k = 0; k < 4; ++k) table.Add("i" + std::to_string(k + 1), items[k]);
  table.Add("flat", flat);
  table.Add("empty", empty);
  table.Add("copy", x);
  return table;
}

FitOptions Options(std::vector<std::string> paths) {
  FitOptions options;
  options.model = "sem";
  options.model_options.paths = std::move(paths);
  return options;
}

double Value(const FitResult& fit, const std::string& term, const char* column = "estimate") {
  const Table& estimates = fit.tables.at("estimates");
  const int64_t row = FindRow(estimates, {{"term", term}, {"se_type", "model"}});
  EXPECT_GE(row, 0) << term;
  return row < 0 ? std::nan("") : estimates.DoublesOf(column)[static_cast<size_t>(row)];
}

// A fixed path has its value alone; names are quoted as Graphviz wants them.
TEST(Sem, PathDiagram) {
  const FitResult fit = FitColumns(Data(), Options({"f =~ i1 + i2 + i3", "y ~ f + x"}));
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& paths = fit.tables.at("paths");
  const int64_t fixed = FindRow(paths, {{"from", "f"}, {"to", "i1"}, {"kind", "loading"}});
  const int64_t free = FindRow(paths, {{"from", "f"}, {"to", "y"}, {"kind", "regression"}});
  ASSERT_GE(fixed, 0);
  ASSERT_GE(free, 0);
  EXPECT_EQ(paths.DoublesOf("estimate")[static_cast<size_t>(fixed)], 1);
  EXPECT_TRUE(std::isnan(paths.DoublesOf("std_error")[static_cast<size_t>(fixed)]));
  EXPECT_EQ(paths.DoublesOf("estimate")[static_cast<size_t>(free)], Value(fit, "y ~ f"));
  EXPECT_EQ(paths.StringsOf("from_type")[static_cast<size_t>(free)], "latent");
  EXPECT_GE(FindRow(paths, {{"from", "1"}, {"to", "y"}, {"kind", "intercept"}}), 0);
  PathRow odd;
  odd.key.analysis_id = "a\"b";
  odd.from = "x";
  odd.to = "y";
  odd.kind = "regression";
  odd.at.std_estimate = 0.25;
  odd.at.p_value = 0.01;
  EXPECT_EQ(PathDiagrams(PathsTable({odd})),
            "digraph \"a\\\"b/\" {\n  rankdir=LR;\n  \"x\" [shape=box];\n  \"y\" [shape=box];\n"
            "  \"x\" -> \"y\" [dir=forward, label=\"0.25\", penwidth=2];\n}\n");
  EXPECT_EQ(PathDiagrams(PathsTable({})), "");
}

// Recursive path models without missing values are least squares, one equation at a time, with
// errors that have n as divisor.
TEST(Sem, RecursiveModelIsLeastSquares) {
  const Table data = Data();
  const FitResult fit = FitColumns(data, Options({"m ~ x", "y ~ m + x"}));
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  for (const std::string formula : {"m ~ x", "y ~ m + x"}) {
    FitOptions options;
    options.formula = formula;
    const FitResult ols = FitColumns(data, options);
    const Table& estimates = ols.tables.at("estimates");
    const double df = ols.tables.at("models").DoublesOf("df_resid")[0];
    for (size_t r = 0; r < estimates.rows(); ++r) {
      if (estimates.StringsOf("se_type")[r] != "const") continue;
      const std::string& name = estimates.StringsOf("term")[r];
      const std::string term = formula.substr(0, 4) + (name == "(Intercept)" ? "1" : name);
      EXPECT_NEAR(Value(fit, term), estimates.DoublesOf("estimate")[r], 1e-9) << term;
      EXPECT_NEAR(Value(fit, term, "std_error"),
                  estimates.DoublesOf("std_error")[r] * std::sqrt(df / 300), 1e-8)
          << term;
    }
  }
  EXPECT_NEAR(fit.tables.at("fit").DoublesOf("chisq")[0], 0, 1e-8);  // saturated
}

// The loadings of one factor reproduce the covariances; three indicators leave no degree of
// freedom.
TEST(Sem, OneFactorReproducesCovariances) {
  const FitResult three = FitColumns(Data(), Options({"f =~ i1 + i2 + i3"}));
  ASSERT_TRUE(three.failures.empty()) << three.failures[0].Format();
  EXPECT_EQ(three.tables.at("fit").DoublesOf("df")[0], 0);
  EXPECT_NEAR(three.tables.at("fit").DoublesOf("chisq")[0], 0, 1e-8);
  const FitResult four = FitColumns(Data(), Options({"f =~ i1 + i2 + i3 + i4"}));
  ASSERT_TRUE(four.failures.empty()) << four.failures[0].Format();
  EXPECT_EQ(four.tables.at("fit").DoublesOf("df")[0], 2);
  EXPECT_NEAR(Value(four, "f =~ i4"), 1.2 / 0.6, 0.3);
  // Another scale of the factor: the same model.
  const FitResult unit = FitColumns(Data(), Options({"f =~ NA*i1 + i2 + i3 + i4", "f ~~ 1*f"}));
  ASSERT_TRUE(unit.failures.empty()) << unit.failures[0].Format();
  EXPECT_NEAR(unit.tables.at("fit").DoublesOf("logLik")[0],
              four.tables.at("fit").DoublesOf("logLik")[0], 1e-8);
  EXPECT_NEAR(Value(unit, "f =~ i2", "std_estimate"), Value(four, "f =~ i2", "std_estimate"), 1e-7);
}

// Analytic derivatives against differences of the likelihood, with values missing in patterns.
TEST(Sem, GradientIsThatOfTheLikelihood) {
  PathModel model =
      ParsePaths({"f =~ i1 + a*i2 + i3", "y ~ f + x", "m ~~ y", "m ~ b*x"}, PathDefaults::kSem);
  const Table table = Data(60);
  const auto column = [&](const std::string& name) { return table.DoublesOf(name.c_str()); };
  Eigen::MatrixXd y(60, static_cast<Eigen::Index>(model.observed.size()));
  for (Eigen::Index c = 0; c < y.cols(); ++c) {
    const auto values = column(model.observed[static_cast<size_t>(c)]);
    for (Eigen::Index r = 0; r < 60; ++r) {
      y(r, c) = (7 * r + 13 * c) % 11 < 2 ? std::nan("") : values[static_cast<size_t>(r)];
    }
  }
  const auto x = column("x");
  const Eigen::MatrixXd z = Eigen::Map<const Eigen::MatrixXd>(x.data(), 60, 1);
  const SemData data = GroupByPattern(y, z, {});
  SetStarts(data, model);
  Eigen::VectorXd theta(static_cast<Eigen::Index>(model.parameters()));
  for (const Path& path : model.paths) {
    if (path.parameter >= 0) theta(path.parameter) = path.value + 0.05;
  }
  const Fiml fiml(data, model);
  const Eigen::VectorXd gradient = fiml.Gradient(theta);
  const Eigen::VectorXd sums = fiml.Scores(theta).colwise().sum().transpose();
  for (Eigen::Index j = 0; j < theta.size(); ++j) {
    const auto at = [&](double h) {
      Eigen::VectorXd moved = theta;
      moved(j) += h;
      return fiml.LogLik(moved);
    };
    const double h = 1e-4;
    const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    EXPECT_NEAR(gradient(j), slope, 1e-6 * (1 + std::abs(slope))) << j;
    EXPECT_NEAR(sums(j), gradient(j), 1e-9 * (1 + std::abs(slope))) << j;
  }
}

void ExpectFailure(const FitOptions& options, ErrorId id, const std::string& text) {
  const FitResult fit = FitColumns(Data(), options);
  ASSERT_EQ(fit.failures.size(), 1u) << text;
  EXPECT_EQ(fit.failures[0].id(), id);
  EXPECT_NE(fit.failures[0].OneLine().find(text), std::string::npos) << fit.failures[0].OneLine();
  EXPECT_FALSE(fit.failures[0].Advice().empty());
  EXPECT_EQ(fit.tables.at("models").StringsOf("status")[0], "failed");
}

TEST(Sem, FaultsOfTheData) {
  ExpectFailure(Options({"y ~ flat"}), ErrorId::kConstantOutcome,
                "column flat has the same value in all 300 rows");
  ExpectFailure(Options({"y ~ x", "empty ~ x"}), ErrorId::kAllMissing,
                "column empty has no value in any of 300 rows");
  ExpectFailure(Options({"y ~ x + copy"}), ErrorId::kModelFailed, "not identified by the 300 rows");
  ExpectFailure(Options({"f =~ i1 + i2"}), ErrorId::kModelFailed, "not identified");
}

TEST(Sem, FaultsOfTheStatements) {
  const auto expect = [](std::vector<std::string> paths, const std::string& text) {
    try {
      FitColumns(Data(), Options(std::move(paths)));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(error.Format().find(text), std::string::npos) << error.Format();
    }
  };
  expect({"y + x"}, "a path needs ~, ~~ or =~");
  expect({"y ~ a b"}, "a name is missing or not one word");
  expect({"y ~ x", "y ~ x"}, "a path is there twice");
  expect({"y ~ y"}, "leads to itself");
  expect({"y ~ (a)*x"}, "neither a number nor a label");
  expect({"y ~ xx"}, "column that does not exist");
  FitOptions options = Options({"y ~ x"});
  options.formula = "y ~ x";
  EXPECT_THROW(FitColumns(Data(), options), Error);
  try {
    FitColumns(Data(), Options({"y ~ x", "m ~ xx"}));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.field(), "paths");
    EXPECT_EQ(error.value(), "xx");
  }
  options = Options({});
  EXPECT_THROW(FitColumns(Data(), options), Error);
}

// Weights of three variances against the share of draws whose projection on the cone (of positive
// values, in the metric of the covariance) has so many positive entries.
TEST(ChiBarSquare, WeightsOfThreeVariances) {
  Eigen::Matrix3d v;
  v << 1.0, 0.6, -0.3, 0.6, 2.0, 0.4, -0.3, 0.4, 0.5;
  const auto weights = ChiBarWeights(v);
  ASSERT_EQ(weights.size(), 4u);
  const Eigen::Matrix3d root = v.llt().matrixL(), metric = v.inverse();
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  constexpr int kDraws = 100'000;
  std::array<double, 4> share{};
  // Nearest points of the faces, whose entries are above zero, as functions of the point drawn.
  std::array<Eigen::Matrix3d, 8> to_face;
  for (int face = 0; face < 8; ++face) {
    std::vector<int> on;
    for (int i = 0; i < 3; ++i) {
      if ((face >> i & 1) != 0) on.push_back(i);
    }
    Eigen::Matrix3d& nearest = to_face[static_cast<size_t>(face)];
    nearest.setZero();
    if (on.empty()) continue;
    const Eigen::MatrixXd m = metric(on, on), rows = metric(on, Eigen::all);
    const Eigen::MatrixXd on_face = m.llt().solve(rows);
    nearest(on, Eigen::all) = on_face;
  }
  for (int draw = 0; draw < kDraws; ++draw) {
    const Eigen::Vector3d z =
        root * Eigen::Vector3d(normal(random), normal(random), normal(random));
    double best = std::numeric_limits<double>::infinity();
    int positive = 0;
    for (unsigned face = 0; face < 8; ++face) {
      const Eigen::Vector3d t = to_face[face] * z, left = z - t;
      const double distance = left.dot(metric * left);
      if (t.minCoeff() < 0 || distance >= best) continue;
      best = distance;
      positive = std::popcount(face);
    }
    share[static_cast<size_t>(positive)] += 1.0 / kDraws;
  }
  for (size_t i = 0; i < 4; ++i) {
    const double w = weights[i];
    EXPECT_NEAR(share[i], w, 4 * std::sqrt(w * (1 - w) / kDraws)) << i;
  }
}

// A third variance that is estimated independently: the closed form for two, and a half each.
TEST(ChiBarSquare, IndependentVariances) {
  Eigen::Matrix3d v = Eigen::Vector3d(1, 4, 0.5).asDiagonal();
  v(0, 1) = v(1, 0) = 0.9;
  const double none = std::acos(0.45) / (2 * std::numbers::pi);
  const auto expected = Convolve({none, 0.5, 0.5 - none}, {0.5, 0.5});
  const auto weights = ChiBarWeights(v);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(weights[i], expected[i], 1e-15) << i;
  EXPECT_NEAR(ChiBarWeights(Eigen::Matrix3d::Identity())[1], 3.0 / 8, 1e-15);
}

TEST(Riclpm, ChiBarSquareOfThreeVariablesAndOfGroups) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  Table data;
  std::vector<Table::Doubles> columns(9);
  Table::Strings group;
  for (int i = 0; i < 400; ++i) {
    const double stable = normal(random);
    for (auto& column : columns) column.push_back(0.4 * stable + normal(random));
    group.emplace_back(i % 2 == 0 ? "a" : "b");
  }
  FitOptions options;
  options.model = "riclpm";
  auto& model = options.model_options;
  std::vector<std::string>* const series[] = {&model.x, &model.y, &model.w};
  for (size_t s = 0; s < 3; ++s) {
    for (size_t t = 0; t < 3; ++t) {
      series[s]->push_back(std::string(1, "xyw"[s]) + std::to_string(t + 1));
      data.Add(series[s]->back(), columns[3 * s + t]);
    }
  }
  data.Add("g", group);
  model.variants = {"free", "clpm"};
  const auto p_of = [&](double df) {
    const FitResult fit = FitColumns(data, options);
    const Table& tests = fit.tables.at("comparisons");
    EXPECT_EQ(tests.StringsOf("test"), (Table::Strings{"LRT", "chibar"}));
    EXPECT_EQ(tests.DoublesOf("df1"), (Table::Doubles{df, df}));
    EXPECT_LT(tests.DoublesOf("p")[1], tests.DoublesOf("p")[0]);
    EXPECT_EQ(tests.DoublesOf("statistic")[1], tests.DoublesOf("statistic")[0]);
    return tests.DoublesOf("p")[1];
  };
  p_of(6);
  model.w.clear();
  model.group = "g";
  p_of(6);
}

TEST(Riclpm, FaultsOfTheSpec) {
  FitOptions options;
  options.model = "riclpm";
  options.model_options.x = {"x", "m"};
  options.model_options.y = {"i1"};
  EXPECT_THROW(FitColumns(Data(), options), Error);
  options.model_options.y = {"i1", "i2"};
  EXPECT_THROW(FitColumns(Data(), options), Error);  // two waves have no random intercepts
  options.model_options.variants = {"clpm"};
  const FitResult fit = FitColumns(Data(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  EXPECT_NEAR(fit.tables.at("fit").DoublesOf("chisq")[0], 0, 1e-7);  // saturated at two waves
}

// The key that names a column is told, not the formula, which there is none of.
TEST(Riclpm, MissingColumnsAreToldUnderTheirKeys) {
  const auto field = [](const std::string& key) {
    FitOptions options;
    options.model = "riclpm";
    auto& model = options.model_options;
    model.x = {"x", "m", key == "x" ? "nope" : "y"};
    model.y = {"i1", "i2", key == "y" ? "nope" : "i3"};
    if (key == "w") model.w = {"i4", "copy", "nope"};
    model.predictors = {key == "predictors" ? "nope" : "i4"};
    if (key == "group") model.group = "nope";
    try {
      FitColumns(Data(), options);
    } catch (const Error& error) {
      EXPECT_EQ(error.value(), "nope");
      return error.field();
    }
    return std::string();
  };
  for (const std::string key : {"x", "y", "w", "predictors", "group"}) EXPECT_EQ(field(key), key);
}

// Characters that statements cannot hold become one: groups must not.
TEST(Riclpm, GroupsOfOneNameAreRefused) {
  Table data = Data();
  Table::Strings group;
  for (size_t r = 0; r < data.rows(); ++r) group.push_back(r % 2 == 0 ? "a b" : "a_b");
  data.Add("sex", group);
  FitOptions options;
  options.model = "riclpm";
  options.model_options.x = {"x", "m"};
  options.model_options.y = {"i1", "i2"};
  options.model_options.variants = {"clpm"};
  options.model_options.group = "sex";
  const FitResult fit = FitColumns(data, options);
  ASSERT_EQ(fit.failures.size(), 1u);
  EXPECT_EQ(fit.failures[0].id(), ErrorId::kModelFailed);
  EXPECT_EQ(fit.failures[0].field(), "group");
}

}  // namespace
}  // namespace kinflow::family::test
