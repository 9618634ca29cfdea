#include "stages/family/reshape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "pipeline/base/number.h"
#include "stages/family/few_rows.h"
#include "stages/family/model.h"

namespace kinflow::family {
namespace {

constexpr const char* kPerson = "person";  // column of who a row is of, where one is made
constexpr const char* kWave = "wave";

size_t ColumnOf(const Table& table, const std::string& name, const char* key) {
  if (name.empty()) {
    throw Error(ErrorId::kMissingKey, fmt::format("a long table needs its column of the {}", key))
        .Field(key)
        .Remedy(fmt::format("name it: --{} COLUMN", key));
  }
  const int64_t c = table.Find(name);
  if (c >= 0) return static_cast<size_t>(c);
  throw Error(ErrorId::kColumnMissing, "the table has no such column").Field(key).Value(name);
}

/// Values of a column by first appearance; each row has one.
struct Values {
  std::vector<std::string> names;
  std::vector<int64_t> codes;
};

Values ValuesOf(const Table& table, size_t column, const char* key) {
  Values out{{}, CodesOf(table.column(column))};
  const auto missing = std::count(out.codes.begin(), out.codes.end(), int64_t{-1});
  if (missing > 0) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("{} have no {}", RowsText(static_cast<size_t>(missing)), key))
        .Field(key)
        .Value(table.name(column))
        .Remedy("complete the column, or take these rows out");
  }
  for (size_t r = 0; r < table.rows(); ++r) {
    if (static_cast<size_t>(out.codes[r]) == out.names.size()) {
      out.names.push_back(table.Cell(r, column));
    }
  }
  return out;
}

Error Twice(const std::string& where, const std::string& person) {
  return Error(ErrorId::kDuplicateSamples, "somebody has several rows " + where)
      .Field(kPerson)
      .Value(person)
      .Remedy("leave one of them; a table with rows by wave is long");
}

/// Rows of the table by person and wave; -1 = none.
std::vector<std::vector<int64_t>> Cells(const Values& people, const Values& waves,
                                        const std::string& person) {
  std::vector<std::vector<int64_t>> out(waves.names.size(),
                                        std::vector<int64_t>(people.names.size(), -1));
  for (size_t r = 0; r < people.codes.size(); ++r) {
    int64_t& row = out[static_cast<size_t>(waves.codes[r])][static_cast<size_t>(people.codes[r])];
    if (row >= 0) throw Twice("at a wave", person);
    row = static_cast<int64_t>(r);
  }
  return out;
}

bool IsMissing(double value) { return std::isnan(value); }
bool IsMissing(int64_t value) { return value == Table::kMissingInt; }
bool IsMissing(const std::string& text) { return text.empty() || text == "NA"; }
template <class T>
T Missing() {
  if constexpr (std::is_same_v<T, double>) return kNa;
  if constexpr (std::is_same_v<T, int64_t>) return Table::kMissingInt;
  if constexpr (std::is_same_v<T, std::string>) return "NA";
}

/// Chosen rows; -1 = missing.
Table::Column Chosen(const Table::Column& column, const std::vector<int64_t>& rows) {
  return std::visit(
      [&](const auto& values) -> Table::Column {
        std::decay_t<decltype(values)> out;
        using T = typename std::decay_t<decltype(values)>::value_type;
        for (const int64_t r : rows) {
          out.push_back(r < 0 ? Missing<T>() : values[static_cast<size_t>(r)]);
        }
        return out;
      },
      column);
}

/// Of each person a row with the value, if all that are not missing are alike.
std::optional<std::vector<int64_t>> OnePerPerson(const Table::Column& column,
                                                 const Values& people) {
  std::vector<int64_t> first(people.names.size(), -1);
  const bool constant = std::visit(
      [&](const auto& values) {
        for (size_t r = 0; r < values.size(); ++r) {
          if (IsMissing(values[r])) continue;
          int64_t& row = first[static_cast<size_t>(people.codes[r])];
          if (row < 0) row = static_cast<int64_t>(r);
          if (values[static_cast<size_t>(row)] != values[r]) return false;
        }
        return true;
      },
      column);
  if (!constant) return std::nullopt;
  return first;
}

Table LongToWide(const Table& table, const std::string& person, const std::string& wave) {
  const size_t person_at = ColumnOf(table, person, kPerson), wave_at = ColumnOf(table, wave, kWave);
  const Values people = ValuesOf(table, person_at, kPerson);
  const Values waves = ValuesOf(table, wave_at, kWave);
  const auto cells = Cells(people, waves, person);
  Table out;
  for (size_t c = 0; c < table.columns(); ++c) {
    if (c == wave_at) continue;
    if (const auto rows = OnePerPerson(table.column(c), people)) {
      out.Add(table.name(c), Chosen(table.column(c), *rows));
      continue;
    }
    for (size_t w = 0; w < waves.names.size(); ++w) {
      const std::string name = table.name(c) + "_" + waves.names[w];
      if (table.Find(name) >= 0) {
        throw Error(ErrorId::kConfigReference, "a column by wave has the name of another column")
            .Field("data_format")
            .Value(name);
      }
      out.Add(name, Chosen(table.column(c), cells[w]));
    }
  }
  return out;
}

/// Columns one below the other: numbers, or texts if one of them holds texts. -1 = none.
Table::Column Stacked(const Table& table, const std::vector<int64_t>& columns) {
  const auto is_text = [&](int64_t c) {
    return c >= 0 && std::holds_alternative<Table::Strings>(table.column(static_cast<size_t>(c)));
  };
  const bool text = std::any_of(columns.begin(), columns.end(), is_text);
  Table::Strings texts;
  Table::Doubles numbers;
  for (const int64_t c : columns) {
    for (size_t r = 0; r < table.rows(); ++r) {
      std::string cell = c < 0 ? "NA" : table.Cell(r, static_cast<size_t>(c));
      if (text) {
        texts.push_back(std::move(cell));
      } else {
        numbers.push_back(ParseDouble(cell).value_or(kNa));
      }
    }
  }
  return text ? Table::Column(std::move(texts)) : Table::Column(std::move(numbers));
}

/// Numbers if all waves are numbers.
Table::Column WaveColumn(const std::vector<std::string>& waves, size_t rows) {
  Table::Strings texts;
  Table::Doubles numbers;
  for (const auto& wave : waves) {
    if (const auto number = ParseDouble(wave)) numbers.insert(numbers.end(), rows, *number);
    texts.insert(texts.end(), rows, wave);
  }
  if (numbers.size() == texts.size()) return numbers;
  return texts;
}

void RefuseColumn(const Table& table, const std::string& name) {
  if (table.Find(name) < 0) return;
  throw Error(ErrorId::kConfigReference, "a wide table has the column that its long form is given")
      .Field("data_format")
      .Value(name)
      .Remedy("rename it, or name another column of waves: --wave NAME");
}

/// A name of the formula that the table has at waves: `scl` of `scl_w1`, `scl_w2`.
struct Stem {
  std::string name;
  std::vector<std::string> waves;  // in the order of their columns

  bool Has(const std::string& wave) const {
    return std::find(waves.begin(), waves.end(), wave) != waves.end();
  }
};

/// Of `names` those that are no columns; a column belongs to the longest name it begins with.
std::vector<Stem> StemsOf(const Table& table, const std::vector<std::string>& names) {
  std::vector<Stem> out;
  for (const auto& name : names) {
    if (table.Find(name) < 0) out.push_back({name, {}});
  }
  for (size_t c = 0; c < table.columns(); ++c) {
    const std::string& column = table.name(c);
    size_t longest = 0;
    for (const auto& name : names) {
      if (IsAtWave(column, name)) longest = std::max(longest, name.size());
    }
    for (Stem& stem : out) {
      if (stem.name.size() != longest || !IsAtWave(column, stem.name)) continue;
      stem.waves.push_back(column.substr(longest + 1));
    }
  }
  return out;
}

/// "scl, bmi": what the columns have in front of their last "_", where there are several.
std::string KnownStems(const Table& table) {
  constexpr size_t kTold = 20;
  std::map<std::string, int> columns;
  for (size_t c = 0; c < table.columns(); ++c) {
    const std::string& name = table.name(c);
    const size_t at = name.rfind('_');
    if (at != std::string::npos && at > 0 && at + 1 < name.size()) ++columns[name.substr(0, at)];
  }
  std::vector<std::string> stems;
  for (const auto& [stem, n] : columns) {
    if (n > 1 && stems.size() < kTold) stems.push_back(stem);
  }
  return fmt::format("{}", fmt::join(stems, ", "));
}

void CheckStem(const Table& table, const Stem& stem, const std::vector<std::string>& waves) {
  const auto shared = std::count_if(stem.waves.begin(), stem.waves.end(), [&](const auto& wave) {
    return std::find(waves.begin(), waves.end(), wave) != waves.end();
  });
  if (stem.waves.size() > 1 && shared > 0) return;
  const std::string stems = KnownStems(table);
  throw Error(ErrorId::kColumnMissing, shared > 0 || stem.waves.empty()
                                           ? "the table has no such column, nor it at several waves"
                                           : "the table has this column at no wave of the outcome")
      .Field("formula")
      .Value(stem.name)
      .Remedy(stems.empty() ? "name columns of the table, or NAME of columns NAME_WAVE"
                            : "names with columns by wave are " + stems);
}

// scl_sum or scl_w1_z beside scl_w1 and scl_w2 is no wave, and would be one in silence.
void CheckWaveNames(const Stem& outcome) {
  const auto& waves = outcome.waves;
  const auto has_digit = [](const std::string& wave) {
    return wave.find_first_of("0123456789") != std::string::npos;
  };
  const bool digits = std::any_of(waves.begin(), waves.end(), has_digit);
  const auto is_odd = [&](const std::string& wave) {
    return has_digit(wave) != digits ||
           std::any_of(waves.begin(), waves.end(),
                       [&](const std::string& other) { return IsAtWave(wave, other); });
  };
  const auto odd = std::find_if(waves.begin(), waves.end(), is_odd);
  if (odd == waves.end()) return;
  throw Error(ErrorId::kConfigReference, "a column beside those by wave does not look like a wave")
      .Field("data_format")
      .Value(outcome.name + "_" + *odd)
      .Remedy("rename or drop it; if it is a wave, name waves alike: all with a digit or none");
}

// Rows by wave of an outcome without waves would count each person once a wave.
void CheckOutcomeHasWaves(const Table& table, const std::string& outcome,
                          const std::vector<Stem>& stems) {
  constexpr size_t kTold = 5;
  if (table.Find(outcome) < 0) return;
  for (const Stem& stem : stems) {
    if (stem.waves.size() < 2) continue;
    std::string columns;
    for (size_t w = 0; w < stem.waves.size() && w < kTold; ++w) {
      columns += (w > 0 ? ", " : "") + stem.name + "_" + stem.waves[w];
    }
    throw Error(ErrorId::kConfigReference,
                fmt::format("{} stands for columns by wave, and the outcome {} has no waves",
                            stem.name, outcome))
        .Field("formula")
        .Value(stem.name)
        .Remedy(fmt::format("name one of its columns ({}{}), or an outcome that has waves", columns,
                            stem.waves.size() > kTold ? ", ..." : ""));
  }
}

// Waves are those of the outcome, the first of the names.
std::vector<std::string> WavesOf(const Table& table, const std::vector<std::string>& names,
                                 std::vector<Stem>& stems) {
  CheckOutcomeHasWaves(table, names.front(), stems);
  std::vector<std::string> waves;
  for (const Stem& stem : stems) {
    for (const auto& wave : stem.waves) {
      if (std::find(waves.begin(), waves.end(), wave) == waves.end()) waves.push_back(wave);
    }
    if (stem.name == names.front()) break;
  }
  if (!stems.empty() && stems.front().name == names.front()) CheckWaveNames(stems.front());
  for (Stem& stem : stems) {
    CheckStem(table, stem, waves);
    std::erase_if(stem.waves, [&](const std::string& wave) {
      return std::find(waves.begin(), waves.end(), wave) == waves.end();
    });
  }
  return waves;
}

/// A name that --wave gives the waves of a wide table must be one that something asks for: else
/// somebody meant to choose a wave or a column.
void CheckWaveIsUsed(const Table& table, const FitOptions& options, bool made_long) {
  const std::string& wave = options.wave;
  if (wave.empty() || wave == kWave || (!made_long && table.Find(wave) >= 0)) return;
  std::vector<std::string> used = FormulaOf(options).Columns();
  for (const auto& column : options.table_one.Columns()) used.push_back(column);
  used.push_back(options.cluster);
  const bool asked_for =
      options.model == "ols_by_wave" || std::find(used.begin(), used.end(), wave) != used.end();
  if (made_long && asked_for) return;
  throw Error(ErrorId::kConfigReference,
              made_long ? "nothing asks for the column of waves that a wide table is given"
                        : "nothing is made long of this wide table: it has no column of waves")
      .Field("wave")
      .Value(wave)
      .Remedy(
          "leave --wave out, or use the column that it names in the formula; one wave alone is a "
          "formula of its columns (scl_m6 ~ age)");
}

Table WideToLong(const Table& table, std::vector<std::string> names, FitOptions& options) {
  const std::string wave = options.wave.empty() ? kWave : options.wave;
  std::erase_if(names, [&](const std::string& name) {
    return name == wave || (name == kPerson && options.person.empty());
  });
  std::vector<Stem> stems = StemsOf(table, names);
  CheckWaveIsUsed(table, options, !stems.empty());
  if (stems.empty()) return table;
  const std::vector<std::string> waves = WavesOf(table, names, stems);
  std::set<std::string> taken;
  for (const Stem& stem : stems) {
    for (const auto& at : stem.waves) taken.insert(stem.name + "_" + at);
  }
  RefuseColumn(table, wave);
  Table out;
  if (options.person.empty()) {
    RefuseColumn(table, kPerson);
    options.person = kPerson;
    Table::Strings people;
    for (size_t i = 0; i < waves.size() * table.rows(); ++i) {
      people.push_back(std::to_string(i % table.rows() + 1));
    }
    out.Add(kPerson, std::move(people));
  }
  for (size_t c = 0; c < table.columns(); ++c) {
    if (taken.contains(table.name(c))) continue;
    out.Add(table.name(c),
            Stacked(table, std::vector<int64_t>(waves.size(), static_cast<int64_t>(c))));
  }
  for (const Stem& stem : stems) {
    std::vector<int64_t> columns;
    for (const auto& at : waves) {
      columns.push_back(stem.Has(at) ? table.Find(stem.name + "_" + at) : -1);
    }
    out.Add(stem.name, Stacked(table, columns));
  }
  out.Add(wave, WaveColumn(waves, table.rows()));
  return out;
}

}  // namespace

bool IsAtWave(const std::string& name, const std::string& column) {
  return name.size() > column.size() + 1 && name.starts_with(column) && name[column.size()] == '_';
}

Table Reshaped(Table table, FitOptions& options) {
  if (options.data_format == "auto") return table;
  const bool by_paths = !MakeModel(options.model)->PathColumns(options.model_options).empty();
  const std::string& person = options.person;
  if (options.data_format == "wide") {
    if (!person.empty()) {
      const Values people = ValuesOf(table, ColumnOf(table, person, kPerson), kPerson);
      if (people.names.size() < table.rows()) throw Twice("in a wide table", person);
    }
    if (!by_paths) return WideToLong(table, FormulaOf(options).Columns(), options);
    CheckWaveIsUsed(table, options, false);
    return table;
  }
  if (by_paths) return LongToWide(table, person, options.wave);
  Cells(ValuesOf(table, ColumnOf(table, person, kPerson), kPerson),
        ValuesOf(table, ColumnOf(table, options.wave, kWave), kWave), person);
  return table;
}

}  // namespace kinflow::family
