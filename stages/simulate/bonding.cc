#include "stages/simulate/bonding.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "pipeline/base/text_writer.h"
#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {

Bonding MakeBonding(const SimulateOptions& options, const People& people) {
  constexpr size_t kSeries = kBondingSeries.size();
  Bonding out;
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    Philox rng = Stream(options.seed, Purpose::kBonding, i);
    auto& mother = out.of.emplace_back();
    mother.prenatal = rng.Normal();
    mother.temperament = rng.Normal();
    const double shared = std::sqrt(kStableVariance * kStableCorrelation) * rng.Normal();
    std::array<double, kSeries> stable = {}, within = {};
    for (size_t s = 0; s < kSeries; ++s) {
      stable[s] = kOfPrenatal[s] * mother.prenatal + kOfTemperament[s] * mother.temperament +
                  shared + std::sqrt(kStableVariance * (1 - kStableCorrelation)) * rng.Normal();
    }
    bool present = true;
    for (size_t t = 0; t < kOccasions.size(); ++t) {
      const std::array<double, kSeries> before = within;
      const double fresh =
          std::sqrt(t == 0 ? kWithinVariance : kWithinVariance * (1 - kCarryOver * kCarryOver));
      for (size_t s = 0; s < kSeries; ++s) {
        within[s] = kCarryOver * before[s] + fresh * rng.Normal();
      }
      within[2] += kAngerToDep * before[0];
      if (rng.Uniform() < options.attrition && t > 0) present = false;
      for (size_t s = 0; s < kSeries; ++s) {
        mother.value[s][t] =
            present ? stable[s] + within[s] : std::numeric_limits<double>::quiet_NaN();
      }
    }
  }
  return out;
}

std::string WriteBonding(const SimulateOptions& options, const People& people,
                         const Bonding& bonding) {
  const std::string path = options.out + ".bonding.tsv";
  TextWriter file(path);
  std::string header = "preg_id\tm_id\tc_sex\tprenatal\ttemperament";
  for (const auto series : kBondingSeries) {
    for (const auto occasion : kOccasions) header += fmt::format("\t{}_{}", series, occasion);
  }
  file.Write(header + '\n');
  for (uint32_t i = 0; i < people.pregnancies.size(); ++i) {
    const SimPregnancy& p = people.pregnancies[i];
    const auto& mother = bonding.of[i];
    std::string line =
        fmt::format("{}\t{}\t{}\t{:.4f}\t{:.4f}", people.PregnancyId(i), people.Iid(p.mother),
                    people.persons[p.child].sex, mother.prenatal, mother.temperament);
    for (const auto& series : mother.value) {
      for (const double v : series) {
        line += std::isnan(v) ? "\tNA" : fmt::format("\t{:.4f}", v);
      }
    }
    file.Write(line + '\n');
  }
  file.Commit();
  return path;
}

}  // namespace kinflow::simulate
