#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/app/result_rows.h"
#include "pipeline/base/error.h"

namespace kinflow {

/// The output folder of a run, read to explain what the run decided.
class ResultView {
 public:
  /// Throws kMissingFile or kMalformed if it is none.
  explicit ResultView(const std::string& folder);

  std::optional<ResultRows> Open(const std::string& name) const;
  /// A value of the config that the run used: "scores.match.min_overlap"; "?" = it has none.
  std::string Setting(const std::string& key) const;
  /// "maf 0.01, hwe_p 1e-06": filters of a step of quality control with their thresholds.
  std::string Thresholds(std::string_view step) const;
  /// What is thrown if nothing is known of `what`.
  Error Unknown(const char* what) const;

 private:
  std::string folder_;
  nlohmann::json run_;
};

/// "CALL_RATE 0.99, MAF 0.1" of the columns that the table has.
std::string ValuesOf(const ResultRows& row, std::initializer_list<std::string_view> columns);
/// "kept" or "removed by maf: 0.004, threshold 0.01".
std::string VerdictOf(const ResultRows& row);

}  // namespace kinflow
