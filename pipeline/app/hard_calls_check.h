#pragma once

#include <string>
#include <vector>

#include "stages/formats/sample_ids.h"

namespace kinflow {

/// How the people of called genotypes differ from those of the dosages that were imputed from them,
/// both as the files order them and by the names that `ids` gives them; "" = not at all. Holds
/// counts and places, no id.
std::string DifferenceOfPeople(const std::vector<std::string>& dosages,
                               const std::vector<std::string>& calls, const SampleIds& ids);
/// True if nobody is in both: other people, or ids that `ids` does not translate.
bool NobodyInCommon(const std::vector<std::string>& dosages, const std::vector<std::string>& calls,
                    const SampleIds& ids);

}  // namespace kinflow
