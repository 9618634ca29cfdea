#include "stages/plates/small_p.h"

#include <algorithm>
#include <cmath>

namespace kinflow::plates {
namespace {

/// The column of all shards.
Table::Doubles ColumnOf(const ArtifactStore& store, const Manifest& manifest, const char* path,
                        const std::string& column) {
  Table::Doubles all;
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const Table table = store.Open(manifest, i).ReadTable(path);
    const auto& part = table.DoublesOf(column);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void AddFound(const std::string& what, const Table::Doubles& p, SmallPs& found) {
  const SmallP count = CountSmall(p);
  if (count.small > 0) found[what] = count;
}

/// The p-values of the rows of one factor; of plates.tsv without that of all its levels.
Table::Doubles OfFactor(const Table& table, const char* column, const std::string& factor) {
  Table::Doubles p;
  const auto& factors = table.StringsOf("FACTOR");
  for (size_t r = 0; r < table.rows(); ++r) {
    const bool all = table.Find("LEVEL") >= 0 && table.StringsOf("LEVEL")[r] == "all";
    if (factors[r] == factor && !all) p.push_back(table.DoublesOf(column)[r]);
  }
  return p;
}

}  // namespace

SmallP CountSmall(const Table::Doubles& p) {
  SmallP count;
  count.tests = static_cast<uint64_t>(
      std::count_if(p.begin(), p.end(), [](double value) { return !std::isnan(value); }));
  const double limit = kChanceOfAny / static_cast<double>(std::max<uint64_t>(count.tests, 1));
  count.small = static_cast<uint64_t>(
      std::count_if(p.begin(), p.end(), [limit](double value) { return value < limit; }));
  return count;
}

SmallPs SmallOfEffects(const ArtifactStore& store, const Manifest& effects) {
  SmallPs found;
  if (effects.shards.empty()) return found;
  const Table first = store.Open(effects, 0).ReadTable("/effects");
  for (const auto& [factor, column] : {std::pair{"plate", "PLATE_P"}, {"batch", "BATCH_P"}}) {
    if (first.Find(column) >= 0)
      AddFound(factor, ColumnOf(store, effects, "/effects", column), found);
  }
  return found;
}

SmallPs SmallOfPlates(const ArtifactStore& store, const Manifest& plates) {
  SmallPs found;
  const H5Reader file = store.Open(plates, 0);
  AddFound("edge", OfFactor(file.ReadTable("/plates"), "EDGE_P", "plate"), found);
  if (!file.Has("/components")) return found;
  const Table components = file.ReadTable("/components");
  for (const std::string factor : {"plate", "batch"}) {
    AddFound(factor, OfFactor(components, "P", factor), found);
  }
  return found;
}

SmallP SmallOfBatchInfo(const ArtifactStore& store, const Manifest& info) {
  return CountSmall(ColumnOf(store, info, "/info", "P"));
}

}  // namespace kinflow::plates
