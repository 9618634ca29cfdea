#include "stages/plates/plate_parts.h"

#include <algorithm>
#include <map>

namespace kinflow::plates {

std::vector<PlateParts> PartsOfPlates(const Layout& layout, const std::vector<uint8_t>& counted) {
  if (layout.factors.size() < 2) return {};
  const Factor &plates = layout.factors[0], &batches = layout.factors[1];
  std::vector<std::map<uint32_t, int64_t>> people(plates.levels.size());
  for (size_t s = 0; s < counted.size(); ++s) {
    if (counted[s] == 0 || plates.of[s] == Factor::kNone) continue;
    ++people[plates.of[s]][batches.of[s]];
  }
  std::vector<PlateParts> parts;
  for (const auto& of_plate : people) {
    PlateParts part;
    for (const auto& [batch, n] : of_plate) {
      part.smallest = part.batches == 0 ? n : std::min(part.smallest, n);
      ++part.batches;
    }
    parts.push_back(part);
  }
  return parts;
}

}  // namespace kinflow::plates
