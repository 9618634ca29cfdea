#include "stages/family/mixed/random_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <variant>

#include "pipeline/base/error.h"
#include "stages/family/design.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

// Levels of the combination of columns, by first appearance among the rows.
void FindLevels(const std::vector<std::string>& columns, const ModelFrame& frame,
                const std::vector<uint32_t>& rows, RandomBlock& block) {
  block.columns = columns;
  for (const auto& name : columns) block.group += (block.group.empty() ? "" : ":") + name;
  block.level = CrossedCodes(frame, columns, rows).codes;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (block.level[i] == block.first_row.size()) block.first_row.push_back(i);
  }
}

void CheckLevels(const RandomBlock& block, size_t n) {
  const auto fail = [&](const std::string& what, const char* remedy) {
    throw Error(ErrorId::kModelFailed, fmt::format("random term ({}): {}", block.term, what))
        .Field("formula")
        .Value(block.group)
        .Remedy(remedy);
  };
  if (block.levels() < 2) {
    fail(fmt::format("grouping factor {} has one level in {}", block.group, RowsText(n)),
         "a variance between groups needs several: check the column, or take the term out");
  }
  if (block.levels() == n) {
    fail(
        fmt::format("every level of grouping factor {} has one row ({})", block.group, RowsText(n)),
        "its variance is that of the residual: take the term out, or use repeated rows");
  }
  if (block.levels() * block.q() >= n) {
    fail(fmt::format("{} levels of {} with {} effects each are {} effects for {}",
                     FewOrNumber(block.levels()), block.group, block.q(),
                     FewOrNumber(block.levels() * block.q()), RowsText(n)),
         "take slopes out of the term: its variances cannot be told from the residual's");
  }
}

// lme4's `||` parts terms, not the columns of one: effects of a factor's levels and of parts of a
// polynomial stay correlated there, and here they would be another model.
void RefuseSplit(const Formula& formula, const RandomTerm& random, const ModelFrame& frame,
                 const Design& design) {
  for (size_t t = 0; t < random.slopes.size(); ++t) {
    const auto& variables = random.slopes[t].variables;
    const bool factor = std::any_of(variables.begin(), variables.end(), [&](uint32_t v) {
      const FormulaVariable& variable = formula.variables[v];
      const auto at = static_cast<size_t>(frame.columns.Find(variable.column));
      return variable.as_factor || std::holds_alternative<Table::Strings>(frame.columns.column(at));
    });
    const auto columns =
        std::count_if(design.columns.begin(), design.columns.end(),
                      [&](const DesignColumn& column) { return column.term == t; });
    if (!factor && columns < 2) continue;
    const std::string label = formula.TermLabel(random.slopes[t]);
    throw Error(ErrorId::kModelFailed,
                fmt::format("random term ({}): {} has several effects, which || does not make "
                            "uncorrelated",
                            random.text, label))
        .Field("formula")
        .Value(label)
        .Remedy(fmt::format("write | for their correlations, ({} | {}), or columns of numbers (0 "
                            "and 1 for a level)",
                            label, fmt::join(random.groups.front(), ":")));
  }
}

// An additive genetic effect a person; people not known are nobody's relatives.
RandomBlock RelatednessBlock(const ModelFrame& frame, const std::vector<uint32_t>& rows) {
  RandomBlock block;
  block.group = block.term = kRelatedness;
  block.terms = {"(Intercept)"};
  block.z.assign(rows.size(), 1.0);
  std::unordered_map<int64_t, uint32_t> levels;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t person = frame.person[rows[i]];
    auto level = static_cast<uint32_t>(block.levels());
    if (person >= 0) level = levels.emplace(person, level).first->second;
    if (level == block.levels()) block.first_row.push_back(static_cast<uint32_t>(i));
    block.level.push_back(level);
  }
  for (const auto& pair : frame.relatives) {
    const auto a = levels.find(pair.a), b = levels.find(pair.b);
    if (a == levels.end() || b == levels.end() || pair.a == pair.b) continue;
    block.related.push_back({a->second, b->second, pair.relatedness});
  }
  if (block.related.empty()) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("no two of {} are of relatives", RowsUsedText(rows.size())))
        .Field(kRelatedness)
        .Remedy(
            "check that the ids of the relatives are those of the rows, or use relatedness: "
            "none");
  }
  return block;
}

// True if an effect of one block is one of the other: the same levels by the same numbers.
bool ShareAnEffect(const RandomBlock& a, const RandomBlock& b, size_t n) {
  if (a.levels() != b.levels() || a.level != b.level) return false;
  for (size_t i = 0; i < a.q(); ++i) {
    const auto own = a.z.begin() + static_cast<std::ptrdiff_t>(i * n);
    for (size_t j = 0; j < b.q(); ++j) {
      const auto other = b.z.begin() + static_cast<std::ptrdiff_t>(j * n);
      if (std::equal(own, own + static_cast<std::ptrdiff_t>(n), other)) return true;
    }
  }
  return false;
}

// Factors of other names may have the same levels: of each id in one school, id:school is id.
void RefuseDoubles(const RandomDesign& design) {
  for (size_t b = 1; b < design.blocks.size(); ++b) {
    for (size_t a = 0; a < b; ++a) {
      const RandomBlock &one = design.blocks[a], &other = design.blocks[b];
      if (!ShareAnEffect(one, other, design.n)) continue;
      throw Error(
          ErrorId::kModelFailed,
          fmt::format("random terms ({}) and ({}) have an effect in common: {} has the same "
                      "levels as {} in the {} rows, so that the data cannot tell their "
                      "variances apart",
                      one.term, other.term, other.group, one.group, design.n))
          .Field("formula")
          .Value(other.group)
          .Remedy(fmt::format("take {} or {} out of the random terms", one.group, other.group));
    }
  }
}

}  // namespace

size_t RandomDesign::thetas() const {
  size_t count = 0;
  for (const auto& block : blocks) count += block.thetas();
  return count;
}

size_t RandomDesign::columns() const {
  size_t count = 0;
  for (const auto& block : blocks) count += block.levels() * block.q();
  return count;
}

RandomDesign BuildRandomEffects(const Formula& formula, const ModelFrame& frame,
                                const std::vector<uint32_t>& rows) {
  RandomDesign out;
  out.n = rows.size();
  for (const auto& term : formula.random) {
    Formula effects = formula;  // the columns of Z follow the rules of a fixed part
    effects.terms = term.slopes;
    effects.intercept = term.intercept;
    const Design design = BuildDesign(effects, frame, rows);
    if (!term.correlated) RefuseSplit(formula, term, frame, design);
    for (const auto& columns : term.groups) {
      RandomBlock block;
      block.term = term.text;
      FindLevels(columns, frame, rows, block);
      for (size_t c = 0; c < design.k; ++c) {
        block.terms.push_back(design.columns[c].name);
        block.z.insert(block.z.end(), design.Column(c), design.Column(c) + design.n);
        if (term.correlated && c + 1 < design.k) continue;
        CheckLevels(block, out.n);
        out.blocks.push_back(block);
        block.terms.clear();
        block.z.clear();
      }
    }
  }
  RefuseDoubles(out);
  if (!frame.relatives.empty()) out.blocks.push_back(RelatednessBlock(frame, rows));
  std::stable_sort(
      out.blocks.begin(), out.blocks.end(),
      [](const RandomBlock& a, const RandomBlock& b) { return a.levels() > b.levels(); });
  return out;
}

}  // namespace kinflow::family
