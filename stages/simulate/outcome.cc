#include "stages/simulate/outcome.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {

Outcome MakeOutcome(const SimulateOptions& options, const People& people,
                    const TrueScores& scores) {
  Outcome out;
  const auto n = static_cast<double>(people.founders.size());
  for (const uint32_t f : people.founders) out.score_mean += scores.score(0, f) / n;
  for (const uint32_t f : people.founders) {
    const double d = scores.score(0, f) - out.score_mean;
    out.score_sd += d * d / n;
  }
  out.score_sd = std::sqrt(out.score_sd);
  const auto z = [&](uint32_t person) {
    return out.score_sd > 0 ? (scores.score(0, person) - out.score_mean) / out.score_sd : 0.0;
  };

  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const SimPregnancy& p = people.pregnancies[i];
    Philox mother_rng = Stream(options.seed, Purpose::kMother, p.family);
    const double intercept = std::sqrt(kMotherVariance) * mother_rng.Normal();
    const double first_age = std::clamp(29.0 + 4.5 * mother_rng.Normal(), 17.0, 42.0);
    const double interval = 1.5 + 3 * mother_rng.Uniform();

    Philox rng = Stream(options.seed, Purpose::kPregnancy, i);
    const double age = std::round((first_age + p.parity * interval) * 10) / 10;
    const double mean = options.effect_mother * z(p.mother) + options.effect_father * z(p.father) +
                        options.effect_child * z(p.child) + kAgeEffect * (age - 30) / 5 + intercept;
    auto& values = out.value.emplace_back();
    bool present = true;
    for (unsigned w = 0; w < kWaves; ++w) {
      const double e = std::sqrt(kResidualVariance) * rng.Normal();
      const bool leaves = rng.Uniform() < options.attrition, skips = rng.Uniform() < 0.02;
      if (w > 0 && leaves) present = false;
      values[w] =
          present && !skips ? mean + kWaveSlope * w + e : std::numeric_limits<double>::quiet_NaN();
    }
    out.mother_age.push_back(age);
  }
  return out;
}

}  // namespace kinflow::simulate
