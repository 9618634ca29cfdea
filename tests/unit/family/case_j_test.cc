// Case J of tests/conformance against R's lavaan: the trio model as a path model, clustered.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

Table TrioData() {
  Tsv tsv = ReadTsv(ConformanceFile("data/a_trio.tsv"));
  Tsv kept = tsv;
  kept.rows.clear();
  kept.names.insert(kept.names.end(), {"bB", "bC"});
  for (size_t r = 0; r < tsv.rows.size(); ++r) {
    bool complete = true;
    for (const char* name : {"scl_dep", "pgs_m", "pgs_f", "pgs_c"}) {
      complete = complete && tsv.At(r, name) != "NA";
    }
    if (!complete) continue;
    auto row = tsv.rows[r];
    for (const char* level : {"B", "C"}) row.push_back(tsv.At(r, "batch") == level ? "1" : "0");
    kept.rows.push_back(row);
  }
  return ToTable(kept);
}

TEST(CaseJ, TrioAsAPathModel) {
  std::ifstream file(ConformanceFile("ref/j_lavaan_trio.json"));
  const json reference = json::parse(file);
  FitOptions options;
  options.model = "sem";
  options.model_options.paths = {"scl_dep ~ pgs_m + pgs_f + pgs_c + age + PC1 + PC2 + bB + bC"};
  options.model_options.std_nox = true;
  options.vcov = {"robust"};
  const Table data = TrioData();
  const FitResult alone = FitColumns(data, options);
  options.cluster = "m_id";
  const FitResult clustered = FitColumns(data, options);
  ASSERT_TRUE(clustered.failures.empty()) << clustered.failures[0].Format();
  Deviations worst("case J");
  EXPECT_EQ(reference["coef"].size(), 8u);
  for (const auto& expected : reference["coef"]) {
    const std::string term = "scl_dep ~ " + expected["term"].get<std::string>();
    const auto value = [&](const FitResult& fit, const char* column) {
      const Table& estimates = fit.tables.at("estimates");
      const int64_t row = FindRow(estimates, {{"term", term}});
      EXPECT_GE(row, 0) << term;
      return row < 0 ? std::nan("") : estimates.DoublesOf(column)[static_cast<size_t>(row)];
    };
    worst.Absolute("estimate", term, value(clustered, "estimate"), expected["est"], 1e-7);
    worst.Relative("cluster SE", term, value(clustered, "std_error"), expected["se_cluster"], 1e-6);
    worst.Relative("robust SE", term, value(alone, "std_error"), expected["se_robust_nocluster"],
                   1e-6);
    worst.Absolute("std_nox", term, value(clustered, "std_estimate"), expected["std_nox"], 1e-7);
    worst.Relative("std_nox SE", term, value(clustered, "std_estimate_error"),
                   expected["std_nox_se"], 1e-5);
  }
}

}  // namespace
}  // namespace kinflow::family::test
