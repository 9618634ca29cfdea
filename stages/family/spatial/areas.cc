#include "stages/family/spatial/areas.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"

namespace kinflow::family {
namespace {

const Table::Column& ColumnOf(const ModelFrame& frame, const std::string& name) {
  return frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
}

std::string NameAt(const Table::Column& column, size_t row) {
  if (const auto* doubles = std::get_if<Table::Doubles>(&column)) {
    return FormatDouble((*doubles)[row]);
  }
  if (const auto* ints = std::get_if<Table::Ints>(&column)) return fmt::format("{}", (*ints)[row]);
  return std::get<Table::Strings>(column)[row];
}

// How many of `codes` each level has; levels of `of_row`.
std::vector<int64_t> CountByLevel(const std::vector<uint32_t>& of_row, size_t levels,
                                  const std::vector<int64_t>& codes) {
  std::vector<std::unordered_set<int64_t>> seen(levels);
  for (size_t i = 0; i < of_row.size(); ++i) seen[of_row[i]].insert(codes[i]);
  std::vector<int64_t> out;
  for (const auto& values : seen) out.push_back(static_cast<int64_t>(values.size()));
  return out;
}

// Rows are no people where these are measured several times: the fewest of rows, people or mothers,
// and levels of finer grouping factors, which may be people too. Throws kMissingKey where none of
// these is known and an area has several rows: small ones could not be told.
std::vector<int64_t> PeopleByLevel(const ModelFrame& frame, const RowSelection& selection,
                                   const RandomDesign& random, const RandomBlock& areas) {
  std::vector<int64_t> codes(random.n);
  std::iota(codes.begin(), codes.end(), int64_t{0});
  std::vector<int64_t> out = CountByLevel(areas.level, areas.levels(), codes);
  bool known = std::all_of(out.begin(), out.end(), [](int64_t n) { return n <= 1; });
  const auto allow_for = [&] {
    known = true;
    const auto other = CountByLevel(areas.level, areas.levels(), codes);
    for (size_t l = 0; l < out.size(); ++l) out[l] = std::min(out[l], other[l]);
  };
  for (const auto& block : random.blocks) {
    if (block.levels() <= areas.levels()) continue;
    codes.assign(block.level.begin(), block.level.end());
    allow_for();
  }
  // In a family design people without genotypes have no code: there mothers are counted.
  const auto& who = frame.mother.empty() ? frame.person : frame.mother;
  if (!who.empty()) {
    for (size_t i = 0; i < random.n; ++i) codes[i] = who[selection.rows[i]];
    allow_for();
  }
  if (known) return out;
  throw Error(ErrorId::kMissingKey, "an area has several rows, which may be of one person")
      .Field("person")
      .Remedy("name the column of who a row is of: person: id; or give people a random term");
}

}  // namespace

std::string AreaColumn(const Formula& formula) {
  // `a/b` is {a} and {b, a}: the innermost factor comes last, its own column first.
  return formula.random.front().groups.back().front();
}

Areas AreasOf(const Formula& formula, const ModelFrame& frame, const RowSelection& selection,
              const Design& design, const RandomDesign& random) {
  Areas out;
  const std::string& term = formula.random.front().text;
  size_t most = 0;
  for (size_t b = 0; b < random.blocks.size(); ++b) {
    if (random.blocks[b].term != term || random.blocks[b].levels() <= most) continue;
    most = random.blocks[b].levels();
    out.block = b;
  }
  const RandomBlock& block = random.blocks[out.block];
  const std::string column = AreaColumn(formula);
  std::vector<std::pair<std::string, uint32_t>> named;
  for (uint32_t l = 0; l < block.levels(); ++l) {
    named.emplace_back(NameAt(ColumnOf(frame, column), selection.rows[block.first_row[l]]), l);
  }
  std::sort(named.begin(), named.end());
  std::vector<double> sum(block.levels(), 0.0), rows(block.levels(), 0.0);
  for (size_t i = 0; i < random.n; ++i) {
    sum[block.level[i]] += design.y[i];
    ++rows[block.level[i]];
  }
  const auto people = PeopleByLevel(frame, selection, random, block);
  for (const auto& [name, level] : named) {
    if (!out.names.empty() && out.names.back() == name) {
      throw Error(ErrorId::kModelFailed,
                  fmt::format("areas of {} in different larger ones have the same name", column))
          .Field("formula")
          .Value(term)
          .Remedy("give every area a name of its own: neighbours go by names");
    }
    out.names.push_back(name);
    out.level.push_back(level);
    out.people.push_back(people[level]);
    out.mean.push_back(sum[level] / rows[level]);
  }
  return out;
}

NeighbourList InNamesOf(const NeighbourList& list, const ModelFrame& frame,
                        const std::string& area_column) {
  if (std::holds_alternative<Table::Strings>(ColumnOf(frame, area_column))) return list;
  const auto number = [](const std::string& name) {
    const auto value = ParseDouble(name);
    return value ? FormatDouble(*value) : name;
  };
  NeighbourList out;
  for (const auto& [a, b] : list.pairs) out.pairs.emplace_back(number(a), number(b));
  return out;
}

}  // namespace kinflow::family
