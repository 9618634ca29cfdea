#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {

/// How far estimates may be from those of R (absolute), and errors (relative).
struct RiclpmTolerance {
  double estimate = 1e-5, std_error = 1e-4;
};

/// Every coefficient of lavaan's `model` in a reference table against the only model of `fit`.
inline void CompareWithLavaan(const std::string& table, const std::string& model,
                              const FitResult& fit, RiclpmTolerance tolerance, Deviations& worst) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/" + table));
  const Table& ours = fit.tables.at("estimates");
  size_t compared = 0;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    if (reference.At(r, "model") != model) continue;
    const std::string op = reference.At(r, "op");
    const std::string term = op == "~1"
                                 ? reference.At(r, "lhs") + " ~ 1"
                                 : reference.At(r, "lhs") + " " + op + " " + reference.At(r, "rhs");
    const int64_t row = FindRow(ours, {{"term", term}});
    const std::string where = model + " " + term;
    ASSERT_GE(row, 0) << where;
    const auto value = [&](const char* column) {
      return ours.DoublesOf(column)[static_cast<size_t>(row)];
    };
    const auto of = [&](const char* column) { return NumberOf(reference.At(r, column)); };
    ++compared;
    worst.Absolute("estimate", where, value("estimate"), of("estimate"), tolerance.estimate);
    if (std::isnan(of("std_all"))) {
      EXPECT_TRUE(std::isnan(value("std_estimate"))) << where;
    } else {
      worst.Absolute("std_all", where, value("std_estimate"), of("std_all"), tolerance.estimate);
    }
    if (std::isnan(of("std_error"))) {  // at its bound
      for (const char* column : {"std_error", "conf_low", "conf_high", "p_value"}) {
        EXPECT_TRUE(std::isnan(value(column))) << where << " " << column;
      }
      continue;
    }
    worst.Relative("std_error", where, value("std_error"), of("std_error"), tolerance.std_error);
    for (const char* limit : {"conf_low", "conf_high"}) {
      worst.Absolute(limit, where, value(limit), of(limit),
                     tolerance.estimate + 2 * tolerance.std_error * of("std_error"));
    }
    // lavaan's p values are differences from 1: they have few digits below this.
    if (const double p = of("p_value"); p > 1e-11 && tolerance.estimate <= 1e-5) {
      const double log_p = -std::log10(p);
      worst.Absolute("-log10 p", where, value("neg_log10_p"), log_p, 1e-5 + 2.5e-4 * log_p);
    }
  }
  EXPECT_EQ(compared, ours.rows());
  EXPECT_GT(compared, 0u);
}

}  // namespace kinflow::family::test
