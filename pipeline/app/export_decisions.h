#pragma once

#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow {

/// Decisions on the people of an export: those of the file `given`; else, if `paths` is the output
/// folder of a run with decisions, those that it applied; else none. Throws kBadArgument if that
/// run's decisions cannot be told from its folder.
kinship::DecisionsFile DecisionsOfExport(const std::vector<std::string>& paths,
                                         const std::string& given);

/// True if `paths` is the output folder of a run whose scores lack calls blamed in Mendel errors.
bool RunSetMendelErrorsMissing(const std::vector<std::string>& paths);

/// What an export can do: exchanges and sexes of the people in it and, `with_parents`, parents.
/// Whom to leave out is said by lists, as for everybody else. Returns
/// how many decisions on parents were dropped.
size_t KeepForExport(const SampleTable& samples, bool with_parents, kinship::DecisionsFile& file);

}  // namespace kinflow
