#pragma once

#include "stages/family/fit.h"

namespace kinflow::family {

/// The table as the model needs it, by FitOptions::data_format:
/// - wide, a row a person: for path models as it is; for others long, if the formula names columns
///   that the table has at several waves (`scl` of `scl_w1`, `scl_w2`): a row a person and wave,
///   with columns of the wave and, unless there is one, of the person, which `options` then name.
///   Waves are those of the outcome; a column belongs to the longest name that it begins with;
/// - long, a row a person and wave: for path models wide, columns that vary within people becoming
///   one a wave, `scl_w1`; for others as it is.
/// Throws kConfigReference (a column that would be made is there; a name for the waves of a wide
/// table that nothing uses; a column beside those by wave
/// that looks like none; columns by wave on the right of an outcome without waves), kMissingKey,
/// kColumnMissing (person, wave, a name that is neither a column nor at waves), kDuplicateSamples
/// (a person twice, or twice at a wave), kModelFailed (rows without person or wave).
Table Reshaped(Table table, FitOptions& options);

/// True if `name` is `column` at some wave.
bool IsAtWave(const std::string& name, const std::string& column);

}  // namespace kinflow::family
