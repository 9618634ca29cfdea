#include "stages/scores/adjust/residuals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "tests/unit/scores/adjust/case_i.h"

namespace kinflow::test {
namespace {

Residuals Fit(const CaseI& data, const ResidualOptions& options, const std::string& score) {
  const Covariates covariates(options.terms, *data.cohort, data.persons);
  Residualiser residualiser(options, covariates, *data.cohort);
  return residualiser.Of(data.scores.values[data.IndexOf(score)], score);
}

template <class T>
std::vector<T>& Rows(CaseI& data, const std::string& name) {
  const Table& table = data.persons.columns;
  return const_cast<std::vector<T>&>(
      std::get<std::vector<T>>(table.column(static_cast<size_t>(table.Find(name)))));
}

ErrorId IdOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& e) {
    EXPECT_FALSE(e.Advice().empty());
    return e.id();
  }
  return ErrorId::kInternal;
}

// R: rstandard(lm(..., subset = role == "Mother")) and so on.
TEST(Residuals, ByRole) {
  const CaseI data;
  ResidualOptions options{{"PC1", "PC2", "genotyping_batch"}, true, true};
  const Residuals r = Fit(data, options, "mdd_pgs");
  const std::pair<size_t, double> expected[] = {{0, -0.243641036424487}, {4, 0.392445425009045},
                                                {5, -0.066748099546192}, {3, -0.315531453344312},
                                                {6, -1.01262673979969},  {1, 0.536096241356431},
                                                {2, -0.546551301956154}};
  for (const auto& [sample, value] : expected) EXPECT_NEAR(r.values[sample], value, 1e-11);
  EXPECT_NEAR(r.r2, 0.0524637211542427, 1e-12);
  EXPECT_EQ(r.n, 900);
  EXPECT_EQ(r.n_coefficients, 18);
}

// R drops the collinear column, and gives NaN to who is alone in a batch and NA without covariate.
TEST(Residuals, AsLmWithACollinearColumnAPersonAloneAndAMissingValue) {
  CaseI data;
  Table::Doubles twice;
  for (const double v : Rows<double>(data, "PC2")) twice.push_back(2 * v + 1);
  data.persons.columns.Add("twice", std::move(twice));
  Rows<std::string>(data, "genotyping_batch")[4] = "ALONE";
  Rows<double>(data, "PC1")[6] = std::nan("");
  const Residuals r =
      Fit(data, {{"PC1", "PC2", "twice", "factor(genotyping_batch)"}, true, false}, "ts_pgs");
  const double nan = std::nan("");
  const double expected[] = {-0.0150373093463764,
                             -0.381617364671096,
                             -0.593850243626467,
                             0.431296340873973,
                             nan,
                             -0.973708685302833,
                             nan,
                             -0.282833194344177};
  for (size_t i = 0; i < 8; ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(r.values[i])) << i;
    } else {
      EXPECT_NEAR(r.values[i], expected[i], 1e-11) << i;
    }
  }
  EXPECT_EQ(r.n, 898);
  EXPECT_EQ(r.n_dropped, 2);
  EXPECT_EQ(r.collinear, std::vector<std::string>{"twice"});
  EXPECT_NEAR(r.r2, 0.101184561957754, 1e-12);
  const Residuals plain =
      Fit(data, {{"PC1", "PC2", "twice", "factor(genotyping_batch)"}, false, false}, "ts_pgs");
  EXPECT_TRUE(std::isnan(plain.values[4])) << "0 whatever the score";
  EXPECT_EQ(plain.n, 898);
}

TEST(Residuals, Plain) {
  const CaseI data;
  const Residuals r = Fit(data, {{"PC1", "PC2"}, false, false}, "ts_pgs");
  EXPECT_NEAR(r.values[0], -0.477549600650038, 1e-11);
  EXPECT_NEAR(r.values[1], -1.0739256741172, 1e-11);
  EXPECT_NEAR(r.values[2], -2.29059538523799, 1e-11);
}

TEST(Residuals, DoNotDependOnUnitAndPlaceOfAScore) {
  CaseI data;
  const ResidualOptions options{{"PC1", "PC3", "genotyping_batch"}, true, false};
  const Residuals before = Fit(data, options, "scz_pgs");
  for (double& v : data.scores.values[data.IndexOf("scz_pgs")]) v = 1e-9 * v + 3;
  const Residuals after = Fit(data, options, "scz_pgs");
  for (size_t i = 0; i < before.values.size(); ++i) {
    EXPECT_NEAR(before.values[i], after.values[i], 1e-5);
  }
}

TEST(Residuals, TheFactorisationIsThatOfTheScoresPeople) {
  const CaseI data;  // ocd_pgs lacks twelve people
  const ResidualOptions options{{"PC1", "genotyping_batch"}, true, false};
  const Covariates covariates(options.terms, *data.cohort, data.persons);
  Residualiser kept(options, covariates, *data.cohort);
  for (const char* score : {"an_pgs", "ocd_pgs", "alc_pgs"}) {
    const auto& values = data.scores.values[data.IndexOf(score)];
    const auto again = kept.Of(values, score).values, alone = Fit(data, options, score).values;
    for (size_t i = 0; i < again.size(); ++i) {
      EXPECT_TRUE(again[i] == alone[i] || (std::isnan(again[i]) && std::isnan(alone[i])));
    }
  }
}

TEST(Residuals, FaultsOfAScore) {
  CaseI data;
  const ResidualOptions options{{"PC1", "PC2"}, true, false};
  auto& values = data.scores.values[0];
  const std::string score = data.scores.names[0];
  const auto old = values;
  std::fill(values.begin(), values.end(), 0.1);
  EXPECT_EQ(IdOf([&] { Fit(data, options, score); }), ErrorId::kNoEstimableTerm);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = 5 + 2 * Rows<double>(data, "PC1")[i] - Rows<double>(data, "PC2")[i];
  }
  EXPECT_EQ(IdOf([&] { Fit(data, options, score); }), ErrorId::kNoEstimableTerm);
  values = old;
  std::fill(values.begin() + 3, values.end(), std::nan(""));  // three people, three coefficients
  EXPECT_EQ(IdOf([&] { Fit(data, options, score); }), ErrorId::kTooFewRows);
  std::fill(values.begin(), values.end(), std::nan(""));
  EXPECT_EQ(IdOf([&] { Fit(data, options, score); }), ErrorId::kAllMissing);
  values = old;
  std::fill(Rows<double>(data, "PC2").begin(), Rows<double>(data, "PC2").end(), std::nan(""));
  EXPECT_EQ(IdOf([&] { Fit(data, options, score); }), ErrorId::kAllMissing);
}

TEST(Covariates, FaultsNameTheNearestColumn) {
  const CaseI data;
  try {
    Covariates({"PC1", "factor(genotyping_bach)"}, *data.cohort, data.persons);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kConfigReference);
    EXPECT_EQ(e.value(), "genotyping_bach");
    EXPECT_EQ(e.remedy(), "did you mean genotyping_batch?");
  }
  for (const char* term : {"pgs.mother", "adhd_pgs"}) {
    EXPECT_EQ(IdOf([&] { Covariates({term}, *data.cohort, data.persons); }),
              ErrorId::kConfigReference);
  }
  for (const char* term : {"(1 | PC1)", "PC1 - 1", "PC1 +"}) {
    EXPECT_EQ(IdOf([&] { Covariates({term}, *data.cohort, data.persons); }), ErrorId::kConfigRange)
        << term;
  }
}

TEST(Covariates, OneValueAPersonWhateverThePregnancy) {
  CaseI data;
  family::PersonColumns twice = data.persons;
  twice.iid = {"I0001", "nobody", "I0001", "I0002", "I0001"};
  twice.pregnancy = {"a", "a", "b", "a", "c"};
  twice.columns = Table();
  const double nan = std::nan("");
  twice.columns.Add("PC1", Table::Doubles{nan, 9, 2.5, 1, 2.5});
  twice.columns.Add("age", Table::Doubles{20, 9, 22, 31, 23});
  twice.columns.Add("batch", Table::Strings{"NA", "z", "x", "y", "x"});
  const Covariates covariates({"PC1", "batch"}, *data.cohort, twice);
  EXPECT_EQ(covariates.columns().DoublesOf("PC1")[0], 2.5);
  EXPECT_EQ(covariates.columns().StringsOf("batch")[1], "y");
  EXPECT_EQ(covariates.complete()[0], 1);
  EXPECT_EQ(covariates.complete()[2], 0);
  try {
    Covariates({"age"}, *data.cohort, twice);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kMalformed);
    EXPECT_EQ(e.Format().find("I0001"), std::string::npos);
    EXPECT_NE(e.Format().find("rows 1 and 3"), std::string::npos);
  }
}

TEST(Covariates, DigestsAreOfTheValuesOfThePeopleScored) {
  CaseI data;
  const std::vector<std::string> terms = {"PC1", "genotyping_batch"};
  const auto digests = [&] { return Covariates(terms, *data.cohort, data.persons).Digests(); };
  const auto before = digests();
  ASSERT_EQ(before.size(), 2u);
  Rows<double>(data, "PC2")[3] = 1;  // not used
  data.persons.iid.emplace_back("nobody");
  for (const char* name : {"PC1", "PC2", "PC3", "PC4", "PC5"})
    Rows<double>(data, name).push_back(7);
  Rows<std::string>(data, "genotyping_batch").push_back("H9");
  EXPECT_EQ(digests(), before);
  Rows<double>(data, "PC1")[3] = 1;
  EXPECT_NE(digests().at("covariate PC1"), before.at("covariate PC1"));
  EXPECT_EQ(digests().at("covariate genotyping_batch"), before.at("covariate genotyping_batch"));
}

}  // namespace
}  // namespace kinflow::test
