#include "tests/unit/scores/random_scores.h"

namespace kinflow::test {
namespace {

/// Deterministic pseudo-random integers below n.
struct Dice {
  uint64_t state = 88172645463325252ull;
  uint32_t operator()(uint32_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<uint32_t>((state >> 33) % n);
  }
};

}  // namespace

Genotypes RandomGenotypes(size_t variants, uint32_t samples, uint32_t units, bool haploid) {
  Dice dice;
  Genotypes g;
  g.n_samples = samples;
  g.units = units;
  for (size_t v = 0; v < variants; ++v) {
    g.variants.Append("1", static_cast<uint32_t>(100 + v), "v" + std::to_string(v), "A", "C");
    for (uint32_t s = 0; s < samples; ++s) {
      const bool one_copy = haploid && s % 2 == 0 && v % 3 == 0;
      const auto dosage = static_cast<int32_t>(dice((one_copy ? 1 : 2) * units + 1));
      g.values.push_back(dice(20) == 0 ? -1 : dosage);
      if (haploid) g.calls.push_back(one_copy ? kCallHaploid : 0);
    }
  }
  for (uint32_t s = 0; s < samples; ++s) g.iids.push_back("s" + std::to_string(s));
  return g;
}

std::vector<ScoreMatch> RandomScores(const Genotypes& g, size_t n, bool additive_only) {
  Dice dice;
  std::vector<ScoreMatch> scores(n);
  for (size_t s = 0; s < n; ++s) {
    for (uint64_t v = 0; v < g.variants.size(); ++v) {
      if (dice(2) == 0) continue;
      MatchedWeight w;
      w.row = v;
      w.weight = (static_cast<double>(dice(2000)) - 1000) / 977;
      w.effect_is_ref = dice(2) == 1;
      w.effect = additive_only ? EffectType::kAdditive : static_cast<EffectType>(dice(3));
      scores[s].weights.push_back(w);
    }
  }
  return scores;
}

std::vector<std::string> Names(size_t n) {
  std::vector<std::string> out;
  for (size_t i = 0; i < n; ++i) out.push_back("s" + std::to_string(i));
  return out;
}

MatchedScores MatchedTo(const Genotypes& g, const std::vector<ScoreMatch>& scores) {
  const auto freq = g.AltFreq();
  MatchedScores matched;
  matched.names = Names(scores.size());
  for (const auto& score : scores) {
    matched.weights.push_back(score.weights);
    for (auto& w : matched.weights.back()) w.alt_freq = freq[w.row];
  }
  return matched;
}

Manifest ScoresManifest(const std::string& key) {
  Manifest manifest;
  manifest.stage = manifest.kind = "scores";
  manifest.key = HashBytes(key);
  manifest.options_json = R"({"missing":"mean"})";
  return manifest;
}

}  // namespace kinflow::test
