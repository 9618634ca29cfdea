#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "pipeline/base/number.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {

/// The largest deviation of each kind of value, printed at the end of a test.
class Deviations {
 public:
  explicit Deviations(std::string title) : title_(std::move(title)) {}
  ~Deviations() {
    for (const auto& [name, entry] : worst_) {
      std::printf("  %s, %zu values, largest deviation of %s: %.2g\n", title_.c_str(), entry.second,
                  name.c_str(), entry.first);
    }
  }
  void Check(const std::string& name, const std::string& where, double ours, double reference,
             double deviation, double tolerance) {
    auto& [worst, count] = worst_[name];
    worst = std::max(worst, deviation);
    ++count;
    EXPECT_LE(deviation, tolerance) << where << " " << name << ": ours " << FormatDouble(ours)
                                    << ", reference " << FormatDouble(reference);
  }
  void Absolute(const std::string& name, const std::string& where, double ours, double reference,
                double tolerance) {
    Check(name, where, ours, reference, std::abs(ours - reference), tolerance);
  }
  void Relative(const std::string& name, const std::string& where, double ours, double reference,
                double tolerance) {
    Check(name, where, ours, reference, RelativeError(ours, reference), tolerance);
  }

 private:
  std::string title_;
  std::map<std::string, std::pair<double, size_t>> worst_;
};

}  // namespace kinflow::family::test
