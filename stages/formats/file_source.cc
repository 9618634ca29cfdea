#include "stages/formats/file_source.h"

#include <fmt/format.h>

namespace kinflow {

std::vector<std::string> FileSource::Warnings() const {
  const DecodeCounts met = counts();
  std::vector<std::string> warnings;
  if (met.half_calls > 0) {
    warnings.push_back(
        fmt::format("{} genotypes with one of two alleles missing (such as ./1): taken as missing",
                    met.half_calls));
  }
  if (met.from_calls > 0) {
    warnings.push_back(fmt::format(
        "{} genotypes have no dosage: their GT was taken, as plink2 does", met.from_calls));
  }
  if (met.padded_rows > 0) {
    warnings.push_back(fmt::format(
        "{} variants of the .bed have bits behind the last sample that are not zero: ignored, as "
        "plink 1.9 does; if the .fam lacks people, it belongs to another .bed",
        met.padded_rows));
  }
  if (met.untold_copies > 0) {
    warnings.push_back(fmt::format(
        "{} dosages on X stand beside the call '.', which does not tell one copy from two: people "
        "of unknown sex have two there; give their sex, or write a call or ./.",
        met.untold_copies));
  }
  return warnings;
}

}  // namespace kinflow
