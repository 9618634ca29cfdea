#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/scores/line_index.h"
#include "stages/scores/match_artifact.h"
#include "stages/scores/options.h"
#include "stages/scores/score_file.h"

namespace kinflow {

/// Name of a score in outputs: renamed by `names` (own name -> new one), blanks, control characters
/// and slashes replaced, since column names come from it.
std::string FinalScoreName(const std::map<std::string, std::string>& names, const std::string& own);
/// kMalformed: an earlier score is called `name` (`taken`), or a column of the tables of scores.
std::optional<Error> FaultOfName(const std::string& name, bool taken);
/// The build that the positions of a score file are on, by common SNPs among them; "" = not told.
std::string BuildOfLines(const std::string& path, const ScoreReading& reading);
/// How lines of a file find variants. Throws kColumnMissing if it lacks what `by` asks for.
MatchBy WayToMatch(const ScoreFileReader& reader, const std::string& path, MatchRules::By by);
/// Throws kBuildMismatch; a build that is not known is not compared.
void RequireBuild(const ScoreFileReader& reader, const std::string& path,
                  const std::string& genotypes_build);
/// Reads the file as the match stage does, to its end. What is wrong with it, under the name that
/// the stage would give the failed score; nullopt = nothing.
std::optional<ScoreFailure> FaultOfScoreFile(const ScoreFileSpec& file, MatchRules::By by,
                                             const std::string& genotypes_build,
                                             const std::map<std::string, std::string>& names);
/// Why no variant of the genotypes lies at a position of the scores: kBuildMismatch of the first
/// file that is known to be on another build than `genotypes_build` ("" = unknown), else
/// kNoVariantMatched.
Error FaultOfNoVariant(const std::vector<ScoreFileSpec>& files, const std::string& genotypes_build,
                       const std::map<std::string, std::string>& names);

}  // namespace kinflow
