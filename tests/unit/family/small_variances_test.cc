// Random intercepts of little or no variance: fits are as good as the best point of a grid.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <numbers>
#include <random>

#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Simulated {
  std::vector<double> y, x;
  std::vector<int> group;  // rows of a group side by side
  Table ToColumns() const {
    Table table;
    table.Add("y", y);
    table.Add("x", x);
    Table::Strings names;
    for (const int g : group) names.push_back("g" + std::to_string(g));
    table.Add("id", names);
    return table;
  }
};

// `size` rows a group, or 1 to 5 if it is 0; a standard deviation `sd` between groups, 1 within.
Simulated Simulate(uint64_t seed, int groups, int size, double sd, bool binary) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return (static_cast<double>(random() >> 11) + .5) / 0x1p53; };
  const auto normal = [&] {
    const double r = std::sqrt(-2 * std::log(uniform()));
    return r * std::cos(2 * std::numbers::pi * uniform());
  };
  Simulated out;
  for (int g = 0; g < groups; ++g) {
    const double shared = sd * normal();
    for (int i = 0; i < (size > 0 ? size : 1 + g % 5); ++i) {
      out.x.push_back(normal());
      out.group.push_back(g);
      const double eta = .3 * out.x.back() + shared;
      out.y.push_back(binary ? (uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0) : eta + normal());
    }
  }
  return out;
}

double NumberOf(const FitResult& fit, const char* table, const char* column) {
  return fit.tables.at(table).DoublesOf(column)[0];
}

// -2 ln L of y ~ x + (1 | id), fixed effects and sigma profiled out, with V = I + theta^2 J
// inverted by its closed form.
double Criterion(const Simulated& data, double theta, bool reml) {
  const auto n = static_cast<Index>(data.y.size());
  MatrixXd sums = MatrixXd::Zero(3, 3);
  double log_det = 0;
  for (Index begin = 0, end = 0; begin < n; begin = end) {
    Eigen::Vector3d total = Eigen::Vector3d::Zero();
    for (; end < n && data.group[end] == data.group[begin]; ++end) {
      const Eigen::Vector3d row(1, data.x[end], data.y[end]);
      sums += row * row.transpose();
      total += row;
    }
    const double d = 1 + theta * theta * static_cast<double>(end - begin);
    sums -= theta * theta / d * total * total.transpose();
    log_det += std::log(d);
  }
  const MatrixXd xx = sums.topLeftCorner(2, 2);
  const VectorXd xy = sums.col(2).head(2);
  const double r2 = sums(2, 2) - xy.dot(xx.inverse() * xy);
  const double rows = static_cast<double>(reml ? n - 2 : n);
  if (reml) log_det += std::log(xx.determinant());
  return log_det + rows * (1 + std::log(2 * std::numbers::pi * r2 / rows));
}

TEST(SmallVariances, LinearFitsAreAsGoodAsAGrid) {
  for (const double icc : {0.0, .01, .03, .05, .1, .2, .5}) {
    for (const int groups : {20, 60}) {
      for (const int size : {0, 2, 4}) {
        for (uint64_t seed = 1; seed <= 4; ++seed) {
          const auto data = Simulate(seed * 1000 + static_cast<uint64_t>(groups + size), groups,
                                     size, std::sqrt(icc / (1 - icc)), false);
          for (const bool reml : {true, false}) {
            SCOPED_TRACE(testing::Message() << "icc " << icc << ", " << groups << " groups of "
                                            << size << ", seed " << seed << ", reml " << reml);
            FitOptions options;
            options.model = "lmm";
            options.formula = "y ~ x + (1 | id)";
            options.reml = reml;
            const auto fit = FitColumns(data.ToColumns(), options);
            if (!fit.failures.empty()) {
              ADD_FAILURE() << fit.failures.front().OneLine();
              continue;
            }
            double best = Criterion(data, 0, reml);
            for (double theta = .005; theta < 3; theta += .005) {
              best = std::min(best, Criterion(data, theta, reml));
            }
            const double ours = NumberOf(fit, "models", "criterion");
            EXPECT_LE(ours, best + 1e-7);
            const double theta = NumberOf(fit, "varcomp", "sd") / NumberOf(fit, "models", "sigma");
            EXPECT_NEAR(ours, Criterion(data, theta, reml), 1e-7);
          }
        }
      }
    }
  }
}

// Effects of rows and columns of a balanced table, one value a cell: REML's variances are those of
// the analysis of variance (Searle et al. 1992, 4.3). `sd`: between rows and columns, 1 within.
Table BalancedTable(int rows, int columns, double sd_row, double sd_column) {
  MatrixXd rest(rows, columns);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) rest(i, j) = (i * 7 + j * 11) % 13 + (i * j) % 5;
  }
  const VectorXd row_means = rest.rowwise().mean(), column_means = rest.colwise().mean();
  rest = (rest.colwise() - row_means).rowwise() - column_means.transpose();
  rest.array() += row_means.mean();
  rest *= std::sqrt((rows - 1) * (columns - 1) / rest.squaredNorm());
  // Evenly spaced means with a mean square of 1 + size sd^2.
  const auto means = [](int levels, int size, double sd) {
    const VectorXd even = VectorXd::LinSpaced(levels, -1, 1);
    return VectorXd(even * std::sqrt((1 + size * sd * sd) * (levels - 1) / size) / even.norm());
  };
  const VectorXd row = means(rows, columns, sd_row), column = means(columns, rows, sd_column);
  Table::Doubles y;
  Table::Strings row_names, column_names;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      y.push_back(row(i) + column(j) + rest(i, j));
      row_names.push_back("r" + std::to_string(i));
      column_names.push_back("c" + std::to_string(j));
    }
  }
  Table table;
  table.Add("y", y);
  table.Add("row", row_names);
  table.Add("column", column_names);
  return table;
}

TEST(SmallVariances, BalancedTablesHaveTheVariancesOfTheAnalysisOfVariance) {
  for (const double sd : {.002, .004, .0075, .015, .03, .1}) {
    SCOPED_TRACE(testing::Message() << "sd " << sd);
    FitOptions options;
    options.model = "lmm";
    options.formula = "y ~ 1 + (1 | row) + (1 | column)";
    const auto fit = FitColumns(BalancedTable(40, 30, .3, sd), options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures.front().OneLine();
    const auto variance = [&](const char* group) {
      const Table& table = fit.tables.at("varcomp");
      return table.DoublesOf("variance")
          .at(static_cast<size_t>(FindRow(table, {{"group", group}})));
    };
    EXPECT_NEAR(variance("row"), .09, 1e-6);
    EXPECT_NEAR(variance("column"), sd * sd, 3e-4 * sd * sd);
    EXPECT_NEAR(NumberOf(fit, "models", "sigma"), 1, 1e-6);
  }
}

// The closed form of one factor: columns are left out of the table's model, not of its values.
TEST(SmallVariances, OneFactorHasTheVarianceOfTheAnalysisOfVariance) {
  for (const double sd : {.002, .004, .0075, .015, .03, .1}) {
    SCOPED_TRACE(testing::Message() << "sd " << sd);
    Table table = BalancedTable(50, 35, sd, 0);
    FitOptions options;
    options.model = "lmm";
    options.formula = "y ~ 1 + (1 | row)";
    const auto fit = FitColumns(table, options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures.front().OneLine();
    // The columns' mean square is 1 too, so that the pooled one within rows is.
    EXPECT_NEAR(fit.tables.at("varcomp").DoublesOf("variance")[0], sd * sd, 3e-4 * sd * sd);
    EXPECT_NEAR(NumberOf(fit, "models", "sigma"), 1, 1e-6);
  }
}

// ln L by the rectangle rule, which is exact for such integrands.
double LogLik(const Simulated& data, double b0, double b1, double sd) {
  double sum = 0;
  for (size_t begin = 0, end = 0; begin < data.y.size(); begin = end) {
    while (end < data.y.size() && data.group[end] == data.group[begin]) ++end;
    double integral = 0;
    for (double u = -8; u <= 8; u += .25) {
      double joint = std::exp(-u * u / 2) / std::sqrt(2 * std::numbers::pi) * .25;
      for (size_t i = begin; i < end; ++i) {
        const double p = 1 / (1 + std::exp(-b0 - b1 * data.x[i] - sd * u));
        joint *= data.y[i] == 1 ? p : 1 - p;
      }
      integral += joint;
    }
    sum += std::log(integral);
  }
  return sum;
}

// The grid is over the standard deviation, at our fixed effects.
TEST(SmallVariances, LogisticFitsAreAsGoodAsAGrid) {
  for (const double sd : {0.0, .1, .2, .35, .5}) {
    for (const int groups : {40, 120}) {
      for (uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(testing::Message()
                     << "sd " << sd << ", " << groups << " groups, seed " << seed);
        const auto data =
            Simulate(seed * 1000 + static_cast<uint64_t>(groups), groups, 5, sd, true);
        FitOptions options;
        options.model = "logit";
        options.formula = "y ~ x + (1 | id)";
        const auto fit = FitColumns(data.ToColumns(), options);
        if (!fit.failures.empty()) {
          ADD_FAILURE() << fit.failures.front().OneLine();
          continue;
        }
        const auto& b = fit.tables.at("estimates").DoublesOf("estimate");
        double best = LogLik(data, b[0], b[1], 0);
        for (double at = .05; at < 1.5; at += .05) {
          best = std::max(best, LogLik(data, b[0], b[1], at));
        }
        const double ours = NumberOf(fit, "models", "logLik");
        EXPECT_GE(ours, best - 1e-5);
        EXPECT_NEAR(ours, LogLik(data, b[0], b[1], NumberOf(fit, "varcomp", "sd")), 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace kinflow::family::test
