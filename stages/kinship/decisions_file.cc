#include "stages/kinship/decisions_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/delimited.h"

namespace kinflow::kinship {
namespace {

Error Invalid(const std::string& path, uint64_t line, const std::string& what) {
  return std::move(Error(ErrorId::kMalformed, what).InFile(path).AtLine(line));
}

std::string IdOf(std::string_view cell) {
  return cell == "NA" || cell == "0" || cell == "." ? "" : std::string(cell);
}

void CheckValue(const DecidedRow& row, const std::string& path) {
  const Decision& d = row.decision;
  if (d.person.empty()) {
    throw Invalid(path, row.line, "a decision without a person")
        .Field("PERSON")
        .Remedy("write the id of the person whom the decision concerns");
  }
  if (d.action == Action::kRemove && !d.value.empty()) {
    throw Invalid(path, row.line, "remove has a value, and it is not clear who is to be removed")
        .Field("VALUE")
        .Remedy("name the person to remove under PERSON and write NA under VALUE");
  }
  if (d.action == Action::kExchange && (d.value.empty() || d.value == d.person)) {
    throw Invalid(path, row.line, "an exchange needs two different people")
        .Field("VALUE")
        .Remedy("name the other sample under VALUE");
  }
  const bool is_sex = d.value == "male" || d.value == "female" || d.value == "unknown";
  if (d.action == Action::kSetSex && !is_sex) {
    throw Invalid(path, row.line, "not a sex")
        .Field("VALUE")
        .Remedy("write male, female or unknown");
  }
  if ((d.action == Action::kSetFather || d.action == Action::kSetMother) && d.value == d.person) {
    throw Invalid(path, row.line, "a person cannot be their own parent")
        .Field("VALUE")
        .Remedy("name the parent under VALUE, or NA if unknown");
  }
}

/// Rows that contradict each other; the same row twice does no harm.
class Consistency {
 public:
  explicit Consistency(const std::string& path) : path_(path) {}

  void Add(const DecidedRow& row) {
    const Decision& d = row.decision;
    switch (d.action) {
      case Action::kExchange:
        Claim(row, "exchange", d.person, d.value);
        Claim(row, "exchange", d.value, d.person);
        break;
      case Action::kRemove:
        break;  // of whoever is called so when the exchanges are done
      case Action::kSetFather:
      case Action::kSetMother:
      case Action::kSetSex:
        Claim(row, ActionName(d.action), d.person, d.value);
        break;
      case Action::kKeep:
      case Action::kCheck:
        break;
    }
    if (d.action == Action::kCheck) return;
    const auto pair = std::minmax(row.about.iid_1, row.about.iid_2);
    Claim(row, "conflict", pair.first + '\t' + pair.second + '\t' + row.about.kind,
          d.action == Action::kKeep ? "keep" : "act");
  }

 private:
  struct Claimed {
    std::string value;
    uint64_t line;
  };

  void Claim(const DecidedRow& row, const char* what, const std::string& whose,
             const std::string& value) {
    const auto [it, added] =
        claims_.emplace(std::pair(std::string(what), whose), Claimed{value, row.line});
    if (added || it->second.value == value) return;
    throw Invalid(path_, row.line,
                  fmt::format("this decision contradicts that of line {}", it->second.line))
        .Field("DECISION")
        .Value(ActionName(row.decision.action))
        .Remedy("keep one of the two lines");
  }

  const std::string& path_;
  std::map<std::pair<std::string, std::string>, Claimed> claims_;
};

DecidedRow RowOf(const DelimitedReader& table, const std::vector<std::string_view>& fields) {
  DecidedRow row;
  row.line = table.line_number();
  for (size_t c = 0; c < fields.size(); ++c) row.cells[table.columns()[c]] = fields[c];
  const auto cell = [&](std::string_view name) -> std::string_view {
    const auto column = table.Find(name);
    return column ? fields[*column] : std::string_view();
  };
  const std::string_view action = cell("DECISION");
  const auto known = ActionOf(action);
  if (!known) {
    throw Invalid(table.path(), row.line, "no such decision")
        .Field("DECISION")
        .Value(action)
        .Remedy("one of " + ActionNames());
  }
  row.decision = {*known, IdOf(cell("PERSON")), IdOf(cell("VALUE"))};
  row.about = {IdOf(cell("IID1")), IdOf(cell("IID2")), IdOf(cell("KIND"))};
  if (row.about.iid_1.empty()) {
    row.about.iid_1 = row.decision.person;
    row.about.iid_2 = row.decision.value;
  }
  row.origin = cell("PROPOSED") == Describe(row.decision) ? Origin::kProposed : Origin::kPerson;
  return row;
}

using TakeFault = std::function<void(const Error&)>;

/// `fault` is given what is wrong with a row, which is left out then.
DecisionsFile ReadRows(const std::string& path, DecidedRows rows, const TakeFault& fault) {
  DelimitedReader table(Rereadable(path));
  for (const char* column : {"DECISION", "PERSON", "VALUE"}) table.Require(column);
  const bool applied = rows == DecidedRows::kApplied;
  const size_t status = applied ? table.Require("STATUS") : 0;
  DecisionsFile file{path, {}, {}};
  Consistency consistency(path);
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    if (applied && fields[status] != kStatusApplied && fields[status] != kStatusNeedless) continue;
    try {
      DecidedRow row = RowOf(table, fields);
      CheckValue(row, path);
      consistency.Add(row);
      file.rows.push_back(std::move(row));
    } catch (const Error& wrong) {
      fault(wrong);
    }
  }
  return file;
}

}  // namespace

const char* OriginName(Origin origin) {
  return origin == Origin::kProposed ? "proposed" : "person";
}

bool IsAbout(const About& about, const std::string& iid_1, const std::string& iid_2,
             const std::string& kind) {
  const bool same = about.iid_1 == iid_1 && about.iid_2 == iid_2;
  const bool turned = about.iid_1 == iid_2 && about.iid_2 == iid_1;
  return (same || turned) && (about.kind.empty() || about.kind == kind);
}

DecisionsFile ReadDecisions(const std::string& path, DecidedRows rows) {
  return ReadRows(path, rows, [](const Error& fault) { throw Error(fault); });
}

std::vector<Error> FaultsOfDecisions(const std::string& path) {
  std::vector<Error> faults;
  try {
    ReadRows(path, DecidedRows::kAll, [&faults](const Error& fault) { faults.push_back(fault); });
  } catch (const Error& fault) {  // of the file
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace kinflow::kinship
