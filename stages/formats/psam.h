#pragma once

#include <string>

#include "pipeline/data/sample_table.h"

namespace kinflow {

/// Samples of a .psam: FID (optional), IID, SEX (1/M, 2/F; others unknown); other columns are not
/// used. Without a header line, those of a .fam. Throws kMalformed with the line,
/// kDuplicateSamples.
SampleTablePtr ReadPsamSamples(const std::string& path);

/// True if the file names parents: PAT and MAT in its first line, or the six columns of a .fam.
bool PsamHasParents(const std::string& path);

}  // namespace kinflow
