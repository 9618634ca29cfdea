#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kinflow {

/// What 64 variants make of their calls: values[c][v] for call c of variant v, 0 where it is
/// missing.
struct CallValues {
  std::array<std::array<float, 64>, 3> values;
};

/// Calls of one person at 64 variants a word, lower bits of all of them in one word and upper bits
/// in another (3 = missing), to numbers: out[64 i + v] from low[i * stride] and high[i * stride].
void CallsToValues(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                   const CallValues* values, float* out);

/// The plain C++ twin.
namespace scalar {
void CallsToValues(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                   const CallValues* values, float* out);
}  // namespace scalar

}  // namespace kinflow
