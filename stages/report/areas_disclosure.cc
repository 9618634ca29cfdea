#include "stages/report/areas_disclosure.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "stages/report/row_keys.h"
#include "stages/report/small_count.h"

namespace kinflow {
namespace {

struct Area {
  int64_t people = 0;
  std::string name;
};

/// The smallest areas, of which one has few people; none where none has.
std::vector<Area> Withheld(std::vector<Area> areas, int64_t small) {
  std::stable_sort(areas.begin(), areas.end(),
                   [](const Area& a, const Area& b) { return a.people < b.people; });
  const auto large = std::find_if(areas.begin(), areas.end(),
                                  [&](const Area& a) { return !IsSmall(a.people, small); });
  const auto few = static_cast<size_t>(large - areas.begin());
  if (few == 0) return {};
  // One that is not small besides: numbers of people that are left are no sum of small ones.
  areas.resize(std::min(areas.size(), std::max(few + 1, AreasDisclosure::kWithheld)));
  return areas;
}

}  // namespace

AreasDisclosure::AreasDisclosure(const Table& areas, int64_t small) {
  std::map<std::string, std::map<std::string, std::vector<Area>>> models;  // by model and score
  std::set<std::string> known;
  for (size_t r = 0; r < areas.rows(); ++r) {
    const std::string model = ModelOf(areas, r), score = CellOf(areas, r, "pgs");
    const std::string& area = areas.StringsOf("area")[r];
    if (!known.insert(model + score + '\t' + area).second) continue;  // another quantity
    models[model][score].push_back({areas.IntsOf("n")[r], area});
  }
  for (auto& [model, scores] : models) {
    for (auto& [score, all] : scores) {
      for (const Area& area : Withheld(std::move(all), small)) {
        areas_.insert(model + area.name);
        people_[model] = std::max(people_[model], area.people);
      }
    }
  }
}

bool AreasDisclosure::Hides(const Table& areas, size_t row) const {
  return areas_.contains(ModelOf(areas, row) + areas.StringsOf("area")[row]);
}

Table AreasDisclosure::WithoutTellingMeasures(const Table& areas) const {
  const auto& rarest = areas.IntsOf("n_neighbour");
  std::vector<bool> tells(areas.rows(), false);
  for (size_t r = 0; r < areas.rows(); ++r) {
    const auto largest = people_.find(ModelOf(areas, r));
    tells[r] =
        largest != people_.end() && rarest[r] != Table::kMissingInt && rarest[r] <= largest->second;
  }
  Table out;
  for (size_t c = 0; c < areas.columns(); ++c) {
    if (areas.name(c) == "n_neighbour") continue;
    Table::Column column = areas.column(c);
    for (const char* name :
         {"local_i", "expected", "variance", "z", "p_value", "neg_log10_p", "p_bh"}) {
      if (areas.name(c) != name) continue;
      auto& values = std::get<Table::Doubles>(column);
      for (size_t r = 0; r < values.size(); ++r) {
        if (tells[r]) values[r] = std::numeric_limits<double>::quiet_NaN();
      }
    }
    out.Add(areas.name(c), std::move(column));
  }
  return out;
}

}  // namespace kinflow
