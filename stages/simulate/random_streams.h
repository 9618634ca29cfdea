#pragma once

#include <cmath>
#include <cstdint>

#include "pipeline/base/philox.h"

namespace kinflow::simulate {

/// What a stream of random numbers is for: the upper byte of its key, so that no two uses meet.
enum class Purpose : uint8_t {
  kFamily = 1,
  kGenealogy,
  kVariant,
  kFounder,
  kMeiosis,
  kImputation,
  kCallErrors,
  kCallMissing,
  kMother,
  kPregnancy,
  kCovariates,
  kAreas,
  kInteraction,
  kBonding,
  kIndicators,
};

inline Philox Stream(uint64_t seed, Purpose purpose, uint64_t item) {
  return Philox(seed, (static_cast<uint64_t>(purpose) << 56) | item);
}

inline double Exponential(Philox& rng, double mean) { return -mean * std::log(rng.Uniform()); }

}  // namespace kinflow::simulate
