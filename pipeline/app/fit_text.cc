#include "pipeline/app/fit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "pipeline/app/analysis_tables.h"
#include "stages/family/model.h"
#include "stages/family/result_text.h"

namespace kinflow {
namespace {

std::string NumberText(double value, const char* format) {
  return std::isnan(value) ? "NA" : fmt::format(fmt::runtime(format), value);
}

std::string EstimatesText(const Table& estimates) {
  if (estimates.rows() == 0) return "";
  const auto& terms = estimates.StringsOf("term");
  const auto& types = estimates.StringsOf("se_type");
  const auto& waves = estimates.StringsOf("wave");
  size_t width = 0;  // of a column of waves; 0 = the model has none
  for (const auto& wave : waves) width = std::max(width, wave == "NA" ? 0 : wave.size());
  if (width > 0) width = std::max(width, std::string_view("wave").size());
  const auto at_wave = [width](const std::string& wave) {
    return width == 0 ? "" : fmt::format("{:<{}} ", wave, width);
  };
  std::string text = fmt::format("{}{:<28} {:>12} {:>11} {:>9} {:>10} {:>8}  {}\n", at_wave("wave"),
                                 "term", "estimate", "std.error", "t", "p", "n", "se");
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const auto number = [&](const char* column, const char* format) {
      return NumberText(estimates.DoublesOf(column)[r], format);
    };
    text += fmt::format("{}{:<28} {:>12} {:>11} {:>9} {:>10} {:>8}  {}\n", at_wave(waves[r]),
                        terms[r], number("estimate", "{:.6g}"), number("std_error", "{:.5g}"),
                        number("statistic", "{:.3f}"), number("p_value", "{:.3g}"),
                        estimates.IntsOf("n")[r], types[r]);
  }
  return text;
}

struct Part {
  std::string table, view;  // `view`: as ResultText() names what to show of it
};

/// What stands beside the estimates.
std::vector<Part> PartsBeside(const family::FitOptions& options) {
  std::vector<Part> parts{{"varcomp", "varcomp"}, {"fit", "fit"}};
  const bool tests =
      !options.steps.empty() || options.random_tests || options.model_options.variants.size() > 1;
  if (tests) parts.push_back({"comparisons", "steps"});
  if (!options.contrasts.empty() || options.model == "sem") {
    parts.push_back({"contrasts", "contrasts"});
  }
  return parts;
}

}  // namespace

std::string FitText(const family::FitResult& result, const family::FitOptions& options,
                    const AnalysisDisclosure& disclosure, bool main_elsewhere) {
  const std::string main = family::MakeModel(options.model)->MainTable();
  const bool estimates = main == "estimates";
  std::vector<Part> parts;
  if (!main_elsewhere) parts.push_back({main, main});
  if (estimates) {
    for (Part& part : PartsBeside(options)) parts.push_back(std::move(part));
  } else {
    parts.push_back({"comparisons", "comparisons"});
  }
  std::string text;
  for (const auto& [name, view] : parts) {
    const auto table = result.tables.find(name);
    if (table == result.tables.end()) continue;  // of a model that failed
    const Table shared = disclosure.Shared(name, table->second);
    const std::string own =
        name == "estimates" ? EstimatesText(shared) : family::ResultText(view, shared);
    if (!text.empty() && !own.empty()) text += "\n";
    text += own;
    // Without folders to look into the log tells it alone.
    if (!main_elsewhere) text += WithheldNote(name, table->second.rows() - shared.rows());
  }
  return text;
}

}  // namespace kinflow
