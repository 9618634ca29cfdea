#include "stages/family/refit_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "stages/family/refit_lines.h"
#include "stages/family/sem/path_syntax.h"
#include "stages/family/sem/riclpm_paths.h"
#include "stages/family/sem/sem_run.h"

namespace kinflow::family {
namespace {

bool IsRobust(const ModelSpec& spec) {
  return std::find(spec.vcov.begin(), spec.vcov.end(), kRobust) != spec.vcov.end();
}

std::vector<std::string> Statements(const std::string& text) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find("; ", begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return out;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// True if two paths share a parameter.
bool HasEqualPaths(const RefitPaths& model) {
  const auto paths = ParsePaths(Statements(model.statements),
                                model.kind == "sem" ? PathDefaults::kSem : PathDefaults::kNone)
                         .paths;
  std::set<int64_t> seen;
  return std::any_of(paths.begin(), paths.end(), [&](const Path& path) {
    return path.parameter >= 0 && !seen.insert(path.parameter).second;
  });
}

// lavaan's blocks of groups 1, 2, ...: variables without "@group", labels with the group's number.
std::string Blocks(const RefitPaths& model, const std::vector<std::string>& names) {
  std::vector<std::string> blocks(names.size());
  for (std::string statement : Statements(model.statements)) {
    const size_t at = statement.find('@');
    const std::string ending = statement.substr(at, statement.find_first_of(" *", at) - at);
    const auto group = std::find(names.begin(), names.end(), ending.substr(1)) - names.begin();
    ReplaceAll(statement, ending + "*", fmt::format(".{}*", group + 1));
    ReplaceAll(statement, ending, "");
    blocks[static_cast<size_t>(group)] += statement + "\n";
  }
  std::string out;
  for (size_t g = 0; g < blocks.size(); ++g) out += fmt::format("group: {}\n{}", g + 1, blocks[g]);
  return out;
}

std::string GroupedLines(const RefitPaths& model, const std::string& errors,
                         const ModelFrame& frame, const ModelSpec& spec) {
  const std::string& group = spec.options.group;
  const auto column = static_cast<size_t>(frame.columns.Find(group));
  const auto codes = CodesOf(frame.columns.column(column));
  std::set<std::string> levels;
  for (size_t r = 0; r < codes.size(); ++r) {
    if (codes[r] >= 0) levels.insert(frame.columns.Cell(r, column));
  }
  std::vector<std::string> names, numbers;
  for (const auto& level : levels) {
    names.push_back(GroupName(level));
    numbers.push_back(std::to_string(numbers.size() + 1));
  }
  return fmt::format(
      "  d$.group <- match(d[[{}]], {})\n"
      "  m <- lavaan::lavaan({}, data = d[!is.na(d$.group), ]{}, group = \".group\", group.label = "
      "{}, missing = \"ML\", estimator = \"{}\"{}, int.ov.free = TRUE)\n"
      "  show_paths({}, \"{}\", m, {}, {})\n",
      InR(group), TextsInR({levels.begin(), levels.end()}), InR(Blocks(model, names)),
      frame.cluster.empty() ? "" : ", cluster = \".cluster\"", TextsInR(numbers),
      errors == kRobust ? "MLR" : "ML", spec.options.nonneg ? ", bounds = \"pos.var\"" : "",
      InR(model.model_id), errors, TextsInR(names), TextsInR(spec.options.predictors));
}

}  // namespace

std::string PathModelLines(const RefitPaths& model, const ModelFrame& frame,
                           const ModelSpec& spec) {
  const std::string errors = IsRobust(spec) ? kRobust : "model";
  std::string out;
  if (spec.options.nonneg && HasEqualPaths(model)) {
    out +=
        "  # lavaan leaves bounds out where parameters are equal: variances that are 0 with bounds "
        "may be negative here\n";
  }
  if (!spec.options.group.empty()) {
    out += GroupedLines(model, errors, frame, spec);
  } else {
    std::string call = model.call;
    const size_t data = call.find("data = d");
    if (!frame.cluster.empty() && data != std::string::npos) {
      call.insert(data + 8, ", cluster = \".cluster\"");
    }
    out +=
        fmt::format("  m <- {}\n  show_paths({}, \"{}\", m)\n", call, InR(model.model_id), errors);
    if (!spec.contrasts.empty()) {
      out += fmt::format(
          "  show_contrasts({}, \"{}\", lavaan::coef(m), unclass(lavaan::vcov(m)), {})\n",
          InR(model.model_id), errors, ContrastsInR(spec.contrasts));
    }
  }
  return out + fmt::format("  fits[[{}]] <- m\n", InR(model.model_id));
}

std::string VariantTestsLine(const ModelSpec& spec) {
  return fmt::format("  show_variant_tests(fits, \"LRT{}\")\n", IsRobust(spec) ? "-scaled" : "");
}

}  // namespace kinflow::family
