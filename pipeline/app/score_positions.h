#pragma once

#include "pipeline/app/session.h"
#include "stages/formats/region_set.h"

namespace kinflow {

/// The positions that a run needs of its genotypes if scores are all that reads them: the union
/// over the lines of all score files. Null if the whole input is needed or wanted: QC was asked
/// for, the dosage store is kept for other runs, a file is matched by id, `scores.read` is all, or
/// there are more than 100,000 positions (they would lie in most blocks of any file).
///
/// It depends on the config and the score files alone, never on whether an index is there. Files
/// that cannot be read add nothing; the match stage says what is wrong with them.
RegionSetPtr ScorePositions(const LoadedConfig& config);

}  // namespace kinflow
