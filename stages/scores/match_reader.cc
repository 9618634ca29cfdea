#include <oneapi/tbb/parallel_for.h>

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

/// What weights of one shard lie on.
struct Blocks {
  std::vector<uint64_t> offset, row;
  std::vector<double> freq;
  std::vector<uint8_t> flags;

  explicit Blocks(const H5Reader& file)
      : offset(file.ReadU64("/weights/offset")),
        row(file.ReadU64("/weights/row")),
        freq(file.ReadF64("/weights/alt_freq")),
        flags(file.ReadU8("/weights/flags")) {}

  bool Holds(size_t block, size_t weights) const {
    return block + 1 < offset.size() && offset[block + 1] <= row.size() &&
           weights == offset[block + 1] - offset[block];
  }
  std::vector<MatchedWeight> Join(size_t block, const std::vector<double>& own) const {
    std::vector<MatchedWeight> weights;
    weights.reserve(own.size());
    for (uint64_t w = offset[block]; w < offset[block + 1]; ++w) {
      const double weight = own[w - offset[block]];
      if (std::isnan(weight)) continue;
      weights.push_back({row[w], weight, freq[w],
                         static_cast<EffectType>((flags[w] & 3u) | (flags[w] & 8u) >> 1),
                         (flags[w] & 4u) != 0, (flags[w] & 16u) != 0, (flags[w] & 32u) != 0});
    }
    return weights;
  }
};

/// Names of the scores that passed, in order.
std::vector<std::string> PassingScores(const H5Reader& file) {
  const Table scores = file.ReadTable("/scores");
  const auto& names = scores.StringsOf("SCORE");
  const auto& pass = scores.StringsOf("PASS");
  std::vector<std::string> passing;
  for (size_t s = 0; s < names.size(); ++s) {
    if (pass[s] == "true") passing.push_back(names[s]);
  }
  return passing;
}

}  // namespace

/// A group is closed at so many weights, of which each takes 40 bytes while the group is made.
constexpr uint64_t kWeightsTogether = uint64_t{1} << 21;

uint64_t ForEachMatchedGroup(const ArtifactStore& store, const Manifest& match,
                             const std::function<void(std::span<MatchedScore>)>& use) {
  uint64_t founders = 0;
  for (size_t i = 0; i < match.shards.size(); ++i) {
    const H5Reader file = store.Open(match, i);
    founders = static_cast<uint64_t>(file.AttributeInt("/", "founders"));
    const std::vector<std::string> names = PassingScores(file);
    const Blocks blocks(file);
    const auto block = file.ReadU32("/weights/block");
    for (size_t first = 0, n = 0; first < names.size(); first += n) {
      std::vector<std::vector<double>> columns;
      uint64_t weights = 0;
      for (size_t k = first;
           k < names.size() && columns.size() < kColumnsTogether && weights < kWeightsTogether;
           ++k) {
        columns.push_back(file.ReadF64(PathOfMany("/weights/score", k)));
        if (k >= block.size() || !blocks.Holds(block[k], columns.back().size())) {
          throw Error(ErrorId::kShardDamaged, "weights do not fit the scores").InFile(file.path());
        }
        weights += columns.back().size();
      }
      n = columns.size();
      std::vector<MatchedScore> group(n);
      oneapi::tbb::parallel_for(size_t{0}, n, [&](size_t k) {
        group[k] = {names[first + k], blocks.Join(block[first + k], columns[k])};
      });
      columns = {};
      use(group);
    }
  }
  return founders;
}

uint64_t ForEachMatchedScore(
    const ArtifactStore& store, const Manifest& match,
    const std::function<void(const std::string&, std::vector<MatchedWeight>&&)>& use) {
  return ForEachMatchedGroup(store, match, [&use](std::span<MatchedScore> group) {
    for (MatchedScore& score : group) use(score.name, std::move(score.weights));
  });
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
