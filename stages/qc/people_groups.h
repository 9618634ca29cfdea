#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinflow {

/// People in groups that are judged apart, by ancestry for one.
struct PeopleGroups {
  static constexpr uint32_t kNone = UINT32_MAX;

  std::vector<std::string> names;
  std::vector<uint32_t> of;  // by sample: place in `names`, or kNone
  /// By sample: 1 = surely of the group, whose mean and spread it helps to tell.
  std::vector<uint8_t> typical;
  size_t least = 2;  // typical people, of those kept, without whom nobody of a group is judged

  /// Everybody in one group.
  static PeopleGroups One(size_t samples) {
    return {{"all"}, std::vector<uint32_t>(samples, 0), std::vector<uint8_t>(samples, 1), 2};
  }
};

}  // namespace kinflow
