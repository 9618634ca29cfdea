#pragma once

#include <algorithm>
#include <cstdint>

namespace kinflow {

/// Memory that a run takes besides what stages plan for: code, libraries, allocator slack, and what
/// is known of its people (ids, pedigree, tables by person). Measured with `qc` and `score` of
/// 20,016 and of 184,903 people: 26 MiB and 766 bytes a person, and 7 MiB more in some runs than in
/// others, by how the threads share the allocator.
inline uint64_t ProcessBytes(uint64_t people) {
  constexpr uint64_t kLeast = 64ull << 20, kProgram = 40ull << 20, kPerson = 768;
  return std::max(kLeast, kProgram + kPerson * people);
}

}  // namespace kinflow
