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

/// Alleles without a base before or behind what they change: of one length, one base where the
/// other allele is not known.
bool SpanTheirPlace(const ScoreLine& row) {
  const std::string_view effect = row.effect_allele, other = row.other_allele;
  if (!IsNucleotides(effect)) return false;
  return other.empty() ? effect.size() == 1 : IsNucleotides(other) && effect.size() == other.size();
}

/// A line at `chrom`:`pos` whose first base has its place on the other strand: the last one comes
/// first there. False: where the line begins is not told.
bool TurnOver(const ChainFile& chains, std::string_view chrom, uint32_t pos, ScoreLine& row) {
  if (!SpanTheirPlace(row)) return false;
  const auto more = static_cast<uint32_t>(row.effect_allele.size() - 1);
  const auto last = chains.Lift(chrom, pos + more);
  if (!last || !last->reversed || last->chrom != row.chrom || last->pos + more != row.pos) {
    return false;
  }
  row.pos = last->pos;
  row.effect_allele = ReverseComplement(row.effect_allele);
  row.other_allele = ReverseComplement(row.other_allele);
  return true;
}

void LosePlace(ScoreLine& row) {
  row.chrom.clear();
  row.pos = 0;
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
  uint64_t tried = 0, placed = 0, indels = 0;
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
      const std::string chrom = row.chrom;
      const uint32_t pos = row.pos;
      const auto place = chains_.Lift(chrom, pos);
      placed += place.has_value();
      if (place) {
        row.chrom = place->chrom;
        row.pos = place->pos;
      } else {
        LosePlace(row);
      }
      if (place && place->reversed && row.problem == RowProblem::kNone &&
          !TurnOver(chains_, chrom, pos, row)) {
        ++indels;
        row.problem = RowProblem::kLiftedIndel;
        LosePlace(row);
      }
    }
    lines.Append(row, first, keep_ids);
  }
  if (!ReachesShare(placed, tried, min_share_)) {
    throw Error(ErrorId::kBuildMismatch, fmt::format("{} of {} positions have a place on {}, fewer "
                                                     "than scores.liftover.min_share {:g}",
                                                     placed, tried, build_, min_share_))
        .InFile(file)
        .Field("scores.liftover.min_share")
        .Remedy(
            "use the score file harmonised to the build of the genotypes; if the rest of the score "
            "will do, --set scores.liftover.min_share=SHARE");
  }
  std::string told = fmt::format("{}: {} of {} positions lifted from {} to {}", BaseName(file),
                                 placed - indels, tried, from, build_);
  if (indels == 0) return told;
  return told +
         fmt::format(
             "; {} lie on a reversed chain and insert or delete bases: where they begin there "
             "is not told, they are left out (lifted_indel)",
             indels);
}

}  // namespace kinflow
