#include "stages/scores/score_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

using enum ColumnRole;

/// A column of a tool's table. Alternatives are parted by '|': one of them may be there; those
/// behind ';' count if none before it is.
struct LayoutColumn {
  ColumnRole role;
  std::string_view names;
};

struct Layout {
  std::string_view name;
  bool header, blanks;
  std::vector<LayoutColumn> columns;
  /// Columns (alternatives parted by '|') that no other tool calls so: they tell the layout.
  std::vector<std::string_view> telling = {};
};

// As the tools' manuals describe their output (PRSice: its base file, LDpred2: the data frame of
// bigsnpr with the adjusted effects beside, SBayesR: .snpRes of GCTB).
const std::vector<Layout>& Layouts() {
  static const std::vector<Layout> kLayouts = {
      {"plink", false, true, {{kId, "1"}, {kEffectAllele, "2"}, {kWeight, "3"}}},
      {"prsice",
       true,
       true,
       {{kId, "SNP"},
        {kChrom, "CHR"},
        {kPos, "BP"},
        {kEffectAllele, "A1"},
        {kOtherAllele, "A2"},
        {kWeight, "BETA"},
        {kOddsRatio, "OR"}}},
      {"ldpred",
       true,
       true,
       {{kChrom, "chrom"},
        {kPos, "pos"},
        {kId, "sid"},
        {kEffectAllele, "nt1"},
        {kOtherAllele, "nt2"},
        {kWeight, "ldpred_beta|ldpred_inf_beta|updated_beta"}},
       {"nt1", "nt2", "ldpred_beta|ldpred_inf_beta|updated_beta"}},
      {"ldpred2",
       true,
       false,
       {{kChrom, "chr"},
        {kPos, "pos"},
        {kId, "rsid|rsid.ss|marker.ID"},
        {kEffectAllele, "a1"},
        {kOtherAllele, "a0"},
        {kWeight, "beta_auto|beta_inf|beta_grid|beta_lassosum2;beta"}},
       {"a0", "a1", "beta_auto|beta_inf|beta_grid|beta_lassosum2"}},
      {"prs-cs",
       false,
       true,
       {{kChrom, "1"},
        {kId, "2"},
        {kPos, "3"},
        {kEffectAllele, "4"},
        {kOtherAllele, "5"},
        {kWeight, "6"}}},
      {"sbayesr",
       true,
       true,
       {{kId, "Name"},
        {kChrom, "Chrom"},
        {kPos, "Position"},
        {kEffectAllele, "A1"},
        {kOtherAllele, "A2"},
        {kEffectFreq, "A1Frq"},
        {kWeight, "A1Effect"}},
       {"Name", "A1Effect"}},
      {"omicspred",
       true,
       false,
       {{kId, "rsid|rsID"},
        {kChrom, "chr_name|chr"},
        {kPos, "chr_position|pos"},
        {kEffectAllele, "effect_allele"},
        {kOtherAllele, "other_allele"},
        {kWeight, "effect_weight|effect|beta"}}},
  };
  return kLayouts;
}

const Layout* FindLayout(std::string_view name) {
  for (const Layout& layout : Layouts()) {
    if (layout.name == name) return &layout;
  }
  return nullptr;
}

Error HeaderError(ErrorId id, const std::string& file, uint64_t line, std::string what) {
  return Error(id, std::move(what)).InFile(file).AtLine(line);
}

/// A column that is looked for, as it was written.
struct Wanted {
  ColumnRole role;
  std::string names;
  bool must;  // the user named it
};

ColumnRole MeaningOf(const std::string& meaning) {
  const ColumnRole role = RoleOfName(meaning);
  if (role == kUnknown || role == kNoted) {
    throw Error(ErrorId::kBadArgument, "no column of a score file means this")
        .Field("scores.tables.columns")
        .Value(meaning)
        .Remedy(
            "known: chr_name, chr_position, rsID, effect_allele, other_allele, effect_weight, OR, "
            "HR, allelefrequency_effect, is_dominant, is_recessive");
  }
  return role;
}

std::vector<Wanted> WantedOf(const ScoreReading& reading) {
  std::vector<Wanted> wanted;
  if (const Layout* layout = FindLayout(reading.layout)) {
    for (const auto& column : layout->columns) {
      wanted.push_back({column.role, std::string(column.names), false});
    }
  } else if (reading.layout != "auto") {
    throw Error(ErrorId::kBadArgument, "no such layout of score files")
        .Field("scores.tables.layout")
        .Value(reading.layout);
  }
  const auto is_weight = [](ColumnRole role) {
    return role == kWeight || role == kOddsRatio || role == kHazardRatio;
  };
  for (const auto& [meaning, name] : reading.columns) {
    const ColumnRole role = MeaningOf(meaning);
    std::erase_if(wanted, [&](const Wanted& w) {
      return !w.must && (w.role == role || (is_weight(role) && is_weight(w.role)));
    });
    wanted.push_back({role, name, true});
  }
  return wanted;
}

/// Fields of a header by name, or of any table by number.
class FieldFinder {
 public:
  FieldFinder(std::span<const std::string_view> fields, bool named, const std::string& file,
              uint64_t line)
      : fields_(fields), named_(named), file_(file), line_(line) {}

  /// The one column that `wanted` names; none if it need not be there.
  std::optional<uint32_t> Find(const Wanted& wanted) const {
    for (const std::string_view group : Split(wanted.names, ';')) {
      std::vector<uint32_t> found;
      for (const std::string_view name : Split(group, '|')) {
        if (const auto at = FindOne(Trim(name))) found.push_back(*at);
      }
      if (found.size() > 1) {
        throw HeaderError(ErrorId::kFormatUnknown, file_, line_,
                          fmt::format("columns {} and {} could both be meant", fields_[found[0]],
                                      fields_[found[1]]))
            .Remedy("say which one in scores.tables.columns");
      }
      if (!found.empty()) return found[0];
    }
    if (!wanted.must) return std::nullopt;
    throw Missing(wanted.names);
  }

  /// "a,b" or "3-12": several weight columns.
  std::vector<uint32_t> FindAll(const Wanted& wanted) const {
    std::vector<uint32_t> found;
    for (const std::string_view item : Split(wanted.names, ',')) {
      const size_t dash = item.find('-');
      const auto first = ParseUint(Trim(item.substr(0, dash)));
      const auto last = dash == std::string_view::npos ? first : ParseUint(item.substr(dash + 1));
      if (first && last && !(named_ && FindOne(item))) {
        if (*first == 0 || *first > *last || *last > fields_.size()) throw Missing(item);
        for (uint64_t c = *first; c <= *last; ++c) found.push_back(static_cast<uint32_t>(c - 1));
      } else if (const auto at = Find({wanted.role, std::string(item), wanted.must})) {
        found.push_back(*at);
      }
    }
    return found;
  }

 private:
  std::optional<uint32_t> FindOne(std::string_view name) const {
    for (uint32_t i = 0; named_ && i < fields_.size(); ++i) {
      if (Trim(fields_[i]) == name) return i;
    }
    const auto number = ParseUint(name);
    if (!number || *number == 0 || *number > fields_.size()) return std::nullopt;
    return static_cast<uint32_t>(*number - 1);
  }

  Error Missing(std::string_view name) const {
    std::string there;
    for (const auto field : fields_.first(std::min<size_t>(fields_.size(), 20))) {
      there += (there.empty() ? "" : ", ") + std::string(Trim(field));
    }
    return HeaderError(ErrorId::kColumnMissing, file_, line_, "the score file has no such column")
        .Value(name)
        .Remedy(named_ ? "correct scores.tables.columns; the columns are " + there
                       : fmt::format("correct scores.tables.columns; the rows have {} fields",
                                     fields_.size()));
  }

  std::span<const std::string_view> fields_;
  bool named_;
  const std::string& file_;
  uint64_t line_;
};

}  // namespace

bool ScoreReading::names_weights_only() const {
  return layout == "auto" && !columns.empty() &&
         std::all_of(columns.begin(), columns.end(),
                     [](const auto& column) { return RoleOfName(column.first) == kWeight; });
}

bool ScoreReading::has_header() const {
  if (header != Header::kByLayout) return header == Header::kPresent;
  if (const Layout* known = FindLayout(layout)) return known->header;
  // Columns that are all given by number: as PLINK, there is no header unless it is said.
  return columns.empty() || names_weights_only() ||
         std::any_of(columns.begin(), columns.end(), [](const auto& column) {
           return column.second.find_first_not_of("0123456789,-") != std::string::npos;
         });
}

bool ScoreReading::parted_by_blanks() const {
  const Layout* known = FindLayout(layout);
  return known != nullptr && known->blanks;
}

std::string ScoreReading::ToJson() const {
  nlohmann::json json;
  if (mapped() || !columns.empty()) {
    json["layout"] = layout;
    json["columns"] = columns;
    json["header"] = has_header();
  } else if (header == Header::kAbsent) {
    json["header"] = false;
  }
  if (!build.empty()) json["build"] = build;
  if (!name.empty()) json["name"] = name;
  if (ratios != Ratios::kRefuse) json["ratios"] = ratios == Ratios::kLog ? "log" : "as_is";
  if (refuse_unknown_columns) json["unknown_columns"] = "error";
  return json.is_null() ? "" : json.dump();
}

std::vector<std::string> LayoutNames() {
  std::vector<std::string> names;
  for (const Layout& layout : Layouts()) names.emplace_back(layout.name);
  return names;
}

std::string LayoutOfHeader(std::span<const std::string_view> fields) {
  const auto there = [&](std::string_view names) {
    const auto any = Split(names, '|');
    return std::any_of(fields.begin(), fields.end(), [&](std::string_view field) {
      return std::find(any.begin(), any.end(), Trim(field)) != any.end();
    });
  };
  for (const Layout& layout : Layouts()) {
    const auto& telling = layout.telling;
    if (!telling.empty() && std::all_of(telling.begin(), telling.end(), there)) {
      return std::string(layout.name);
    }
  }
  return "";
}

bool LooksMapped(std::span<const std::string_view> fields, const ScoreReading& reading) {
  for (const Wanted& wanted : WantedOf(reading)) {
    if (wanted.role != kEffectAllele) continue;
    if (const auto number = ParseUint(wanted.names)) return *number <= fields.size();
    for (const std::string_view name : Split(wanted.names, '|')) {
      if (std::find(fields.begin(), fields.end(), name) != fields.end()) return true;
    }
  }
  return false;
}

std::vector<uint32_t> WeightColumns(std::span<const std::string_view> fields,
                                    const ScoreReading& reading, const std::string& file,
                                    uint64_t line) {
  const FieldFinder finder(fields, true, file, line);
  std::vector<uint32_t> found;
  for (const auto& [meaning, names] : reading.columns) {
    const auto columns = finder.FindAll({MeaningOf(meaning), names, true});
    found.insert(found.end(), columns.begin(), columns.end());
  }
  return found;
}

ScoreColumns MapColumns(std::span<const std::string_view> fields, const ScoreReading& reading,
                        const std::string& file, uint64_t line) {
  ScoreColumns columns;
  columns.where.assign(kColumnRoles, -1);
  const bool named = reading.has_header();
  for (size_t i = 0; i < fields.size(); ++i) {
    columns.names.push_back(named ? std::string(Trim(fields[i])) : fmt::format("column {}", i + 1));
  }
  const FieldFinder finder(fields, named, file, line);
  for (const Wanted& wanted : WantedOf(reading)) {
    std::optional<uint32_t> at;
    if (wanted.role == kWeight) {
      columns.weights = finder.FindAll(wanted);
      if (columns.weights.size() == 1) at = columns.weights.front();
    } else {
      at = finder.Find(wanted);
    }
    if (at) columns.where[static_cast<size_t>(wanted.role)] = static_cast<int32_t>(*at);
  }
  FinishScoreColumns(columns, reading, file, line);
  return columns;
}

}  // namespace kinflow
