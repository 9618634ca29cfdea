#include "stages/family/groups/cell_means.h"

#include <fmt/format.h>

namespace kinflow::family {
namespace {

// Sum contrasts: the last level is minus all columns.
double Sum(size_t level, size_t column, size_t levels) {
  return level + 1 == levels ? -1 : level == column ? 1 : 0;
}

}  // namespace

std::vector<size_t> CellDesign::TermColumns(size_t term) const {
  const size_t g = groups - 1, w = waves - 1;
  const size_t first = term == 0 ? 1 : term == 1 ? 1 + g : 1 + g + w;
  const size_t count = term == 0 ? g : term == 1 ? w : g * w;
  std::vector<size_t> out;
  for (size_t c = 0; c < count; ++c) out.push_back(first + c);
  return out;
}

std::vector<double> CellDesign::CellWeights(size_t group, size_t wave) const {
  std::vector<double> out{1};
  for (size_t g = 0; g + 1 < groups; ++g) out.push_back(Sum(group, g, groups));
  for (size_t w = 0; w + 1 < waves; ++w) out.push_back(Sum(wave, w, waves));
  for (size_t g = 0; g + 1 < groups; ++g) {
    for (size_t w = 0; w + 1 < waves; ++w) {
      out.push_back(Sum(group, g, groups) * Sum(wave, w, waves));
    }
  }
  return out;
}

CellDesign CrossFactors(const Factor& group, const Factor& wave, std::vector<double> y) {
  CellDesign out;
  out.groups = group.levels.size();
  out.waves = wave.levels.size();
  Design& design = out.design;
  design.n = y.size();
  design.k = out.groups * out.waves;
  design.y = std::move(y);
  std::vector<double> x(design.n * design.k);
  for (size_t i = 0; i < design.n; ++i) {
    const auto weights = out.CellWeights(group.code[i], wave.code[i]);
    for (size_t c = 0; c < design.k; ++c) x[c * design.n + i] = weights[c];
  }
  design.x = std::move(x);
  design.columns.emplace_back().name = "(Intercept)";
  for (size_t term = 0; term < 3; ++term) {
    for (const size_t c : out.TermColumns(term)) {
      DesignColumn& column = design.columns.emplace_back();
      column.name = fmt::format("{}{}", term == 1 ? wave.column : group.column, c);
      column.term = term;
    }
  }
  return out;
}

}  // namespace kinflow::family
