#include "stages/scores/other_allele.h"

#include <algorithm>

#include "pipeline/base/text.h"

namespace kinflow {

std::string OtherOfRefAndAlt(std::string_view effect, std::string_view ref, std::string_view alt) {
  const auto alts = Split(alt, ',');
  std::string_view other;
  if (ref.empty() || effect == ref) {
    if (alts.size() == 1 && alt != effect) other = alt;
  } else if (alt.empty() || std::find(alts.begin(), alts.end(), effect) != alts.end()) {
    other = ref;
  }
  return std::string(other);
}

}  // namespace kinflow
