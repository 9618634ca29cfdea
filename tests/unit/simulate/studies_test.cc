// The further studies of a simulated cohort: areas, and mothers with infants.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/support/test_data.h"
#include "tests/unit/simulate/simulate_support.h"

namespace kinflow::test {
namespace {

// 6,000 mothers with few variants.
const std::string& CohortFolder() {
  static const std::string out = [] {
    SimulateOptions o;
    o.trios = 6000;
    o.variants = 400;
    o.chromosomes = 2;
    o.seed = 77;
    o.format = SimulateFormat::kBed;
    o.out = TempFolder() + "/studies";
    RunSimulate(o);
    return o.out;
  }();
  return out;
}

TEST(SimulateStudies, AreasLieInDistrictsInMunicipalities) {
  const TextTable areas = ReadTable(CohortFolder() + ".areas.tsv");
  std::map<std::string, std::set<std::string>> district, municipality, deprivation;
  std::set<std::string> mothers;
  for (size_t r = 0; r < areas.rows.size(); ++r) {
    const std::string area = areas.At(r, "grunnkrets");
    district[area].insert(areas.At(r, "delomrade"));
    municipality[areas.At(r, "delomrade")].insert(areas.At(r, "kommune"));
    deprivation[area].insert(areas.At(r, "deprivation"));
    EXPECT_TRUE(mothers.insert(areas.At(r, "m_id")).second) << "a mother a row";
  }
  EXPECT_GT(district.size(), 400u);
  EXPECT_EQ(municipality.size(), 16u);
  for (const auto& [area, names] : district) EXPECT_EQ(names.size(), 1u) << area;
  for (const auto& [name, names] : municipality) EXPECT_EQ(names.size(), 1u) << name;
  for (const auto& [area, values] : deprivation) EXPECT_EQ(values.size(), 1u) << area;
}

TEST(SimulateStudies, NeighboursAreMutualAndAlike) {
  const TextTable areas = ReadTable(CohortFolder() + ".areas.tsv");
  const TextTable pairs = ReadTable(CohortFolder() + ".neighbours.tsv");
  std::map<std::string, double> deprivation;
  for (size_t r = 0; r < areas.rows.size(); ++r) {
    deprivation[areas.At(r, "grunnkrets")] = areas.Number(r, "deprivation");
  }
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<double> a, b;
  for (const auto& row : pairs.rows) {
    EXPECT_NE(row[0], row[1]);
    seen.insert({row[0], row[1]});
    if (deprivation.count(row[0]) == 0 || deprivation.count(row[1]) == 0) continue;
    a.push_back(deprivation[row[0]]);
    b.push_back(deprivation[row[1]]);
  }
  for (const auto& [x, y] : seen) EXPECT_TRUE(seen.count({y, x})) << x << " " << y;
  EXPECT_GT(R2(a, b), 0.15);  // the field is smooth
}

TEST(SimulateStudies, ScoresAndDeprivationAreRelated) {
  const TextTable areas = ReadTable(CohortFolder() + ".areas.tsv");
  const TextTable scores = ReadTable(CohortFolder() + ".pgs_true.tsv");
  std::map<std::string, double> score;
  for (size_t r = 0; r < scores.rows.size(); ++r) {
    score[scores.At(r, "IID")] = scores.Number(r, "PGS900001");
  }
  std::vector<double> pgs, deprivation;
  for (size_t r = 0; r < areas.rows.size(); ++r) {
    pgs.push_back(score.at(areas.At(r, "m_id")));
    deprivation.push_back(areas.Number(r, "deprivation"));
  }
  const double n = static_cast<double>(pgs.size()), r2 = R2(pgs, deprivation);
  EXPECT_GT(r2, 9 / n);  // three standard errors of no correlation
  EXPECT_LT(r2, 0.1);
}

TEST(SimulateStudies, MothersAndInfantsByGroup) {
  const TextTable wide = ReadTable(CohortFolder() + ".interaction.tsv");
  const TextTable tall = ReadTable(CohortFolder() + ".interaction_waves.tsv");
  ASSERT_EQ(tall.rows.size(), 2 * wide.rows.size());
  std::map<std::string, double> n, nbas, early, early_n;
  double gain = 0, both = 0;
  for (size_t r = 0; r < wide.rows.size(); ++r) {
    const std::string group = wide.At(r, "group");
    ++n[group];
    nbas[group] += wide.Number(r, "nbas_social");
    const double w8 = wide.Number(r, "synchrony_w8"), m12 = wide.Number(r, "synchrony_m12");
    EXPECT_EQ(tall.At(2 * r, "synchrony"), wide.At(r, "synchrony_w8"));
    EXPECT_EQ(tall.At(2 * r + 1, "synchrony"), wide.At(r, "synchrony_m12"));
    EXPECT_EQ(tall.At(2 * r, "low"), std::isnan(w8) ? "NA" : w8 <= 4 ? "1" : "0");
    if (std::isnan(w8)) continue;
    early[group] += w8;
    ++early_n[group];
    if (std::isnan(m12)) continue;
    gain += m12 - w8;
    ++both;
  }
  const double all = static_cast<double>(wide.rows.size());
  EXPECT_NEAR(n["healthy"] / all, 0.4, 0.025);
  EXPECT_NEAR(n["history"] / all, 0.2, 0.02);
  EXPECT_NEAR(both / all, 0.97 * 0.87, 0.02);
  EXPECT_NEAR(nbas["depression"] / n["depression"] - nbas["healthy"] / n["healthy"], -0.6, 0.1);
  EXPECT_NEAR(gain / both, 1.2, 0.15);
  // Direct, by newborn behaviour, by difficulties: -0.9 - 0.65 x 0.6 - 0.25 x 0.85 about.
  EXPECT_NEAR(early["depression"] / early_n["depression"] - early["healthy"] / early_n["healthy"],
              -1.5, 0.25);
}

}  // namespace
}  // namespace kinflow::test
