#include "stages/formats/file_source.h"

#include <fmt/format.h>

namespace kinflow {

void DecodeCounts::Add(const DecodeCounts& more) {
  half_calls += more.half_calls;
  no_probabilities += more.no_probabilities;
  from_calls += more.from_calls;
  from_ds += more.from_ds;
  unread_dosages += more.unread_dosages;
  padded_rows += more.padded_rows;
  dosages_beside_dot += more.dosages_beside_dot;
  untold_records += more.untold_records;
  untold_above_one += more.untold_above_one;
}

std::vector<std::string> FileSource::Warnings() const {
  const DecodeCounts met = counts();
  std::vector<std::string> warnings;
  if (met.half_calls > 0) {
    warnings.push_back(
        fmt::format("{} genotypes with one of two alleles missing (such as ./1): taken as missing",
                    met.half_calls));
  }
  if (met.no_probabilities > 0) {
    warnings.push_back(
        fmt::format("{} genotypes have a GP of 0 for every genotype (0,0,0): taken as missing, as "
                    "plink2 does",
                    met.no_probabilities));
  }
  if (met.from_calls > 0) {
    warnings.push_back(fmt::format(
        "{} genotypes have no dosage: their GT was taken, as plink2 does", met.from_calls));
  }
  if (met.from_ds > 0) {
    warnings.push_back(
        fmt::format("{} genotypes have no HDS: their DS was taken, as plink2 does", met.from_ds));
  }
  if (met.unread_dosages > 0) {
    warnings.push_back(
        fmt::format("{} records have dosages in a field (DS, HDS or GP) that is not the one read: "
                    "their GT was taken; input.field (--field) names the field to read",
                    met.unread_dosages));
  }
  if (met.padded_rows > 0) {
    warnings.push_back(fmt::format(
        "{} variants of the .bed have bits behind the last sample that are not zero: ignored, as "
        "plink 1.9 does; if the .fam lacks people, it belongs to another .bed",
        met.padded_rows));
  }
  if (met.dosages_beside_dot > 0) {
    warnings.push_back(
        fmt::format("{} dosages on X stand beside the call '.': they are taken for those of one "
                    "copy, as plink2 "
                    "writes them (0 to 1). Of females in files that write '.' for two copies they "
                    "are right all "
                    "the same, of males in files that give these dosages from 0 to 2 they are not",
                    met.dosages_beside_dot));
  }
  if (met.untold_records > 0) {
    warnings.push_back(fmt::format(
        "{} records on X, Y or MT have DS but no GT, which tells one copy from two: dosages are "
        "read as those of two copies (0 to 2), so that half is counted where they are of one (0 to "
        "1: males on X and Y, everybody on MT). {} of the records have a dosage above 1{}; have GT "
        "written beside DS",
        met.untold_records, met.untold_above_one,
        met.untold_above_one == 0 ? ", which speaks for one copy" : ""));
  }
  return warnings;
}

}  // namespace kinflow
