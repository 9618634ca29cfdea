#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "pipeline/base/error.h"
#include "stages/formats/phenotype_table.h"

namespace kinflow {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();

// Rows of the merged table, and where each table's rows went.
class MergedRows {
 public:
  size_t Row(const std::string& id, const std::string& pregnancy) {
    const auto [it, added] = index_.emplace(id + '\t' + pregnancy, ids.size());
    if (added) {
      by_id_[id].push_back(ids.size());
      ids.push_back(id);
      pregnancies.push_back(pregnancy);
    }
    return it->second;
  }
  const std::vector<size_t>& RowsOf(const std::string& id) {
    if (!by_id_.contains(id)) Row(id, "");
    return by_id_.at(id);
  }

  std::vector<std::string> ids, pregnancies;

 private:
  std::unordered_map<std::string, size_t> index_;
  std::unordered_map<std::string, std::vector<size_t>> by_id_;
};

template <class Values>
Values Spread(const Values& from, const std::vector<size_t>& source,
              typename Values::value_type na) {
  Values out(source.size(), na);
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] != kNone) out[i] = from[source[i]];
  }
  return out;
}

void AddColumns(const PhenotypeTable& table, const std::vector<size_t>& source,
                PhenotypeTable& out) {
  for (size_t c = 0; c < table.columns.columns(); ++c) {
    const std::string& name = table.columns.name(c);
    if (out.columns.Find(name) >= 0) {
      throw Error(ErrorId::kConfigReference,
                  fmt::format("column '{}' is in two phenotype tables", name))
          .InFile(table.file)
          .Field(name)
          .Remedy("rename it in one of them, or choose columns with phenotypes[].columns");
    }
    const Table::Column& column = table.columns.column(c);
    if (const auto* numbers = std::get_if<Table::Doubles>(&column)) {
      out.columns.Add(name, Spread(*numbers, source, std::numeric_limits<double>::quiet_NaN()));
    } else {
      out.columns.Add(name, Spread(std::get<Table::Strings>(column), source, std::string("NA")));
    }
  }
}

// Tables without waves: joined by id and pregnancy.
PhenotypeTable MergeWide(std::vector<PhenotypeTable> tables) {
  if (tables.size() == 1) return std::move(tables[0]);
  MergedRows merged;
  // Rows of pregnancies first: rows of persons spread over them.
  bool any_pregnancy = false;
  for (const auto& table : tables) {
    for (size_t i = 0; i < table.pregnancies.size(); ++i) {
      merged.Row(table.ids[i], table.pregnancies[i]);
      any_pregnancy = true;
    }
  }
  for (const auto& table : tables) {
    if (!table.pregnancies.empty()) continue;
    for (const auto& id : table.ids) merged.RowsOf(id);
  }

  PhenotypeTable out;
  for (const auto& table : tables) {
    std::vector<size_t> source(merged.ids.size(), kNone);
    for (size_t i = 0; i < table.ids.size(); ++i) {
      if (!table.pregnancies.empty()) {
        source[merged.Row(table.ids[i], table.pregnancies[i])] = i;
      } else {
        for (const size_t row : merged.RowsOf(table.ids[i])) source[row] = i;
      }
    }
    AddColumns(table, source, out);
    out.file += (out.file.empty() ? "" : ", ") + table.file;
    out.mixed.insert(table.mixed.begin(), table.mixed.end());
  }
  out.ids = std::move(merged.ids);
  if (any_pregnancy) out.pregnancies = std::move(merged.pregnancies);
  return out;
}

// The rows of a long table below those of the wide ones, each with the columns of its own.
PhenotypeTable AppendLong(const PhenotypeTable& wide, const PhenotypeTable& table) {
  PhenotypeTable out;
  const size_t above = wide.ids.size(), rows = above + table.ids.size();
  std::vector<size_t> from_wide(rows, kNone), from_long(rows, kNone);
  for (size_t i = 0; i < rows; ++i)
    (i < above ? from_wide[i] : from_long[i]) = i < above ? i : i - above;
  AddColumns(wide, from_wide, out);
  AddColumns(table, from_long, out);
  out.file = wide.file + ", " + table.file;
  out.ids = Spread(wide.ids, from_wide, "");
  std::copy(table.ids.begin(), table.ids.end(),
            out.ids.begin() + static_cast<std::ptrdiff_t>(above));
  if (!wide.pregnancies.empty() || !table.pregnancies.empty()) {
    out.pregnancies.assign(rows, "");
    std::copy(wide.pregnancies.begin(), wide.pregnancies.end(), out.pregnancies.begin());
    std::copy(table.pregnancies.begin(), table.pregnancies.end(),
              out.pregnancies.begin() + static_cast<std::ptrdiff_t>(above));
  }
  out.waves = Spread(table.waves, from_long, "");
  out.by_wave = table.by_wave;
  out.mixed = wide.mixed;
  out.mixed.insert(table.mixed.begin(), table.mixed.end());
  return out;
}

}  // namespace

PhenotypeTable MergePhenotypes(std::vector<PhenotypeTable> tables) {
  const auto is_wide = [](const PhenotypeTable& table) { return table.by_wave.empty(); };
  const auto first_long = std::stable_partition(tables.begin(), tables.end(), is_wide);
  if (tables.end() - first_long > 1) {
    throw Error(ErrorId::kConfigReference, "two phenotype tables are long")
        .InFile(std::next(first_long)->file)
        .Field("phenotypes[].layout")
        .Remedy("join them into one table with a row a person and wave");
  }
  if (first_long == tables.end()) return MergeWide(std::move(tables));
  PhenotypeTable with_waves = std::move(*first_long);
  tables.erase(first_long);
  if (tables.empty()) return with_waves;
  return AppendLong(MergeWide(std::move(tables)), with_waves);
}

PhenotypeTable WithoutPeople(PhenotypeTable table, const std::unordered_set<std::string>& ids) {
  std::vector<size_t> kept;
  for (size_t row = 0; row < table.ids.size(); ++row) {
    if (!ids.contains(table.ids[row])) kept.push_back(row);
  }
  if (kept.size() == table.ids.size()) return table;
  PhenotypeTable out;
  AddColumns(table, kept, out);
  const auto rows_of = [&kept](const std::vector<std::string>& all) {
    return all.empty() ? all : Spread(all, kept, std::string());
  };
  table.ids = rows_of(table.ids);
  table.pregnancies = rows_of(table.pregnancies);
  table.waves = rows_of(table.waves);
  table.columns = std::move(out.columns);
  return table;
}

}  // namespace kinflow
