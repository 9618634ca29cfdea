#pragma once

#include <cstdint>
#include <vector>

#include "stages/family/people.h"
#include "stages/family/sem/fiml.h"

namespace kinflow::family {

/// Of each free parameter of a model, how many people it tells of, for disclosure: those with a
/// value in all variables of its path, by the rarer value where one of these has two. A latent
/// variable counts as its best observed indicator, a parameter of several paths as the one with
/// most people. `people`: of the rows of `data`.
std::vector<int64_t> PeopleByParameter(const PathModel& model, const SemData& data,
                                       const People& people);

}  // namespace kinflow::family
