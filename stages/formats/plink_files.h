#pragma once

#include <string>
#include <vector>

namespace kinflow {

/// The tables beside the genotypes of a PLINK fileset.
struct PlinkFiles {
  std::string variants;  // .bim of a .bed; .pvar, .pvar.zst, .bim or .bim.zst of a .pgen
  std::string samples;   // .fam of a .bed; .psam or .fam of a .pgen

  /// Finds them by the name of the .bed or .pgen. Throws kCompanionMissing.
  static PlinkFiles Beside(const std::string& genotypes);
  std::vector<std::string> tables() const { return {variants, samples}; }
};

/// What follows the last '.' of the base name, before a ".zst": "pvar", "bim"; "" if nothing does.
std::string PlinkEnding(const std::string& path);

}  // namespace kinflow
