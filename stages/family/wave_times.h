#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

/// When rows were, for correlations that fall with time: of a column of numbers its values, of
/// names (waves) their places 1, 2, ... in time (WavesInTime), over all rows of the frame, so that
/// a wave that somebody lacks, or all in a model, leaves a gap. Throws kModelFailed (names that are
/// too many to be waves, or whose order clusters have in different ways), kConfigReference (no such
/// column).
std::vector<double> TimesOf(const ModelFrame& frame, const std::string& column,
                            const std::vector<uint32_t>& rows);

/// OrderWarning() of these times.
std::string TimeOrderWarning(const ModelFrame& frame, const std::string& column);

/// The same in R: "wave", of names "match(wave, c(...))". `in_r`: the column as R reads it there.
std::string TimesInR(const ModelFrame& frame, const std::string& column, const std::string& in_r);

/// ", waves = factor(wave, 0:36)" of geeglm(), which makes a factor of numbers: of all between, as
/// levels that no row has are gaps too.
std::string WavesArgument(const ModelFrame& frame, const std::string& column,
                          const std::string& in_r);

/// True if a column can be such a time: names or whole numbers.
bool IsTime(const Table::Column& column);

}  // namespace kinflow::family
