#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"

namespace kinflow {

/// The chromosomes of one file and how it writes them. Each has one name, as records of chromosomes
/// that are another's under a second name would count as its own; only XY may be made of several
/// (25, PAR1, PAR2). Every name of a variant comes by here. One thread at a time.
class ChromNames {
 public:
  /// Takes a name as a record has it. kMalformed if it holds a blank, a control character or what
  /// is not UTF-8, or if the chromosome was written in another way before; without a place, callers
  /// add it.
  std::optional<Error> Take(std::string_view written);
  /// The one last taken, by its name here (NormaliseChrom).
  const std::string& chrom() const { return chrom_; }

 private:
  std::string written_, chrom_;
  std::map<std::string, std::string> written_as_;
};

}  // namespace kinflow
