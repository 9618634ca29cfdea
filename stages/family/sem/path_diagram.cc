#include "stages/family/sem/path_diagram.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "stages/family/table_builder.h"

namespace kinflow::family {
namespace {

constexpr double kSignificant = 0.05;

std::string InDot(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// What a diagram draws: the ways between variables.
bool IsDrawn(const std::string& kind) { return kind != "variance" && kind != "intercept"; }

std::string EdgeLine(const Table& paths, size_t r) {
  const std::string& kind = paths.StringsOf("kind")[r];
  const double standard = paths.DoublesOf("std_estimate")[r];
  std::string style =
      kind == "covariance" ? "dir=both, style=dashed, constraint=false" : "dir=forward";
  if (!std::isnan(standard)) style += fmt::format(", label=\"{:.2f}\"", standard);
  if (paths.DoublesOf("p_value")[r] < kSignificant) style += ", penwidth=2";
  return fmt::format("  {} -> {} [{}];\n", InDot(paths.StringsOf("from")[r]),
                     InDot(paths.StringsOf("to")[r]), style);
}

std::string NameOfModel(const Table& paths, size_t r) {
  std::string name = paths.StringsOf("analysis_id")[r] + "/" + paths.StringsOf("model_id")[r];
  const std::string& pgs = paths.StringsOf("pgs")[r];
  return pgs == "NA" ? name : name + "/" + pgs;
}

}  // namespace

Table PathsTable(const std::vector<PathRow>& rows) {
  using R = PathRow;
  const auto at = [](auto EstimateRow::*member) {
    return [member](const R& row) { return row.at.*member; };
  };
  return TableBuilder<R>(rows)
      .ModelKeys()
      .Add("from", &R::from)
      .Add("to", &R::to)
      .Add("kind", &R::kind)
      .Add("estimate", at(&EstimateRow::estimate))
      .Add("std_error", at(&EstimateRow::std_error))
      .Add("se_type", at(&EstimateRow::se_type))
      .Add("conf_low", at(&EstimateRow::conf_low))
      .Add("conf_high", at(&EstimateRow::conf_high))
      .Add("conf_level", at(&EstimateRow::conf_level))
      .Add("p_value", at(&EstimateRow::p_value))
      .Add("std_estimate", at(&EstimateRow::std_estimate))
      .Add("std_estimate_error", at(&EstimateRow::std_estimate_error))
      .Add("std_type", at(&EstimateRow::std_type))
      .Add("from_type", &R::from_type)
      .Add("to_type", &R::to_type)
      .Add("n", at(&EstimateRow::n))
      .Add("n_level", at(&EstimateRow::n_level))
      .Take();
}

std::string PathDiagrams(const Table& paths) {
  std::string out, open;
  std::set<std::string> drawn;  // variables of the diagram at hand
  const auto node = [&](const std::string& name, const std::string& type) {
    if (!drawn.insert(name).second) return;
    out += fmt::format("  {} [shape={}];\n", InDot(name), type == "latent" ? "ellipse" : "box");
  };
  for (size_t r = 0; r < paths.rows(); ++r) {
    if (!IsDrawn(paths.StringsOf("kind")[r])) continue;
    if (const std::string name = NameOfModel(paths, r); name != open) {
      out +=
          (open.empty() ? "" : "}\n") + fmt::format("digraph {} {{\n  rankdir=LR;\n", InDot(name));
      open = name;
      drawn.clear();
    }
    node(paths.StringsOf("from")[r], paths.StringsOf("from_type")[r]);
    node(paths.StringsOf("to")[r], paths.StringsOf("to_type")[r]);
    out += EdgeLine(paths, r);
  }
  return open.empty() ? out : out + "}\n";
}

}  // namespace kinflow::family
