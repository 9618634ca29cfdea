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

std::optional<Error> FaultOfName(const std::string& name, bool taken) {
  if (taken) {
    return Error(ErrorId::kMalformed, "another score has this name already")
        .Field("scores.names")
        .Value(name)
        .Remedy(fmt::format(
            "give it a new one, scores.names: {{{0}: NEW}} (--set "
            "\"scores.names={{{0}: NEW}}\"); if both are called so in their files, "
            "rename one of these, or take it as scores.tables: {{files: [...], name: ...}}",
            name));
  }
  const bool column = name == "FID" || name == "IID" || name == "ROLE";
  if (!column && name != "." && name != "..") return std::nullopt;
  return Error(ErrorId::kMalformed, "no score can have this name: tables of scores use it")
      .Field("scores.names")
      .Value(name)
      .Remedy(fmt::format(
          "give it a new one, scores.names: {{{0}: NEW}} (--set \"scores.names={{{0}: NEW}}\")",
          name));
}

std::string BuildOfLines(const std::string& path, const ScoreReading& reading) {
  ScoreFileReader reader(path, reading);
  ScoreLine row;
  BuildDetector found;
  while (reader.Next(row)) found.Add(row.chrom, row.pos, row.effect_allele, row.other_allele);
  return found.Build();
}

MatchBy WayToMatch(const ScoreFileReader& reader, const std::string& path, MatchRules::By by) {
  if (by == MatchRules::By::kAuto) {
    return reader.has_positions() ? MatchBy::kPosition : MatchBy::kId;
  }
  const bool by_id = by == MatchRules::By::kId;
  if (by_id ? reader.has_ids() : reader.has_positions()) {
    return by_id ? MatchBy::kId : MatchBy::kPosition;
  }
  throw Error(ErrorId::kColumnMissing, fmt::format("the score file has no column of {}",
                                                   by_id ? "variant ids" : "positions"))
      .InFile(path)
      .Field("scores.match.by")
      .Value(by_id ? "id" : "position")
      .Remedy(
          fmt::format("scores.match.by (--match-by) auto finds variants by the {} that it "
                      "has; a column of another name is told by scores.tables.columns (--columns)",
                      by_id ? "positions" : "ids"));
}

void RequireBuild(const ScoreFileReader& reader, const std::string& path,
                  const std::string& genotypes_build) {
  const std::string target = NormaliseBuild(genotypes_build);
  if (target.empty() || reader.build().empty() || reader.build() == target) return;
  throw Error(ErrorId::kBuildMismatch,
              fmt::format("score is on {}, the genotypes are on {}", reader.build(), target))
      .InFile(path)
      .Remedy(
          "use the score file harmonised to the build of the genotypes, or lift it over: "
          "--liftover CHAIN (scores.liftover.chain)");
}

std::optional<ScoreFailure> FaultOfScoreFile(const ScoreFileSpec& file, MatchRules::By by,
                                             const std::string& genotypes_build,
                                             const std::map<std::string, std::string>& names) {
  std::string shown = BaseName(file.path);
  try {
    ScoreFileReader reader(file.path, file.reading);
    if (!reader.scores().empty()) shown = FinalScoreName(names, reader.scores().front());
    for (const auto& own : reader.scores()) {
      if (auto fault = FaultOfName(FinalScoreName(names, own), false)) throw *std::move(fault);
    }
    RequireBuild(reader, file.path, genotypes_build);
    WayToMatch(reader, file.path, by);
    ScoreLine row;
    BuildDetector found;
    while (reader.Next(row)) {
      found.Add(row.chrom, row.pos, row.effect_allele, row.other_allele);
      if (row.faults.empty()) continue;
      const auto& [score, fault] = row.faults.front();
      shown = FinalScoreName(names, reader.scores()[score]);
      throw fault;
    }
    if (auto fault =
            FaultOfBuild(found, reader.build(), NormaliseBuild(genotypes_build), file.path)) {
      throw *std::move(fault);
    }
  } catch (const Error& e) {
    return ScoreFailure{shown, file.path, e};
  }
  return std::nullopt;
}

Error FaultOfNoVariant(const std::vector<ScoreFileSpec>& files, const std::string& genotypes_build,
                       const std::map<std::string, std::string>& names) {
  for (const auto& file : files) {
    auto fault = FaultOfScoreFile(file, MatchRules::By::kAuto, genotypes_build, names);
    if (fault && fault->error.id() == ErrorId::kBuildMismatch) {
      return std::move(fault->error).Context("score " + fault->name);
    }
  }
  const std::string known = NormaliseBuild(genotypes_build);
  return Error(ErrorId::kNoVariantMatched, "the input has no variant at a position of the scores")
      .Field("scores.files")
      .Remedy(fmt::format(
          "compare chromosome names and genome builds of scores and genotypes ({}); --set "
          "scores.read=all reads all variants and writes what becomes of each line "
          "to match_log.tsv.gz",
          known.empty() ? "not known: input.build (--build)" : known));
}

}  // namespace kinflow
