// Spatial autocorrelation against spdep (case G of tests/conformance) and by invariants.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "stages/family/spatial/autocorrelation.h"
#include "tests/unit/family/deviations.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json Reference() {
  std::ifstream file(ConformanceFile("ref/g_geo.json"));
  return json::parse(file);
}

std::shared_ptr<NeighbourList> Neighbours() {
  auto list = std::make_shared<NeighbourList>();
  const Tsv tsv = ReadTsv(ConformanceFile("data/g_neighbours.tsv"));
  for (const auto& row : tsv.rows) list->pairs.emplace_back(row[0], row[1]);
  return list;
}

Table Data() { return ToTable(ReadTsv(ConformanceFile("data/g_geo.tsv"))); }

FitOptions Options(const std::string& formula) {
  FitOptions options;
  options.model = "spatial";
  options.formula = formula;
  options.person = "m_id";
  options.model_options.neighbours = Neighbours();
  return options;
}

size_t RowOf(const Table& table, const std::map<std::string, std::string>& where) {
  const int64_t row = FindRow(table, where);
  EXPECT_GE(row, 0) << where.begin()->second;
  return row < 0 ? 0 : static_cast<size_t>(row);
}

void CompareMeasures(const Table& table, const std::string& quantity, const json& expected,
                     Deviations& worst) {
  const size_t moran = RowOf(table, {{"quantity", quantity}, {"measure", "Moran I"}});
  const size_t geary = RowOf(table, {{"quantity", quantity}, {"measure", "Geary C"}});
  // The reference's area effects come from a fit of lme4, not from ours.
  const double tolerance = quantity == "area mean" ? 1e-10 : 1e-6;
  const auto check = [&](const char* column, size_t row, const char* key) {
    worst.Relative(quantity + " " + key, quantity, table.DoublesOf(column)[row], expected[key],
                   tolerance);
  };
  check("value", moran, "I");
  check("expected", moran, "E");
  check("variance", moran, "var_rand");
  check("z", moran, "z_rand");
  check("p_value", moran, "p_rand");
  check("variance_normal", moran, "var_norm");
  check("z_normal", moran, "z_norm");
  check("p_normal", moran, "p_norm");
  check("value", geary, "geary_C");
  check("variance", geary, "geary_var");
  check("z", geary, "geary_z");
  check("p_value", geary, "geary_p");
}

TEST(Spatial, EqualsSpdep) {
  const json reference = Reference();
  const Table data = Data();
  Deviations worst("case G");
  for (const bool row_standardised : {true, false}) {
    FitOptions options = Options("scl_dep ~ pgs_m + pgs_f + pgs_c + age + (1 | area)");
    options.model_options.row_standardised = row_standardised;
    const FitResult fit = FitColumns(data, options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    const char* weights = row_standardised ? "row_standardised" : "binary";
    const Table &global = fit.tables.at("spatial"), &areas = fit.tables.at("areas");
    EXPECT_EQ(global.rows(), 4u);
    EXPECT_EQ(areas.rows(), 200u);
    for (const auto& [quantity, key, first] :
         {std::tuple{"area mean", "moran_area_means", "area_means_first5"},
          std::tuple{"effect (Intercept)", "moran_blup_G1", "blup_first5"}}) {
      CompareMeasures(global, quantity, reference[key][weights], worst);
      for (const auto& [area, value] : reference[first].items()) {
        const size_t row = RowOf(areas, {{"area", area}, {"quantity", quantity}});
        worst.Absolute(std::string(quantity) + " value", area, areas.DoublesOf("value")[row], value,
                       1e-6);
      }
      if (!row_standardised) continue;
      for (const json& local : reference[key]["local_first5"]) {
        const size_t row = RowOf(areas, {{"area", local["area"]}, {"quantity", quantity}});
        const auto check = [&, quantity = std::string(quantity)](const char* column,
                                                                 const char* name) {
          worst.Absolute(quantity + " local " + name, local["area"], areas.DoublesOf(column)[row],
                         local[name], 1e-6);
        };
        check("local_i", "Ii");
        check("z", "z");
        check("p_value", "p");
      }
    }
  }
}

TEST(Spatial, PermutationsAgreeWithTheNormalApproximation) {
  FitOptions options = Options("age ~ 1 + (1 | area)");
  options.model_options.permutations = 9999;
  const Table first = FitColumns(Data(), options).tables.at("spatial");
  const size_t mean = RowOf(first, {{"quantity", "area mean"}, {"measure", "Moran I"}});
  const double p = first.DoublesOf("p_value")[mean];
  EXPECT_GT(p, 0.05);  // ages do not cluster: the p value is no tail
  // 3 Monte Carlo errors of a two-sided p, and what the approximation is off by.
  EXPECT_NEAR(first.DoublesOf("p_permutation")[mean], p, 3 * std::sqrt(p / 9999) + 0.02);
  const Table again = FitColumns(Data(), options).tables.at("spatial");
  EXPECT_EQ(first.DoublesOf("p_permutation"), again.DoublesOf("p_permutation"));
  options.model_options.seed = 2;
  const Table other = FitColumns(Data(), options).tables.at("spatial");
  EXPECT_NE(first.DoublesOf("p_permutation"), other.DoublesOf("p_permutation"));
}

TEST(Spatial, AClearPatternHasTheSmallestP) {
  // A gradient over a chain of areas.
  std::vector<std::vector<uint32_t>> chain;
  std::vector<double> values;
  for (uint32_t i = 0; i < 30; ++i) {
    chain.emplace_back();
    if (i > 0) chain.back().push_back(i - 1);
    if (i < 29) chain.back().push_back(i + 1);
    values.push_back(i);
  }
  const SpatialWeights weights = MakeWeights(chain, false);
  EXPECT_GT(MoranI(values, weights).value, 0.85);
  EXPECT_LT(GearyC(values, weights).value, 0.05);
  const PermutationP p = PermuteAreas(values, weights, 999, 5);
  EXPECT_DOUBLE_EQ(p.moran, 0.002);
  EXPECT_DOUBLE_EQ(p.geary, 0.002);
  for (size_t i = 0; i < 15; i += 2) std::swap(values[i], values[29 - i]);
  EXPECT_LT(MoranI(values, weights).value, -0.3);  // neighbours differ
  EXPECT_GT(GearyC(values, weights).value, 1.3);
}

// By the definition, with every pair.
TEST(Spatial, MoranByBruteForce) {
  const std::vector<std::vector<uint32_t>> neighbours{{1, 2}, {0}, {0, 3, 4}, {2}, {2}};
  const std::vector<double> x{1, 4, 2, 8, 5};
  const SpatialWeights weights = MakeWeights(neighbours, true);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < 5; ++i) {
    squares += (x[i] - 4) * (x[i] - 4);
    for (const uint32_t j : neighbours[i]) {
      sum += (x[i] - 4) * (x[j] - 4) / static_cast<double>(neighbours[i].size());
    }
  }
  EXPECT_NEAR(MoranI(x, weights).value, 5 / 5.0 * sum / squares, 1e-14);
  double local = 0;
  for (const auto& own : LocalMoran(x, weights)) local += own.value;
  EXPECT_NEAR(local / weights.s0, MoranI(x, weights).value, 1e-14);  // Anselin 1995
}

TEST(Spatial, SlopesOfAScoreAndNestedLevels) {
  const FitResult fit =
      FitColumns(Data(), Options("scl_dep ~ pgs_m + (1 + pgs_m | district/area)"));
  const Table& global = fit.tables.at("spatial");
  EXPECT_GE(FindRow(global, {{"quantity", "effect pgs_m"}}), 0);
  EXPECT_EQ(global.IntsOf("n_areas")[0], 100);
}

// Variances are those of model lmm. By area intercept and slope of age correlate by 1, in lme4 too
// (isSingular), so that their effects are one map.
TEST(Spatial, ASingularFitIsTold) {
  FitOptions options = Options("scl_dep ~ age + (1 + age | area)");
  const FitResult fit = FitColumns(Data(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  EXPECT_EQ(fit.tables.at("models").StringsOf("singular")[0], "true");
  ASSERT_EQ(fit.warnings.size(), 2u);
  EXPECT_NE(fit.warnings[0].find("singular fit"), std::string::npos) << fit.warnings[0];
  EXPECT_NE(fit.warnings[1].find("(Intercept) and age of areas are perfectly correlated"),
            std::string::npos)
      << fit.warnings[1];
  const Table& global = fit.tables.at("spatial");
  const auto moran = [&](const char* effect) {
    return global.DoublesOf("value")[RowOf(global, {{"quantity", effect}, {"measure", "Moran I"}})];
  };
  EXPECT_NEAR(moran("effect (Intercept)"), moran("effect age"), 1e-6);
  options.model = "lmm";
  options.person = "";
  options.model_options = {};
  const FitResult mixed = FitColumns(Data(), options);
  const Table &ours = fit.tables.at("varcomp"), &expected = mixed.tables.at("varcomp");
  ASSERT_EQ(ours.rows(), 4u);
  for (const char* column : {"group", "term1", "term2"}) {
    EXPECT_EQ(ours.StringsOf(column), expected.StringsOf(column));
  }
  EXPECT_EQ(ours.DoublesOf("variance"), expected.DoublesOf("variance"));
}

Table Lattice(const Table::Column& names) {
  Table table;
  Table::Doubles y, id;
  for (size_t i = 0; i < 60; ++i) {
    y.push_back(static_cast<double>((i * 37) % 23));
    id.push_back(static_cast<double>(i));
  }
  table.Add("y", y);
  table.Add("m_id", id);
  table.Add("area", names);
  return table;
}

TEST(Spatial, NumbersAsNamesAndIslands) {
  Table::Doubles codes;
  for (size_t i = 0; i < 60; ++i) codes.push_back(static_cast<double>(301 + i % 6));
  FitOptions options = Options("y ~ 1 + (1 | area)");
  auto list = std::make_shared<NeighbourList>();
  list->pairs = {{"0301", "0302"}, {"0302", "0303"}, {"0303", "0304"},
                 {"0304", "0305"}, {"0306", "0399"}, {"0306", "0306"}};
  options.model_options.neighbours = list;
  const FitResult fit = FitColumns(Lattice(codes), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  EXPECT_EQ(fit.tables.at("spatial").IntsOf("n_areas")[0], 5);
  EXPECT_EQ(fit.tables.at("spatial").IntsOf("n_islands")[0], 1);
  ASSERT_GE(fit.warnings.size(), 2u);
  EXPECT_NE(fit.warnings[0].find("1 of 6 areas have no neighbour"), std::string::npos);
  EXPECT_NE(fit.warnings[1].find("1 of 6 pairs of neighbours name an area without data"),
            std::string::npos);
  const Table& areas = fit.tables.at("areas");
  const size_t island = RowOf(areas, {{"area", "306"}, {"quantity", "area mean"}});
  EXPECT_EQ(areas.IntsOf("neighbours")[island], 0);
  EXPECT_TRUE(std::isnan(areas.DoublesOf("local_i")[island]));
}

TEST(Spatial, Faults) {
  Table::Strings names;
  for (size_t i = 0; i < 60; ++i) names.push_back("A" + std::to_string(i % 6));
  const FitResult fit = FitColumns(Lattice(names), Options("y ~ 1 + (1 | area)"));
  ASSERT_EQ(fit.failures.size(), 1u);
  EXPECT_EQ(fit.failures[0].id(), ErrorId::kTooFewRows);
  EXPECT_NE(fit.failures[0].message().find("0 of 6 areas have a neighbour"), std::string::npos);
  FitOptions none = Options("y ~ 1 + (1 | area)");
  none.model_options.neighbours = nullptr;
  EXPECT_THROW(FitColumns(Lattice(names), none), Error);
  EXPECT_THROW(FitColumns(Lattice(names), Options("y ~ 1")), Error);
}

// Rows are no people: seven waves of a woman are one.
TEST(Spatial, PeopleNotRowsAreCounted) {
  Table table;
  Table::Doubles y;
  Table::Strings area, woman;
  for (size_t i = 0; i < 120; ++i) {
    y.push_back(static_cast<double>((i * 31) % 17));
    area.push_back("K" + std::to_string(i / 12 + 100).substr(1));
    woman.push_back("W" + std::to_string(i / 3));
  }
  table.Add("y", y);
  table.Add("area", area);
  table.Add("woman", woman);
  FitOptions options = Options("y ~ 1 + (1 | area) + (1 | woman)");
  options.person = "";
  auto list = std::make_shared<NeighbourList>();
  for (size_t i = 0; i < 9; ++i) list->pairs.emplace_back(area[12 * i], area[12 * i + 12]);
  options.model_options.neighbours = list;
  const auto expect_four = [&] {
    const FitResult fit = FitColumns(table, options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
    for (const int64_t n : fit.tables.at("areas").IntsOf("n")) EXPECT_EQ(n, 4);
  };
  expect_four();
  options.formula = "y ~ 1 + (1 | area)";
  options.person = "woman";
  expect_four();
  options.person = "";  // four women or twelve?
  EXPECT_THROW(FitColumns(table, options), Error);
}

}  // namespace
}  // namespace kinflow::family::test
