#include "stages/scores/effect_amount.h"

#include <algorithm>

namespace kinflow {

double EffectDosage(EffectType effect, bool effect_is_ref, const Ploidy& call) {
  if (call.copies == 0) return 0;
  if (effect == EffectType::kConstant) return 1;
  const double d = effect_is_ref ? call.copies - call.alt : call.alt;
  if (call.copies == 1) return effect == EffectType::kSecondCopy ? 0 : d;
  switch (effect) {
    case EffectType::kDominant:
    case EffectType::kFirstCopy:
      return std::min(d, 1.0);
    case EffectType::kRecessive:
    case EffectType::kSecondCopy:
      return std::max(d - 1, 0.0);
    default:
      return d;
  }
}

double ImputedDosage(EffectType effect, bool effect_is_ref, double alt_freq, uint8_t copies) {
  if (copies == 0) return 0;
  if (alt_freq != alt_freq) return 0;
  if (effect == EffectType::kConstant) return 1;
  const double f = effect_is_ref ? 1 - alt_freq : alt_freq;
  const bool haploid = copies == 1;
  if (effect == EffectType::kSecondCopy) return haploid ? 0 : f * f;
  if (effect == EffectType::kFirstCopy && !haploid) return 1 - (1 - f) * (1 - f);
  return haploid || effect != EffectType::kAdditive ? f : 2 * f;
}

}  // namespace kinflow
