#include "stages/scores/adjust/linear_map.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/data/table.h"
#include "stages/scores/adjust/composite.h"
#include "stages/scores/adjust/reference.h"

namespace kinflow {
namespace {

/// Of one member; empty if a sum lacks it.
std::vector<double> MappedMember(const LinearMap& map, const std::string& member,
                                 const ScoresByChild& sums) {
  const double offset = family::IsAllelesRole(member) ? map.offset / 2 : map.offset;
  std::vector<double> out;
  for (const auto& [sum, weight] : map.weights) {
    const auto of_sum = sums.find(sum);
    if (of_sum == sums.end() || of_sum->second.count(member) == 0) return {};
    const std::vector<double>& values = of_sum->second.at(member);
    out.resize(values.size(), offset);
    for (size_t i = 0; i < values.size(); ++i) out[i] += weight * values[i];
  }
  return out;
}

}  // namespace

LinearMap LinearMap::Of(const CompositeOptions& options, const Composite& composite,
                        const std::vector<LinearMap>& made) {
  LinearMap out{options.name, 0, {}};
  const double sd = std::sqrt(composite.eigenvalues[0]);
  for (size_t i = 0; i < options.of.size(); ++i) {
    const auto member = std::find_if(
        made.begin(), made.end(), [&](const LinearMap& map) { return map.score == options.of[i]; });
    const double factor = composite.loadings[i] / composite.scales[i].sd / sd;
    out.offset += factor * (member->offset - composite.scales[i].mean);
    for (const auto& [sum, weight] : member->weights) out.weights[sum] += factor * weight;
  }
  return out;
}

void LinearMap::Standardise(const ReferenceScale& scale) {
  offset = (offset - scale.mean) / scale.sd;
  for (auto& [sum, weight] : weights) weight /= scale.sd;
}

ScoresByChild MappedByChild(const std::vector<LinearMap>& maps, const ScoresByChild& sums) {
  ScoresByChild out;
  for (const LinearMap& map : maps) {
    const auto first = sums.find(map.weights.begin()->first);
    if (first == sums.end()) continue;
    for (const auto& [member, unused] : first->second) {
      std::vector<double> values = MappedMember(map, member, sums);
      if (!values.empty()) out[map.score][member] = std::move(values);
    }
  }
  return out;
}

void WriteLinearMaps(const std::vector<LinearMap>& maps, H5Writer& file) {
  if (maps.empty()) return;
  Table::Strings scores, sums;
  Table::Doubles offsets, weights;
  for (const LinearMap& map : maps) {
    for (const auto& [sum, weight] : map.weights) {
      scores.push_back(map.score);
      offsets.push_back(map.offset);
      sums.push_back(sum);
      weights.push_back(weight);
    }
  }
  Table table;
  table.Add("SCORE", std::move(scores));
  table.Add("OFFSET", std::move(offsets));
  table.Add("SUM", std::move(sums));
  table.Add("WEIGHT", std::move(weights));
  file.WriteTable("/linear", table);
}

std::vector<LinearMap> ReadLinearMaps(const H5Reader& file) {
  std::vector<LinearMap> maps;
  if (!file.Has("/linear")) return maps;
  const Table table = file.ReadTable("/linear");
  for (size_t r = 0; r < table.rows(); ++r) {
    const std::string& score = table.StringsOf("SCORE")[r];
    if (maps.empty() || maps.back().score != score) {
      maps.push_back({score, table.DoublesOf("OFFSET")[r], {}});
    }
    maps.back().weights[table.StringsOf("SUM")[r]] = table.DoublesOf("WEIGHT")[r];
  }
  return maps;
}

}  // namespace kinflow
