#include "stages/plates/layout.h"

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "stages/formats/delimited.h"

namespace kinflow::plates {
namespace {

std::optional<size_t> ColumnOf(const DelimitedReader& table, const std::string& given,
                               std::initializer_list<const char*> usual) {
  if (!given.empty()) return table.Require(given);
  for (const char* name : usual) {
    if (const auto found = table.Find(name)) return found;
  }
  return std::nullopt;
}

/// "A1", "A01", "p24".
std::optional<Well> ParseWell(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const char letter = text[0] >= 'a' ? static_cast<char>(text[0] - 'a' + 'A') : text[0];
  text.remove_prefix(1);
  if (text.size() == 2 && text[0] == '0') text.remove_prefix(1);
  const auto column = ParseUint(text);
  if (letter < 'A' || letter > 'P' || !column || *column < 1 || *column > 24) return std::nullopt;
  return Well{static_cast<uint32_t>(letter - 'A'), static_cast<uint32_t>(*column - 1), true, false};
}

/// Nothing if it says neither.
std::optional<bool> ParseYesNo(std::string_view text) {
  for (const char* yes : {"yes", "Yes", "YES", "true", "TRUE", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"no", "No", "NO", "false", "FALSE", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

/// Texts by sample as a factor; "" = none.
Factor FactorOf(std::string name, const std::vector<std::string>& texts) {
  Factor factor;
  factor.name = std::move(name);
  std::map<std::string, uint32_t> numbers;
  for (const std::string& text : texts) {
    if (!text.empty()) numbers[text] = 0;
  }
  for (auto& [text, number] : numbers) {
    number = static_cast<uint32_t>(factor.levels.size());
    factor.levels.push_back(text);
  }
  for (const std::string& text : texts) {
    factor.of.push_back(text.empty() ? Factor::kNone : numbers.at(text));
  }
  return factor;
}

Error BadRow(const DelimitedReader& table, const std::string& what, const char* field) {
  return Error(ErrorId::kMalformed, what)
      .InFile(table.path())
      .AtLine(table.line_number())
      .Field(field);
}

/// Laboratories name plates anew in each batch. Plates of one name in several batches are several
/// plates if two of these hold the same well; the batch is added to their name. Else it is one
/// plate that was genotyped in parts.
void PartReusedNames(const std::vector<std::string>& batch_of, const std::vector<Well>& wells,
                     std::vector<std::string>& plate_of) {
  std::map<std::tuple<std::string, uint32_t, uint32_t>, std::string> batch_of_well;
  std::set<std::string> reused;
  for (size_t s = 0; s < wells.size(); ++s) {
    if (!wells[s].known || plate_of[s].empty()) continue;
    const auto [at, first] =
        batch_of_well.emplace(std::tuple(plate_of[s], wells[s].row, wells[s].column), batch_of[s]);
    if (!first && at->second != batch_of[s]) reused.insert(plate_of[s]);
  }
  for (size_t s = 0; s < wells.size(); ++s) {
    if (!reused.contains(plate_of[s])) continue;
    plate_of[s] += " (" + (batch_of[s].empty() ? std::string("NA") : batch_of[s]) + ")";
  }
}

/// Finds the edges of each plate by the wells that it has itself: 96 of them, or 384.
void FindEdges(const std::vector<std::string>& plate_of, std::vector<Well>& wells) {
  constexpr uint32_t kRows = 8, kColumns = 12;
  std::set<std::string> large;
  for (size_t s = 0; s < wells.size(); ++s) {
    if (wells[s].row >= kRows || wells[s].column >= kColumns) large.insert(plate_of[s]);
  }
  for (size_t s = 0; s < wells.size(); ++s) {
    Well& well = wells[s];
    const uint32_t times = large.contains(plate_of[s]) ? 2 : 1;
    well.on_edge =
        well.known && (well.row == 0 || well.column == 0 || well.row + 1 == times * kRows ||
                       well.column + 1 == times * kColumns);
  }
}

}  // namespace

SchemaNode PlatesSchema() {
  using namespace schema;
  const auto column = [](const char* name, const char* help) {
    return Text(name, help).Nullable();
  };
  return Map("plates", "plates, wells and batches that samples were genotyped in",
             {Text("file", "table with a row a sample").Required(),
              column("id", "column of the sample's id (IID)"),
              column("plate", "column of the plate (plate)"),
              column("well", "column of the well, A1 to P24 (well)"),
              column("batch", "column of the genotyping batch (batch)"),
              column("control",
                     "column that says yes of control samples, which are no people of the cohort "
                     "(control)")})
      .Nullable();
}

PlateOptions PlateOptions::FromConfig(const ConfigNode& plates) {
  PlateOptions o;
  if (plates.is_null()) return o;
  const auto text = [&](const char* key) { return plates.Has(key) ? plates.Text(key) : ""; };
  o.file = plates.Text("file");
  o.id = text("id");
  o.plate = text("plate");
  o.well = text("well");
  o.batch = text("batch");
  o.control = text("control");
  return o;
}

std::string PlateOptions::ColumnsJson() const {
  return nlohmann::json{{"id", id}, {"plate", plate}, {"well", well}, {"batch", batch}}.dump();
}

Layout ReadLayout(const PlateOptions& options, const SampleTable& samples) {
  DelimitedReader table(options.file);
  const auto id = ColumnOf(table, options.id, {"iid", "id", "sample", "sample_id"});
  const auto plate = ColumnOf(table, options.plate, {"plate", "plate_id"});
  const auto well = ColumnOf(table, options.well, {"well", "well_id"});
  const auto batch = ColumnOf(table, options.batch, {"batch", "batch_id"});
  const auto control = ColumnOf(table, options.control, {"control", "is_control"});
  if (!id || (!plate && !batch && !control)) {
    throw Error(ErrorId::kColumnMissing,
                !id ? "the table of plates has no id column"
                    : "the table of plates has no plate, batch or control column")
        .InFile(options.file)
        .AtLine(1)
        .Remedy(
            "name it under plates.id, plates.plate, plates.batch or plates.control; columns "
            "present: " +
            ListColumns(table.columns()));
  }
  Layout layout;
  std::vector<std::string> plate_of(samples.size()), batch_of(samples.size());
  layout.wells.resize(samples.size());
  layout.controls.resize(samples.size());
  std::set<uint32_t> seen;
  std::vector<std::string_view> fields;
  while (table.Next(fields)) {
    const uint32_t sample = samples.Find(fields[*id]);
    if (sample == SampleTable::kAbsent) {
      ++layout.unmatched;
      continue;
    }
    if (!seen.insert(sample).second) {
      throw BadRow(table, "a sample has two rows", "id").Remedy("keep the row of the sample used");
    }
    if (plate && !IsMissing(fields[*plate])) plate_of[sample] = fields[*plate];
    if (batch && !IsMissing(fields[*batch])) batch_of[sample] = fields[*batch];
    if (control && !IsMissing(fields[*control])) {
      const auto is_control = ParseYesNo(fields[*control]);
      if (!is_control) {
        throw BadRow(table, "neither yes nor no", "control")
            .Remedy("write yes for control samples and no, or NA, for all others");
      }
      layout.controls[sample] = *is_control ? 1 : 0;
    }
    if (!well || IsMissing(fields[*well])) continue;
    const auto place = ParseWell(fields[*well]);
    if (!place) {
      throw BadRow(table, "not a well", "well").Remedy("wells are A1 to P24, or NA if unknown");
    }
    layout.wells[sample] = *place;
  }
  layout.matched = seen.size();
  if (seen.empty()) {
    throw Error(ErrorId::kNoCommonSamples, "no sample of the table of plates is genotyped")
        .InFile(options.file)
        .Remedy(
            "compare its ids with the sample names of the genotypes, or name the column of ids "
            "under plates.id");
  }
  PartReusedNames(batch_of, layout.wells, plate_of);
  if (plate) layout.factors.push_back(FactorOf("plate", plate_of));
  if (batch) layout.factors.push_back(FactorOf("batch", batch_of));
  FindEdges(plate_of, layout.wells);
  return layout;
}

}  // namespace kinflow::plates
