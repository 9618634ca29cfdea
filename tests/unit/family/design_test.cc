// Column names and contents against R's model.matrix (R 4.2.2, byte-order collation): column sums
// weighted by row number.
#include "stages/family/design.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "stages/family/ols.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

ModelFrame SmallFrame() {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, 4, 3, 5, 9, 7, 8, 6, 10, 12, 11});
  frame.columns.Add("x", Table::Doubles{1, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12});
  frame.columns.Add("g",
                    Table::Strings{"b", "a", "C", "b", "a", "C", "b", "a", "C", "b", "a", "C"});
  frame.columns.Add("k", Table::Ints{10, 10, 10, 10, 9, 9, 9, 9, 2, 2, 2, 2});
  return frame;
}

std::vector<uint32_t> AllRows(size_t n) {
  std::vector<uint32_t> rows;
  for (uint32_t r = 0; r < n; ++r) rows.push_back(r);
  return rows;
}

std::string Describe(const Design& design) {
  std::string names, sums;
  for (size_t c = 0; c < design.k; ++c) {
    double sum = 0;
    for (size_t r = 0; r < design.n; ++r) sum += static_cast<double>(r + 1) * design.Column(c)[r];
    names += design.columns[c].name + " ";
    sums += FormatDouble(sum) + " ";
  }
  return names + "| " + sums;
}

// R's colSums(model.matrix(...) * 1:12).
TEST(Design, PolynomialsAsInR) {
  using Columns = std::vector<std::pair<std::string, double>>;
  const std::vector<std::pair<std::string, Columns>> cases{
      {"y ~ x + I(x^2) + I(k^3)",
       {{"(Intercept)", 78}, {"x", 645}, {"I(x^2)", 6019}, {"I(k^3)", 29290}}},
      {"y ~ g*poly(k, 2)",
       {{"(Intercept)", 78},
        {"ga", 26},
        {"gb", 22},
        {"poly(k, 2)1", -10.382170952369},
        {"poly(k, 2)2", -4.495611895592},
        {"ga:poly(k, 2)1", -1.865546343004},
        {"gb:poly(k, 2)1", -1.703324921873},
        {"ga:poly(k, 2)2", -3.699513955748},
        {"gb:poly(k, 2)2", -0.515122196370}}},
      {"y ~ 0 + poly(x, 3):g",
       {{"poly(x, 3)1:gC", 5.770069869049},
        {"poly(x, 3)2:gC", 2.408775166386},
        {"poly(x, 3)3:gC", 2.675974432023},
        {"poly(x, 3)1:ga", 3.261343839028},
        {"poly(x, 3)2:ga", -1.897822858365},
        {"poly(x, 3)3:ga", -3.679464844031},
        {"poly(x, 3)1:gb", 2.508726030021},
        {"poly(x, 3)2:gb", -0.510952308021},
        {"poly(x, 3)3:gb", 0.864116743674}}}};
  const ModelFrame frame = SmallFrame();
  for (const auto& [formula, expected] : cases) {
    const Design design = BuildDesign(ParseFormula(formula), frame, AllRows(12));
    ASSERT_EQ(design.k, expected.size()) << formula;
    for (size_t c = 0; c < design.k; ++c) {
      double sum = 0;
      for (size_t r = 0; r < design.n; ++r) sum += static_cast<double>(r + 1) * design.Column(c)[r];
      EXPECT_EQ(design.columns[c].name, expected[c].first);
      EXPECT_NEAR(sum, expected[c].second, 1e-11) << expected[c].first;
    }
  }
  for (const char* formula : {"y ~ poly(k, 3)", "y ~ I(g^2)", "y ~ poly(g, 2)"}) {
    EXPECT_THROW(BuildDesign(ParseFormula(formula), frame, AllRows(12)), Error) << formula;
  }
}

// R's colSums(model.matrix(...) * 1:12).
TEST(Design, FunctionsAsInR) {
  const ModelFrame frame = SmallFrame();
  const Design design = BuildDesign(ParseFormula("y ~ log(k) + sqrt(k)"), frame, AllRows(12));
  ASSERT_EQ(design.k, 3u);
  const double expected[] = {109.265871524200, 169.019746221354};
  for (size_t c = 1; c < design.k; ++c) {
    double sum = 0;
    for (size_t r = 0; r < design.n; ++r) sum += static_cast<double>(r + 1) * design.Column(c)[r];
    EXPECT_NEAR(sum, expected[c - 1], 1e-10) << design.columns[c].name;
  }
  EXPECT_EQ(design.columns[1].name, "log(k)");
  EXPECT_THROW(BuildDesign(ParseFormula("y ~ log(g)"), frame, AllRows(12)), Error);
  const Design outcome = BuildDesign(ParseFormula("exp(k) ~ 1"), frame, AllRows(12));
  const Design product = BuildDesign(ParseFormula("y ~ 0 + exp(k):k"), frame, AllRows(12));
  for (size_t r = 0; r < 12; ++r) {
    const double k = std::log(outcome.y[r]);
    EXPECT_NEAR(product.x[r], outcome.y[r] * k, 1e-9 * outcome.y[r] * k);
  }
}

// log(k + 1) is the log of a column that holds k + 1, of outcomes too.
TEST(Design, ConstantsInFunctions) {
  ModelFrame frame = SmallFrame();
  const auto next = BuildDesign(ParseFormula("y ~ 0 + k"), frame, AllRows(12)).x;
  Table::Doubles more;
  for (const double k : next) more.push_back(k + 1);
  frame.columns.Add("more", std::move(more));
  const Design added =
      BuildDesign(ParseFormula("sqrt(k + 1) ~ log(k + 1) + exp(k + 1)"), frame, AllRows(12));
  const Design made =
      BuildDesign(ParseFormula("sqrt(more) ~ log(more) + exp(more)"), frame, AllRows(12));
  EXPECT_EQ(added.x, made.x);
  EXPECT_EQ(added.y, made.y);
  EXPECT_EQ(added.columns[1].name, "log(k + 1)");
}

// Values for which a function is not defined are told by column, not dropped as R drops them.
TEST(Design, FunctionsOutsideTheirDomain) {
  ModelFrame frame;
  frame.columns.Add("y", Table::Doubles{1, 2, 3, 4});
  frame.columns.Add("x", Table::Doubles{0, 1, 2, 3});
  frame.columns.Add("z", Table::Doubles{-1, 1, 2, 3});
  EXPECT_NO_THROW(BuildDesign(ParseFormula("y ~ sqrt(x)"), frame, AllRows(4)));
  for (const std::string text : {"y ~ log(x)", "log(x) ~ y", "y ~ sqrt(z)", "sqrt(z) ~ y"}) {
    try {
      BuildDesign(ParseFormula(text), frame, AllRows(4));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), ErrorId::kModelFailed);
      EXPECT_NE(text.find(error.value()), std::string::npos) << error.value();
    }
  }
}

TEST(Design, ValuesOutsideTheDomainAreCounted) {
  ModelFrame frame;
  Table::Doubles y, x;
  for (int i = 0; i < 30; ++i) {
    y.push_back(i);
    x.push_back(i - 11);  // 12 of them up to 0
  }
  frame.columns.Add("y", y);
  frame.columns.Add("x", x);
  const auto told = [&](const char* formula) {
    try {
      BuildDesign(ParseFormula(formula), frame, AllRows(30));
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("nothing");
  };
  EXPECT_EQ(told("y ~ log(x)"), "x is not above 0 in 12 rows of the 30 used");
  EXPECT_EQ(told("sqrt(x) ~ y"), "x is below 0 in 11 rows of the 30 used");
  EXPECT_EQ(told("log(x + 9) ~ y"), "x + 9 is not above 0 in fewer than 10 rows of the 30 used");
}

TEST(Design, ModelMatrixAsInR) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"y ~ g", "(Intercept) ga gb | 78 26 22 "},
      {"y ~ 0 + g", "gC ga gb | 30 26 22 "},
      {"y ~ x*g", "(Intercept) x ga gb x:ga x:gb | 78 645 26 22 208 173 "},
      {"y ~ 0 + g + g:x", "gC ga gb gC:x ga:x gb:x | 30 26 22 264 208 173 "},
      {"y ~ g:x", "(Intercept) gC:x ga:x gb:x | 78 264 208 173 "},
      {"y ~ factor(k) + x", "(Intercept) factor(k)9 factor(k)10 x | 78 26 10 645 "},
      {"y ~ 0 + x:g", "x:gC x:ga x:gb | 264 208 173 "},
      {"y ~ x + g:factor(k) - 1",
       "x gC:factor(k)2 ga:factor(k)2 gb:factor(k)2 gC:factor(k)9 ga:factor(k)9 gb:factor(k)9 "
       "gC:factor(k)10 ga:factor(k)10 gb:factor(k)10 | 645 21 11 10 6 13 7 3 2 5 "},
      {"y ~ (x+g)*factor(k)",
       "(Intercept) x ga gb factor(k)9 factor(k)10 x:factor(k)9 x:factor(k)10 ga:factor(k)9 "
       "gb:factor(k)9 ga:factor(k)10 gb:factor(k)10 | 78 645 26 22 26 10 176 33 13 7 2 5 "}};
  const ModelFrame frame = SmallFrame();
  for (const auto& [formula, expected] : cases) {
    EXPECT_EQ(Describe(BuildDesign(ParseFormula(formula), frame, AllRows(12))), expected)
        << formula;
  }
}

TEST(Design, ReferenceLevelFromOptions) {
  ModelFrame frame = SmallFrame();
  frame.reference = {{"g", "b"}};
  EXPECT_EQ(Describe(BuildDesign(ParseFormula("y ~ g"), frame, AllRows(12))),
            "(Intercept) gC ga | 78 30 26 ");
  frame.reference = {{"g", "B"}};
  try {
    BuildDesign(ParseFormula("y ~ g"), frame, AllRows(12));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kConfigReference);
    EXPECT_EQ(error.field(), "reference.g");
  }
}

TEST(Design, LevelsAreThoseOfTheRowsInUse) {
  const ModelFrame frame = SmallFrame();
  const Design design = BuildDesign(ParseFormula("y ~ g"), frame, {0, 1, 3, 4, 6, 7});
  EXPECT_EQ(Describe(design), "(Intercept) gb | 21 9 ");
}

TEST(Design, IdentifiersAreNotFactors) {
  ModelFrame frame;
  Table::Doubles y;
  Table::Strings ids;
  for (int i = 0; i < 60; ++i) {
    y.push_back(i * i % 7);
    ids.push_back("SECRET" + std::to_string(i));
  }
  frame.columns.Add("y", y);
  frame.columns.Add("id", ids);
  try {
    BuildDesign(ParseFormula("y ~ id"), frame, AllRows(60));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kModelFailed);
    EXPECT_EQ(error.field(), "id");
    EXPECT_EQ(error.Format().find("SECRET"), std::string::npos);
  }
}

// Fixed effects of mothers have another way; numbers among which a text stands are mended.
TEST(Design, RemediesOfFactorsOfManyLevels) {
  ModelFrame frame;
  Table::Doubles y;
  Table::Ints mother;
  Table::Strings age;
  for (int i = 0; i < 60; ++i) {
    y.push_back(i * i % 7);
    mother.push_back(1000 + i);
    age.push_back(i == 7 ? "unknown" : std::to_string(20 + i));
  }
  frame.columns.Add("y", y);
  frame.columns.Add("mother", mother);
  frame.columns.Add("age", age);
  const auto remedy = [&](const std::string& formula) {
    try {
      BuildDesign(ParseFormula(formula), frame, AllRows(60));
    } catch (const Error& error) {
      return error.remedy();
    }
    return std::string("no fault");
  };
  EXPECT_NE(remedy("y ~ factor(mother)").find("family_reml with (1 | mother)"), std::string::npos);
  EXPECT_NE(remedy("y ~ age").find("not all of its cells are numbers"), std::string::npos);
  EXPECT_EQ(remedy("y ~ mother"), "no fault");
}

TEST(Design, OneLevelFactorIsAliasedNotDropped) {
  ModelFrame frame = SmallFrame();
  frame.columns.Add("one", Table::Strings(12, "only"));
  const Design design = BuildDesign(ParseFormula("y ~ x + one"), frame, AllRows(12));
  const OlsFit fit = FitOls(design);
  ASSERT_EQ(design.columns[2].name, "oneonly");
  EXPECT_EQ(fit.position[2], -1);
  EXPECT_TRUE(std::isnan(fit.coef[2]));
}

// Columns from orthogonal to nearly dependent, on both sides of where reflections take over: Q is
// orthonormal, Q R is X, and what is left of y has nothing of X.
TEST(Qr, FactorsWellAndBadlyConditionedColumns) {
  using Eigen::MatrixXd;
  const Eigen::Index n = 500;
  for (const double own : {1.0, 1e-2, 2e-3, 5e-4, 1e-6}) {
    MatrixXd x(n, 3);
    Eigen::VectorXd y(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto t = static_cast<double>(i);
      x.row(i) << 1, 1e3 * (1 + own * std::sin(t)), std::cos(3 * t);
      y(i) = std::sin(0.7 * t * t);
    }
    const std::vector<double> values(x.data(), x.data() + x.size()),
        outcome(y.data(), y.data() + n);
    const PivotedQr qr = FactorQr(values, static_cast<size_t>(n), 3);
    const QrOutcome beside = ProjectOn(qr, outcome);
    ASSERT_EQ(qr.rank, 3u) << own;
    const Eigen::Map<const MatrixXd> q(qr.q.data(), n, 3), r_inv(qr.r_inv.data(), 3, 3);
    const Eigen::Map<const Eigen::VectorXd> e(beside.residuals.data(), n);
    EXPECT_LE((q.transpose() * q - MatrixXd::Identity(3, 3)).cwiseAbs().maxCoeff(), 1e-14) << own;
    EXPECT_LE((q * r_inv.inverse() - x).cwiseAbs().maxCoeff(), 1e-10) << own;
    EXPECT_LE((q.transpose() * e).cwiseAbs().maxCoeff(), 1e-13) << own;
    const Eigen::Map<const Eigen::VectorXd> effects(beside.effects.data(), 3);
    EXPECT_LE((q * effects + e - y).cwiseAbs().maxCoeff(), 1e-13) << own;
  }
}

// lm() keeps the first of dependent columns, in formula order, and gives NA for the later ones.
TEST(Qr, LimitedPivotingAsInR) {
  ModelFrame frame = SmallFrame();
  Table::Doubles twice, sum;
  const auto& x = frame.columns.DoublesOf("x");
  const auto& k = frame.columns.IntsOf("k");
  for (size_t r = 0; r < 12; ++r) {
    twice.push_back(2 * x[r] + 3);
    sum.push_back(x[r] + static_cast<double>(k[r]) * 1e5);
  }
  frame.columns.Add("twice", twice);
  frame.columns.Add("sum", sum);
  const auto fit = [&](const std::string& text) {
    return FitOls(BuildDesign(ParseFormula(text), frame, AllRows(12)));
  };
  const OlsFit with = fit("y ~ x + twice + k + sum + g");
  const OlsFit without = fit("y ~ x + k + g");
  EXPECT_EQ(with.position, (std::vector<int64_t>{0, 1, -1, 2, -1, 3, 4}));
  EXPECT_EQ(with.coef[1], without.coef[1]);  // same bits: aliased columns take no part
  EXPECT_EQ(with.coef[5], without.coef[3]);
  EXPECT_EQ(with.rss, without.rss);
  EXPECT_EQ(fit("y ~ twice + x").position, (std::vector<int64_t>{0, 1, -1}));
}

}  // namespace
}  // namespace kinflow::family::test
