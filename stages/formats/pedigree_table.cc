#include "stages/formats/pedigree_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/formats/delimited.h"
#include "stages/formats/parent_pregnancies.h"
#include "stages/formats/parent_sexes.h"

namespace kinflow {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool IsUnknown(std::string_view text) { return text == "0" || text == "-9" || IsMissing(text); }
std::string IdOf(std::string_view text) {
  return IsUnknown(text) ? std::string() : std::string(text);
}

struct Row {
  Person person;
  std::string twin;
  uint64_t line = 0;
};

std::optional<Sex> ParseSex(std::string_view text) {
  const std::string code = Lower(text);
  if (code == "1" || code == "m" || code == "male") return Sex::kMale;
  if (code == "2" || code == "f" || code == "female") return Sex::kFemale;
  if (IsUnknown(text) || code == "unknown" || code == "na") return Sex::kUnknown;
  return std::nullopt;
}

Sex SexOf(std::string_view text, const std::string& file, uint64_t line, uint64_t record) {
  if (const auto sex = ParseSex(text)) return *sex;
  throw Error(ErrorId::kMalformed, fmt::format("the sex of person {} is not a known code", record))
      .InFile(file)
      .AtLine(line)
      .AtRecord(record)
      .Field("sex")
      .Remedy("write 1, M or male; 2, F or female; 0 or NA if unknown");
}

/// 0 = unknown.
int YearOf(std::string_view text, const std::string& file, uint64_t line) {
  if (IsUnknown(text)) return 0;
  const auto year = ParseInt(text);
  if (year && *year >= 1800 && *year <= 2200) return static_cast<int>(*year);
  throw Error(ErrorId::kMalformed, "not a year of birth")
      .InFile(file)
      .AtLine(line)
      .Field("birth_year")
      .Remedy("write a year such as 1974, or NA if unknown");
}

void CheckId(const std::string& iid, const std::string& file, uint64_t line, uint64_t record) {
  if (!iid.empty()) return;
  throw Error(ErrorId::kMalformed, fmt::format("person {} has no id", record))
      .InFile(file)
      .AtLine(line)
      .AtRecord(record)
      .Field("id")
      .Remedy("every row needs an id; 0, -9, NA and . mean unknown");
}

std::vector<Row> ReadFam(const std::string& file) {
  std::vector<Row> rows;
  LineReader lines(file);
  std::string_view line;
  while (lines.Next(line)) {
    const auto fields = SplitBlanks(line);
    if (fields.empty()) continue;
    const uint64_t record = rows.size() + 1;
    if (fields.size() != 6) {
      throw Error(ErrorId::kMalformed,
                  fmt::format("row {} has {} fields, a .fam has 6", record, fields.size()))
          .InFile(file)
          .AtLine(lines.line_number())
          .AtRecord(record)
          .Remedy(
              "family, person, father, mother, sex, phenotype; a table with other columns needs a "
              "header line");
    }
    Row row;
    row.line = lines.line_number();
    row.person.iid = IdOf(fields[1]);
    CheckId(row.person.iid, file, row.line, record);
    row.person.fid = fields[0] == "0" ? row.person.iid : std::string(fields[0]);
    row.person.father = IdOf(fields[2]);
    row.person.mother = IdOf(fields[3]);
    row.person.sex = SexOf(fields[4], file, row.line, record);
    rows.push_back(std::move(row));
  }
  return rows;
}

// Usual names of each column, lower case.
const std::vector<std::string>& UsualNames(std::string_view column) {
  static const std::map<std::string_view, std::vector<std::string>> names = {
      {"family", {"fid", "family", "family_id", "famid"}},
      {"id", {"iid", "id", "child", "person", "child_id", "person_id", "sample", "sample_id"}},
      {"father", {"father", "pat", "father_id", "paternal_id", "fatherid", "pid"}},
      {"mother", {"mother", "mat", "mother_id", "maternal_id", "motherid", "mid"}},
      {"sex", {"sex", "gender"}},
      {"pregnancy", {"pregnancy", "preg_id", "pregnancy_id"}},
      {"twin", {"twin", "twin_id"}},
      {"birth_year", {"birth_year", "year_of_birth", "yob"}}};
  return names.at(column);
}

class ColumnFinder {
 public:
  explicit ColumnFinder(const DelimitedReader& table) : table_(table) {}

  /// Index of the column that the config names, else of the one with a usual name.
  std::optional<size_t> Find(const std::string& given, std::string_view column) const {
    if (!given.empty()) return table_.Require(given);
    std::optional<size_t> found;
    for (size_t i = 0; i < table_.columns().size(); ++i) {
      const auto& names = UsualNames(column);
      const std::string lower = Lower(table_.columns()[i]);
      if (std::find(names.begin(), names.end(), lower) == names.end()) continue;
      if (found) {
        throw Error(ErrorId::kColumnMissing,
                    fmt::format("columns '{}' and '{}' could both be the {} column",
                                table_.columns()[*found], table_.columns()[i], column))
            .InFile(table_.path())
            .AtLine(1)
            .Remedy(fmt::format("name the right one in pedigree.columns.{}", column));
      }
      found = i;
    }
    return found;
  }

  std::optional<size_t> Need(const std::string& given, std::string_view column) const {
    const auto found = Find(given, column);
    if (found) return found;
    throw Error(ErrorId::kColumnMissing, fmt::format("the pedigree has no {} column", column))
        .InFile(table_.path())
        .AtLine(1)
        .Field(column)
        .Remedy(fmt::format("name it in pedigree.columns.{}; columns present: {}", column,
                            ListColumns(table_.columns())));
  }

 private:
  const DelimitedReader& table_;
};

std::vector<Row> ReadTable(const PedigreeOptions& o) {
  DelimitedReader table(o.file);
  const ColumnFinder finder(table);
  const auto family = finder.Find(o.family, "family"), id = finder.Need(o.id, "id");
  const auto father = finder.Need(o.father, "father"), mother = finder.Need(o.mother, "mother");
  const auto sex = finder.Find(o.sex, "sex"), twin = finder.Find(o.twin, "twin");
  const auto pregnancy = finder.Find(o.pregnancy, "pregnancy");
  std::vector<Row> rows;
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    const auto text = [&](const std::optional<size_t>& at) {
      return at ? IdOf(fields[*at]) : std::string();
    };
    Row row;
    row.line = table.line_number();
    row.person.iid = text(id);
    CheckId(row.person.iid, o.file, row.line, table.record_number());
    // Family "0" is a family of its own in some tables (snipar); only really empty cells are none.
    row.person.fid = family && !IsMissing(fields[*family]) ? std::string(fields[*family]) : "";
    if (row.person.fid.empty()) row.person.fid = row.person.iid;
    row.person.father = text(father);
    row.person.mother = text(mother);
    if (sex) row.person.sex = SexOf(fields[*sex], o.file, row.line, table.record_number());
    row.person.pregnancy = text(pregnancy);
    row.twin = text(twin);
    rows.push_back(std::move(row));
  }
  return rows;
}

// Words of the first line, whatever separates them.
std::vector<std::string> FirstWords(const std::string& file) {
  LineReader lines(Rereadable(file));
  std::string_view line;
  if (!lines.Next(line)) {
    throw Error(ErrorId::kMalformed, "the pedigree is empty")
        .InFile(file)
        .Remedy("give one line a person: family, person, father, mother, sex");
  }
  std::string plain(line);
  for (char& c : plain) {
    if (c == ',' || c == ';' || c == '"' || c == '#') c = ' ';
  }
  std::vector<std::string> words;
  for (const auto word : SplitBlanks(plain)) words.push_back(Lower(word));
  return words;
}

// A header names at least the person or a parent, by the config or by usual names.
bool HasHeader(const PedigreeOptions& o) {
  const std::vector<std::string> words = FirstWords(o.file);
  if (!o.id.empty() || !o.father.empty() || !o.mother.empty()) return true;
  for (const char* column : {"id", "father", "mother"}) {
    const auto& names = UsualNames(column);
    const auto usual = [&](const auto& w) {
      return std::find(names.begin(), names.end(), w) != names.end();
    };
    if (std::any_of(words.begin(), words.end(), usual)) return true;
  }
  if (words.size() == 6) return false;
  throw Error(ErrorId::kFormatUnknown, "neither a .fam (6 columns) nor a table with a header")
      .InFile(o.file)
      .AtLine(1)
      .Remedy(
          "give the table a header such as FID IID FATHER_ID MOTHER_ID, or name its columns in "
          "pedigree.columns");
}

// Somebody named as father in one row and as mother in another, whether or not they have a row.
void CheckParentRoles(const std::vector<Row>& rows, const std::string& file) {
  std::unordered_map<std::string_view, size_t> fathers;
  fathers.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].person.father.empty()) fathers.emplace(rows[i].person.father, i);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto it = fathers.find(rows[i].person.mother);
    if (rows[i].person.mother.empty() || it == fathers.end()) continue;
    throw Error(
        ErrorId::kParentSex,
        fmt::format("the mother of person {} is the father of person {}", i + 1, it->second + 1))
        .InFile(file)
        .AtLine(rows[i].line)
        .AtRecord(i + 1)
        .Field("mother")
        .Remedy("exchange the parent columns of one of these rows, or correct the id");
  }
}

// Gives twins of one mother a shared pregnancy where none is given.
void ShareTwinPregnancies(std::vector<Row>& rows, const std::string& file) {
  std::map<std::pair<std::string, std::string>, size_t> first;  // (mother, twin code) -> row
  for (size_t i = 0; i < rows.size(); ++i) {
    Row& row = rows[i];
    if (row.twin.empty()) continue;
    if (row.person.mother.empty()) continue;  // no common mother to share a pregnancy with
    const auto [it, added] = first.emplace(std::pair(row.person.mother, row.twin), i);
    if (added) continue;
    Row& other = rows[it->second];
    if (other.person.pregnancy.empty() && row.person.pregnancy.empty()) {
      other.person.pregnancy = "twin:" + row.person.mother + ":" + row.twin;
    }
    if (other.person.pregnancy.empty()) other.person.pregnancy = row.person.pregnancy;
    if (row.person.pregnancy.empty()) row.person.pregnancy = other.person.pregnancy;
    if (row.person.pregnancy == other.person.pregnancy) continue;
    throw Error(
        ErrorId::kMalformed,
        fmt::format("persons {} and {} are twins of different pregnancies", it->second + 1, i + 1))
        .InFile(file)
        .AtLine(row.line)
        .AtRecord(i + 1)
        .Field("twin")
        .Remedy("the twin code is shared by twins only: it is no birth order");
  }
}

void SettlePregnancies(const PedigreeOptions& options, std::vector<Row>& rows) {
  ShareTwinPregnancies(rows, options.file);
  std::unordered_map<std::string_view, size_t> first;
  first.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Person& person = rows[i].person;
    if (person.pregnancy.empty() || person.mother.empty()) continue;
    if (options.pregnancy_per_mother) person.pregnancy = person.mother + ":" + person.pregnancy;
    const auto [it, added] = first.emplace(person.pregnancy, i);
    if (added || rows[it->second].person.mother == person.mother) continue;
    throw Error(ErrorId::kMalformed,
                fmt::format("persons {} and {} share a pregnancy but not the mother",
                            it->second + 1, i + 1))
        .InFile(options.file)
        .AtLine(rows[i].line)
        .AtRecord(i + 1)
        .Field("pregnancy")
        .Remedy(
            "correct the id; if pregnancies are numbered within each mother, set "
            "pedigree.pregnancy_ids: per_mother");
  }
}

}  // namespace

SchemaNode PedigreeSchema() {
  using namespace schema;
  const auto column = [](const std::string& name, const std::string& help) {
    return Text(name, help + "; without it: recognised by its usual names").Nullable();
  };
  return Map("pedigree", "who is whose child",
             {Text("file", ".fam, or a table with a header (FID IID FATHER_ID MOTHER_ID ...)")
                  .Required(),
              Map("columns", "column names of a table",
                  {column("family", "family id"), column("id", "person (child) id"),
                   column("father", "father's id"), column("mother", "mother's id"),
                   column("sex", "sex (1/2, M/F)"), column("pregnancy", "pregnancy id"),
                   column("twin", "code shared by twins of one mother"),
                   column("birth_year", "year of birth")}),
              Choice("pregnancy_ids", "are pregnancy ids unique in the study, or per mother",
                     {"unique", "per_mother"})
                  .Default("unique")})
      .Nullable();
}

PedigreeOptions PedigreeOptionsFrom(const ConfigNode& node) {
  const auto column = [&](const std::string& name) {
    return node.Has("columns." + name) ? node.Text("columns." + name) : std::string();
  };
  return {node.Text("file"),    column("family"),
          column("id"),         column("father"),
          column("mother"),     column("sex"),
          column("pregnancy"),  column("twin"),
          column("birth_year"), node.Text("pregnancy_ids") == "per_mother"};
}

Pedigree ReadPedigree(const PedigreeOptions& options) {
  std::vector<Row> rows = HasHeader(options) ? ReadTable(options) : ReadFam(options.file);
  CheckParentRoles(rows, options.file);
  SettlePregnancies(options, rows);
  std::vector<Person> people;
  std::vector<uint64_t> lines;
  people.reserve(rows.size());
  lines.reserve(rows.size());
  for (auto& row : rows) {
    people.push_back(std::move(row.person));
    lines.push_back(row.line);
  }
  CheckParentSexes(people, lines, options.file);
  CheckParentPregnancies(people, lines, options.file);
  return Pedigree::Build(std::move(people), options.file);
}

std::map<std::string, int> ReadBirthYears(const PedigreeOptions& options) {
  std::map<std::string, int> years;
  if (!HasHeader(options)) return years;
  DelimitedReader table(options.file);
  const ColumnFinder finder(table);
  const auto year = finder.Find(options.birth_year, "birth_year");
  if (!year) return years;
  const auto id = finder.Need(options.id, "id");
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    const int born = YearOf(fields[*year], options.file, table.line_number());
    if (born != 0) years[std::string(fields[*id])] = born;
  }
  return years;
}

}  // namespace kinflow
