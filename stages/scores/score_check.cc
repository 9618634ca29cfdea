#include "stages/scores/score_check.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/scores/build_detector.h"

namespace kinflow {

std::string FinalScoreName(const std::map<std::string, std::string>& names,
                           const std::string& own) {
  const auto it = names.find(own);
  std::string out = it == names.end() ? own : it->second;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '/') c = '_';
  }
  return out;
}

Error NameTaken(const std::string& name) {
  return Error(ErrorId::kMalformed, "another score has this name already")
      .Field("scores.names")
      .Value(name)
      .Remedy("give it a new one under scores.names");
}

void RequireBuild(const ScoreFileReader& reader, const std::string& path,
                  const std::string& genotypes_build) {
  const std::string target = NormaliseBuild(genotypes_build);
  if (target.empty() || reader.build().empty() || reader.build() == target) return;
  throw Error(ErrorId::kBuildMismatch,
              fmt::format("score is on {}, the genotypes are on {}", reader.build(), target))
      .InFile(path)
      .Remedy("use the score file harmonised to the build of the genotypes");
}

std::optional<ScoreFailure> FaultOfScoreFile(const ScoreFileSpec& file,
                                             const std::string& genotypes_build,
                                             const std::map<std::string, std::string>& names) {
  std::string shown = BaseName(file.path);
  try {
    ScoreFileReader reader(file.path, file.reading);
    if (!reader.scores().empty()) shown = FinalScoreName(names, reader.scores().front());
    RequireBuild(reader, file.path, genotypes_build);
    ScoreLine row;
    BuildDetector found;
    while (reader.Next(row)) found.Add(row.chrom, row.pos, row.effect_allele, row.other_allele);
    if (auto fault =
            FaultOfBuild(found, reader.build(), NormaliseBuild(genotypes_build), file.path)) {
      throw *std::move(fault);
    }
  } catch (const Error& e) {
    return ScoreFailure{shown, file.path, e};
  }
  return std::nullopt;
}

}  // namespace kinflow
