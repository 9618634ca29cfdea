#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "stages/scores/many_columns.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {
namespace {

/// Rows of `part` behind those of `all`; columns must agree.
void AppendTable(Table& all, const Table& part) {
  if (all.columns() == 0) {
    all = part;
    return;
  }
  Table joined;
  for (size_t c = 0; c < all.columns(); ++c) {
    Table::Column column = all.column(c);
    std::visit(
        [&](auto& values) {
          const auto& more = std::get<std::decay_t<decltype(values)>>(part.column(c));
          values.insert(values.end(), more.begin(), more.end());
        },
        column);
    joined.Add(all.name(c), std::move(column));
  }
  all = std::move(joined);
}

Table ReadJoined(const ArtifactStore& store, const Manifest& match, std::string_view path) {
  Table all;
  for (size_t i = 0; i < match.shards.size(); ++i) {
    AppendTable(all, store.Open(match, i).ReadTable(path));
  }
  return all;
}

}  // namespace

uint64_t ForEachMatchedScore(
    const ArtifactStore& store, const Manifest& match,
    const std::function<void(const std::string&, std::vector<MatchedWeight>&&)>& use) {
  uint64_t founders = 0;
  for (size_t i = 0; i < match.shards.size(); ++i) {
    const H5Reader file = store.Open(match, i);
    founders = static_cast<uint64_t>(file.AttributeInt("/", "founders"));
    const Table scores = file.ReadTable("/scores");
    const auto& names = scores.StringsOf("SCORE");
    const auto& pass = scores.StringsOf("PASS");
    const auto offset = file.ReadU64("/weights/offset");
    const auto row = file.ReadU64("/weights/row");
    const auto block = file.ReadU32("/weights/block");
    const auto freq = file.ReadF64("/weights/alt_freq");
    const auto flags = file.ReadU8("/weights/flags");
    size_t k = 0;
    for (size_t s = 0; s < names.size(); ++s) {
      if (pass[s] != "true") continue;
      const std::vector<double> own = file.ReadF64(PathOfMany("/weights/score", k));
      const size_t b = k < block.size() ? block[k] : offset.size();
      if (b + 1 >= offset.size() || offset[b + 1] > row.size() ||
          own.size() != offset[b + 1] - offset[b]) {
        throw Error(ErrorId::kShardDamaged, "weights do not fit the scores").InFile(file.path());
      }
      std::vector<MatchedWeight> weights;
      weights.reserve(own.size());
      for (uint64_t w = offset[b]; w < offset[b + 1]; ++w) {
        const double weight = own[w - offset[b]];
        if (std::isnan(weight)) continue;
        weights.push_back({row[w], weight, freq[w],
                           static_cast<EffectType>((flags[w] & 3u) | (flags[w] & 8u) >> 1),
                           (flags[w] & 4u) != 0, (flags[w] & 16u) != 0});
      }
      ++k;
      use(names[s], std::move(weights));
    }
  }
  return founders;
}

MatchedScores ReadMatchedScores(const ArtifactStore& store, const Manifest& match) {
  MatchedScores all;
  all.founders = ForEachMatchedScore(
      store, match, [&](const std::string& name, std::vector<MatchedWeight>&& weights) {
        all.names.push_back(name);
        all.weights.push_back(std::move(weights));
      });
  return all;
}

Table ReadMatchScores(const ArtifactStore& store, const Manifest& match) {
  return ReadJoined(store, match, "/scores");
}

Table ReadMatchSummary(const ArtifactStore& store, const Manifest& match) {
  return ReadJoined(store, match, "/summary");
}

}  // namespace kinflow
