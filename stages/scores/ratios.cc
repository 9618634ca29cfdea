#include "stages/scores/ratios.h"

#include <string>

#include "pipeline/base/text.h"
#include "pipeline/data/alleles.h"

namespace kinflow {

bool IsRatioType(std::string_view type) {
  std::string words = UpperCase(type);
  for (char& c : words) {
    if (c < 'A' || c > 'Z') c = ' ';
  }
  bool ratio = false;
  for (const std::string_view word : SplitBlanks(words)) {
    if (word.starts_with("LOG") || word == "LN" || word.starts_with("BETA")) return false;
    ratio = ratio || word == "OR" || word == "ORS" || word == "HR" || word == "HRS" ||
            word == "RR" || word == "RRS" || word == "ODDS" || word.starts_with("HAZARD") ||
            word == "RISK" || word.starts_with("RATIO");
  }
  return ratio;
}

}  // namespace kinflow
