#include <bit>

#include "pipeline/kernels/trio_words.h"

namespace kinflow::scalar {
namespace {

struct Calls {
  Calls(const CallWords& calls, int64_t place) : Calls(calls.low[place], calls.high[place]) {}
  Calls(uint64_t low, uint64_t high)
      : ref(~(low | high)), het(low & ~high), alt(high & ~low), missing(low & high) {}
  uint64_t ref, het, alt, missing;
};

}  // namespace

void CheckTrios(const CallWords& calls, const TrioPlaces& places, size_t n, uint64_t told,
                TrioWords& words) {
  for (size_t i = 0; i < n; ++i) {
    const Calls child(calls, places.child[i]), father(calls, places.father[i]),
        mother(calls, places.mother[i]);
    const uint64_t against_father = (child.ref & father.alt) | (child.alt & father.ref);
    const uint64_t against_mother = (child.ref & mother.alt) | (child.alt & mother.ref);
    const uint64_t het = child.het & ((father.ref & mother.ref) | (father.alt & mother.alt));
    words.unchecked[i] = child.missing | (father.missing & mother.missing);
    words.partial[i] = child.missing | father.missing | mother.missing;
    words.error[i] = against_father | against_mother | het;
    words.father[i] = (against_father & ~against_mother) | het;
    words.mother[i] = (against_mother & ~against_father) | het;
    words.told_checked[i] = static_cast<uint64_t>(std::popcount(told & ~words.unchecked[i]));
    words.told_error[i] = static_cast<uint64_t>(std::popcount(told & words.error[i]));
  }
}

}  // namespace kinflow::scalar
