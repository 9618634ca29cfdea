#pragma once

#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"

namespace kinflow {

/// The .sample beside a genotype file: FILE.sample, else NAME.sample; "" if there is none.
std::string FindOxfordSample(const std::string& genotypes);

/// Samples of an Oxford .sample: a line of names (ID_1 [ID_2 [missing]] ... sex ...), a line of
/// types (0 0 0 D ...), then a line a sample. ID_1 is the FID and ID_2 the IID; without ID_2, ID_1
/// is both. Sex is taken from a column `sex` (1, M = male; 2, F = female). Throws kMalformed with
/// the line, kDuplicateSamples.
SampleTablePtr ReadOxfordSample(const std::string& path);

/// The samples of a genotype file: of its .sample (`sample_file`, "" = none) if there is one, else
/// by the ids that the file holds (none = empty). Both have to be of the same people in one order,
/// unless they share not a single id: files are handed out with made-up ids inside. Throws
/// kCompanionMissing, kSamplesDiffer.
SampleTablePtr JoinOxfordSamples(const std::string& genotypes, uint32_t file_samples,
                                 std::vector<std::string> file_ids, const std::string& sample_file);

}  // namespace kinflow
