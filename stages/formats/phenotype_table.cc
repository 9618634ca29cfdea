#include "stages/formats/phenotype_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/data/string_column.h"
#include "stages/formats/delimited.h"

namespace kinflow {
namespace {

// "12,5", "-,5", "1,2e3": what a number with a point would be if commas were points.
bool IsCommaNumber(std::string_view text) {
  if (std::count(text.begin(), text.end(), ',') != 1) return false;
  std::string pointed(text);
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  return ParseDouble(pointed).has_value();
}

class MissingCodes {
 public:
  explicit MissingCodes(const std::vector<std::string>& codes) : texts_(codes) {
    for (const auto& code : codes) {
      if (const auto number = ParseDouble(code)) numbers_.push_back(*number);
    }
  }
  /// By text, and by value: the code -9 is met by "-9.00" too.
  bool Contains(std::string_view text) const {
    if (IsMissing(text)) return true;
    if (texts_.empty()) return false;
    if (std::find(texts_.begin(), texts_.end(), text) != texts_.end()) return true;
    if (numbers_.empty()) return false;
    const auto number = ParseDouble(text);
    return number && std::find(numbers_.begin(), numbers_.end(), *number) != numbers_.end();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<double> numbers_;
};

// Values of one column as written; its type is known when all rows are read.
struct RawColumn {
  std::string name;
  size_t index = 0;
  bool text = false;
  StringColumn values;  // "" = missing
  uint64_t numbers = 0, comma_numbers = 0, others = 0;
  uint64_t first_comma = 0, first_other = 0;  // lines

  void Append(std::string_view value, const MissingCodes& missing, uint64_t line) {
    if (missing.Contains(value)) return values.Append("");
    values.Append(value);
    if (text) return;
    if (ParseDouble(value)) {
      ++numbers;
    } else if (IsCommaNumber(value)) {
      if (comma_numbers++ == 0) first_comma = line;
    } else if (others++ == 0) {
      first_other = line;
    }
  }
};

// All its values are numbers, some of them with a decimal comma.
bool HasDecimalCommas(const RawColumn& column) {
  return !column.text && column.others == 0 && column.comma_numbers > 0;
}

Error DecimalCommas(const RawColumn& column, const PhenotypeOptions& options) {
  return Error(ErrorId::kMalformed, fmt::format("column '{}' has {} numbers with a decimal comma",
                                                column.name, column.comma_numbers))
      .InFile(options.file)
      .AtLine(column.first_comma)
      .Field(column.name)
      .Remedy(options.commas_where_used
                  ? fmt::format("write decimals with a point; if these are groups write factor({})",
                                column.name)
                  : "write decimals with a point; if these are texts, list the column under "
                    "phenotypes[].text");
}

// Numbers with a few other values are more often a fault than a factor.
bool IsMixed(const RawColumn& column) {
  return !column.text && column.others > 0 && column.numbers > column.others + column.comma_numbers;
}

Error MixedValues(const RawColumn& column, const std::string& file) {
  const uint64_t others = column.others + column.comma_numbers;
  return Error(
             ErrorId::kMalformed,
             fmt::format("column '{}' is used as numbers, but {} of its {} values {} none",
                         column.name, others, column.numbers + others, others == 1 ? "is" : "are"))
      .InFile(file)
      .AtLine(column.first_comma == 0 ? column.first_other
                                      : std::min(column.first_other, column.first_comma))
      .Field(column.name)
      .Remedy(fmt::format(
          "correct the value; if it stands for a missing one write NA or list it under "
          "phenotypes[].missing; if the column holds groups write factor({}) in the model",
          column.name));
}

// The code that stands for missing values in a column of numbers, as PLINK, SPSS and registers
// write them: -9 or -99 and so on, if it is the only number below 0, or comes three times and lies
// a quarter of the range of the others below them; "" = none.
std::string LikelyMissingCode(const RawColumn& column) {
  if (column.text || column.others > 0 || column.comma_numbers > 0) return "";
  double code = 0;
  for (size_t i = 0; i < column.values.size(); ++i) {
    if (column.values[i].starts_with('-')) code = std::min(code, *ParseDouble(column.values[i]));
  }
  const auto known = {-9.0, -99.0, -999.0, -9999.0};
  if (std::find(known.begin(), known.end(), code) == known.end()) return "";
  size_t times = 0;
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
  for (size_t i = 0; i < column.values.size(); ++i) {
    if (column.values[i].empty()) continue;
    const double value = *ParseDouble(column.values[i]);
    times += value == code;
    if (value == code) continue;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const bool apart = times >= 3 && lowest - code >= (highest - lowest) / 4;
  return lowest >= 0 || apart ? fmt::format("{:.0f}", code) : "";
}

std::string MissingCodeWarning(const std::string& code, const std::vector<std::string>& columns) {
  constexpr size_t kNamed = 5;
  const auto end = columns.begin() + static_cast<ptrdiff_t>(std::min(kNamed, columns.size()));
  return fmt::format(
      "{} is taken as a value, but lies apart from the others, in column{} {}{}; if it stands for "
      "missing ones write NA or declare it (config: phenotypes[].missing, fit: --missing)",
      code, columns.size() == 1 ? "" : "s", fmt::join(columns.begin(), end, ", "),
      columns.size() > kNamed ? fmt::format(" and {} more", columns.size() - kNamed) : "");
}

Table::Column Settle(const RawColumn& column) {
  const size_t n = column.values.size();
  if (!column.text && column.others == 0 && column.comma_numbers == 0) {
    Table::Doubles out(n, std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < n; ++i) {
      if (!column.values[i].empty()) out[i] = *ParseDouble(column.values[i]);
    }
    return out;
  }
  Table::Strings out(n);
  for (size_t i = 0; i < n; ++i) out[i] = column.values[i].empty() ? "NA" : column.values[i];
  return out;
}

struct KeyColumns {
  std::optional<size_t> id, family, pregnancy, wave;  // the wave is a value too
  bool Holds(size_t index) const { return index == id || family == index || pregnancy == index; }
};

// Not a value: an unnamed column of row numbers, the ids of PLINK's tables. Where rows have no ids
// (kinflow fit) the latter can be clusters and groups.
bool IsIdColumn(const std::string& name) {
  return name.empty() || name == "FID" || name == "#FID" || name == "IID" || name == "#IID";
}

std::vector<RawColumn> ChooseColumns(const DelimitedReader& table, const KeyColumns& keys,
                                     const PhenotypeOptions& o) {
  std::vector<size_t> chosen;
  if (o.columns.empty()) {
    for (size_t i = 0; i < table.columns().size(); ++i) {
      const std::string& name = table.columns()[i];
      if (!keys.Holds(i) && (!IsIdColumn(name) || (o.id.empty() && !name.empty()))) {
        chosen.push_back(i);
      }
    }
  } else {
    std::vector<std::string> names = o.columns;
    for (const auto& rule : o.scales) {
      for (const auto& item : rule.items) names.push_back(item);
    }
    for (const auto& name : names) {
      const size_t at = table.Require(name);
      if (std::find(chosen.begin(), chosen.end(), at) == chosen.end()) chosen.push_back(at);
    }
    if (keys.wave && std::find(chosen.begin(), chosen.end(), *keys.wave) == chosen.end()) {
      chosen.push_back(*keys.wave);
    }
  }
  std::vector<size_t> texts;
  for (const auto& name : o.text) texts.push_back(table.Require(name));
  std::vector<RawColumn> columns;
  for (const size_t index : chosen) {
    RawColumn& column = columns.emplace_back();
    column.name = table.columns()[index];
    column.index = index;
    column.text = (o.id.empty() && IsIdColumn(column.name)) ||
                  std::find(texts.begin(), texts.end(), index) != texts.end();
  }
  return columns;
}

// Ids of the rows, each with the line where it came first.
class RowKeys {
 public:
  RowKeys(const DelimitedReader& table, const KeyColumns& columns)
      : table_(table), columns_(columns) {}

  void Add(const std::vector<std::string_view>& fields, PhenotypeTable& out) {
    std::string id(Need(fields, *columns_.id));
    if (columns_.family) id = std::string(Need(fields, *columns_.family)) + "_" + id;
    std::string key = id;
    if (columns_.pregnancy) {
      const std::string_view pregnancy = Need(fields, *columns_.pregnancy);
      key += '\t';
      key += pregnancy;
      out.pregnancies.emplace_back(pregnancy);
    }
    if (columns_.wave) {
      const std::string_view wave = Need(fields, *columns_.wave);
      key += '\t';
      key += wave;
      out.waves.emplace_back(wave);
    }
    const auto [first, added] = lines_.emplace(std::move(key), table_.line_number());
    if (!added) RefuseRepeat(first->second);
    out.ids.push_back(std::move(id));
  }

 private:
  [[noreturn]] void RefuseRepeat(uint64_t first_line) const {
    std::string what = columns_.pregnancy ? "id and pregnancy" : "id";
    std::string remedy = columns_.pregnancy
                             ? "keep one row a person and pregnancy"
                             : "keep one row a person; for one row a pregnancy name its column in "
                               "phenotypes[].pregnancy (the pedigree is a table with pregnancies "
                               "then, no .fam)";
    if (columns_.wave) {
      what = columns_.pregnancy ? "id, pregnancy and wave" : "id and wave";
      remedy += ", and one a wave";
    } else {
      remedy += ", for one row a wave set phenotypes[].layout to long";
    }
    throw Error(ErrorId::kDuplicateSamples, fmt::format("lines {} and {} have the same {}",
                                                        first_line, table_.line_number(), what))
        .InFile(table_.path())
        .AtLine(table_.line_number())
        .AtRecord(table_.record_number())
        .Field(table_.columns()[*columns_.id])
        .Remedy(remedy);
  }

  std::string_view Need(const std::vector<std::string_view>& fields, size_t column) const {
    if (!IsMissing(fields[column])) return fields[column];
    throw Error(ErrorId::kMalformed, fmt::format("row {} has no value in '{}'",
                                                 table_.record_number(), table_.columns()[column]))
        .InFile(table_.path())
        .AtLine(table_.line_number())
        .AtRecord(table_.record_number())
        .Field(table_.columns()[column])
        .Remedy("every row needs it: add it, or delete the row");
  }

  const DelimitedReader& table_;
  const KeyColumns& columns_;
  std::unordered_map<std::string, uint64_t> lines_;
};

void AddScales(const PhenotypeOptions& options, PhenotypeTable& out) {
  for (const ScaleRule& rule : options.scales) {
    if (out.columns.Find(rule.name) >= 0) {
      throw Error(ErrorId::kConfigReference, "a scale has the name of a column of its table")
          .InFile(options.file)
          .Field("phenotypes[].scales")
          .Value(rule.name)
          .Remedy("give the scale another name");
    }
    out.columns.Add(rule.name, ScoreScale(rule, out.columns, out.waves, options.file));
    if (!options.wave.empty()) out.by_wave.push_back(rule.name);
  }
}

}  // namespace

SchemaNode PhenotypesSchema() {
  using namespace schema;
  SchemaNode item = Map(
      "", "one table",
      {Text("file", "table with a header; tab, comma, semicolon or blanks; plain or gzip")
           .Required(),
       Text("id", "column of the person's id").Required(),
       Text("family_id",
            "column of the family id; ids are then FAMILY_ID joined by '_', as genotypes "
            "named FID_IID have them")
           .Nullable(),
       Choice("id_form", "what the ids are: the IID, or FID and IID joined by '_'",
              {"iid", "fid_iid"})
           .Default("iid"),
       Text("pregnancy", "column of the pregnancy id, if a person has a row a pregnancy")
           .Nullable(),
       Choice("layout", "wide: a row a person (and pregnancy); long: a row for each wave too",
              {"wide", "long"})
           .Default("wide"),
       Text("wave", "column of the wave in a long table").Nullable(),
       Choice("delimiter", "what separates the fields",
              {"auto", "tab", "comma", "semicolon", "blank"})
           .Default("auto"),
       TextList("missing", "codes of missing values beside NA, NaN, '.' and empty fields")
           .OneOrMore(),
       TextList("columns", "columns to read; all if empty").OneOrMore(),
       TextList("text", "columns that are texts (factors) even if they hold numbers").OneOrMore(),
       ScalesSchema()});
  return List("phenotypes", "tables of phenotypes and covariates", std::move(item));
}

PhenotypeOptions PhenotypeOptionsFrom(const ConfigNode& item) {
  const auto text = [&](const char* key) { return item.Has(key) ? item.Text(key) : std::string(); };
  static constexpr std::pair<std::string_view, char> kDelimiters[] = {
      {"auto", '\0'}, {"tab", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"blank", ' '}};
  PhenotypeOptions o;
  o.file = item.Text("file");
  o.id = item.Text("id");
  o.family = text("family_id");
  o.pregnancy = text("pregnancy");
  o.wave = text("wave");
  if ((item.Text("layout") == "long") != !o.wave.empty()) {
    throw Error(ErrorId::kConfigReference, "a long table, and it alone, has a wave")
        .InFile(item.origin())
        .Field("phenotypes[].wave")
        .Value(o.wave)
        .Remedy("set both layout: long and wave: COLUMN, or neither");
  }
  o.id_form = item.Text("id_form") == "fid_iid" ? IdForm::kFidIid : IdForm::kIid;
  for (const auto& [name, delimiter] : kDelimiters) {
    if (item.Text("delimiter") == name) o.delimiter = delimiter;
  }
  o.missing = item.TextList("missing");
  o.columns = item.TextList("columns");
  o.text = item.TextList("text");
  o.scales = ScaleRulesFrom(item.At("scales"));
  return o;
}

PhenotypeTable ReadPhenotypes(const PhenotypeOptions& options) {
  DelimitedReader table(options.file, options.delimiter);
  KeyColumns keys;
  if (!options.id.empty()) keys.id = table.Require(options.id);
  if (!options.family.empty()) keys.family = table.Require(options.family);
  if (!options.pregnancy.empty()) keys.pregnancy = table.Require(options.pregnancy);
  if (!options.wave.empty()) keys.wave = table.Require(options.wave);
  std::vector<RawColumn> columns = ChooseColumns(table, keys, options);
  const MissingCodes missing(options.missing);

  PhenotypeTable out;
  out.file = options.file;
  RowKeys row_keys(table, keys);
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    if (keys.id) row_keys.Add(fields, out);
    for (auto& column : columns) {
      column.Append(fields[column.index], missing, table.line_number());
    }
  }
  for (const auto& column : columns) {
    if (!HasDecimalCommas(column)) continue;
    Error fault = DecimalCommas(column, options);
    if (!options.commas_where_used) throw fault;
    out.mixed.emplace(column.name, std::move(fault));
  }
  std::map<std::string, std::vector<std::string>> likely_missing;  // by code
  for (auto& column : columns) {
    if (IsMixed(column)) out.mixed.emplace(column.name, MixedValues(column, options.file));
    if (const auto code = LikelyMissingCode(column); !code.empty()) {
      likely_missing[code].push_back(column.name);
    }
    out.columns.Add(column.name, Settle(column));
    if (keys.wave) out.by_wave.push_back(column.name);
    column.values = StringColumn();
  }
  AddScales(options, out);
  for (const auto& [code, names] : likely_missing) {
    out.warnings.push_back(MissingCodeWarning(code, names));
  }
  return out;
}

}  // namespace kinflow
