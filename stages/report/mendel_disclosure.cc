#include "stages/report/mendel_disclosure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "stages/report/coarse_numbers.h"
#include "stages/report/small_count.h"

namespace kinflow {
namespace {

/// Rows of one level: all of its children, then each kind of which there are some.
struct LevelRows {
  size_t begin = 0, end = 0;
  std::array<int64_t, 4> parts{};  // children and errors of trios, of duos

  int64_t children() const { return parts[0] + parts[2]; }
};

bool AnySmall(const std::array<int64_t, 4>& parts, int64_t small) {
  return std::any_of(parts.begin(), parts.end(), [&](int64_t n) { return IsSmall(n, small); });
}

std::vector<LevelRows> LevelsOf(const Table& errors) {
  const auto &factor = errors.StringsOf("FACTOR"), &level = errors.StringsOf("LEVEL"),
             &families = errors.StringsOf("FAMILIES");
  std::vector<LevelRows> levels;
  for (size_t r = 0; r < errors.rows(); ++r) {
    if (r == 0 || factor[r] != factor[r - 1] || level[r] != level[r - 1]) {
      levels.push_back({r, r, {}});
    }
    LevelRows& rows = levels.back();
    rows.end = r + 1;
    if (families[r] == "all") continue;
    const size_t at = families[r] == "trios" ? 0 : 2;
    rows.parts[at] = errors.IntsOf("CHILDREN")[r];
    rows.parts[at + 1] = errors.IntsOf("MENDEL_ERRORS")[r];
  }
  return levels;
}

/// The levels of the factor that may be shown.
std::vector<LevelRows> ShownLevels(std::vector<LevelRows> levels, int64_t small) {
  std::array<int64_t, 4> hidden{};
  const auto hide = [&](std::vector<LevelRows>::iterator level) {
    for (size_t i = 0; i < hidden.size(); ++i) hidden[i] += level->parts[i];
    levels.erase(level);
  };
  for (size_t l = levels.size(); l-- > 0;) {
    if (AnySmall(levels[l].parts, small)) hide(levels.begin() + static_cast<std::ptrdiff_t>(l));
  }
  const auto fewer = [](const LevelRows& a, const LevelRows& b) {
    return a.children() < b.children();
  };
  while (AnySmall(hidden, small) && !levels.empty()) {
    hide(std::min_element(levels.begin(), levels.end(), fewer));
  }
  return levels;
}

/// A row that is shown; blurred: without counts, with rounded rates.
struct ShownRow {
  size_t row;
  bool blurred;
};

std::vector<ShownRow> RowsToShow(const Table& errors, bool few_removed, int64_t small) {
  const std::vector<LevelRows> levels = LevelsOf(errors);
  std::vector<ShownRow> shown;
  if (levels.empty()) return shown;
  const auto show = [&](const LevelRows& level) {
    for (size_t r = level.begin; r < level.end; ++r) shown.push_back({r, few_removed});
  };
  const LevelRows& all = levels.front();
  const int64_t errors_of_all = errors.IntsOf("MENDEL_ERRORS")[all.begin];
  if (!AnySmall(all.parts, small)) {
    show(all);
  } else if (!IsSmall(all.children(), small) && !IsSmall(errors_of_all, small)) {
    shown.push_back({all.begin, true});  // the ledger may tell one of its parts
  }
  std::vector<LevelRows> of_factor;
  for (size_t l = 1; l < levels.size(); ++l) {
    const auto& factor = errors.StringsOf("FACTOR");
    if (factor[levels[l].begin] == factor[levels[1].begin]) of_factor.push_back(levels[l]);
  }
  for (const LevelRows& level : ShownLevels(std::move(of_factor), small)) show(level);
  return shown;
}

/// Rates of the row: of the coarse number of errors, in two digits.
double CoarseRate(double rate, int64_t errors, int64_t small) {
  if (small < 2) return rate;
  const double share = errors == 0 ? 1
                                   : static_cast<double>(NearestMultiple(errors, small)) /
                                         static_cast<double>(errors);
  return TwoDigits(rate * share);
}

Table::Column CellsOf(const Table& table, size_t c, const std::vector<ShownRow>& rows,
                      int64_t small) {
  const std::string& name = table.name(c);
  const auto& errors = table.IntsOf("MENDEL_ERRORS");
  return std::visit(
      [&](const auto& cells) -> Table::Column {
        std::decay_t<decltype(cells)> shown;
        for (const ShownRow& row : rows) {
          auto cell = cells[row.row];
          if constexpr (std::is_same_v<decltype(shown), Table::Doubles>) {
            cell = CoarseRate(cell, errors[row.row], small);
          } else if constexpr (std::is_same_v<decltype(shown), Table::Ints>) {
            if (name == "MENDEL_ERRORS") cell = NearestMultiple(cell, small);
            if (name == "CHECKED" && small > 1) {
              cell = std::llround(TwoDigits(static_cast<double>(cell)));
            }
            if (row.blurred) cell = Table::kMissingInt;
          }
          shown.push_back(std::move(cell));
        }
        return shown;
      },
      table.column(c));
}

}  // namespace

Table SuppressMendelErrors(const Table& errors, bool few_removed, int64_t small) {
  const std::vector<ShownRow> rows = RowsToShow(errors, few_removed, small);
  Table shared;
  for (size_t c = 0; c < errors.columns(); ++c) {
    shared.Add(errors.name(c), CellsOf(errors, c, rows, small));
  }
  return shared;
}

}  // namespace kinflow
