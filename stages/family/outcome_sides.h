#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stages/family/model_frame.h"
#include "stages/family/people.h"
#include "stages/family/results.h"

namespace kinflow::family {

/// An outcome of two values, whatever the model: an intercept tells how many have each. Cases are
/// those with the larger one.
struct OutcomeSides {
  int64_t cases = 0;                            // rows
  int64_t people_cases = 0, people_others = 0;  // with a row of the side
};

/// None of an outcome of more values, or of one, and of one with missing values (path models, whose
/// first column this is of).
std::optional<OutcomeSides> SidesOf(const ModelFrame& frame, const Formula& formula,
                                    const std::vector<uint32_t>& rows, const People& people);

/// Lines of the row account: n_cases, and n_people_cases, n_people_others if people have several
/// rows.
void AddSides(const RowKey& key, const OutcomeSides& sides, const People& people,
              std::vector<CountRow>& out);

}  // namespace kinflow::family
