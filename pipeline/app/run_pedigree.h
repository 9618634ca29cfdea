#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stages/formats/pedigree_table.h"

namespace kinflow {

/// The pedigree of the run whose output folder `paths` is.
struct RunPedigree {
  std::string name;                        // of the file; "" = of no run, or of one without
  std::optional<PedigreeOptions> options;  // to read it; none: it cannot be taken,
  std::string why_not;                     // as it "has changed since the run"
};

/// As its records tell: where it lies, from the output folder or from where the config lay, its
/// columns, and what it held. It is
/// not taken if its content is another by now, or where the run knew people by other ids than those
/// of the genotypes.
RunPedigree PedigreeOfRun(const std::vector<std::string>& paths);

}  // namespace kinflow
