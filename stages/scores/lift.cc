#include "stages/scores/lift.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/data/alleles.h"
#include "stages/scores/match.h"

namespace kinflow {
namespace {

std::string ReverseComplement(std::string_view allele) {
  if (!IsNucleotides(allele)) return std::string(allele);
  std::string out = Complement(allele);
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

Lift::Lift(const std::string& chain_file, const std::string& build, double min_share)
    : chains_(chain_file), path_(chain_file), build_(NormaliseBuild(build)), min_share_(min_share) {
  if (build_.empty()) build_ = chains_.to();
  if (build_.empty() || chains_.to().empty() || chains_.to() == build_) return;
  throw Error(
      ErrorId::kBuildMismatch,
      fmt::format("the chain file leads to {}, the genotypes are on {}", chains_.to(), build_))
      .InFile(path_)
      .Remedy("name the chain file that leads to the build of the genotypes");
}

std::string Lift::Append(ScoreFileReader& reader, const std::string& from, const std::string& file,
                         bool keep_ids, bool continues, ScoreLines& lines) const {
  if (!chains_.from().empty() && chains_.from() != from) {
    throw Error(ErrorId::kBuildMismatch,
                fmt::format("score is on {}, the chain file starts from {}", from, chains_.from()))
        .InFile(file)
        .Remedy("name the chain file that starts from the build of the score");
  }
  auto& scores = lines.scores();
  const size_t first = continues ? scores.size() - 1 : scores.size();
  const auto rows = continues ? static_cast<uint32_t>(scores[first].entries.size()) : 0;
  uint64_t tried = 0, lifted = 0;
  if (continues && reader.scores().size() != 1) {
    throw Error(ErrorId::kFormatUnknown, "a part of a score has one weight column")
        .InFile(file)
        .Remedy("give scores.tables no name: then every file holds scores of its own");
  }
  ScoreLine row;
  while (reader.Next(row)) {
    lines.AddScores(reader, first, file, build_);
    row.row_nr += rows;
    if (row.pos != 0) {
      ++tried;
      const auto place = chains_.Lift(row.chrom, row.pos);
      lifted += place.has_value();
      row.chrom = place ? place->chrom : "";
      row.pos = place ? place->pos : 0;
      if (place && place->reversed) {
        row.effect_allele = ReverseComplement(row.effect_allele);
        row.other_allele = ReverseComplement(row.other_allele);
      }
    }
    lines.Append(row, first, keep_ids);
  }
  if (!ReachesShare(lifted, tried, min_share_)) {
    throw Error(ErrorId::kBuildMismatch, fmt::format("{} of {} positions have a place on {}, fewer "
                                                     "than scores.liftover.min_share {:g}",
                                                     lifted, tried, build_, min_share_))
        .InFile(file)
        .Field("scores.liftover.min_share")
        .Remedy(
            "use the score file harmonised to the build of the genotypes; if the rest of the score "
            "will do, --set scores.liftover.min_share=SHARE");
  }
  return fmt::format("{}: {} of {} positions lifted from {} to {}", BaseName(file), lifted, tried,
                     from, build_);
}

}  // namespace kinflow
