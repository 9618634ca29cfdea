#include "stages/simulate/imputation.h"

#include <boost/math/special_functions/erf.hpp>
#include <cmath>

#include "stages/simulate/random_streams.h"

namespace kinflow::simulate {
namespace {

double NormalQuantile(double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p); }

struct Quantiles {
  std::array<double, 4096> middle, low;
  std::array<double, 64> coarse;
  Quantiles() {
    for (int i = 0; i < 4096; ++i) {
      middle[i] = NormalQuantile((i + 0.5) / 4096);
      low[i] = NormalQuantile((i + 0.5) / (4096.0 * 4096.0));
    }
    for (int i = 0; i < 64; ++i) coarse[i] = NormalQuantile((i + 0.5) / 64);
  }
};

const Quantiles& NormalQuantiles() {
  static const Quantiles quantiles;
  return quantiles;
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// corr^2(allele, posterior) = (E[posterior | ALT] - f) / (1 - f), because calibration makes
// Var(posterior) = Cov(allele, posterior).
double R2Of(double f, double logit, double d) {
  double mean = 0;
  for (const double z : NormalQuantiles().coarse) mean += Sigmoid(logit + d * d / 2 + d * z);
  return (mean / 64 - f) / (1 - f);
}

}  // namespace

PosteriorTable::PosteriorTable(double frequency, double r2) {
  const double logit = std::log(frequency / (1 - frequency));
  double lo = 0, hi = 64;
  for (int i = 0; i < 30; ++i) {
    const double d = (lo + hi) / 2;
    (R2Of(frequency, logit, d) < r2 ? lo : hi) = d;
  }
  const double d = (lo + hi) / 2;
  const Quantiles& q = NormalQuantiles();
  for (int allele = 0; allele < 2; ++allele) {
    const double centre = logit + (allele == 1 ? 0.5 : -0.5) * d * d;
    const auto posterior = [&](double z) {
      return static_cast<uint16_t>(std::lround(1000 * Sigmoid(centre + d * z)));
    };
    Tables& t = tables_[allele];
    for (int i = 0; i < 4096; ++i) {
      t.middle[i] = posterior(q.middle[i]);
      t.low[i] = posterior(q.low[i]);
      t.high[i] = posterior(-q.low[i]);
    }
  }
}

void ImputedVariant::Impute(const SimulateOptions& options, const People& people,
                            const BitPlanes& planes, const SimVariant& variant, uint32_t row) {
  for (auto& d : dosage) d.resize(people.persons.size());
  if (variant.r2 >= 1) {
    for (unsigned side = 0; side < 2; ++side) {
      const uint64_t* alleles = planes.allele(side, row);
      for (uint32_t i = 0; i < people.persons.size(); ++i) {
        dosage[side][i] = TestBit(alleles, i) ? 1000 : 0;
      }
    }
  } else {
    const PosteriorTable table(variant.frequency, variant.r2);
    Philox rng = Stream(options.seed, Purpose::kImputation, variant.index);
    const auto shared = static_cast<uint32_t>(std::lround(options.shared_errors * 256));
    const auto draw = [&](uint32_t person, const uint64_t bits) {
      for (unsigned side = 0; side < 2; ++side) {
        dosage[side][person] = table.Draw(TestBit(planes.allele(side, row), person),
                                          static_cast<uint32_t>(bits >> (32 * side)) & 0xFFFFFF);
      }
    };
    for (const uint32_t f : people.founders) draw(f, rng.Next64());
    for (uint32_t c = 0; c < people.children.size(); ++c) {
      const uint32_t child = people.children[c];
      const uint64_t bits = rng.Next64();
      draw(child, bits);
      const uint32_t parents[2] = {people.persons[child].mother, people.persons[child].father};
      for (unsigned side = 0; side < 2; ++side) {
        if (((bits >> (32 * side + 24)) & 0xFF) >= shared) continue;
        dosage[side][child] = dosage[TestBit(planes.transmission(side, row), c)][parents[side]];
      }
    }
  }
  uint64_t sum = 0, squares = 0;
  for (const auto& d : dosage) {
    for (uint32_t i = 0; i < people.genotyped; ++i) {
      sum += d[i];
      squares += uint64_t{d[i]} * d[i];
    }
  }
  const double n = 2.0 * people.genotyped;
  frequency = static_cast<double>(sum) / (1000 * n);
  const double expected = frequency * (1 - frequency);
  const double variance = static_cast<double>(squares) / (1e6 * n) - frequency * frequency;
  r2 = expected > 0 ? std::min(1.0, variance / expected) : 0;
}

}  // namespace kinflow::simulate
