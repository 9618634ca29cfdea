// Family REML: the covariance of relatives written out, models that are one in two ways, and errors
// of what two models say together against repeated simulations.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "pipeline/base/error.h"
#include "stages/family/fit.h"
#include "stages/family/mixed/projection.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Families {
  Table rows, pairs;  // pairs: siblings
};

// Families of 1 to 3 children; effects .4 direct, .1 of each parent; half of the variance left is
// the family's.
Families Simulate(uint64_t seed, int families, double relatedness) {
  std::mt19937_64 random(seed);
  const auto normal = [&random] {
    double sum = 0;  // the same everywhere, unlike std::normal_distribution
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) / 9007199254740992.0;
    return sum - 6;
  };
  Table::Doubles y, child, mother, father;
  Table::Strings family, person, first, second;
  for (int f = 0; f < families; ++f) {
    const double m = normal(), p = normal(), shared = .7 * normal();
    for (int c = 0; c < 1 + f % 3; ++c) {
      const double own = (m + p) / 2 + std::sqrt(.5) * normal();
      child.push_back(own);
      mother.push_back(m);
      father.push_back(p);
      y.push_back(.4 * own + .1 * m + .1 * p + shared + .7 * normal());
      family.push_back("f" + std::to_string(f));
      person.push_back(family.back() + "_" + std::to_string(c));
      for (int other = 0; other < c; ++other) {
        first.push_back(person.back());
        second.push_back(family.back() + "_" + std::to_string(other));
      }
    }
  }
  Families out;
  out.rows.Add("y", y);
  out.rows.Add("g.child", child);
  out.rows.Add("g.mother", mother);
  out.rows.Add("g.father", father);
  out.rows.Add("family", family);
  out.rows.Add("person", person);
  out.pairs.Add("relatedness", Table::Doubles(first.size(), relatedness));
  out.pairs.Add("ID1", first);
  out.pairs.Add("ID2", second);
  return out;
}

FitOptions Options(const std::string& random) {
  FitOptions options;
  options.model = "family_reml";
  options.formula = "y ~ g.child + g.mother + g.father" + random;
  options.outcome_of = "child";
  return options;
}

FitResult FitWithRelatives(const Families& data, const std::string& random) {
  FitOptions options = Options(random);
  options.person = "person";
  options.relatives = "pairs.tsv";
  return FitColumns(data.rows, options, data.pairs);
}

double ContrastOf(const FitResult& fit, const std::string& name, const char* column) {
  const Table& table = fit.tables.at("contrasts");
  const int64_t row = FindRow(table, {{"contrast", name}});
  return row < 0 ? std::nan("") : table.DoublesOf(column)[static_cast<size_t>(row)];
}

TEST(FamilyReml, CovarianceOfRelativesWrittenOut) {
  const Families data = Simulate(1, 30, .5);
  ModelFrame frame;
  frame.columns = data.rows;
  std::vector<uint32_t> rows;
  for (uint32_t r = 0; r < data.rows.rows(); ++r) rows.push_back(r);
  std::vector<int64_t> person = CodesOf(data.rows.column(5));
  person.back() = 0;  // one person twice
  frame.person = std::move(person);
  frame.relatives = {{0, 3, .5}, {3, 4, .25}, {7, 9, 1}};
  const auto random = BuildRandomEffects(ParseFormula("y ~ 1 + (1 | family)"), frame, rows);
  ASSERT_EQ(random.blocks.size(), 2u);

  const auto n = static_cast<Index>(rows.size());
  const auto& family = data.rows.StringsOf("family");
  const VectorXd theta{{.8, 1.3}};  // of relatedness (more levels), of families
  MatrixXd v = MatrixXd::Identity(n, n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      const int64_t a = frame.person[static_cast<size_t>(i)],
                    b = frame.person[static_cast<size_t>(j)];
      double r = a == b ? 1 : 0;
      for (const auto& pair : frame.relatives) {
        if ((pair.a == a && pair.b == b) || (pair.a == b && pair.b == a)) r = pair.relatedness;
      }
      v(i, j) += theta(0) * theta(0) * r;
      if (family[static_cast<size_t>(i)] == family[static_cast<size_t>(j)]) {
        v(i, j) += theta(1) * theta(1);
      }
    }
  }
  MatrixXd w(n, 2);
  w.col(0) = Eigen::Map<const VectorXd>(data.rows.DoublesOf("y").data(), n);
  w.col(1) = Eigen::Map<const VectorXd>(data.rows.DoublesOf("g.child").data(), n);
  const Eigen::LLT<MatrixXd> llt(v);
  const MatrixXd expected = w.transpose() * llt.solve(w);
  Projected ours;
  MakeProjection(random, w)->Evaluate(theta, ours);
  EXPECT_NEAR(ours.log_det, 2 * llt.matrixLLT().diagonal().array().log().sum(), 1e-10);
  EXPECT_LE((ours.m - expected).cwiseAbs().maxCoeff(), 1e-11 * expected.cwiseAbs().maxCoeff());
}

// Siblings related by 1 are the family's random intercept.
TEST(FamilyReml, RelatednessOfOneIsASharedIntercept) {
  const Families data = Simulate(2, 200, 1);
  const auto by_pairs = FitWithRelatives(data, "");
  const auto by_term = FitColumns(data.rows, Options(" + (1 | family)"));
  ASSERT_TRUE(by_pairs.failures.empty());
  const auto& a = by_pairs.tables.at("estimates");
  const auto& b = by_term.tables.at("estimates");
  ASSERT_EQ(a.rows(), b.rows());
  for (const char* column : {"estimate", "std_error"}) {
    for (size_t r = 0; r < a.rows(); ++r) {
      EXPECT_NEAR(a.DoublesOf(column)[r], b.DoublesOf(column)[r], 1e-7)
          << a.StringsOf("term")[r] << " " << column;
    }
  }
  EXPECT_NEAR(a.DoublesOf("df")[1] / b.DoublesOf("df")[1], 1, 1e-4);
  for (const char* name : {"mean indirect", "direct / population"}) {
    EXPECT_NEAR(ContrastOf(by_pairs, name, "std_error"), ContrastOf(by_term, name, "std_error"),
                1e-6);
  }
}

// Both together: the genetic variance of siblings who share half of it is told from the family's
// only by the people without siblings, so that the sum is what is known.
TEST(FamilyReml, FamilyAndRelativesTogether) {
  const auto fit = FitWithRelatives(Simulate(3, 600, .5), " + (1 | family)");
  ASSERT_TRUE(fit.failures.empty());
  const Table& varcomp = fit.tables.at("varcomp");
  double all = 0;
  for (size_t r = 0; r < varcomp.rows(); ++r) {
    if (varcomp.StringsOf("model_id")[r] == "trio") all += varcomp.DoublesOf("variance")[r];
  }
  EXPECT_NEAR(all, .98, .1);
}

// The direct and the population effect are estimated from the same data.
TEST(FamilyReml, ErrorsOfRatiosAreThoseOfRepeatedSimulations) {
  constexpr int kRuns = 300;
  std::map<std::string, std::vector<double>> estimates, errors;
  for (int run = 0; run < kRuns; ++run) {
    const auto fit = FitColumns(Simulate(100 + static_cast<uint64_t>(run), 150, .5).rows,
                                Options(" + (1 | family)"));
    for (const char* name : {"mean indirect", "direct / population"}) {
      estimates[name].push_back(ContrastOf(fit, name, "estimate"));
      errors[name].push_back(ContrastOf(fit, name, "std_error"));
    }
  }
  for (const auto& [name, values] : estimates) {
    const Eigen::Map<const VectorXd> v(values.data(), kRuns), e(errors[name].data(), kRuns);
    const double sd = std::sqrt((v.array() - v.mean()).square().sum() / (kRuns - 1));
    EXPECT_NEAR(e.mean() / sd, 1, 4 / std::sqrt(2.0 * kRuns)) << name;  // 4 Monte Carlo errors
  }
}

// The one pair a family is told by the parents' scores, whatever the random terms are.
TEST(FamilyReml, CorrelationOfParentsCountsEachPairOnce) {
  const Families data = Simulate(6, 200, .5);
  const auto& mother = data.rows.DoublesOf("g.mother");
  const auto& father = data.rows.DoublesOf("g.father");
  std::vector<double> m, p;
  for (size_t r = 0; r < mother.size(); ++r) {
    if (r > 0 && mother[r] == mother[r - 1]) continue;
    m.push_back(mother[r]);
    p.push_back(father[r]);
  }
  ASSERT_EQ(m.size(), 200u);
  const VectorXd a = Eigen::Map<const VectorXd>(m.data(), 200).array() -
                     Eigen::Map<const VectorXd>(m.data(), 200).mean(),
                 b = Eigen::Map<const VectorXd>(p.data(), 200).array() -
                     Eigen::Map<const VectorXd>(p.data(), 200).mean();
  const double expected = a.dot(b) / (a.norm() * b.norm());
  Families grouped = data;
  Table::Strings batch;
  for (size_t r = 0; r < mother.size(); ++r) batch.push_back("b" + std::to_string(r % 7));
  grouped.rows.Add("batch", batch);
  for (const char* random :
       {"", " + (1 | family) + (1 | batch)", " + (1 | batch) + (1 | family)"}) {
    FitOptions options = Options(random);
    options.person = "person";
    options.relatives = "pairs.tsv";
    options.model_options.assortment.h2f = .5;
    const auto fit = FitColumns(grouped.rows, options, grouped.pairs);
    EXPECT_NEAR(ContrastOf(fit, "assortment: rk", "estimate"), expected, 1e-12) << random;
  }
}

// The others of a mother are no pair of parents.
TEST(FamilyReml, OutcomeOfAParentHasNoParentalSum) {
  const Families data = Simulate(7, 100, .5);
  FitOptions options = Options(" + (1 | family)");
  options.outcome_of = "mother";
  const auto fit = FitColumns(data.rows, options);
  EXPECT_LT(FindRow(fit.tables.at("models"), {{"model_id", "parental"}}), 0);
  EXPECT_GE(FindRow(fit.tables.at("models"), {{"model_id", "trio"}}), 0);
  EXPECT_TRUE(std::isnan(ContrastOf(fit, "mean indirect", "estimate")));
  EXPECT_FALSE(std::isnan(ContrastOf(fit, "direct / population", "estimate")));
  options.model_options.assortment.h2f = .5;
  EXPECT_THROW(FitColumns(data.rows, options), Error);
}

TEST(FamilyReml, Faults) {
  Families data = Simulate(4, 60, .5);
  FitOptions options = Options("");
  EXPECT_THROW(FitColumns(data.rows, options), Error);  // neither siblings nor relatives
  options = Options(" + (1 | family)");
  options.outcome_of = "";
  EXPECT_THROW(FitColumns(data.rows, options), Error);
  options = Options(" + (1 + g.child | family)");
  EXPECT_THROW(FitColumns(data.rows, options), Error);
  options = Options(" + (1 | family)");
  options.common_sample = false;  // covariances between the models need the same rows
  EXPECT_THROW(FitColumns(data.rows, options), Error);
  options.common_sample = true;
  Families taken = data;
  taken.rows.Add("g.parents", data.rows.DoublesOf("y"));
  EXPECT_THROW(FitColumns(taken.rows, options), Error);
  options = Options("");
  options.relatives = "pairs.tsv";
  options.person = "nobody";
  EXPECT_THROW(FitColumns(data.rows, options, data.pairs), Error);
}

}  // namespace
}  // namespace kinflow::family::test
