#include "pipeline/kernels/trio_words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/trio_words.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void CheckTriosOn(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                  TrioWords& words) {
  scalar::CheckTrios(calls, places, n, told, words);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<uint64_t, TrioPlaces::kAtOnce>;
using Vector = hn::Vec<Tag>;

struct Calls {
  Calls(const CallWords& calls, const int64_t* places) {
    const Tag d;
    const auto at = hn::LoadU(hn::RebindToSigned<Tag>(), places);
    const auto low = hn::GatherIndex(d, calls.low, at);
    const auto high = hn::GatherIndex(d, calls.high, at);
    ref = hn::Not(hn::Or(low, high));
    het = hn::AndNot(high, low);
    alt = hn::AndNot(low, high);
    missing = hn::And(low, high);
  }
  Vector ref, het, alt, missing;
};

Vector Either(Vector a, Vector b, Vector c, Vector d) {
  return hn::Or(hn::And(a, b), hn::And(c, d));
}

void CheckTriosOn(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                  TrioWords& words) {
  const Tag d;
  const auto counted = hn::Set(d, told);
  for (size_t i = 0; i < n; i += hn::Lanes(d)) {
    const Calls child(calls, places.child + i), father(calls, places.father + i),
        mother(calls, places.mother + i);
    const auto against_father = Either(child.ref, father.alt, child.alt, father.ref);
    const auto against_mother = Either(child.ref, mother.alt, child.alt, mother.ref);
    const auto het = hn::And(child.het, Either(father.ref, mother.ref, father.alt, mother.alt));
    const auto unchecked = hn::Or(child.missing, hn::And(father.missing, mother.missing));
    const auto error = hn::Or(hn::Or(against_father, against_mother), het);
    hn::StoreU(unchecked, d, words.unchecked.data() + i);
    hn::StoreU(hn::Or(child.missing, hn::Or(father.missing, mother.missing)), d,
               words.partial.data() + i);
    hn::StoreU(error, d, words.error.data() + i);
    hn::StoreU(hn::Or(hn::AndNot(against_mother, against_father), het), d, words.father.data() + i);
    hn::StoreU(hn::Or(hn::AndNot(against_father, against_mother), het), d, words.mother.data() + i);
    hn::StoreU(hn::PopulationCount(hn::AndNot(unchecked, counted)), d,
               words.told_checked.data() + i);
    hn::StoreU(hn::PopulationCount(hn::And(error, counted)), d, words.told_error.data() + i);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(CheckTriosOn);

void CheckTrios(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                TrioWords& words) {
  HWY_DYNAMIC_DISPATCH(CheckTriosOn)(calls, places, n, told, words);
}

}  // namespace kinflow
#endif  // HWY_ONCE
