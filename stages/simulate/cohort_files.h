#pragma once

#include <string>
#include <vector>

#include "stages/simulate/outcome.h"

namespace kinflow::simulate {

/// .fam, .pedigree.tsv, .pheno.tsv, .waves.tsv, .bonding.tsv, .covar.tsv, .pgs_true.tsv,
/// .truth.json and the files of areas.h and interaction.h; returns their paths.
std::vector<std::string> WriteCohortFiles(const SimulateOptions& options, const People& people,
                                          const TrueScores& scores, const Outcome& outcome);

}  // namespace kinflow::simulate
